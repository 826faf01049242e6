"""What the dashboard is made of: its page, its files and the API are all made from it."""

from datetime import date, datetime

from msgspec import Struct

from events.reports.filters import Filters
from events.reports.shapes import Cell, EventLine


class PeriodChange(Struct, frozen=True, kw_only=True):
    """The four numbers in the period of the same length that ends the day before, and how many more there are now."""

    start: date
    end: date
    before: Cell
    participations: int
    persons: int
    organisations: int
    minutes: int


class NewAndReturning(Struct, frozen=True, kw_only=True):
    """Of the period's persons, or organisations: who came for the first time, and who had come before it."""

    new: int
    returning: int


class Funnel(Struct, frozen=True, kw_only=True):
    """From invitation to answer; None for a step that the chosen filters say nothing of, or that is hidden.

    `registered` is attended and no-shows together; `no_show_rate` is the no-shows' share of them, from 0 to 1.
    """

    invited: int | None
    registered: int | None
    attended: int | None
    no_shows: int | None
    no_show_rate: float | None
    answered: int | None


class RegionTile(Struct, frozen=True, kw_only=True):
    """A tile of the map; `target` says whether the chosen project is to reach the region."""

    cell: Cell
    target: bool


class HeatCell(Struct, frozen=True, kw_only=True):
    """Participations of a theme and a region; an event of two themes stands in two cells."""

    theme: str
    region: str
    participations: int


class Dashboard(Struct, frozen=True, kw_only=True):
    """All of the dashboard's figures, of one moment.

    `heat` holds the cells that are not nought, `theme_names` and `region_names` name its rows and columns. `hidden`
    names the parts that this reader does not get: by the names of the fields.
    """

    filters: Filters
    filter_names: dict[str, str]
    made_at: datetime
    rule: str
    definitions: dict[str, str]
    totals: Cell
    person_days: float | None
    uncertain: int | None
    change: PeriodChange | None
    persons: NewAndReturning | None
    organisations: NewAndReturning | None
    funnel: Funnel
    months: list[Cell]
    regions: list[RegionTile]
    organisation_types: list[Cell]
    size_classes: list[Cell]
    event_kinds: list[Cell]
    site_modes: list[Cell]
    themes: list[Cell]
    projects: list[Cell]
    heat: list[HeatCell]
    theme_names: dict[str, str]
    region_names: dict[str, str]
    targets: dict[str, int]
    not_reconciled: list[EventLine]
    hidden: list[str] = []
