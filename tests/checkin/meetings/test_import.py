from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.checkin import actions as core
from events.checkin.meetings.actions import Imported, import_reports
from events.checkin.meetings.choices import Choice
from events.checkin.meetings.plan import Plan, Row, make_plan
from events.checkin.meetings.reading import Report
from events.checkin.meetings.tables import Fate
from events.checkin.tables import AttendanceState, ScanType
from events.core import database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from events.registration.own import data as own_data
from tests.checkin.doors import scanned, slug_of, ticket
from tests.checkin.meetings.reports import AFTER, SAMPLE, STARTS, at, attended, meeting, read, registered, teams
from tests.factories import insert, make_person, make_registration

TABLES = (
    "registration", "person", "organisation", "attendance", "participation", "audit", "message",
    *("meeting_report", "meeting_attendee", "meeting_join", "meeting_import"),
)  # fmt: skip


async def everything() -> dict[str, list[Any]]:
    """All rows that an import could change."""
    return {
        table: [row["row"] for row in await database.fetch(f"SELECT t::text AS row FROM {table} AS t ORDER BY 1")]
        for table in TABLES
    }


async def do(event: UUID, *reports: Report, minimum: int = 5, **choices: Choice) -> Imported:
    """Import reports as an organiser who chose something for the bearers of some names, given with underscores."""
    plan = await make_plan(event, reports, minimum=minimum)
    named = {row.name.shown.replace(" ", "_"): row.code for row in plan.rows}
    chosen = {named[name]: choice for name, choice in choices.items()}
    return await import_reports(event, reports, chosen, minimum=minimum, actor=SYSTEM, now=AFTER)


async def plan_of(event: UUID, *reports: Report, minimum: int = 5, **choices: Choice) -> Plan:
    return await make_plan(event, reports, minimum=minimum)


def row_of(plan: Plan, name: str) -> Row:
    return next(row for row in plan.rows if row.name.shown == name)


async def test_the_sample_is_matched_by_address_then_by_name(db: asyncpg.Connection) -> None:
    event = await meeting()
    helmi = await registered(event, "Helmi Järvinen", "helmi.jarvinen@lakeudenlevytyooy.example")
    shouting = await registered(event, "Outi Lehtonen", "outi.lehtonen@businesstampereoy.example")
    guest = await registered(event, "Eero Yli-Mäyry", "eero@elsewhere.example")
    twice = await registered(event, "Juha-Pekka Järvinen", "juha.pekka.jarvinen@pirkanmaanliitto.example")
    absent = await registered(event, "Aino Esimerkki", "aino@x.example")
    done = await do(event, read(SAMPLE.read_bytes()))
    assert (done.attended, done.walk_ins, done.open, done.roles) == (4, 0, 43 - 4, 1), "Yli-Mäyry was a presenter"
    assert await attended(helmi) == ("attended", "meeting_report", 156)
    assert await attended(shouting) == ("attended", "meeting_report", 62), "9:11:00 to 10:14:48, away two minutes"
    assert await attended(guest) == ("attended", "meeting_report", 45)
    assert await attended(twice) == ("attended", "meeting_report", 91), "the two rows overlap"
    assert await attended(absent) == ("unknown", "", None)


async def test_importing_the_same_again_changes_nothing(db: asyncpg.Connection) -> None:
    event = await meeting()
    await registered(event, "Helmi Järvinen", "helmi.jarvinen@lakeudenlevytyooy.example")
    report = read(SAMPLE.read_bytes())
    choices = {
        "Timo_Laine": Choice(fate=Fate.WALK_IN, name="Timo Laine", organisation="Konepaja Oy"),
        "Jukka_Korhonen": Choice(fate=Fate.NOBODY),
        "Laura_Öhman": Choice(fate=Fate.PEOPLE, people="Helmi Järvinen\n+ Uusi Ihminen, Kunta"),
    }
    await do(event, report, **choices)
    before = await everything()
    assert not (await do(event, report)).news
    assert not (await do(event)).news
    assert not (await do(event, report, **choices)).news, "the form was sent twice"
    assert await everything() == before


async def test_a_second_report_is_joined_and_overlapping_times_count_once(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    first = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, "))
    second = read(
        teams("Aino Esimerkki, 9:30:00, 10:30:00, aino@x.example, ", "Esimerkki Aino, 10:10:00, 10:40:00, , ")
    )
    await do(event, first)
    assert await attended(aino) == ("attended", "meeting_report", 60)
    done = await do(event, second)
    assert (done.attended, done.minutes) == (0, 1)
    assert await attended(aino) == ("attended", "meeting_report", 100)


async def test_several_reports_at_once_give_what_they_give_one_after_the_other(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    parts = [read(teams(f"Aino Esimerkki, 9:{n}0:00, 9:{n + 1}5:00, aino@x.example, ")) for n in range(3)]
    assert (await do(event, *parts, parts[0])).attended == 1
    assert await attended(aino) == ("attended", "meeting_report", 35)


async def test_who_stayed_for_less_than_the_minimum_does_not_count_and_a_lower_one_mends_it(
    db: asyncpg.Connection,
) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    report = read(teams("Aino Esimerkki, 9:00:00, 9:09:59, aino@x.example, "))
    assert (await plan_of(event, report, minimum=10)).outcomes().popitem()[1] == "short"
    assert not (await do(event, report, minimum=10)).news
    assert await attended(aino) == ("unknown", "", None)
    await do(event, minimum=9)
    assert await attended(aino) == ("attended", "meeting_report", 10)
    assert (await do(event, minimum=10)).gone == 1
    assert await attended(aino) == ("unknown", "meeting_report", None)
    assert await database.fetchval("SELECT minimum_minutes FROM meeting_import WHERE event = $1", event) == 10


async def test_someone_seen_at_a_door_and_online_is_one_participation(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    await core.redeem(scanned(ticket(aino), await slug_of(event)), actor=SYSTEM, now=STARTS)
    done = await do(event, read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ")))
    assert (done.attended, done.minutes) == (0, 1)
    assert await attended(aino) == ("attended", "scan", 60)
    assert await core.reconcile(event, actor=SYSTEM, now=AFTER) == 1
    row = await database.fetchrow("SELECT minutes, source FROM participation WHERE event = $1", event)
    assert row is not None
    assert tuple(row) == (60, "scan")


async def test_without_measured_minutes_a_participation_is_the_whole_event(db: asyncpg.Connection) -> None:
    event = await meeting()
    await core.mark([await registered(event, "Aino Esimerkki")], AttendanceState.ATTENDED, actor=SYSTEM, now=AFTER)
    await core.reconcile(event, actor=SYSTEM, now=AFTER)
    assert await database.fetchval("SELECT minutes FROM participation WHERE event = $1", event) == 180


async def test_an_entry_that_was_undone_leaves_what_the_report_told_to_the_next_import(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    for kind in (ScanType.ENTRY, ScanType.UNDO):
        await core.redeem(scanned(ticket(aino), await slug_of(event), type=kind), actor=SYSTEM, now=STARTS)
    await do(event, read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ")))
    assert await attended(aino) == ("attended", "meeting_report", 60)


async def test_a_report_beats_a_guess_made_before_it_and_not_a_correction_made_after(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, "))
    no_show = AttendanceState.NO_SHOW
    await core.mark([aino], no_show, actor=SYSTEM, now=STARTS)
    assert set((await plan_of(event, report)).outcomes().values()) == {"overrides"}
    await do(event, report)
    assert await attended(aino) == ("attended", "meeting_report", 60)
    await core.mark([aino], no_show, actor=SYSTEM, now=AFTER)
    assert set((await plan_of(event, report)).outcomes().values()) == {"stands"}
    await do(event, report)
    assert (await attended(aino))[0] == "no_show"
    await do(event, read(teams("Aino Esimerkki, 11:00:00, 11:30:00, aino@x.example, ")))
    assert await attended(aino) == ("attended", "meeting_report", 90), "the second report is news"


async def test_a_walk_in_is_registered_online_with_the_organisation_of_the_domain(db: asyncpg.Connection) -> None:
    event = await meeting()
    company = await insert("organisation", name="Konepaja Oy", folded="konepaja", domains=["konepaja.example"])
    report = read(
        teams("Uusi Ihminen, 9:00:00, 10:00:00, uusi@konepaja.example, ", "Vieras (Guest), 9:00:00, 9:30:00, , ")
    )
    plan = await make_plan(event, [report], minimum=5, walk_in_all=True)
    row = row_of(plan, "Uusi Ihminen")
    assert (row.choice.fate, row.choice.organisation) == (Fate.WALK_IN, "Konepaja Oy")
    done = await import_reports(
        event, [report], {each.code: each.choice for each in plan.rows}, minimum=5, actor=SYSTEM, now=AFTER
    )
    assert (done.attended, done.walk_ins, done.minutes, done.open) == (0, 2, 0, 0)
    made = await database.fetch(
        "SELECT registration.id, organisation, site.mode, registration.source FROM registration"
        " JOIN site ON site.id = registration.site WHERE registration.event = $1 ORDER BY organisation NULLS LAST",
        event,
    )
    assert [tuple(row)[1:] for row in made] == [(company, "online", "walk_in"), (None, "online", "walk_in")]
    assert [await attended(row["id"]) for row in made] == [
        ("attended", "meeting_report", 60),
        ("attended", "meeting_report", 30),
    ]
    assert await database.fetchval("SELECT count(*) FROM message") == 0, "they were there: no mail"
    assert not (await do(event, report)).news


async def test_sole_traders_are_suggested_to_nobody(db: asyncpg.Connection) -> None:
    event = await meeting()
    await insert("organisation", name="Tmi X", folded="tmi x", domains=["x.example"], sole_trader=True)
    plan = await plan_of(event, read(teams("Uusi Ihminen, 9:00:00, 10:00:00, uusi@x.example, ")))
    assert plan.rows[0].choice.organisation == ""


async def test_a_meeting_room_is_resolved_into_its_people(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    olli = await registered(event, "Olli Öhman", "olli@x.example")
    report = read(teams("Neuvotteluhuone Kallavesi, 9:00:00, 11:00:00, , ", "Aino Esimerkki, 10:30:00, 11:30:00, , "))
    assert row_of(await plan_of(event, report), "Neuvotteluhuone Kallavesi").registrations == []
    room = Choice(fate=Fate.PEOPLE, people="aino@x.example\nohman\n+ Uusi Ihminen, Kunta")
    done = await do(event, report, Neuvotteluhuone_Kallavesi=room)
    assert (done.attended, done.walk_ins) == (2, 1)
    assert await attended(aino) == ("attended", "meeting_report", 150), "in the room, then with a device of her own"
    assert await attended(olli) == ("attended", "meeting_report", 120)
    again = row_of(await plan_of(event), "Neuvotteluhuone Kallavesi")
    assert again.choice.people == "Aino Esimerkki\nOlli Öhman\nUusi Ihminen"


@pytest.mark.parametrize("people", ["Matti Mallikas", "Esimerkki", "", "Aino Esimerkki"])
async def test_people_who_cannot_be_told_are_said_and_nothing_is_written(db: asyncpg.Connection, people: str) -> None:
    event = await meeting()
    for number in range(2):
        await registered(event, "Aino Esimerkki", f"aino{number}@x.example")
    report = read(teams("Huone, 9:00:00, 11:00:00, , "))
    before = await everything()
    done = await do(event, report, Huone=Choice(fate=Fate.PEOPLE, people=people))
    assert not done.done
    assert [row.error for row in done.plan.rows] != [""]
    assert done.plan.rows[0].choice.people == people
    assert await everything() == before


async def test_organiser_and_presenter_get_their_role_once(db: asyncpg.Connection) -> None:
    event = await meeting()
    host = await registered(event, "Olli Öhman", "olli@x.example")
    speaker = await registered(event, "Aino Esimerkki", "aino@x.example")
    partner = await registered(event, "Kaisa Kumppani", "kaisa@x.example", role="project_partner")
    report = read(
        teams(
            "Olli Öhman, 9:00:00, 10:00:00, olli@x.example, Organizer",
            "Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, Presenter",
            "Kaisa Kumppani, 9:00:00, 10:00:00, kaisa@x.example, Attendee",
        )
    )
    assert (await do(event, report)).roles == 2
    roles = "SELECT role FROM registration WHERE id = $1"
    assert [await database.fetchval(roles, one) for one in (host, speaker, partner)] == [
        *("host", "speaker", "project_partner")
    ]
    await database.execute("UPDATE registration SET role = 'participant' WHERE id = $1", speaker)
    assert (await do(event, report)).roles == 0, "taken back by hand, it stays so"


async def test_where_the_service_calls_everyone_a_presenter_nobody_becomes_a_speaker(db: asyncpg.Connection) -> None:
    event = await meeting()
    for name in ("Aino Esimerkki", "Olli Öhman", "Kaisa Kumppani"):
        await registered(event, name)
    rows = [f"{name}, 9:00:00, 10:00:00, , Presenter" for name in ("Aino Esimerkki", "Olli Öhman", "Kaisa Kumppani")]
    assert (await do(event, read(teams(*rows)))).roles == 0


async def test_guests_of_one_name_are_decided_by_hand_and_who_pressed_join_then_comes_first(
    db: asyncpg.Connection,
) -> None:
    event = await meeting()
    await registered(event, "Aino Esimerkki", "aino1@x.example")
    pressed = await registered(event, "Aino Esimerkki", "aino2@x.example", join_pressed_at=at("8:57"))
    stranger = await registered(event, "Kalle Muu", "kalle@x.example", join_pressed_at=at("9:02"))
    await registered(event, "Ville Eri", "ville@x.example", join_pressed_at=at("11:02"))
    report = read(teams("Aino Esimerkki (Guest), 9:00:00, 10:00:00, , "))
    row = row_of(await plan_of(event, report), "Aino Esimerkki")
    assert (row.choice.fate, row.auto) == (Fate.OPEN, None)
    assert [one.id for one in row.candidates[:2]] == [pressed, stranger]
    assert len(row.candidates) == 3
    await do(event, report, Aino_Esimerkki=Choice(fate=Fate.MATCH, registration=pressed))
    assert await attended(pressed) == ("attended", "meeting_report", 60)
    again = row_of(await plan_of(event, report), "Aino Esimerkki")
    assert (again.registrations, again.by) == ([pressed], "hand")


async def test_a_shared_address_is_told_apart_by_name_and_another_address_is_not_taken_for_it(
    db: asyncpg.Connection,
) -> None:
    event = await meeting()
    one = await registered(event, "Aino Esimerkki", "info@x.example")
    other = await registered(event, "Olli Öhman", "info@x.example")
    await do(event, read(teams("Öhman Olli, 9:00:00, 10:00:00, INFO@x.example, ")))
    assert [(await attended(each))[0] for each in (one, other)] == ["unknown", "attended"]
    plan = await plan_of(event, read(teams("Olli Öhman, 9:00:00, 10:00:00, olli@elsewhere.example, ")))
    assert [row.auto for row in plan.rows if row.email.startswith("olli")] == [None], "may be a namesake"


async def test_what_was_decided_by_hand_can_be_changed_and_is_taken_back(db: asyncpg.Connection) -> None:
    event = await meeting()
    wrong = await registered(event, "Aino Esimerkki", "aino@x.example")
    right = await registered(event, "Aino Oikea", "oikea@x.example")
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, , "))
    await do(event, report)
    done = await do(event, report, Aino_Esimerkki=Choice(fate=Fate.MATCH, registration=right))
    assert (done.attended, done.gone) == (1, 1)
    assert await attended(right) == ("attended", "meeting_report", 60)
    assert await attended(wrong) == ("unknown", "meeting_report", None)
    assert (await do(event, report, Aino_Esimerkki=Choice(fate=Fate.NOBODY))).gone == 1
    assert row_of(await plan_of(event, report), "Aino Esimerkki").choice.fate is Fate.NOBODY


async def test_a_registration_of_another_event_is_no_choice(db: asyncpg.Connection) -> None:
    event, other = await meeting(), await meeting()
    foreign = await registered(other, "Aino Esimerkki", "aino@x.example")
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, "))
    await do(event, report, Aino_Esimerkki=Choice(fate=Fate.MATCH, registration=foreign))
    assert await attended(foreign) == ("unknown", "", None)


async def test_a_merged_person_is_found_by_the_address_in_use(db: asyncpg.Connection) -> None:
    event = await meeting()
    stays = await make_person("Aino", "Esimerkki", email="new@x.example")
    gone = await make_person("Aino", "Vanha", email="old@x.example", merged_into=stays)
    registration = await make_registration(event, person=gone)
    await do(event, read(teams("Whoever, 9:00:00, 10:00:00, new@x.example, ")))
    assert await attended(registration) == ("attended", "meeting_report", 60)


async def test_who_had_cancelled_and_came_counts(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example", state="cancelled")
    await do(event, read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ")))
    assert await attended(aino) == ("attended", "meeting_report", 60)


async def test_a_closed_event_refuses_and_only_who_may_reconcile_imports(db: asyncpg.Connection) -> None:
    event = await meeting()
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, , "))
    for actor in (
        Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "event", str(uuid4())),)),
        Actor(ActorKind.STAFF, uuid4(), grants=(Grant("door"),)),
    ):
        with pytest.raises(NotFound):
            await import_reports(event, [report], {}, minimum=5, actor=actor, now=AFTER)
    await core.reconcile(event, actor=SYSTEM, now=AFTER)
    with pytest.raises(Conflict) as refused:
        await import_reports(event, [report], {}, minimum=5, actor=SYSTEM, now=AFTER + timedelta(days=1))
    assert refused.value.code == "reconciled"


async def test_an_import_leaves_a_trail_without_names(db: asyncpg.Connection) -> None:
    event = await meeting()
    await registered(event, "Aino Esimerkki", "aino@x.example")
    await do(event, read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ")))
    row = await database.fetchrow("SELECT detail FROM audit WHERE action = 'meeting.imported'")
    assert row is not None
    assert "Aino" not in row["detail"]
    assert '"attended": 1' in row["detail"]


async def test_a_person_takes_along_and_erases_what_reports_told_of_them(db: asyncpg.Connection) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    olli = await registered(event, "Olli Öhman", "olli@x.example")
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ", "Huone, 9:00:00, 11:00:00, , "))
    await do(event, report, Huone=Choice(fate=Fate.PEOPLE, people="Aino Esimerkki\nOlli Öhman"))
    held = (await own_data.everything(aino, by_mail=True))["registrations"][0]["online_meetings"]
    assert [(each["name"], each["seconds"]) for each in held] == [("Aino Esimerkki", 3600), ("Huone", 7200)]
    await own_data.erase(aino, actor=SYSTEM, now=AFTER)
    left = await database.fetch("SELECT name, registrations FROM meeting_attendee")
    assert [tuple(row) for row in left] == [("Huone", [olli])]
    assert (await attended(aino))[0] == "attended", "the counts of reports stay true"
    await do(event, report)
    assert await database.fetchval("SELECT count(*) FROM meeting_attendee") == 1, "forgotten stays forgotten"


async def test_whoever_was_there_too_short_a_time_needs_no_decision(db: asyncpg.Connection) -> None:
    event = await meeting()
    report = read(teams("Uusi Ihminen, 9:00:00, 9:04:00, , ", "Toinen Uusi, 9:00:00, 9:05:00, , "))
    plan = await make_plan(event, [report], minimum=5, walk_in_all=True)
    assert [(row.name.shown, row.choice.fate) for row in plan.rows] == [
        ("Toinen Uusi", Fate.WALK_IN),
        ("Uusi Ihminen", Fate.OPEN),
    ]
    assert sorted((await plan_of(event, report)).outcomes().values()) == ["open", "short"]
    assert (await do(event, report)).open == 1
