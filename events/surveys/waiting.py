"""Sealing the answers that wait in the database: whoever reads it, without the key, sees how many, and nothing of them.

Answers that results count come five or more at a time (`lots`). Those that wait for others come one by one, and the
marks tell who answered: of two copies of the database with one answer in between – last night's and tonight's, or the
log of its changes – the second would hold, in plain words, what that one person said.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from events.core import database, secrets
from events.core.errors import Unavailable
from events.core.i18n import gettext as _
from events.surveys import rules
from events.surveys.asked import Values

STEP = 16 * 1024
"""What is sealed is as long as this, or so many times: its length must not tell how much the last one wrote."""


class OtherKey(Unavailable):
    """Answers were sealed under another key: until the service has that one again none can be added to them."""

    code = "other_key"
    retry_after = 3600

    def default_message(self) -> str:
        return _(
            "This survey cannot take answers at the moment: there is a fault in how the service is set up. Nothing has"
            " been lost, and the link stays valid. Please try again later."
        )


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
        raise OtherKey from None
    return answers


def opens(survey: UUID, waiting: bytes) -> bool:
    """Say whether the key that the service has opens the answers of a survey that wait."""
    try:
        opened(survey, waiting)
    except OtherKey:
        return False
    return True


class Stuck(Struct, frozen=True):
    """A survey whose answers that wait are sealed under another key: nothing is added to them, nor are they counted."""

    id: UUID
    slug: str
    waits: int


async def stuck(now: datetime, survey: UUID | None = None) -> list[Stuck]:
    """Return such surveys, or this one if it is one of them; none that has closed with too few to be counted."""
    rows = await database.fetch(
        "SELECT survey.id, slug, waits, waiting FROM survey JOIN event ON event.id = survey.event"
        f" WHERE waits > 0 AND (waits >= $2 OR NOT {rules.CLOSED}) AND ($3::uuid IS NULL OR survey.id = $3)"
        " ORDER BY survey.id",
        *(now, rules.SMALLEST_SHOWN, survey),
    )
    return [Stuck(row["id"], row["slug"], row["waits"]) for row in rows if not opens(row["id"], row["waiting"])]


def _box(survey: UUID) -> SecretBox:
    return SecretBox(secrets.derive_key("survey-waiting", survey))
