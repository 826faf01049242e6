import json
import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import fetch, fetchval
from events.core.documents.actions import make_due
from events.core.errors import Conflict
from events.core.i18n import in_language
from events.documents import KINDS
from events.registration.imports.actions import ParticipantsReport, import_participants
from events.registration.imports.work import AT_ONCE
from tests import factories
from tests.factories import NOW, make_event, make_staff
from tests.registration.imports.test_actions import lines
from tests.registration.imports.test_pages import carried, post
from tests.registration.questions.making import make_question, taken

HEAD = "Etunimi;Sukunimi;Sähköposti;"


async def run(event: UUID, text: str, **options: Any) -> ParticipantsReport:
    with in_language("en"):
        return await import_participants(text.encode(), event, actor=SYSTEM, now=NOW, **options)


def people(*cells: str) -> str:
    return "".join(f"Aino {number};Esimerkki;a{number}@yritys.example;{cell}\n" for number, cell in enumerate(cells))


async def answers(table: str = "registration_answer") -> dict[str, dict[str, Any]]:
    """By the beginning of the address what each answered, by code."""
    found: dict[str, dict[str, Any]] = {}
    rows = await fetch(
        f"SELECT split_part(email, '@', 1) AS who, code, value FROM {table} JOIN registration"
        f" ON registration.id = registration JOIN person ON person.id = person JOIN question ON question.id = question"
    )
    for row in rows:
        found.setdefault(row["who"], {})[row["code"]] = json.loads(row["value"])
    return found


async def test_columns_headed_like_a_question_are_its_answers(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "track", "one", "lean", "ai")
    await make_question(event, "days", "many", "mon", "tue")
    await make_question(event, "bus", "yes_no")
    await make_question(event, "age", "number")
    await make_question(event, "wish", "long", label_fi="Lisätietoja sinulta")
    text = HEAD + "TRACK FI;days en;bus;age sv;Lisätietoja sinulta\n"
    text += people("Lean sv;mon fi, tue fi;kyllä;12,5;Tulen junalla", ";;;;", "ai;tue en;x;;")
    report = await run(event, text)
    assert (report.added, report.refused, report.warnings) == (3, [], [])
    assert await answers() == {
        "a0": {"track": "lean", "days": ["mon", "tue"], "bus": "yes", "age": 12.5, "wish": "Tulen junalla"},
        "a2": {"track": "ai", "days": ["tue"], "bus": "yes"},
    }
    assert (await run(event, text)).unchanged == 3
    assert await fetchval("SELECT count(*) FROM registration_answer") == 8


async def test_an_answer_that_cannot_be_read_is_named_and_the_person_is_taken(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    venue = await fetchval("SELECT id FROM site WHERE mode = 'venue'")
    await make_question(event, "track", "one", "lean", required=True)
    await make_question(event, "room", shown_at=[venue])
    await make_question(event, "why", shown_if=["track=lean"])
    text = HEAD + "track;room;why;osallistuu\n" + people("golf;;;x", "lean;12;so;online", ";;so;x")
    report = await run(event, text)
    assert lines(report.warnings) == [
        (2, "track: Choose from the list."),
        (3, "room is left out: this is not asked of this person."),
        (4, "why is left out: this is not asked of this person."),
    ]
    assert report.added == 3
    assert await answers() == {"a1": {"track": "lean", "why": "so"}}


@pytest.mark.parametrize("dry_run", [True, False])
async def test_options_with_places_of_their_own_go_to_who_has_a_place_as_long_as_they_last(
    db: asyncpg.Connection, dry_run: bool
) -> None:
    event = await make_event(capacity=4)
    await make_question(event, "workshop", "many", ("lean", 2), "ai")
    text = HEAD + "workshop\n" + people("lean", "ai", "lean, ai", "lean, ai", "lean")
    report = await run(event, text, dry_run=dry_run)
    assert lines(report.warnings) == [
        (5, "workshop is left out: what was chosen is full."),
        (6, "workshop is left out: it has places of its own, and this person has none at the event yet."),
    ]
    assert (report.added, report.waiting) == (5, 1)
    if not dry_run:
        assert await taken("lean") == 2
        of_each = {who: given["workshop"] for who, given in (await answers()).items()}
        assert of_each == {"a0": ["lean"], "a1": ["ai"], "a2": ["lean", "ai"], "a3": ["ai"]}


async def test_one_row_alone_answers_as_well(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "workshop", "one", ("lean", 1))
    await run(event, HEAD + "workshop\n" + people("lean"))
    assert (await answers(), await taken("lean")) == ({"a0": {"workshop": "lean"}}, 1)


async def test_nobody_agrees_to_anything_by_a_table_and_health_needs_its_consent(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "rules", "consent")
    await make_question(event, "needs", health=True)
    await make_question(event, "allergies", label_fi="Ruoka-allergiat")  # asked without its mark
    text = HEAD + "rules;needs;Ruoka-allergiat\n" + people("yes;lift;nuts")
    assert (await run(event, text)).added == 1
    for chosen in ({"rules": "rules"}, {"needs": "needs"}, {"Ruoka-allergiat": "allergies"}, {"x": ""}, {"rules": "x"}):
        with pytest.raises(Conflict, match="no such column or question"):
            await run(event, text, answers=chosen)
    assert (await answers(), await answers("health_answer")) == ({}, {})


async def test_a_column_answers_what_it_is_chosen_for(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "yes_no")
    await make_question(event, "track", "one", "lean")
    text = HEAD + "Kyyti;track;Kunta\n" + people("on;lean;Tampere")
    await run(event, text, answers={"Kyyti": "bus", "track": ""})
    assert await answers() == {"a0": {"bus": "yes"}}
    assert await fetchval("SELECT municipality FROM registration") == "837"


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    event = await make_event(slug="paja")
    await make_question(event, "track", "one", "lean", "ai")
    await make_question(event, "bus", "yes_no")
    return client


def selected(text: str) -> dict[str, str]:
    """What is chosen for each column that may answer a question."""
    fields = re.findall(r'<select name="(answer\.[0-9]+)">(.*?)</select>', text, re.DOTALL)
    return {name: "".join(re.findall('value="([^"]*)" selected', options)) for name, options in fields}


async def test_in_the_browser_columns_are_mapped_looked_at_again_and_imported(organiser: httpx.AsyncClient) -> None:
    text = HEAD + "track fi;Kyyti;Ruokavalio\n" + people("lean fi;joo;vege", "golf;ei;")
    preview = await post(organiser, {}, file=("a.csv", text.encode()))
    assert selected(preview.text) == {"answer.3": "track", "answer.4": ""}, "what is of health is not to be chosen"
    for shown in ("answer to: track en", "lean en", "not understood: the answer is left out", "Line 3: track fi:"):
        assert shown in preview.text, shown
    again = await post(organiser, {**carried(preview), "answer.3": "", "answer.4": "bus", "send": "1", "look": "1"})
    assert selected(again.text) == {"answer.3": "", "answer.4": "bus"}
    assert "answer to: bus en" in again.text
    assert 'name="send" value="1" checked' in again.text
    assert await fetchval("SELECT count(*) FROM registration") == 0
    await post(organiser, {**carried(again), **selected(again.text)})
    assert await answers() == {"a0": {"bus": "yes"}, "a1": {"bus": "no"}}
    wrong = await post(organiser, {**carried(preview), "answer.3": "nothing"})
    assert wrong.status_code == 409
    assert "no such column or question: track fi = nothing" in wrong.text


async def test_a_worker_imports_what_was_chosen(organiser: httpx.AsyncClient) -> None:
    text = HEAD + "track;Kyyti\n" + people(*["lean;joo"] * (AT_ONCE + 1))
    preview = await post(organiser, {}, file=("a.csv", text.encode()))
    await post(organiser, {**carried(preview), "answer.3": "", "answer.4": "bus"})
    with clock.at(NOW):
        await make_due(KINDS, now=NOW)
    given = await answers()
    assert len(given) == AT_ONCE + 1
    assert {str(each) for each in given.values()} == {"{'bus': 'yes'}"}
