"""Tries to join labelled answers to persons by all that the database holds at one point of time.

The attack is made after each answer: whoever knows of everybody site, language, region and whether they have answered
looks for an answer whose labels fit but one of them, or for those whose mark came last.
"""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.core import database, secrets
from events.surveys import actions
from events.surveys.actions import seal, submit
from events.surveys.asked import CELL
from events.surveys.groups import actions as groups
from events.surveys.groups import rules
from events.surveys.rules import HAS_ANSWERED
from events.surveys.sending.actions import invite_due
from tests.factories import insert, make_person
from tests.surveys.asking import MORNING, attended, held_event, kept, waiting

GROUPS = (("hall", "fi", 20), ("hall", "sv", 3), ("online", "fi", 19), ("online", "sv", 2))
"""At a site, in a language, so many: two sites that are told apart, and a language that would single out."""


async def two_sites(groups: tuple[tuple[str, str, int], ...] = GROUPS) -> tuple[UUID, Mapping[str, UUID]]:
    """Hold an event at two sites and ask everybody; returns its event and the sites."""
    event = await held_event()
    sites = {name: uuid4() for name in sorted({group[0] for group in groups})}
    for name, site in sites.items():
        await insert("site", id=site, event=event, mode="venue", name=name, position=1)
    for site, language, number in groups:
        for each in range(number):
            person = await make_person(f"{site}-{language}-{each}")
            await attended(event, person=person, site=sites[site], language=language)
    await invite_due(MORNING)
    return event, sites


_MARKS = f"""
SELECT asked.id, asked.xmin::text::bigint AS xid, registration.site::text AS site, registration.language,
    coalesce(municipality.region, '') AS region, asked.cell
FROM survey_invitation AS asked JOIN registration ON registration.id = asked.registration
JOIN survey ON survey.id = asked.survey
LEFT JOIN municipality ON municipality.code = registration.municipality WHERE {HAS_ANSWERED}
"""


async def answers() -> tuple[list[dict[str, Any]], list[dict[str, str]], list[dict[str, Any]]]:
    """Return all answers wherever they lie, the cells, and those of the answers that are not shown yet."""
    cells = json.loads(await database.fetchval("SELECT cells FROM survey"))
    moved = [json.loads(each["values"]) for each in await database.fetch("SELECT values FROM answer")]
    return [*await kept(), *moved], cells, await waiting()


async def attacked(truth: Mapping[str, UUID]) -> tuple[int, int, int]:
    """Return how many answers are joined: by labels alone, by labels and the order of marks, by being unshown."""
    marks, (given, cells, unshown) = await database.fetch(_MARKS), await answers()
    by_labels, by_order = 0, 0
    labelled = [answer for answer in given if CELL in answer]
    for answer in labelled:
        labels = cells[int(answer[CELL])]
        who = [mark for mark in marks if all(mark[by] == label for by, label in labels.items())]
        assert truth[answer["comments"]] in {mark["id"] for mark in who}
        by_labels += len(who) < 5
        beside = [each for each in labelled if each[CELL] == answer[CELL]]
        by_order += len(beside) == 1 and truth[answer["comments"]] == _last(who)
    # of fewer than five answers nothing is shown, and of a sole one it is plain whose it is
    by_waiting = int(len(marks) >= 5 and len(unshown) == 1 and truth[unshown[0]["comments"]] == _last(marks))
    return by_labels, by_order, by_waiting


def _last(marks: list[Any]) -> UUID | None:
    """Whose mark alone is of the latest transaction."""
    latest = max(mark["xid"] for mark in marks)
    last = [mark["id"] for mark in marks if mark["xid"] == latest]
    return last[0] if len(last) == 1 else None


async def _answered_by_all(chance: random.Random) -> tuple[int, int, int]:
    links = [row["id"] for row in await database.fetch("SELECT id FROM survey_invitation ORDER BY id")]
    chance.shuffle(links)
    truth: dict[str, UUID] = {}
    found = [0, 0, 0]
    for invitation in links:
        text = uuid4().hex
        truth[text] = invitation
        await submit(secrets.derive("survey", invitation), {"comments": text}, MORNING)
        await seal(MORNING)
        for place, hits in enumerate(await attacked(truth)):
            found[place] += hits
    return found[0], found[1], found[2]


async def test_no_label_leads_to_a_person(committed_db: str) -> None:
    await two_sites()
    assert await _answered_by_all(random.Random(5)) == (0, 0, 0)
    given, cells, _unshown = await answers()
    assert len(given) == 44
    per_cell = [sum(answer.get(CELL) == str(place) for answer in given) for place in range(len(cells))]
    assert all("language" not in cell for cell in cells), "a language of five is not told apart"
    assert sorted(per_cell) in ([17, 19], [16, 19], [17, 18]), "one at most went with four others that have none"
    assert await database.fetchval("SELECT labelled FROM survey") == 17 + 19


async def test_labels_from_the_first_answer_on_would_lead_to_persons(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "UNTOLD", 0)
    await two_sites()
    by_labels, _by_order, _by_waiting = await _answered_by_all(random.Random(5))
    assert by_labels >= 1 + 2 + 3 + 4


async def test_marks_that_tell_the_last_one_would_lead_to_persons(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = actions._mark

    async def in_its_row(survey: UUID, token_hash: bytes, *, named: bool) -> int | None:
        await database.execute("UPDATE survey_invitation SET place = place WHERE token_hash = $1", token_hash)
        return await mark(survey, token_hash, named=named)

    monkeypatch.setattr(actions, "_mark", in_its_row)
    await two_sites()
    _by_labels, by_order, by_waiting = await _answered_by_all(random.Random(5))
    assert by_order >= 2, "of each site the fifth answer, as long as it alone has a label"
    assert by_waiting >= 1


async def test_labels_decided_one_by_one_would_lead_to_persons(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each site and each language has five and more, of each the first four have no label; who has both may be alone."""

    def one_by_one(people: Sequence[rules.Cell]) -> list[rules.Cell]:
        sizes = Counter(pair for person in people for pair in person.items())
        return [{by: label for by, label in each.items() if label and sizes[by, label] >= 5} for each in people]

    async def label(survey: UUID, cell: int) -> dict[str, str]:
        cells = json.loads(await database.fetchval("SELECT cells FROM survey"))
        marked = [cells[mark["cell"]].items() for mark in await database.fetch(_MARKS)]
        known = {pair for pair in cells[cell].items() if rules.gets_label(sum(pair in each for each in marked))}
        place = next((place for place, each in enumerate(cells) if each.items() == known), len(cells))
        if place == len(cells):
            await database.execute("UPDATE survey SET cells = $1", json.dumps([*cells, dict(known)]))
        return {CELL: str(place)} if known else {}

    monkeypatch.setattr(groups, "cells", one_by_one)
    monkeypatch.setattr(actions, "label", label)
    await two_sites()
    by_labels, _by_order, _by_waiting = await _answered_by_all(random.Random(5))
    assert by_labels > 0


async def test_cells_are_made_anew_until_an_answer_has_a_label(committed_db: str) -> None:
    event, sites = await two_sites((("hall", "fi", 18), ("online", "fi", 2)))
    assert await database.fetchval("SELECT cells FROM survey") == "[]"
    for each in range(18):
        await attended(event, person=await make_person(f"late-{each}"), site=sites["online"], language="fi")
    await invite_due(MORNING)
    assert len((await answers())[1]) == 2
    links = await database.fetch(
        "SELECT asked.id FROM survey_invitation AS asked JOIN registration ON registration.id = registration"
        " WHERE site = $1 LIMIT 6",
        sites["hall"],
    )
    for link in links:
        await submit(secrets.derive("survey", link["id"]), {"comments": "x"}, MORNING)
    before = await database.fetchval("SELECT cells FROM survey")
    for each in range(20):
        person = await make_person(f"later-{each}")
        await attended(event, person=person, site=sites["hall"], language="sv")
    await invite_due(MORNING)
    assert await database.fetchval("SELECT cells FROM survey") == before
    assert await database.fetchval("SELECT count(*) FROM survey_invitation WHERE cell IS NULL") == 0
