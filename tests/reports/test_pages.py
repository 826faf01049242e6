import csv
import html
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest
from httpx import AsyncClient, Response
from python_calamine import CalamineWorkbook

from events.core import clock, database, secrets
from tests.factories import fund, insert, make_staff, sign_in
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PATH = "/staff/reports/participation"

SMALL = World(
    [Held(projects=("P1",), themes=("digitalisation",)), Held(kind="meeting", day=40), Held(reconciled=False)],
    [
        *(Row(0, person, person % 3, region="06", size_class="micro") for person in range(6)),
        *(Row(1, person, None, region="14", organisation_type="university", minutes=90) for person in range(5, 8)),
        Row(0, 9, 0, role="project_staff"),
    ],
)


async def get(client: AsyncClient, path: str = PATH, **query: str) -> Response:
    with clock.at(NOW):
        return await client.get(f"{path}?{urlencode(query)}")


async def token(scope: str, **columns: Any) -> dict[str, str]:
    secret = secrets.new_secret()
    await insert("api_token", name="t", token_hash=secrets.digest(secret), scope=scope, **columns)
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    return client


@pytest.fixture
async def viewer(client: AsyncClient) -> AsyncClient:
    await build(SMALL)
    await sign_in(client, await make_staff("viewer"))
    return client


async def test_the_page_shows_numbers_definitions_charts_and_what_is_left_out(coordinator: AsyncClient) -> None:
    text = (await get(coordinator)).text
    assert "One attended registration of a reconciled event" in text
    assert "Held, but not reconciled" in text
    assert text.count('<svg role="img"') == 7
    assert "Project staff" in text
    assert "10 h 30 min" in text  # 6 × 60 + 3 × 90 minutes


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_page_and_pdf_are_there_in_each_language(coordinator: AsyncClient, language: str) -> None:
    assert (await get(coordinator, lang=language)).status_code == 200
    made = await get(coordinator, f"{PATH}.pdf", lang=language)
    assert made.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made.content


async def test_sums_of_rows_are_the_totals_in_every_format(coordinator: AsyncClient) -> None:
    made = (await get(coordinator, f"{PATH}.json")).json()
    total, minutes = made["totals"]["participations"], made["totals"]["minutes"]
    assert (total, minutes) == (9, 630)
    lines = list(csv.DictReader(io.StringIO((await get(coordinator, f"{PATH}.csv")).text)))
    book = CalamineWorkbook.from_filelike(io.BytesIO((await get(coordinator, f"{PATH}.xlsx")).content))
    exact = [each for each in made["break_downs"] if not each["overlapping"]]
    assert len(exact) == 5
    for each in exact:
        assert sum(cell["participations"] for cell in each["cells"]) == total
        assert sum(cell["minutes"] for cell in each["cells"]) == minutes
        section = [line for line in lines if line["section"] == each["by"]]
        assert sum(int(line["participations"]) for line in section) == total
        assert sum(int(line["minutes"]) for line in section) == minutes
        sheet = book.get_sheet_by_name(each["name"]).to_python()[1:]
        assert sum(row[2] for row in sheet) == total
        assert sum(row[5] for row in sheet) == minutes
    assert [int(line["participations"]) for line in lines if line["section"] == "total"] == [total]
    assert sum(int(line["participations"]) for line in lines if line["section"] == "event") == total


async def test_each_figure_opens_down_to_its_rows(coordinator: AsyncClient) -> None:
    made = (await get(coordinator, f"{PATH}.json")).json()
    for each in made["break_downs"]:
        for cell in each["cells"]:
            opened = await get(coordinator, f"{PATH}/rows", by=each["by"], cell=cell["code"])
            assert opened.text.count('<tr role="row">') - 1 == cell["participations"], (each["by"], cell["code"])
    for beside in made["not_counted"]:
        opened = await get(coordinator, f"{PATH}/rows", by=beside["why"], cell=beside["code"])
        assert opened.text.count('<tr role="row">') - 1 == beside["participations"]
    opened = await get(coordinator, f"{PATH}/rows", by="event", cell=made["events"][0]["slug"])
    assert opened.text.count('<tr role="row">') - 1 == made["events"][0]["participations"]


async def test_rows_of_an_unknown_break_down_are_none(coordinator: AsyncClient) -> None:
    opened = await get(coordinator, f"{PATH}/rows", by="1=1;--", cell="x", page="99")
    assert opened.status_code == 200
    assert "0 participations" in opened.text


async def test_a_viewer_sees_no_group_under_five_and_no_persons(viewer: AsyncClient) -> None:
    made = (await get(viewer, f"{PATH}.json")).json()
    regions = {
        cell["code"]: cell["participations"]
        for cell in next(b for b in made["break_downs"] if b["by"] == "region")["cells"]
    }
    assert regions == {"06": None}, "the half-year is not over"
    assert made["totals"]["participations"] == 6, "the three of the other event wait for two more"
    assert (await get(viewer, f"{PATH}/rows")).status_code == 404
    assert "/rows?" not in (await get(viewer)).text


async def test_a_viewer_sees_no_nought_where_all_there_is_waits_for_more(viewer: AsyncClient) -> None:
    for wanted, told in (({"kind": "meeting"}, None), ({"kind": "workshop"}, 6), ({"theme": "low-carbon"}, 0)):
        made = (await get(viewer, f"{PATH}.json", **wanted)).json()
        assert made["totals"]["participations"] == told, wanted


async def test_a_viewer_cannot_see_by_a_filter_what_is_hidden_without_it(client: AsyncClient) -> None:
    await build(World([Held()], [Row(0, n, n, region="14" if n < 3 else "06") for n in range(9)]))
    await sign_in(client, await make_staff("viewer"))
    for region in ("06", "14"):
        made = (await get(client, f"{PATH}.json", region=region)).json()
        assert made["totals"]["participations"] is None, region
    text = (await get(client, region="06")).text
    assert "Henkilö" not in text


async def test_a_viewer_is_told_which_whole_months_were_counted(viewer: AsyncClient) -> None:
    told = "Periods are whole months here"
    text = (await get(viewer, **{"from": "2026-01-05", "to": "2026-02-28"})).text
    assert told in text
    assert "Counted: 01/01/2026–28/02/2026." in text
    assert told not in (await get(viewer, **{"from": "2026-01-01", "to": "2026-02-28"})).text
    await sign_in(viewer, await make_staff("coordinator"))
    assert told not in (await get(viewer, **{"from": "2026-01-05", "to": "2026-02-28"})).text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
async def test_a_viewers_files_are_made_too(viewer: AsyncClient, kind: str) -> None:
    assert (await get(viewer, f"{PATH}.{kind}", region="14")).status_code == 200


async def test_the_api_answers_a_token_with_the_scope_reports(client: AsyncClient) -> None:
    await build(SMALL)
    headers = await token("reports")
    answer = await client.get("/api/v1/reports/participation?from=2026-01-01&to=2026-01-31", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["totals"]["participations"] == 6
    assert answer.json()["filters"] == {"from": "2026-01-01", "to": "2026-01-31"}


@pytest.mark.parametrize("report", ["reports/participation", "reports/dashboard", "reports/network", "surveys/compare"])
async def test_a_program_is_told_of_a_filter_that_is_none(client: AsyncClient, report: str) -> None:
    """Otherwise it would take the figures of everything for those of its filter."""
    headers = await token("reports")
    for query, name in (("start=2026-01-01", "start"), ("from=2026-01-01&from=2026-02-01", "from")):
        answer = await client.get(f"/api/v1/{report}?{query}", headers=headers)
        assert (answer.status_code, [*answer.json()["errors"]]) == (422, [name])
    assert (await client.get(f"/api/v1/{report}?from=2026-01-01&lang=sv", headers=headers)).status_code == 200


async def test_a_token_for_one_event_reports_on_that_event_alone(client: AsyncClient) -> None:
    events = await build(SMALL)
    headers = await token("reports", event_id=events[1])
    answer = await client.get("/api/v1/reports/participation", headers=headers)
    assert answer.json()["totals"]["participations"] == 3


async def test_a_viewer_of_one_region_sees_the_events_hosted_there(client: AsyncClient) -> None:
    await build(SMALL)
    await database.execute("UPDATE event SET host_region = '14' WHERE kind = 'workshop'")
    await sign_in(client, await make_staff("viewer", kind="region", resource="14"))
    assert (await get(client, f"{PATH}.json")).json()["totals"]["participations"] == 6


async def test_the_api_refuses_other_scopes_and_strangers(client: AsyncClient) -> None:
    assert (await client.get("/api/v1/reports/participation")).status_code == 401
    answer = await client.get("/api/v1/reports/participation", headers=await token("checkin"))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"region": "99"}, "region"),
        ({"project": "Nothing"}, "project"),
        ({"kind": "party"}, "kind"),
    ],
)
async def test_a_filter_that_cannot_be_is_named(coordinator: AsyncClient, query: dict[str, str], field: str) -> None:
    answer = await get(coordinator, "/api/v1/reports/participation", **query)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert (await get(coordinator, **query)).status_code == 422


async def test_a_title_that_looks_like_a_formula_stays_text(coordinator: AsyncClient) -> None:
    await database.execute("UPDATE event SET title_en = '=1+1'")
    text = (await get(coordinator, f"{PATH}.csv")).text
    assert "'=1+1" in text
    book = CalamineWorkbook.from_filelike(io.BytesIO((await get(coordinator, f"{PATH}.xlsx")).content))
    assert book.get_sheet_by_name("Events").to_python()[1][1] == "=1+1"


async def test_the_pdf_carries_the_marks_of_its_project(coordinator: AsyncClient, db: asyncpg.Connection) -> None:
    emblem = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
    await database.execute(
        "UPDATE project SET emblem = $1, emblem_type = 'image/svg+xml', statement_fi = 'Osarahoittaja' WHERE code = 'P1'",
        emblem,
    )
    made = await get(coordinator, f"{PATH}.pdf", project="P1")
    assert made.content.startswith(b"%PDF-")
    assert "Osarahoittaja" in (await get(coordinator, project="P1")).text
    assert made.content.count(b"/Figure") > (await get(coordinator, f"{PATH}.pdf", theme="low-carbon")).content.count(
        b"/Figure"
    )


async def test_a_report_on_all_projects_carries_the_marks_of_each(client: AsyncClient) -> None:
    events = await build(SMALL)
    await fund(events[1], emblem_alt_en="Twelve stars")
    await fund(events[2], "UNCOUNTED", statement_fi="Ei vielä")
    await sign_in(client, await make_staff("coordinator"))
    made = (await get(client, f"{PATH}.json")).json()
    assert [(mark["code"], mark["statement"]) for mark in made["marks"]] == [
        ("P1", ""),
        ("SIX", "Euroopan unionin osarahoittama"),
    ]
    assert 'alt="Twelve stars"' in (await get(client)).text
    lines = list(csv.DictReader(io.StringIO((await get(client, f"{PATH}.csv")).text)))
    assert ("SIX", "Euroopan unionin osarahoittama") in [
        (line["code"], line["name"]) for line in lines if line["section"] == "mark"
    ]
    assert (await get(client, f"{PATH}.pdf")).content.startswith(b"%PDF-")


async def test_the_workbook_shows_the_emblem_with_what_it_says(client: AsyncClient) -> None:
    events = await build(SMALL)
    await fund(events[0], emblem_alt_en="Twelve stars")
    await fund(events[1], "WEB", emblem=b"RIFF" + bytes(4) + b"WEBP" + bytes(40), emblem_alt_en="A wave")
    await sign_in(client, await make_staff("coordinator"))
    content = (await get(client, f"{PATH}.xlsx")).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Summary").to_python()
    assert rows[-2][0::2] == ["Kuusi verkkoa", "Euroopan unionin osarahoittama"]
    assert rows[-1] == ["Kuusi verkkoa", "A wave", "Euroopan unionin osarahoittama"], "no spreadsheet shows WebP"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "xl/media/image1.png" in book.namelist()
        assert 'descr="Twelve stars"' in book.read("xl/drawings/drawing1.xml").decode()


async def test_each_jump_of_the_report_leads_to_one_place(coordinator: AsyncClient) -> None:
    text = (await get(coordinator)).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(set(ids)) == len(ids)
    jumps = re.findall(r'href="#(by-[^"]+)"', text)
    assert "by-region" in jumps
    assert set(jumps) < set(ids)


@pytest.mark.parametrize("path", [PATH, "/staff/reports", "/staff/reports/network"])
async def test_events_lead_to_their_pages_only_for_who_may_open_them(
    client: AsyncClient, coordinator: AsyncClient, path: str
) -> None:
    own = re.compile(r'href="(/staff/events/[^"]+)"')
    found = own.findall((await get(coordinator, path)).text)
    assert found
    assert {(await client.get(link)).status_code for link in found} == {200}
    await sign_in(client, await make_staff("viewer"))
    text = (await get(client, path)).text
    assert not own.findall(text)
    assert "Held, but not reconciled" in text


@pytest.mark.parametrize(
    ("back", "by", "table"),
    [("report", "region", "by-region"), ("report", "event", "events"), ("dashboard", "month", "months")],
)
async def test_the_way_back_leads_to_the_table_one_came_from(
    coordinator: AsyncClient, back: str, by: str, table: str
) -> None:
    text = (await get(coordinator, f"{PATH}/rows", by=by, cell="06", back=back)).text
    found = re.search(r'<a href="([^"]+)">Back to the report', text)
    assert found
    address, _, place = html.unescape(found[1]).partition("#")
    assert place == table
    assert f'id="{table}"' in (await get(coordinator, address.partition("?")[0])).text


@pytest.mark.parametrize("path", [PATH, "/staff/reports", "/staff/reports/network"])
async def test_a_viewer_reads_what_a_dash_means(client: AsyncClient, coordinator: AsyncClient, path: str) -> None:
    told = "a longer period may show less than a shorter one"
    assert told not in (await get(coordinator, path)).text
    await sign_in(client, await make_staff("viewer"))
    assert told in (await get(client, path)).text
