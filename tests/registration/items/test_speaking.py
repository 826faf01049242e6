"""Speakers who are registered: named on the agenda, told when and where, missed when they cancel."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, secrets
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import fetch, fetchval
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import in_language
from events.messaging.delivery import compose
from events.messaging.letter import Letter, Owed
from events.messaging.tables import Reason
from events.network.merging import RegisterKind, merge
from events.programme import queries
from events.programme.actions import copy_event
from events.programme.agenda.rules import ItemView
from events.programme.steps.parts import to_mend
from events.registration.actions import cancel
from events.registration.items.speaking import let_speak, take_speaker_out
from events.registration.letters import COMPOSERS
from events.registration.new_registration import NewRegistration
from events.registration.own.data import erase, everything
from events.registration.tables import RegistrationRole
from events.registration.transferring import transfer
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.programme.agenda.test_agenda import make_item
from tests.programme.counterparts.making import delete, item, series_with_agenda


async def speak(event: UUID, of: UUID, registration: UUID, *, as_speaker: bool = True) -> None:
    await let_speak(event, of, registration, as_speaker=as_speaker, actor=SYSTEM, now=NOW)


async def speaker(event: UUID, of: UUID, name: str = "Taina", now: datetime = NOW) -> UUID:
    """Someone of an organisation of their own who speaks in an item."""
    organisation = await insert("organisation", name=f"{name} Oy", folded=f"{name.lower()} oy")
    person = await make_person(name, "Tuottaja")
    registration = await make_registration(event, person=person, organisation=organisation)
    await let_speak(event, of, registration, as_speaker=True, actor=SYSTEM, now=now)
    return registration


async def only(event: UUID) -> ItemView:
    (found,) = await queries.agenda(event)
    return found


async def mended(event: UUID) -> list[tuple[str, str]]:
    view = await queries.by_id(event)
    assert view is not None
    with in_language("en"):
        found = await to_mend(view, NOW)
    return [(each.severity.value, each.words) for each in found if each.code == "speaker"]


async def test_the_agenda_names_registered_speakers_before_the_others(db: asyncpg.Connection) -> None:
    event = await make_event()
    talk = await make_item(event, speakers="Olli Outo, Muualta")
    await speaker(event, talk)
    await speaker(event, talk, "Ville", NOW + timedelta(minutes=1))
    assert (await only(event)).named == ["Taina Tuottaja, Taina Oy", "Ville Tuottaja, Ville Oy", "Olli Outo, Muualta"]


async def test_the_role_is_set_only_where_it_is_asked_for(db: asyncpg.Connection) -> None:
    event = await make_event()
    talk = await make_item(event)
    one, other = await make_registration(event), await make_registration(event)
    await speak(event, talk, one)
    await speak(event, talk, one)
    await speak(event, talk, other, as_speaker=False)
    roles = await fetch("SELECT role, revision FROM registration ORDER BY number")
    assert [tuple(row) for row in roles] == [(RegistrationRole.SPEAKER, 1), (RegistrationRole.PARTICIPANT, 1)]
    done = await fetch("SELECT action FROM audit ORDER BY id")
    assert [row["action"] for row in done] == ["registration.role_set", *["agenda.speaker_added"] * 2]


async def test_who_cancels_is_named_no_more_and_missed_by_staff(db: asyncpg.Connection) -> None:
    event = await make_event()
    talk = await make_item(event, "Opening")
    registration = await speaker(event, talk)
    assert await mended(event) == []
    await cancel(registration, actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)
    assert (await only(event)).named == []
    assert await mended(event) == [("missing", "Taina Tuottaja was to speak and has cancelled: Opening.")]
    await take_speaker_out(event, talk, registration, actor=SYSTEM, now=NOW)
    await take_speaker_out(event, talk, registration, actor=SYSTEM, now=NOW)
    assert await mended(event) == []
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'agenda.speaker_removed'") == 1


async def test_who_has_no_place_yet_is_named_when_they_have_one(db: asyncpg.Connection) -> None:
    event = await make_event()
    talk = await make_item(event, "Opening")
    registration = await make_registration(event, state="waitlisted")
    await speak(event, talk, registration)
    assert (await only(event)).named == []
    assert await mended(event) == [("hint", "Aino Esimerkki is to speak and has no confirmed place: Opening.")]


async def test_a_place_handed_over_does_not_let_the_colleague_speak(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await speaker(event, await make_item(event, "Opening"))
    colleague = NewRegistration(given_name="Bo", family_name="Exempel", email="bo@foretag.example", municipality="837")
    await transfer(registration, colleague, actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)
    assert await mended(event) == [("missing", "Taina Tuottaja was to speak and has cancelled: Opening.")]


async def test_who_is_erased_is_nameless_and_still_missed(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await speaker(event, await make_item(event, "Opening"))
    assert (await everything(registration, by_mail=True))["registrations"][0]["speaks_in"] == ["Opening"]
    await erase(registration, actor=Actor(ActorKind.PARTICIPANT, registration, by_mail=True), now=NOW)
    assert (await only(event)).named == []
    assert await mended(event) == [("missing", "Somebody was to speak and has cancelled: Opening.")]


async def test_a_merged_person_goes_on_speaking(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await speaker(event, await make_item(event))
    stays = await make_person("Taina", "Tuottaja-Uusi")
    gone = await fetchval("SELECT person FROM registration WHERE id = $1", registration)
    await merge(RegisterKind.PERSON, gone, stays, actor=SYSTEM, now=NOW)
    assert (await only(event)).named == ["Taina Tuottaja-Uusi, Taina Oy"]


async def test_a_merged_organisation_is_named_by_the_one_that_stays(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await speaker(event, await make_item(event))
    gone = await fetchval("SELECT organisation FROM registration WHERE id = $1", registration)
    stays = await insert("organisation", name="Suuri Oy", folded="suuri oy")
    await merge(RegisterKind.ORGANISATION, gone, stays, actor=SYSTEM, now=NOW)
    assert (await only(event)).named == ["Taina Tuottaja, Suuri Oy"]


async def test_only_those_of_this_event_who_are_in_force_are_let_speak(db: asyncpg.Connection) -> None:
    event, other = await make_event(), await make_event()
    talk = await make_item(event)
    gone = await make_registration(event, state="cancelled")
    with pytest.raises(Conflict):
        await speak(event, talk, gone)
    here, elsewhere = await make_registration(event), await make_registration(other)
    for where, of, who in ((event, talk, elsewhere), (other, talk, elsewhere), (event, uuid4(), here)):
        with pytest.raises(NotFound):
            await speak(where, of, who)
    actor = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", "event", str(other)),))
    with pytest.raises(NotFound):
        await let_speak(event, talk, here, as_speaker=True, actor=actor, now=NOW)
    assert await fetchval("SELECT count(*) FROM speaker") == 0


async def test_a_copy_takes_no_speaker_and_a_series_loses_none(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await speaker(events[3].id, (await item(events[3], "Talk")).id)
    with pytest.raises(Invalid) as refused, in_language("en"):
        await delete(events[0], "Talk")
    assert refused.value.errors[""] == ["3 November 2026: Talk: 1 registered person speaks there."]
    await copy_event(events[3].id, NOW, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT count(*) FROM speaker") == 1


async def letter(reason: Reason, registration: UUID) -> Letter:
    email = await fetchval("SELECT email FROM person JOIN registration ON person = person.id")
    owed = Owed(uuid4(), email, "Taina", reason, "registration", registration, "1:0", "en", "<1@sixnet>")
    with clock.at(NOW), in_language("en"):
        found = await compose(owed, COMPOSERS)
    assert found is not None
    return found


@pytest.mark.parametrize("reason", [Reason.CONFIRMATION, Reason.EVENT_CHANGED, Reason.REMINDER])
async def test_letters_say_when_and_where_one_speaks(db: asyncpg.Connection, reason: Reason) -> None:
    event = await make_event(online=True)
    site = await fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'venue'", event)
    registration = await speaker(event, await make_item(event, "Opening", room="Sali", site=site))
    found = await letter(reason, registration)
    line = "1 October 2026 12:00–12:30, Opening, Sali, Tampere-talo, Tampere"
    assert f"You speak\n{line}" in found.text
    assert line in found.html
    if found.calendar:
        assert "12:00–12:30 Opening (Sali) – you speak" in found.calendar[1].replace("\r\n ", "")


async def test_the_private_page_says_it_too_also_at_another_site(client: AsyncClient) -> None:
    client.cookies.set("language", "en")
    event = await make_event(slug="paja", online=True)
    online = await fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    registration = await speaker(event, await make_item(event, "Opening", site=online))
    path = f"/r/{secrets.derive('manage', registration)}"
    with clock.at(NOW):
        text = (await client.get(path)).text
        assert "1 October 2026 12:00–12:30, Opening, Online" in text
        assert "12:00–12:30 Opening – you speak" in text
        await cancel(registration, actor=SYSTEM, now=NOW)
        assert "You speak" not in (await client.get(path)).text
        assert "Taina" not in (await client.get("/events/paja")).text


async def test_staff_choose_speakers_among_those_registered(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    talk = await make_item(event, "Opening", speakers="Olli Outo")
    await make_registration(event, person=await make_person("Role", "Haltija"), role="speaker")
    found = await make_registration(event, person=await make_person("Searched", "Henkilö"))
    path = f"/staff/events/paja/agenda/{talk}/speakers"
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        text = (await client.get(path)).text
        assert "Role Haltija" in text
        assert "Searched Henkilö" not in text
        assert "Olli Outo" in text
        text = (await client.get(f"{path}?q=searched")).text
        assert f'value="{found}"' in text
        assert "Nobody of those registered fits" in (await client.get(f"{path}?q=nobody")).text
        answer = await client.post(path, data={"add": str(found), "as_speaker": "1"})
        assert answer.status_code == 303
        assert "Searched Henkilö" in (await client.get(path)).text
        assert "Searched Henkilö" in (await client.get("/events/paja")).text
        assert "Searched Henkilö" in (await client.get("/staff/events/paja/agenda")).text
        assert "Searched Henkilö" in (await client.get(f"/staff/events/paja/agenda/{talk}")).text
        assert await fetchval("SELECT role FROM registration WHERE id = $1", found) == "speaker"
        assert (await client.post(path, data={"remove": str(found)})).status_code == 303
        assert "Searched Henkilö" not in (await client.get("/events/paja")).text


async def test_what_the_page_of_speakers_cannot_do_is_said(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    path = f"/staff/events/paja/agenda/{await make_item(event)}/speakers"
    gone = await make_registration(event, state="cancelled")
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        assert (await client.post(path, data={"add": str(gone)})).status_code == 409
        assert (await client.post(path, data={"add": "x"})).status_code == 400
        assert (await client.post(path, data={})).status_code == 400
        assert (await client.post(path, data={"add": str(uuid4())})).status_code == 404
        assert (await client.get(f"/staff/events/paja/agenda/{uuid4()}/speakers")).status_code == 404
        await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
        assert (await client.get(path)).status_code == 404


async def test_the_page_of_the_event_names_who_is_missing(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    talk = await make_item(event, "Opening")
    registration = await speaker(event, talk)
    await cancel(registration, actor=SYSTEM, now=NOW)
    await sign_in(client, await make_staff("admin"))
    words = "Taina Tuottaja was to speak and has cancelled: Opening."
    with clock.at(NOW):
        text = (await client.get("/staff/events/paja")).text
        assert words in text
        assert f"/staff/events/paja/agenda/{talk}/speakers" in text
        assert words in (await client.get("/staff/events/paja/agenda")).text
