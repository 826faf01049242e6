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

STUCK = "1 message does not go out"


@pytest.mark.parametrize(("role", "told"), [("admin", True), ("coordinator", False), ("organiser", False)])
async def test_who_sees_all_mail_is_told_at_the_start_what_should_have_left(
    client: httpx.AsyncClient, db: asyncpg.Connection, role: str, told: bool
) -> None:
    await sign_in(client, await make_staff(role))
    await ledger.add(Reason.REMINDER, Recipient("aino@yritys.example"), "registration", uuid4(), now=clock.now())
    assert STUCK not in (await client.get("/staff/")).text
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=11))
    assert (STUCK in (await client.get("/staff/")).text) is told
    await database.execute("UPDATE message SET state = 'sent'")
    assert STUCK not in (await client.get("/staff/")).text


async def owe(reason: Reason, *, to: str = "aino@yritys.example", left: int | None = None) -> None:
    """Owe a message that was due an hour ago, and left so many minutes ago."""
    about = uuid4()
    await ledger.add(reason, Recipient(to), "registration", about, now=clock.now() - timedelta(hours=1))
    if left is not None:
        at = clock.now() - timedelta(minutes=left)
        await database.execute("UPDATE message SET state = 'sent', finished_at = $2 WHERE subject_id = $1", about, at)


@pytest.mark.parametrize(
    ("left", "besides", "title", "line"),
    [
        (2, Reason.NEWS, "2 messages go out late", "1 has left in the last five minutes. You need do nothing."),
        (9, Reason.NEWS, "2 messages do not go out", "the command sixnet doctor says what it is"),
        (2, Reason.CONFIRMATION, STUCK, "the command sixnet doctor says what it is"),
    ],
    ids=["slow", "stuck", "what overtakes is stuck"],
)
async def test_the_start_page_says_whether_late_mail_moves_and_what_to_do(
    client: httpx.AsyncClient, left: int, besides: Reason, title: str, line: str
) -> None:
    await sign_in(client, await make_staff("admin"))
    await owe(Reason.NEWS)
    await owe(besides)
    await owe(Reason.NEWS, left=left)
    start = (await client.get("/staff/")).text
    assert f">{title}</a>" in start
    assert line in start
    assert ('class="card next-action"' in start) is ("doctor" in line)


async def test_what_waits_for_its_recipients_server_is_nothing_to_mend(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    await database.execute("INSERT INTO mail_domain (domain, open_at, pace) VALUES ('hidas.example', now(), 60)")
    await owe(Reason.NEWS, to="aino@hidas.example")
    start = (await client.get("/staff/")).text
    assert "1 message waits for its recipient’s mail server" in start
    assert "you need do nothing" in start
    assert 'class="card next-action"' not in start


async def test_what_has_only_just_become_due_is_not_called_late(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    await sign_in(client, await make_staff("admin"))
    await ledger.add(Reason.REMINDER, Recipient("aino@yritys.example"), "registration", uuid4(), now=clock.now())
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=9))
    assert "is late" not in (await client.get("/staff/mailbox")).text
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=11))
    assert "1 message is late" in (await client.get("/staff/mailbox")).text
