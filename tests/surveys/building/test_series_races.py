"""A survey of another event of the series is answered in the moment in which a change of all is carried to it."""

import asyncio
from datetime import timedelta

import pytest

from events.core import database
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.programme.queries import EventView
from events.programme.series.actions import repeat
from events.programme.series.queries import Scope, series_of
from events.surveys.building import actions, alike
from events.surveys.building.alike import Asking, carried, digest
from events.surveys.queries import surveys_of
from tests.factories import NOW, make_event
from tests.programme.series.test_series import START, TUESDAYS
from tests.surveys.building.making import codes, own_survey, question


async def removal(event: EventView, which: str, agreed: str) -> None:
    async with carried(event, which, Scope.ALL, agreed=agreed, actor=SYSTEM, now=NOW, questions=True):
        await actions.remove_question(event.id, which, "second-en", version=None, actor=SYSTEM, now=NOW)


async def while_answering() -> tuple[EventView, Asking | None]:
    """Remove a question from all, as agreed, while an answer to another event's survey is being taken."""
    first = await make_event(slug="kokous", starts_at=START, ends_at=START + timedelta(hours=2))
    which = await own_survey(first, question("text", "First"), question("text", "Second"))
    events = await series_of((await repeat(first, TUESDAYS, actor=SYSTEM, now=NOW)).series)
    with pytest.raises(Asking) as asking:
        await removal(events[0], which, "")
    assert len(asking.value.alike.changed) == 4
    taken = asyncio.Event()

    async def answer() -> None:
        async with transaction():
            await database.execute("UPDATE survey SET answered = 1 WHERE event = $1", events[1].id)
            taken.set()
            await asyncio.sleep(0.5)

    async def remove() -> Asking | None:
        await taken.wait()
        try:
            await removal(events[0], which, digest(asking.value.alike))
        except Asking as again:
            return again
        return None

    return events[1], (await asyncio.gather(answer(), remove()))[1]


async def asked(event: EventView) -> list[str]:
    return await codes(event.id, (await surveys_of(event.id))[-1].which)


async def test_the_change_waits_for_the_answer_and_leaves_its_survey_alone(committed_db: str) -> None:
    event, again = await while_answering()
    assert again is not None
    assert [each.id for each, _words in again.alike.refused] == [event.id]
    assert await asked(event) == ["first-en", "second-en"]


async def test_without_the_lock_an_answer_would_lose_its_question(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the change looks for answers before one is there, and takes its question away."""
    monkeypatch.setattr(alike, "_STANDING", alike._STANDING.replace("FOR UPDATE OF survey", ""))
    event, again = await while_answering()
    assert again is None
    assert await asked(event) == ["first-en"]
