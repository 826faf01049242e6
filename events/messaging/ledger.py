"""Writing to the ledger: the duty to send a message, in the transaction of what it is about (design.md §5.1-2)."""

import re
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.core import database
from events.messaging.tables import Reason


class Other(Struct, frozen=True):
    """Another message to the same address about the same subject; `left` unless it was dropped, failed or waits.

    `later`: it was owed after a message that still waits, and tells or told how things stand after both.
    """

    reason: Reason
    occurrence: str
    later: bool
    left: bool


class Recipient(Struct, frozen=True):
    """Where a message goes: an address, maybe with a person, in a language."""

    email: str
    name: str = ""
    language: str = "fi"
    person_id: UUID | None = None


MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@sixnet>")
"""A Message-ID of ours: its message's id, which nobody knows but who got the mail."""

AGAIN = "~"
"""Stands in an occurrence before the number of a sending by hand; the letter is that of what stands before it."""


def first_occurrence(column: str) -> str:
    """Return the SQL of the occurrence in a column without the number of a sending by hand."""
    return f"split_part({column}, '{AGAIN}', 1)"


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


_OTHERS = f"""
SELECT other.reason, {first_occurrence("other.occurrence")} AS occurrence, other.state IN ('sent', 'unknown') AS left,
    this.finished_at IS NULL AND (other.created_at, other.id) > (this.created_at, this.id) AND (
        other.state IN ('queued', 'sending')
        -- a transaction and a lease after this one was owed, so that it was written from what this one is about
        OR other.state IN ('sent', 'unknown') AND other.finished_at > this.created_at + interval '6 minutes'
    ) AS later
FROM message AS this JOIN message AS other ON other.recipient = this.recipient
    AND other.subject_kind = this.subject_kind AND other.subject_id = this.subject_id AND other.id <> this.id
WHERE this.id = $1
"""


_RESEND = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, due_at, message_id, created_at)
SELECT $2, recipient, recipient_name, person_id, reason, subject_kind, subject_id, $3, language, $4, $5, $4
FROM message WHERE id = $1
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def resend(message_id: UUID, occurrence: str, number: int, *, now: datetime) -> bool:
    """Owe a message once more, as the `number`-th sending of an occurrence by hand; False when that is owed already."""
    identity = uuid4()
    again = f"{occurrence.partition(AGAIN)[0]}{AGAIN}{number}"
    added = await database.execute(_RESEND, message_id, identity, again, now, f"<{identity.hex}@sixnet>")
    return added == 1


async def hurry(message_id: UUID, *, now: datetime) -> bool:
    """Make a message due at once that was tried in vain and waits for another try; False when it is none."""
    changed = await database.execute(
        "UPDATE message SET due_at = least(due_at, $2) WHERE id = $1 AND state = 'queued' AND tries > 0",
        message_id,
        now,
    )
    return changed == 1


async def others(message_id: UUID) -> list[Other]:
    """Return what else is or was owed to the same address about the same subject."""
    rows = await database.fetch(_OTHERS, message_id)
    return [Other(Reason(row["reason"]), row["occurrence"], row["later"], row["left"]) for row in rows]
