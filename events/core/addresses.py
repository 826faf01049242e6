"""E-mail addresses as people write them."""

import re

from events.core.text import clean_line

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ENDING = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")

LONGEST = 254
"""RFC 5321, 4.5.3.1.3 with the angle brackets taken off."""


def normal_address(text: str) -> str | None:
    """Return an address in lower case and with its domain in ASCII, or None when mail cannot be sent to it.

    Quoted local parts and those outside ASCII are refused: too many servers do not take them (RFC 6531).
    """
    local, at, domain = clean_line(text).lower().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):  # noqa: PLR2004 - RFC 5321, 4.5.3.1.1
        return None
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    labels = domain.split(".")
    if len(labels) < 2 or not _ENDING.fullmatch(labels[-1]):  # noqa: PLR2004
        return None
    if not all(_LABEL.fullmatch(label) for label in labels):
        return None
    address = f"{local}@{domain}"
    return address if len(address) <= LONGEST else None
