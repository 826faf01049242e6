"""The yearly clock: what is planned, who may plan it, and how it becomes an event."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchrow, fetchval
from events.core.i18n import in_language
from events.network.queries import Named
from events.programme.actions import cancel_event, delete_draft, publish
from events.programme.plan import queries as plan_queries
from events.programme.plan.actions import AHEAD, NewEntry, add_entry, make_planned_event, proposed_day
from tests.factories import NOW, insert, make_event, make_staff, sign_in

CLOCK = "/staff/clock"
ANSWERS = {
    "title": "Vetypäivä",
    "kind": "workshop",
    "year": "2027",
    "quarter": "2",
    "theme": "low-carbon",
    "region": "06",
    "project": "SIXNET",
    "note": "Kutsutaan satama",
}


async def plan(**values: Any) -> UUID:
    entry = {
        "year": 2027,
        "quarter": 2,
        "kind": "workshop",
        "title": "Vetypäivä",
        "theme": "low-carbon",
        "region": "06",
    }
    return await add_entry(NewEntry(**{**entry, **values}), actor=SYSTEM, now=NOW)


async def post(client: AsyncClient, path: str, data: Mapping[str, Any]) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=dict(data))


async def get(client: AsyncClient, path: str) -> httpx.Response:
    with clock.at(NOW):
        return await client.get(path)


@pytest.fixture
async def staff(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("admin"))
    return client


async def states(year: int = 2027, project: str = "", now: datetime = NOW) -> list[str]:
    return [item.state for item in await plan_queries.items(year, project, actor=SYSTEM, now=now)]


async def test_an_entry_becomes_a_draft_and_is_free_again_without_it(db: asyncpg.Connection) -> None:
    entry = await plan(project="SIXNET", kind="meeting")
    assert await states() == ["planned"]
    created = await make_planned_event(entry, region=None, actor=SYSTEM, now=NOW)
    assert await make_planned_event(entry, region=None, actor=SYSTEM, now=NOW) == created, "twice gives the same"
    row = await fetchrow("SELECT * FROM event WHERE id = $1", created.id)
    assert row is not None
    assert (row["title_fi"], row["kind"], row["host_region"], row["state"]) == ("Vetypäivä", "meeting", "06", "draft")
    assert row["starts_at"] == datetime(2027, 5, 4, 6, tzinfo=UTC)
    assert await fetchval("SELECT theme FROM event_theme WHERE event = $1", created.id) == "low-carbon"
    assert await states(project="SIXNET") == ["draft"]
    await delete_draft(created.id, actor=SYSTEM, now=NOW)
    assert await states() == ["planned"]


async def test_a_cancelled_event_leaves_the_entry_to_be_made_again(db: asyncpg.Connection) -> None:
    entry = await plan()
    first = await make_planned_event(entry, region=None, actor=SYSTEM, now=NOW)
    await publish(first.id, actor=SYSTEM, now=NOW)
    assert await states() == ["published"]
    assert await states(now=NOW + timedelta(days=365)) == ["held"]
    await cancel_event(first.id, actor=SYSTEM, now=NOW)
    assert await states() == ["planned"]
    second = await make_planned_event(entry, region=None, actor=SYSTEM, now=NOW)
    assert second.id != first.id


async def test_the_grid_has_a_row_for_each_and_one_for_what_has_none(db: asyncpg.Connection) -> None:
    event = await make_event(
        starts_at=datetime(2027, 6, 30, 20, 59, tzinfo=UTC), ends_at=datetime(2027, 7, 1, 9, tzinfo=UTC)
    )
    for theme in ("low-carbon", "digitalisation"):
        await insert("event_theme", event=event, theme=theme)
    await plan(theme=None, quarter=4)
    found = await plan_queries.items(2027, "", actor=SYSTEM, now=NOW)
    themes = [
        Named("low-carbon", "A"),
        Named("digitalisation", "B"),
        Named("responsibility", "C"),
        Named("smart-machines", "D"),
    ]
    rows = plan_queries.grid(found, themes, "themes", "ilman")
    assert [(row.code, [len(cell) for cell in row.cells]) for row in rows] == [
        ("low-carbon", [0, 1, 0, 0]),
        ("digitalisation", [0, 1, 0, 0]),
        ("responsibility", [0, 0, 0, 0]),
        ("smart-machines", [0, 0, 0, 0]),
        ("", [0, 0, 0, 1]),
    ]
    by_region = plan_queries.grid(found, [Named("06", "Pirkanmaa")], "regions", "ilman")
    assert [(row.code, [len(cell) for cell in row.cells]) for row in by_region] == [("06", [0, 1, 0, 1])]


async def test_an_event_stands_with_every_region_where_it_has_a_venue(db: asyncpg.Connection) -> None:
    begins = datetime(2027, 6, 1, 9, tzinfo=UTC)
    event = await make_event(host_region="05", starts_at=begins, ends_at=begins + timedelta(hours=6))
    await insert("site", event=event, mode="venue", name="Stop", municipality="405", position=1)
    found = await plan_queries.items(2027, "", actor=SYSTEM, now=NOW)
    rows = plan_queries.grid(found, [Named(code, code) for code in ("05", "06", "09", "17")], "regions", "ilman")
    assert {row.code for row in rows if row.cells[1]} == {"05", "06", "09"}


@given(st.integers(2000, 2100), st.integers(1, 4), st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_the_proposed_day_is_a_tuesday_in_the_quarter(year: int, quarter: int, today: date) -> None:
    day = proposed_day(year, quarter, today)
    assert (day.weekday(), day.year, (day.month - 1) // 3 + 1) == (1, year, quarter)


@pytest.mark.parametrize(
    ("today", "proposed"),
    [
        (date(2026, 9, 1), date(2026, 11, 3)),
        (date(2026, 11, 1), date(2026, 11, 17)),
        (date(2026, 12, 28), date(2026, 12, 29)),
        (date(2027, 2, 1), date(2026, 11, 3)),
    ],
    ids=["in the middle month", "with time to invite", "at the latest the last", "over already"],
)
def test_the_proposed_day_leaves_time_to_invite(today: date, proposed: date) -> None:
    assert proposed_day(2026, 4, today) == proposed
    assert timedelta(days=14) == AHEAD


async def test_the_page_says_what_is_planned_published_held_and_empty(staff: AsyncClient) -> None:
    await plan(year=2026, quarter=4, note="Kutsutaan satama")
    held = await make_event(starts_at=NOW - timedelta(days=60), ends_at=NOW - timedelta(days=59), title_en="Was held")
    coming = await make_event(title_en="Is coming")
    for event in (held, coming):
        await insert("event_theme", event=event, theme="low-carbon")
    for view in ("themes", "regions"):
        text = (await get(staff, f"{CLOCK}?year=2026&view={view}")).text
        for words in (
            "Vetypäivä",
            "Kutsutaan satama",
            "Planned",
            "Was held",
            "Held",
            "Is coming",
            "Published",
            "Empty",
        ):
            assert words in text, (view, words)
    assert "Is coming" not in (await get(staff, f"{CLOCK}?year=2026&project=SIXNET")).text
    assert "Is coming" not in (await get(staff, f"{CLOCK}?year=2025")).text
    assert "Yearly clock 2026" in (await get(staff, f"{CLOCK}?year=99999&view=x&project=y")).text


async def test_an_entry_is_planned_changed_and_removed(staff: AsyncClient) -> None:
    cell = await get(staff, f"{CLOCK}/new?year=2027&quarter=3&theme=low-carbon&region=06")
    assert '<option selected value="low-carbon">' in cell.text
    answer = await post(staff, f"{CLOCK}/new", ANSWERS)
    assert answer.headers["location"] == f"{CLOCK}?year=2027&view=themes&saved=entry"
    entry = await fetchval("SELECT id FROM planned_entry")
    assert "Kutsutaan satama" in (await get(staff, f"{CLOCK}/{entry}")).text
    await post(staff, f"{CLOCK}/{entry}", {**ANSWERS, "title": "Tuulipäivä", "theme": ""})
    row = await fetchrow("SELECT title, theme, region FROM planned_entry")
    assert row is not None
    assert tuple(row) == ("Tuulipäivä", None, "06")
    assert (await post(staff, f"{CLOCK}/{entry}/remove", {})).status_code == 303
    assert await fetch("SELECT FROM planned_entry") == []
    assert [row["action"] for row in await fetch("SELECT action FROM audit ORDER BY id")][-3:] == [
        "plan.added",
        "plan.changed",
        "plan.removed",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"kind": "party"}, "kind"),
        ({"year": "20266"}, "year"),
        ({"year": "soon"}, "year"),
        ({"quarter": "5"}, "quarter"),
        ({"theme": "unknown"}, "theme"),
        ({"theme": "", "region": ""}, "theme"),
        ({"region": "99"}, "region"),
        ({"project": "unknown"}, "project"),
    ],
)
async def test_a_wrong_answer_is_said_beside_its_field(staff: AsyncClient, change: dict[str, str], field: str) -> None:
    answer = await post(staff, f"{CLOCK}/new", {**ANSWERS, **change})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert await fetchval("SELECT count(*) FROM planned_entry") == 0


async def test_one_click_leads_to_the_date_of_a_new_draft(staff: AsyncClient) -> None:
    entry = await plan()
    answer = await post(staff, f"{CLOCK}/{entry}/event", {})
    assert answer.headers["location"] == "/staff/events/vetypaiva-2027-05-04/edit/times"
    assert (await get(staff, answer.headers["location"])).status_code == 200
    assert (await post(staff, f"{CLOCK}/{entry}/remove", {})).status_code == 409
    assert (await post(staff, f"{CLOCK}/{entry}", ANSWERS)).status_code == 422


async def test_the_title_keeps_the_language_in_which_it_was_planned(staff: AsyncClient) -> None:
    with in_language("fi"):
        entry = await plan()
    await post(staff, f"{CLOCK}/{entry}", {**ANSWERS, "note": "Only the note changes, in English"})
    assert 'lang="fi">Vetypäivä' in (await get(staff, f"{CLOCK}?year=2027")).text
    await post(staff, f"{CLOCK}/{entry}/event", {})
    row = await fetchrow("SELECT title_fi, title_en FROM event")
    assert row is not None
    assert tuple(row) == ("Vetypäivä", "")
    other = await plan(title="Tuulipäivä")
    await post(staff, f"{CLOCK}/{other}", {**ANSWERS, "title": "Wind day"})
    assert await fetchval("SELECT language FROM planned_entry WHERE id = $1", other) == "en"


async def test_the_button_stands_where_it_works(client: AsyncClient) -> None:
    mine, other, network = await plan(region="05"), await plan(region="06"), await plan(region=None)
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    text = (await get(client, f"{CLOCK}?year=2027")).text
    assert [f"/staff/clock/{entry}/event" in text for entry in (mine, other, network)] == [True, False, True]
    assert f"/staff/clock/{mine}/event" in (await get(client, f"{CLOCK}/{mine}")).text


async def test_what_was_planned_for_no_region_asks_for_one(staff: AsyncClient, client: AsyncClient) -> None:
    entry = await plan(region=None)
    asked = await post(staff, f"{CLOCK}/{entry}/event", {})
    assert "In which region is it held?" in (await get(staff, asked.headers["location"])).text
    assert (await post(staff, f"{CLOCK}/{entry}/event", {"region": ""})).status_code == 422
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    assert (await post(client, f"{CLOCK}/{entry}/event", {})).status_code == 303, "who has one region is not asked"
    assert await fetchval("SELECT host_region FROM event") == "05"


async def test_an_organiser_plans_in_their_own_region(client: AsyncClient) -> None:
    mine, other, network = await plan(region="05"), await plan(region="06"), await plan(region=None)
    await make_event(state="draft", title_en="Secret draft", host_region="06")
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    assert (await get(client, CLOCK)).status_code == 200
    assert "Secret draft" not in (await get(client, f"{CLOCK}?year=2026")).text
    assert (await get(client, f"{CLOCK}/{mine}")).status_code == 200
    for entry in (other, network):
        assert (await get(client, f"{CLOCK}/{entry}")).status_code == 404
        for path in ("", "/remove"):
            assert (await post(client, f"{CLOCK}/{entry}{path}", ANSWERS)).status_code == 404
    assert (await post(client, f"{CLOCK}/{other}/event", {})).status_code == 404
    assert (await post(client, f"{CLOCK}/new", {**ANSWERS, "region": "06"})).status_code == 422
    assert (await post(client, f"{CLOCK}/{mine}", {**ANSWERS, "region": "06"})).status_code == 422
    assert (await post(client, f"{CLOCK}/new", {**ANSWERS, "region": "05"})).status_code == 303


async def test_who_has_one_event_alone_plans_nothing(client: AsyncClient) -> None:
    event = await make_event()
    await sign_in(client, await make_staff("organiser", kind="event", resource=str(event)))
    assert "Plan something" not in (await get(client, CLOCK)).text
    assert (await get(client, f"{CLOCK}/new")).status_code == 403
    entry = await plan(region=None)
    assert (await post(client, f"{CLOCK}/{entry}/event", {})).status_code == 404
    await sign_in(client, await make_staff("viewer"))
    assert (await get(client, CLOCK)).status_code == 404
    await execute("DELETE FROM planned_entry")
