"""Items of the agenda changed for one event of a series, for the following ones, or for all."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import execute, fetch, fetchval
from events.core.errors import Invalid, NotFound
from events.core.i18n import in_language
from events.programme.actions import EventChanges, copy_event, edit_event
from events.programme.agenda.actions import change_item, move_item
from events.programme.agenda.alike import AGENDA
from events.programme.counterparts.actions import done_alike
from events.programme.series.queries import Scope
from events.programme.sites import NewSite
from tests.factories import NOW, make_registration
from tests.programme.agenda.test_agenda import make_item
from tests.programme.counterparts.making import (
    add,
    change,
    delete,
    item,
    items,
    series_with_agenda,
    sign_up,
    titles,
    values,
)


async def test_a_change_reaches_those_it_is_for(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    assert await change(events[1], "Talk", Scope.THIS, room="A") == (0, 0)
    assert await change(events[2], "Talk", Scope.FOLLOWING, speakers=["Aino"]) == (2, 0)
    assert await change(events[0], "Talk", Scope.ALL, kind="discussion") == (4, 0)
    found = [await item(event, "Talk") for event in events]
    assert [each.room for each in found] == ["", "A", "", "", ""]
    assert [each.speakers for each in found] == [[], [], *[["Aino"]] * 3]
    assert {each.kind for each in found} == {"discussion"}


async def test_what_was_changed_by_hand_is_kept_field_by_field(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await change(events[3], "Talk", Scope.THIS, room="Oma")
    assert await change(events[0], "Talk", Scope.ALL, room="Sali", titles={"en": "Keynote"}) == (4, 1)
    assert [(await item(event, "Keynote")).room for event in events] == ["Sali", "Sali", "Sali", "Oma", "Sali"]


async def test_a_moved_item_moves_as_far_by_the_clock_on_the_wall(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    talk = await item(events[0], "Talk")
    times = {"starts_at": talk.starts_at + timedelta(minutes=30), "ends_at": talk.ends_at + timedelta(minutes=15)}
    assert await change(events[0], "Talk", Scope.ALL, **times) == (4, 0)
    winter = await item(events[3], "Talk")
    assert (winter.starts_at, winter.ends_at) == (
        datetime(2026, 11, 3, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 3, 8, 15, tzinfo=UTC),
    )


async def test_an_item_whose_hours_were_set_by_hand_keeps_both(db: asyncpg.Connection) -> None:
    """Its new start would come after its own end."""
    events = await series_with_agenda()
    theirs = await item(events[1], "Talk")
    await change(events[1], "Talk", Scope.THIS, ends_at=theirs.ends_at + timedelta(minutes=10))
    talk = await item(events[0], "Talk")
    later = {name: getattr(talk, name) + timedelta(hours=2) for name in ("starts_at", "ends_at")}
    assert await change(events[0], "Talk", Scope.ALL, **later) == (3, 1)
    assert (await item(events[1], "Talk")).starts_at == theirs.starts_at


async def test_a_new_item_stands_in_all_and_is_known_again(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    assert await add(events[0], "Lunch") == (4, 0)
    assert await titles(events) == [["Talk", "Workshop", "Lunch"]] * 5
    assert (await item(events[4], "Lunch")).starts_at == events[4].starts_at + timedelta(hours=2)
    assert await change(events[4], "Lunch", Scope.ALL, titles={"en": "Dinner"}) == (4, 0)
    assert await add(events[0], "Alone", Scope.THIS) == (0, 0)
    assert [len(each) for each in await titles(events)] == [4, 3, 3, 3, 3]


async def test_a_copy_beside_the_series_is_left_alone(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    copied = await copy_event(events[0].id, events[0].starts_at + timedelta(days=3), actor=SYSTEM, now=NOW)
    assert await change(events[0], "Talk", Scope.ALL, room="Sali") == (4, 0)
    assert await fetchval("SELECT count(*) FROM agenda_item WHERE event = $1 AND room = ''", copied.id) == 2


async def test_a_deleted_item_goes_where_it_still_is_the_same(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await change(events[2], "Talk", Scope.THIS, room="Oma")
    await delete(events[3], "Talk", Scope.THIS)
    assert await delete(events[0], "Talk", Scope.ALL) == (2, 1)
    assert await titles(events) == [["Workshop"], ["Workshop"], ["Talk", "Workshop"], ["Workshop"], ["Workshop"]]


async def test_what_was_deleted_by_hand_does_not_come_back(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await delete(events[1], "Talk", Scope.THIS)
    assert await change(events[0], "Talk", Scope.ALL, room="Sali") == (3, 0)
    assert await titles(events[1:2]) == [["Workshop"]]


async def test_items_change_places_in_all(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    workshop = await item(events[0], "Workshop")
    async with done_alike(events[0].id, AGENDA, Scope.ALL, actor=SYSTEM, now=NOW) as alike:
        assert await move_item(events[0].id, workshop.id, earlier=True, actor=SYSTEM, now=NOW)
    assert alike.others == 4
    assert await titles(events) == [["Workshop", "Talk"]] * 5


@pytest.mark.parametrize("changes", [{"capacity": 1}, {"sign_up": False, "capacity": None}, None])
async def test_nobody_loses_a_place_signed_up_for_and_then_nothing_changes(
    db: asyncpg.Connection, changes: dict[str, object] | None
) -> None:
    events = await series_with_agenda()
    workshop = await item(events[3], "Workshop")
    for _ in range(2):
        await sign_up(await make_registration(events[3].id), workshop.id)
    with pytest.raises(Invalid) as refused, in_language("en"):
        await (delete(events[0], "Workshop") if changes is None else change(events[0], "Workshop", **changes))
    message = refused.value.errors[""][0]
    assert "3 November 2026" in message
    assert "2 p" in message
    assert await titles(events) == [["Talk", "Workshop"]] * 5
    assert {(await item(event, "Workshop")).capacity for event in events} == {10}


async def test_a_limit_set_for_all_counts_those_who_signed_up_before(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    assert await change(events[0], "Workshop", capacity=None) == (4, 0)
    await sign_up(await make_registration(events[3].id), (await item(events[3], "Workshop")).id)
    assert await change(events[0], "Workshop", capacity=2) == (4, 0)
    taken = await fetch("SELECT taken FROM agenda_item WHERE sign_up ORDER BY starts_at")
    assert [row["taken"] for row in taken] == [0, 0, 0, 1, 0]
    assert await change(events[0], "Workshop", capacity=None) == (4, 0)
    assert await fetchval("SELECT sum(taken) FROM agenda_item") == 0


async def test_an_item_at_a_site_stands_at_its_counterpart(db: asyncpg.Connection) -> None:
    events = await series_with_agenda(online=True)
    assert await add(events[0], "Online only", site=events[0].sites[1].id) == (4, 0)
    assert [(await item(event, "Online only")).site for event in events] == [event.sites[1].id for event in events]


async def test_where_the_site_is_missing_nothing_is_added_anywhere(db: asyncpg.Connection) -> None:
    events = await series_with_agenda(online=True)
    venue = events[2].sites[0]
    left = NewSite(id=venue.id, mode="venue", name=venue.name, municipality=venue.municipality, capacity=50)
    await edit_event(events[2].id, EventChanges(sites=[left]), actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid) as refused:
        await add(events[0], "Online only", site=events[0].sites[1].id)
    assert "2026" in refused.value.errors[""][0]
    assert await titles(events) == [["Talk", "Workshop"]] * 5


async def test_an_hour_that_the_clocks_skip_is_said_with_its_day(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    night = datetime(2027, 3, 28, 0, tzinfo=UTC)
    await edit_event(
        events[4].id, EventChanges(starts_at=night, ends_at=night + timedelta(hours=4)), actor=SYSTEM, now=NOW
    )
    with pytest.raises(Invalid) as refused, in_language("en"):
        await add(
            events[0],
            "Night",
            starts_at=events[0].starts_at + timedelta(hours=1, minutes=30),
            ends_at=events[0].starts_at + timedelta(hours=2),
        )
    assert "28 March 2027" in refused.value.errors[""][0]


async def test_calendars_hear_of_it_once_in_each_published_event(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await execute("UPDATE event SET state = 'published' WHERE id = $1", events[1].id)
    await change(events[0], "Talk", room="Sali")
    rows = await fetch("SELECT sequence FROM event ORDER BY starts_at")
    assert [row["sequence"] for row in rows] == [1, 1, 0, 0, 0]


async def test_the_trail_tells_of_it_at_each_event(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await change(events[0], "Talk", Scope.FOLLOWING, room="Sali")
    rows = await fetch("SELECT subject_id, detail FROM audit WHERE action = 'series.carried'")
    assert {row["subject_id"] for row in rows} == {str(event.id) for event in events[1:]}
    assert '"of": "kokous"' in rows[0]["detail"]


async def test_held_and_cancelled_events_and_those_of_others_are_left_alone(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await execute("UPDATE event SET state = 'cancelled' WHERE id = $1", events[1].id)
    await execute("UPDATE event SET starts_at = $2, ends_at = $3 WHERE id = $1", events[2].id, NOW - timedelta(2), NOW)
    assert await change(events[0], "Talk", room="Sali") == (2, 0)
    grants = tuple(Grant("organiser", "event", str(event.id)) for event in events[3:])
    actor = Actor(ActorKind.STAFF, uuid4(), "Olli", grants)
    known = await item(events[3], "Talk")
    async with done_alike(events[3].id, AGENDA, Scope.ALL, actor=actor, now=NOW) as alike:
        await change_item(events[3].id, known.id, values(known, room="Aula"), actor=actor, now=NOW)
    assert alike.others == 1
    assert [(await item(event, "Talk")).room for event in events] == ["Sali", "", "", "Aula", "Aula"]
    with pytest.raises(NotFound):
        async with done_alike(events[0].id, AGENDA, Scope.ALL, actor=actor, now=NOW):
            pass


async def test_an_event_alone_is_changed_alone(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await execute("UPDATE event SET series = NULL WHERE id = $1", events[0].id)
    assert await change(events[0], "Talk", room="Sali") == (0, 0)
    await make_item(events[0].id, "Own")
    assert len(await items(events[0])) == 3
