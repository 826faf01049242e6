"""Writing to the ledger: the duty to send a message, in the transaction of what it is about (design.md §5.1-2)."""

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.core import database
from events.messaging.tables import Reason


class Recipient(Struct, frozen=True):
    """Where a message goes: an address, maybe with a person, in a language."""

    email: str
    name: str = ""
    language: str = "fi"
    person_id: UUID | None = None


_ADD = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, due_at, message_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def add(
    reason: Reason,
    recipient: Recipient,
    subject_kind: str,
    subject_id: UUID,
    *,
    now: datetime,
    occurrence: str = "0",
    due_at: datetime | None = None,
) -> bool:
    """Owe a message about a subject; returns False when the same one (occurrence included) is owed or sent already.

    The caller nudges `mail.deliver` after its transaction.
    """
    identity = uuid4()
    added = await database.execute(
        _ADD,
        identity,
        recipient.email,
        recipient.name,
        recipient.person_id,
        reason.value,
        subject_kind,
        subject_id,
        occurrence,
        recipient.language,
        due_at or now,
        f"<{identity.hex}@sixnet>",
        now,
    )
    return added == 1


async def drop(reason: Reason, subject_kind: str, subject_id: UUID, *, now: datetime) -> int:
    """Give up messages of a reason about a subject that have not been sent; returns how many."""
    return await database.execute(
        "UPDATE message SET state = 'dropped', finished_at = $4"
        " WHERE reason = $1 AND subject_kind = $2 AND subject_id = $3 AND state = 'queued'",
        reason.value,
        subject_kind,
        subject_id,
        now,
    )


async def drop_all(subject_kind: str, subject_id: UUID, *, now: datetime) -> int:
    """Give up every message about a subject that has not been sent; returns how many."""
    return await database.execute(
        "UPDATE message SET state = 'dropped', finished_at = $3"
        " WHERE subject_kind = $1 AND subject_id = $2 AND state = 'queued'",
        subject_kind,
        subject_id,
        now,
    )
