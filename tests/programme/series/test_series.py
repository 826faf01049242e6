"""Series: made, extended, edited and taken away, one, this and following, or all."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import execute, fetch, fetchval
from events.core.errors import Conflict, Invalid, NotAllowed, NotFound
from events.programme import queries, rules
from events.programme.actions import delete_draft, edit_event
from events.programme.editing import EventChanges
from events.programme.queries import EventView
from events.programme.series.actions import publish_drafts, remove, repeat
from events.programme.series.editing import edit_in_series
from events.programme.series.queries import Scope, series_of
from events.programme.series.recurrence import Plan, bounded, monthly, weekly
from events.programme.sites import NewSite
from tests.factories import NOW, make_event, make_registration

TUESDAYS = Plan(rule=bounded(weekly(2, ["TU"]), skipped=[], until=None, times=5))
START = datetime(2026, 9, 22, 6, tzinfo=UTC)
"""A Tuesday at nine in Helsinki, in summer time; the third of the series is in winter time."""


async def series(plan: Plan = TUESDAYS, **columns: object) -> list[EventView]:
    """A series of five, of which the first is published and the others are drafts."""
    values = {"starts_at": START, "ends_at": START + timedelta(hours=2), "slug": "kokous", **columns}
    event = await make_event(**values)  # type: ignore[arg-type]
    return await series_of((await repeat(event, plan, actor=SYSTEM, now=NOW)).series)


async def again(event: EventView) -> EventView:
    found = await queries.by_id(event.id)
    assert found is not None
    return found


def local(events: Sequence[EventView]) -> list[str]:
    return [f"{rules.to_local(event.starts_at, event.zone):%d.%m. %H:%M}" for event in events]


async def edit(event: EventView, scope: Scope, **changes: object) -> tuple[int, int, int]:
    asked = EventChanges(**changes)  # type: ignore[arg-type]
    done = await edit_in_series(event.id, asked, scope, actor=SYSTEM, now=NOW)
    return done.others, done.kept, done.told


async def test_the_others_are_drafts_of_their_own_at_the_same_hour_by_the_wall(db: asyncpg.Connection) -> None:
    events = await series()
    assert local(events) == ["22.09. 09:00", "06.10. 09:00", "20.10. 09:00", "03.11. 09:00", "17.11. 09:00"]
    assert [event.state for event in events] == ["published", *["draft"] * 4]
    assert [event.series_day for event in events][:2] == [date(2026, 9, 22), date(2026, 10, 6)]
    assert len({event.slug for event in events} | {site.id for event in events for site in event.sites}) == 10
    assert {event.titles["en"] for event in events} == {"Test workshop"}


async def test_more_dates_are_added_and_those_there_are_passed_over(db: asyncpg.Connection) -> None:
    events = await series()
    more = Plan(dates=(date(2026, 10, 6), date(2026, 12, 1)))
    assert (await repeat(events[0].id, more, actor=SYSTEM, now=NOW)).made == 1
    longer = Plan(rule=bounded(weekly(2, ["TU"]), skipped=[], until=None, times=3))
    assert (await repeat(events[4].id, longer, actor=SYSTEM, now=NOW)).made == 1, "1 December is there already"
    assert local(await series_of(events[0].series or uuid4()))[-2:] == ["01.12. 09:00", "15.12. 09:00"]


async def test_a_deleted_date_is_not_made_again_unless_it_is_picked(db: asyncpg.Connection) -> None:
    events = await series()
    await delete_draft(events[1].id, actor=SYSTEM, now=NOW)
    left_out = await fetchval("SELECT left_out FROM series")
    assert left_out == [date(2026, 10, 6)]
    plan = Plan(rule=TUESDAYS.rule, left_out=tuple(left_out))
    with pytest.raises(Invalid):
        await repeat(events[0].id, plan, actor=SYSTEM, now=NOW)
    assert (await repeat(events[0].id, Plan(dates=(date(2026, 10, 6),)), actor=SYSTEM, now=NOW)).made == 1
    assert await fetchval("SELECT left_out FROM series") == []


@pytest.mark.parametrize(
    "plan",
    [Plan(), Plan(rule=weekly(1, ["MO", "TU"])), Plan(dates=(date(2026, 9, 22),))],
    ids=["nothing", "too many", "only itself"],
)
async def test_a_plan_without_dates_or_with_too_many_makes_nothing(db: asyncpg.Connection, plan: Plan) -> None:
    with pytest.raises(Invalid):
        await series(plan)
    assert await fetchval("SELECT count(*) FROM event") == 1
    assert await fetchval("SELECT count(*) FROM series") == 0


async def test_an_hour_that_the_clocks_skip_is_said_and_nothing_is_made(db: asyncpg.Connection) -> None:
    night = datetime(2027, 3, 27, 1, 30, tzinfo=UTC)
    with pytest.raises(Invalid):
        await series(Plan(dates=(date(2027, 3, 28),)), starts_at=night, ends_at=night + timedelta(hours=1))
    assert await fetchval("SELECT count(*) FROM event") == 1


async def test_who_may_not_make_events_there_makes_no_series(db: asyncpg.Connection) -> None:
    event = await make_event(host_region="06")
    other = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", "region", "05"),))
    with pytest.raises(NotFound):
        await repeat(event, TUESDAYS, actor=other, now=NOW)
    only_this = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", "event", str(event)),))
    with pytest.raises(NotAllowed):
        await repeat(event, TUESDAYS, actor=only_this, now=NOW)


async def test_a_change_reaches_those_it_is_for(db: asyncpg.Connection) -> None:
    events = await series()
    assert await edit(events[1], Scope.THIS, contact_name="A") == (0, 0, 0)
    assert await edit(events[2], Scope.FOLLOWING, contact_email="b@b.example") == (2, 0, 0)
    assert await edit(events[0], Scope.ALL, materials="C") == (4, 0, 0)
    now = [await again(event) for event in events]
    assert [event.contact_name for event in now] == ["", "A", "", "", ""]
    assert [event.contact_email for event in now] == ["", "", *["b@b.example"] * 3]
    assert {event.materials for event in now} == {"C"}


async def test_what_was_changed_by_hand_is_kept_field_by_field(db: asyncpg.Connection) -> None:
    events = await series()
    await edit_event(events[1].id, EventChanges(titles={**events[1].titles, "fi": "Oma nimi"}), actor=SYSTEM, now=NOW)
    assert await edit(events[0], Scope.ALL, titles={"fi": "Uusi", "sv": "Ny", "en": "New"}) == (4, 1, 0)
    assert (await again(events[1])).titles == {"fi": "Oma nimi", "sv": "Ny", "en": "New"}
    assert (await again(events[2])).titles == {"fi": "Uusi", "sv": "Ny", "en": "New"}


async def test_a_moved_time_moves_the_others_by_the_wall_clock(db: asyncpg.Connection) -> None:
    events = await series()
    await edit_event(
        events[2].id, EventChanges(starts_at=events[2].starts_at + timedelta(hours=1)), actor=SYSTEM, now=NOW
    )
    next_day = {"starts_at": START + timedelta(days=1, hours=4), "ends_at": START + timedelta(days=1, hours=7)}
    assert await edit(events[0], Scope.ALL, **next_day) == (3, 1, 0)
    now = [await again(event) for event in events]
    assert local(now) == ["23.09. 13:00", "07.10. 13:00", "20.10. 10:00", "04.11. 13:00", "18.11. 13:00"]
    assert {event.ends_at - event.starts_at for event in now} == {timedelta(hours=3), timedelta(hours=1)}
    assert await edit(now[1], Scope.ALL, starts_at=now[1].starts_at + timedelta(hours=1)) == (3, 1, 0), (
        "moved ones stay together"
    )
    assert await fetchval("SELECT rule FROM series") == "", "the rule said Tuesdays"


async def test_registration_closes_as_long_before_each(db: asyncpg.Connection) -> None:
    events = await series()
    assert await edit(events[0], Scope.ALL, registration_closes_at=START - timedelta(days=2)) == (4, 0, 0)
    winter = await again(events[3])
    assert winter.registration_closes_at == winter.starts_at - timedelta(days=2)


async def test_held_cancelled_and_reconciled_events_are_never_changed(db: asyncpg.Connection) -> None:
    events = await series()
    await execute("UPDATE event SET state = 'cancelled' WHERE id = $1", events[1].id)
    await execute("UPDATE event SET state = 'published', reconciled_at = now() WHERE id = $1", events[2].id)
    await execute("UPDATE event SET starts_at = $2, ends_at = $3 WHERE id = $1", events[3].id, NOW - timedelta(2), NOW)
    assert await edit(events[0], Scope.ALL, materials="C") == (1, 0, 0)
    assert [(await again(event)).materials for event in events] == ["C", "", "", "", "C"]


async def test_people_of_each_published_event_are_told_once(db: asyncpg.Connection) -> None:
    events = await series()
    await publish_drafts(events[0].series or uuid4(), actor=SYSTEM, now=NOW)
    for event in events[:3]:
        await make_registration(event.id)
    later = {"starts_at": START + timedelta(hours=1), "ends_at": START + timedelta(hours=3)}
    assert await edit(events[0], Scope.ALL, **later) == (4, 0, 3)
    rows = await fetch("SELECT occurrence FROM message WHERE reason = 'event_changed'")
    assert [row["occurrence"] for row in rows] == ["1"] * 3


async def test_a_capacity_below_the_places_taken_anywhere_saves_nothing(db: asyncpg.Connection) -> None:
    events = await series()
    for _ in range(3):
        await make_registration(events[2].id)
    site = events[0].sites[0]
    smaller = NewSite(id=site.id, mode="venue", name=site.name, municipality=site.municipality, capacity=2)
    with pytest.raises(Invalid) as refused:
        await edit(events[0], Scope.ALL, sites=[smaller])
    message = refused.value.errors[""][0]
    assert "3" in message
    assert "2026" in message
    assert {(await again(event)).sites[0].capacity for event in events} == {50}


async def test_sites_are_changed_alike_and_own_ones_stay(db: asyncpg.Connection) -> None:
    events = await series()
    own = events[1].sites[0]
    theirs = NewSite(id=own.id, mode="venue", name="Oma sali", municipality=own.municipality, capacity=own.capacity)
    await edit_event(events[1].id, EventChanges(sites=[theirs, NewSite(mode="online")]), actor=SYSTEM, now=NOW)
    site = events[0].sites[0]
    wanted = [
        NewSite(id=site.id, mode="venue", name="Nokia Arena", municipality="837", capacity=70),
        NewSite(mode="online", join_url="https://meet.example/9"),
    ]
    assert await edit(events[0], Scope.ALL, sites=wanted) == (4, 1, 0)
    changed, kept = await again(events[2]), await again(events[1])
    assert [(each.name, each.capacity) for each in changed.sites] == [("Nokia Arena", 70), ("", None)]
    assert (kept.sites[0].name, kept.sites[0].capacity) == ("Oma sali", 70)
    assert changed.sites[0].id == events[2].sites[0].id


async def test_a_removed_site_goes_where_it_was_the_same(db: asyncpg.Connection) -> None:
    events = await series(online=True)
    venue = events[0].sites[0]
    left = NewSite(id=venue.id, mode="venue", name=venue.name, municipality=venue.municipality, capacity=50)
    hall, online = events[4].sites
    kept = NewSite(id=hall.id, mode="venue", name=hall.name, municipality=hall.municipality, capacity=50)
    smaller = NewSite(id=online.id, mode="online", join_url=online.join_url, capacity=9)
    await edit(events[4], Scope.THIS, sites=[kept, smaller])
    assert await edit(events[0], Scope.ALL, sites=[left]) == (3, 1, 0)
    assert [len((await again(event)).sites) for event in events] == [1, 1, 1, 1, 2]


async def test_who_was_overtaken_changes_none(db: asyncpg.Connection) -> None:
    events = await series()
    await edit_event(events[0].id, EventChanges(materials="A"), actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        changes = EventChanges(contact_name="B")
        await edit_in_series(events[0].id, changes, Scope.ALL, actor=SYSTEM, now=NOW, version=0)
    assert {(await again(event)).contact_name for event in events} == {""}


async def test_an_organiser_of_one_event_changes_that_one_alone(db: asyncpg.Connection) -> None:
    events = await series()
    actor = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", "event", str(events[0].id)),))
    changes = EventChanges(materials="A")
    assert (await edit_in_series(events[0].id, changes, Scope.ALL, actor=actor, now=NOW)).others == 0
    with pytest.raises(NotFound):
        await edit_in_series(events[1].id, changes, Scope.ALL, actor=actor, now=NOW)


async def states(events: list[EventView]) -> list[str | None]:
    return [await fetchval("SELECT state FROM event WHERE id = $1", event.id) for event in events]


async def test_this_and_following_are_taken_away_and_people_are_told(db: asyncpg.Connection) -> None:
    events = await series()
    await execute("UPDATE event SET state = 'published' WHERE id = $1", events[3].id)
    await make_registration(events[3].id)
    done = await remove(events[2].id, Scope.FOLLOWING, actor=SYSTEM, now=NOW)
    assert (done.deleted, done.cancelled, done.told) == (2, 1, 1)
    assert await states(events) == ["published", "draft", None, "cancelled", None]
    assert await fetchval("SELECT count(*) FROM message WHERE reason = 'event_cancelled'") == 1


async def test_a_draft_with_people_and_what_was_held_stay(db: asyncpg.Connection) -> None:
    events = await series()
    await make_registration(events[1].id)
    later = START + timedelta(hours=3)
    await remove(events[0].id, Scope.ALL, actor=SYSTEM, now=later)
    assert await states(events) == ["published", "draft", None, None, None]


async def test_all_drafts_are_published_at_once(db: asyncpg.Connection) -> None:
    events = await series(Plan(rule=bounded(monthly(1, [4], "TU"), skipped=[], until=None, times=3)))
    series_id: UUID = events[0].series or uuid4()
    assert await publish_drafts(series_id, actor=SYSTEM, now=NOW) == 2
    assert await states(events) == ["published"] * 3
    with pytest.raises(NotFound):
        await publish_drafts(uuid4(), actor=SYSTEM, now=NOW)


async def test_who_may_register_is_carried_as_one(db: asyncpg.Connection) -> None:
    events = await series()
    own = {"access": "code", "access_code": "OMA"}
    await edit_event(events[1].id, EventChanges(**own), actor=SYSTEM, now=NOW)  # type: ignore[arg-type]
    named = {"access": "named", "access_code": "", "named_organisations": [], "named_regions": ["06"]}
    assert await edit(events[0], Scope.ALL, **named) == (3, 1, 0)
    now = [await again(event) for event in events]
    assert [(event.access, event.access_code, event.named_regions) for event in now] == [
        ("named", "", ["06"]),
        ("code", "OMA", []),
        *[("named", "", ["06"])] * 3,
    ]


async def test_reminders_of_invitations_are_carried_but_where_they_were_set_by_hand(db: asyncpg.Connection) -> None:
    events = await series()
    await edit_event(events[1].id, EventChanges(invitation_reminders=[2880]), actor=SYSTEM, now=NOW)
    assert await edit(events[0], Scope.ALL, invitation_reminders=[1440]) == (3, 1, 0)
    now = [await again(event) for event in events]
    assert [event.invitation_reminders for event in now] == [[1440], [2880], [1440], [1440], [1440]]


async def test_sites_are_known_again_wherever_they_stand_in_the_list(db: asyncpg.Connection) -> None:
    events = await series()
    venue = events[0].sites[0]
    first = NewSite(id=venue.id, mode="venue", name=venue.name, municipality=venue.municipality, capacity=50)
    await edit(events[0], Scope.ALL, sites=[first, NewSite(mode="venue", name="Sivusali")])
    theirs = [site.id for site in (await again(events[1])).sites]
    await execute("UPDATE site SET position = 1 - position WHERE event = $1", events[1].id)
    second = (await again(events[0])).sites[1]
    await edit(events[0], Scope.ALL, sites=[first, NewSite(id=second.id, mode="venue", name="Sivusali", capacity=9)])
    found = {site.id: site.capacity for site in (await again(events[1])).sites}
    assert found == {theirs[0]: 50, theirs[1]: 9}
