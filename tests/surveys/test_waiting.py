"""Answers that wait are sealed: two copies of the database, made before and after one answer, do not tell it."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import database
from events.surveys import actions
from events.surveys.actions import seal, submit
from events.surveys.waiting import STEP, OtherKey, opened, sealed
from tests.surveys.asking import MORNING, asked, waiting

CLOSED = MORNING.replace(month=12)


async def copy() -> str:
    """Return what a copy of the database holds of surveys and answers."""
    rows = await database.fetch(
        "SELECT row_to_json(survey)::text AS said, waiting FROM survey"
        " UNION ALL SELECT row_to_json(answer)::text, '' FROM answer"
    )
    return "".join(row["said"] + row["waiting"].decode(errors="replace") for row in rows)


async def told_by_two_copies() -> int:
    """Let fourteen answer; returns how many answers one could read in a copy after it and not in the one before."""
    _event, links = await asked(14)
    texts = [uuid4().hex for _link in links]
    told = 0
    for link, text in zip(links, texts, strict=True):
        before = await copy()
        await submit(link, {"comments": text}, MORNING)
        after = await copy()
        new = [each for each in texts if each in after and each not in before]
        assert len(new) in {0, 1, 5}
        told += len(new) == 1
    return told


async def test_two_copies_of_the_database_tell_of_no_single_answer(db: asyncpg.Connection) -> None:
    assert await told_by_two_copies() == 0


async def test_unsealed_each_answer_would_be_told(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "sealed", lambda _survey, answers: json.dumps(answers).encode())
    monkeypatch.setattr(actions, "opened", lambda _survey, kept: json.loads(kept or b"[]"))
    assert await told_by_two_copies() == 14


@pytest.mark.parametrize("answers", [[], [{"comments": "x"}], [{"comments": "x" * 4000}] * 3])
def test_what_is_sealed_is_of_one_length_and_comes_back(answers: Sequence[Any]) -> None:
    survey = uuid4()
    kept = sealed(survey, answers)
    assert len(kept) == STEP + 40, "a nonce of 24 and a code of 16 bytes more"
    assert opened(survey, kept) == answers


async def test_of_one_survey_nothing_is_opened_as_of_another(db: asyncpg.Connection) -> None:
    with pytest.raises(OtherKey):
        opened(uuid4(), sealed(uuid4(), []))


async def test_answers_under_another_key_stay_and_hold_nothing_up(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who started the service with a wrong key starts it with the right one, and all is there."""
    _event, links = await asked(7)
    for link in links:
        await submit(link, {"comments": "x"}, MORNING)
    with monkeypatch.context() as other:
        other.setattr("events.surveys.actions.opened", _under_another_key)
        assert await seal(CLOSED) == 0
    assert len(await waiting()) == 2
    assert await seal(CLOSED) == 5


def _under_another_key(survey: UUID, kept: bytes) -> Any:
    return opened(uuid4(), kept)
