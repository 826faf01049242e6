"""Two who save a reminder at the same moment: one of them is told, and nothing of the other is lost."""

import asyncio
from uuid import UUID

import pytest

from events.core import database
from events.core.actor import SYSTEM
from events.core.database import transaction
from events.programme.reminders import actions, queries
from events.programme.reminders.queries import RuleView
from tests.factories import NOW
from tests.outreach.reminders.rules import make_rule

TOGETHER = 0.3
"""Seconds for which the first holds its transaction open while the second saves."""


async def save(rule: UUID, version: str, subject: str, *, holds: bool = False) -> bool:
    """Whether the words of a default were saved, by one who had seen that version."""
    new = actions.RuleValues(days=-5, words={"subject_en": subject, "body_en": subject})
    try:
        async with transaction():
            await actions.save_default(rule, new, actor=SYSTEM, now=NOW, version=version)
            if holds:
                await asyncio.sleep(TOGETHER)
    except actions.Stale:
        return False
    return True


async def both() -> list[bool]:
    rule = await make_rule(None, days=-5)
    seen = queries.rule_view(await database.fetchrow("SELECT * FROM reminder_rule WHERE id = $1", rule))
    first = asyncio.create_task(save(rule, seen.version, "first", holds=True))
    await asyncio.sleep(TOGETHER / 3)
    return list(await asyncio.gather(first, save(rule, seen.version, "second")))


_KEPT = "SELECT subject_en FROM reminder_rule WHERE subject_en <> ''"


async def test_of_two_at_once_one_is_told_that_it_was_overtaken(committed_db: str) -> None:
    assert await both() == [True, False]
    assert await database.fetchval(_KEPT) == "first"


async def test_without_the_lock_both_would_find_what_they_had_seen(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    locking = queries.by_id

    async def unlocked(rule_id: UUID, *, lock: bool = False) -> RuleView | None:
        assert lock
        return await locking(rule_id)

    monkeypatch.setattr(queries, "by_id", unlocked)
    assert await both() == [True, True]
    assert await database.fetchval(_KEPT) == "second"
