"""The data dictionary names every answer of the reports and says what each name means."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.i18n import LANGUAGES, in_language
from events.reports.dashboard import parts
from events.reports.dictionary import Field, Shape, dictionary
from events.reports.effect.parts import TABLES
from tests.factories import insert, make_staff, sign_in
from tests.reports.test_pages import SMALL
from tests.reports.world import Held, Row, World, build

PARTICIPATION, DASHBOARD, NETWORK = (
    f"GET /api/v1/reports/{name}" for name in ("participation", "dashboard", "network")
)

MET = World(
    [Held(themes=("digitalisation",)), Held(day=90), Held(day=200), Held(reconciled=False)],
    [
        *(Row(0, each, each) for each in range(5)),
        *(Row(1, each, each, region="14") for each in range(5)),
        *(Row(2, 0, 0), Row(2, 1, 1, region="14"), *(Row(2, each, None) for each in range(2, 5))),
    ],
)
"""Five organisations meet twice, and two of them once more: few enough to be kept from who may not see persons."""


def shapes(code: str = "en") -> dict[str, Shape]:
    with in_language(code):
        made = dictionary()
    assert len({shape.id for shape in made.shapes}) == len(made.shapes)
    return {shape.id: shape for shape in made.shapes}


def meaning(shape: str, name: str) -> str:
    (found,) = (field.meaning for field in shapes()[shape].fields if field.name == name)
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_name_has_a_meaning(code: str) -> None:
    told = list(shapes(code).values())
    assert {"Dashboard", "Funnel", "NetworkEffect", "FunderReportView", "participation.csv"} <= {
        shape.id for shape in told
    }
    assert [(shape.id, field.name) for shape in told for field in shape.fields if not field.meaning] == []


def test_a_struct_stands_once_with_every_answer_that_holds_it() -> None:
    assert shapes()["Cell"].where == f"{PARTICIPATION}, {DASHBOARD}"
    assert shapes()["EventLine"].where == f"{PARTICIPATION}, {DASHBOARD}, {NETWORK}"


def test_a_name_means_what_it_does_where_it_stands() -> None:
    assert meaning("NewAndReturning", "new").startswith("No participation before the period")
    assert meaning("QuarterLinks", "new").startswith("New: the two had never met before")
    assert meaning("Dashboard", "targets") != meaning("NetworkEffect", "targets")
    assert meaning("Cell", "persons") != meaning("PeriodChange", "persons")


FILES = ("dashboard/", "network.csv", "participation/rows.csv")

Lines = list[dict[str, str]]


async def lines_of(client: AsyncClient, shape: Shape, query: str = "") -> Lines:
    """Ask for a file: its head is what the dictionary says, in its order, and so is what stands in its columns."""
    path = shape.where.split(", ")[0]
    address = f"{path}{'&' if '?' in path else '?'}lang=en&{query}"
    answer = await client.get(address)
    assert answer.status_code == 200, address
    assert next(csv.reader(io.StringIO(answer.text))) == [field.name for field in shape.fields], address
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [field.name for field in shape.fields if not holds(field, lines)] == [], address
    return lines


def holds(field: Field, lines: Lines) -> bool:
    """Whether the values are of the field's type, and none is missing that must not be."""
    read: Mapping[str, Callable[[str], object]] = {
        "integer": int,
        "number": float,
        "date": date.fromisoformat,
        "boolean": ("false", "true").index,
    }
    values = [line[field.name] for line in lines]
    try:
        for value in filter(None, values):
            read.get(field.type, str)(value)
    except ValueError:
        return False
    return field.nullable or all(values)


def test_a_wrong_or_missing_value_is_seen() -> None:
    links = Field("links", "integer", nullable=False, meaning="")
    assert holds(links, [{"links": "1"}])
    assert not holds(links, [{"links": "1"}, {"links": ""}])
    assert not holds(links, [{"links": "Uusimaa"}])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_column_of_a_file_has_a_meaning(code: str) -> None:
    told = [shape for shape in shapes(code).values() if shape.id.startswith(FILES)]
    assert len(told) == len(parts.TITLES) + len(TABLES) + 2
    assert [(shape.id, field.name) for shape in told for field in shape.fields if not field.meaning] == []


async def test_the_columns_of_the_dashboards_files_are_those_of_the_files(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    told = {each.id: each for each in shapes().values() if each.id.startswith("dashboard/")}
    assert len(told) == len(parts.TITLES)
    for name, shape in told.items():
        assert shape.where == f"/staff/reports/{name}"
        await lines_of(client, shape, "from=2026-01-01&to=2026-12-31")


@pytest.mark.parametrize("role", ["coordinator", "viewer"])
async def test_the_columns_of_the_network_effects_files_are_those_of_the_files(client: AsyncClient, role: str) -> None:
    """Who may not see persons gets the same columns, and what is kept back is missing only where the dictionary says."""
    await build(MET)
    await insert("planned_entry", year=2026, quarter=1, kind="workshop", title="Paja")
    await sign_in(client, await make_staff(role))
    told = shapes()
    everything = await lines_of(client, told["network.csv"])
    files = {name: await lines_of(client, told[f"network.csv?part={name}"]) for name in TABLES}
    empty = {name for name, lines in files.items() if not lines}
    kept_back = {"by_quarter", "bridges"}
    assert empty == (set() if role == "coordinator" else kept_back)
    assert [line["part"] for line in everything] == [line["part"] for lines in files.values() for line in lines]
    assert all(line["links"] for line in files["quarters"]) == (role == "coordinator")


async def test_the_columns_of_the_rows_behind_a_figure_are_those_of_the_files(client: AsyncClient) -> None:
    """Also where a row knows as little as it can: of who was erased, without an organisation and from abroad."""
    await build(World([Held()], [Row(0, 0, 0), Row(0, 1, None, region="", country="SE", organisation_type="unknown")]))
    await database.execute("UPDATE person SET given_name = '', family_name = '' WHERE given_name = 'Henkilö1'")
    await sign_in(client, await make_staff("coordinator"))
    told = shapes()["participation/rows.csv"]
    lines = await lines_of(client, told)
    assert {line["Given name"] for line in lines} == {"Henkilö0", ""}
    assert {line["Region, code"] for line in lines} == {"06", "abroad"}
    told = shapes()["participation/rows.xlsx"]
    book = CalamineWorkbook.from_filelike(io.BytesIO((await client.get(f"{told.where}?lang=en")).content))
    assert book.get_sheet_by_index(0).to_python()[0] == [field.name for field in told.fields]


async def test_the_page_shows_every_file(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("viewer"))
    text = (await client.get("/staff/reports/dictionary?lang=fi")).text
    told = [shape.id for shape in shapes().values() if shape.id.startswith(FILES)]
    assert [name for name in told if f'-{name}">{name}</h3>' not in text] == []
    assert "Työpaikan kunnan tunnus." in text
