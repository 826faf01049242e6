"""Who changes their details by the private link learns nothing of others by it, and stays among those who may come."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from events.core import clock, database, secrets
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Invalid
from events.network.matching import organisation_key
from events.registration.admission import NotAdmitted
from events.registration.details import AlreadyRegistered, Details, change_details
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration
from tests.registration.test_letters import letters

OTHER = {"given_name": "Ritva", "family_name": "Malli", "municipality": "837"}
THEIRS, FREE = "ritva@kunta.example", "vapaa@kunta.example"


async def make_two(**columns: Any) -> tuple[UUID, UUID]:
    """Aino's registration, and that of Ritva, whose details Aino's are going to be."""
    event = await make_event(**columns)
    mine = await make_registration(event, person=await make_person("Aino", email="aino@yritys.example"), language="en")
    theirs = await make_person("Ritva", "Malli", email=THEIRS)
    return mine, await make_registration(event, person=theirs, language="en")


def link(registration: UUID, *, by_mail: bool) -> str:
    return mailed_link(registration) if by_mail else mailed_link(registration)[:29]


async def change(client: httpx.AsyncClient, path: str, **entered: str) -> tuple[int, str, int]:
    """Enter details; returns the status of the answer, its text, and the status of the link afterwards."""
    with clock.at(NOW):
        answer = await client.post(path, data={**OTHER, **entered})
        return answer.status_code, answer.text.replace(entered["email"], "…"), (await client.get(path)).status_code


@pytest.mark.parametrize("by_mail", [True, False])
@pytest.mark.parametrize("hours", [None, 2])
async def test_an_address_that_is_registered_is_answered_as_any_other(
    client: httpx.AsyncClient, by_mail: bool, hours: int | None
) -> None:
    seen = []
    for slug, email in (("yksi", THEIRS), ("kaksi", FREE)):
        mine, _theirs = await make_two(slug=slug, address_hours=hours)
        status, text, after = await change(client, link(mine, by_mail=by_mail), email=email)
        seen.append((status, text.replace(slug, "slug"), after))
        await database.execute("UPDATE person SET email = NULL")
    assert seen[0] == seen[1]
    assert (seen[0][0], seen[0][2]) == (200, 404)
    assert "registration for the event already" not in seen[0][1]


async def test_the_letters_say_it_and_the_registration_stands(client: httpx.AsyncClient) -> None:
    mine, theirs = await make_two(slug="paja")
    await change(client, mailed_link(mine), email=THEIRS)
    rows = await database.fetch("SELECT recipient, reason, subject_id FROM message ORDER BY recipient, reason")
    assert [tuple(row) for row in rows] == [
        ("aino@yritys.example", "confirmation", mine),
        ("aino@yritys.example", "not_changed", mine),
        (THEIRS, "already_registered", theirs),
    ]
    written = await letters(NOW)
    told, confirmation = written["not_changed"], written["confirmation"]
    assert told
    assert confirmation
    assert "Your details were not changed" in told.subject
    assert mailed_link(mine, 1) in told.text
    assert secrets.derive("ticket", mine, 1) in confirmation.text
    with clock.at(NOW):
        page = await client.get(mailed_link(mine, 1))
    assert 'value="aino@yritys.example"' in page.text


@pytest.mark.parametrize(("by_mail", "status"), [(False, 200), (True, 303)])
async def test_another_name_at_the_same_address_tells_nothing_to_who_does_not_read_the_mail(
    client: httpx.AsyncClient, by_mail: bool, status: int
) -> None:
    """Several may share an address: whoever typed it could else ask for one name after the other."""
    seen = []
    for slug, family_name in (("yksi", "Malli"), ("kaksi", "Muu")):
        event = await make_event(slug=slug)
        shared = {"email": "yhteinen@kunta.example", "created_at": NOW}
        person = await make_person("Aino", **shared)
        mine = await make_registration(event, person=person, registered_at=NOW - timedelta(days=1))
        await make_registration(event, person=await make_person("Ritva", "Malli", **shared))
        answer = await change(
            client, link(mine, by_mail=by_mail), email="yhteinen@kunta.example", family_name=family_name
        )
        seen.append((answer[0], answer[1].replace(slug, "slug"), answer[2]))
        await database.execute("UPDATE person SET email = NULL")
    assert seen[1][0] == status
    if not by_mail:
        assert seen[0] == seen[1]


async def test_staff_are_told_that_someone_is_registered(db: asyncpg.Connection) -> None:
    mine, theirs = await make_two()
    details = Details(given_name="Ritva", family_name="Malli", email=THEIRS)
    with pytest.raises(AlreadyRegistered) as refused:
        await change_details(mine, details, actor=SYSTEM, now=NOW)
    assert refused.value.registration == theirs


async def make_named(**columns: Any) -> UUID:
    """A registration from Tampere at an event for Pirkanmaa alone."""
    event = await make_event(slug="paja", access="named", named_regions=["06"])
    return await make_registration(event, **columns)


async def test_who_came_in_by_their_region_stays_of_it(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    path = mailed_link(await make_named())
    entered = {"given_name": "Aino", "family_name": "Esimerkki", "email": "aino@yritys.example"}
    with clock.at(NOW):
        refused = await client.post(path, data={**entered, "municipality": "091", "organisation": "Muu Oy"})
        assert refused.status_code == 422
        assert "members of certain organisations or regions only" in refused.text
        assert 'value="Muu Oy"' in refused.text
        assert await database.fetchval("SELECT municipality FROM registration") == "837"
        assert (await client.post(path, data={**entered, "municipality": "980"})).status_code in {200, 303}
    assert await database.fetchval("SELECT municipality FROM registration") == "980"


async def test_who_mends_the_address_after_the_form_keeps_the_organisation_that_was_recognised(
    client: httpx.AsyncClient,
) -> None:
    """By its number, here: the name that was typed is another one."""
    known = await insert(
        "organisation", name="Yritys Oy", folded=organisation_key("Yritys Oy"), business_id="2252888-5"
    )
    start = clock.now() + timedelta(days=30)
    await make_event(
        slug="paja", access="named", named_organisations=[known], starts_at=start, ends_at=start + timedelta(hours=2)
    )
    typed = {"email": "vaara@kunta.example", "organisation": "Toiminimi", "business_id": "2252888-5"}
    made = await client.post("/events/paja/register", data={**OTHER, **typed})
    assert made.status_code == 303, made.text
    answer = await client.post(f"{made.headers['location']}/address", data={"email": "oikea@kunta.example"})
    assert answer.status_code == 303
    assert await database.fetchval("SELECT organisation FROM registration") == known
    assert await database.fetchval("SELECT array_agg(email) FROM person") == ["oikea@kunta.example"]


def mended(municipality: str, organisation: str = "", *, email: str = "aino@yritys.example") -> Details:
    entered = {"municipality": municipality, "organisation": organisation}
    return Details(given_name="Aino", family_name="Esimerkki", email=email, **entered)


async def test_who_was_let_in_otherwise_is_not_asked_for_it(db: asyncpg.Connection) -> None:
    by_staff = await make_named(municipality="091")
    await change_details(by_staff, mended("092"), actor=Actor(ActorKind.PARTICIPANT, by_staff), now=NOW)
    event = await database.fetchval("SELECT id FROM event")
    invited = await make_registration(event)
    await insert("invitation", event=event, email="a@b.example", token_hash=b"1", registration=invited)
    moved = mended("091", email="aino@toinen.example")
    await change_details(invited, moved, actor=Actor(ActorKind.PARTICIPANT, invited), now=NOW)
    named = await make_registration(event)
    with pytest.raises(NotAdmitted):
        await change_details(
            named, replace(moved, email="c@d.example"), actor=Actor(ActorKind.PARTICIPANT, named), now=NOW
        )
    await change_details(named, replace(moved, email="c@d.example"), actor=SYSTEM, now=NOW)


async def test_where_organisations_are_counted_one_is_not_taken_out(db: asyncpg.Connection) -> None:
    event = await make_event(per_organisation=2)
    organisation = await insert("organisation", name="Yritys Oy", folded="yritys oy")
    registration = await make_registration(event, organisation=organisation)
    actor = Actor(ActorKind.PARTICIPANT, registration)
    with pytest.raises(Invalid) as refused:
        await change_details(registration, mended("837"), actor=actor, now=NOW)
    assert list(refused.value.errors) == ["organisation"]
    await change_details(registration, mended("837", "Muu Oy"), actor=actor, now=NOW)
