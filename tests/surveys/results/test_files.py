"""The same figures on the page, in the workbook and in the PDF's data, counted here by hand."""

import io
import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.i18n import in_language
from events.surveys.queries import survey_of
from events.surveys.results.figures import figures
from events.surveys.results.queries import results
from tests.factories import make_staff, sign_in
from tests.surveys.asking import asked, held_event
from tests.surveys.building.making import codes, own_survey, question

PAGE = "/staff/events/paja/survey"


def answers(rows: int) -> list[dict[str, Any]]:
    """Answers to a matrix of two rows, a choice, and a text that only some are asked."""
    made: list[dict[str, Any]] = []
    for each in range(rows):
        answer: dict[str, Any] = {"parts-en": {"talks-en": "good-en" if each % 3 else "bad-en"}}
        if each < 4:
            answer["parts-en"]["lunch-en"] = "good-en"
        answer["again-en"] = "yes-en" if each % 2 else "no-en"
        if each % 2:
            answer["why-en"] = "because-en" if each % 4 == 1 else "so-en"
        made.append(answer)
    return made


def sheet(content: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


async def given(event: UUID, rows: int) -> tuple[str, list[dict[str, Any]]]:
    which = await own_survey(
        event,
        question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")),
        question("one", "Again", "yes", "no"),
        question("one", "Why", "because", "so", shown_if=["again-en=yes-en"]),
    )
    assert await codes(event, which) == ["parts-en", "again-en", "why-en"]
    pool = answers(rows)
    await database.execute(
        "UPDATE survey SET pool = $2, answered = $3 WHERE id = $1", UUID(which), json.dumps(pool), len(pool)
    )
    return which, pool


@pytest.fixture
async def event(client: AsyncClient) -> UUID:
    await sign_in(client, await make_staff("coordinator"))
    return await held_event(slug="paja")


async def test_page_workbook_and_struct_say_what_counting_by_hand_says(client: AsyncClient, event: UUID) -> None:
    which, pool = await given(event, 13)
    survey = await survey_of(event, which)
    with in_language("en"):
        made = [figures(each, texts_shown=True) for each in (await results(event, survey)).results]
    talks = Counter(answer["parts-en"]["talks-en"] for answer in pool)
    again = Counter(answer["again-en"] for answer in pool)
    why = Counter(answer["why-en"] for answer in pool if "why-en" in answer)
    assert made[0].rows == (("talks en", talks["good-en"], talks["bad-en"], 13), ("lunch en", "–", "–", 4))
    assert [row[1] for row in made[1].rows] == [again["yes-en"], again["no-en"]]
    assert [row[1] for row in made[2].rows] == [why["because-en"], why["so-en"]]
    assert made[2].notes[0] == "6 answers"
    shown = (await client.get(f"{PAGE}?of={which}&lang=en")).text
    assert 'aria-label="Heat map: Parts en; the same figures are in the table."' in shown
    file = await client.get(f"{PAGE}/results.xlsx?of={which}&lang=en")
    lines = {tuple(cell for cell in row if cell != "") for row in sheet(file.content, "Answers")}
    for each in made:
        for row in each.rows:
            assert (each.title, *row) in lines
            assert str(row[0]) in shown


async def test_a_conditional_question_says_who_was_asked(event: UUID) -> None:
    which, pool = await given(event, 14)
    for answer in pool[:6]:
        answer.pop("why-en", None)
    await database.execute("UPDATE survey SET pool = $2 WHERE id = $1", UUID(which), json.dumps(pool))
    survey = await survey_of(event, which)
    with in_language("en"):
        summed = await results(event, survey)
        assert (summed.results[2].n, summed.results[2].asked) == (4, 7)
        assert figures(summed.results[2], texts_shown=True).notes == ("Fewer than five answered this question.",)
        pool[1]["why-en"] = "so-en"
        await database.execute("UPDATE survey SET pool = $2 WHERE id = $1", UUID(which), json.dumps(pool))
        summed = await results(event, survey)
        assert figures(summed.results[2], texts_shown=True).notes[0] == "5 answers of 7 who were asked this"


async def test_the_pdf_is_tagged_and_files_are_for_who_may_see_the_page(client: AsyncClient, event: UUID) -> None:
    which, _pool = await given(event, 13)
    made = await client.get(f"{PAGE}/results.pdf?of={which}")
    assert made.status_code == 200
    assert made.content.startswith(b"%PDF")
    assert b"/StructTreeRoot" in made.content
    assert (await client.get(f"{PAGE}/results.pdf?of=nothing")).status_code == 404
    await sign_in(client, await make_staff("coordinator", kind="region", resource="02"))
    for kind in ("pdf", "xlsx"):
        assert (await client.get(f"{PAGE}/results.{kind}?of={which}")).status_code == 404


async def test_below_five_answers_files_say_nothing(client: AsyncClient, event: UUID) -> None:
    which, _pool = await given(event, 4)
    file = await client.get(f"{PAGE}/results.xlsx?of={which}&lang=en")
    assert sheet(file.content, "Answers")[1:] == []
    assert (await client.get(f"{PAGE}/results.pdf?of={which}")).status_code == 200


async def test_the_rate_has_those_who_attended_below_it(event: UUID) -> None:
    other, _links = await asked(8)
    await database.execute("UPDATE survey SET pool = $1, answered = 2", json.dumps([{"recommend": 9}] * 2))
    await database.execute("UPDATE message SET state = 'failed' WHERE id IN (SELECT id FROM message LIMIT 4)")
    summed = await results(other)
    assert (summed.attended, summed.asked) == (8, 4)
    assert (summed.rate_of_attended, summed.rate) == (0.25, 0.5)
