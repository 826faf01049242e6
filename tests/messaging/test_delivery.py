import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import datetime, timedelta
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import database
from events.core.i18n import gettext as _
from events.messaging import delivery, ledger, smtp
from events.messaging.claiming import MAX_DEATHS
from events.messaging.delivery import LEASE, MAX_TRIES, deliver_due
from events.messaging.ledger import Recipient
from events.messaging.letter import Letter, Owed, Picture
from events.messaging.tables import Reason
from tests.factories import NOW
from tests.smtp import Post, post_office

PIXEL = b"\x89PNG\r\n\x1a\n"
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


async def write(owed: Owed) -> Letter | None:
    """A letter with everything in it."""
    return Letter(
        subject=_("Accessibility"),
        text="Teksti: ääkköset\n",
        html='<p>Ääkköset <img src="cid:qr" alt="QR"></p>',
        pictures=(Picture("qr", PIXEL),),
        calendar=("REQUEST", CALENDAR),
        reply_to="jarjestaja@sixnet.example",
    )


COMPOSERS = {Reason.CONFIRMATION: write}


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with post_office() as opened:
        yield opened


async def owe(number: int = 0, *, due_at: datetime = NOW, email: str | None = None, language: str = "fi") -> UUID:
    subject = uuid4()
    recipient = Recipient(email or f"a{number}@yritys.example", "Aino Esimerkki", language)
    await ledger.add(Reason.CONFIRMATION, recipient, "registration", subject, now=due_at)
    return subject


async def entry(subject: UUID) -> asyncpg.Record:
    row = await database.fetchrow("SELECT * FROM message WHERE subject_id = $1", subject)
    assert row
    return row


async def test_what_is_due_is_delivered_over_one_connection_and_once(db: asyncpg.Connection, post: Post) -> None:
    for number in range(5):
        await owe(number)
    await owe(9, due_at=NOW + timedelta(minutes=1))
    assert await deliver_due(COMPOSERS, now=NOW) == 5
    assert await deliver_due(COMPOSERS, now=NOW) == 0
    assert sorted(post.recipients) == [f"a{number}@yritys.example" for number in range(5)]
    assert post.connections == 1


async def test_a_mail_has_its_parts_and_headers(db: asyncpg.Connection, post: Post) -> None:
    row = await entry(await owe(language="sv"))
    await deliver_due(COMPOSERS, now=NOW)
    mail = post.received[0][1]
    assert mail["Subject"] == "Tillgänglighet"
    assert mail["To"] == "Aino Esimerkki <a0@yritys.example>"
    assert mail["Message-ID"] == row["message_id"]
    assert mail["Reply-To"] == "jarjestaja@sixnet.example"
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("sv", "auto-generated")
    assert not {"All", "NDR"} & set(mail["X-Auto-Response-Suppress"].split(", ")), "what comes back is to be heard of"
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "text/calendar", "application/ics"]
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    html = mail.get_body(("html",))
    assert html
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()


@pytest.mark.parametrize("contact", ["info@firma..fi", "info@[x.fi", "matti.mäki@firma.example", "info@ääni.fi"])
async def test_a_contact_that_no_mail_can_be_sent_to_holds_up_no_letter(
    db: asyncpg.Connection, post: Post, contact: str
) -> None:
    async def asking(owed: Owed) -> Letter | None:
        return Letter("Aihe", "Teksti", "<p>Teksti</p>", reply_to=contact)

    for number in range(4):
        await owe(number)
    assert await deliver_due({Reason.CONFIRMATION: asking}, now=NOW) == 4
    assert len(post) == 4
    answers = {mail["Reply-To"] for _recipient, mail in post.received}
    assert answers == ({"info@xn--ni-uiaa.fi"} if contact == "info@ääni.fi" else {None})


async def test_without_a_mail_server_a_message_counts_as_sent_and_is_marked(db: asyncpg.Connection) -> None:
    subject = await owe()
    assert await deliver_due(COMPOSERS, now=NOW) == 1
    row = await entry(subject)
    assert (row["state"], row["delivered_by_mail"], row["subject_line"]) == ("sent", False, "Saavutettavuus")


@pytest.mark.parametrize(("said", "state"), [("550 no such user", "bounced"), ("451 greylisted, come again", "queued")])
async def test_what_the_server_says_of_a_recipient(db: asyncpg.Connection, post: Post, said: str, state: str) -> None:
    post.rcpt = lambda address: said if address.startswith("a1") else None
    refused, fine = await owe(1), await owe(2)
    await deliver_due(COMPOSERS, now=NOW)
    row = await entry(refused)
    assert (row["state"], row["server_words"]) == (state, said)
    assert (await entry(fine))["state"] == "sent"


async def test_a_refusal_of_the_content_is_final(db: asyncpg.Connection, post: Post) -> None:
    post.data = lambda _: "554 looks like spam"
    subject = await owe()
    await deliver_due(COMPOSERS, now=NOW)
    assert (await entry(subject))["state"] == "failed"


async def test_a_temporary_refusal_is_tried_again_later_and_later_until_it_is_given_up(
    db: asyncpg.Connection, post: Post
) -> None:
    post.rcpt = lambda _: "450 busy"
    subject, now, pauses = await owe(), NOW, []
    for _try in range(MAX_TRIES):
        assert await deliver_due(COMPOSERS, now=now) == 1
        row = await entry(subject)
        pauses.append(row["due_at"] - now)
        now = row["due_at"]
    assert (row["state"], row["tries"]) == ("failed", MAX_TRIES)
    assert timedelta(seconds=60) <= pauses[0] < timedelta(seconds=90)
    assert timedelta(hours=1) <= pauses[-2] < timedelta(hours=1.5)


async def test_an_unreachable_server_costs_no_try(db: asyncpg.Connection, post: Post) -> None:
    subject = await owe()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIXNET_MAIL_URL", "smtp://127.0.0.1:1")
        delivery.get_settings.cache_clear()
        assert await deliver_due(COMPOSERS, now=NOW) == 0
    delivery.get_settings.cache_clear()
    row = await entry(subject)
    assert (row["state"], row["tries"]) == ("queued", 0)
    assert await deliver_due(COMPOSERS, now=row["due_at"]) == 1
    assert post.recipients == ["a0@yritys.example"]


async def test_silence_after_data_is_unknown_and_not_sent_again(
    db: asyncpg.Connection, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    post.hang = lambda address: address.startswith("a1")
    hung, fine = await owe(1), await owe(email="b@toinen.example")
    await deliver_due(COMPOSERS, now=NOW)
    assert (await entry(hung))["state"] == "unknown"
    assert (await entry(fine))["state"] == "sent"
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(days=1)) == 0


async def test_a_letter_with_nothing_left_to_say_is_dropped(db: asyncpg.Connection, post: Post) -> None:
    async def nothing(_: Owed) -> Letter | None:
        return None

    subject = await owe()
    await deliver_due({Reason.CONFIRMATION: nothing}, now=NOW)
    assert (await entry(subject))["state"] == "dropped"
    assert len(post) == 0


async def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(db: asyncpg.Connection, post: Post) -> None:
    broken, fine = await owe(1), await owe(2)

    async def sometimes(owed: Owed) -> Letter | None:
        if owed.subject_id == broken:
            raise ZeroDivisionError
        return await write(owed)

    await deliver_due({Reason.CONFIRMATION: sometimes}, now=NOW)
    assert (await entry(broken))["state"] == "queued"
    assert (await entry(fine))["state"] == "sent"


async def test_an_address_that_is_not_to_be_written_to_gets_nothing(db: asyncpg.Connection, post: Post) -> None:
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('a0@yritys.example', 'asked')")
    subject = await owe()
    await deliver_due(COMPOSERS, now=NOW)
    assert (await entry(subject))["state"] == "dropped"


async def test_an_address_outside_ascii_fails_alone(db: asyncpg.Connection, post: Post) -> None:
    odd, fine = await owe(email="äiti@yritys.example"), await owe(2)
    await deliver_due(COMPOSERS, now=NOW)
    assert [(await entry(subject))["state"] for subject in (odd, fine)] == ["failed", "sent"]


async def test_what_a_dead_worker_had_in_hand_is_free_when_its_lease_ends(db: asyncpg.Connection, post: Post) -> None:
    subject = await owe()
    assert len(await delivery.claim(NOW)) == 1
    assert await deliver_due(COMPOSERS, now=NOW + LEASE - timedelta(seconds=1)) == 0
    assert await deliver_due(COMPOSERS, now=NOW + LEASE) == 1
    assert (await entry(subject))["tries"] == 2


async def test_one_that_was_refused_for_long_is_not_taken_for_what_ends_workers(
    db: asyncpg.Connection, post: Post
) -> None:
    post.rcpt = lambda _: "450 busy"
    subject, now = await owe(), NOW
    for _try in range(MAX_DEATHS + 1):
        await deliver_due(COMPOSERS, now=now)
        now = (await entry(subject))["due_at"]
    assert len(await delivery.claim(now)) == 1, "and this worker is killed"
    post.rcpt = lambda _: None
    await deliver_due(COMPOSERS, now=now + LEASE)
    assert (await entry(subject))["state"] == "sent"


async def test_a_message_that_kills_every_worker_is_parked(db: asyncpg.Connection, post: Post) -> None:
    subject = await owe()
    await database.execute("UPDATE message SET tries = $1", MAX_TRIES)
    await deliver_due(COMPOSERS, now=NOW)
    assert (await entry(subject))["state"] == "failed"
    assert len(post) == 0


@pytest.mark.parametrize(("guarded", "doubled"), [(True, 0), (False, 60)])
async def test_who_slept_or_has_another_clock_sends_nothing_that_was_sent_meanwhile(
    committed_db: str, post: Post, monkeypatch: pytest.MonkeyPatch, *, guarded: bool, doubled: int
) -> None:
    """A machine that is put to sleep counts no seconds; and to one whose clock was put two hours on, leases are over."""
    for number in range(60):
        await owe(number)
    if not guarded:
        monkeypatch.setattr(delivery, "is_ours", AsyncMock(return_value=True))
    begun = asyncio.Lock()

    async def after_a_long_sleep(owed: Owed) -> Letter | None:
        async with begun:
            if not len(post):
                other = deliver_due(COMPOSERS, now=NOW + timedelta(hours=2))
                await asyncio.create_task(other, context=Context())
        return await write(owed)

    await deliver_due({Reason.CONFIRMATION: after_a_long_sleep}, now=NOW)
    assert len(set(post.recipients)) == 60
    assert len(post) - 60 <= doubled
    assert (len(post) > 60) is not guarded
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sent'") == 60


async def test_several_workers_at_once_send_nothing_twice(committed_db: str, post: Post) -> None:
    for number in range(120):
        await owe(number)
    done = await asyncio.gather(*(deliver_due(COMPOSERS, now=NOW) for _ in range(6)))
    assert sum(done) == 120
    assert sorted(post.recipients) == sorted(f"a{number}@yritys.example" for number in range(120))
