"""Reading mails that say that a mail was not delivered: RFC 3464, and what Exim and Gmail write beside it.

Whatever arrives in a mailbox is read here, so nothing in it is believed to be whole, short or well-formed.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from itertools import islice

import structlog
from msgspec import Struct

from events.core.addresses import normal_address
from events.core.text import clean_line
from events.messaging.bounces.rules import STATUS, meant, status_of
from events.messaging.ledger import MESSAGE_ID

LONGEST = 256 * 1024
"""Bytes of a mail that are looked at; the report stands before the mail that it gives back."""

MOST_PARTS = 50
MOST_RECIPIENTS = 50
LONGEST_WORDS = 500

_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_SENDERS = re.compile(r"\b(mailer-daemon|postmaster)\b", re.IGNORECASE)
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*(?:\n[ \t].*)*)$", re.MULTILINE)

_log = structlog.get_logger("events.mail")


class Report(Struct, frozen=True):
    """What one mail says of one recipient: not delivered, with which status and in which words.

    `addresses` are those that it names, as we would write to them; `message_id` is that of ours, "" when it names none.
    """

    status: str
    words: str
    addresses: tuple[str, ...]
    message_id: str


def read(raw: bytes) -> list[Report]:
    """Return the recipients that a mail reports as not reached; none for any other mail, however broken it is."""
    try:
        return list(islice(_reports(message_from_bytes(raw[:LONGEST])), MOST_RECIPIENTS))
    except Exception as error:  # noqa: BLE001 - strangers write these mails; one that trips the parser is no report
        _log.info("mail not read as a report", error=type(error).__name__)
        return []


def _reports(mail: Message) -> Iterator[Report]:
    parts = list(islice(mail.walk(), MOST_PARTS))
    message_id = _message_id(mail, parts)
    told = [block for part in parts if part.get_content_type() in _STATUS_PARTS for block in _blocks(part)]
    for block in told:
        if report := _report(block, message_id):
            yield report
    if not told:
        yield from _untyped(mail, parts, message_id)


def _report(block: Mapping[str, str], message_id: str) -> Report | None:
    """Read a recipient's fields; None for those of the whole mail, and for anybody who got it or may get it yet."""
    named = (block.get("original-recipient", ""), block.get("final-recipient", ""))
    action = block.get("action", "").lower()
    words = block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", "")
    found = STATUS.search(block.get("status", ""))
    status = meant(found[0], words) if found else status_of(words)
    if not any(named) or not status or status.startswith("2") or (action and not action.startswith("failed")):
        return None
    addresses = (_address(each) for each in named)
    return Report(status, _words(words or status), tuple(dict.fromkeys(each for each in addresses if each)), message_id)


def _untyped(mail: Message, parts: list[Message], message_id: str) -> Iterator[Report]:
    """Read a report that is none by its type: it names who failed, or comes from a mail server about a mail of ours."""
    failed = str(mail.get("X-Failed-Recipients", ""))
    if not failed and not (message_id and _SENDERS.search(str(mail.get("From", "")))):
        return
    text = next((_text(part) for part in parts if part.get_content_maintype() == "text"), "")
    found = STATUS.search(text)
    status = found[0] if found else ""
    if not failed and status[:1] not in {"4", "5"}:
        return
    addresses = tuple(filter(None, (_address(each) for each in failed.split(",")[:MOST_RECIPIENTS])))
    status = meant(status if status[:1] in {"4", "5"} else "5.0.0", _words(text))
    yield Report(status, _words(text[max(0, found.start() - 100) :] if found else text), addresses, message_id)


def _blocks(part: Message) -> Iterator[Mapping[str, str]]:
    """Return the groups of fields of a status part, also where it is encoded or its fields were taken for a body."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        if fields := {name.lower(): clean_line(_readable(str(value))) for name, value in block.raw_items()}:
            yield fields
        rest = block.get_payload()
        if isinstance(rest, str) and rest.strip():
            yield from _groups(_decoded(_readable(rest)))
    if isinstance(payload, str):
        yield from _groups(_text(part))


def _readable(text: str) -> str:
    """Return what the parser kept of bytes beyond ASCII as UTF-8, whether they were declared or not."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _groups(text: str) -> Iterator[Mapping[str, str]]:
    for group in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        if fields := {found[1].lower(): clean_line(found[2]) for found in _FIELD.finditer(group)}:
            yield fields


def _decoded(text: str) -> str:
    """Return a text that some servers send in base64 although RFC 2046 forbids it there."""
    try:
        return b64decode("".join(text.split()), validate=True).decode(errors="replace")
    except ValueError:
        return text


def _message_id(mail: Message, parts: list[Message]) -> str:
    """Return the Message-ID of the mail of ours that came back: of what is given back, else wherever one stands."""
    given_back = [str(part.get("Message-ID", "")) for part in parts[1:]]
    beside = [str(mail.get(name, "")) for name in ("In-Reply-To", "References", "X-Original-Message-ID")]
    texts = (_text(part) for part in parts if not part.is_multipart())
    for candidate in (*given_back, *beside, *texts):
        if found := MESSAGE_ID.search(candidate):
            return found[0]
    return ""


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _address(field: str) -> str:
    """Return the address of `rfc822; somebody@example.org`, "" when no mail could have gone there."""
    return normal_address(field.rpartition(";")[2].strip().strip("<>")) or ""


def _words(text: str) -> str:
    return clean_line(text)[:LONGEST_WORDS]
