"""What the network effect is made of: its page, its files and the API are all made from it.

None is a figure that is kept from the reader.
"""

from datetime import datetime

from msgspec import Struct

from events.reports.filters import Filters
from events.reports.shapes import EventLine


class Links(Struct, frozen=True, kw_only=True):
    """Pairs of organisations by quarter: met for the first time, and met before; `links` is both together."""

    new: int | None = 0
    repeated: int | None = 0
    links: int | None = 0


class QuarterLinks(Links, frozen=True, kw_only=True):
    """The links of one quarter, as 2026-Q1."""

    quarter: str
    name: str


class RegionLinks(Links, frozen=True, kw_only=True):
    """The links between two regions (codes), over the period or in one quarter; the same in both directions."""

    region: str
    other: str
    quarter: str = ""


class Bridge(Struct, frozen=True, kw_only=True):
    """An organisation with links to regions outside its own; `name` is "" for who may not see persons."""

    name: str
    type: str
    region: str
    reached: list[str]
    partners: int

    @property
    def regions(self) -> int:
        """How many regions it has reached."""
        return len(self.reached)


class Share(Struct, frozen=True, kw_only=True):
    """How many persons, or organisations, stand at a number; the last number means "or more"."""

    number: int
    count: int | None


class CameBack(Struct, frozen=True, kw_only=True):
    """Who took part twice or more, and of those, in how many host regions and themes and from how many regions."""

    persons: int | None
    again: int | None
    without_address: int | None
    times: list[Share]
    hosts: list[Share]
    themes: list[Share]
    regions: list[Share]


class ReachedRegion(Struct, frozen=True, kw_only=True):
    """A region: whether the project is to reach it and whether anybody came; with how many others it has links."""

    code: str
    name: str
    target: bool
    reached: bool
    participations: int | None
    organisations: int | None
    linked: int | None


class ClockQuarter(Struct, frozen=True, kw_only=True):
    """Of what was planned for a quarter: published as an event, and held. `coverage` is held of planned, 0–1."""

    quarter: str
    name: str
    planned: int
    published: int
    held: int
    coverage: float


class NetworkEffect(Struct, frozen=True, kw_only=True):
    """What `GET /api/v1/reports/network` answers.

    `matrix` holds the pairs of regions with links, each once; `by_quarter` the same quarter by quarter; `bridging` how
    many organisations reached how many regions outside their own. `hidden` names parts that the reader never gets.
    """

    filters: Filters
    filter_names: dict[str, str]
    made_at: datetime
    rule: str
    definitions: dict[str, str]
    region_names: dict[str, str]
    totals: Links
    pairs: int | None
    organisations: int | None
    quarters: list[QuarterLinks]
    matrix: list[RegionLinks]
    by_quarter: list[RegionLinks]
    bridging: list[Share]
    bridges: list[Bridge]
    came_back: CameBack
    regions: list[ReachedRegion]
    targets: int
    targets_reached: int | None
    clock: list[ClockQuarter]
    not_reconciled: list[EventLine]
    hidden: list[str] = []
