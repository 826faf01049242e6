"""What may be shown of the figures that some filters let in."""

from functools import cached_property

from asyncpg import Connection
from msgspec.structs import replace

from events.reports.filters import Filters, Reach
from events.reports.protection.blocks import Blocks, Sums
from events.reports.protection.parts import Let
from events.reports.protection.scan import blocks, keep, let_in, showings

_ON_PARTICIPANTS = ("region", "type", "size", "mode")

_OF_EVENTS = ("month", "event_kind", "theme", "project", "event")

PLACES = {"region": ("region", 0), "organisation_type": ("kind_of", 0), "size_class": ("kind_of", 1)}
"""Break-down of participants → its dimension, and where its code stands in a value of that."""

_FILTERED = {"region": "region", "type": "organisation_type", "size": "size_class"}


class Showing:
    """Which figures of one report are sums of blocks.

    With a filter on participants the totals alone are shown, as the same cell is without it; with two of them, by
    the way of attending, a host region or a series nothing is; nor where all that there is `waits`: it is not nought.
    `total` and `part` are what is shown in place of the figures that were counted: of participants' cells it may be a
    part.
    """

    def __init__(self, made: Blocks, inside: list[Let], filters: Filters, *, waits: bool) -> None:
        """Look at what `inside` holds, of which filters on participants take a part."""
        self._blocks, self._inside = made, inside
        self._cells: dict[tuple[str, str], bool] = {}
        self._atoms = frozenset(each.atom for each in inside)
        chosen = {name for name in _ON_PARTICIPANTS if getattr(filters, name) is not None}
        self._part = next(iter(chosen)) if chosen else ""
        self._value = getattr(filters, self._part) if chosen else ""
        self._nothing = waits or len(chosen) > 1 or "mode" in chosen or bool(filters.host or filters.series)

    @cached_property
    def totals(self) -> bool:
        """Whether participations and hours are shown."""
        if self._nothing:
            return False
        return self.total is not None if self._part else self._blocks.whole(self._atoms)

    @cached_property
    def total(self) -> Sums | None:
        """What is shown in place of the totals, where a filter on participants takes a part; None where nothing is."""
        return self._told(_FILTERED[self._part], self._value) if self._part and not self._nothing else None

    @cached_property
    def persons(self) -> bool:
        """Whether the numbers of different persons and organisations are shown."""
        return self.totals and not self._part and self._blocks.persons(self._atoms)

    def cell(self, by: str, code: str) -> bool:
        """Whether those of a cell of a break-down of events are shown; "event" is one by its slug."""
        if (by, code) not in self._cells:
            atoms = {each.atom for each in self._inside if code in each.codes.get(by, ())}
            self._cells[by, code] = self.totals and not self._part and by in _OF_EVENTS and self._blocks.whole(atoms)
        return self._cells[by, code]

    def part(self, by: str, code: str) -> Sums | None:
        """Return what is shown of a cell of participants, None where nothing is."""
        return None if self._part or not self.totals else self._told(by, code)

    def _told(self, by: str, code: str) -> Sums | None:
        dimension, place = PLACES[by]
        return self._blocks.part(dimension, place, code, self._atoms)


async def showing(connection: Connection, filters: Filters, reach: Reach) -> Showing:
    """Say what may be shown of what filters let in, whose period is of whole months; call it in a snapshot."""

    async def make() -> Showing:
        of_events = replace(filters, **dict.fromkeys(_ON_PARTICIPANTS))
        inside = await let_in(connection, of_events, reach)
        waits = not inside and await let_in(connection, of_events, replace(reach, closed_before=None, untold=())) != []
        return Showing(await blocks(connection, reach), inside, filters, waits=waits)

    return await keep(connection, showings, (filters, reach), make)
