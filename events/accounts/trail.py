"""Reading the audit trail."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from events.core import database
from events.core.clock import FINLAND
from events.core.last_days import end_of

PAGE = 50
"""Rows on a page."""


class AuditRow(Struct, frozen=True):
    """Who did what to which thing; `detail` holds ids, field names and states."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any]


class Filter(Struct, frozen=True):
    """Which rows: every condition that is given must hold; days are whole, by Finnish time."""

    action: str = ""
    who: UUID | None = None
    subject: str = ""
    start: date | None = None
    end: date | None = None


_ROWS = """
SELECT audit.id, audit.at, audit.actor_kind, audit.actor_id,
       coalesce(nullif(staff.name, ''), staff.email, api_token.name, '') AS actor_name,
       audit.action, audit.subject_kind, audit.subject_id, audit.detail
FROM audit
LEFT JOIN staff ON audit.actor_kind = 'staff' AND staff.id = audit.actor_id
LEFT JOIN api_token ON audit.actor_kind = 'token' AND api_token.id = audit.actor_id
WHERE ($1 = '' OR audit.action = $1) AND ($2::uuid IS NULL OR audit.actor_id = $2)
  AND ($3 = '' OR audit.subject_id = $3)
  AND ($4::timestamptz IS NULL OR audit.at >= $4) AND ($5::timestamptz IS NULL OR audit.at < $5)
  AND ($6::bigint IS NULL OR audit.id < $6)
ORDER BY audit.id DESC
LIMIT $7
"""


async def rows(wanted: Filter, *, before: int | None = None) -> tuple[list[AuditRow], int | None]:
    """Return a page of rows, the newest first, and before which id the next page begins (None on the last)."""
    found = await database.fetch(
        _ROWS,
        wanted.action,
        wanted.who,
        wanted.subject,
        _midnight(wanted.start),
        end_of(wanted.end) if wanted.end else None,
        before,
        PAGE + 1,
    )
    shown = [AuditRow(**{**row, "detail": msgspec.json.decode(row["detail"])}) for row in found[:PAGE]]
    return shown, shown[-1].id if len(found) > PAGE else None


async def actions() -> list[str]:
    """Every action that the trail knows, in order."""
    return [row["action"] for row in await database.fetch("SELECT DISTINCT action FROM audit ORDER BY action")]


async def actors() -> list[tuple[str, str]]:
    """Every member of staff that the trail knows, as (id, name)."""
    rows = await database.fetch(
        "SELECT id, coalesce(nullif(name, ''), email) AS name FROM staff"
        " WHERE EXISTS (SELECT 1 FROM audit WHERE audit.actor_id = staff.id) ORDER BY name"
    )
    return [(str(row["id"]), row["name"]) for row in rows]


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(FINLAND)) if day else None
