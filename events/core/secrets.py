"""Secrets that are derived instead of stored, and their look-up hashes (design.md §5.5)."""

import hashlib
import hmac
import secrets as random
from uuid import UUID

from events.core.settings import get_settings

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""31 signs without look-alikes (no 0 o 1 l i)."""

SECRET_LENGTH = 26
"""26 signs of 31 hold 128.8 bits."""

CODE_LENGTH = 6


def derive(purpose: str, subject: UUID | str, generation: int = 0) -> str:
    """Derive the secret of `subject` for `purpose`: 128 bits as 26 signs; another `generation` revokes the earlier."""
    return _spell(int.from_bytes(derive_key(purpose, subject, generation)[:16], "big"))


def derive_key(purpose: str, subject: UUID | str, generation: int = 0) -> bytes:
    """Derive the 32 bytes with which something of `subject` is signed; as `derive`."""
    key = get_settings().secret_key
    if not key:
        raise RuntimeError("SIXNET_SECRET_KEY is not set")
    return hmac.digest(key.encode(), f"{purpose}|{subject}|{generation}".encode(), "sha256")


def new_secret() -> str:
    """Make a random secret of 256 bits, for what is shown once and stored hashed."""
    return random.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return the SHA-256 under which a secret is looked up."""
    return hashlib.sha256(secret.strip().encode()).digest()


def short_code(subject: UUID, generation: int = 0, attempt: int = 0) -> str:
    """Derive a code of six signs for typing at the door; `attempt` gives another one when it is taken in the event."""
    return derive("code", f"{subject}|{attempt}", generation)[-CODE_LENGTH:].upper()


_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
"""Two signs at a time: a registration spells five secrets, and half of that work was dividing."""


def _spell(number: int) -> str:
    pairs = []
    for _ in range(SECRET_LENGTH // 2):
        number, remainder = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[remainder])
    return "".join(reversed(pairs))
