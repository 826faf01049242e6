"""A day in the workbook of a report is one, shown as people write it: it sorts and filters."""

import io
import zipfile
from datetime import date

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from tests.factories import make_staff, sign_in
from tests.reports.funder.made import WORLD
from tests.reports.world import build

NOT_RECONCILED = WORLD.events[2].held_on


@pytest.mark.parametrize("report", ["participation", "dashboard", "network"])
@pytest.mark.parametrize(("language", "shown"), [("fi", "d.m.yyyy"), ("en", "dd/mm/yyyy")])
async def test_days_are_dates_and_not_texts(client: AsyncClient, report: str, language: str, shown: str) -> None:
    await build(WORLD)
    await sign_in(client, await make_staff("coordinator"))
    file = await client.get(f"/staff/reports/{report}.xlsx?lang={language}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    days = set()
    for name in book.sheet_names:
        heads, *rows = book.get_sheet_by_name(name).to_python() or [[]]
        days |= {row[place] for place, head in enumerate(heads) if head in {"Date", "Päivä"} for row in rows}
    assert {type(day) for day in days} == {date}
    assert report == "participation" or days == {NOT_RECONCILED}
    with zipfile.ZipFile(io.BytesIO(file.content)) as parts:
        assert f'formatCode="{shown}"' in parts.read("xl/styles.xml").decode()
