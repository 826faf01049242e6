import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database, settings
from events.core.actor import SYSTEM
from events.letters import answer
from events.messaging import ledger
from events.messaging.incoming.actions import take
from events.messaging.incoming.reading import read_mailbox
from events.programme.actions import EventChanges, cancel_event, edit_event
from events.registration.actions import cancel
from tests.factories import NOW, make_event, make_person, make_registration
from tests.imap import mailbox
from tests.messaging.bounces import samples as bounces
from tests.messaging.bounces.test_actions import SECRET, hand_over
from tests.messaging.incoming import samples
from tests.registration.test_letters import letters

AINO = samples.AINO
QUESTION = "entry_declined"


async def aino(event: UUID | None = None, *, state: str = "confirmed", language: str = "fi") -> UUID:
    person = await make_person(email=AINO)
    return await make_registration(event or await make_event(), person=person, state=state, language=language)


async def asked() -> int:
    count: int = await database.fetchval("SELECT count(*) FROM message WHERE reason = $1", QUESTION)
    return count


async def state_of(registration: UUID) -> str:
    state: str = await database.fetchval("SELECT state FROM registration WHERE id = $1", registration)
    return state


@pytest.mark.parametrize("make", [samples.exchange, samples.google])
async def test_declining_asks_by_mail_and_cancels_nothing(db: asyncpg.Connection, make: object) -> None:
    registration = await aino()
    reply = make(f"{registration}@sixnet")  # type: ignore[operator]
    assert [await take(reply, answer, now=NOW) for _ in range(2)] == [1, 0]
    assert await asked() == 1
    assert await state_of(registration) == "confirmed"
    row = await database.fetchrow("SELECT recipient, subject_id FROM message WHERE reason = $1", QUESTION)
    assert row
    assert (row["recipient"], row["subject_id"]) == (AINO, registration)


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fi", "Perutaanko paikkasi?"), ("sv", "Ska vi avboka din plats?"), ("en", "Shall we cancel your place?")],
)
async def test_the_question_leads_to_a_button(
    client: httpx.AsyncClient, db: asyncpg.Connection, language: str, subject: str
) -> None:
    registration = await aino(language=language)
    await take(samples.exchange(f"{registration}@sixnet"), answer, now=NOW)
    letter = (await letters())[QUESTION]
    assert letter
    assert letter.subject.startswith(subject)
    assert letter.calendar is None, "an entry could be declined again by a program"
    link = next(word for word in letter.text.split() if word.endswith("/cancel"))
    assert f'href="{link}"' in letter.html
    with clock.at(NOW):
        page = await client.get(link)
        assert page.status_code == 200
        assert await state_of(registration) == "confirmed", "mail scanners open links"
        assert (await client.post(link)).status_code == 303
    assert await state_of(registration) == "cancelled"


@pytest.mark.parametrize("status", ["ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DELEGATED", "", "declined-not"])
async def test_any_other_answer_asks_nothing(db: asyncpg.Connection, status: str) -> None:
    assert await take(samples.exchange(f"{await aino()}@sixnet", status=status), answer, now=NOW) == 0
    assert await asked() == 0


async def test_who_is_not_the_person_asks_nothing(db: asyncpg.Connection) -> None:
    registration = await aino()
    assert await take(samples.exchange(f"{registration}@sixnet", "other@yritys.example"), answer, now=NOW) == 0
    for uid in (f"{uuid4()}@sixnet", str(registration), f"{registration}@elsewhere", "' OR 1=1 --@sixnet", ""):
        assert await take(samples.exchange(uid), answer, now=NOW) == 0
    assert await asked() == 0


@pytest.mark.parametrize("state", ["cancelled", "declined", "waitlisted", "offered", "awaiting_address"])
async def test_without_a_confirmed_place_there_is_nothing_to_ask(db: asyncpg.Connection, state: str) -> None:
    assert await take(samples.google(f"{await aino(state=state)}@sixnet"), answer, now=NOW) == 0


async def test_after_the_start_or_a_cancelled_event_nothing_is_asked(db: asyncpg.Connection) -> None:
    event = await make_event()
    reply = samples.google(f"{await aino(event)}@sixnet")
    assert await take(reply, answer, now=NOW + timedelta(days=30)) == 0
    await cancel_event(event, actor=SYSTEM, now=NOW)
    assert await take(reply, answer, now=NOW) == 0


async def test_each_change_of_the_entry_may_be_declined_once_whatever_number_is_claimed(db: asyncpg.Connection) -> None:
    event = await make_event()
    uid = f"{await aino(event)}@sixnet"
    assert sum([await take(samples.exchange(uid, sequence=number), answer, now=NOW) for number in range(5)]) == 1
    await edit_event(event, EventChanges(ends_at=NOW + timedelta(days=31)), actor=SYSTEM, now=NOW)
    assert sum([await take(samples.exchange(uid, sequence=number), answer, now=NOW) for number in range(5)]) == 1
    assert await asked() == 2


async def test_who_cancelled_meanwhile_is_not_asked(db: asyncpg.Connection) -> None:
    registration = await aino()
    await take(samples.exchange(f"{registration}@sixnet"), answer, now=NOW)
    await cancel(registration, actor=SYSTEM, now=NOW)
    assert QUESTION not in await letters()


@pytest.mark.parametrize("change", ["state = 'cancelled'", "starts_at = '2026-09-01T08:00Z'"])
async def test_a_question_that_comes_too_late_is_dropped(db: asyncpg.Connection, change: str) -> None:
    registration = await aino()
    await take(samples.exchange(f"{registration}@sixnet"), answer, now=NOW)
    await database.execute(f"UPDATE event SET {change}")
    assert (await letters())[QUESTION] is None


@pytest.mark.parametrize("path", ["/hooks/mail", "/hooks/bounces"])
async def test_a_server_may_hand_answers_over(client: httpx.AsyncClient, db: asyncpg.Connection, path: str) -> None:
    reply = samples.google(f"{await aino()}@sixnet")
    settings.override(bounce_webhook_secret=SECRET)
    try:
        with clock.at(NOW):
            assert await hand_over(client, reply, secret="another", path=path) == 401
            assert await asked() == 0
            assert await hand_over(client, reply, path=path) == 204
    finally:
        settings.forget("bounce_webhook_secret")
    assert await asked() == 1


async def test_one_mailbox_takes_reports_and_answers(db: asyncpg.Connection) -> None:
    registration = await aino()
    async with mailbox() as box:
        box.put(bounces.vacation())
        box.put(samples.exchange(f"{registration}@sixnet"))
        box.put(bounces.postfix(address="somebody@yritys.example"))
        assert await read_mailbox(answer, NOW) == 3
        assert box.seen == {1, 2, 3}
    assert await asked() == 1


ANSWERS = {"calendar_address": "kalenteri@sixnet.example", "bounce_imap_url": "imaps://a:b@imap.example"}


async def test_where_answers_are_read_the_entry_names_that_address(db: asyncpg.Connection) -> None:
    await aino(await make_event(contact_email="anna@sixnet.example", contact_name="Anna"), language="en")
    await owe_change()
    settings.override(**ANSWERS)
    try:
        letter = (await letters())["changed"]
    finally:
        settings.forget(*ANSWERS)
    assert letter
    assert letter.calendar
    entry = letter.calendar[1].replace("\r\n ", "")
    assert "ORGANIZER;CN=Anna:mailto:kalenteri@sixnet.example" in entry
    assert "RSVP=TRUE" in entry
    assert "we then ask you by mail" in entry
    assert "Questions: Anna anna@sixnet.example" in entry
    assert letter.reply_to == "anna@sixnet.example"
    for part in (letter.text, letter.html):
        assert "does not cancel" not in part
        assert "we ask you by mail whether to cancel" in part


@pytest.mark.parametrize("known", [{}, {"calendar_address": "kalenteri@sixnet.example"}])
async def test_where_nobody_reads_answers_the_first_line_says_so(db: asyncpg.Connection, known: dict[str, str]) -> None:
    registration = await aino(await make_event(contact_email="anna@sixnet.example"), language="en")
    await owe_change()
    settings.override(**known)
    try:
        letter = (await letters())["changed"]
    finally:
        settings.forget(*known)
    assert letter
    first = letter.text.strip().splitlines()[0]
    assert first.startswith("Declining in your calendar does not cancel your place.")
    assert first.endswith("/cancel")
    body = letter.html[letter.html.index("<main>") :]
    assert body.index("does not cancel your place") < body.index("<h1")
    assert letter.calendar
    assert "ORGANIZER;CN=SIXNET:mailto:anna@sixnet.example" in letter.calendar[1].replace("\r\n ", "")
    assert letter.text.count("ancel your place") == 1
    await cancel(registration, actor=SYSTEM, now=NOW)
    gone = (await letters())["cancelled"]
    assert gone
    assert gone.calendar
    assert "Declining" not in gone.text, "what is taken out of the calendar cannot be declined"


async def owe_change() -> None:
    """Owe the letter of a changed registration, which has an entry."""
    await database.execute(
        "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, language, due_at, message_id)"
        " SELECT gen_random_uuid(), person.email, 'changed', 'registration', registration.id, registration.language, $1, '<x@sixnet>'"
        " FROM registration JOIN person ON person.id = registration.person",
        NOW,
    )


@pytest.mark.parametrize(("guarded", "questions"), [(True, 1), (False, 5)])
async def test_answers_that_arrive_at_one_moment_ask_once(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool, questions: int
) -> None:
    """Without the ledger's guard each of them would ask."""
    reply = samples.exchange(f"{await aino()}@sixnet")
    if not guarded:
        await database.execute("ALTER TABLE message DROP CONSTRAINT message_once")
        monkeypatch.setattr(ledger, "_ADD", ledger._ADD.partition("ON CONFLICT")[0])
    assert sum(await asyncio.gather(*(take(reply, answer, now=NOW) for _ in range(5)))) == questions
    assert await asked() == questions
