"""Which failures say that an address is of no use: enhanced status codes of RFC 3463 and the registry of RFC 5248."""

import re
from datetime import timedelta

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b[45]\d\d\b")
_NO_SUCH_MAILBOX = frozenset({"550", "551", "553"})
"""Reply codes of RFC 5321 that are about the mailbox."""

SOFT_LIMIT = 3
"""Messages that came back for a passing reason until an address counts as not reached."""

SOFT_WITHIN = timedelta(days=14)
"""In which time they must have come back."""

LATEST = timedelta(days=7)
"""How long after a mail a report without its Message-ID can be of it: servers give up after five days."""

_NOT_THE_ADDRESS = frozenset({"2.2", "2.3"})
"""A full mailbox, a message too long for it: called permanent, and over once somebody tidies up or writes less."""

_OUR_TROUBLE = frozenset({"3", "5", "6", "7"})
"""Subjects about systems, protocols, contents and policies: a server that refuses ours refuses all its addresses."""


def status_of(text: str) -> str:
    """Return the enhanced status in a server's words, or one made of the reply code; "" when there is neither."""
    if found := STATUS.search(text):
        return found[0]
    reply = _REPLY.search(text)
    if not reply:
        return ""
    return f"{reply[0][0]}.{0 if reply[0] in _NO_SUCH_MAILBOX else 5}.0"


def is_hard(status: str) -> bool:
    """Say whether a status means that the address itself is of no use, and no later mail will arrive there."""
    found = STATUS.fullmatch(status)
    if found is None or found[1] != "5":
        return False
    return found[2] not in _OUR_TROUBLE and f"{found[2]}.{found[3]}" not in _NOT_THE_ADDRESS
