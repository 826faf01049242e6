"""Several surveys of one event, of all kinds: everything that the database and the logs hold is dumped, and joined.

`test_anonymity` tries one survey with many answers; here it is the same persons who answer each of several.
"""

import json
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from events.app import create_app
from events.core import clock, database
from events.core.actor import SYSTEM
from events.surveys import waiting
from events.surveys.actions import seal, submit
from events.surveys.rules import POOL_FULL
from events.surveys.sending.actions import remind_due, set_sending
from events.surveys.sending.rules import Sending
from tests.conftest import browser
from tests.surveys.asking import MORNING, asked, tokens
from tests.surveys.building.making import add, own_survey, question
from tests.surveys.test_anonymity import naive
from tests.surveys.test_own_surveys import invited, opened

PERSONS = 30
KINDS = ("feedback", "impact_3", "own")


class Row(NamedTuple):
    """A row of any table, with what the database itself keeps of it."""

    table: str
    transaction: str
    place: str
    text: str


class Answered(NamedTuple):
    """What really happened: invitation → secret text, for each survey; and what was logged meanwhile."""

    truth: dict[str, dict[UUID, str]]
    registrations: dict[UUID, UUID]
    by_link: list[str]
    before: set[Row]
    logged: str


async def dump() -> set[Row]:
    """Return every row of every table with its system columns, what is sealed as who holds the key reads it."""
    tables = await database.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    found = set()
    for table in (row["table_name"] for row in tables):
        rows = await database.fetch(
            f'SELECT xmin::text AS xid, ctid::text AS place, row_to_json(t)::text AS said FROM "{table}" AS t'
        )
        found |= {
            Row(table, row["xid"], row["place"], row["said"] + await _unsealed(table, row["said"])) for row in rows
        }
    return found


async def _unsealed(table: str, said: str) -> str:
    row = json.loads(said)
    if table != "survey":
        return ""
    return json.dumps(waiting.opened(UUID(row["id"]), bytes.fromhex(row["waiting"].removeprefix("\\x"))))


def _sent(text: str, kind: str) -> Mapping[str, Any]:
    if kind == "own":
        return {"answers.words-en": text, "answers.parts-en.talks-en": "good-en", "answers.met-en": ["a-en", "b-en"]}
    return {"answers.words-en": text}


async def answer_all(client: AsyncClient, capfd: pytest.CaptureFixture[str], *, by: str = "ours") -> Answered:
    """Let the same persons answer three surveys of an event, each in another order, and some by the open link."""
    event, _links = await asked(PERSONS)
    registrations = [row["registration"] for row in await database.fetch("SELECT registration FROM survey_invitation")]
    own = await own_survey(
        event,
        question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")),
        question("many", "Met", "a", "b", "c"),
    )
    links: dict[str, list[tuple[str, UUID]]] = {}
    for kind, which in zip(KINDS, ("feedback", "impact_3", own), strict=True):
        await add(event, which, question("text", "Words"))
        if kind == "feedback":
            await database.execute("DELETE FROM survey_invitation")
        links[kind] = [(await invited(event, which, each), each) for each in registrations]
    open_link = await opened(event, own)
    before, chance = await dump(), random.Random(11)
    truth: dict[str, dict[UUID, str]] = {}
    capfd.readouterr()
    for kind in KINDS:
        chance.shuffle(links[kind])
        truth[kind] = {}
        for token, registration in links[kind]:
            text = uuid4().hex
            truth[kind][registration] = text
            if by == "naive":
                await naive(token, {"words-en": text})
            else:
                with clock.at(MORNING):
                    assert (await client.post(f"/s/{token}", data=_sent(text, kind))).status_code == 303
                await seal(MORNING)
    by_link = [uuid4().hex for _each in range(3)]
    for text in by_link:
        with clock.at(MORNING - timedelta(days=20)):
            assert (await client.post(f"/s/{open_link}", data=_sent(text, "own"))).status_code == 303
    await seal(MORNING)
    rows = await database.fetch("SELECT id, registration FROM survey_invitation")
    out = capfd.readouterr()
    return Answered(truth, {r["id"]: r["registration"] for r in rows}, by_link, before, out.out + out.err)


async def _all(capfd: pytest.CaptureFixture[str], *, by: str = "ours") -> tuple[Answered, set[Row]]:
    async with browser(create_app()) as client:
        done = await answer_all(client, capfd, by=by)
    return done, await dump()


def _texts(done: Answered) -> set[str]:
    return {text for texts in done.truth.values() for text in texts.values()} | set(done.by_link)


def _joined_by_transaction(done: Answered, rows: set[Row]) -> int:
    """How many answers stand alone with one person's mark in one transaction."""
    hits = 0
    marks = {row.transaction: json.loads(row.text) for row in rows if row.table == "survey_invitation"}
    given: dict[str, list[str]] = {}
    for row in rows:
        if row.table in {"answer", "survey"}:
            given.setdefault(row.transaction, []).extend(text for text in _texts(done) if text in row.text)
    for transaction, texts in given.items():
        if transaction in marks and len(texts) == 1:
            registration = UUID(marks[transaction]["registration"])
            hits += any(truth[registration] == texts[0] for truth in done.truth.values())
    return hits


async def test_answers_lie_in_two_places_and_beside_them_nothing_of_a_person(
    committed_db: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done, rows = await _all(capfd)
    texts = _texts(done)
    holding = {row.table for row in rows if any(text in row.text for text in texts)}
    assert holding == {"answer", "survey"}
    persons = {str(each) for pair in done.registrations.items() for each in pair}
    beside = [row for row in rows if row.table in {"answer", "survey"} and any(one in row.text for one in persons)]
    assert beside == []
    assert "request" in done.logged, "what was logged was caught"
    assert not [text for text in texts if text in done.logged]
    assert not [one for one in persons if one in done.logged]


async def test_answering_changes_the_survey_and_nothing_else(
    committed_db: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """No audit row, no counter by person, no time: only the open link counts uses of a network, hashed, in a row."""
    done, rows = await _all(capfd)
    assert {row.table for row in rows ^ done.before} == {"survey", "answer", "rate_limit"}
    assert len([row for row in rows if row.table == "rate_limit"]) == 1


@pytest.mark.parametrize(("by", "joinable"), [("naive", PERSONS * len(KINDS)), ("ours", 0)])
async def test_no_transaction_stands_for_one_person(
    committed_db: str, capfd: pytest.CaptureFixture[str], by: str, joinable: int
) -> None:
    done, rows = await _all(capfd, by=by)
    assert _joined_by_transaction(done, rows) == joinable


async def test_one_survey_tells_nothing_of_another(committed_db: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The places and transactions of a person's answers to two surveys do not follow each other either."""
    done, rows = await _all(capfd)
    in_order = {
        kind: [
            text
            for row in sorted(rows, key=lambda row: (int(row.transaction), _place(row)))
            if row.table in {"answer", "survey"}
            for text in _in_their_order(row, set(truth.values()))
        ]
        for kind, truth in done.truth.items()
    }
    for first, second in (("feedback", "impact_3"), ("impact_3", "own"), ("feedback", "own")):
        who = {text: person for person, text in done.truth[first].items()}
        pairs = zip(in_order[first], in_order[second], strict=True)
        # one in 30 is what chance finds; ten and more has a likelihood below 10^-6
        assert sum(done.truth[second][who[one]] == other for one, other in pairs) < 10


def _in_their_order(row: Row, texts: set[str]) -> list[str]:
    return sorted((text for text in texts if text in row.text), key=row.text.index)


def _place(row: Row) -> tuple[int, ...]:
    return tuple(int(part) for part in row.place.strip("()").split(","))


async def test_every_survey_keeps_its_pool_full_enough_to_hide_in(
    committed_db: str, capfd: pytest.CaptureFixture[str]
) -> None:
    await _all(capfd)
    pools = [json.loads(row["pool"]) for row in await database.fetch("SELECT pool FROM survey")]
    assert all(10 <= len(pool) <= POOL_FULL for pool in pools)


async def test_nothing_in_the_schema_leads_from_an_answer_to_a_person(committed_db: str) -> None:
    """The tables that lead to a survey are known, none leads to an answer, and a mark has no time."""
    rows = await database.fetch(
        "SELECT source.relname AS source, target.relname AS target FROM pg_constraint"
        " JOIN pg_class AS source ON source.oid = conrelid JOIN pg_class AS target ON target.oid = confrelid"
        " WHERE contype = 'f' AND target.relname IN ('survey', 'answer', 'survey_invitation')"
    )
    assert {(row["source"], row["target"]) for row in rows} == {
        ("survey_question", "survey"),
        ("survey_invitation", "survey"),
        ("answer", "survey"),
        ("survey_tag", "survey"),
        ("named_answer", "survey"),
    }
    rows = await database.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name IN"
        " ('survey', 'answer', 'survey_invitation', 'survey_tag')"
    )
    times = {(row["table_name"], row["column_name"]) for row in rows if row["data_type"].startswith("timestamp")}
    of_all = {"asked_at", "closes_at", "created_at", "link_closes_at", "released_at", "sending_set_at"}
    assert times == {("survey", name) for name in of_all}


async def test_a_reminder_tells_who_had_answered_by_one_moment_and_nothing_of_what_or_when(committed_db: str) -> None:
    event, _links = await asked(PERSONS)
    how = Sending(sends=True, days=1, remind_after=7)
    await set_sending(event, "feedback", how, version=None, actor=SYSTEM, now=MORNING)
    links = await tokens(event)
    for token in links[:12]:
        await submit(token, {"comments": uuid4().hex}, MORNING)
    before = await dump()
    assert await remind_due(MORNING + timedelta(days=7)) == PERSONS - 12
    owed = await dump()
    assert {row.table for row in owed ^ before} == {"message", "survey", "survey_invitation"}
    assert len({row.transaction for row in owed - before}) == 1, "all at one moment, whoever answered when"
    for token in links[12:]:
        await submit(token, {"comments": uuid4().hex}, MORNING + timedelta(days=7, hours=1))
    assert await remind_due(MORNING + timedelta(days=8)) == 0
    assert {row.table for row in await dump() ^ owed} == {"survey"}, "the ledger is as it was"
