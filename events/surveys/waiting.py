"""Sealing the answers that wait in the database: whoever reads it, without the key, sees how many, and nothing of them.

Answers that results count come five or more at a time (`lots`). Those that wait for others come one by one, and the
marks tell who answered: of two copies of the database with one answer in between – last night's and tonight's, or the
log of its changes – the second would hold, in plain words, what that one person said.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from events.core import secrets
from events.surveys.asked import Values

STEP = 16 * 1024
"""What is sealed is as long as this, or so many times: its length must not tell how much the last one wrote."""


class OtherKey(Exception):
    """Answers were sealed under another key."""


def sealed(survey: UUID, answers: Sequence[Values]) -> bytes:
    """Seal the answers of a survey that wait; none, too, look like some."""
    plain = json.dumps(answers).encode()
    return bytes(_box(survey).encrypt(plain.ljust(-(-len(plain) // STEP) * STEP)))


def opened(survey: UUID, waiting: bytes) -> list[Any]:
    """Return the answers of a survey that wait. Raises OtherKey."""
    if not waiting:
        return []
    try:
        answers: list[Any] = json.loads(_box(survey).decrypt(waiting))
    except CryptoError:
        raise OtherKey(f"the waiting answers of survey {survey} were sealed under another secret key") from None
    return answers


def _box(survey: UUID) -> SecretBox:
    return SecretBox(secrets.derive_key("survey-waiting", survey))
