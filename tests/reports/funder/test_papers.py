"""Papers about a project as they are read: the report to its funder, and the evidence of its events."""

import io
from datetime import date
from typing import Any

import asyncpg
import msgspec
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from events.core.drawing import pdf
from events.core.i18n import gettext, in_language
from events.programme import queries as programme
from events.reports.funder import actions, making, papers, queries
from events.reports.funder.evidence import sheets as evidence
from events.reports.funder.markdown import LONGEST_HREF
from events.reports.funder.markdown import blocks as markdown
from events.reports.funder.papers import TEMPLATE, pdf_file
from events.reports.funder.shapes import TextSection
from events.reports.funder.sheets import xlsx_file
from tests.reports.funder.made import NOW, PERIOD, STAFF, make_report, project
from tests.reports.world import Held, Row, World, build

TABLE = "Before.\n\n| Region | *Visits* |\n|---|--:|\n| Pirkanmaa | **12** |\n| Lappi | |\n\nAfter."


def test_a_table_is_cells_with_their_columns_and_what_stands_around_it_stays() -> None:
    before, table, after = markdown(TABLE)
    assert (before["kind"], after["runs"]) == ("paragraph", [{"text": "After."}])
    assert table == {
        "kind": "table",
        "headings": [[{"text": "Region"}], [{"text": "Visits", "emphasis": True}]],
        "rows": [[[{"text": "Pirkanmaa"}], [{"text": "12", "strong": True}]], [[{"text": "Lappi"}], []]],
        "right": [1],
    }


async def test_a_table_in_a_text_is_one_on_paper_and_lines_of_cells_in_the_workbook(db: asyncpg.Connection) -> None:
    head = await make_report()
    with in_language("en"):
        made = await making.make(head, now=NOW, whole=True)
    view = msgspec.structs.replace(made, texts=[TextSection(heading="Summary", body=TABLE, language="en")])
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf_file(view))).pages)
    assert "Pirkanmaa" in read
    assert "|" not in read
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_file(view))).get_sheet_by_name("Texts").to_python()
    assert rows[1] == ["Summary", "Before.\n\nRegion | Visits\nPirkanmaa | 12\nLappi | \n\nAfter."]


async def test_the_total_stands_once_and_says_of_what_time_it_is(db: asyncpg.Connection) -> None:
    head = await make_report()
    with in_language("fi"):
        view = await making.make(head, now=NOW, whole=True)
        period = papers.period(view)
        months = msgspec.structs.replace(view, counted_from=date(2026, 1, 1), counted_to=date(2026, 5, 31))
    for seen, time in ((view, period), (months, "1.1.2026–31.5.2026")):
        read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf_file(seen))).pages)
        assert read.count("Yhteensä") == 1
        assert f"Yhteensä, {time}" in read


@pytest.mark.parametrize("code", ["fi", "sv"])
async def test_the_attendance_list_lies_across_and_has_room_for_its_words(db: asyncpg.Connection, code: str) -> None:
    head = await make_report()
    row = await db.fetchrow("SELECT event, slug FROM participation JOIN event ON event.id = event LIMIT 1")
    await db.execute("UPDATE participation SET source = 'meeting_report'")
    assert row
    event = await programme.by_id(row["event"])
    assert event
    with in_language(code):
        (page,) = PdfReader(io.BytesIO(await evidence.attendance(event, head, NOW))).pages
        words = {gettext(name) for name in ("Place", "Region", "Known from", "Counted")} | {
            str(evidence.SOURCES["meeting_report"])
        }
    assert page.mediabox.width > page.mediabox.height
    text = page.extract_text()
    assert [word for word in words if word not in text] == [], "nothing is broken"


async def test_the_attendance_list_marks_whom_the_report_counts_and_adds_up_to_it(db: asyncpg.Connection) -> None:
    held = Held(projects=("P1", "P2"))
    roles = ("participant", "participant", "speaker", "project_staff")
    await build(World([held], [Row(0, person, None, role) for person, role in enumerate(roles)]))
    for code, said in (("P1", "4, of which 3"), ("P2", "4, of which 2")):
        made = await actions.create_report(await project(code), *PERIOD, actor=STAFF, now=NOW)
        head = await queries.report(made)
        assert head
        with in_language("en"):
            (row,) = (await making.make(head, now=NOW, whole=True)).events
            event = await programme.by_slug(row.slug)
            assert event
            text = PdfReader(io.BytesIO(await evidence.attendance(event, head, NOW))).pages[0].extract_text()
        assert f"{said} in roles that count for the project {code}" in text
        assert said.endswith(f" {row.participations}")
        words = text.split()
        assert (words.count("yes"), words.count("no")) == (row.participations, 4 - row.participations)


async def pages_of(blocks: list[dict[str, Any]]) -> list[str]:
    data = {"language": "en", "title": "t", "footer": "", "lines": [], "marks": [], "blocks": blocks}
    return [page.extract_text() for page in PdfReader(io.BytesIO(await pdf(TEMPLATE, data, now=NOW, kept=False))).pages]


def answers(number: int, options: int) -> dict[str, Any]:
    questions = [
        {"text": f"Question{number}{name}", "notes": "", "options": [[f"{number}{name}{each}", "1"] for each in "xyz"]}
        for name in "abcdefgh"[: options // 3]
    ]
    return {"kind": "answers", "headings": ["Q", "Option", "Chosen"], "questions": questions}


async def test_no_heading_stands_alone_and_no_short_table_is_broken_wherever_a_page_ends() -> None:
    rows = [[f"{each}", "1"] for each in range(5)]
    blocks: list[dict[str, Any]] = []
    for number in range(60):
        table = {"kind": "table-of", "headings": ["h"] * 2, "rows": [[f"r{number}_", "1"], *rows, [f"e{number}_", ""]]}
        blocks += [
            {"kind": "section", "text": f"Section{number}_"},
            {"kind": "subsection", "text": f"Heading{number}_"},
            {"kind": "note", "text": f"Note{number}_"},
            answers(number, 6 * (number % 4 + 1)) if number % 2 else table,
            {"kind": "markdown", "language": "en", "blocks": markdown("word\n\n" * (number % 7))},
        ]
    pages = await pages_of(blocks)
    assert len(pages) > 20
    for number in range(60):
        first = f"Question{number}a" if number % 2 else f"r{number}_"
        (page,) = [text for text in pages if f"Heading{number}_" in text]
        assert [word for word in (f"Section{number}_", f"Note{number}_", first) if word not in page] == []
        if number % 2:
            for name in "abcdefgh"[: 2 * (number % 4 + 1)]:
                (page,) = [text for text in pages if f"Question{number}{name}" in text]
                assert [each for each in "xyz" if f"{number}{name}{each}" not in page] == []
        else:
            assert f"e{number}_" in page


async def test_a_table_that_no_page_holds_is_broken_all_the_same() -> None:
    words = "word " * 3000
    table = {"kind": "table-of", "headings": ["a", "b"], "rows": [[words, "1"]]}
    assert len(await pages_of([table])) > 2
    asked = [{"text": "q", "notes": "", "options": [[words, "1"]] * 3}]
    assert len(await pages_of([{"kind": "answers", "headings": ["a", "b", "c"], "questions": asked}])) > 6


async def test_a_word_that_is_too_long_for_its_column_is_broken() -> None:
    table = {"kind": "table-of", "headings": ["Osallistumispaikka", *"abcdefgh"], "rows": [], "widths": [1] * 9}
    data = {"language": "fi", "title": "t", "footer": "", "lines": [], "marks": [], "blocks": [table]}
    text = PdfReader(io.BytesIO(await pdf(TEMPLATE, data, now=NOW, kept=False))).pages[0].extract_text()
    assert "Osallis\N{SOFT HYPHEN}" in text


def test_an_address_that_is_too_long_is_no_link_and_stays_readable() -> None:
    address = f"https://e.example/{'a' * LONGEST_HREF}"
    (kept,), (left_out,) = (each["runs"] for each in markdown(f"[a]({address[:LONGEST_HREF]})\n\n[b]({address})"))
    assert (kept["href"], left_out) == (address[:LONGEST_HREF], {"text": "b"})


async def test_a_link_of_any_length_leaves_a_paper(db: asyncpg.Connection) -> None:
    made = await making.make(await make_report(), now=NOW, whole=True)
    longest = "https://e.example/".ljust(LONGEST_HREF, "a")
    body = f"[kept]({longest}) [left]({longest}a)"
    view = msgspec.structs.replace(made, texts=[TextSection(heading="Summary", body=body, language="en")])
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf_file(view))).pages)
    assert "kept left" in read
