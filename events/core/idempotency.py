"""Requests that may be repeated: the same key with the same body gets the same answer, made anew each time.

The row holds what the first request made, never its answer: that would hold secrets (design.md §5.5).
"""

import hashlib

import msgspec

from events.core.errors import Conflict, Invalid
from events.core.i18n import gettext as _

MAX_KEY = 255


class Repeatable(msgspec.Struct, frozen=True):
    """What makes a request recognisable: who asks what (`scope`), under which key, with which body."""

    scope: str
    key: str | None
    body_hash: bytes = b""


def repeatable(scope: str, key: str | None, body: object) -> Repeatable:
    """Make the mark of a request; raises Invalid for a key that is empty or too long."""
    if key is None:
        return Repeatable(scope, None)
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid({"Idempotency-Key": [_("The key must have 1 to 255 printable signs.")]})
    return Repeatable(scope, key, hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest())


def require_same(mark: Repeatable, kept_hash: bytes) -> None:
    """Raise Conflict with the code `idempotency_key_reused` when the key was used with another body."""
    if kept_hash != mark.body_hash:
        raise Conflict(_("This key was used before with other content."), code="idempotency_key_reused")
