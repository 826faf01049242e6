from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.checkin import actions, staff_queries
from events.checkin.actions import WalkIn
from events.checkin.tables import AttendanceSource, AttendanceState, ScanType
from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from tests.checkin.doors import attendance, scanned, slug_of, ticket
from tests.factories import NOW, fund, insert, make_event, make_person, make_registration, make_staff, sign_in

CAME, NO_SHOW, UNKNOWN = AttendanceState.ATTENDED, AttendanceState.NO_SHOW, AttendanceState.UNKNOWN
AFTER = NOW + timedelta(days=31)


async def rows_of(event: UUID) -> list[dict[str, Any]]:
    """The participations of an event by their role."""
    return [
        dict(row) for row in await database.fetch("SELECT * FROM participation WHERE event = $1 ORDER BY role", event)
    ]


async def trail(event: UUID) -> list[str]:
    rows = await database.fetch("SELECT action FROM audit WHERE subject_id = $1 ORDER BY id", str(event))
    return [row["action"] for row in rows]


async def test_marking_says_who_came_and_leaves_a_trail(db: asyncpg.Connection) -> None:
    event = await make_event()
    one, two = await make_registration(event), await make_registration(event)
    assert await actions.mark([one, two], CAME, actor=SYSTEM, now=NOW) == 2
    assert await actions.mark([one], CAME, AttendanceSource.IMPORT, actor=SYSTEM, now=NOW) == 0
    assert await actions.mark([two], NO_SHOW, actor=SYSTEM, now=NOW) == 1
    assert (await attendance(one))[:2] == ("attended", "desk")
    assert (await attendance(two))[:2] == ("no_show", "desk")
    assert await trail(event) == ["attendance.marked", "attendance.marked"]


async def test_only_who_may_reconcile_marks_closes_and_opens(db: asyncpg.Connection) -> None:
    event, mine = await make_event(), await make_event()
    registration = await make_registration(event)
    elsewhere = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "event", str(mine)),))
    door = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("door"),))
    for actor in (elsewhere, door):
        for attempt in (
            actions.mark([registration], CAME, actor=actor, now=NOW),
            actions.mark_rest(event, CAME, actor=actor, now=NOW),
            actions.reconcile(event, actor=actor, now=AFTER),
            actions.reopen(event, actor=actor, now=AFTER),
        ):
            with pytest.raises(NotFound):
                await attempt
    with pytest.raises(NotFound):
        await actions.let_in(event, WalkIn(name="A B"), actor=elsewhere, now=NOW)


async def test_the_rest_is_marked_and_what_is_known_stays(db: asyncpg.Connection) -> None:
    event = await make_event()
    come, gone, rest = [await make_registration(event) for _ in range(3)]
    cancelled = await make_registration(event, state="cancelled")
    await actions.mark([come], CAME, actor=SYSTEM, now=NOW)
    await actions.mark([gone], NO_SHOW, actor=SYSTEM, now=NOW)
    assert await actions.mark_rest(event, NO_SHOW, actor=SYSTEM, now=NOW) == 1
    assert [(await attendance(each))[0] for each in (come, gone, rest, cancelled)] == [
        "attended",
        "no_show",
        "no_show",
        "unknown",
    ]


async def test_an_undone_entry_is_unknown_again_and_holds_up_closing(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    for kind in (ScanType.ENTRY, ScanType.UNDO):
        scan = scanned(ticket(registration), await slug_of(event), type=kind)
        await actions.redeem(scan, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict) as refused:
        await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    assert refused.value.code == "unknown"


@pytest.mark.parametrize(
    ("columns", "now", "code"),
    [({}, NOW, "not_ended"), ({"state": "cancelled"}, AFTER, "not_held"), ({"state": "draft"}, AFTER, "not_held")],
)
async def test_what_was_not_held_is_not_closed(
    db: asyncpg.Connection, columns: dict[str, Any], now: Any, code: str
) -> None:
    with pytest.raises(Conflict) as refused:
        await actions.reconcile(await make_event(**columns), actor=SYSTEM, now=now)
    assert refused.value.code == code


async def test_a_forgotten_check_in_does_not_become_a_zero(db: asyncpg.Connection) -> None:
    event = await make_event()
    await actions.mark([await make_registration(event)], CAME, actor=SYSTEM, now=NOW)
    await make_registration(event)
    with pytest.raises(Conflict) as refused:
        await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    assert refused.value.code == "unknown"
    assert await rows_of(event) == []


async def test_closing_freezes_who_came_as_they_were_that_day(db: asyncpg.Connection) -> None:
    start = NOW.replace(hour=22)  # the next day in Finland
    event = await make_event(starts_at=start, ends_at=start + timedelta(hours=6), online=True)
    company = await insert(
        "organisation", name="Konepaja", folded="konepaja", type="company", size_class="micro", municipality="091"
    )
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    speaker = await make_registration(event, organisation=company, role="speaker", municipality="837")
    no_address = await make_person(email=None)
    abroad = await make_registration(event, person=no_address, municipality=None, country="SE", site=online)
    await make_registration(event, state="waitlisted")
    absent = await make_registration(event)
    await actions.mark([speaker, abroad], CAME, actor=SYSTEM, now=NOW)
    await actions.mark([absent], NO_SHOW, actor=SYSTEM, now=NOW)
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER) == 2
    await database.execute("UPDATE organisation SET size_class = 'large', municipality = '564'")
    participant, spoke = await rows_of(event)
    assert (
        spoke.items()
        >= {
            "registration": speaker,
            "organisation": company,
            "role": "speaker",
            "held_on": (start + timedelta(days=1)).date(),
            "event_kind": "workshop",
            "host_region": "06",
            "site_mode": "venue",
            "organisation_type": "company",
            "size_class": "micro",
            "municipality": "837",
            "region": "06",
            "country": "FI",
            "person_certain": True,
            "minutes": 360,
            "source": "desk",
        }.items()
    )
    assert (
        participant.items()
        >= {
            "person": no_address,
            "organisation": None,
            "site_mode": "online",
            "organisation_type": "unknown",
            "size_class": "unknown",
            "municipality": "",
            "region": "",
            "country": "SE",
            "person_certain": False,
        }.items()
    )


async def test_who_was_merged_counts_as_who_they_are(db: asyncpg.Connection) -> None:
    event = await make_event()
    real = await make_person()
    old = await insert("organisation", name="Old", folded="old")
    new = await insert("organisation", name="New", folded="new", type="university")
    double = await make_person(email=None, merged_into=real)
    await database.execute("UPDATE organisation SET merged_into = $2 WHERE id = $1", old, new)
    registration = await make_registration(event, person=double, organisation=old)
    await actions.mark([registration], CAME, actor=SYSTEM, now=NOW)
    await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    (row,) = await rows_of(event)
    assert (row["person"], row["person_certain"]) == (real, True)
    assert (row["organisation"], row["organisation_type"]) == (new, "university")


async def test_who_was_let_in_without_a_place_counts(db: asyncpg.Connection) -> None:
    event = await make_event()
    waiting = await make_registration(event, state="waitlisted")
    scan = scanned(ticket(waiting), await slug_of(event), force=True)
    await actions.redeem(scan, actor=SYSTEM, now=NOW)
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER) == 1


async def test_closing_twice_changes_nothing_and_opening_takes_the_rows_away(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    await actions.mark([registration], CAME, actor=SYSTEM, now=NOW)
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER) == 1
    before = await rows_of(event)
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER + timedelta(days=1)) == 1
    assert await rows_of(event) == before
    with pytest.raises(Conflict):
        await actions.mark([registration], NO_SHOW, actor=SYSTEM, now=AFTER)
    await actions.reopen(event, actor=SYSTEM, now=AFTER)
    await actions.reopen(event, actor=SYSTEM, now=AFTER)
    assert await rows_of(event) == []
    assert await database.fetchval("SELECT reconciled_at FROM event WHERE id = $1", event) is None
    await actions.mark([registration], NO_SHOW, actor=SYSTEM, now=AFTER)
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER) == 0
    assert await trail(event) == [
        "attendance.marked",
        "event.reconciled",
        "event.reopened",
        "attendance.marked",
        "event.reconciled",
    ]


async def test_a_reading_that_comes_after_closing_is_kept_and_shown(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    await actions.mark([registration], NO_SHOW, actor=SYSTEM, now=NOW)
    await actions.reconcile(event, actor=SYSTEM, now=AFTER)
    scan = scanned(ticket(registration), await slug_of(event), said="ok")
    await actions.upload(actions.Batch(scans=[scan]), actor=SYSTEM, now=AFTER)
    _people, tally = await staff_queries.attendees(event)
    assert tally.after == 1
    assert await rows_of(event) == []


async def test_who_came_without_registering_is_let_in(db: asyncpg.Connection) -> None:
    event = await make_event()
    await insert("organisation", name="Sorvaamo Oy", folded="sorvaamo", municipality="564")
    person = WalkIn(name="Anna Maria Äkäslompolo", organisation="Sorvaamo Oy")
    made = await actions.let_in(event, person, actor=SYSTEM, now=NOW + timedelta(days=30))
    row = await database.fetchrow(
        "SELECT given_name, family_name, email, registration.source, municipality, attendance.state FROM registration"
        " JOIN person ON person.id = person JOIN attendance ON registration = registration.id"
        " WHERE registration.id = $1",
        made.id,
    )
    assert row is not None
    assert tuple(row) == ("Anna Maria", "Äkäslompolo", None, "walk_in", "564", "attended")


async def test_a_full_site_keeps_nobody_out_who_is_here(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=0)
    made = await actions.let_in(event, WalkIn(name="Aino"), actor=SYSTEM, now=NOW)
    assert made.state == "waitlisted"
    assert (await attendance(made.id))[0] == "attended"
    assert await actions.reconcile(event, actor=SYSTEM, now=AFTER) == 1


async def test_who_is_registered_already_is_marked_and_not_doubled(db: asyncpg.Connection) -> None:
    event = await make_event()
    person = await make_person("Aino", "Esimerkki", email="aino@yritys.example")
    registration = await make_registration(event, person=person)
    walk_in = WalkIn(name="Aino Esimerkki", email="aino@yritys.example")
    made = await actions.let_in(event, walk_in, actor=SYSTEM, now=NOW)
    assert (made.id, made.already) == (registration, True)
    assert (await attendance(registration))[0] == "attended"


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser of an organiser of Pirkanmaa."""
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def test_an_organiser_marks_and_closes_in_the_browser(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    here = f"/staff/events/{await slug_of(event)}/attendance"
    one = await make_registration(event, person=await make_person("Väinö", "Ääninen"))
    await make_registration(event, person=await make_person("Aino", "Esimerkki"))
    with clock.at(AFTER):
        assert "Close the attendance</button>" not in (await desk.get(here)).text
        marked = await desk.post(f"{here}/mark", data={"attended": str(one), "show": "unknown"})
        assert marked.headers["location"] == f"{here}?show=unknown#r-{one}"
        assert (await desk.post(f"{here}/close")).status_code == 409
        assert (await desk.post(f"{here}/rest", data={"state": "no_show"})).status_code == 303
        assert "Close the attendance</button>" in (await desk.get(here)).text
        assert (await desk.post(f"{here}/close")).headers["location"] == f"{here}?saved=closed"
        assert "Closed on" in (await desk.get(here)).text
    assert len(await rows_of(event)) == 1
    assert (await desk.post(f"{here}/open")).status_code == 303
    assert await rows_of(event) == []


async def test_the_list_is_narrowed_by_state_and_name(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    here = f"/staff/events/{await slug_of(event)}/attendance"
    come = await make_registration(event, person=await make_person("Väinö", "Ääninen"))
    await make_registration(event, person=await make_person("Aino", "Esimerkki"))
    await actions.mark([come], CAME, actor=SYSTEM, now=NOW)
    for query, shown, hidden in (
        ("show=attended", "Väinö", "Aino"),
        ("show=unknown", "Aino", "Väinö"),
        ("q=aaninen", "Väinö", "Aino"),
        ("show=nonsense&q=esim", "Aino", "Väinö"),
    ):
        html = (await desk.get(f"{here}?{query}")).text.split('id="deeds"')[0]
        assert f"{shown} " in html, query
        assert f"{hidden} " not in html, query


async def test_bad_marks_are_refused(desk: httpx.AsyncClient) -> None:
    event, other = await make_event(), await make_event(host_region="01")
    here = f"/staff/events/{await slug_of(event)}/attendance"
    for data in ({}, {"attended": "x"}, {"attended": [str(uuid4()), str(uuid4())]}):
        assert (await desk.post(f"{here}/mark", data=data)).status_code == 400
    assert (await desk.post(f"{here}/rest", data={"state": "asleep"})).status_code == 400
    foreign = await make_registration(other)
    assert (await desk.post(f"{here}/mark", data={"attended": str(foreign)})).status_code == 404
    assert (await desk.get(f"/staff/events/{await slug_of(other)}/attendance")).status_code == 404


async def test_what_the_door_refused_is_listed_without_names_of_other_events(desk: httpx.AsyncClient) -> None:
    event = await make_event()
    slug = await slug_of(event)
    foreign = await make_registration(await make_event(), person=await make_person("Secret", "Somebody"))
    waiting = await make_registration(event, state="waitlisted", person=await make_person("Väinö", "Ääninen"))
    for secret in (ticket(foreign), ticket(waiting), "nothing"):
        await actions.redeem(scanned(secret, slug), actor=SYSTEM, now=NOW)
    html = (await desk.get(f"/staff/events/{slug}/attendance")).text
    assert "Ticket of another event" in html
    assert "Not a ticket of ours" in html
    assert "Väinö Ääninen" in html
    assert "Secret" not in html


async def test_a_walk_in_is_let_in_by_form_and_the_next_one_can_come(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("door"))
    event = await make_event(online=True)
    here = f"/door/{await slug_of(event)}/walk-in"
    empty = await client.post(here, data={"name": ""})
    assert empty.status_code == 422
    sites = await database.fetch("SELECT id FROM site WHERE event = $1 ORDER BY position", event)
    said = {"name": "Aino Esimerkki", "organisation": "Uusi Oy", "email": "AINO@yritys.example"}
    answer = await client.post(here, data={**said, "site": str(sites[1]["id"])})
    assert answer.headers["location"] == f"{here}?saved=in"
    assert "marked as come" in (await client.get(answer.headers["location"])).text
    row = await database.fetchrow(
        "SELECT email, registration.site FROM registration JOIN person ON person.id = person WHERE event = $1", event
    )
    assert row is not None
    assert tuple(row) == ("aino@yritys.example", sites[1]["id"])


async def test_the_page_carries_the_marks_of_the_events_project(client: httpx.AsyncClient) -> None:
    event = await make_event()
    await fund(event)
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    text = (await client.get(f"/staff/events/{await slug_of(event)}/attendance")).text
    assert 'alt="Emblem of the European Union"' in text
    assert "Euroopan unionin osarahoittama" in text
