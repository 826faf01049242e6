"""The workbook of a funder's report: what stands under a heading is what the heading says."""

import io
import zipfile

import asyncpg
import msgspec
import pytest
from python_calamine import CalamineWorkbook

from events.core.i18n import in_language
from events.reports.funder import making
from events.reports.funder.shapes import SurveyAnswer, SurveySummary, TextSection
from events.reports.funder.sheets import xlsx_file
from tests.reports.funder.made import NOW, make_report

SURVEY = SurveySummary(
    slug="a",
    title="Kevät",
    title_language="fi",
    attended=36,
    asked=33,
    answered=12,
    answers=[SurveyAnswer(label="Arvosana", n=11, mean=4.2, counts=[("4", 9), ("5", 2)])],
)


async def test_texts_are_plain_and_not_markdown(db: asyncpg.Connection) -> None:
    head = await make_report()
    with in_language("en"):
        made = await making.make(head, now=NOW, whole=True)
        text = TextSection(heading="Summary", body="**Two** events:\n\n- [one](https://one.example)", language="en")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_file(msgspec.structs.replace(made, texts=[text]))))
    rows = sheet.get_sheet_by_name(made.labels["texts"]).to_python()
    assert rows[1] == ["Summary", "Two events:\n\n– one: https://one.example"]


async def test_answers_of_surveys_stand_under_their_own_headings(db: asyncpg.Connection) -> None:
    head = await make_report()
    with in_language("en"):
        view = msgspec.structs.replace(await making.make(head, now=NOW, whole=True), surveys=[SURVEY])
    # A revision that was frozen before these headings were there has none of them.
    older = msgspec.structs.replace(
        view, labels={name: label for name, label in view.labels.items() if name not in {"choice", "chosen"}}
    )
    for each in (view, older):
        rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_file(each))).get_sheet_by_name("Feedback").to_python()
        heads = [str(cell) for cell in rows[0]]
        assert len(set(heads)) == len(heads)
        line = dict(zip(heads, rows[1], strict=True))
        assert (line["Answers"], line["Answer option"], line["Times chosen"], line["Mean"]) == (11, "4", 9, 4.2)
        assert line["Persons who answered"] == 12


@pytest.mark.parametrize(("language", "shown"), [("fi", "d.m.yyyy"), ("sv", "d.m.yyyy"), ("en", "dd/mm/yyyy")])
async def test_days_are_days_in_the_way_of_the_language(db: asyncpg.Connection, language: str, shown: str) -> None:
    head = await make_report()
    with in_language(language):
        made = await making.make(head, now=NOW, whole=True)
        content = xlsx_file(made)
    assert made.events
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(made.labels["events"]).to_python()
    column = rows[0].index(made.labels["date"])
    assert [row[column] for row in rows[1:]] == [each.held_on for each in made.events]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert f'formatCode="{shown}"' in parts.read("xl/styles.xml").decode()
