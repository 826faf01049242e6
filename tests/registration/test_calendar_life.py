from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import asyncpg
import pytest
from icalendar import Calendar, Event

from events.core import clock, settings
from events.core.actor import SYSTEM
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose
from events.messaging.mime import build
from events.programme.actions import EventChanges, cancel_event, edit_event
from events.registration.actions import cancel
from tests.factories import NOW, make_event
from tests.registration.test_register import sign_up

READ = {"calendar_address": "kalenteri@sixnet.example", "bounce_webhook_secret": "s"}


async def mails(now: datetime) -> dict[str, EmailMessage]:
    """What leaves at a moment, as mail servers get it."""
    left = {}
    with clock.at(now):
        for claimed in await claim(now):
            letter = await compose(claimed.owed, COMPOSERS)
            if letter:
                raw = build(letter, claimed.owed, sender="x@sixnet.example", now=now)
                left[claimed.owed.reason] = message_from_bytes(raw, policy=policy.default)
    return left


def entry_of(mail: EmailMessage) -> tuple[str, Event]:
    """The METHOD and the one entry of a mail, which says the same in its body, its MIME type and its file."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    method = str(calendar["method"])
    assert part.get_param("method") == method
    assert part.get_content_charset() == "utf-8"
    file = next(part for part in mail.walk() if part.get_content_type() == "application/ics")
    assert Calendar.from_ical(file.get_content()) == calendar
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["Europe/Helsinki"]
    (item,) = calendar.events
    assert item["dtstart"].params["TZID"] == "Europe/Helsinki"
    return method, item


@pytest.mark.parametrize(
    ("known", "organiser"), [(READ, "mailto:kalenteri@sixnet.example"), ({}, "mailto:anna@sixnet.example")]
)
@pytest.mark.parametrize("ends", ["by its person", "with the event"])
async def test_an_entry_is_asked_for_changed_and_taken_out_under_one_uid(
    db: asyncpg.Connection, known: dict[str, str], organiser: str, ends: str
) -> None:
    event = await make_event(contact_email="anna@sixnet.example")
    made = await sign_up(event, language="fi")
    settings.override(**known)
    try:
        steps = [(await mails(NOW))["confirmation"]]
        days = [NOW + timedelta(days=day) for day in range(3)]
        await edit_event(event, EventChanges(ends_at=NOW + timedelta(days=31)), actor=SYSTEM, now=days[1])
        steps.append((await mails(days[1]))["event_changed"])
        if ends == "by its person":
            await cancel(made.id, actor=SYSTEM, now=days[2])
            steps.append((await mails(days[2]))["cancelled"])
        else:
            await cancel_event(event, actor=SYSTEM, now=days[2])
            steps.append((await mails(days[2]))["event_cancelled"])
    finally:
        settings.forget(*known)
    entries = [entry_of(mail) for mail in steps]
    assert [method for method, _item in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    items = [item for _method, item in entries]
    assert [str(item["status"]) for item in items] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {str(item["uid"]) for item in items} == {f"{made.id}@sixnet"}
    numbers = [int(item["sequence"]) for item in items]
    assert numbers == sorted(set(numbers)), "it rises with every change"
    assert [item["dtstamp"].dt for item in items] == days
    assert [str(item["attendee"]) for item in items] == ["mailto:aino0@yritys.example"] * 3
    assert [str(item["organizer"]) for item in items] == [organiser] * 3
    assert [mail["Reply-To"] for mail in steps] == ["anna@sixnet.example"] * 3


@pytest.mark.parametrize(
    "odd",
    [
        'Anna "A" Öljy; Oy, x:y',
        "Anna\r\nATTENDEE:mailto:toinen@x.example",
        "ä" * 80,
        "👩‍👩‍👧" * 16,
        "x^y^nz\\n",
        "a\u2028ORGANIZER:mailto:x@y.example\u2029",
    ],
)
async def test_no_name_and_no_title_makes_a_line_of_its_own_or_is_cut_within_a_sign(
    db: asyncpg.Connection, odd: str
) -> None:
    event = await make_event(contact_email="anna@sixnet.example", contact_name=odd, title_fi=odd)
    await sign_up(event, family_name=odd, language="fi")
    mail = (await mails(NOW))["confirmation"]
    _method, item = entry_of(mail)
    assert str(item["attendee"]) == "mailto:aino0@yritys.example"
    assert str(item["organizer"]) == "mailto:anna@sixnet.example"
    file = next(part for part in mail.walk() if part.get_content_type() == "application/ics")
    raw = file.get_payload(decode=True)
    assert isinstance(raw, bytes)
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75, "RFC 5545, 3.1"
        line.decode()
