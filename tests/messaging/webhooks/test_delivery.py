"""Webhooks reach real servers, and servers that do everything wrong; nothing is lost and nobody inside is reached."""

import asyncio
import json
import os
import signal
import socket
import sys
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.core import clock, database, jobs
from events.messaging.webhooks import delivery, ledger, rules, sending
from events.messaging.webhooks.delivery import AT_ONCE, HELD, LEASE, deliver_due
from events.messaging.webhooks.tables import Happening
from tests.factories import NOW, insert, make_event
from tests.messaging.webhooks.receivers import (
    Receiver,
    deliveries,
    let_loopback_in,
    make_endpoint,
    receiving,
    verifies,
)
from workers.due import due_jobs
from workers.webhooks import deliver_all

PUBLISHED = "event.published"


async def publish(times: int = 1) -> UUID:
    event = await make_event(slug=f"paja-{times}")
    for _ in range(times):
        await ledger.add(Happening.EVENT_PUBLISHED, event, now=clock.now())
    return event


async def make_due() -> None:
    await database.execute("UPDATE webhook_delivery SET due_at = now() - interval '1 second' WHERE state = 'queued'")


async def test_what_happened_arrives_signed_as_any_receiver_checks_it(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver()) as receiver:
        endpoint = await make_endpoint(receiver, PUBLISHED)
        event = await publish()
        assert await deliver_all() == 1
        (got,) = receiver.received
    assert verifies(rules.secret(endpoint, 0), got)
    assert not verifies(rules.secret(endpoint, 1), got)
    assert abs(int(got.headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    assert got.headers["host"] == f"kone.example:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    said = json.loads(got.body)
    assert said.pop("timestamp").endswith("Z")
    assert said == {"type": PUBLISHED, "data": {"event": {"id": str(event), "slug": "paja-1"}}}
    assert await deliveries("id, state, tries, status, words") == [(UUID(got.id), "delivered", 1, 200, "fine")]
    assert await deliver_all() == 0


async def test_only_endpoints_that_want_to_know_are_owed_anything(committed_db: str) -> None:
    await publish()
    assert await deliveries() == []
    await make_endpoint(Receiver(), "checkin.recorded")
    await make_endpoint(Receiver(), PUBLISHED, switched_off_at=clock.now())
    await publish(2)
    assert await deliveries() == []
    await make_endpoint(Receiver(), PUBLISHED)
    await publish(3)
    assert len(await deliveries()) == 3


async def test_what_is_undone_is_not_told(committed_db: str) -> None:
    await make_endpoint(Receiver(), PUBLISHED)
    event = await make_event()

    async def publish_and_fail() -> None:
        async with database.transaction():
            await ledger.add(Happening.EVENT_PUBLISHED, event, now=clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await publish_and_fail()
    assert await deliveries() == []


async def hang(_writer: Any) -> None:
    await asyncio.sleep(60)


async def drip_head(writer: asyncio.StreamWriter) -> None:
    for sign in "HTTP/1.1 200 OK\r\nx: " + "y" * 1000:
        writer.write(sign.encode())
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b"z")
        await writer.drain()
        await asyncio.sleep(0.02)


async def flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"z" * 65536)
        await writer.drain()


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 O")
    await writer.drain()


@pytest.mark.parametrize("behave", [hang, drip_head, cut], ids=lambda behave: str(behave.__name__))
async def test_a_receiver_that_does_not_answer_costs_bounded_time_and_is_tried_again(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, behave: Any
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.6)
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(behave=behave)) as bad, receiving(Receiver()) as good:
        await make_endpoint(bad, PUBLISHED)
        await make_endpoint(good, PUBLISHED)
        await publish()
        async with asyncio.timeout(5):
            await deliver_all()
        assert len(good.received) == 1, "the others do not wait"
        rows = sorted(await deliveries("state, tries"))
        assert rows == [("delivered", 1), ("queued", 1)]
        bad.behave = None
        await make_due()
        await deliver_all()
    assert [each.id for each in bad.received] == [bad.received[0].id] * 2
    assert bad.received[0].body == bad.received[1].body
    assert await deliveries() == ["delivered", "delivered"]


@pytest.mark.parametrize("behave", [drip_body, flood], ids=lambda behave: str(behave.__name__))
async def test_of_the_answer_only_the_first_words_are_read(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, behave: Any
) -> None:
    monkeypatch.setattr(sending, "READING", 0.3)
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(behave=behave)) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        async with asyncio.timeout(3):
            await deliver_all()
    ((state, words),) = await deliveries("state, words")
    assert state == "delivered"
    assert set(words) == {"z"}
    assert len(words) <= sending.SHOWN


async def test_an_error_is_tried_again_with_ever_longer_pauses_and_at_last_given_up(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    pauses = []
    async with receiving(Receiver(answer=b"HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\nbroken")) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        for _ in range(rules.MAX_TRIES):
            before = clock.now()
            assert await deliver_due(clock.now()) == 1
            (due_at,) = await deliveries("due_at")
            pauses.append(due_at - before)
            assert await deliver_due(clock.now()) == 0, "it waits"
            await make_due()
        assert await deliver_due(clock.now()) == 0
    assert len({each.id for each in receiver.received}) == 1
    assert len(receiver.received) == rules.MAX_TRIES == 8
    assert await deliveries("state, tries, status, words") == [("failed", 8, 500, "broken")]
    for told, least in zip(pauses, rules.PAUSES, strict=False):
        assert least <= told <= least * 1.5 + timedelta(seconds=5)


async def test_a_receiver_may_ask_for_a_longer_pause_but_not_for_ever(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver()) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        for asked, least, most in ((7200, 7200, 7300), (999999, 43200, 43300)):
            receiver.answer = f"HTTP/1.1 429 Slow\r\nretry-after: {asked}\r\ncontent-length: 0\r\n\r\n".encode()
            await make_due()
            await deliver_due(clock.now())
            (due_at,) = await deliveries("due_at")
            assert least - 5 <= (due_at - clock.now()).total_seconds() <= most


async def test_what_a_receiver_chokes_on_does_not_hold_up_the_rest(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(answer=b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish(3)
        await deliver_due(clock.now())
        assert len({each.id for each in receiver.received}) == 3


async def test_where_nobody_answers_the_rest_waits_without_a_try(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        await make_endpoint(Receiver(port=taken.getsockname()[1]), PUBLISHED)
        await publish(30)
        await deliver_all()
    rows = await deliveries("state, tries, due_at")
    assert sorted(tries for _state, tries, _due in rows) == [0] * 29 + [1]
    assert all(state == "queued" and due > clock.now() + HELD / 2 for state, _tries, due in rows)


async def test_410_switches_the_endpoint_off(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(answer=b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish(2)
        await deliver_all()
        assert sorted(await deliveries()) == ["dropped", "failed"]
        await publish(3)
    assert len(receiver.received) == 1
    assert await database.fetchval("SELECT gone AND switched_off_at IS NOT NULL FROM webhook_endpoint")
    assert len(await deliveries()) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_inside_is_not_followed(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async with receiving(Receiver()) as inside, receiving(Receiver()) as receiver:
        asked = let_loopback_in(monkeypatch)
        for place in ("http://169.254.169.254/latest/meta-data/", f"http://127.0.0.1:{inside.port}/"):
            head = f"HTTP/1.1 {status} Elsewhere\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"
            receiver.answer = head.encode()
            await make_endpoint(receiver, PUBLISHED)
        await publish()
        await deliver_all()
        assert inside.connections == 0
        assert set(asked) == {"kone.example"}
        assert set(await deliveries("state, status, words")) == {("queued", status, "redirects are not followed")}


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1", "::ffff:127.0.0.1", "0.0.0.0"])
async def test_a_name_that_leads_inside_is_refused_without_a_connection(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["1.1.1.1", inside]

    monkeypatch.setattr(sending, "resolve", resolve)
    async with receiving(Receiver()) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        await deliver_all()
        assert receiver.connections == 0
    ((state, status, words),) = await deliveries("state, status, words")
    assert (state, status) == ("queued", None)
    assert f"leads to {inside}" in words


async def test_a_real_look_up_of_this_machine_is_refused(committed_db: str) -> None:
    async with receiving(Receiver()) as receiver:
        await make_endpoint(receiver, PUBLISHED, host="localhost")
        await make_endpoint(receiver, PUBLISHED, host="127.0.0.1")
        await publish()
        await deliver_all()
        assert receiver.connections == 0
    assert await deliveries() == ["queued", "queued"]


async def test_the_connection_goes_to_the_address_that_was_checked(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name says another address at each look-up: the first is used, the second is looked at anew and refused."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked = let_loopback_in(monkeypatch, lambda _host: next(answers))
    truly, looked_up = socket.getaddrinfo, list[Any]()

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        looked_up.append(host)
        return truly(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with receiving(Receiver(answer=b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        await deliver_due(clock.now())
        assert (asked, receiver.connections) == (["kone.example"], 1)
        await make_due()
        await deliver_due(clock.now())
        assert (len(asked), receiver.connections) == (2, 1)
    assert "kone.example" not in looked_up, "nothing but the checked look-up may ask for the name"
    ((state, words),) = await deliveries("state, words")
    assert state == "queued"
    assert "169.254.169.254" in words


async def test_a_proxy_of_the_environment_is_not_asked(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver()) as proxy, receiving(Receiver()) as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        await deliver_all()
        assert (proxy.connections, receiver.connections) == (0, 1)


async def test_two_jobs_at_once_send_each_delivery_once(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver()) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish(40)
        await asyncio.gather(*(deliver_all() for _ in range(4)))
    assert len(receiver.received) == len({each.id for each in receiver.received}) == 40


async def test_a_worker_killed_in_the_middle_is_made_up_for_under_the_same_id(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(behave=hang)) as receiver:
        await make_endpoint(receiver, PUBLISHED)
        await publish()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _WORKER), env={**os.environ, "SIXNET_DATABASE_URL": committed_db}
        )
        await asyncio.wait_for(receiver.arrived.wait(), 30)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        receiver.behave = None
        assert await deliveries() == ["sending"]
        assert await deliver_due(clock.now()) == 0, "the lease holds"
        assert await deliver_due(clock.now() + LEASE + timedelta(seconds=1)) == 1
    assert [each.id for each in receiver.received] == [receiver.received[0].id] * 2
    assert receiver.received[0].body == receiver.received[1].body
    assert await deliveries("state, tries") == [("delivered", 2)]


_WORKER = """
import asyncio, os
from events.core import clock, database
from events.messaging.webhooks import rules, sending
from events.messaging.webhooks.delivery import deliver_due

async def resolve(host, port):
    return ["127.0.0.1"]

async def main():
    rules.is_refused = lambda text: False
    sending.resolve = resolve
    async with database.pooled(os.environ["SIXNET_DATABASE_URL"], size=2):
        await deliver_due(clock.now())

asyncio.run(main())
"""


async def test_an_old_lease_settles_nothing(committed_db: str) -> None:
    """Who was too slow must not overwrite what the next one has done."""
    await make_endpoint(Receiver(), PUBLISHED)
    await publish()
    (slow,) = await delivery.claim(clock.now())
    (fast,) = await delivery.claim(clock.now() + LEASE + timedelta(seconds=1))
    assert slow.id == fast.id
    await delivery._note(fast, sending.Answer(200, "fine"))
    await delivery._note(slow, sending.Answer(500, "late"))
    assert await deliveries("state, status") == [("delivered", 200)]


async def test_the_job_is_nudged_only_where_something_is_owed(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[str] = []
    monkeypatch.setattr(jobs, "nudge", nudged.append)
    await publish()
    assert nudged == []
    await make_endpoint(Receiver(), PUBLISHED)
    await publish(2)
    assert set(nudged) == {"webhooks.deliver"}


@pytest.mark.parametrize(
    ("delivery_columns", "endpoint_columns", "due"),
    [
        ({}, {}, True),
        ({"due_at": NOW + timedelta(seconds=1)}, {}, False),
        ({"state": "sending", "lease_until": NOW}, {}, True),
        ({"state": "sending", "lease_until": NOW + timedelta(seconds=1)}, {}, False),
        ({"state": "delivered"}, {}, False),
        ({}, {"switched_off_at": NOW}, False),
    ],
)
async def test_the_tick_asks_for_what_can_be_claimed_and_for_nothing_else(
    committed_db: str, delivery_columns: dict[str, Any], endpoint_columns: dict[str, Any], due: bool
) -> None:
    endpoint = await make_endpoint(Receiver(), PUBLISHED, **endpoint_columns)
    columns = {"endpoint": endpoint, "kind": PUBLISHED, "due_at": NOW, **delivery_columns}
    await insert("webhook_delivery", **columns)
    assert ("webhooks.deliver" in await due_jobs(NOW)) == due
    assert len(await delivery.claim(NOW)) == due


async def test_what_another_job_is_just_claiming_is_left_to_it(committed_db: str) -> None:
    await make_endpoint(Receiver(), PUBLISHED)
    await publish(2)
    async with database.transaction():
        mine = await delivery.claim(clock.now())
        beside = asyncio.create_task(delivery.claim(clock.now()), context=Context())
        assert await asyncio.wait_for(beside, 5) == []
    assert len(mine) == 2


async def test_what_was_never_tried_goes_first(committed_db: str) -> None:
    """Or ten that the receiver chokes on would keep all others from it for a day."""
    endpoint = await make_endpoint(Receiver(), PUBLISHED)
    for tries in (*[3] * AT_ONCE, 0):
        await insert("webhook_delivery", endpoint=endpoint, kind=PUBLISHED, tries=tries, due_at=NOW - timedelta(tries))
    assert [each.tries - 1 for each in await delivery.claim(NOW)] == [0, *[3] * (AT_ONCE - 1)]
