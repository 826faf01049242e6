"""The agenda on paper, and items that end after midnight wherever they are shown."""

from datetime import timedelta

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.database import fetchrow, fetchval
from events.core.i18n import in_language
from events.programme import queries
from events.programme.agenda import rules as agenda_rules
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.programme.agenda.test_agenda import ANSWERS, START, make_item, said

NIGHT = {"at": 10 * 60, "minutes": 180}
"""From ten in the evening until one."""


async def make_roadshow(**columns: object) -> tuple[str, str]:
    event = await make_event(slug="kiertue", **columns)
    other = await insert("site", event=event, mode="venue", name="Kehräämö", position=1)
    first = await fetchval("SELECT id FROM site WHERE event = $1 AND position = 0", event)
    await make_item(event, "Here", site=first, room="Sali", kind="workshop", speakers="Bo, Företag")
    await make_item(event, "There", site=other)
    await make_item(event, "Everywhere", at=60)
    return str(first), str(other)


async def test_each_site_has_a_sheet_of_what_takes_place_there(client: AsyncClient) -> None:
    first, other = await make_roadshow()
    with clock.at(NOW):
        both = (await client.get("/events/kiertue/agenda")).text
        assert both.count('<article class="sheet">') == 2
        one = (await client.get(f"/events/kiertue/agenda?site={first}")).text
        assert one.count('<article class="sheet">') == 1
        for shown in ("Here", "Everywhere", "Sali", "Workshop", "Bo, Företag", "12:00–12:30"):
            assert shown in one
        assert "There" not in one
        assert "Here" not in (await client.get(f"/events/kiertue/agenda?site={other}")).text
        assert '"/events/kiertue/agenda"' in (await client.get("/events/kiertue")).text
        for wrong in ("x", "00000000-0000-4000-8000-000000000000"):
            assert (await client.get(f"/events/kiertue/agenda?site={wrong}")).status_code == 404


async def test_the_sheet_of_a_draft_is_for_those_who_may_edit_it(client: AsyncClient) -> None:
    await make_roadshow(state="draft")
    assert (await client.get("/events/kiertue/agenda")).status_code == 404
    await sign_in(client, await make_staff("admin"))
    assert (await client.get("/events/kiertue/agenda")).status_code == 200
    assert '"/events/kiertue/agenda"' in (await client.get("/staff/events/kiertue/agenda")).text


async def test_an_item_that_ends_after_midnight_says_on_which_day(client: AsyncClient) -> None:
    event = await make_event(slug="ilta", ends_at=START + timedelta(hours=20))
    await make_item(event, "Sauna", **NIGHT)
    await make_item(event, "Until midnight", at=9 * 60, minutes=180)
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        for path in ("/events/ilta", "/events/ilta/agenda", "/staff/events/ilta/agenda"):
            shown = (await client.get(path)).text
            assert "01:00 (02/10/2026)" in shown, path
            assert "00:00 (" not in shown, path
        calendar = (await client.get("/events/ilta/calendar.ics")).text.replace("\r\n ", "")
    assert "22:00–01:00 (02/10/2026) Sauna" in calendar
    view = await queries.by_id(event)
    assert view
    (day,) = agenda_rules.by_day(await queries.agenda(event), view.zone)
    assert [item.title[0] for slot in day.slots for item in slot] == ["Until midnight", "Sauna"]


async def test_items_clash_across_midnight(db: asyncpg.Connection) -> None:
    event = await make_event(ends_at=START + timedelta(hours=20))
    await make_item(event, "Sauna", room="Ranta", **NIGHT)
    await make_item(event, "Swim", at=12 * 60 + 30, room="Ranta")
    await make_item(event, "Breakfast", at=13 * 60, room="Ranta")
    with in_language("en"):
        assert await said(event) == ["Sauna and Swim are in the same room at the same time."]


@pytest.mark.parametrize(("hours", "status"), [(20, 303), (6, 422)])
async def test_a_time_before_the_start_is_on_the_next_day_while_the_event_goes_on(
    client: AsyncClient, hours: int, status: int
) -> None:
    await make_event(slug="ilta", ends_at=START + timedelta(hours=hours))
    await sign_in(client, await make_staff("admin"))
    path, sent = "/staff/events/ilta/agenda/new", {**ANSWERS, "starts": "22.00", "ends": "1.00"}
    with clock.at(NOW):
        answer = await client.post(path, data=sent)
        assert answer.status_code == status
        if status == 422:
            assert "The item must end after it starts." in answer.text
            return
        row = await fetchrow("SELECT id, ends_at - starts_at AS lasts FROM agenda_item")
        assert row
        assert row["lasts"] == timedelta(hours=3)
        again = await client.post(f"/staff/events/ilta/agenda/{row['id']}", data={**sent, "room": "Ranta"})
        assert again.status_code == 303
    assert await fetchval("SELECT ends_at - starts_at FROM agenda_item") == timedelta(hours=3)
