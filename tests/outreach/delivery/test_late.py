from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from tests.factories import make_staff, sign_in


@pytest.mark.parametrize(("role", "told"), [("admin", True), ("coordinator", False), ("organiser", False)])
async def test_who_sees_all_mail_is_told_at_the_start_what_should_have_left(
    client: httpx.AsyncClient, db: asyncpg.Connection, role: str, told: bool
) -> None:
    await sign_in(client, await make_staff(role))
    await ledger.add(Reason.REMINDER, Recipient("aino@yritys.example"), "registration", uuid4(), now=clock.now())
    assert "is late" not in (await client.get("/staff/")).text
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=11))
    assert ("1 message is late" in (await client.get("/staff/")).text) is told
    await database.execute("UPDATE message SET state = 'sent'")
    assert "is late" not in (await client.get("/staff/")).text


async def test_what_has_only_just_become_due_is_not_called_late(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    await sign_in(client, await make_staff("admin"))
    await ledger.add(Reason.REMINDER, Recipient("aino@yritys.example"), "registration", uuid4(), now=clock.now())
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=9))
    assert "is late" not in (await client.get("/staff/mailbox")).text
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=11))
    assert "1 message is late" in (await client.get("/staff/mailbox")).text
