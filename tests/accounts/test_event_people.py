"""Organisers add others to their events, and reach no other event."""

from uuid import UUID

import httpx
from litestar import Litestar

from events.core import clock, database
from tests import factories
from tests.accounts.test_links import letter_to, path_in
from tests.conftest import browser
from tests.factories import NOW, make_event, make_staff

NEW = {"email": "ovi@yritys.example", "name": "Ovi Vastaava", "role": "door", "language": "fi"}


async def slug_of(event: UUID) -> str:
    slug: str = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return slug


async def path_for(event: UUID) -> str:
    return f"/staff/events/{await slug_of(event)}/people"


async def test_an_organiser_adds_a_door_person_who_comes_by_mail(client: httpx.AsyncClient, app: Litestar) -> None:
    event = await make_event()
    path = await path_for(event)
    await factories.sign_in(client, await make_staff("organiser", kind="event", resource=str(event)))
    with clock.at(NOW):
        assert (await client.post(path, data=NEW)).status_code == 303
        page = await client.get(path)
        assert "Ovi Vastaava" in page.text
        letter = await letter_to(NEW["email"])
        assert letter is not None
        assert "Door person – Test workshop" in letter.text
        async with browser(app) as newcomer:
            await newcomer.post(path_in(letter), data={"password": "ovella seisoja"})
            assert (await newcomer.get("/staff/")).status_code == 200
            assert (await newcomer.get(path)).status_code == 404
    row = await database.fetchrow("SELECT role, resource_kind, resource_id FROM staff_grant WHERE role = 'door'")
    assert tuple(row) == ("door", "event", str(event))


async def test_an_organiser_of_a_region_reaches_no_event_of_another(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    here, there = await make_event(host_region="06"), await make_event(host_region="14")
    assert (await client.get(await path_for(here))).status_code == 200
    assert (await client.get(await path_for(there))).status_code == 404
    assert (await client.post(await path_for(there), data=NEW)).status_code == 404
    assert (await client.get("/staff/events/no-such-event/people")).status_code == 404


async def test_an_organiser_of_an_event_reaches_that_one_alone(client: httpx.AsyncClient) -> None:
    mine, other = await make_event(host_region="06"), await make_event(host_region="06")
    await factories.sign_in(client, await make_staff("organiser", kind="event", resource=str(mine)))
    assert (await client.get(await path_for(mine))).status_code == 200
    assert (await client.get(await path_for(other))).status_code == 404
    assert (await client.post(await path_for(other), data=NEW)).status_code == 404


async def test_an_expired_right_reaches_nothing(client: httpx.AsyncClient) -> None:
    event = await make_event()
    staff = await make_staff("organiser", kind="event", resource=str(event))
    await database.execute("UPDATE staff_grant SET until = $2 WHERE staff = $1", staff, NOW)
    await factories.sign_in(client, staff)
    with clock.at(NOW):
        assert (await client.get(await path_for(event))).status_code == 404


async def test_only_the_roles_of_an_event_are_given_on_it(client: httpx.AsyncClient) -> None:
    event = await make_event()
    await factories.sign_in(client, await make_staff("admin"))
    for role in ("admin", "coordinator", "viewer"):
        assert (await client.post(await path_for(event), data={**NEW, "role": role})).status_code == 422, role


async def test_a_co_organiser_is_taken_off_again_but_not_by_themselves(client: httpx.AsyncClient) -> None:
    event = await make_event()
    path = await path_for(event)
    me = await make_staff("organiser", kind="event", resource=str(event))
    other = await make_staff("organiser", kind="event", resource=str(event))
    await factories.sign_in(client, me)
    grant = "SELECT id FROM staff_grant WHERE staff = $1"
    mine, theirs = await database.fetchval(grant, me), await database.fetchval(grant, other)
    assert (await client.post(f"{path}/{mine}/take")).status_code == 403
    assert (await client.post(f"{path}/{theirs}/take")).status_code == 303
    assert (await client.post(f"{path}/{theirs}/take")).status_code == 404
    assert await database.fetchval(grant, other) is None


async def test_a_right_on_another_event_cannot_be_taken_through_this_one(client: httpx.AsyncClient) -> None:
    mine, other = await make_event(), await make_event()
    await factories.sign_in(client, await make_staff("organiser", kind="event", resource=str(mine)))
    victim = await make_staff("organiser", kind="event", resource=str(other))
    grant = await database.fetchval("SELECT id FROM staff_grant WHERE staff = $1", victim)
    assert (await client.post(f"{await path_for(mine)}/{grant}/take")).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM staff_grant WHERE staff = $1", victim) == 1
