"""A letter as a mail: text and HTML, pictures inside, the calendar entry as an invitation and as a file.

Written by hand, for `email.message` takes longer over a mail than all else that is done for it.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from events.core.addresses import normal_address
from events.core.text import clean_line
from events.messaging.letter import Letter, Owed, Picture, tidy

LONGEST_SUBJECT = 300
"""Signs, as many as the ledger keeps."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def build(letter: Letter, owed: Owed, *, sender: str, now: datetime) -> bytes:
    """Make the mail of a letter; raises ValueError for an address that no mail can be sent to."""
    headers = "".join(f"{name}: {_checked(value)}\r\n" for name, value in _headers(letter, owed, sender, now))
    return headers.encode("ascii") + _body(letter, owed.message_id.strip("<>"))


def _headers(letter: Letter, owed: Owed, sender: str, now: datetime) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(*parseaddr(sender))
    yield "To", _mailbox(owed.recipient_name, owed.recipient)
    yield "Subject", _encoded(_short(clean_line(letter.subject)), "Subject")
    yield "Date", format_datetime(now)
    yield "Message-ID", owed.message_id
    yield "Auto-Submitted", "auto-generated"
    # Exchange answers with absences otherwise; "All" would keep back its delivery reports too ([MS-OXCMAIL]).
    yield "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"
    if answers_to := normal_address(letter.reply_to):  # what an event names may be no address that mail can be sent to
        yield "Reply-To", _mailbox("", answers_to)
    if letter.unsubscribe:
        yield "List-Unsubscribe", f"<{letter.unsubscribe}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "Content-Language", letter.language
    yield "MIME-Version", "1.0"


def _short(subject: str) -> str:
    """Cut a subject whose line servers would refuse (RFC 5322, 2.1.1); titles that were filled in can make it long."""
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…"


def _checked(value: str) -> str:
    """Return a header's value; raises ValueError where it would begin another header."""
    if any(line[:1] != " " for line in _LINE_END.split(value)[1:]) or "\0" in value:
        raise ValueError("a header holds a line end")
    return value


def _mailbox(name: str, address: str) -> str:
    if not address.isascii():
        raise ValueError("addresses outside ASCII need a server that takes them")
    name = clean_line(name)
    if name.isascii():
        return str(Address(name, addr_spec=address))
    return f"{_encoded(name, 'To')}\r\n <{Address(addr_spec=address).addr_spec}>"


def _encoded(text: str, name: str) -> str:
    """Return a text as it stands in a header (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _body(letter: Letter, unique: str) -> bytes:
    """Return the parts, the first header lines included; `unique` stands in every boundary and Content-ID."""
    parts = [_text("plain", tidy(letter.text)), _html(letter, unique)]
    if not letter.calendar:
        return _multipart("alternative", parts, unique)
    method, entry = letter.calendar
    parts.append(_text("calendar", entry, f'; method="{method}"'))
    file = _base64("application/ics", entry.encode(), 'attachment; filename="sixnet.ics"')
    return _multipart("mixed", [_multipart("alternative", parts, unique), file], unique)


def _html(letter: Letter, unique: str) -> bytes:
    html = letter.html
    for picture in letter.pictures:
        html = html.replace(f'"cid:{picture.name}"', f'"cid:{picture.name}.{unique}"')
    written = _text("html", html)
    if not letter.pictures:
        return written
    return _multipart("related", [written, *(_picture(picture, unique) for picture in letter.pictures)], unique)


def _picture(picture: Picture, unique: str) -> bytes:
    subtype = picture.type.partition("/")[2].partition("+")[0]
    place = f'inline; filename="{picture.name}.{subtype}"\r\nContent-ID: <{picture.name}.{unique}>'
    return _base64(picture.type, picture.content, place)


def _multipart(kind: str, parts: Sequence[bytes], unique: str) -> bytes:
    # Neither quoted-printable nor base64 can hold "=_", so no part can hold the boundary.
    boundary = f"=_{kind}_{unique}"
    begin = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    between = f"--{boundary}\r\n".encode()
    return begin + b"".join(between + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _text(kind: str, text: str, more: str = "") -> bytes:
    head = f'Content-Type: text/{kind}; charset="utf-8"{more}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = _LINE_END.sub("\r\n", text)
    made = b2a_qp(lines.encode())  # ends the lines that it breaks as it sees the others end, and sees none in one line
    return head.encode() + (made if "\n" in lines else made.replace(b"\n", b"\r\n"))


def _base64(kind: str, content: bytes, place: str) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {place}\r\n\r\n"
    return head.encode() + _in_lines(content)


@lru_cache(maxsize=64)
def _in_lines(content: bytes) -> bytes:
    """Return bytes in base64; the emblems of an event's projects are the same in each of its letters."""
    return encodebytes(content).replace(b"\n", b"\r\n")
