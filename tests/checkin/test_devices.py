from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.accounts import authentication
from events.accounts.devices import queries as devices
from events.accounts.devices.rules import AFTER_THE_END, CODE_LASTS, LONGEST_AFTER, last_moment
from events.core import clock, database
from tests.checkin.doors import redeem, slug_of, ticket
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    authentication._token_actors.clear()


async def code(client: httpx.AsyncClient, slug: str, **form: object) -> str:
    """Make a pairing code as an organiser; returns the path of its page."""
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    sent = await client.post(
        f"/staff/events/{slug}/doors", data={"name": "Pääovi", "kind": "door", "until": "day", **form}
    )
    assert sent.status_code == 200, sent.text
    path = sent.text.partition("/door/pair/")[2].partition('"')[0]
    client.cookies.clear()
    return f"/door/pair/{path}"


async def paired(client: httpx.AsyncClient, slug: str, **form: object) -> httpx.Response:
    return await client.post(await code(client, slug, **form))


async def test_a_phone_that_scans_the_code_is_a_door_without_an_account(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event = await make_event()
    slug = await slug_of(event)
    registration = await make_registration(event)
    with clock.at(NOW):
        path = await code(client, slug)
        shown = await client.get(path)
        assert "Pääovi" in shown.text
        assert (await client.get("/door", headers={"accept": "text/html"})).status_code == 303, (
            "opening it is no pairing"
        )
        answer = await client.post(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/door/{slug}")
        assert (await client.get(f"/door/{slug}")).status_code == 200
        assert (await redeem(client, ticket(registration), slug)).json()["result"] == "ok"
    row = await database.fetchrow("SELECT actor_kind, actor_id FROM scan")
    (device,) = await devices.of_event(event)
    assert row is not None
    assert tuple(row) == ("door", device.id)


@pytest.mark.parametrize(("kind", "words"), [("door", "works as a door until"), ("kiosk", "for self check-in until")])
async def test_the_code_says_what_it_makes(client: httpx.AsyncClient, kind: str, words: str) -> None:
    slug = await slug_of(await make_event())
    with clock.at(NOW):
        await sign_in(client, await make_staff())
        shown = await client.post(f"/staff/events/{slug}/doors", data={"name": "Aula", "kind": kind, "until": "day"})
    assert words in shown.text


async def test_a_code_makes_one_device(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    slug = await slug_of(await make_event())
    with clock.at(NOW):
        path = await code(client, slug)
        assert (await client.post(path)).status_code == 303
        client.cookies.clear()
        assert (await client.post(path)).status_code == 404
        assert (await client.get(path)).status_code == 404


async def test_a_code_ends_after_a_quarter_of_an_hour(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    slug = await slug_of(await make_event())
    with clock.at(NOW):
        path = await code(client, slug)
    with clock.at(NOW + CODE_LASTS):
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path)).status_code == 404


async def test_a_device_opens_the_doors_of_its_events_and_nothing_else(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event, other = await make_event(), await make_event()
    slug, foreign = await slug_of(event), await slug_of(other)
    with clock.at(NOW):
        await paired(client, slug)
        assert (await client.get(f"/door/{foreign}")).status_code == 404
        assert (await redeem(client, ticket(await make_registration(other)), foreign)).status_code == 404
        assert (await client.get(f"/api/v1/checkin/pack?event={foreign}")).status_code == 404
        for path in (f"/staff/events/{slug}", f"/staff/events/{slug}/attendance", f"/staff/events/{slug}/doors"):
            assert (await client.get(path)).status_code in {303, 401}, path
        assert (await client.get("/api/v1/reports/participation?from=2026-01-01&to=2026-12-31")).status_code == 401


async def test_a_revoked_device_is_refused(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    with clock.at(NOW):
        await paired(client, slug)
        phone = dict(client.cookies)
        (device,) = await devices.of_event(event)
        client.cookies.clear()
        await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
        assert (await client.post(f"/staff/events/{slug}/doors/{device.id}/revoke")).status_code == 303
        client.cookies.clear()
        client.cookies.update(phone)
    with clock.at(NOW + authentication.TOKEN_KEPT):
        for request in (client.get(f"/api/v1/checkin/pack?event={slug}"), redeem(client, "x", slug)):
            assert (await request).status_code == 401


async def test_a_device_ends_with_its_time(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    with clock.at(NOW):
        await paired(client, slug)
    end: object = await database.fetchval("SELECT expires_at FROM device")
    ends_at = await database.fetchval("SELECT ends_at FROM event WHERE id = $1", event)
    assert end == ends_at + AFTER_THE_END
    with clock.at(ends_at + AFTER_THE_END):
        assert (await client.get(f"/api/v1/checkin/pack?event={slug}")).status_code == 401


def test_no_device_holds_longer_than_it_may() -> None:
    end = NOW + timedelta(hours=3)
    assert last_moment(None, end, NOW) == end + AFTER_THE_END
    assert last_moment(end + timedelta(days=400), end, NOW) == end + LONGEST_AFTER
    assert last_moment(NOW - timedelta(days=1), end, NOW) == NOW


async def test_a_phone_that_is_paired_again_opens_more(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    first, second = await make_event(), await make_event()
    slugs = [await slug_of(event) for event in (first, second)]
    with clock.at(NOW):
        await paired(client, slugs[0])
        phone = dict(client.cookies)
        path = await code(client, slugs[1])
        client.cookies.update(phone)
        await client.post(path)
    with clock.at(NOW + authentication.TOKEN_KEPT):
        assert [(await client.get(f"/door/{slug}")).status_code for slug in slugs] == [200, 200]
    assert await database.fetchval("SELECT count(*) FROM device") == 1


async def test_one_code_may_open_several_events_but_none_of_somebody_else(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event, near, elsewhere = await make_event(), await make_event(), await make_event(host_region="17")
    slugs = [await slug_of(each) for each in (event, near, elsewhere)]
    with clock.at(NOW):
        await paired(client, slugs[0], also=slugs[1:])
        assert [(await client.get(f"/door/{slug}")).status_code for slug in slugs] == [200, 200, 404]


async def test_only_who_arranges_the_event_pairs_phones(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    slug = await slug_of(await make_event())
    for role in ("door", "viewer"):
        await sign_in(client, await make_staff(role, kind="region", resource="06"))
        assert (await client.get(f"/staff/events/{slug}/doors")).status_code == 404


async def test_the_own_phone_of_someone_signed_in_goes_on_without_the_sign_in(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event = await make_event()
    slug = await slug_of(event)
    with clock.at(NOW):
        staff: UUID = await make_staff("door", kind="region", resource="06")
        await sign_in(client, staff)
        assert (await client.post(f"/door/{slug}/own")).status_code == 303
        await database.execute("UPDATE session SET revoked_at = $1", NOW)
        assert (await client.get(f"/api/v1/checkin/pack?event={slug}")).status_code == 200
    (device,) = await devices.of_event(event)
    assert device.own


async def test_what_a_device_says_of_itself_is_listed(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    with clock.at(NOW):
        await paired(client, slug)
        said = {"waiting": 7, "pack_at": NOW.isoformat(), "oldest_at": NOW.isoformat(), "event": slug}
        sent_at = (NOW + timedelta(seconds=90)).isoformat()
        sent = await client.post("/api/v1/checkin/sync", json={"scans": [], "sent_at": sent_at, "device": said})
        assert sent.json() == {"results": [], "walk_ins": []}
        client.cookies.clear()
        await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
        listed = (await client.get(f"/staff/events/{slug}/doors", headers={"accept-language": "en"})).text
    assert "7 readings not sent" in listed
    assert "90 seconds ahead" in listed


async def test_codes_are_not_guessed(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    tries = [(await client.post(f"/door/pair/guess-{number}")).status_code for number in range(21)]
    assert tries == [*[404] * 20, 429]
