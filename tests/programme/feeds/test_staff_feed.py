"""The private calendar feed of a member of staff: what they may edit at the moment, with numbers."""

import re
from datetime import timedelta
from uuid import UUID

import icalendar
from httpx import AsyncClient

from events.core import clock, database
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in

PAGE = "/staff/events/calendar"
ADDRESS = re.compile(r'value="http://testserver(/feeds/staff/[a-z0-9]{26}/calendar\.ics)"')


async def feed_of(client: AsyncClient, staff: UUID) -> str:
    await sign_in(client, staff)
    assert not ADDRESS.search((await client.get(PAGE)).text)
    assert (await client.post(PAGE)).status_code == 303
    found = ADDRESS.search((await client.get(PAGE)).text)
    assert found
    client.cookies.clear()
    return found[1]


async def summaries(client: AsyncClient, path: str) -> list[str]:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == 200
    calendar = icalendar.Calendar.from_ical(answer.text)
    assert all(str(item["UID"]).endswith("-staff@sixnet") for item in calendar.events)
    return [str(item["SUMMARY"]) for item in calendar.events]


async def test_the_feed_shows_drafts_and_numbers_of_what_one_may_edit(client: AsyncClient) -> None:
    event = await make_event(title_en="Mine", host_region="05")
    await make_registration(event)
    await make_registration(event, state="waitlisted")
    late = {"starts_at": NOW + timedelta(days=40), "ends_at": NOW + timedelta(days=41)}
    await make_event(title_en="Draft", state="draft", host_region="05", **late)
    await make_event(title_en="Other", host_region="06")
    staff = await make_staff("organiser", kind="region", resource="05", language="en")
    path = await feed_of(client, staff)
    assert await summaries(client, path) == [
        "Mine (2 registered, of whom 1 in the queue)",
        "Draft (Not published yet, 0 registered)",
    ]
    text = (await client.get(path)).text
    assert "STATUS:TENTATIVE" in text
    assert "TZID:Europe/Helsinki" in text
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'feed.made'") == 1


async def test_the_feed_follows_the_rights_of_its_owner(client: AsyncClient) -> None:
    await make_event(title_en="Mine", host_region="05")
    staff = await make_staff("organiser", kind="region", resource="05", language="en")
    path = await feed_of(client, staff)
    assert len(await summaries(client, path)) == 1
    await database.execute("UPDATE staff_grant SET until = $1", NOW - timedelta(days=1))
    assert await summaries(client, path) == []
    await insert("staff_grant", staff=staff, role="door", resource_kind="all")
    assert await summaries(client, path) == []
    await database.execute("UPDATE staff SET active = false")
    assert (await client.get(path)).status_code == 404


async def test_a_calendar_subscribes_to_the_private_feed(client: AsyncClient) -> None:
    staff = await make_staff("admin")
    path = await feed_of(client, staff)
    await sign_in(client, staff)
    assert f'href="webcal://testserver{path}"' in (await client.get(PAGE)).text


async def test_a_revoked_feed_opens_nothing_and_what_is_archived_leaves_it(client: AsyncClient) -> None:
    event = await make_event(title_en="Mine", reconciled_at=NOW)
    staff = await make_staff("admin", language="en")
    path = await feed_of(client, staff)
    assert len(await summaries(client, path)) == 1
    await database.execute("UPDATE event SET archived_at = $1 WHERE id = $2", NOW, event)
    assert await summaries(client, path) == []
    await sign_in(client, staff)
    assert (await client.post(f"{PAGE}/revoke")).status_code == 303
    assert (await client.get(path)).status_code == 404
    assert not ADDRESS.search((await client.get(PAGE)).text)
    assert (await client.get(f"/feeds/person/{path.split('/')[3]}/calendar.ics")).status_code == 404


async def test_who_edits_no_events_has_no_feed(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("viewer"))
    assert (await client.get(PAGE)).status_code == 404
    assert (await client.post(PAGE)).status_code == 404
