"""What a change of what hangs on one event asks of its counterparts in another event of the series: pure functions.

Rows are compared in a form that says the same in every event: references name the counterpart, moments are a distance
from the event's start on the clock on the wall. The rule is that of `carrying`: what still stands as it did before
takes the change, what was changed by hand is kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.core.copying import COPIED, Copied

Key = tuple[Any, ...]
"""Names a row in every event: what it hangs on is named so, and after that the columns by which it is known again."""

Values = Mapping[str, Any]

ORDER = "position"
"""The column that says where a row stands among those of its parent; it is compared as an order, not as a value."""


class Row(Struct, frozen=True):
    """A row in the form that says the same in every event; `values` by column, its place in an order aside."""

    id: UUID
    values: Values


Rows = Mapping[str, Mapping[Key, Row]]
"""By table, in its order."""


class Change(Struct, frozen=True):
    """What is asked of one row: `id` None for one that is to be made, `new` None for one that is to go.

    `old` is what stands there, None where nothing does; an arrival card that was never written is an empty one.
    """

    table: str
    key: Key
    id: UUID | None
    old: Values | None
    new: Values | None


class Asked(Struct, frozen=True):
    """What is asked of an event: changed rows, new orders (keys by table), whether something by hand was kept."""

    changes: list[Change]
    orders: dict[str, list[list[Key]]]
    kept: bool


def asked_of(before: Rows, after: Rows, theirs: Rows, tables: Sequence[str]) -> Asked:
    """Return what the step from `before` to `after` in `tables` asks of an event that has `theirs`."""
    changes: list[Change] = []
    orders: dict[str, list[list[Key]]] = {}
    kept = False
    for table in tables:
        for key in dict.fromkeys([*before[table], *after[table]]):
            change, differs = _of_row(table, key, (before, after, theirs), changes)
            kept |= differs
            if change:
                changes.append(change)
        orders[table], moved_by_hand = _orders(table, (before, after, theirs), changes)
        kept |= moved_by_hand
    return Asked(changes, {table: lists for table, lists in orders.items() if lists}, kept)


def _of_row(
    table: str, key: Key, sides: tuple[Rows, Rows, Rows], changes: Sequence[Change]
) -> tuple[Change | None, bool]:
    """Return what is asked of the counterpart of one row, and whether that keeps something."""
    before, after, theirs = (rows[table].get(key) for rows in sides)
    if after is None:
        return _removal(table, key, sides)
    if before and before.values == after.values:
        return None, False
    copied = COPIED[table]
    taken_away = before is not None and copied.alike != ()
    if theirs is None and (taken_away or not _hangs(copied, key, sides[2], changes)):
        return None, False
    if theirs is None and before is None:
        return Change(table, key, None, None, after.values), False
    empty = _empty(copied, after.values)
    has = theirs.values if theirs else empty
    new, kept = _merged(copied, before.values if before else empty, after.values, has)
    if new == has:
        return None, kept
    return Change(table, key, theirs.id if theirs else None, has, new), kept


def _removal(table: str, key: Key, sides: tuple[Rows, Rows, Rows]) -> tuple[Change | None, bool]:
    """Return what is asked where a row was taken away: what is still the same goes, with all that hangs on it."""
    before, after, theirs = sides
    above = COPIED[table].above
    if theirs[table].get(key) is None or (above in before and parent_of(table, key) not in after[above]):
        return None, False  # gone already, or it goes with what it hangs on
    if _with_all_below(before, key) != _with_all_below(theirs, key):
        return None, True
    row = theirs[table][key]
    return Change(table, key, row.id, row.values, None), False


def _with_all_below(rows: Rows, key: Key) -> dict[tuple[str, Key], Values]:
    return {
        (table, each): row.values
        for table, found in rows.items()
        for each, row in found.items()
        if each[: len(key)] == key
    }


def _hangs(copied: Copied, key: Key, theirs: Rows, changes: Iterable[Change]) -> bool:
    """Say whether what a new row hangs on is there, or is to be made."""
    if copied.above == "event":
        return True
    parent = key[: len(key) - len(copied.alike)]
    return parent in theirs[copied.above] or any(
        change.table == copied.above and change.key == parent and change.new for change in changes
    )


def parent_of(table: str, key: Key) -> Key:
    """Return the key of what a row hangs on; () for the event."""
    return key[: len(key) - len(COPIED[table].alike)]


def _empty(copied: Copied, values: Values) -> dict[str, Any]:
    """Return a row of which nothing is said but what it is known by."""
    defaults = copied.defaults()
    return {name: value if name in copied.alike else defaults[name] for name, value in values.items()}


def _merged(copied: Copied, old: Values, new: Values, theirs: Values) -> tuple[dict[str, Any], bool]:
    """Return a row after the change from `old` to `new`, and whether that keeps something; what is bound is one."""
    merged, kept = dict(theirs), False
    bound = [names for names in copied.bound if names <= new.keys()]
    alone = [frozenset({name}) for name in new if not any(name in names for names in bound)]
    for names in (*bound, *alone):
        if all(new[name] == old[name] for name in names):
            continue
        if all(theirs[name] == old[name] for name in names):
            merged |= {name: new[name] for name in names}
        else:
            kept |= any(theirs[name] != new[name] for name in names)
    return merged, kept


def _after(theirs: Mapping[Key, Row], table: str, changes: Iterable[Change]) -> list[Key]:
    """Return the keys of a table after the changes: new rows stand last."""
    ours = [change for change in changes if change.table == table]
    gone = {change.key for change in ours if change.new is None}
    return [*(key for key in theirs if key not in gone), *(change.key for change in ours if change.id is None)]


def _orders(table: str, sides: tuple[Rows, Rows, Rows], changes: Iterable[Change]) -> tuple[list[list[Key]], bool]:
    """Return the rows of a table in their new order, those of each parent apart, and whether one by hand was kept."""
    before, after, theirs = (list(rows[table]) for rows in sides)
    if ORDER not in COPIED[table].columns:
        return [], False
    then = _after(sides[2][table], table, changes)
    found, kept = [], False
    for parent in dict.fromkeys(parent_of(table, key) for key in then):
        old, new, had, has = (
            [key for key in keys if parent_of(table, key) == parent] for keys in (before, after, theirs, then)
        )
        common = set(old) & set(new) & set(had)
        if _among(had, common) == _among(old, common):
            places = iter(_among(new, set(has)))
            has = [next(places) if key in new else key for key in has]
        else:
            kept |= _among(old, common) != _among(new, common)
        if has != _among(had, has):
            found.append(has)
    return found, kept


def _among(keys: Iterable[Key], wanted: Collection[Key]) -> list[Key]:
    return [key for key in keys if key in wanted]
