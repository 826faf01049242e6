"""What the participation report is made of: page, API and files are all made from it."""

from datetime import date, datetime

from msgspec import Struct

from events.reports.filters import Filters


class Cell(Struct, frozen=True, kw_only=True):
    """The figures of one row of a break-down, or of all; None where they are hidden from the reader.

    `minutes` is exact and adds up; `hours` is the same rounded to two decimals. `without_address` counts persons,
    `without_organisation` participations.
    """

    code: str = ""
    name: str = ""
    participations: int | None = 0
    persons: int | None = 0
    organisations: int | None = 0
    minutes: int | None = 0
    hours: float | None = 0
    without_address: int | None = 0
    without_organisation: int | None = 0

    @property
    def hidden(self) -> bool:
        """Whether the figures are kept from this reader."""
        return self.participations is None


class BreakDown(Struct, frozen=True, kw_only=True):
    """Figures by one property; in an `overlapping` one a participation may stand in several cells."""

    by: str
    name: str
    overlapping: bool
    cells: list[Cell]


class Beside(Struct, frozen=True, kw_only=True):
    """Participations that do not count: in a role (`why` "role") or at a kind of event ("kind") that does not."""

    why: str
    code: str
    name: str
    participations: int | None


class EventLine(Struct, frozen=True, kw_only=True):
    """An event of the report; figures are None where they are hidden or not reconciled."""

    slug: str
    title: str
    title_language: str
    kind: str
    held_on: date
    participations: int | None = None
    minutes: int | None = None


class Mark(Struct, frozen=True, kw_only=True):
    """What the funder of a project asks for beside its figures; `emblem_url` is "" when it has no emblem."""

    code: str
    name: str
    statement: str
    statement_language: str
    emblem_url: str
    emblem_alt: str


class ParticipationReport(Struct, frozen=True, kw_only=True):
    """What `GET /api/v1/reports/participation` answers, and what every page and file is made from."""

    filters: Filters
    filter_names: dict[str, str]
    made_at: datetime
    rule: str
    definitions: dict[str, str]
    totals: Cell
    person_days: float | None
    uncertain: int | None
    break_downs: list[BreakDown]
    not_counted: list[Beside]
    events: list[EventLine]
    not_reconciled: list[EventLine]
    marks: list[Mark]

    def cells(self, by: str) -> list[Cell]:
        """Return the cells of one break-down."""
        return next(each.cells for each in self.break_downs if each.by == by)
