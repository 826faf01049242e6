"""What else has a limit beside the sites: places taken and given back, never more than there are.

The site's row is locked before (design.md §5.4); these follow in the order of (kind, id), so that no two transactions
wait for each other.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import Struct

from events.core import database

TABLES: Mapping[str, str] = {"item": "agenda_item", "option": "question_option"}
"""Kind → the table with its counters: columns `id`, `capacity` (null: no limit, not counted) and `taken`."""


class Counter(Struct, frozen=True, order=True):
    """Something with a limit."""

    kind: str
    id: UUID


class Full(Exception):
    """Some of what was wanted has no place left; nothing was taken."""

    def __init__(self, counters: Collection[Counter]) -> None:
        super().__init__()
        self.counters = frozenset(counters)


_LOCK = """
SELECT id, taken >= capacity AS full FROM {table} WHERE id = ANY($1) AND capacity IS NOT NULL ORDER BY id FOR UPDATE
"""
_MOVE = "UPDATE {table} SET taken = taken + CASE WHEN id = ANY($2) THEN 1 ELSE -1 END WHERE id = ANY($1)"


async def move(*, take: Collection[Counter] = (), give: Collection[Counter] = ()) -> None:
    """Take a place of each of `take` and give one of each of `give` back; raises Full.

    Must run in a transaction that holds the lock of the registration's site.
    """
    locked = {kind: await _lock(kind, {each.id for each in (*take, *give) if each.kind == kind}) for kind in TABLES}
    full = [each for each in take if locked[each.kind].get(each.id)]
    if full:
        raise Full(full)
    wanted = {each.id for each in take}
    for kind, rows in locked.items():
        if rows:
            await database.execute(_MOVE.format(table=TABLES[kind]), list(rows), list(wanted))


async def _lock(kind: str, ids: Collection[UUID]) -> dict[UUID, bool]:
    """Lock the rows that have a limit; returns of each whether it is full."""
    if not ids:
        return {}
    rows = await database.fetch(_LOCK.format(table=TABLES[kind]), list(ids))
    return {row["id"]: row["full"] for row in rows}
