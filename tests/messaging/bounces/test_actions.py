from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database, settings
from events.messaging import ledger
from events.messaging.bounces.actions import reaches_again, take_report
from events.messaging.bounces.rules import SOFT_LIMIT, SOFT_WITHIN
from events.messaging.delivery import claim, deliver_due
from events.messaging.incoming.signing import signature
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from tests.factories import NOW
from tests.messaging.bounces import samples
from tests.messaging.test_delivery import COMPOSERS, entry, owe
from tests.smtp import post_office

AINO = "aino@yritys.example"


async def sent(email: str = AINO, at: datetime = NOW) -> asyncpg.Record:
    """A message that a mail server took."""
    subject = await owe(email=email)
    await database.execute(
        "UPDATE message SET state = 'sent', delivered_by_mail = true, finished_at = $2 WHERE subject_id = $1",
        subject,
        at,
    )
    return await entry(subject)


async def unreachable() -> list[str]:
    return [row["address"] for row in await database.fetch("SELECT address FROM unreachable ORDER BY address")]


@pytest.mark.parametrize("make", [samples.postfix, samples.exchange, samples.gmail, samples.exim])
async def test_a_hard_bounce_marks_the_message_and_the_address(db: asyncpg.Connection, make: object) -> None:
    message = await sent()
    mail = make(message["message_id"])  # type: ignore[operator]
    assert [await take_report(mail, now=NOW) for _ in range(2)] == [1, 0]
    told = await entry(message["subject_id"])
    assert told["state"] == "bounced"
    assert "550 5.1.1" in told["server_words"]
    assert await unreachable() == [AINO]
    assert await database.fetchval("SELECT count(*) FROM bounce") == 1


async def test_an_address_that_is_not_reached_gets_no_mail_but_staff_can_still_sign_in(db: asyncpg.Connection) -> None:
    message = await sent()
    await take_report(samples.postfix(message["message_id"]), now=NOW)
    next_one = await owe(email=AINO)
    await ledger.add(Reason.SIGN_IN, Recipient(AINO), "sign_in_link", uuid4(), now=NOW)
    async with post_office() as post:
        await deliver_due({**COMPOSERS, Reason.SIGN_IN: COMPOSERS[Reason.CONFIRMATION]}, now=NOW)
        assert post.recipients == [AINO], "a report in the wrong hands would lock out whoever runs the service"
    told = await entry(next_one)
    assert (told["state"], told["server_words"]) == ("dropped", "mail does not reach this address")
    assert await reaches_again(AINO)
    await owe(email=AINO)
    [claimed] = await claim(NOW)
    assert not claimed.unreachable


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "4.0.0"])
async def test_what_may_pass_lists_an_address_when_it_happens_again_and_again(
    db: asyncpg.Connection, status: str
) -> None:
    for number in range(SOFT_LIMIT):
        assert await unreachable() == []
        message = await sent()
        await take_report(samples.postfix(message["message_id"], status=status), now=NOW + timedelta(days=number))
        assert (await entry(message["subject_id"]))["state"] == "bounced"
    assert await unreachable() == [AINO]


async def test_what_passed_long_ago_does_not_count(db: asyncpg.Connection) -> None:
    for number in range(SOFT_LIMIT):
        message = await sent()
        at = NOW + number * (SOFT_WITHIN / 2) + timedelta(seconds=number)
        await take_report(samples.postfix(message["message_id"], status="4.4.7"), now=at)
    assert await unreachable() == []


async def test_without_our_message_id_a_report_is_of_the_latest_message_and_lists_nobody_at_once(
    db: asyncpg.Connection,
) -> None:
    older, latest = await sent(at=NOW - timedelta(hours=1)), await sent(at=NOW)
    assert await take_report(samples.postfix("<other@elsewhere.example>"), now=NOW) == 1
    assert (await entry(latest["subject_id"]))["state"] == "bounced"
    assert (await entry(older["subject_id"]))["state"] == "sent"
    assert await unreachable() == [], "anybody could have written it"


async def test_reports_without_our_message_id_never_list_anybody(db: asyncpg.Connection) -> None:
    """Whoever knows an address could stop its mail by some mails of their own, as long as it got as many letters."""
    for number in range(3 * SOFT_LIMIT):
        message = await sent(at=NOW + timedelta(minutes=number))
        forged = samples.postfix(f"<{number}@elsewhere.example>")
        assert await take_report(forged, now=NOW + timedelta(minutes=number)) == 1
        assert (await entry(message["subject_id"]))["state"] == "bounced", "staff see that it may not have arrived"
    assert await unreachable() == []
    for number in range(SOFT_LIMIT):
        assert await unreachable() == [], "nor do they count beside real ones"
        message = await sent()
        await take_report(samples.postfix(message["message_id"], status="4.4.7"), now=NOW + timedelta(hours=number))
    assert await unreachable() == [AINO]


@pytest.mark.parametrize("words", ["550 Relaying denied", "550 5.7.1 Relaying denied", "554 5.7.1 spam", "554 no"])
async def test_a_server_that_refuses_us_says_nothing_of_the_address(db: asyncpg.Connection, words: str) -> None:
    for number in range(2 * SOFT_LIMIT):
        async with post_office() as post:
            post.rcpt = {AINO: words}.get
            await owe(email=AINO)
            await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=number))
    assert await database.fetchval("SELECT count(*) FROM bounce") == 2 * SOFT_LIMIT
    assert await unreachable() == []


async def test_a_relay_that_reports_that_it_refused_us_lists_nobody(db: asyncpg.Connection) -> None:
    for _each in range(2 * SOFT_LIMIT):
        message = await sent()
        mail = samples.postfix(message["message_id"], status="5.0.0").replace(
            b"550 5.0.0 <aino@yritys.example>: Recipient address rejected", b"550 Relaying denied"
        )
        assert await take_report(mail, now=NOW) == 1
    assert await unreachable() == []


async def test_a_report_of_no_message_of_ours_changes_nothing(db: asyncpg.Connection) -> None:
    assert await take_report(samples.postfix(f"<{uuid4().hex}@sixnet>"), now=NOW) == 0
    await sent(at=NOW - timedelta(days=8))
    assert await take_report(samples.postfix(), now=NOW) == 0
    await owe(email=AINO)
    assert await take_report(samples.postfix(), now=NOW) == 0
    assert await unreachable() == []


async def test_a_mail_that_was_passed_on_and_failed_there_lists_nobody_at_once(db: asyncpg.Connection) -> None:
    message = await sent("list@yritys.example")
    assert await take_report(samples.postfix(message["message_id"]), now=NOW) == 1
    assert (await entry(message["subject_id"]))["state"] == "bounced"
    assert await unreachable() == []


async def test_an_erased_persons_message_is_left(db: asyncpg.Connection) -> None:
    message = await sent()
    await database.execute("UPDATE message SET recipient = 'erased'")
    assert await take_report(samples.postfix(message["message_id"]), now=NOW) == 0


async def test_an_address_that_the_mail_server_refuses_is_listed_too(db: asyncpg.Connection) -> None:
    async with post_office() as post:
        post.rcpt = {
            "gone@yritys.example": "550 5.1.1 gone",
            "full@yritys.example": "552 5.2.2 full",
        }.get
        for address in ("gone@yritys.example", "full@yritys.example", AINO):
            await owe(email=address)
        await deliver_due(COMPOSERS, now=NOW)
    assert await unreachable() == ["gone@yritys.example"]
    assert await database.fetchval("SELECT count(*) FROM bounce") == 2


SECRET = "whsec_c2VjcmV0IG9mIHRlc3Rz"


async def hand_over(
    client: httpx.AsyncClient,
    body: bytes,
    *,
    secret: str = SECRET,
    at: datetime | None = None,
    signed: bytes | None = None,
    path: str = "/hooks/bounces",
) -> int:
    stamp = str(int((at or clock.now()).timestamp()))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,bm8= {signature(secret, 'msg_1', stamp, body if signed is None else signed)}",
    }
    return (await client.post(path, content=body, headers=headers)).status_code


async def test_reports_are_taken_from_who_signs_them(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    message = await sent()
    report = samples.postfix(message["message_id"])
    assert await hand_over(client, report) == 404
    settings.override(bounce_webhook_secret=SECRET)
    try:
        assert await hand_over(client, report, secret="another") == 401
        assert await hand_over(client, report, signed=b"") == 401
        for away in (timedelta(minutes=6), -timedelta(minutes=6)):
            assert await hand_over(client, report, at=clock.now() + away) == 401
        assert (await client.post("/hooks/bounces", content=report)).status_code == 401
        assert await unreachable() == []
        assert await hand_over(client, b"Hello") == 204
        assert [await hand_over(client, report) for _ in range(2)] == [204, 204]
    finally:
        settings.forget("bounce_webhook_secret")
    assert await unreachable() == [AINO]


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e3", "９", "9" * 40])
async def test_a_time_that_is_none_signs_nothing(client: httpx.AsyncClient, db: asyncpg.Connection, stamp: str) -> None:
    settings.override(bounce_webhook_secret=SECRET)
    try:
        headers = [(b"webhook-timestamp", stamp.encode()), (b"webhook-signature", b"v1,")]
        assert (await client.post("/hooks/bounces", content=b"", headers=headers)).status_code == 401
    finally:
        settings.forget("bounce_webhook_secret")


def test_the_signature_is_that_of_the_convention() -> None:
    """The example of the Standard Webhooks specification's own library."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_the_message_id_of_a_message_says_which_it_is() -> None:
    identity = uuid4()
    found = ledger.MESSAGE_ID.fullmatch(f"<{identity.hex}@sixnet>")
    assert found
    assert UUID(found[1]) == identity
