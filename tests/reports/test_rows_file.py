"""The rows behind a figure as files: as many as the figure says, with the same filters."""

import csv
import io
from datetime import date

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from python_calamine import CalamineWorkbook

from events.core import database
from events.reports import rows_file
from events.reports.filters import Filters, Reach
from events.reports.rows import Behind
from tests.factories import make_staff, sign_in
from tests.reports.test_pages import PATH, SMALL, get
from tests.reports.test_participation import undone
from tests.reports.world import World, admitted, build, cell_of, counts, filters, worlds


async def read(kind: str, wanted: Filters, **chosen: str) -> list[dict[str, object]]:
    write = {"csv": rows_file.csv_file, "xlsx": rows_file.xlsx_file}[kind]
    content = b"".join([piece async for piece in write(wanted, Reach(), Behind(**chosen))])
    if kind == "csv":
        return by_column(content.decode())
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    *sheets, told = (book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names)
    codes = {(column, name): code for column, name, code in told}
    assert len(codes) == len(told)  # a name stands for one code
    lines = [dict(zip(rows_file.HEADINGS, row, strict=True)) for rows in sheets for row in rows]
    coded = {name: rows_file.heading(name) for name in rows_file.CODED}
    return [
        {**line, **{f"{name}_code": codes.get((column, line[name]), "") for name, column in coded.items()}}
        for line in lines
    ]


def as_text(line: dict[str, object]) -> tuple[str, ...]:
    """Return what a line says in the order of the columns, numbers without decimals as a workbook's reader has them."""
    return tuple(
        f"{value:.0f}" if isinstance(value, float) else str(value) for value in map(line.get, rows_file.COLUMNS)
    )


def by_column(content: str) -> list[dict[str, object]]:
    """Read a CSV file, whose headings are in some language, by its columns."""
    return [dict(zip(rows_file.COLUMNS, row, strict=True)) for row in list(csv.reader(io.StringIO(content)))[1:]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), wanted=filters())
async def test_rows_are_those_that_a_naive_count_finds(db: object, world: World, wanted: Filters) -> None:
    expected = [row for row in admitted(world, wanted) if counts(row, world, wanted.project)]
    by = {(f"Henkilö{row.person}", world.events[row.event].held_on, row.minutes, row.mode) for row in expected}
    async with undone():
        await build(world)
        lines = await read("csv", wanted)
        sheet = await read("xlsx", wanted)
        months = {cell_of("month", row, world)[0] for row in expected}
        opened = {month: len(await read("csv", wanted, by="month", cell=month)) for month in months}
    assert len(lines) == len(sheet) == len(expected)
    assert {
        (
            each["given_name"],
            date.fromisoformat(str(each["held_on"])),
            int(str(each["minutes"])),
            each["site_mode_code"],
        )
        for each in lines
    } == by
    assert {(each["given_name"], each["held_on"], each["minutes"], each["site_mode_code"]) for each in sheet} == by
    assert sorted(map(as_text, lines)) == sorted(map(as_text, sheet))
    assert opened == {month: sum(cell_of("month", row, world) == [month] for row in expected) for month in months}


async def test_a_workbook_goes_on_on_a_further_sheet(db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    await build(SMALL)
    monkeypatch.setattr(rows_file, "MOST_ROWS", 5)
    monkeypatch.setattr(rows_file, "CHUNK", 4)
    assert len(await read("xlsx", Filters())) == 9


async def test_the_page_hands_the_rows_out_and_the_trail_tells_it(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    page = await get(client, f"{PATH}/rows", by="region", cell="06")
    assert f"{PATH}/rows.csv?by=region&amp;cell=06" in page.text
    lines = by_column((await get(client, f"{PATH}/rows.csv", by="region", cell="06")).text)
    assert [(line["region"], line["region_code"]) for line in lines] == [("Pirkanmaa", "06")] * 6
    assert (await get(client, f"{PATH}/rows.xlsx")).content.startswith(b"PK")
    told = await database.fetch("SELECT detail FROM audit WHERE action = 'participations.exported'")
    assert len(told) == 2


async def test_a_viewer_gets_no_rows(client: AsyncClient) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("viewer"))
    for kind in ("csv", "xlsx"):
        assert (await get(client, f"{PATH}/rows.{kind}")).status_code == 404


async def test_a_name_that_looks_like_a_formula_is_none(client: AsyncClient) -> None:
    await build(SMALL)
    await database.execute("UPDATE person SET given_name = '=1+1'")
    await sign_in(client, await make_staff("coordinator"))
    assert {str(line["given_name"])[0] for line in await read("csv", Filters())} == {"'"}
    assert {line["given_name"] for line in await read("xlsx", Filters())} == {"=1+1"}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", {"Maakunta": "Pirkanmaa", "Rooli": "Osallistuja", "Maakunta, tunnus": "06"}),
        ("sv", {"Landskap": "Birkaland", "Roll": "Deltagare", "Landskap, kod": "06"}),
    ],
)
async def test_the_rows_are_in_the_language_of_the_page(
    client: AsyncClient, language: str, told: dict[str, str]
) -> None:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    content = await get(client, f"{PATH}/rows.csv", by="region", cell="06", lang=language)
    heads, *rows = csv.reader(io.StringIO(content.text))
    assert len(set(heads)) == len(heads) == len(rows_file.COLUMNS)
    assert told.items() <= dict(zip(heads, rows[0], strict=True)).items()
    book = CalamineWorkbook.from_filelike(io.BytesIO((await get(client, f"{PATH}/rows.xlsx", lang=language)).content))
    assert book.get_sheet_by_index(0).to_python()[0] == heads[: len(rows_file.HEADINGS)]
