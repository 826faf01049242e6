import re
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from icalendar import Calendar

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose
from events.messaging.letter import Letter, tidy
from events.programme.actions import EventChanges, cancel_event, edit_event
from events.programme.steps.telling import telling
from events.registration.actions import approve, cancel, decline, give_place, move_site
from events.registration.items.signing_up import choose_items
from tests.factories import NOW, insert, make_event, make_registration
from tests.programme.agenda.test_agenda import make_item
from tests.registration.questions import test_answering as answering
from tests.registration.questions.making import make_question
from tests.registration.test_register import sign_up

LINK = re.compile(r"http://testserver/[rt]/[a-z0-9]{26}")


async def letters(now: datetime = NOW) -> dict[str, Letter | None]:
    """What is owed now, written, by reason."""
    with clock.at(now):
        return {claimed.owed.reason: await compose(claimed.owed, COMPOSERS) for claimed in await claim(now)}


def entry(letter: Letter) -> tuple[str, Calendar]:
    assert letter.calendar
    method, text = letter.calendar
    return method, Calendar.from_ical(text)


async def remind(registration: UUID, occurrence: str = "1440:0") -> None:
    await database.execute(
        "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, occurrence, language, due_at, message_id)"
        " SELECT gen_random_uuid(), person.email, 'reminder', 'registration', registration.id, $2, 'en', $3, '<x@sixnet>'"
        " FROM registration JOIN person ON person.id = registration.person WHERE registration.id = $1",
        *(registration, occurrence, NOW),
    )


async def test_a_confirmation_holds_ticket_code_private_link_and_calendar(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event(contact_email="anna@sixnet.example"), language="en")
    letter = (await letters())["confirmation"]
    assert letter
    assert letter.subject == "You are registered: Test workshop"
    assert letter.reply_to == "anna@sixnet.example"
    code = await database.fetchval("SELECT ticket_code FROM registration")
    for part in (letter.text, letter.html):
        assert f"http://testserver/r/{made.manage_token}" in part
        assert f"http://testserver/t/{made.ticket}" in part
        assert code in part
        assert "does not cancel" in part
    assert 'src="cid:qr"' in letter.html
    assert letter.pictures[0].content.startswith(b"\x89PNG")
    method, calendar = entry(letter)
    (item,) = calendar.events
    assert (method, str(calendar["method"]), str(item["status"])) == ("REQUEST", "REQUEST", "CONFIRMED")
    assert str(item["uid"]) == f"{made.id}@sixnet"
    assert str(item["attendee"]) == "mailto:aino0@yritys.example"
    assert item["dtstart"].dt == NOW + timedelta(days=30)
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["Europe/Helsinki"]
    assert not LINK.search(calendar.to_ical().decode().replace("\r\n ", ""))


@pytest.mark.parametrize(("language", "title"), [("fi", "Testipaja"), ("sv", "Testverkstad"), ("en", "Test workshop")])
async def test_a_letter_is_written_in_its_persons_language(db: asyncpg.Connection, language: str, title: str) -> None:
    await sign_up(await make_event(), language=language)
    with in_language("en"):
        letter = (await letters())["confirmation"]
    assert letter
    assert title in letter.subject
    assert f'<html lang="{language}"' in letter.html


async def test_names_are_plain_in_the_text_and_escaped_in_the_html(db: asyncpg.Connection) -> None:
    await sign_up(await make_event(), given_name="O'Con<b>", language="en")
    letter = (await letters())["confirmation"]
    assert letter
    assert "Hello O'Con<b>!" in letter.text
    assert "<b>!" not in letter.html


async def test_online_the_link_to_join_stands_where_the_ticket_would(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await sign_up(event, site=site)
    letter = (await letters())["confirmation"]
    assert letter
    assert "https://meet.example/1" in letter.text
    assert letter.pictures == ()


async def test_who_waits_reads_the_position_and_gets_no_calendar_entry(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    await sign_up(event, 0, language="en")
    await sign_up(event, 1, language="en")
    letter = (await letters())["waiting"]
    assert letter
    assert "position is 1" in letter.text
    assert letter.calendar is None


async def test_who_awaits_approval_is_told_so_and_later_what_came_of_it(db: asyncpg.Connection) -> None:
    event = await make_event(needs_approval=True)
    made = [await sign_up(event, number, language="en") for number in range(2)]
    waiting = (await letters())["waiting"]
    assert waiting
    assert waiting.subject.startswith("Your registration awaits approval")
    await approve(made[0].id, actor=SYSTEM, now=NOW)
    await decline(made[1].id, actor=SYSTEM, now=NOW)
    said = await letters()
    assert said["confirmation"]
    assert said["cancelled"]
    assert said["cancelled"].subject.startswith("Your registration was not accepted")
    assert said["cancelled"].calendar is None


async def test_a_freed_place_comes_with_ticket_and_calendar(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    going, waiting = [await sign_up(event, number, language="en") for number in range(2)]
    await letters()
    await cancel(going.id, actor=SYSTEM, now=NOW)
    letter = (await letters())["place_freed"]
    assert letter
    assert waiting.ticket in letter.text
    assert entry(letter)[0] == "REQUEST"


async def test_giving_a_place_up_for_a_line_takes_it_out_of_the_calendar(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, online=True)
    venue, online = [row["id"] for row in await database.fetch("SELECT id FROM site ORDER BY position")]
    await sign_up(event, 0, language="en", site=venue)
    made = await sign_up(event, 1, language="en", site=online)
    await letters()
    await move_site(made.id, venue, actor=SYSTEM, now=NOW, may_wait=True)
    letter = (await letters())["waiting"]
    assert letter
    assert entry(letter)[0] == "CANCEL"


async def test_cancelling_takes_the_event_out_of_the_calendar_with_a_higher_sequence(db: asyncpg.Connection) -> None:
    made = await sign_up(await make_event(), language="en")
    confirmation = (await letters())["confirmation"]
    await cancel(made.id, actor=SYSTEM, now=NOW)
    cancelled = (await letters())["cancelled"]
    assert confirmation
    assert cancelled
    method, calendar = entry(cancelled)
    before, after = entry(confirmation)[1].events[0], calendar.events[0]
    assert (method, str(after["status"])) == ("CANCEL", "CANCELLED")
    assert before["uid"] == after["uid"]
    assert before["sequence"] < after["sequence"]
    assert made.ticket not in cancelled.text


async def test_moving_renews_the_calendar_entry(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    made = await sign_up(event, language="en")
    await letters()
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await move_site(made.id, site, actor=SYSTEM, now=NOW)
    letter = (await letters())["changed"]
    assert letter
    (item,) = entry(letter)[1].events
    assert str(item["location"]) == "https://meet.example/1"
    assert item["sequence"] == 1


@pytest.mark.parametrize(
    ("state", "words", "invited"),
    [
        ("confirmed", "Your registration stands", True),
        ("waitlisted", "You are on the waiting list, in position 1.", False),
        ("awaiting_approval", "awaits the organiser’s approval", False),
        ("awaiting_address", "A place is held for you.", False),
    ],
)
async def test_a_moved_event_is_told_in_words_that_fit_the_state(
    db: asyncpg.Connection, state: str, words: str, invited: bool
) -> None:
    event = await make_event(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await make_registration(event, state=state, site=online, language="en")
    await edit_event(event, EventChanges(ends_at=NOW + timedelta(days=31)), actor=SYSTEM, now=NOW)
    letter = (await letters())["event_changed"]
    assert letter
    for part in (letter.text, letter.html):
        assert words in part
        assert ("https://meet.example/1" in part) is invited
    assert (letter.calendar is not None) is invited


async def test_what_the_organiser_says_stands_in_the_mail(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await make_registration(event, site=online, language="en")
    with telling("The hall was <booked> twice.\nSorry!"):
        await edit_event(event, EventChanges(ends_at=NOW + timedelta(days=31)), actor=SYSTEM, now=NOW)
    changed = (await letters())["event_changed"]
    with telling("The speaker is ill."):
        await database.execute("UPDATE message SET state = 'sent', finished_at = $1", NOW)
        await cancel_event(event, actor=SYSTEM, now=NOW)
    cancelled = (await letters())["event_cancelled"]
    assert changed
    assert cancelled
    assert "The organiser writes:\nThe hall was <booked> twice.\nSorry!" in changed.text
    assert "The hall was &lt;booked&gt; twice.<br>Sorry!" in changed.html
    for part in (cancelled.text, cancelled.html):
        assert "The speaker is ill." in part
        assert "booked" not in part
        assert "meet.example" not in part, "there is no meeting to join"


async def test_what_is_cancelled_is_joined_by_nobody(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    await make_registration(event, site=online, language="en")
    await cancel_event(event, actor=SYSTEM, now=NOW)
    letter = (await letters())["event_cancelled"]
    assert letter
    method, calendar = entry(letter)
    assert method == "CANCEL"
    for part in (letter.text, letter.html, calendar.to_ical().decode()):
        assert "meet.example" not in part


async def test_a_confirmation_that_comes_too_late_says_that_the_event_is_cancelled(db: asyncpg.Connection) -> None:
    event = await make_event()
    await sign_up(event, language="en")
    await cancel_event(event, actor=SYSTEM, now=NOW)
    (letter,) = [letter for letter in (await letters()).values() if letter]
    assert letter.subject == "The event is cancelled: Test workshop"
    assert entry(letter)[0] == "CANCEL"


async def test_who_registers_again_is_led_to_the_first_registration(db: asyncpg.Connection) -> None:
    event = await make_event()
    first = await sign_up(event, language="en")
    await sign_up(event, language="en")
    letter = (await letters())["already_registered"]
    assert letter
    assert f"/r/{first.manage_token}" in letter.text


async def test_a_reminder_says_how_to_arrive(db: asyncpg.Connection) -> None:
    event = await make_event()
    await insert(
        "arrival",
        site=await database.fetchval("SELECT id FROM site"),
        entrance_en="Door B, by the yard",
        phone="+358 00",
    )
    await remind(await make_registration(event))
    letter = (await letters())["reminder"]
    assert letter is not None
    for body in (letter.text, letter.html):
        assert "Door B, by the yard" in body
        assert "+358 00" in body


async def test_a_letter_asks_to_choose_items_until_someone_has(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await make_item(event, "Workshop", sign_up=True, capacity=5)
    registration = await make_registration(event)
    for occurrence, asks in (("1440:0", True), ("60:0", False)):
        await remind(registration, occurrence)
        letter = (await letters())["reminder"]
        assert letter
        await database.execute("UPDATE message SET state = 'sent', finished_at = due_at")
        assert ["#items" in body for body in (letter.text, letter.html)] == [asks] * 2
        assert "Workshop" in letter.text
        await choose_items(registration, [item], actor=SYSTEM, now=NOW)


async def test_a_reminder_speaks_of_what_is_still_to_come(db: asyncpg.Connection) -> None:
    registration = await make_registration(await make_event())
    await remind(registration)
    letter = (await letters())["reminder"]
    assert letter
    assert letter.subject.startswith("Reminder: Test workshop, 1 October 2026")
    assert letter.pictures


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET start_revision = 1",
        "UPDATE event SET state = 'cancelled'",
        "UPDATE registration SET state = 'cancelled'",
        "UPDATE event SET starts_at = '2026-09-01T08:00Z'",
        "UPDATE person SET email = 'other@yritys.example'",
    ],
)
async def test_a_reminder_is_not_sent_for_what_has_moved_was_cancelled_or_has_begun(
    db: asyncpg.Connection, change: str
) -> None:
    registration = await make_registration(await make_event())
    await remind(registration)
    await database.execute(change)
    assert await letters() == {"reminder": None}


async def test_marks_of_the_projects_go_along_with_their_emblem(db: asyncpg.Connection) -> None:
    event = await make_event()
    await database.execute(
        "UPDATE project SET emblem = $1, emblem_type = 'image/png', emblem_alt_en = 'The emblem' WHERE code = 'SIXNET'",
        b"\x89PNG",
    )
    await database.execute(
        "INSERT INTO event_project (id, event, project) SELECT gen_random_uuid(), $1, id FROM project WHERE code = 'SIXNET'",
        event,
    )
    await sign_up(event, language="en")
    letter = (await letters())["confirmation"]
    assert letter
    assert "funded by the Council of Tampere Region" in letter.html
    assert 'src="cid:emblem0" alt="The emblem"' in letter.html
    assert [picture.name for picture in letter.pictures] == ["qr", "emblem0"]


async def test_a_text_part_is_readable(db: asyncpg.Connection) -> None:
    await sign_up(await make_event(contact_name="Anna"), language="en")
    letter = (await letters())["confirmation"]
    assert letter
    text = tidy(letter.text)
    assert "\n\n\n" not in text
    assert "{" not in text
    assert "&" not in text


async def test_who_gives_a_place_up_for_the_line_of_a_meeting_does_not_get_its_link(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await database.execute("UPDATE site SET capacity = 0 WHERE mode = 'online'")
    made = await sign_up(event, language="en")
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await letters()
    await move_site(made.id, online, actor=SYSTEM, now=NOW, may_wait=True)
    letter = (await letters())["waiting"]
    assert letter
    assert entry(letter)[0] == "CANCEL"
    assert letter.calendar
    for part in (letter.text, letter.html, letter.calendar[1].replace("\r\n ", "")):
        assert "meet.example" not in part


async def test_a_letter_says_what_is_still_to_be_answered_and_never_what_was(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=0)
    await make_question(event, "bus", "one", ("early", 5), required=True)
    await make_question(event, "diet", health=True)
    made = await answering.sign_up(event, 0, "diet", diet="Pähkinät")
    await database.execute("UPDATE site SET capacity = 1")
    await give_place(made.id, actor=SYSTEM, now=NOW)
    freed = (await letters())["place_freed"]
    assert freed
    for part in (freed.text, freed.html):
        assert "Osa kysymyksistä odottaa vielä vastaustasi" in part
        assert "Pähkinät" not in part
