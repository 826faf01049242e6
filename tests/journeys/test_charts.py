"""Charts as readers see them: no name is cut or runs into another one, none is too small to read on a phone."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Page

from events.core import clock
from events.core.i18n import LANGUAGES, format_number, in_language
from events.core.web import environment
from events.reports.charts import PAPER, SCREEN, Ink, chart
from events.reports.charts import charts as bars
from events.reports.dashboard import charts as dashboard_charts
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.shapes import HeatCell
from events.reports.effect import charts as effect_charts
from events.reports.effect.figures import effect
from events.reports.filters import Filters
from events.reports.participation import report
from events.reports.shapes import BreakDown, Cell
from events.surveys.results.charts import heat_map
from tests.journeys.conftest import Launch
from tests.reports.world import Held, Row, World, build
from tests.surveys.results.test_charts import matrix

MAP = environment.from_string(
    '{% from "partials/figures.html" import region_map with context %}{{ region_map(regions) }}'
)

SMALLEST = 11
"""Pixels of the letters of a chart on a phone: the smallest that the pages themselves have."""

FAULTS = """(smallest) => document.fonts.ready.then(() => [...document.querySelectorAll("svg[role=img]")].flatMap((svg) => {
  const within = svg.getBoundingClientRect(), scale = within.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim());
  const boxes = texts.map((text) => text.getBoundingClientRect());
  const name = svg.getAttribute("aria-label"), found = [];
  texts.forEach((text, i) => {
    const box = boxes[i], size = parseFloat(getComputedStyle(text).fontSize) * scale;
    if (size < smallest) found.push(`${name}: "${text.textContent}" is ${size} px high`);
    if (box.left < within.left - 1 || box.right > within.right + 1 || box.top < within.top - 2 || box.bottom > within.bottom + 2)
      found.push(`${name}: "${text.textContent}" is cut`);
    boxes.slice(i + 1).forEach((other, j) => {
      const x = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const y = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      // Boxes of lines are higher than their letters, those of upright ones wider.
      const upright = [text, texts[i + j + 1]].every((each) => /rotate\\((-90|270)/.test(each.getAttribute("transform")));
      if (upright ? x > 5 && y > 1 : x > 1 && y > 5) found.push(`${name}: "${text.textContent}" and "${texts[i + j + 1].textContent}" overlap`);
    });
  });
  return found;
}))"""

REGIONS = (
    "01",
    "02",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "21",
)


def of_a_year() -> World:
    """Two years of events of two projects and themes, to which people come from everywhere."""
    events = [Held(day=30 * number, projects=("P1", "P2"), themes=("digitalisation",)) for number in range(12)]
    rows = [
        Row(event, person, (person + event) % 5, region=REGIONS[(event * 3 + person * person) % 19])
        for event in range(12)
        for person in range(9)
    ]
    return World(events, rows)


def one_region() -> World:
    return World([Held(themes=("low-carbon",))], [Row(0, person, person % 3) for person in range(9)])


WORLDS = {"a year": of_a_year, "one region": one_region}


async def drawn(times: int) -> list[str]:
    """Every chart, with its numbers so many times as large."""
    made, met = await dashboard(Filters(), now=clock.now()), await effect(Filters(), now=clock.now(), with_names=True)
    counted = ("months", "organisation_types", "size_classes", "event_kinds", "site_modes", "themes", "projects")
    larger: dict[str, Any] = {name: [times_of(cell, times) for cell in getattr(made, name)] for name in counted}
    larger["heat"] = [
        HeatCell(theme=each.theme, region=each.region, participations=each.participations * times) for each in made.heat
    ]
    links = {
        name: [replace(each, **_links(each, times)) for each in getattr(met, name)] for name in ("quarters", "matrix")
    }
    pictures: Sequence[Mapping[str, str]] = (
        await dashboard_charts.charts(replace(made, **larger)),
        await effect_charts.charts(replace(met, **links)),
        await bars(await report(Filters(), now=clock.now())),
        {"survey": await heat_map(matrix((0, 7, times)))},
    )
    return [_figure(name, svg) for each in pictures for name, svg in each.items() if svg]


def times_of(cell: Cell, times: int) -> Cell:
    return replace(cell, participations=(cell.participations or 0) * times)


def _links(each: Any, times: int) -> dict[str, int]:
    return {name: (getattr(each, name) or 0) * times for name in ("new", "repeated", "links")}


def _figure(name: str, svg: str) -> str:
    """As it stands on its page: what is wide is scrolled, the rest is made to fit."""
    wide = name in {"heat", "quarters", "matrix", "survey"}
    return f'<figure class="chart">{f"<div class=wide>{svg}</div>" if wide else svg}</figure>'


async def opened(chromium: Launch, url: str) -> Page:
    page = await (await (await chromium()).new_context(reduced_motion="reduce")).new_page()
    await page.goto(url)
    return page


@pytest.mark.parametrize("times", [1, 123_457])
@pytest.mark.parametrize("world", WORLDS)
async def test_no_name_is_cut_or_covered_or_too_small(
    server_url: str, chromium: Launch, world: str, times: int
) -> None:
    await build(WORLDS[world]())
    page = await opened(chromium, server_url)
    for code in LANGUAGES:
        with in_language(code):
            pictures = await drawn(times)
        assert len(pictures) > 12
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await faults(page, pictures) == [], (code, width)


def of_months(count: int, times: int) -> BreakDown:
    """As many months in a row as told, with numbers of up to two signs so many times as large."""
    cells = [
        Cell(code=f"{2024 + month // 12}-{month % 12 + 1:02}", participations=(month * 37 % 91 + 3) * times)
        for month in range(count)
    ]
    return BreakDown(by="month", name="Kuukausi", overlapping=False, cells=cells)


@pytest.mark.parametrize("times", [1, 100, 123_457])
@pytest.mark.parametrize(("ink", "most"), [(PAPER, 36), (SCREEN, 17)])
async def test_months_of_a_project_of_three_years_have_each_their_number_on_paper(
    server_url: str, chromium: Launch, ink: Ink, most: int, times: int
) -> None:
    page = await opened(chromium, server_url)
    for count in (6, 12, 13, most, most + 1):
        made = of_months(count, times)
        with in_language("fi"):
            svg = await chart(made, ink)
            numbers = [format_number(cell.participations or 0) for cell in made.cells]
        assert await faults(page, [svg]) == [], count
        said = await page.evaluate("[...document.querySelectorAll('svg text')].map((text) => text.textContent)")
        assert ({*numbers} <= {*said}) is (count <= most), count


async def test_what_is_wrong_with_a_chart_is_found(server_url: str, chromium: Launch) -> None:
    page = await opened(chromium, server_url)
    label = '<text x="{x}" y="20" font-size="{size}px">Toistuneet yhteydet</text>'
    svg = '<svg role="img" aria-label="x" xmlns="http://www.w3.org/2000/svg" width="150" height="40" viewBox="0 0 150 40">'
    said = " ".join(await faults(page, [svg + label.format(x=5, size=8) + label.format(x=60, size=14) + "</svg>"]))
    assert all(fault in said for fault in ("is cut", "overlap", "px high"))


TABLE = environment.from_string(
    '{% from "partials/figures.html" import data_table with context %}'
    "{{ data_table(caption, headings, rows, range(1, 9), stack=False, together=(1,)) }}"
)

CELLS = """() => [...document.querySelectorAll("td.number")].map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return range.getClientRects().length;
})"""


async def test_on_a_phone_a_table_that_scrolls_keeps_its_name_in_sight_and_its_numbers_whole(
    server_url: str, chromium: Launch
) -> None:
    page = await opened(chromium, server_url)
    await page.set_viewport_size({"width": 360, "height": 800})
    headings, rows = ["Kieli", *"12345678"], [[name, *["100 %"] * 8] for name in ("Suomi", "Kaikki yhteensä")]
    html = TABLE.render(caption="Kieli: Miten hyödyllinen tapahtuma oli työsi kannalta?", headings=headings, rows=rows)
    await page.evaluate("(html) => { document.querySelector('main').innerHTML = html; }", html)
    assert {*await page.evaluate(CELLS)} == {1}, "no per cents stand below their number"
    for scrolled in (0, 200):
        await page.evaluate("(by) => { document.querySelector('.table-scroll').scrollLeft = by; }", scrolled)
        box = await page.locator("caption").bounding_box()
        assert box
        assert 0 <= box["x"] < box["x"] + box["width"] <= 360
    tones = await page.evaluate(
        "[...document.querySelectorAll('tbody tr')].map((row) => getComputedStyle(row.cells[1]).backgroundColor)"
    )
    assert len({*tones}) == 2, "a row that sums up the others is told from them"


OVER = """() => [...document.querySelectorAll(".region-map b")].filter((number) => {
  const { left, right } = number.getBoundingClientRect(), tile = number.parentElement.getBoundingClientRect();
  return left < tile.left || right > tile.right;
}).map((number) => number.textContent)"""


async def test_large_numbers_stay_on_their_tiles(server_url: str, chromium: Launch) -> None:
    page = await opened(chromium, server_url)
    for number, expected in ((1_234_567, []), (1_234_567_890_123, ["1 234 567 890 123"])):
        with in_language("fi"):
            regions = [{"code": code, "name": code, "count": number, "url": ""} for code in REGIONS]
            html = MAP.render(regions=regions)
        await page.evaluate("(html) => { document.querySelector('main').innerHTML = html; }", html)
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            over = {each.replace("\xa0", " ") for each in await page.evaluate(OVER)}
            assert sorted(over) == expected, (number, width)


async def faults(page: Page, pictures: list[str]) -> list[str]:
    """What is wrong with charts in a page of ours."""
    await page.evaluate("(html) => { document.querySelector('main').innerHTML = html; }", "".join(pictures))
    found: list[str] = await page.evaluate(FAULTS, SMALLEST)
    return found
