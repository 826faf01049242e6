"""The dashboard's page and files: the same figures everywhere, each opening down to its rows and back."""

import csv
import io
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database, drawing
from events.core.i18n import in_language
from events.reports.dashboard.parts import BREAKS, TITLES, Part, columns_of
from tests.factories import make_staff, sign_in
from tests.reports.test_pages import SMALL, get
from tests.reports.world import Held, Row, World, build

PATH = "/staff/reports"
FILES = f"{PATH}/dashboard"
FILTERS: list[dict[str, str]] = [
    {},
    {"from": "2026-02-01", "to": "2026-02-28"},
    {"project": "P1"},
    {"region": "06", "mode": "venue", "type": "company"},
    {"theme": "low-carbon"},
]


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    return client


async def lines(client: AsyncClient, part: str, **query: str) -> list[dict[str, str]]:
    """Return the rows of a part's file by its columns, whose headings are in the language of the page."""
    rows = list(csv.reader(io.StringIO((await get(client, f"{FILES}/{part}.csv", **query)).text)))
    assert len(set(rows[0])) == len(rows[0])
    return [dict(zip(columns_of(part), row, strict=True)) for row in rows[1:]]


def number(text: str) -> int | None:
    return int(text) if text else None


@pytest.mark.parametrize("query", FILTERS)
async def test_page_csv_json_and_workbook_say_the_same(coordinator: AsyncClient, query: dict[str, str]) -> None:
    made = (await get(coordinator, "/api/v1/reports/dashboard", **query)).json()
    assert (await get(coordinator, f"{FILES}.json", **query)).json() | {"made_at": ""} == made | {"made_at": ""}
    shown = await get(coordinator, PATH, **query)
    assert shown.status_code == 200
    text = shown.text
    content = (await get(coordinator, f"{FILES}.xlsx", **query)).content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    with in_language("en"):
        titles = {part: str(title) for part, title in TITLES.items()}
        sheets = {part: Part(part, (), []).sheet for part in TITLES}
    for part in titles:
        found = await lines(coordinator, part, **query)
        if found:
            sheet = book.get_sheet_by_name(sheets[part]).to_python()[1:]
            plain = [["" if each is None else str(each) for each in line.values()] for line in found]
            assert [[_plain(cell) for cell in row] for row in sheet] == [
                [_plain(cell) for cell in row] for row in plain
            ]
        else:
            assert sheets[part] not in book.sheet_names
    for part in (*BREAKS, "regions"):
        cells = [each["cell"] for each in made[part]] if part == "regions" else made[part]
        assert [(line["code"], number(line["participations"])) for line in await lines(coordinator, part, **query)] == [
            (cell["code"], cell["participations"]) for cell in cells
        ]
        _check_table(text, titles[part], [cell for cell in cells if cell["participations"]])
    assert [number(line["number"]) for line in await lines(coordinator, "funnel", **query)] == [
        made["funnel"][step] for step in ("invited", "registered", "attended", "no_shows", "answered")
    ]
    heat = [
        (line["theme"], line["region"], int(line["participations"]))
        for line in await lines(coordinator, "heat", **query)
    ]
    assert heat == [(cell["theme"], cell["region"], cell["participations"]) for cell in made["heat"]]


def _plain(value: Any) -> str:
    """Cells of a sheet are floats and empty texts; those of a CSV file texts."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return str(float(text)) if re.fullmatch(r"-?\d+(\.\d+)?", text) and not re.match(r"0\d", text) else text


def _check_table(text: str, title: str, cells: list[Mapping[str, Any]]) -> None:
    if not cells:
        return
    table = next(found for found in re.findall(r"<table.*?</table>", text, re.DOTALL) if f"<caption>{title}<" in found)
    rows = [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd] .*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    ]
    assert [(row[0], row[1:4]) for row in rows] == [
        (cell["name"], [str(cell[name]) for name in ("participations", "persons", "organisations")]) for cell in cells
    ]


OPENED = re.compile(r'href="(/staff/reports/(?:participation/(?:rows|persons|organisations)|steps)\?[^"]+)"')


async def test_the_time_is_named_in_files_by_the_unit_that_stands_there(coordinator: AsyncClient) -> None:
    for part in ("totals", "change"):
        found = await lines(coordinator, part, **{"from": "2026-01-01", "to": "2026-12-31"})
        named = {line["code"]: line["name"] for line in found}
        assert (named["minutes"], named["participations"]) == ("Minutes", "Participations")


async def test_each_figure_opens_down_to_its_rows_and_leads_back(coordinator: AsyncClient) -> None:
    query = {"from": "2026-01-01", "to": "2026-12-31", "mode": "venue"}
    text = (await get(coordinator, PATH, **query)).text
    links = {unescape(link) for link in OPENED.findall(text)}
    assert {"", "region", "month", "theme", "heat", "organisation_type", "new_persons", "new_organisations"} <= {
        found[1] for link in links if (found := re.search(r"by=(\w*)", link))
    }
    assert {"/rows", "/persons", "/organisations"} <= {
        found[0] for link in links if (found := re.search(r"/(rows|persons|organisations)", link))
    }
    assert any(link.startswith("/staff/reports/steps") for link in links)
    for link in links:
        opened = await coordinator.get(link)
        assert opened.text.count('<tr role="row">') > 1, link
        assert 'href="/staff/reports?from=2026-01-01&amp;to=2026-12-31&amp;mode=venue' in opened.text


async def test_new_and_returning_open_down_to_who_they_are(client: AsyncClient) -> None:
    rows = [Row(0, 1, 1), Row(0, 2, None), Row(1, 1, 2), Row(1, 3, 1), Row(1, 4, 3)]
    await build(World([Held(), Held(day=60)], rows))
    await sign_in(client, await make_staff("coordinator"))
    expected = {"new_persons": 2, "returning_persons": 1, "new_organisations": 2, "returning_organisations": 1}
    text = unescape((await get(client, PATH, **{"from": "2026-03-01"})).text)
    for by, number in expected.items():
        link = next(link for link in OPENED.findall(text) if f"by={by}&" in link)
        assert link.startswith(f"{PATH}/participation/{by.partition('_')[2]}?")
        assert (await client.get(link)).text.count('<tr role="row">') - 1 == number, by


async def test_chosen_filters_stand_in_words_and_can_be_taken_off(coordinator: AsyncClient) -> None:
    text = (await get(coordinator, PATH, **{"from": "2026-01-01", "region": "06", "size": "micro"})).text
    assert "Participants’ region: <strong>Pirkanmaa</strong>" in text
    assert 'href="/staff/reports?from=2026-01-01&amp;size=micro" aria-label="Take off: Participants’ region"' in text


async def test_periods_are_at_one_press(coordinator: AsyncClient) -> None:
    text = unescape((await get(coordinator, PATH, project="P1")).text)
    for start, end in (
        ("2026-01-01", "2026-12-31"),
        ("2025-01-01", "2025-12-31"),
        ("2026-04-01", "2026-06-30"),
        ("2026-01-10", "2026-01-10"),
    ):
        assert f'href="/staff/reports?project=P1&from={start}&to={end}"' in text


async def test_the_map_marks_the_regions_of_the_project(coordinator: AsyncClient) -> None:
    await database.execute(
        "UPDATE project SET target_regions = '{14,19}', targets = '{\"persons\": 50}' WHERE code = 'P1'"
    )
    text = (await get(coordinator, PATH, project="P1")).text
    assert text.count('class="region-14 target"') == text.count('class="region-19 target"') == 1
    assert 'class="region-06 target"' not in text
    assert "Targets of the project" in text
    target = {line["code"]: line["target"] for line in await lines(coordinator, "regions", project="P1")}
    assert (target["14"], target["06"]) == ("true", "false")


async def test_a_viewer_is_told_what_is_left_out_and_gets_no_rows(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("viewer"))
    text = (await get(client, PATH)).text
    assert "Themes and regions" in text.split('class="notice info"')[1].split("</div>")[0]
    assert "/rows?" not in text
    assert await lines(client, "heat") == []
    regions = {line["code"]: line["participations"] for line in await lines(client, "regions")}
    assert (regions["06"], regions["14"]) == ("", "0"), "the half-year is not over, and the three of the other wait"
    narrow = (await get(client, PATH, **{"from": "2026-01-10", "to": "2026-01-12"})).text
    assert "Periods are whole months here" in narrow


async def test_who_may_not_see_reports_gets_none_of_it(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("door"))
    for path in (PATH, f"{FILES}.xlsx", f"{FILES}.json", f"{FILES}/months.csv"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get(f"{FILES}/nothing.csv")).status_code == 404


@pytest.mark.parametrize("query", [{"from": "x"}, {"region": "99"}, {"series": "1"}, {"mode": "<b>"}])
async def test_a_filter_that_cannot_be_is_said(coordinator: AsyncClient, query: dict[str, str]) -> None:
    assert (await get(coordinator, PATH, **query)).status_code == 422
    assert (await get(coordinator, f"{FILES}/months.csv", **query)).status_code == 422


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_page_and_workbook_are_there_in_each_language(coordinator: AsyncClient, language: str) -> None:
    assert (await get(coordinator, PATH, lang=language)).status_code == 200
    content = (await get(coordinator, f"{FILES}.xlsx", lang=language)).content
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names) > 8
    with in_language(language):
        heads = next(csv.reader(io.StringIO((await get(coordinator, f"{FILES}/heat.csv", lang=language)).text)))
        assert heads[0] == {"fi": "Teema, tunnus", "sv": "Tema, kod", "en": "Theme, code"}[language]


async def test_the_page_stands_where_there_is_nothing_and_where_nothing_can_be_drawn(
    coordinator: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = await get(coordinator, PATH, **{"from": "2020-01-01", "to": "2020-01-31"})
    assert "No participations in this period" in empty.text
    monkeypatch.setattr("events.core.drawing.PATIENCE", 0.0)
    drawing.close()
    drawing._cache.clear()
    try:
        undrawn = await get(coordinator, PATH)
    finally:
        drawing.close()
    assert undrawn.status_code == 200
    assert "<svg" not in undrawn.text.split("<main")[1].split("</main>")[0]
    assert "Pirkanmaa" in undrawn.text
