"""The audit trail: a row in the transaction of the change it tells of."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from events.core import database
from events.core.actor import Actor


async def record(
    actor: Actor, action: str, subject_kind: str, subject_id: UUID | str, now: datetime, **detail: Any
) -> None:
    """Write who did what to which thing; `detail` holds ids, field names and states, never contact data."""
    await database.execute(
        "INSERT INTO audit (at, actor_kind, actor_id, action, subject_kind, subject_id, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        now,
        actor.kind.value,
        actor.id,
        action,
        subject_kind,
        str(subject_id),
        json.dumps(detail, default=str),
    )
