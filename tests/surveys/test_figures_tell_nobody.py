"""Follows every published figure, and what lies open in the database, after every single thing that happens to a survey.

Everybody chooses an option of their own, so that each figure says of whom it is. Whoever has all figures of all moments
can add and subtract them; the smallest that can be told so are the *atoms*: those who were in the same figures at all
times. None may be of fewer than five.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from events.core import database, secrets
from events.core.actor import SYSTEM
from events.programme import queries as programme
from events.surveys import lots
from events.surveys.actions import seal, submit
from events.surveys.asked import CELL, Values
from events.surveys.groups import actions as groups
from events.surveys.groups import rules
from events.surveys.queries import surveys_of
from events.surveys.results.showing import Asked, look
from events.surveys.rules import HAS_ANSWERED
from events.surveys.sending.actions import invite_due
from tests.factories import make_person
from tests.surveys.asking import MORNING, attended
from tests.surveys.building.making import add, question
from tests.surveys.groups.test_labels_join_nothing import two_sites
from tests.surveys.test_own_surveys import opened

GROUPS = (("hall", "fi", 8), ("hall", "sv", 7), ("online", "fi", 7), ("online", "sv", 6))
ASKED = sum(number for _site, _language, number in GROUPS)
WHO = [f"p{number}" for number in range(ASKED + 10)]
OTHERWISE = ("close and open", "remind", "move", "ask", "link", "seal")
STEPS = some.lists(
    some.tuples(some.sampled_from(["answer"] * 24 + list(OTHERWISE)), some.integers(0, 999)), min_size=20, max_size=70
)


class Over(Exception):
    """What was tried is taken back."""


class Watched:
    """A survey to which things happen, and all who look at it: of each figure, whose answers are in it."""

    def __init__(self, event: UUID, sites: Sequence[UUID], link: str) -> None:
        self.event, self.sites, self.link = event, sites, link
        self.left = list(WHO)
        self.seen: list[frozenset[str]] = []

    async def happens(self, what: str, number: int) -> None:
        """Let one thing happen, and look."""
        if what == "answer":
            rows = await database.fetch(f"{_OPEN} ORDER BY asked.place")
            if rows:
                await self._answer(secrets.derive("survey", rows[number % len(rows)]["id"]))
        elif what == "link" and self.left:
            await self._answer(self.link)
        elif what == "close and open":
            await database.execute(_CLOSES, MORNING - timedelta(days=1))
            await seal(MORNING)
            await database.execute(_CLOSES, MORNING + timedelta(days=7))
        elif what == "remind":
            await groups.begin_anew(await groups.lock([self.event]))
        elif what == "move":
            site = self.sites[number % len(self.sites)]
            await database.execute(_MOVE, site, ("fi", "sv", "en")[number % 3], number % ASKED)
        elif what == "ask":
            await attended(self.event, person=await make_person(f"late-{number}"), site=self.sites[0], language="sv")
            await invite_due(MORNING)
        elif what == "seal":
            await seal(MORNING)
        self.seen += [*await self._published(), *await _open_in_the_database()]

    async def _answer(self, link: str) -> None:
        if self.left:
            await submit(link, {"who-en": f"{self.left.pop()}-en"}, MORNING)

    async def _published(self) -> Iterable[frozenset[str]]:
        """Whose answers are in each figure on the page and in its files."""
        slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", self.event)
        event, surveys = await programme.by_slug(slug), await surveys_of(self.event)
        assert event is not None
        seen = await look(
            Asked(event=event, surveys=surveys, survey=surveys[0], by=None, tag=""), SYSTEM, MORNING, every_part=True
        )
        made = next((each for each in seen.made.figures if each.code == "who-en"), None)
        rows = [frozenset(_who(str(row[0])) for row in made.rows if row[1])] if made else []
        for part in seen.made.parts:
            table = part.tables.get("who-en")
            for row in table.rows if table else ():
                shares = zip(table.headings[2:], row[2:], strict=True) if table else ()
                rows.append(frozenset(_who(name) for name, share in shares if str(share) not in {"0 %", "–"}))
        return rows

    def atoms(self) -> Counter[frozenset[int]]:
        """How many are in the same figures at all times, of all who are in any."""
        given = {who for figure in self.seen for who in figure}
        return Counter(frozenset(place for place, figure in enumerate(self.seen) if who in figure) for who in given)


_OPEN = f"""SELECT asked.id FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey
WHERE NOT {HAS_ANSWERED}"""

_CLOSES = "UPDATE survey SET closes_at = $1, link_closes_at = $1"

_MOVE = """UPDATE registration SET site = $1, language = $2
WHERE id = (SELECT registration FROM survey_invitation WHERE place = $3)"""


def _who(option: str) -> str:
    """Return who chose an option, by its code or its label in any language."""
    return option.replace("-", " ").partition(" ")[0]


async def _open_in_the_database() -> Iterable[frozenset[str]]:
    """Whose answers can be read without the key, by label: in all copies of the database that are ever made."""
    row: Any = await database.fetchrow("SELECT pool FROM survey")
    moved = [json.loads(each["values"]) for each in await database.fetch("SELECT values FROM answer")]
    labelled: dict[Any, set[str]] = {}
    for answer in [*json.loads(row["pool"]), *moved]:
        labelled.setdefault(answer.get(CELL), set()).add(_who(answer["who-en"]))
    return map(frozenset, labelled.values())


async def watched(steps: Iterable[tuple[str, int]]) -> Watched:
    event, sites = await two_sites(GROUPS)
    await add(event, "feedback", question("one", "Who", *WHO))
    survey = Watched(event, list(sites.values()), await opened(event))
    await database.execute(_CLOSES, MORNING + timedelta(days=7))
    for what, number in steps:
        await survey.happens(what, number)
    return survey


@pytest.fixture
def many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small groups, each answer with its label: nothing but lots keeps anybody apart from what they said."""
    monkeypatch.setattr(rules, "ENOUGH", 6)
    monkeypatch.setattr(rules, "UNTOLD", 0)


@pytest.mark.usefixtures("db", "many_groups")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
async def test_no_difference_between_any_figures_is_of_fewer_than_five(steps: list[tuple[str, int]]) -> None:
    with pytest.raises(Over):
        async with database.transaction():
            survey = await watched(steps)
            assert all(number >= 5 for number in survey.atoms().values()), survey.atoms()
            raise Over


def some_answers(number: int) -> list[tuple[str, int]]:
    chance = random.Random(3)
    return [("answer", chance.randrange(999)) for _each in range(number)]


@pytest.mark.usefixtures("many_groups")
async def test_groups_are_shown_and_move_meanwhile(db: asyncpg.Connection) -> None:
    survey = await watched([*some_answers(26), ("close and open", 0)])
    assert sum(survey.atoms().values()) == 26
    assert len(survey.atoms()) >= 4
    assert await database.fetchval("SELECT waits FROM survey") == 0


@pytest.mark.usefixtures("many_groups")
async def test_counted_by_five_of_whatever_group_single_answers_would_be_told(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: five of ten, as they come."""

    def as_they_come(waiting: Sequence[Values], needed: int, **_other: bool) -> Sequence[Values]:
        return waiting[:5] if len(waiting) >= needed else ()

    monkeypatch.setattr(lots, "_next", as_they_come)
    monkeypatch.setattr(lots, "_alike", lambda _lot: True)
    survey = await watched(some_answers(26))
    assert min(survey.atoms().values()) < 5
