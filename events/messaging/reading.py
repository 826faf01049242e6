"""A letter as the mailbox page shows it: written anew from the present state of its subject."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser

import structlog
from msgspec import Struct

from events.core.actor import Actor
from events.core.links import absolute
from events.core.settings import get_settings
from events.messaging.delivery import compose
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.mime import build
from events.messaging.tables import Reason

_UNSHOWN = frozenset({"mime-version", "content-type"})

_log = structlog.get_logger("events.mailbox")


class Mailbox(Struct, frozen=True):
    """What the page takes from the features below: who writes letters, and whose messages an actor may read."""

    composers: Mapping[Reason, Compose]
    readable: Callable[[Actor, datetime], Collection[Reason]]


async def written(owed: Owed, composers: Mapping[Reason, Compose]) -> Letter | None:
    """Write the letter as it would be now; None when nothing is left to say or it cannot be written."""
    try:
        return await compose(owed, composers)
    except Exception as error:  # noqa: BLE001 - the page says of a message that failed why it did, letter or none
        _log.error("letter not written", message=str(owed.id), reason=owed.reason, exc_info=error)
        return None


def headers_of(letter: Letter, owed: Owed, *, now: datetime) -> list[tuple[str, str]]:
    """Return the headers that the mail has; none for an address that no mail can be sent to."""
    try:
        mail = build(letter, owed, sender=get_settings().mail_from, now=now)
    except ValueError:
        return []
    headers = BytesHeaderParser(policy=policy.default).parsebytes(mail)
    return [(name, str(value)) for name, value in headers.items() if name.lower() not in _UNSHOWN]


def with_links(text: str) -> list[tuple[str, bool]]:
    """Split text into (piece, is a link): addresses of this service alone, for what people wrote may hold others."""
    pieces = re.split(rf"({re.escape(absolute('/'))}[\w/.~?&=%-]*)", text)
    return [(piece, bool(number % 2)) for number, piece in enumerate(pieces) if piece]
