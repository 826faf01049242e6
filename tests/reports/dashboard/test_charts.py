"""Charts at the edges: nothing at all, one region, bars of nought, thousands, long labels."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from events.core.i18n import in_language
from events.reports.dashboard.charts import charts, heat
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.parts import BREAKS
from events.reports.dashboard.shapes import Dashboard, HeatCell
from events.reports.filters import Filters
from events.reports.words import ORGANISATION_TYPES, SIZE_CLASSES
from tests.looks import TEXT_CONTRAST, contrast, luminance
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALL = {*BREAKS, "funnel", "heat"}


async def made(world: World, filters: Filters | None = None) -> Dashboard:
    await build(world)
    return await dashboard(filters or Filters(), now=NOW)


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


async def test_where_there_is_nothing_nothing_is_drawn(db: asyncpg.Connection) -> None:
    assert await charts(await made(World())) == {}


async def test_one_region_draws_every_chart(db: asyncpg.Connection) -> None:
    rows = [Row(0, person, None) for person in range(3)]
    drawn = await charts(await made(World([Held(themes=("digitalisation",), projects=("P1",))], rows)))
    assert drawn.keys() == ALL
    for name, svg in drawn.items():
        assert svg.startswith('<svg role="img" aria-label="'), name
        assert "3" in words(svg), name


async def test_a_bar_of_nought_stands_with_its_number(db: asyncpg.Connection) -> None:
    drawn = await charts(await made(World([Held()], [Row(0, 1, None)])))
    assert "0" in words(drawn["funnel"])


async def test_hidden_cells_say_so(db: asyncpg.Connection) -> None:
    whole = await made(World([Held()], [Row(0, person, None) for person in range(6)]))
    cells = [replace(cell, participations=None) for cell in whole.size_classes]
    shown = [*cells, replace(cells[0], code="micro", name="1–9", participations=7)]
    with in_language("en"):
        assert "hidden" in words((await charts(replace(whole, size_classes=shown)))["size_classes"])


@pytest.mark.parametrize(("language", "thousand"), [("fi", "1\xa0234"), ("sv", "1\xa0234"), ("en", "1,234")])
async def test_numbers_are_written_as_the_language_does(db: asyncpg.Connection, language: str, thousand: str) -> None:
    whole = await made(World([Held()], [Row(0, 1, None)]))
    cells = [replace(whole.size_classes[0], participations=1234)]
    square = HeatCell(theme="none", region="06", participations=1234)
    with in_language(language):
        drawn = await charts(replace(whole, size_classes=cells, heat=[square]))
    for name in ("size_classes", "heat"):
        assert thousand in [word.replace("&nbsp;", "\xa0") for word in words(drawn[name])], name


async def test_the_heat_map_is_one_hue_with_a_number_in_each_cell(db: asyncpg.Connection) -> None:
    rows = [Row(0, person, None, region="06" if person else "") for person in range(9)]
    whole = await made(World([Held(themes=("low-carbon",))], rows))
    assert [code for code, _name in heat(whole).regions] == ["06", "unknown"]
    svg = (await charts(whole))["heat"]
    assert {"8", "1"} <= set(words(svg))
    assert "var(--heat-4)" in svg
    assert "var(--heat-1)" in svg


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_no_label_is_cut(db: asyncpg.Connection, language: str) -> None:
    """The longest names there are: of every theme, region, type and size."""
    with in_language(language):
        whole = await made(World([Held()], [Row(0, 1, None)]))
        cells = [replace(tile.cell, participations=1) for tile in whole.regions]
        squares = [
            HeatCell(theme=theme, region=region, participations=1)
            for theme in whole.theme_names
            for region in whole.region_names
        ]
        named = {code: str(name) for code, name in {**ORGANISATION_TYPES, **SIZE_CLASSES}.items()}
        types = [replace(cells[0], code=code, name=name) for code, name in named.items()]
        drawn = await charts(replace(whole, heat=squares, themes=cells, organisation_types=types))
    for name in ("heat", "themes", "organisation_types"):
        assert not [word for word in words(drawn[name]) if "…" in word], name


def shades(scheme: str) -> dict[str, str]:
    """The colours of the page by day or by night, by their names."""
    css = (Path(__file__).parents[3] / "frontend/src/css/tokens.css").read_text()
    day, night = css.partition("prefers-color-scheme: dark")[::2]
    found = dict(re.findall(r"--([a-z0-9-]+): ([^;]+);", day))
    found |= dict(re.findall(r"--([a-z0-9-]+): ([^;]+);", night)) if scheme == "dark" else {}
    return {name: found["brand"] if value == "var(--brand)" else value for name, value in found.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shades_are_told_apart_by_lightness_alone_and_numbers_read_on_each(scheme: str) -> None:
    """So do readers who confuse colours, and grey print."""
    colours = shades(scheme)
    steps = [colours[name] for name in ("panel", "heat-1", "heat-2", "heat-3", "heat-4")]
    inks = [colours["text"], colours["text"], colours["text"], "#fff", colours["page"]]
    lightness = [luminance(step) for step in steps]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))
    assert min(contrast(one, other) for one, other in pairwise(steps)) >= 1.2
    assert min(contrast(step, ink) for step, ink in zip(steps, inks, strict=True)) >= TEXT_CONTRAST
    assert contrast(colours["heat-4"], colours["heat-2"]) >= 3  # new and repeated links, next to each other
