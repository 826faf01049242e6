import gzip
import time
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from events.checkin import queries
from events.checkin.door.pack import KEY_BYTES, OVERLAP, pack
from events.checkin.queries import DoorEvent
from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.registration.actions import cancel
from tests.checkin.doors import give_token, redeem, slug_of, ticket
from tests.factories import NOW, insert, make_event, make_person, make_registration


async def of(event: UUID) -> DoorEvent:
    return await queries.door_event(await slug_of(event), SYSTEM, NOW)


def key(registration: UUID) -> bytes:
    return secrets.digest(ticket(registration))[:KEY_BYTES]


async def test_the_pack_holds_every_ticket_and_nothing_of_health_or_addresses(db: asyncpg.Connection) -> None:
    event = await make_event()
    organisation = await insert("organisation", name="Konepaja Oy", folded="konepaja oy")
    person = await make_person("Väinö", "Ääninen", email="vaino@konepaja.example")
    first = await make_registration(event, person=person, organisation=organisation)
    waiting = await make_registration(event, state="waitlisted")
    found = await pack(await of(event), None, now=NOW)
    assert {one.key: (one.name, one.reason) for one in found.tickets} == {
        key(first): ("Väinö Ääninen", ""),
        key(waiting): ("Aino Esimerkki", "waitlisted"),
    }
    assert (
        found.organisations[next(one for one in found.tickets if one.key == key(first)).organisation] == "Konepaja Oy"
    )
    assert (found.whole, found.total) == (True, 2)
    sent = msgspec.json.encode(found).decode()
    assert "vaino@" not in sent
    assert ticket(first) not in sent


async def test_later_only_what_has_changed_is_sent(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event()
    slug = await slug_of(event)
    came, gone, _same = [await make_registration(event, changed_at=NOW - timedelta(hours=1)) for _ in range(3)]
    await give_token(client)
    with clock.at(NOW):
        await redeem(client, ticket(came), slug, door="A")
        await cancel(gone, actor=SYSTEM, now=NOW)
    news = await pack(await of(event), NOW, now=NOW + timedelta(minutes=1))
    assert {one.key: (one.reason, one.in_at, one.door) for one in news.tickets} == {
        key(came): ("", NOW, "A"),
        key(gone): ("cancelled", None, ""),
    }
    assert (news.whole, news.total) == (False, 3)
    later = await pack(await of(event), NOW + OVERLAP + timedelta(seconds=1), now=NOW + timedelta(minutes=3))
    assert later.tickets == []


async def test_a_replaced_ticket_is_told_as_revoked(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    await database.execute(
        "UPDATE registration SET ticket_hash = $2, changed_at = $3 WHERE id = $1",
        *(registration, secrets.digest("another"), NOW),
    )
    news = await pack(await of(event), NOW, now=NOW)
    assert key(registration) in news.revoked
    assert [one.key for one in news.tickets] == [secrets.digest("another")[:KEY_BYTES]]


async def test_the_pack_of_ten_thousand_is_small_and_quick(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event(capacity=None)
    slug = await slug_of(event)
    site = await database.fetchval("SELECT id FROM site WHERE event = $1", event)
    await database.execute(
        "WITH person AS (INSERT INTO person (id, given_name, family_name, folded)"
        "   SELECT gen_random_uuid(), 'Aino' || n, 'Esimerkki-Konepajanen', '' FROM generate_series(1, 10000) n"
        "   RETURNING id)"
        " INSERT INTO registration (id, event, person, site, state, number, ticket_hash, ticket_code, manage_hash)"
        " SELECT id, $1, id, $2, 'confirmed', 1, sha256(id::text::bytea), upper(right(id::text, 6)) || '',"
        " sha256(('m' || id)::bytea) FROM person ON CONFLICT (event, ticket_code) DO NOTHING",
        *(event, site),
    )
    await give_token(client)
    begun = time.process_time()
    answer = await client.get(f"/api/v1/checkin/pack?event={slug}")
    seconds = time.process_time() - begun
    assert answer.json()["total"] > 9_900
    assert len(answer.content) < 1_000_000
    assert len(gzip.compress(answer.content)) < 500_000
    assert seconds < 2, "processor time: how long it takes says how busy the machine is"


@pytest.mark.parametrize("since", ["yesterday", "2026-09-01T09:00:00"])
async def test_a_moment_without_a_zone_is_refused(
    client: httpx.AsyncClient, db: asyncpg.Connection, since: str
) -> None:
    slug = await slug_of(await make_event())
    await give_token(client)
    assert (await client.get("/api/v1/checkin/pack", params={"event": slug, "since": since})).status_code in {400, 422}
