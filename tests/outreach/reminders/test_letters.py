from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose
from events.messaging.letter import Letter
from events.outreach.reminders.actions import queue_due_reminders
from events.programme.reminders.actions import RuleValues, remove_rule, save_rule
from tests.factories import NOW, make_event, make_person, make_registration
from tests.outreach.reminders.rules import make_rule, no_defaults

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOW + 10 * DAY
END = START + 6 * HOUR
WORDS = {"subject_en": "Soon: {event}", "body_en": "Dear {name}, **bring** your boots.\n\n{link}"}


async def reminding(rule: dict[str, Any], name: str = "Aino", **columns: Any) -> tuple[UUID, UUID, UUID]:
    await no_defaults()
    event = await make_event(slug="paja", starts_at=START, ends_at=END, contact_email="anna@sixnet.example")
    person = await make_person(name)
    registration = await make_registration(event, person=person, language="en", registered_at=NOW - DAY, **columns)
    return event, await make_rule(event, **rule), registration


async def written(now: datetime) -> Letter | None:
    with clock.at(now):
        assert await queue_due_reminders(now) == 1
        (claimed,) = await claim(now)
        return await compose(claimed.owed, COMPOSERS)


async def test_the_built_in_reminder_brings_the_ticket(db: asyncpg.Connection) -> None:
    await reminding({"days": -1})
    letter = await written(START - DAY)
    assert letter
    assert letter.subject.startswith("Reminder: Test workshop")
    assert "coming soon" in letter.text
    assert letter.pictures


async def test_words_of_its_own_stand_above_time_place_and_ticket(db: asyncpg.Connection) -> None:
    await reminding({"days": -1, **WORDS}, name="Aino *x* <b>")
    letter = await written(START - DAY)
    assert letter
    assert letter.subject == "Soon: Test workshop"
    assert "<strong>bring</strong>" in letter.html
    assert "Aino *x* &lt;b&gt; Esimerkki" in letter.html, "what people wrote is no Markdown and no HTML"
    assert "<b>" not in letter.html
    assert "coming soon" not in letter.text
    assert "http://testserver/r/" in letter.text
    assert letter.pictures


@pytest.mark.parametrize("rule", [{"days": -1}, {"anchor": "end", "days": 1}])
async def test_all_of_it_is_in_the_language_of_the_rules_own_words(
    db: asyncpg.Connection, rule: dict[str, Any]
) -> None:
    await reminding({**rule, **WORDS})
    await database.execute("UPDATE registration SET language = 'sv'")
    letter = await written((END if rule["days"] > 0 else START) + rule["days"] * DAY)
    assert letter
    assert letter.language == "en"
    assert letter.subject == "Soon: Test workshop"
    assert '<html lang="en">' in letter.html
    for body in (letter.text, letter.html):
        assert "Questions: " in body or "You get this mail because" in body
        for swedish in ("Frågor", "Din biljett", "Du får", "Testverkstad"):
            assert swedish not in body


@pytest.mark.parametrize("words", [{}, WORDS])
async def test_what_comes_after_the_end_thanks_and_brings_no_ticket(
    db: asyncpg.Connection, words: dict[str, str]
) -> None:
    await reminding({"anchor": "end", "days": 1, **words})
    letter = await written(END + DAY)
    assert letter
    assert letter.subject == ("Soon: Test workshop" if words else "Thank you for coming: Test workshop")
    assert ("Hello Aino!\n\nThank you for taking part" in letter.text) is not bool(words)
    for body in (letter.text, letter.html):
        assert "/t/" not in body
        assert "coming soon" not in body
    assert not letter.pictures
    assert letter.calendar is None
    assert letter.reply_to == "anna@sixnet.example"


PLACED, WAITS = "confirmed", "waitlisted"
NO_GREETING = {"subject_en": "Soon: {event}", "body_en": "Bring your boots."}


@pytest.mark.parametrize("state", [PLACED, WAITS, "cancelled"])
async def test_everybody_is_greeted_and_told_when_and_where_and_who_has_a_place_gets_the_ticket(
    db: asyncpg.Connection, state: str
) -> None:
    await reminding({"days": -1, "states": [PLACED, WAITS, "cancelled"], **NO_GREETING}, state=state)
    letter = await written(START - DAY)
    assert letter
    assert letter.subject == "Soon: Test workshop"
    for body in (letter.text, letter.html):
        assert "Hello Aino!" in body
        assert "Bring your boots." in body
        assert "11 September 2026" in body
        assert "http://testserver/r/" in body
        assert ("/t/" in body) is (state == PLACED)
        assert ("If you cannot come" in body) is (state == PLACED)
        assert "changed" not in body
    assert bool(letter.pictures) is (state == PLACED)


@pytest.mark.parametrize("state", [PLACED, WAITS])
@pytest.mark.parametrize("rule", [{"days": -1}, {"anchor": "end", "days": 1}])
async def test_a_letter_greets_once(db: asyncpg.Connection, state: str, rule: dict[str, Any]) -> None:
    words = {"subject_en": "Soon", "body_en": "Hello {given_name}!\n\nBring your boots."}
    await reminding({**rule, "states": [PLACED, WAITS], **words}, state=state)
    letter = await written((END if rule["days"] > 0 else START) + rule["days"] * DAY)
    assert letter
    for body in (letter.text, letter.html):
        assert body.count("Aino") == 1


async def test_words_after_the_end_are_greeted_above_too(db: asyncpg.Connection) -> None:
    await reminding({"anchor": "end", "days": 1, **NO_GREETING})
    letter = await written(END + DAY)
    assert letter
    assert letter.text.startswith("Hello Aino!\n\nBring your boots.")
    assert "<p>Hello Aino!</p>" in letter.html


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET start_revision = 1",
        "UPDATE event SET state = 'cancelled'",
        "UPDATE registration SET state = 'cancelled'",
        "UPDATE reminder_rule SET active = false",
        "DELETE FROM reminder_rule",
        "UPDATE person SET email = 'other@yritys.example'",
    ],
)
async def test_nothing_goes_out_that_does_not_hold_any_more(db: asyncpg.Connection, change: str) -> None:
    await reminding({"anchor": "end", "days": 1, **WORDS})
    now = END + DAY
    assert await queue_due_reminders(now) == 1
    await database.execute(change)
    (claimed,) = await claim(now)
    with clock.at(now):
        assert await compose(claimed.owed, COMPOSERS) is None


async def test_what_waited_for_the_mail_server_until_the_start_is_not_sent(db: asyncpg.Connection) -> None:
    await reminding({"days": -1})
    assert await queue_due_reminders(START - DAY) == 1
    (claimed,) = await claim(START)
    with clock.at(START):
        assert await compose(claimed.owed, COMPOSERS) is None


async def test_a_rule_that_is_set_or_removed_takes_back_what_still_waits(db: asyncpg.Connection) -> None:
    event, rule, _registration = await reminding({"days": -1})
    assert await queue_due_reminders(START - DAY) == 1
    await save_rule(event, rule, RuleValues(minutes=-60), actor=SYSTEM, now=START - DAY + HOUR)
    (claimed,) = await claim(START - 20 * HOUR)
    with clock.at(START - 20 * HOUR):
        assert await compose(claimed.owed, COMPOSERS) is None, "it has its turn an hour before the start now"
    await remove_rule(event, rule, actor=SYSTEM, now=START - 2 * HOUR)
    assert await queue_due_reminders(START - HOUR) == 0
