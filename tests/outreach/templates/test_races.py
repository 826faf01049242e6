"""Two who keep words at the same moment: one of them is told, and nothing of the other is lost."""

import asyncio

import pytest

from events.core import database
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.messaging.templates.shapes import Words
from events.outreach.templates import actions
from events.outreach.templates.shapes import Scope
from events.wording import WORDING
from tests.factories import NOW

TOGETHER = 0.3
"""Seconds for which the first holds its transaction open while the second writes."""


async def keep(text: str, *, holds: bool = False) -> bool:
    """Whether words were kept, as one who had seen no version."""
    try:
        async with transaction():
            await actions.write(
                Scope(), WORDING.templates["offer"], "fi", Words(text, text), after=0, actor=SYSTEM, now=NOW
            )
            if holds:
                await asyncio.sleep(TOGETHER)
    except actions.Overtaken:
        return False
    return True


async def both() -> list[bool]:
    first = asyncio.create_task(keep("first", holds=True))
    await asyncio.sleep(TOGETHER / 3)
    return list(await asyncio.gather(first, keep("second")))


async def test_of_two_at_once_one_is_told_that_it_was_overtaken(committed_db: str) -> None:
    assert await both() == [True, False]
    assert await database.fetchval("SELECT string_agg(subject, ',') FROM message_template") == "first"


async def test_without_the_constraint_one_would_be_hidden_by_the_other(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.execute("ALTER TABLE message_template DROP CONSTRAINT template_version_once")
    monkeypatch.setattr(actions, "_ADD", actions._ADD.partition("ON CONFLICT")[0])
    assert await both() == [True, True]
    assert await database.fetchval("SELECT count(*) FROM message_template WHERE version = 1") == 2
