"""Items changed for a whole series while people sign up at one of its events, and by several at once."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextvars import copy_context
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.database import fetchval
from events.core.errors import ServiceError
from events.programme.agenda.actions import change_item
from events.programme.agenda.alike import AGENDA
from events.programme.counterparts import actions
from events.programme.counterparts.actions import done_alike
from events.programme.counterparts.rules import Change
from events.programme.editing import EventChanges
from events.programme.queries import EventView
from events.programme.series.editing import edit_in_series
from events.programme.series.queries import Scope
from events.registration.items.signing_up import choose_items
from tests.factories import NOW, make_registration
from tests.programme.counterparts.making import add, change, item, items, series_with_agenda, values

SIGNED = "SELECT count(*) FROM registration_item"


async def choose(registration: UUID, wanted: UUID) -> str:
    try:
        await choose_items(registration, [wanted], actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)
    except ServiceError:
        return "full"
    return "chosen"


async def limit_while_two_sign_up(events: Sequence[EventView]) -> tuple[bool, list[str]]:
    """Leave one place in the workshops of a series, while two sign up for one right after that was looked at.

    Returns whether they had to wait, and what became of them.
    """
    theirs = (await item(events[3], "Workshop")).id
    people = [await make_registration(events[3].id) for _ in range(2)]
    outside, tasks, waited = copy_context(), [], False

    async def check(event: EventView, changes: Sequence[Change]) -> None:
        nonlocal waited
        await AGENDA.check(event, changes)
        if event.id == events[3].id:
            tasks.extend(asyncio.create_task(choose(each, theirs), context=outside.copy()) for each in people)
            _done, pending = await asyncio.wait(tasks, timeout=1)
            waited = bool(pending)

    known = await item(events[0], "Workshop")
    try:
        async with done_alike(events[0].id, replace(AGENDA, check=check), Scope.ALL, actor=SYSTEM, now=NOW):
            await change_item(events[0].id, known.id, values(known, capacity=1), actor=SYSTEM, now=NOW)
    finally:
        said = await asyncio.gather(*tasks)
    return waited, sorted(said)


async def test_who_signs_up_elsewhere_meanwhile_waits_and_finds_the_new_limit(committed_db: str) -> None:
    assert await limit_while_two_sign_up(await series_with_agenda()) == (True, ["chosen", "full"])
    assert await fetchval(SIGNED) == 1


async def test_without_the_lock_of_the_sites_two_would_come_between(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: only the last guard, a constraint of the database, is left."""

    async def nobody_waits(_event_ids: Sequence[UUID]) -> None:
        """Lock nothing."""

    monkeypatch.setattr(actions, "hold_sites", nobody_waits)
    with pytest.raises(asyncpg.CheckViolationError):
        await limit_while_two_sign_up(await series_with_agenda())
    assert await fetchval(SIGNED) == 2


async def test_changes_of_a_series_from_both_ends_and_signing_up_do_not_lock_each_other_out(committed_db: str) -> None:
    events = await series_with_agenda()
    people = [(await make_registration(event.id), (await item(event, "Workshop")).id) for event in events]
    work: list[Awaitable[object]] = []
    for turn in range(4):
        for event in events if turn % 2 else events[::-1]:
            work += [change(event, "Talk", room=f"Sali {turn}"), change(event, "Workshop", capacity=9 + turn)]
            renamed = EventChanges(contact_name=f"Nimi {turn}")
            work.append(edit_in_series(event.id, renamed, Scope.ALL, actor=SYSTEM, now=NOW))
        work += [choose(registration, wanted) for registration, wanted in people]
    await asyncio.wait_for(asyncio.gather(*work), timeout=60)
    assert await fetchval("SELECT count(DISTINCT room) FROM agenda_item WHERE title_en = 'Talk'") == 1
    assert await fetchval("SELECT count(*) FROM agenda_item WHERE taken > 0") == 5


async def test_items_added_to_all_at_once_stand_everywhere_once(committed_db: str) -> None:
    events = await series_with_agenda()
    await asyncio.gather(*(add(event, f"From {number}") for number, event in enumerate(events)))
    assert [len(await items(event)) for event in events] == [7] * 5
    assert await fetchval("SELECT count(DISTINCT origin) FROM agenda_item") == 7
