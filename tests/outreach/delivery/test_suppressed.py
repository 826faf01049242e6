from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.messaging import ledger
from events.messaging.actions import refuse_themes, unsubscribe
from events.messaging.delivery import claim
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration.own.data import erase
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from workers.expiry import expire

AINO = "aino@yritys.example"
TRANSACTIONAL = (
    Reason.CONFIRMATION,
    Reason.WAITING,
    Reason.OFFER,
    Reason.CHANGED,
    Reason.CANCELLED,
    Reason.EVENT_CHANGED,
    Reason.EVENT_CANCELLED,
    Reason.REMINDER,
)


async def unreachable(address: str = AINO) -> None:
    await database.execute(
        "INSERT INTO unreachable (address, status, words, since) VALUES ($1, '5.1.1', '550 5.1.1 unknown', $2)",
        address,
        NOW,
    )


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("admin"))
    return client


async def test_the_list_says_which_addresses_why_and_since_when(admin: httpx.AsyncClient) -> None:
    await unreachable()
    await unsubscribe("eino@yritys.example", now=NOW)
    theme = await database.fetchrow("SELECT code, name_en FROM theme LIMIT 1")
    assert theme
    await refuse_themes("oiva@yritys.example", [theme["code"]], now=NOW)
    shown = (await admin.get("/staff/suppressed")).text
    for said in (AINO, "550 5.1.1 unknown", "eino@", "Wants no invitations", "oiva@", theme["name_en"], "3 entries"):
        assert said in shown, said
    filtered = (await admin.get("/staff/suppressed?address=EINO")).text
    assert "eino@" in filtered
    assert AINO not in filtered
    assert "Nothing found" in (await admin.get("/staff/suppressed?address=%25")).text
    assert (await admin.get(f"/staff/suppressed?address={'x' * 300}&page=99999")).status_code == 200


async def test_an_address_is_taken_off_for_all_its_reasons(admin: httpx.AsyncClient) -> None:
    await unreachable()
    await unsubscribe(AINO, now=NOW)
    await insert("bounce", report="r", address=AINO, message=uuid4(), status="4.4.7", at=NOW)
    assert (await admin.post("/staff/suppressed", data={"address": AINO})).status_code == 303
    assert "Nothing found" in (await admin.get("/staff/suppressed")).text
    assert await database.fetchval("SELECT count(*) FROM bounce") == 0, "it is counted anew"
    assert (await admin.post("/staff/suppressed", data={"address": AINO})).status_code == 404
    trail = await database.fetchrow("SELECT subject_id, detail FROM audit WHERE action = 'address.taken_off'")
    assert trail
    assert AINO not in str(tuple(trail))


@pytest.mark.parametrize("role", ["organiser", "coordinator", "viewer"])
async def test_others_do_not_see_the_list(client: httpx.AsyncClient, role: str) -> None:
    await sign_in(client, await make_staff(role))
    await unreachable()
    assert (await client.get("/staff/suppressed")).status_code == 404
    assert (await client.post("/staff/suppressed", data={"address": AINO})).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM unreachable") == 1


async def test_who_unsubscribed_gets_what_concerns_their_own_registrations_and_no_invitations(
    db: asyncpg.Connection,
) -> None:
    await unsubscribe(AINO, now=NOW)
    unasked = (Reason.INVITATION, Reason.INVITATION_REMINDER, Reason.INVITATION_CHANGED, Reason.INVITATION_CANCELLED)
    for reason in (*TRANSACTIONAL, *unasked):
        await ledger.add(reason, Recipient(AINO), "registration", uuid4(), now=NOW)
    stopped = {claimed.owed.reason for claimed in await claim(NOW) if claimed.suppressed or claimed.unreachable}
    assert stopped == set(unasked)


async def test_an_erased_person_leaves_no_address_that_mail_came_back_from(db: asyncpg.Connection) -> None:
    person = await make_person(email=AINO)
    event = await make_event(starts_at=clock.now() + timedelta(days=9), ends_at=clock.now() + timedelta(days=10))
    registration = await make_registration(event, person=person)
    await unreachable()
    await insert("bounce", report="r", address=AINO, message=uuid4(), status="5.1.1", at=NOW)
    await erase(registration, actor=SYSTEM, now=clock.now())
    for table in ("bounce", "unreachable"):
        assert await database.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_what_came_back_is_forgotten_after_a_while(db: asyncpg.Connection) -> None:
    await make_person(email=AINO)
    await unreachable()
    await unreachable("stranger@yritys.example")
    await insert("bounce", report="r", address=AINO, message=uuid4(), status="4.4.7", at=NOW)
    await expire(NOW + timedelta(days=89))
    assert await database.fetchval("SELECT count(*) FROM bounce") == 1
    await expire(NOW + timedelta(days=366))
    assert await database.fetchval("SELECT count(*) FROM bounce") == 0
    assert [row["address"] for row in await database.fetch("SELECT address FROM unreachable")] == [AINO]
