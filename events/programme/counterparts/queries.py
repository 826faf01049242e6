"""Reads of what hangs on events, in the form in which counterparts can be compared."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from piccolo.columns import Timestamptz

from events.core import database
from events.core.copying import COPIED, Copied, target
from events.programme import rules
from events.programme.counterparts.rules import ORDER, Key, Row, Rows
from events.programme.queries import EventView

Places = Mapping[UUID, tuple[EventView, Key]]
"""Of each row by its id: the event on which it hangs, and its key."""


async def hanging(events: Iterable[EventView], tables: Collection[str]) -> dict[UUID, Rows]:
    """Return the rows of `tables` that hang on each event, and of those tables that they lead to."""
    places: dict[UUID, tuple[EventView, Key]] = {event.id: (event, ()) for event in events}
    found: dict[UUID, dict[str, dict[Key, Row]]] = {event_id: {} for event_id in places}
    for table in _in_order(tables):
        for rows in found.values():
            rows[table] = {}
        copied = COPIED[table]
        order = f'"{ORDER}", "id"' if ORDER in copied.columns else '"id"'
        sql = f'SELECT * FROM "{table}" WHERE "{copied.parent}" = ANY($1) ORDER BY {order}'
        for row in await database.fetch(sql, list(places)):
            event, above = places[row[copied.parent]]
            values = _neutral(copied, row, event, places)
            key = (*above, *(values[name] for name in copied.alike))
            found[event.id][table][key] = Row(row["id"], values)
            places[row["id"]] = event, key
    return dict(found)


async def counterparts(table: str, row_id: UUID) -> set[UUID]:
    """Return the events that have a row or its counterpart; `table` is one that hangs on the event itself."""
    rows = await database.fetch(
        f'SELECT "event" FROM "{table}" WHERE "origin" = (SELECT "origin" FROM "{table}" WHERE "id" = $1)', row_id
    )
    return {row["event"] for row in rows}


def _in_order(tables: Iterable[str]) -> list[str]:
    """Return tables with all that they lead to, each after those."""
    wanted = set(tables)
    for table in reversed(COPIED):
        if table in wanted:
            wanted |= {target(column) for column in COPIED[table].columns.values()}
    return [table for table in COPIED if table in wanted and table != "event"]


def _neutral(copied: Copied, row: Mapping[str, Any], event: EventView, places: Places) -> dict[str, Any]:
    values = {}
    for name, column in copied.columns.items():
        if name in {"id", copied.parent, ORDER, *copied.left}:
            continue
        value = row[name]
        if value is not None and target(column) in COPIED:
            value = places[value][1]
        elif value is not None and isinstance(column, Timestamptz):
            value = rules.wall_clock(value, event.zone) - rules.wall_clock(event.starts_at, event.zone)
        values[name] = value
    return values
