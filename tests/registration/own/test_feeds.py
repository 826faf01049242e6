"""The private calendar feed of a person: their own places and nobody else's, until it is revoked."""

import re
from datetime import timedelta
from uuid import UUID

import icalendar
import pytest
from httpx import AsyncClient

from events.core import clock, database, secrets
from events.core.actor import Actor, ActorKind
from events.registration.details import Details, change_details
from events.registration.own import data as own_data
from tests.factories import NOW, mailed_link, make_event, make_person, make_registration

ADDRESS = re.compile(r'value="http://testserver(/feeds/person/[a-z0-9]{26}/calendar\.ics)"')
LATER = {"starts_at": NOW + timedelta(days=90), "ends_at": NOW + timedelta(days=90, hours=6)}


@pytest.fixture
async def person(db: object) -> UUID:
    return await make_person()


def link(registration: UUID) -> str:
    return mailed_link(registration)


async def feed_of(client: AsyncClient, registration: UUID) -> str:
    with clock.at(NOW):
        assert (await client.post(f"{link(registration)}/feed")).status_code == 303
        found = ADDRESS.search((await client.get(link(registration))).text)
    assert found
    return found[1]


async def entries(client: AsyncClient, path: str) -> dict[str, icalendar.Event]:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    calendar = icalendar.Calendar.from_ical(answer.text)
    assert len(calendar.walk("VTIMEZONE")) == len({str(item["DTSTART"].params["TZID"]) for item in calendar.events})
    return {str(item["UID"]): item for item in calendar.events}


async def test_the_feed_holds_every_place_of_its_person_and_no_other(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(sequence=2), person=person)
    other = await make_registration(await make_event(zone="Europe/Stockholm", **LATER), person=person)
    await make_registration(await make_event(), person=person, state="waitlisted")
    await make_registration(await make_event(), person=person, state="cancelled")
    await make_registration(await make_event())
    found = await entries(client, await feed_of(client, mine))
    assert set(found) == {f"{mine}@sixnet", f"{other}@sixnet"}
    first = found[f"{mine}@sixnet"]
    assert (first["SEQUENCE"], str(first["STATUS"])) == (2, "CONFIRMED")
    assert first["DTSTART"].dt.isoformat() == "2026-10-01T12:00:00+03:00"
    assert not any(key in first for key in ("ATTENDEE", "ORGANIZER"))


async def test_a_link_to_join_is_in_it_for_who_takes_part_online_alone(client: AsyncClient, person: UUID) -> None:
    event = await make_event(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    away = await make_registration(event, person=person, site=online)
    there = await make_registration(event)
    assert "meet.example" in str((await entries(client, await feed_of(client, away)))[f"{away}@sixnet"]["LOCATION"])
    assert "meet.example" not in str(await entries(client, await feed_of(client, there)))


async def test_a_cancelled_event_is_shown_as_cancelled(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(state="cancelled"), person=person)
    assert str((await entries(client, await feed_of(client, mine)))[f"{mine}@sixnet"]["STATUS"]) == "CANCELLED"


async def test_a_revoked_address_opens_nothing_and_the_next_one_is_another(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(), person=person)
    assert not ADDRESS.search((await client.get(link(mine))).text)
    first = await feed_of(client, mine)
    assert await feed_of(client, mine) == first
    assert (await client.post(f"{link(mine)}/feed/revoke")).status_code == 303
    assert (await client.get(first)).status_code == 404
    second = await feed_of(client, mine)
    assert second != first
    assert len(await entries(client, second)) == 1
    stored = await database.fetchval("SELECT token_hash FROM private_feed")
    assert stored == secrets.digest(second.split("/")[3])


async def test_only_a_private_link_makes_a_feed(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(), person=person)
    for path in (f"/r/{'x' * 26}/feed", f"/r/{secrets.derive('ticket', mine)}/feed", f"/r/{'x' * 26}/feed/revoke"):
        assert (await client.post(path)).status_code == 404
    for secret in ("x" * 26, "%00", secrets.derive("manage", mine), secrets.derive("staff-feed", person)):
        assert (await client.get(f"/feeds/person/{secret}/calendar.ics")).status_code in {400, 404}


async def test_a_new_address_takes_the_feed_from_who_had_the_old_one(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(), person=person)
    path = await feed_of(client, mine)
    details = Details(
        given_name="Aino",
        family_name="Esimerkki",
        email="aino.new@yritys.example",
        organisation="",
        municipality="837",
        country="FI",
        language="fi",
    )
    await change_details(mine, details, actor=Actor(ActorKind.PARTICIPANT, mine), now=NOW)
    assert (await client.get(path)).status_code == 404


async def test_the_feed_is_among_what_is_taken_along_and_forgotten(client: AsyncClient, person: UUID) -> None:
    mine = await make_registration(await make_event(), person=person)
    assert (await own_data.everything(mine, by_mail=True))["calendar_feed_since"] is None
    path = await feed_of(client, mine)
    assert (await own_data.everything(mine, by_mail=True))["calendar_feed_since"]
    await own_data.erase(mine, actor=Actor(ActorKind.PARTICIPANT, mine, by_mail=True), now=NOW)
    assert (await client.get(path)).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM private_feed") == 0


async def test_who_was_merged_into_another_reads_the_others_places(client: AsyncClient, person: UUID) -> None:
    event = await make_event()
    mine = await make_registration(event, person=person)
    path = await feed_of(client, mine)
    kept = await make_person("Aino", "Esimerkki-Malli")
    theirs = await make_registration(await make_event(**LATER), person=kept)
    await database.execute("UPDATE person SET merged_into = $1 WHERE id = $2", kept, person)
    assert set(await entries(client, path)) == {f"{mine}@sixnet", f"{theirs}@sixnet"}
