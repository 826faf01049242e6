"""What surveys say in a funder's report: read without knowing the form, and kept as it was frozen."""

import io
import json
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.i18n import in_language
from events.reports.funder import making
from events.reports.funder.papers import pdf_file
from events.reports.funder.queries import ReportHead
from events.reports.funder.shapes import FunderReportView, SurveyAnswer, SurveySummary
from events.reports.funder.sheets import xlsx_file
from events.reports.funder.surveys import summary
from events.surveys.asked import Choice, Question
from events.surveys.results.queries import Results
from events.surveys.results.rules import result
from events.surveys.tables import QuestionKind
from tests.factories import insert
from tests.reports.funder.made import NOW, make_report
from tests.reports.funder.test_freezing import files, freeze

POOL = [{"usefulness": 2 + number % 3, "recommend": number} for number in (3, 7, 7, 8, 9, 10, 10, 10)]


async def answered() -> ReportHead:
    """A report on an event whose feedback eight persons gave."""
    head = await make_report()
    event = await database.fetchval("SELECT event FROM participation ORDER BY held_on LIMIT 1")
    await insert(
        "survey",
        event=event,
        kind="feedback",
        pool=json.dumps(POOL),
        answered=len(POOL),
        closes_at=NOW - timedelta(days=1),
    )
    return head


async def report(head: ReportHead, language: str) -> FunderReportView:
    with in_language(language):
        return await making.make(head, now=NOW, whole=True)


async def text_of(view: FunderReportView) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf_file(view))).pages)
    return " ".join(text.split())


def answers(view: FunderReportView) -> list[dict[str, Any]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_file(view))).get_sheet_by_name(view.labels["survey"])
    heads, *rows = sheet.to_python()
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


async def test_steps_have_their_words_and_a_recommendation_its_score_and_parts(db: asyncpg.Connection) -> None:
    head = await answered()
    for language, said in (
        ("en", ("1 – not useful 0", "5 – very useful 0", "Promoters (9–10) 4", "Passives (7–8) 3", "NPS: 38")),
        ("fi", ("1 – ei lainkaan hyödyllinen 0", "Arvostelijat (0–6) 1", "Vastanneita: 8 · Keskiarvo: 8,0 · NPS: 38")),
    ):
        text = await text_of(await report(head, language))
        assert [words for words in said if words not in text] == []


async def test_the_workbook_has_every_step_and_the_score_beside_it(db: asyncpg.Connection) -> None:
    rows = answers(await report(await answered(), "en"))
    scored = [row for row in rows if row["NPS"] != ""]
    assert [row["Answer option"] for row in scored][::5] == ["0 – not at all likely", "5", "10 – very likely"]
    names = ("NPS", "Promoters (9–10)", "Passives (7–8)", "Detractors (0–6)")
    assert {tuple(row[name] for name in names) for row in scored} == {(38, 4, 3, 1)}
    assert {row["Question"] for row in rows} - {row["Question"] for row in scored} != set()


async def test_what_was_frozen_before_is_read_and_set_with_what_it_holds(db: asyncpg.Connection) -> None:
    head = await answered()
    known = b'{"label": "Suosittelisitko?", "n": 6, "mean": 7.5, "counts": [["0", 1], ["10", 5]]}'
    summary = SurveySummary(
        slug="a",
        title="Kevät",
        title_language="fi",
        attended=9,
        asked=8,
        answered=6,
        answers=[msgspec.json.decode(known, type=SurveyAnswer)],
    )
    made = await report(head, "fi")
    new = {"choice", "chosen", "nps", "promoters", "passives", "detractors"}
    labels = {name: text for name, text in made.labels.items() if name not in new}
    older = msgspec.structs.replace(made, surveys=[summary], labels=labels)
    text = await text_of(older)
    assert "Suosittelisitko? Vastanneita: 6 · Keskiarvo: 7,5" in text.replace("\N{SOFT HYPHEN} ", "")
    assert "NPS" not in text
    assert [set(row) & {"NPS"} for row in answers(older)] == [set(), set()]


async def test_a_frozen_report_keeps_the_words_and_the_score(db: asyncpg.Connection) -> None:
    head = await answered()
    await freeze(head.id)
    before = await files(head.id, 1)
    await database.execute("DELETE FROM survey")
    assert await files(head.id, 1) == before
    assert b"5 \xe2\x80\x93 very useful" in before["en True json"]
    assert b'"score": 38' in before["en True json"]


def question(kind: QuestionKind, **of: Any) -> Question:
    return Question(code="q", kind=kind, labels={"en": "Asked"}, **of)


async def test_numbers_are_told_by_their_mean_and_a_matrix_row_by_row(db: asyncpg.Connection) -> None:
    """A row that fewer than five answered is left out, and so is free text."""
    options = [Choice(code=code, labels={"en": code.upper()}) for code in "ab"]
    rows = [Choice(code=code, labels={"en": f"Row {code}"}) for code in ("x", "y")]
    every = [
        result(question(QuestionKind.NUMBER), [{"q": number} for number in range(1, 7)]),
        result(
            question(QuestionKind.MATRIX, options=options, rows=rows),
            [{"q": {"x": "a"} | ({"y": "b"} if number < 4 else {})} for number in range(6)],
        ),
        result(question(QuestionKind.TEXT), [{"q": "Free"}] * 6),
    ]
    view = await report(await answered(), "en")
    told = summary(view.events[0], Results(8, 8, 6, 0, None, tuple(every)))
    assert [(each.label, each.n, each.mean, each.counts) for each in told.answers] == [
        ("Asked", 6, 3.5, []),
        ("Asked: Row x", 6, None, [("A", 6), ("B", 0)]),
    ]
    shown = msgspec.structs.replace(view, surveys=[told])
    text = await text_of(shown)
    assert "Asked Persons who answered: 6 Mean 3.5" in text
    assert [words for words in ("Asked: Row x", "A 6", "B 0") if words not in text] == []
    assert "Row y" not in text
    assert [(row["Question"], row["Mean"], row["Answer option"]) for row in answers(shown)] == [
        ("Asked", 3.5, ""),
        ("Asked: Row x", "", "A"),
        ("Asked: Row x", "", "B"),
    ]
