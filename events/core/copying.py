"""What a copy of an event takes along, and by what copies know each other again: declared beside each table.

A feature lets its rows go along with `goes_along(Question, "event")` in its `tables.py`; a test fails on a table that
hangs on an event and says neither that nor `stays_behind`.
"""

from dataclasses import dataclass
from typing import Any

from piccolo.columns import Column, ForeignKey, Timestamptz
from piccolo.table import Table


@dataclass(frozen=True, slots=True)
class Copied:
    """A table whose rows go along: the column that leads to the event, and the columns that get their default.

    Rows of several copies are counterparts when what they hang on is, and the columns `alike` say the same; with none
    there is one row to each. What stands in `bound` holds only together.
    """

    table: type[Table]
    parent: str
    left: frozenset[str]
    alike: tuple[str, ...] = ()
    bound: tuple[frozenset[str], ...] = ()

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the table by their name in the database."""
        return {column._meta.db_column_name: column for column in self.table._meta.columns}  # noqa: SLF001

    @property
    def above(self) -> str:
        """The table that the parent leads to; "" for the event itself."""
        return target(self.columns[self.parent]) if self.parent else ""

    def defaults(self) -> dict[str, Any]:
        """What stands in each column when nothing is said."""
        return {name: column.get_default_value() for name, column in self.columns.items()}


COPIED: dict[str, Copied] = {}
"""By the table's name; a table stands after those that its rows refer to."""

STAYING: set[str] = set()
"""Tables of which a copy takes nothing."""


def goes_along(
    table: type[Table],
    parent: str,
    *left: str,
    alike: tuple[str, ...] = ("origin",),
    bound: tuple[tuple[str, ...], ...] = (),
) -> None:
    """Let a copy of an event take along the rows of `table`.

    `parent` is a foreign key to the event or to a table declared before, "" for the event itself. Every column goes
    along except `left` and created_at, so none that is added later is forgotten: ids are made anew, references to
    copied rows lead to the copies, and moments move as far as the event does by the clock on the wall. `alike` and
    `bound` as in Copied; the column `origin`, a random UUID, says the same in all copies and nowhere else.
    """
    together = tuple(frozenset(names) for names in bound)
    COPIED[name_of(table)] = Copied(table, parent, frozenset({*left, "created_at"}), alike, together)


def stays_behind(table: type[Table]) -> None:
    """Say that a copy takes nothing of `table`: people, and what came of them."""
    STAYING.add(name_of(table))


def statement(copied: Copied, **given: str) -> str:
    """Return the INSERT that copies a table's rows and returns their ids.

    Its parameters: $1 the event's id, $2 a text that no other copy has, $3 the zone, $4 how far it moves (an interval
    of local time). `given` names columns with an SQL expression of their own.
    """
    values = {name: _value(column) for name, column in copied.columns.items() if name not in copied.left} | given
    names = ", ".join(f'"{name}"' for name in values)
    return (
        "WITH wanted AS (SELECT $1::uuid AS event, $2::text AS salt, $3::text AS zone, $4::interval AS distance)"
        f' INSERT INTO "{name_of(copied.table)}" ({names}) SELECT {", ".join(values.values())}'
        f' FROM "{name_of(copied.table)}" AS model, wanted WHERE {_belongs(copied)}'
    )


def _belongs(copied: Copied, alias: str = "model") -> str:
    if not copied.parent:
        return f'{alias}."id" = wanted.event'
    above = COPIED[copied.above]
    inner = f"{alias}_above"
    return (
        f'{alias}."{copied.parent}" IN (SELECT {inner}."id" FROM "{name_of(above.table)}" AS {inner}'
        f" WHERE {_belongs(above, inner)})"
    )


def _value(column: Column) -> str:
    name = f'model."{column._meta.db_column_name}"'  # noqa: SLF001
    if column._meta.primary_key or target(column) in COPIED:  # noqa: SLF001
        return f"md5({name}::text || wanted.salt)::uuid"
    if isinstance(column, Timestamptz):
        return f"({name} AT TIME ZONE wanted.zone + wanted.distance) AT TIME ZONE wanted.zone"
    return name


def target(column: Column) -> str:
    """Return the table that a foreign key leads to, "" for any other column."""
    if not isinstance(column, ForeignKey):
        return ""
    return name_of(column._foreign_key_meta.resolved_references)  # noqa: SLF001 - Piccolo has no public name for it


def name_of(table: type[Table]) -> str:
    """Return what a table is called in the database."""
    return table._meta.tablename  # noqa: SLF001 - as above
