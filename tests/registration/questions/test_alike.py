"""Questions changed for one event of a series, for the following ones, or for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import structs

from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchval
from events.core.errors import Invalid, ServiceError
from events.core.i18n import in_language
from events.programme.counterparts import actions
from events.programme.counterparts.actions import done_alike
from events.programme.counterparts.rules import Change
from events.programme.editing import EventChanges, edit_event
from events.programme.queries import EventView
from events.programme.series.actions import repeat
from events.programme.series.queries import Scope, series_of
from events.programme.sites import NewSite
from events.registration.questions import queries
from events.registration.questions.alike import QUESTIONS
from events.registration.questions.asked import Asked
from events.registration.questions.building import (
    NewOption,
    NewQuestion,
    add_question,
    change_question,
    order_questions,
    remove_question,
)
from events.registration.questions.tables import QuestionKind
from tests.factories import NOW, make_event
from tests.programme.series.test_series import START, TUESDAYS
from tests.registration.questions.making import make_question
from tests.registration.questions.test_answering import sign_up

Told = tuple[int, int]


async def series(*, online: bool = False) -> list[EventView]:
    """Five published events that ask who has lunch, and those about their bus."""
    event = await make_event(slug="kokous", online=online, starts_at=START, ends_at=START + timedelta(hours=2))
    await make_question(event, "lunch", "yes_no")
    await make_question(event, "bus", "one", ("early", 5), "late", shown_if=["lunch=yes"])
    events = await series_of((await repeat(event, TUESDAYS, actor=SYSTEM, now=NOW)).series)
    await execute("UPDATE event SET state = 'published'")
    return events


async def asked(event: EventView, code: str) -> Asked:
    return next(each for each in await queries.of_event(event.id) if each.code == code)


async def codes(events: Sequence[EventView]) -> list[list[str]]:
    return [[each.code for each in await queries.of_event(event.id)] for event in events]


async def options(events: Sequence[EventView]) -> list[list[tuple[str, int | None]]]:
    return [[(each.code, each.capacity) for each in (await asked(event, "bus")).options] for event in events]


async def alike(event: EventView, deed: Callable[[], Awaitable[object]], scope: Scope = Scope.ALL) -> Told:
    async with done_alike(event.id, QUESTIONS, scope, actor=SYSTEM, now=NOW) as done:
        await deed()
    return done.others, done.kept


async def change(event: EventView, code: str, scope: Scope = Scope.ALL, **changes: Any) -> Told:
    known = await asked(event, code)
    names = [field.name for field in structs.fields(NewQuestion) if field.name != "options"]
    choices = [NewOption(code=each.code, labels=each.labels, capacity=each.capacity) for each in known.options]
    new = NewQuestion(**{**{name: getattr(known, name) for name in names}, "options": choices, **changes})
    return await alike(event, lambda: change_question(event.id, known.id, new, actor=SYSTEM, now=NOW), scope)


async def add(event: EventView, name: str, scope: Scope = Scope.ALL, **more: Any) -> Told:
    new = NewQuestion(**{"kind": QuestionKind.SHORT, "labels": {"en": name}, **more})
    return await alike(event, lambda: add_question(event.id, new, actor=SYSTEM, now=NOW), scope)


async def remove(event: EventView, code: str, scope: Scope = Scope.ALL) -> Told:
    known = await asked(event, code)
    return await alike(event, lambda: remove_question(event.id, known.id, answers=0, actor=SYSTEM, now=NOW), scope)


async def order(event: EventView, *wanted: str) -> Told:
    ids = [(await asked(event, code)).id for code in wanted]
    return await alike(event, lambda: order_questions(event.id, ids, actor=SYSTEM, now=NOW))


def option(code: str, capacity: int | None = None) -> NewOption:
    return NewOption(code=code, labels={"en": code}, capacity=capacity)


async def test_a_new_question_is_asked_everywhere_under_one_code(db: asyncpg.Connection) -> None:
    events = await series()
    await add(events[2], "Why", Scope.THIS)
    assert await add(events[0], "Why", options=[option("a", 3), option("b")], kind=QuestionKind.ONE) == (4, 0)
    assert await codes(events) == [
        ["lunch", "bus", "why-2"],
        ["lunch", "bus", "why-2"],
        ["lunch", "bus", "why", "why-2"],
        *[["lunch", "bus", "why-2"]] * 2,
    ]
    assert [len((await asked(event, "why-2")).options) for event in events] == [2] * 5
    assert await add(events[3], "Later", Scope.FOLLOWING) == (1, 0)
    assert [len(each) for each in await codes(events)] == [3, 3, 4, 4, 4]


async def test_a_change_keeps_what_was_changed_by_hand(db: asyncpg.Connection) -> None:
    events = await series()
    await change(events[1], "lunch", Scope.THIS, labels={"en": "Own", "fi": "lunch fi"})
    assert await change(events[0], "lunch", labels={"en": "Food", "fi": "Ruoka"}, kitchen=True) == (4, 1)
    found = [await asked(event, "lunch") for event in events]
    assert [each.labels["en"] for each in found] == ["Food", "Own", "Food", "Food", "Food"]
    assert {(each.labels["fi"], each.kitchen) for each in found} == {("Ruoka", True)}


async def test_options_are_added_limited_ordered_and_taken_away_alike(db: asyncpg.Connection) -> None:
    events = await series()
    await change(events[1], "bus", Scope.THIS, options=[option("early", 7), option("late"), option("own")])
    assert await change(events[0], "bus", options=[option("late", 9), option("early", 6), option("new")]) == (4, 1)
    common: list[tuple[str, int | None]] = [("late", 9), ("early", 6), ("new", None)]
    assert await options(events) == [
        common,
        [("late", 9), ("early", 7), ("own", None), ("new", None)],
        *[common] * 3,
    ]
    assert await change(events[0], "bus", options=[option("late", 9), option("new")]) == (3, 1)
    assert [each[1][0] for each in await options(events)] == ["new", "early", "new", "new", "new"]


async def test_a_question_is_removed_everywhere_but_where_it_is_another_by_now(db: asyncpg.Connection) -> None:
    events = await series()
    await change(events[4], "bus", Scope.THIS, options=[option("early", 5), option("late"), option("own")])
    assert await remove(events[0], "bus") == (3, 1)
    assert await codes(events) == [["lunch"]] * 4 + [["lunch", "bus"]]


async def test_questions_are_put_in_order_alike_around_own_ones(db: asyncpg.Connection) -> None:
    events = await series()
    await add(events[1], "Own", Scope.THIS)
    await add(events[0], "Last")
    await add(events[0], "End")
    assert await order(events[0], "lunch", "end", "last", "bus") == (4, 0)
    assert await codes(events[:2]) == [
        ["lunch", "end", "last", "bus"],
        ["lunch", "end", "own", "last", "bus"],
    ]
    await execute("UPDATE question SET position = 9 WHERE event = $1 AND code = 'end'", events[2].id)
    assert await order(events[0], "lunch", "bus", "end", "last") == (3, 1)
    assert (await codes(events[2:3])) == [["lunch", "last", "bus", "end"]]


async def test_where_it_is_asked_follows_the_site(db: asyncpg.Connection) -> None:
    events = await series(online=True)
    assert await change(events[0], "lunch", shown_at=[events[0].sites[0].id]) == (4, 0)
    assert [(await asked(event, "lunch")).shown_at for event in events] == [[event.sites[0].id] for event in events]
    assert await change(events[0], "lunch", shown_at=[]) == (4, 0)
    assert await fetchval("SELECT count(*) FROM question_site") == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": QuestionKind.SHORT, "options": []}, "2 have answered so already"),
        ({"options": [option("early", 1), option("late")]}, "2 have chosen it already"),
        ({"options": [option("late"), option("new")]}, "2 have answered so already"),
        (None, "2 have answered so already"),
    ],
    ids=["another kind", "fewer places", "without the option", "removed"],
)
async def test_no_answer_is_lost_anywhere_and_then_nothing_changes(
    db: asyncpg.Connection, changes: dict[str, Any] | None, words: str
) -> None:
    events = await series()
    for number in range(2):
        await sign_up(events[3].id, number, lunch="yes", bus="early")
    with pytest.raises(Invalid) as refused, in_language("en"):
        await (remove(events[0], "bus") if changes is None else change(events[0], "bus", **changes))
    (message,) = refused.value.errors[""]
    assert message.startswith("3 November 2026: ")
    assert words in message
    assert await options(events) == [[("early", 5), ("late", None)]] * 5


async def test_a_limit_set_for_all_counts_those_who_chose_before(db: asyncpg.Connection) -> None:
    events = await series()
    await sign_up(events[3].id, 1, lunch="yes", bus="late")
    assert await change(events[0], "bus", options=[option("early", 5), option("late", 2)]) == (4, 0)
    rows = await fetch(
        "SELECT taken FROM question_option JOIN question ON question.id = question JOIN event ON event.id = event"
        " WHERE question_option.code = 'late' ORDER BY starts_at"
    )
    assert [row["taken"] for row in rows] == [0, 0, 0, 1, 0]


async def test_a_condition_that_asks_about_nothing_there_is_refused(db: asyncpg.Connection) -> None:
    events = await series()
    await remove(events[2], "bus", Scope.THIS)
    await remove(events[2], "lunch", Scope.THIS)
    with pytest.raises(Invalid) as refused, in_language("en"):
        await add(events[0], "Seat", shown_if=["bus=early"])
    assert "must stand after the question that shows it" in refused.value.errors[""][0]
    assert await codes(events[:2]) == [["lunch", "bus"]] * 2


async def test_an_option_that_shows_another_question_there_stays(db: asyncpg.Connection) -> None:
    events = await series()
    await add(events[1], "Seat", Scope.THIS, shown_if=["bus=early"])
    with pytest.raises(Invalid) as refused, in_language("en"):
        await change(events[0], "bus", options=[option("late"), option("new")])
    assert "is shown by an answer to this" in refused.value.errors[""][0]


async def answer(event: EventView, number: int) -> str:
    try:
        await sign_up(event.id, number, lunch="yes", bus="early")
    except ServiceError:
        return "full"
    return "chosen"


async def limit_while_two_answer(events: Sequence[EventView]) -> tuple[bool, list[str]]:
    """Leave one place to an option in all events, while two choose it at another right after that was looked at.

    Returns whether they had to wait, and what became of them.
    """
    outside, tasks, waited = copy_context(), [], False

    async def check(event: EventView, changes: Sequence[Change]) -> None:
        nonlocal waited
        await QUESTIONS.check(event, changes)
        if event.id == events[3].id:
            tasks.extend(asyncio.create_task(answer(event, n), context=outside.copy()) for n in (1, 2))
            _done, pending = await asyncio.wait(tasks, timeout=1)
            waited = bool(pending)

    known = await asked(events[0], "bus")
    new = NewQuestion(kind=known.kind, labels=known.labels, options=[option("early", 1), option("late")])
    part = replace(QUESTIONS, check=check)
    try:
        async with done_alike(events[0].id, part, Scope.ALL, actor=SYSTEM, now=NOW):
            await change_question(events[0].id, known.id, new, actor=SYSTEM, now=NOW)
    finally:
        said = await asyncio.gather(*tasks)
    return waited, sorted(said)


async def test_who_chooses_an_option_elsewhere_meanwhile_waits_and_finds_the_new_limit(committed_db: str) -> None:
    events = await series()
    assert await limit_while_two_answer(events) == (True, ["chosen", "full"])
    assert await fetchval("SELECT count(*) FROM registration_answer WHERE value = '\"early\"'") == 1


async def test_without_the_lock_of_the_sites_two_would_come_between(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: only the last guard, a constraint of the database, is left."""

    async def nobody_waits(_event_ids: Sequence[UUID]) -> None:
        """Lock nothing."""

    monkeypatch.setattr(actions, "hold_sites", nobody_waits)
    events = await series()
    with pytest.raises(asyncpg.CheckViolationError):
        await limit_while_two_answer(events)
    assert await fetchval("SELECT count(*) FROM registration_answer WHERE value = '\"early\"'") == 2


async def test_questions_sites_and_the_whole_series_change_at_once_and_none_waits_for_ever(committed_db: str) -> None:
    events = await series()

    async def resize(event: EventView, capacity: int) -> None:
        site = event.sites[0]
        wanted = NewSite(id=site.id, mode="venue", name=site.name, municipality=site.municipality, capacity=capacity)
        await edit_event(event.id, EventChanges(sites=[wanted]), actor=SYSTEM, now=NOW)

    async def label(event: EventView, turn: int, scope: Scope) -> None:
        await change(event, "lunch", scope, labels={"en": f"Turn {turn}"})

    work: list[Awaitable[object]] = []
    for turn in range(4):
        work += [resize(event, 60 + turn) for event in events]
        work += [label(event, turn, scope) for event in events[::-1] for scope in (Scope.THIS, Scope.ALL)]
        work += [answer(event, turn) for event in events]
    await asyncio.wait_for(asyncio.gather(*work), timeout=60)
    assert await fetchval("SELECT count(*) FROM registration_answer") > 0
