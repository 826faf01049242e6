"""Charts on paper: in words for who does not see them, the same bytes each time, told apart in grey."""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import asyncpg
import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from events.core import database, drawing
from events.core.i18n import LANGUAGES, in_language
from events.core.web import environment
from events.reports.funder import freezing, making, work
from events.reports.funder.parts import CHARTED
from events.reports.funder.pictures import pictures
from events.reports.funder.shapes import FunderReportView
from events.reports.region_map import PLACES, SHADES, SHORT, SIDE, drawn_map
from tests.looks import TEXT_CONTRAST, contrast, width_of
from tests.reports.funder.made import NOW, STAFF, WORLD, make_report
from tests.reports.world import Held, World

ROOT = Path(__file__).parents[3]
PAGE = environment.from_string(
    '{% from "partials/figures.html" import region_map with context %}{{ region_map(regions) }}'
)
CHARTS = {*CHARTED, "region"}


async def made(world: World = WORLD, code: str = "fi", *, whole: bool = True) -> FunderReportView:
    head = await make_report(world)
    await database.execute("UPDATE project SET target_regions = '{06,21}' WHERE code = 'P1'")
    with in_language(code):
        return await making.make(head, now=NOW, whole=whole)


def alternatives(pdf: bytes) -> list[str]:
    """What a tagged PDF says instead of its figures."""

    def within(node: Any) -> Iterator[str]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for each in node:
                yield from within(each)
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                yield str(node.get("/Alt"))
            yield from within(node.get("/K", []))

    return list(within(PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]))


@pytest.mark.parametrize("code", LANGUAGES)
async def test_each_chart_is_told_in_words(db: asyncpg.Connection, code: str) -> None:
    view = await made(code=code)
    told = alternatives(await work.file(view, "pdf"))
    assert sorted(told) == sorted(part.chart for part in view.parts if part.by in CHARTS)
    assert len(set(told)) == len(CHARTS)


async def test_they_come_out_again_byte_for_byte_from_another_process(db: asyncpg.Connection) -> None:
    view = await made()
    first = await pictures(view), await work.file(view, "pdf")
    drawing.close()
    drawing._cache.clear()
    assert (await pictures(view), await work.file(view, "pdf")) == first
    assert first[0].keys() == CHARTS
    assert not re.search(r"\bid=|url\(|202\d-\d\d-\d\dT", "".join(first[0].values()))


async def test_what_was_frozen_without_charts_stays_so(db: asyncpg.Connection) -> None:
    view = await made()
    before = replace(view, parts=[replace(part, chart="") for part in view.parts], tiles=[])
    labels = {name: text for name, text in view.labels.items() if name != "target_regions"}
    assert alternatives(await work.file(replace(before, labels=labels), "pdf")) == []


async def test_where_there_is_nothing_there_is_no_chart(db: asyncpg.Connection) -> None:
    view = await made(World([Held(projects=("P1",))]))
    assert await pictures(view) == {}
    assert alternatives(await work.file(view, "pdf")) == []


async def test_a_chart_that_cannot_be_drawn_holds_up_the_paper(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paper without its charts would be another one than was handed in."""

    async def fails(*_: object, **__: object) -> str:
        raise drawing.DrawingFailed("a test")

    view = await made()
    monkeypatch.setattr("events.reports.charts.chart_svg", fails)
    with pytest.raises(drawing.DrawingFailed):
        await work.file(view, "pdf")


async def test_the_map_shows_who_is_to_be_reached_and_hides_small_groups(db: asyncpg.Connection) -> None:
    view = await made(whole=False)
    assert [tile.code for tile in view.tiles if tile.target] == ["06", "21"]
    cells = {cell.code: cell.participations for part in view.parts if part.by == "region" for cell in part.cells}
    assert {tile.code: tile.participations for tile in view.tiles} == {code: cells.get(code, 0) for code in PLACES}
    hidden = [replace(tile, participations=None) for tile in view.tiles]
    assert re.findall(r">([^<>]+)</text>", drawn_map(hidden)).count("–") == len(PLACES)


async def test_frozen_revisions_keep_map_and_words(db: asyncpg.Connection) -> None:
    view = await made(code="sv")
    (report,) = [row["id"] for row in await database.fetch("SELECT id FROM funder_report")]
    await freezing.freeze(report, seen=0, why="", actor=STAFF, now=NOW)
    assert (await freezing.frozen(report, 1, "sv", whole=True)).tiles == view.tiles


async def test_the_largest_numbers_fit_their_tiles(db: asyncpg.Connection) -> None:
    tiles = [replace(tile, participations=1_234_567) for tile in (await made()).tiles]
    for code in LANGUAGES:
        with in_language(code):
            svg = ET.fromstring(drawn_map(tiles))
        texts = [text for text in svg.iter() if text.tag.endswith("text")]
        assert len(texts) == 2 * len(PLACES)
        for text in texts:
            size, bold = float(text.attrib["font-size"]), text.get("font-weight") == "700"
            assert width_of(text.text or "", size, bold=bold) <= SIDE - 8, text.text


def test_tiles_are_told_apart_by_lightness_and_their_numbers_read() -> None:
    assert all(contrast(fill, ink) >= TEXT_CONTRAST for fill, ink in SHADES)
    fills = [fill for fill, _ink in SHADES]
    assert all(contrast(one, other) >= 1.2 for one, other in pairwise(fills))


def test_paper_and_page_have_the_same_map() -> None:
    css = (ROOT / "frontend/src/css/figures.css").read_text()
    places = {
        code: (int(row), int(column)) for code, row, column in re.findall(r"\.region-(\d\d) .*?(\d) / (\d);", css)
    }
    assert places == PLACES
    for code in LANGUAGES:
        with in_language(code):
            words = {each: str(short) for each, short in SHORT.items()}
            page = PAGE.render(regions=[{"code": each, "name": each, "count": 0, "url": ""} for each in SHORT])
        assert re.findall(r'region-(\d\d).*?aria-hidden="true">([^<]+)<', page, re.DOTALL) == list(words.items())
