"""Which failures say that an address is of no use: enhanced status codes of RFC 3463 and the registry of RFC 5248."""

import re
from datetime import timedelta

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b[45]\d\d\b")
_NO_SUCH_MAILBOX = frozenset({"550", "551", "553"})
"""Reply codes of RFC 5321 that are about the mailbox."""

_FULL = frozenset({"452", "552"})
"""Reply codes about storage."""

SOFT_LIMIT = 3
"""Messages that came back for a passing reason until an address counts as not reached."""

SOFT_WITHIN = timedelta(days=14)
"""In which time they must have come back."""

LATEST = timedelta(days=7)
"""How long after a mail a report without its Message-ID can be of it: servers give up after five days."""

_NOT_THE_ADDRESS = frozenset({"2.2", "2.3"})
"""A full mailbox, a message too long for it: called permanent, and over once somebody tidies up or writes less."""

OUR_TROUBLE = frozenset({"3", "5", "6", "7"})
"""Subjects about systems, protocols, contents and policies: a server that refuses ours refuses all its addresses."""

_REFUSES_US = re.compile(
    r"\b(relay(ing)?|policy|spam|block(ed|list)?|blacklist(ed)?|reputation|spf|dkim|dmarc|authenticat\w+|sender"
    r"|denied|not (permitted|authori[sz]ed))\b",
    re.IGNORECASE,
)
"""What servers say that refuse us, beside a reply code that might as well be about the mailbox."""


def status_of(text: str) -> str:
    """Return the enhanced status in a server's words, or one made of the reply code; "" when there is neither."""
    if found := STATUS.search(text):
        return found[0]
    reply = _REPLY.search(text)
    if not reply:
        return ""
    if reply[0] in _FULL:
        return f"{reply[0][0]}.2.2"
    of_mailbox = reply[0][0] == "4" or reply[0] in _NO_SUCH_MAILBOX
    return meant(f"{reply[0][0]}.{0 if of_mailbox else 5}.0", text)


def meant(status: str, words: str) -> str:
    """Return a status that says nothing by itself as what the words beside it say: about us, if they name a reason."""
    return f"{status[0]}.7.0" if status[1:] == ".0.0" and _REFUSES_US.search(words) else status


def is_our_trouble(status: str) -> bool:
    """Say whether a status is about us or our mail, whoever it was for."""
    found = STATUS.fullmatch(status)
    return found is not None and found[2] in OUR_TROUBLE


def is_hard(status: str) -> bool:
    """Say whether a status means that the address itself is of no use, and no later mail will arrive there."""
    found = STATUS.fullmatch(status)
    if found is None or found[1] != "5":
        return False
    return found[2] not in OUR_TROUBLE and f"{found[2]}.{found[3]}" not in _NOT_THE_ADDRESS
