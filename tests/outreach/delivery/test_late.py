from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from events.commands import delivery as doctor
from events.core import clock, database
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from tests.factories import insert, make_event, make_registration, make_staff, sign_in

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
    assert STUCK not in (await client.get("/staff/mailbox")).text
    await database.execute("UPDATE message SET due_at = $1", clock.now() - timedelta(minutes=11))
    assert STUCK in (await client.get("/staff/mailbox")).text


async def test_the_pages_of_messages_say_it_as_the_start_page_does(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    event = await make_event(slug="paja")
    registration = await make_registration(event)
    about = {"subject_kind": "registration", "subject_id": registration, "message_id": "<a>"}
    ago = clock.now() - timedelta(hours=1)
    await insert("message", **about, recipient="aino@yritys.example", reason="reminder", due_at=ago, created_at=ago)
    await owe(Reason.NEWS)
    await owe(Reason.NEWS, left=2)
    for path, title in (
        ("/staff/mailbox", "2 messages go out late"),
        ("/staff/events/paja/messages", "1 message goes out late"),
    ):
        page = (await client.get(path)).text
        assert title in page
        assert "1 has left in the last five minutes. You need do nothing." in page


async def refused(to: str, minutes: int) -> None:
    """Owe a message so many minutes ago that was tried in vain and is due again in a while."""
    await owe(Reason.CONFIRMATION, to=to)
    await database.execute(
        "UPDATE message SET tries = 4, created_at = $2, due_at = $3 WHERE recipient = $1",
        *(to, clock.now() - timedelta(minutes=minutes), clock.now() + timedelta(minutes=7)),
    )


async def test_what_the_mail_server_refuses_again_and_again_is_late_too(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    await refused("aino@yritys.example", 9)
    await refused("eero@toinen.example", 9)
    assert "does not go out" not in (await client.get("/staff/")).text, "a first try in vain is none"
    await database.execute("UPDATE message SET created_at = created_at - interval '2 minutes'")
    assert "2 messages do not go out" in (await client.get("/staff/")).text
    assert any("somebody waits for" in each.text for each in await doctor.mails(clock.now()))
    await owe(Reason.NEWS, left=1)
    start = (await client.get("/staff/")).text
    assert "do not go out" not in start, "the server takes mail: those two wait for their recipients"
    assert "2 messages wait for their recipients’ mail servers" in start


async def test_one_mailbox_that_is_full_is_nobodys_trouble(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    await refused("aino@yritys.example", 60)
    start = (await client.get("/staff/")).text
    assert "1 message waits for its recipient’s mail server" in start
    assert 'class="card next-action"' not in start
