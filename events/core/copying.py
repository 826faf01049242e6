"""What a copy of an event takes along: declared beside each table, as its personal data is.

A feature lets its rows go along with `goes_along(Question, "event")` in its `tables.py`; a test fails on a table that
hangs on an event and says neither that nor `stays_behind`.
"""

from dataclasses import dataclass
from typing import Any

from piccolo.columns import Column, ForeignKey, Timestamptz
from piccolo.table import Table


@dataclass(frozen=True, slots=True)
class Copied:
    """A table whose rows go along: the column that leads to the event, and the columns that get their default."""

    table: type[Table]
    parent: str
    left: frozenset[str]


COPIED: dict[str, Copied] = {}
"""By the table's name; a table stands after those that its rows refer to."""

STAYING: set[str] = set()
"""Tables of which a copy takes nothing."""


def goes_along(table: type[Table], parent: str, *left: str) -> None:
    """Let a copy of an event take along the rows of `table`.

    `parent` is a foreign key to the event or to a table declared before, "" for the event itself. Every column goes
    along except `left` and created_at, so none that is added later is forgotten: ids are made anew, references to
    copied rows lead to the copies, and moments move as far as the event does by the clock on the wall.
    """
    COPIED[_name(table)] = Copied(table, parent, frozenset({*left, "created_at"}))


def stays_behind(table: type[Table]) -> None:
    """Say that a copy takes nothing of `table`: people, and what came of them."""
    STAYING.add(_name(table))


def statement(copied: Copied, **given: str) -> str:
    """Return the INSERT that copies a table's rows and returns their ids.

    Its parameters: $1 the event's id, $2 a text that no other copy has, $3 the zone, $4 how far it moves (an interval
    of local time). `given` names columns with an SQL expression of their own.
    """
    columns = {column._meta.db_column_name: column for column in copied.table._meta.columns}  # noqa: SLF001
    values = {name: _value(column) for name, column in columns.items() if name not in copied.left} | given
    names = ", ".join(f'"{name}"' for name in values)
    return (
        "WITH wanted AS (SELECT $1::uuid AS event, $2::text AS salt, $3::text AS zone, $4::interval AS distance)"
        f' INSERT INTO "{_name(copied.table)}" ({names}) SELECT {", ".join(values.values())}'
        f' FROM "{_name(copied.table)}" AS model, wanted WHERE {_belongs(copied)}'
    )


def _belongs(copied: Copied, alias: str = "model") -> str:
    if not copied.parent:
        return f'{alias}."id" = wanted.event'
    column = next(each for each in copied.table._meta.foreign_key_columns if each._meta.name == copied.parent)  # noqa: SLF001
    above = COPIED[_target(column)]
    inner = f"{alias}_above"
    return (
        f'{alias}."{copied.parent}" IN (SELECT {inner}."id" FROM "{_name(above.table)}" AS {inner}'
        f" WHERE {_belongs(above, inner)})"
    )


def _value(column: Column) -> str:
    name = f'model."{column._meta.db_column_name}"'  # noqa: SLF001
    if column._meta.primary_key or (isinstance(column, ForeignKey) and _target(column) in COPIED):  # noqa: SLF001
        return f"md5({name}::text || wanted.salt)::uuid"
    if isinstance(column, Timestamptz):
        return f"({name} AT TIME ZONE wanted.zone + wanted.distance) AT TIME ZONE wanted.zone"
    return name


def _target(column: ForeignKey[Any]) -> str:
    return _name(column._foreign_key_meta.resolved_references)  # noqa: SLF001 - Piccolo has no public name for it


def _name(table: type[Table]) -> str:
    return table._meta.tablename  # noqa: SLF001 - as above
