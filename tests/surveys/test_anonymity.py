"""Tries to join answers to persons with everything that the database holds (design.md §5.12)."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.core import database, secrets
from events.core.marks import with_mark
from events.surveys import actions
from events.surveys.actions import seal, submit
from events.surveys.rules import HAS_ANSWERED, POOL_FULL, POOL_KEEPS
from tests.surveys.asking import MORNING, asked, kept, marked

PERSONS = 45
Give = Callable[[str, dict[str, Any]], Awaitable[None]]


async def ours(token: str, answer: dict[str, Any]) -> None:
    await submit(token, answer, MORNING)


async def naive(token: str, answer: dict[str, Any]) -> None:
    """What one would write first: a mark and a row in one transaction."""
    async with database.transaction():
        row: Any = await database.fetchrow(
            "UPDATE survey_invitation AS asked SET place = place FROM survey WHERE survey.id = survey AND token_hash = $1"
            " RETURNING survey, place, marks",
            secrets.digest(token),
        )
        await database.execute(
            "UPDATE survey SET marks = $2 WHERE id = $1", row["survey"], with_mark(row["marks"], row["place"])
        )
        await database.execute(
            "INSERT INTO answer (id, survey, values) VALUES ($1, $2, $3)", uuid4(), row["survey"], json.dumps(answer)
        )


async def answer_all(give: Give) -> dict[UUID, str]:
    """Let everybody answer in random order with a text of their own; returns invitation → text: the secret to find."""
    _, tokens = await asked(PERSONS)
    truth: dict[UUID, str] = {}
    random.Random(7).shuffle(tokens)
    for token in tokens:
        text = uuid4().hex
        await give(token, {"comments": text})
        invitation = await database.fetchval(
            "SELECT id FROM survey_invitation WHERE token_hash = $1", secrets.digest(token)
        )
        truth[invitation] = text
        if give is ours:
            await seal(MORNING)
    return truth


async def marks() -> list[Any]:
    return await database.fetch(
        "SELECT asked.id, asked.xmin::text::bigint AS xid, asked.ctid FROM survey_invitation AS asked"
        f" JOIN survey ON survey.id = asked.survey WHERE {HAS_ANSWERED}"
    )


async def answers() -> list[tuple[int, str, str]]:
    """Every answer as (transaction, place, text), wherever it lies; who looks holds the key as well."""
    rows = await database.fetch("SELECT xmin::text::bigint AS xid, ctid, values FROM answer")
    found = [(row["xid"], str(row["ctid"]), json.loads(row["values"])["comments"]) for row in rows]
    row: Any = await database.fetchrow("SELECT xmin::text::bigint AS xid, ctid FROM survey")
    found += [(row["xid"], str(row["ctid"]), answer["comments"]) for answer in await kept()]
    return found


async def guesses() -> dict[str, dict[UUID, str]]:
    """The joins that an attacker with the whole database would try: by transaction, by its order, by place."""
    marked, given = await marks(), await answers()
    by_transaction = {
        mark["id"]: alone[0] for mark in marked if len(alone := [t for xid, _, t in given if xid == mark["xid"]]) == 1
    }
    in_order = sorted(marked, key=lambda mark: mark["xid"])
    by_order = {mark["id"]: text for mark, (_, _, text) in zip(in_order, sorted(given), strict=False)}
    by_place = {
        mark["id"]: text
        for mark, (_, _, text) in zip(sorted(marked, key=lambda m: m["ctid"]), sorted(given, key=_place), strict=False)
    }
    return {"transaction": by_transaction, "order": by_order, "place": by_place}


def _place(answer: tuple[int, str, str]) -> tuple[int, ...]:
    return tuple(int(part) for part in answer[1].strip("()").split(","))


@pytest.mark.parametrize(("give", "joinable"), [(naive, True), (ours, False)], ids=["naive", "ours"])
async def test_answers_cannot_be_joined_to_persons(committed_db: str, give: Give, joinable: bool) -> None:
    truth = await answer_all(give)
    found = await guesses()
    hits = {how: sum(truth[who] == text for who, text in guess.items()) for how, guess in found.items()}
    if joinable:
        assert hits["transaction"] == PERSONS
        assert hits["order"] == PERSONS
    else:
        assert hits["transaction"] == 0
        # one in 45 is what chance finds; ten and more has a likelihood below 10^-6
        assert max(hits["order"], hits["place"]) < 10


async def test_no_answer_is_lost_or_doubled_by_moving_it(committed_db: str) -> None:
    truth = await answer_all(ours)
    assert sorted(text for _, _, text in await answers()) == sorted(truth.values())
    assert await database.fetchval("SELECT answered FROM survey") == PERSONS


async def test_every_answer_stands_in_a_group_of_one_transaction(committed_db: str) -> None:
    """Each transaction that left answers behind stands for ten of them at least."""
    await answer_all(ours)
    sizes: dict[int, int] = {}
    for xid, _, _ in await answers():
        sizes[xid] = sizes.get(xid, 0) + 1
    pool = json.loads(await database.fetchval("SELECT pool FROM survey"))
    assert POOL_KEEPS <= len(pool) <= POOL_FULL
    assert sum(sizes.values()) == PERSONS
    assert {row["xid"] for row in await marks()} & sizes.keys() <= {
        await database.fetchval("SELECT xmin::text::bigint FROM survey")
    }


async def test_a_closed_survey_keeps_its_answers_as_rows(committed_db: str) -> None:
    truth = await answer_all(ours)
    closes = await database.fetchval("SELECT closes_at FROM survey")
    assert await seal(closes) == 0, "an answer may still be on its way"
    await seal(closes + timedelta(minutes=10))
    assert await database.fetchval("SELECT pool FROM survey") == "[]"
    assert await database.fetchval("SELECT count(*) FROM answer") == len(truth)
    assert await seal(closes + timedelta(minutes=20)) == 0


async def test_no_column_could_join_them(committed_db: str) -> None:
    """Neither side has a time, and they share no column but the survey."""
    rows = await database.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_name IN ('survey_invitation', 'answer')"
    )
    columns = {
        table: {r["column_name"] for r in rows if r["table_name"] == table} for table in ("survey_invitation", "answer")
    }
    assert columns["answer"] == {"id", "survey", "values"}
    assert columns["answer"] & columns["survey_invitation"] == {"id", "survey"}
    assert not [row for row in rows if row["data_type"].startswith(("timestamp", "date", "time"))]


async def _at_once() -> tuple[int, int]:
    """Let twenty answer at once; returns how many marks and how many answers there are."""
    _, links = await asked(20)
    await asyncio.gather(*(submit(link, {"comments": uuid4().hex}, MORNING) for link in links))
    return await marked(), len({answer["comments"] for answer in await kept()})


async def test_twenty_answers_at_once_lose_no_mark_and_no_answer(committed_db: str) -> None:
    assert await _at_once() == (20, 20)


async def test_without_the_lock_marks_would_be_lost(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_BY_LINK", actions._BY_LINK.replace("FOR UPDATE OF survey", ""))
    marks, _answers = await _at_once()
    assert marks < 20
