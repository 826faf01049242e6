import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from events.core import database, settings
from events.core.errors import ServiceError, Unavailable
from events.messaging.bounces.reports import LONGEST
from events.messaging.incoming import imap, reading
from events.messaging.incoming.imap import parse_imap_url
from events.messaging.incoming.queries import trouble
from events.messaging.incoming.reading import BATCH, read_mailbox
from events.messaging.incoming.replies import Reply
from tests.factories import NOW
from tests.imap import Mailbox, mailbox
from tests.messaging.bounces import samples
from tests.messaging.bounces.test_actions import AINO, sent, unreachable
from tests.messaging.incoming.samples import exchange, nobody
from tests.messaging.test_delivery import entry
from workers.due import due_jobs
from workers.incoming import read_some


@pytest.fixture
async def box(db: asyncpg.Connection) -> AsyncIterator[Mailbox]:
    async with mailbox() as opened:
        yield opened


async def test_what_came_back_is_read_once_and_marked_as_read(box: Mailbox) -> None:
    message = await sent()
    box.put(b"Subject: hello\r\n\r\nNo report.")
    box.put(samples.postfix(message["message_id"]))
    assert [await read_mailbox(nobody, NOW) for _ in range(2)] == [2, 0]
    assert (await entry(message["subject_id"]))["state"] == "bounced"
    assert await unreachable() == [AINO]
    assert box.seen == {1, 2}
    assert box.heard[-1] == b"LOGOUT"
    assert b'"sala sana"' in b"".join(box.heard)
    assert not any(b"DELETE" in command.upper() or b"EXPUNGE" in command.upper() for command in box.heard)


async def test_a_mail_that_trips_us_holds_up_none_behind_it(box: Mailbox) -> None:
    async def trip(_reply: Reply, _now: datetime) -> bool:
        raise ZeroDivisionError

    message = await sent()
    box.put(exchange(f"{message['subject_id']}@sixnet"))
    box.put(samples.postfix(message["message_id"]))
    assert [await read_mailbox(trip, NOW) for _ in range(2)] == [2, 0]
    assert await unreachable() == [AINO]


async def test_what_was_no_mails_fault_is_read_again(box: Mailbox) -> None:
    async def away(_reply: Reply, _now: datetime) -> bool:
        raise Unavailable

    box.put(exchange(f"{uuid4()}@sixnet"))
    with pytest.raises(Unavailable):
        await read_mailbox(away, NOW)
    assert box.seen == set()
    assert await read_mailbox(nobody, NOW) == 1


async def test_only_the_beginning_of_a_huge_mail_is_fetched(box: Mailbox) -> None:
    message = await sent()
    box.put(samples.postfix(message["message_id"]) + b"x" * 3 * LONGEST)
    assert await read_mailbox(nobody, NOW) == 1
    assert await unreachable() == [AINO]
    assert any(b"<0.%d>" % LONGEST in command for command in box.heard)


async def test_a_few_are_read_at_a_time_and_the_job_asks_for_the_rest(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[str] = []
    monkeypatch.setattr("events.core.jobs.nudge", nudged.append)
    for _ in range(BATCH + 1):
        box.put(b"\r\n")
    await read_some()
    assert nudged == ["incoming.read"]
    await read_some()
    assert nudged == ["incoming.read"]
    assert len(box.seen) == BATCH + 1


async def test_a_worker_that_dies_before_it_marks_reads_again_and_nothing_is_counted_twice(box: Mailbox) -> None:
    message = await sent()
    box.put(samples.postfix(message["message_id"], status="4.4.7"))
    box.cut = "UID STORE"
    assert await read_mailbox(nobody, NOW) == 0
    box.cut = ""
    assert await read_mailbox(nobody, NOW) == 1
    assert await database.fetchval("SELECT count(*) FROM bounce") == 1


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
@pytest.mark.parametrize("how", ["refuse", "cut"])
async def test_trouble_with_the_mailbox_is_kept_for_who_runs_the_service(box: Mailbox, command: str, how: str) -> None:
    box.put(b"\r\n")
    setattr(box, how, command)
    assert await read_mailbox(nobody, NOW) == 0
    assert await trouble()
    assert "sala" not in await trouble()
    setattr(box, how, "")
    assert await read_mailbox(nobody, NOW) == 1
    assert await trouble() == ""


async def test_a_server_that_falls_silent_is_left_after_a_while(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "TIMEOUT", 0.2)
    box.hang = "SELECT"
    begun = time.monotonic()
    assert await read_mailbox(nobody, NOW) == 0
    assert time.monotonic() - begun < 5
    assert "timed out" in await trouble()


async def test_a_server_that_says_a_letter_now_and_then_is_cut_off(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST_SESSION", 0.3)
    box.drip = 1.0
    begun = time.monotonic()
    assert await read_mailbox(nobody, NOW) == 0
    assert time.monotonic() - begun < 5
    assert await trouble()


async def test_a_server_that_is_not_there_is_trouble(db: asyncpg.Connection) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    settings.override(bounce_imap_url=f"imap://a:b@127.0.0.1:{port}")
    try:
        assert await read_mailbox(nobody, NOW) == 0
        assert "refused" in await trouble()
    finally:
        settings.forget("bounce_imap_url")


async def test_it_is_read_every_five_minutes_where_a_mailbox_is_set(box: Mailbox) -> None:
    assert "incoming.read" in await due_jobs(NOW)
    await read_mailbox(nobody, NOW)
    assert "incoming.read" not in await due_jobs(NOW + timedelta(minutes=4))
    assert "incoming.read" in await due_jobs(NOW + timedelta(minutes=5))
    settings.forget("bounce_imap_url")
    assert "incoming.read" not in await due_jobs(NOW + timedelta(minutes=5))
    assert await read_mailbox(nobody, NOW) == 0


def test_the_address_of_a_mailbox() -> None:
    place = parse_imap_url("imaps://bounces%40sixnet.example:p%2Fw@imap.example/Palautukset%20uudet")
    assert (place.host, place.port, place.implicit_tls) == ("imap.example", 993, True)
    assert (place.user, place.password, place.folder) == ("bounces@sixnet.example", "p/w", "Palautukset uudet")
    assert parse_imap_url("imap://a:b@c.example:1143").port == 1143


@pytest.mark.parametrize(
    "url", ["", "x", "pop3://a:b@c.example", "imaps://c.example", "imaps://a:b@c.example:port", "imaps://"]
)
def test_anything_else_is_refused_in_plain_words(url: str) -> None:
    with pytest.raises(ServiceError, match="SIXNET_BOUNCE_IMAP_URL"):
        parse_imap_url(url)
