"""Trouble with the mail server stays with the message, or the domain, that it is about."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from events.core import database
from events.messaging import delivery, smtp
from events.messaging.claiming import pause
from events.messaging.delivery import deliver_due
from events.messaging.letter import Letter, Owed, Picture
from events.messaging.tables import Reason
from tests.factories import NOW
from tests.fault_proxy import Fault, FaultProxy, Step, faulty
from tests.messaging.test_delivery import COMPOSERS, entry, owe, write
from tests.smtp import Post, post_office

SICK = "aino@sick.example"
OTHERS = 24
TIMEOUT = 3.0
"""Seconds; long enough that a busy machine does not look like a server that hangs."""


@pytest.fixture
async def post(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    monkeypatch.setattr(smtp, "TIMEOUT", TIMEOUT)
    async with post_office() as opened:
        yield opened


@pytest.fixture
async def proxy(post: Post) -> AsyncIterator[FaultProxy]:
    async with faulty() as opened:
        yield opened


def heal(proxy: FaultProxy) -> None:
    """Let everything pass, and let no busy machine look like a server that hangs."""
    proxy.spoil = lambda _at, _recipient: None
    smtp.TIMEOUT = 30.0  # the fixture's patch puts back what there was


async def owe_others() -> None:
    for number in range(OTHERS):
        await owe(email=f"a{number}@yritys{number % 4}.example", due_at=NOW)


async def states() -> Counter[str]:
    rows = await database.fetch("SELECT state FROM message WHERE recipient <> $1", SICK)
    return Counter(row["state"] for row in rows)


FAULTS = [
    # what goes wrong for one recipient → what becomes of its message, and how often it arrived
    (Step.RCPT, Fault.HANG, "queued", 0),
    (Step.RCPT, Fault.CUT, "queued", 0),
    (Step.RCPT, Fault.TRICKLE, "queued", 0),
    (Step.DATA, Fault.HANG, "queued", 0),
    (Step.DATA, Fault.CUT, "queued", 0),
    (Step.CONTENT, Fault.CUT, "queued", 0),
    (Step.CONTENT, Fault.HANG, "unknown", 0),
    (Step.END, Fault.HANG, "unknown", 1),
    (Step.END, Fault.TRICKLE, "unknown", 1),
    (Step.END, Fault.CUT, "queued", 1),  # RFC 5321 4.5.4.2: still ours to deliver; the Message-ID tells a double
]


@pytest.mark.parametrize(("step", "fault", "state", "arrived"), FAULTS)
async def test_what_goes_wrong_for_one_recipient_stays_there(
    committed_db: str, post: Post, proxy: FaultProxy, *, step: Step, fault: Fault, state: str, arrived: int
) -> None:
    sick = await owe(email=SICK, due_at=NOW - timedelta(minutes=1))
    await owe_others()
    proxy.spoil = lambda at, recipient: fault if (at, recipient) == (step, SICK) else None
    begun = time.monotonic()
    assert await deliver_due(COMPOSERS, now=NOW) == OTHERS + 1
    assert time.monotonic() - begun < TIMEOUT * 4, "however long the server would take"
    assert proxy.spoilt >= 1
    assert await states() == {"sent": OTHERS}
    row = await entry(sick)
    assert (row["state"], row["tries"], post.recipients.count(SICK)) == (state, 1, arrived)
    heal(proxy)
    again = await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=3))
    assert again == (1 if state == "queued" else 0)
    assert post.recipients.count(SICK) == arrived + again
    assert len({mail["Message-ID"] for recipient, mail in post.received if recipient == SICK}) == min(
        1, arrived + again
    )
    assert len(post) - post.recipients.count(SICK) == OTHERS


async def test_a_server_that_takes_a_byte_a_second_has_not_taken_the_mail_and_gets_it_again(
    committed_db: str, post: Post, proxy: FaultProxy
) -> None:
    """More is left to send than anything between the two holds: so it cannot be there, and goes out once more."""

    async def heavy(owed: Owed) -> Letter | None:
        letter = await write(owed)
        assert letter
        pictures = (Picture("qr", bytes(9_000_000)),) if owed.recipient == SICK else letter.pictures
        return msgspec.structs.replace(letter, pictures=pictures)

    sick = await owe(email=SICK, due_at=NOW - timedelta(minutes=1))
    await owe_others()
    proxy.spoil = lambda at, recipient: Fault.TRICKLE if (at, recipient) == (Step.CONTENT, SICK) else None
    begun = time.monotonic()
    assert await deliver_due({Reason.CONFIRMATION: heavy}, now=NOW) == OTHERS + 1
    assert time.monotonic() - begun < TIMEOUT * 4
    assert proxy.spoilt == 1
    row = await entry(sick)
    assert (row["state"], row["tries"], post.recipients.count(SICK)) == ("queued", 1, 0)
    assert await states() == {"sent": OTHERS}
    heal(proxy)
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=3)) == 1
    assert post.recipients.count(SICK) == 1


REFUSALS = [
    # where the server says it → what becomes of the message
    ("rcpt", "450 busy", "queued"),
    ("rcpt", "550 5.1.1 gone", "bounced"),
    ("data", "451 later", "queued"),
    ("data", "554 no", "failed"),
]


@pytest.mark.parametrize(("where", "words", "state"), REFUSALS)
async def test_what_is_refused_for_good_is_refused_once_and_the_rest_is_tried_again(
    committed_db: str, post: Post, *, where: str, words: str, state: str
) -> None:
    sick = await owe(email=SICK, due_at=NOW - timedelta(minutes=1))
    await owe_others()
    setattr(post, where, lambda recipient: words if recipient == SICK else None)
    assert await deliver_due(COMPOSERS, now=NOW) == OTHERS + 1
    assert await states() == {"sent": OTHERS}
    row = await entry(sick)
    assert (row["state"], row["tries"], row["server_words"]) == (state, 1, words)
    for minutes in (3, 6, 60 * 24):
        await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=minutes))
    tried = post.asked.count(SICK)
    assert tried == (1 if state != "queued" else 4)


async def test_answers_that_are_each_in_time_but_not_all_of_them_together_are_not_waited_for(
    committed_db: str, post: Post, proxy: FaultProxy
) -> None:
    sick = await owe(email=SICK)
    proxy.pace = TIMEOUT / 10  # "250 OK" takes 0.8 of the time
    proxy.spoil = lambda at, _recipient: Fault.TRICKLE if at in {Step.RCPT, Step.DATA, Step.END} else None
    begun = time.monotonic()
    await deliver_due(COMPOSERS, now=NOW)
    assert time.monotonic() - begun < TIMEOUT * 4 + 3
    assert (await entry(sick))["state"] in {"queued", "unknown"}


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_server_that_does_not_even_greet_costs_no_try(
    committed_db: str, post: Post, proxy: FaultProxy, fault: Fault
) -> None:
    await owe_others()
    proxy.pace = TIMEOUT / 10
    proxy.spoil = lambda at, _recipient: fault if at is Step.GREETING else None
    begun = time.monotonic()
    assert await deliver_due(COMPOSERS, now=NOW) == 0
    assert time.monotonic() - begun < TIMEOUT * 2 + 2
    rows = await database.fetch("SELECT state, tries, due_at FROM message")
    assert {(row["state"], row["tries"]) for row in rows} == {("queued", 0)}
    assert {timedelta(seconds=50) < row["due_at"] - NOW < timedelta(seconds=95) for row in rows} == {True}
    heal(proxy)
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=2)) == OTHERS
    assert len(post) == OTHERS


async def test_a_server_that_hangs_for_everybody_costs_a_few_a_try_and_no_time_for_each(
    committed_db: str, post: Post, proxy: FaultProxy
) -> None:
    await owe_others()
    proxy.spoil = lambda at, _recipient: Fault.HANG if at is Step.RCPT else None
    begun = time.monotonic()
    await deliver_due(COMPOSERS, now=NOW)
    assert time.monotonic() - begun < TIMEOUT * 4 + 2
    tries = Counter(row["tries"] for row in await database.fetch("SELECT tries FROM message"))
    assert tries[1] <= delivery.STALLS + delivery.LANES
    assert tries[0] == OTHERS - tries[1]
    heal(proxy)
    for minutes in (3, 6):
        await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=minutes))
    assert len(post) == OTHERS


@pytest.mark.parametrize("words", ["530 5.7.57 Client not authenticated", "550 5.7.60 may not send", "451 4.7.1 later"])
async def test_a_server_that_refuses_our_sender_is_no_messages_fault(committed_db: str, post: Post, words: str) -> None:
    """Else a password that has run out would end all that is due for good, within minutes."""
    await owe_others()
    post.mail = lambda _sender: words
    assert await deliver_due(COMPOSERS, now=NOW) == 0
    rows = await database.fetch("SELECT DISTINCT state, tries, server_words FROM message")
    assert [tuple(row) for row in rows] == [("queued", 0, words)]
    assert post.asked == []
    post.mail = lambda _sender: None
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=2)) == OTHERS


async def test_a_4xx_is_tried_again_with_growing_pauses_that_differ_and_a_5xx_never(
    committed_db: str, post: Post
) -> None:
    post.rcpt = lambda address: {"busy.example": "450 busy", "gone.example": "550 gone"}.get(address.partition("@")[2])
    subjects = [await owe(email=f"a{number}@busy.example") for number in range(8)]
    gone = await owe(email="b@gone.example")
    await owe_others()
    assert await deliver_due(COMPOSERS, now=NOW) == OTHERS + 9
    rows = [await entry(subject) for subject in subjects]
    assert {row["state"] for row in rows} == {"queued"}
    assert len({row["due_at"] for row in rows}) == 8, "what failed together is not tried together again"
    assert (await entry(gone))["state"] == "bounced"
    assert await states() == {"sent": OTHERS, "queued": 8, "bounced": 1}
    post.rcpt = lambda _address: None
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(minutes=2)) == 8
    assert post.asked.count("b@gone.example") == 1, "once, and never again"
    longest = [max(pause(tries) for _ in range(50)) for tries in (1, 2, 3, 5)]
    assert longest == sorted(longest)
    assert max(pause(16) for _ in range(50)) <= timedelta(hours=1.5)
