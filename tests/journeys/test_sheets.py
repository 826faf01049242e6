"""Pages on paper: each place of an agenda on an A4 sheet of its own, and a table below its caption."""

import io

import pytest
from pypdf import PdfReader

from events.core import clock, database
from tests.factories import insert, make_event
from tests.journeys.conftest import Launch

A4 = (595, 842)
"""Points."""


@pytest.mark.parametrize(("query", "sheets"), [("", 2), ("?site=", 1)])
async def test_each_place_begins_on_a_sheet_of_its_own(
    server_url: str, chromium: Launch, committed_db: str, query: str, sheets: int
) -> None:
    now = clock.now()
    event = await make_event(slug="kiertue", starts_at=now, ends_at=now.replace(year=2100))
    await insert("site", event=event, mode="venue", name="Kehräämö", position=1)
    first = await database.fetchval("SELECT id FROM site WHERE event = $1 AND position = 0", event)
    times = {"starts_at": now, "ends_at": now.replace(year=2100)}
    await insert("agenda_item", event=event, title_fi="Avaus", speakers="Bo, Företag", room="Sali", **times)
    page = await (await (await chromium()).new_context(locale="fi-FI")).new_page()
    await page.goto(f"{server_url}/events/kiertue/agenda{query}{first if query else ''}")
    printed = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == sheets
    for sheet in printed.pages:
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4
        text = sheet.extract_text()
        assert all(words in text for words in ("Avaus", "Bo, Företag", "Sali"))
        assert not any(words in text for words in ("Tulosta", "Saavutettavuus", "Takaisin"))
    assert "Kehräämö" in printed.pages[-1].extract_text() or sheets == 1


async def test_a_table_on_paper_begins_on_the_page_of_its_caption(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    page = await (await chromium()).new_page()
    await page.goto(server_url)
    rows = "".join(f"<tr><th>Row {number}</th><td>1</td></tr>" for number in range(4))
    table = f"<table><caption>All of them</caption><thead><tr><th>Name</th><td>N</td></tr></thead><tbody>{rows}</tbody></table>"
    for height in range(800, 960, 16):
        await page.evaluate(
            "([table, height]) => { document.body.innerHTML = `<div></div>${table}`;"
            " document.body.firstChild.style.height = `${height}px`; }",
            [table, height],
        )
        pages = [each.extract_text() for each in PdfReader(io.BytesIO(await page.pdf())).pages]
        assert not any("All of them" in text and "Row 0" not in text for text in pages), height
