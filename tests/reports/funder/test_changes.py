"""The difference of two revisions says of what each line is, and time in hours."""

import io

import asyncpg
import pytest
from httpx import AsyncClient
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from events.core import database
from events.reports.funder import freezing
from events.reports.funder.changes import change_lines
from events.reports.funder.papers import pdf_file
from events.reports.funder.shapes import FunderReportView
from events.reports.funder.sheets import xlsx_file
from events.reports.funder.tables import Rule
from tests.factories import make_staff, sign_in
from tests.reports.funder.made import NOW, STAFF, WORLD, make_report
from tests.reports.funder.test_pages import PATH, get


@pytest.fixture
async def corrected(db: asyncpg.Connection) -> tuple[str, FunderReportView]:
    """A report of which at an event one person less was there, another for half an hour longer: (page, revision)."""
    head = await make_report(WORLD, Rule.PARTICIPATIONS)
    await freezing.freeze(head.id, seen=0, why="", actor=STAFF, now=NOW)
    await database.execute("UPDATE event SET title_en = 'The meeting' WHERE kind = 'meeting'")
    one, other = await database.fetch("SELECT id FROM participation WHERE event_kind = 'meeting' LIMIT 2")
    await database.execute("DELETE FROM participation WHERE id = $1", one["id"])
    await database.execute("UPDATE participation SET minutes = minutes + 30 WHERE id = $1", other["id"])
    await freezing.freeze(head.id, seen=1, why="Korjaus", actor=STAFF, now=NOW)
    return f"{PATH}/{head.id}/revisions/2", await freezing.frozen(head.id, 2, "en", whole=True)


async def test_each_line_is_named_and_time_is_in_hours(corrected: tuple[str, FunderReportView]) -> None:
    told = {(line.of, line.called): line.numbers for line in change_lines(corrected[1])}
    assert told["Indicator", "participations"] == (14, 13)
    assert told["Total", "Participations"] == (14, 13)
    assert told["Total", "Person-hours"] == (14, 13.5)
    assert told["Event", "The meeting: Participations"] == (7, 6)
    assert told["Event", "The meeting: Person-hours"] == (7, 6.5)
    assert len(told) == len(corrected[1].changes)


async def test_page_paper_and_workbook_say_the_same(
    client: AsyncClient, corrected: tuple[str, FunderReportView]
) -> None:
    path, view = corrected
    await sign_in(client, await make_staff("coordinator"))
    table = (await get(client, path)).text.split('id="changes"')[1].split("</section>")[0]
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf_file(view))).pages)
    for text in (table, paper):
        assert "The meeting: Person-hours" in text
        assert "6 h 30 min" in text
        assert "Minutes" not in text
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_file(view))).get_sheet_by_name("Changes").to_python()
    assert ["Total", "Person-hours", 14.0, 13.5, "Korjaus"] in rows
