"""Reading what calendars answer to an entry of ours: METHOD:REPLY of RFC 5546, as Exchange, Google and others write it.

Anybody can write such a mail, and nothing in it is believed to be whole, short or well-formed: it says what somebody
claims, and whoever is told of it asks the person.
"""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from itertools import islice
from typing import Any
from urllib.parse import unquote

import structlog
from icalendar import Calendar
from msgspec import Struct

from events.core.addresses import normal_address
from events.messaging.bounces.reports import LONGEST, MOST_PARTS

DECLINED = "DECLINED"

LONGEST_ENTRY = 64 * 1024
"""Bytes of a calendar part that is read; answers have a few thousand."""

MOST_REPLIES = 10

_TYPES = frozenset({"text/calendar", "application/ics"})
_BULK = frozenset({"bulk", "list", "junk"})

_log = structlog.get_logger("events.mail")


class Reply(Struct, frozen=True):
    """What a calendar answered: to the entry of which UID, with which PARTSTAT.

    `addresses` are those that the answer is of, as we would write to them: its attendee, and who sent the mail.
    """

    uid: str
    status: str
    addresses: tuple[str, ...]


def read(raw: bytes) -> list[Reply]:
    """Return what a mail answers, once for each UID; nothing for any other mail, however broken it is."""
    try:
        mail = message_from_bytes(raw[:LONGEST])
        if _answers_itself(mail):
            return []
        found = {reply.uid: reply for reply in islice(_replies(mail), MOST_REPLIES)}
        return list(found.values())
    except Exception as error:  # noqa: BLE001 - strangers write these mails; one that trips the parser is no reply
        _log.info("mail not read as a reply", error=type(error).__name__)
        return []


def _answers_itself(mail: Message) -> bool:
    """Say whether a mail was sent back by a program or passed on by a list.

    What a program made of its own accord (`auto-generated`) may be an answer: Google Calendar marks its own so.
    """
    submitted = str(mail.get("Auto-Submitted", "")).strip().lower()
    passed_on = "List-Id" in mail or str(mail.get("Precedence", "")).strip().lower() in _BULK
    return submitted.startswith("auto-replied") or passed_on or mail.get_content_type() == "multipart/report"


def _replies(mail: Message) -> Iterator[Reply]:
    sender = normal_address(parseaddr(str(mail.get("From", "")))[1])
    for part in islice(mail.walk(), MOST_PARTS):
        if part.get_content_type() not in _TYPES:
            continue
        for calendar in Calendar.from_ical(_without_zones(_text(part)), multiple=True):
            if str(calendar.get("method", "")).upper() != "REPLY":
                continue
            for event in calendar.walk("VEVENT"):
                if reply := _reply(event, sender):
                    yield reply


def _without_zones(text: str) -> str:
    """Leave out time zones: no time of an answer matters, and the parser refuses a whole entry for an odd one."""
    kept, inside = [], False
    for line in text.split("\n"):
        word = line.strip().upper()
        inside = inside or word == "BEGIN:VTIMEZONE"
        if not inside:
            kept.append(line)
        inside = inside and word != "END:VTIMEZONE"
    return "\n".join(kept)


def _reply(event: Any, sender: str | None) -> Reply | None:
    """Read one answer; None when it names not exactly one attendee, or one date of a series, which ours are not."""
    attendee = event.get("attendee")
    if attendee is None or isinstance(attendee, list) or "recurrence-id" in event:
        return None
    address = normal_address(unquote(str(attendee).lower().removeprefix("mailto:")))
    addresses = tuple(dict.fromkeys(each for each in (address, sender) if each))
    return Reply(str(event.get("uid", "")).strip(), str(attendee.params.get("partstat", "")).upper(), addresses)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or len(payload) > LONGEST_ENTRY:
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return payload.decode(errors="replace")
