"""The page, its files, the API and the events behind a cell; who sees what."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.drawing import DrawingFailed
from events.reports.effect import behind
from tests.factories import insert, make_staff, sign_in
from tests.reports.test_pages import get, token
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PATH = "/staff/reports/network"

KNOWN = World(
    [
        Held(projects=("P1",), themes=("digitalisation",)),
        Held(day=60, projects=("P1",)),
        Held(day=90),
        Held(reconciled=False),
    ],
    [
        Row(0, 0, 0),  # 06
        Row(0, 1, 1, region="14"),
        Row(0, 2, 2, region="14"),
        Row(1, 0, 0),  # the same quarter: 0 and 1 are no second link
        Row(1, 1, 1, region="14"),
        Row(2, 0, 0),  # next quarter: 0 and 1 again, 3 is new to both
        Row(2, 1, 1, region="14"),
        Row(2, 3, 3, region="06"),
        Row(2, 4, 4, region="06", role="project_staff"),  # does not count
    ],
)
"""Q1: 0–1, 0–2 (06–14), 1–2 (14–14) new. Q2: 0–1 repeated; 0–3 (06–06), 1–3 (06–14) new."""


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await build(KNOWN)
    await sign_in(client, await make_staff("coordinator"))
    return client


async def test_a_known_network_gives_its_known_figures(coordinator: AsyncClient) -> None:
    made = (await get(coordinator, f"{PATH}.json")).json()
    assert made["totals"] == {"new": 5, "repeated": 1, "links": 6}
    assert (made["pairs"], made["organisations"]) == (5, 4)
    assert [(each["quarter"], each["new"], each["repeated"]) for each in made["quarters"]] == [
        ("2026-Q1", 3, 0),
        ("2026-Q2", 2, 1),
    ]
    assert {(each["region"], each["other"]): (each["new"], each["repeated"]) for each in made["matrix"]} == {
        ("06", "06"): (1, 0),
        ("06", "14"): (3, 1),
        ("14", "14"): (1, 0),
    }
    assert [(each["name"], each["reached"], each["partners"]) for each in made["bridges"]] == [
        ("Yritys 0", ["14"], 3),
        ("Yritys 1", ["06"], 3),
        ("Yritys 2", ["06"], 2),
        ("Yritys 3", ["14"], 2),
    ]
    assert (made["came_back"]["persons"], made["came_back"]["again"]) == (4, 2)
    assert made["came_back"]["times"] == [{"number": 1, "count": 2}, {"number": 3, "count": 2}]
    assert [line["title"] for line in made["not_reconciled"]] == ["Test workshop"]


async def test_sums_are_the_same_in_every_format(coordinator: AsyncClient) -> None:
    made = (await get(coordinator, f"{PATH}.json")).json()
    lines = list(csv.DictReader(io.StringIO((await get(coordinator, f"{PATH}.csv")).text)))
    book = CalamineWorkbook.from_filelike(io.BytesIO((await get(coordinator, f"{PATH}.xlsx")).content))
    for part, sheet in (("matrix", "Regions that met"), ("quarters", "Quarters")):
        for name in ("new", "repeated", "links"):
            total = made["totals"][name]
            assert sum(each[name] for each in made[part]) == total
            assert sum(int(line[name]) for line in lines if line["part"] == part) == total
            rows = book.get_sheet_by_name(sheet).to_python()
            place = rows[0].index(name.capitalize())
            assert sum(int(str(row[place]).partition(".")[0]) for row in rows[1:]) == total
    assert sum(each["links"] for each in made["by_quarter"]) == made["totals"]["links"]


async def test_one_part_can_be_taken_by_itself(coordinator: AsyncClient) -> None:
    lines = list(csv.DictReader(io.StringIO((await get(coordinator, f"{PATH}.csv", part="matrix")).text)))
    assert {line["part"] for line in lines} == {"matrix"}
    assert len(lines) == 3
    hostile = (await get(coordinator, f"{PATH}.csv", part="'; DROP")).text
    assert hostile == (await get(coordinator, f"{PATH}.csv")).text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_page_shows_charts_tables_and_definitions(coordinator: AsyncClient, language: str) -> None:
    answer = await get(coordinator, PATH, lang=language)
    assert answer.status_code == 200
    assert answer.text.count('<svg role="img"') == 2


async def test_a_cell_opens_down_to_the_pairs_that_it_counts_and_their_events(coordinator: AsyncClient) -> None:
    assert f"{PATH}/events?one=06&amp;two=14" in (await get(coordinator, PATH)).text
    cells = {("06", "14"): (4, 3, 3), ("14", "06"): (4, 3, 3), ("14", "14"): (1, 1, 1), ("06", "06"): (1, 1, 1)}
    for (one, two), (links, pairs, events) in cells.items():
        opened = (await get(coordinator, f"{PATH}/events", one=one, two=two)).text
        table, others = opened.split("<tbody")[1:]
        numbers = [int(each) for each in re.findall(r'"Links [^"]*" class="number">(\d+)<', table)]
        assert (sum(numbers), len(numbers)) == (links, pairs), (one, two)
        assert others.count('<tr role="row">') == events
        assert ">Rows<" not in opened
    first = (await get(coordinator, f"{PATH}/events", one="06", two="14")).text.split("<tbody")[1]
    assert re.search(r"Yritys 0</th>.*Yritys 1</td>.*>2</td>.*>3</td>", first, re.DOTALL), "two quarters, three events"


@pytest.mark.parametrize(
    "asked", [{"one": "06", "two": "21"}, {"one": "1=1;--", "two": "\x00"}, {"one": "06", "two": "14", "after": "999"}]
)
async def test_what_no_regions_have_met_is_nothing(coordinator: AsyncClient, asked: dict[str, str]) -> None:
    answer = await get(coordinator, f"{PATH}/events", **asked)
    assert answer.status_code == 200
    assert "Yritys" not in answer.text


async def test_pairs_stand_on_pages(coordinator: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "PAGE", 2)
    here = f"{PATH}/events?one=06&amp;two=14"
    first = (await get(coordinator, f"{PATH}/events", one="06", two="14")).text
    assert f'href="{here}&amp;after=2"' in first
    second = (await get(coordinator, f"{PATH}/events", one="06", two="14", after="2")).text
    assert second.split("<tbody")[1].count('role="rowheader"') == 1
    assert f'href="{here}"' in second


async def test_a_period_takes_what_was_before_it_as_history(coordinator: AsyncClient) -> None:
    made = (await get(coordinator, f"{PATH}.json", **{"from": "2026-03-01"})).json()
    assert [(each["quarter"], each["new"], each["repeated"]) for each in made["quarters"]] == [
        ("2026-Q1", 0, 1),
        ("2026-Q2", 2, 1),
    ]


async def test_merged_organisations_are_one(coordinator: AsyncClient) -> None:
    await database.execute(
        "UPDATE organisation SET merged_into = (SELECT id FROM organisation WHERE name = 'Yritys 1')"
        " WHERE name = 'Yritys 2'"
    )
    made = (await get(coordinator, f"{PATH}.json")).json()
    assert made["totals"] == {"new": 3, "repeated": 1, "links": 4}
    assert made["organisations"] == 3


async def test_merged_persons_came_back_together(coordinator: AsyncClient) -> None:
    await database.execute(
        "UPDATE person SET merged_into = (SELECT id FROM person WHERE given_name = 'Henkilö3')"
        " WHERE given_name = 'Henkilö2'"
    )
    made = (await get(coordinator, f"{PATH}.json")).json()["came_back"]
    assert (made["persons"], made["again"]) == (3, 3)
    assert made["regions"] == [{"number": 1, "count": 2}, {"number": 2, "count": 1}]


async def test_regions_are_set_against_the_targets_of_the_project(coordinator: AsyncClient) -> None:
    await database.execute("UPDATE project SET target_regions = '{06,21}' WHERE code = 'P1'")
    made = (await get(coordinator, f"{PATH}.json", project="P1")).json()
    assert (made["targets"], made["targets_reached"]) == (2, 1)
    regions = {each["code"]: each for each in made["regions"]}
    assert (regions["06"]["participations"], regions["06"]["organisations"], regions["06"]["linked"]) == (2, 1, 1)
    assert (regions["21"]["target"], regions["21"]["reached"]) == (True, False)
    for language in ("fi", "en"):
        answer = await get(coordinator, f"{PATH}.csv", project="P1", part="regions", lang=language)
        lines = {line["region"]: line for line in csv.DictReader(io.StringIO(answer.text))}
        assert (lines["21"]["target"], lines["21"]["reached"]) == ("true", "false")
    page = (await get(coordinator, PATH, project="P1", lang="en")).text
    assert re.search(r"Åland.*?>yes<.*?>no<", page[page.index('<section id="regions"') :], re.DOTALL)


async def test_the_yearly_clock_is_covered_by_what_was_held(coordinator: AsyncClient) -> None:
    event = await database.fetchval("SELECT id FROM event WHERE reconciled_at IS NOT NULL ORDER BY starts_at LIMIT 1")
    for quarter, made_of_it in ((1, event), (1, None), (2, None)):
        await insert("planned_entry", year=2026, quarter=quarter, kind="workshop", title="Paja", event=made_of_it)
    made = (await get(coordinator, f"{PATH}.json")).json()["clock"]
    assert [(each["quarter"], each["planned"], each["published"], each["held"]) for each in made] == [
        ("2026-Q1", 2, 1, 1),
        ("2026-Q2", 1, 0, 0),
    ]
    assert made[0]["coverage"] == 0.5
    for filters, quarters in (
        ({"from": "2026-03-31"}, 2),
        ({"from": "2026-04-01"}, 1),
        ({"to": "2026-03-31"}, 1),
        ({"kind": "meeting"}, 0),
        ({"from": "9999-12-31"}, 0),
        ({"to": "0001-01-01"}, 0),
    ):
        assert len((await get(coordinator, f"{PATH}.json", **filters)).json()["clock"]) == quarters, filters


@pytest.mark.parametrize("query", [{"from": "x"}, {"region": "99"}, {"series": "1"}, {"mode": "'"}])
async def test_a_filter_that_cannot_be_is_named(coordinator: AsyncClient, query: dict[str, str]) -> None:
    assert (await get(coordinator, PATH, **query)).status_code == 422
    assert (await get(coordinator, "/api/v1/reports/network", **query)).status_code == 422
    assert (await get(coordinator, f"{PATH}/events", **query)).status_code == 422


async def test_a_program_gets_the_figures_without_the_names_of_organisations(client: AsyncClient) -> None:
    await build(KNOWN)
    answer = await client.get("/api/v1/reports/network?project=P1", headers=await token("reports"))
    made = answer.json()
    assert made["totals"]["links"] == 3
    assert {each["name"] for each in made["bridges"]} == {""}
    assert {"links", "new", "repeated", "place", "matrix", "bridges", "came_back", "clock"} <= set(made["definitions"])
    assert (await client.get("/api/v1/reports/network", headers=await token("checkin"))).status_code == 404
    assert (await client.get("/api/v1/reports/network")).status_code == 401


async def test_the_page_stands_where_nothing_can_be_drawn(
    coordinator: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.reports.effect.charts.chart_svg", _fails)
    answer = await get(coordinator, PATH)
    assert answer.status_code == 200
    assert "<details open>" in answer.text
    assert "<caption>" in answer.text.split('id="quarters"')[1].split("</section>")[0]


async def _fails(_spec: object, *, label: str) -> str:
    raise DrawingFailed(label)
