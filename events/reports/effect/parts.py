"""The network effect as tables: each part with its columns and rows, the same on the page, in CSV and in XLSX."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from events.core.i18n import gettext as _
from events.reports.effect import words
from events.reports.effect.reading import MOST
from events.reports.effect.shapes import NetworkEffect, Share
from events.reports.words import ORGANISATION_TYPES

Value = str | int | float | None
"""None is a figure that is kept from the reader."""


class Column(Struct, frozen=True):
    """`code` is a stable name for programs; a column without a heading stands in files alone, as codes do."""

    code: str
    heading: str = ""


class Part(Struct, frozen=True, kw_only=True):
    """A table of the network effect: its name for programs and for people."""

    name: str
    title: str
    columns: list[Column]
    rows: list[list[Value]]

    def shown(self) -> Iterator[list[Value]]:
        """Yield the rows as on the page: the columns that have headings."""
        for row in self.rows:
            yield [value for column, value in zip(self.columns, row, strict=True) if column.heading]

    @property
    def headings(self) -> list[str]:
        """The headings on the page."""
        return [column.heading for column in self.columns if column.heading]


def parts(made: NetworkEffect) -> dict[str, Part]:
    """Return every part by its name."""
    made_of: Sequence[Callable[[NetworkEffect], Part]] = (
        *(_totals, _quarters, _matrix, _by_quarter, _bridging, _bridges),
        *(_times, _hosts, _themes, _home_regions, _regions, _clock, _not_reconciled),
    )
    return {part.name: part for part in (make(made) for make in made_of)}


def _link_columns() -> list[Column]:
    return [Column("new", _("New")), Column("repeated", _("Repeated")), Column("links", _("Links"))]


def _totals(made: NetworkEffect) -> Part:
    totals, back = made.totals, made.came_back
    rows: list[list[Value]] = [
        ["new", _("New links"), totals.new],
        ["repeated", _("Repeated links"), totals.repeated],
        ["links", _("Links"), totals.links],
        ["pairs", _("Different pairs"), made.pairs],
        ["organisations", _("Organisations"), made.organisations],
        ["persons", _("Unique persons"), back.persons],
        ["again", _("Persons who came back"), back.again],
        ["without_address", _("Persons without an address"), back.without_address],
        ["targets", _("Target regions"), made.targets],
        ["targets_reached", _("Target regions reached"), made.targets_reached],
    ]
    columns = [Column("code"), Column("name", _("Figure")), Column("number", _("Number"))]
    return Part(name="totals", title=_("Totals"), columns=columns, rows=rows)


def _quarters(made: NetworkEffect) -> Part:
    return Part(
        name="quarters",
        title=_("New and repeated links by quarter"),
        columns=[Column("quarter"), Column("name", _("Quarter")), *_link_columns()],
        rows=[[each.quarter, each.name, each.new, each.repeated, each.links] for each in made.quarters],
    )


def _region_columns() -> list[Column]:
    return [
        Column("region"),
        Column("region_name", _("Region")),
        Column("other"),
        Column("other_name", _("Other region")),
        *_link_columns(),
    ]


def _matrix(made: NetworkEffect) -> Part:
    names = made.region_names
    return Part(
        name="matrix",
        title=_("Regions that met"),
        columns=_region_columns(),
        rows=[
            [each.region, names[each.region], each.other, names[each.other], each.new, each.repeated, each.links]
            for each in made.matrix
        ],
    )


def _by_quarter(made: NetworkEffect) -> Part:
    names, quarters = made.region_names, {each.quarter: each.name for each in made.quarters}
    return Part(
        name="by_quarter",
        title=_("Regions that met, by quarter"),
        columns=[Column("quarter"), Column("name", _("Quarter")), *_region_columns()],
        rows=[
            [
                *(each.quarter, quarters[each.quarter], each.region, names[each.region], each.other),
                *(names[each.other], each.new, each.repeated, each.links),
            ]
            for each in made.by_quarter
        ],
    )


def _bridging(made: NetworkEffect) -> Part:
    return Part(
        name="bridging",
        title=_("Organisations by the number of other regions they met"),
        columns=[Column("regions", _("Other regions")), Column("organisations", _("Organisations"))],
        rows=[[each.number, each.count] for each in made.bridging],
    )


def _bridges(made: NetworkEffect) -> Part:
    names = made.region_names
    return Part(
        name="bridges",
        title=_("Organisations that bridge regions"),
        columns=[
            Column("name", _("Organisation")),
            Column("type"),
            Column("type_name", _("Type of organisation")),
            Column("region"),
            Column("region_name", _("Own region")),
            Column("regions", _("Other regions")),
            Column("reached"),
            Column("partners", _("Organisations met")),
        ],
        rows=[
            [
                *(each.name or "–", each.type, str(ORGANISATION_TYPES.get(each.type, each.type)), each.region),
                *(names[each.region], each.regions, " ".join(each.reached), each.partners),
            ]
            for each in made.bridges
        ],
    )


def _people(name: str, title: str, heading: str, shares: Sequence[Share], say: Callable[[int, int], str]) -> Part:
    return Part(
        name=name,
        title=title,
        columns=[Column("number"), Column("name", heading), Column("persons", _("Unique persons"))],
        rows=[[each.number, say(each.number, MOST), each.count] for each in shares],
    )


def _times(made: NetworkEffect) -> Part:
    return _people("times", _("How often persons came"), _("Took part"), made.came_back.times, words.times)


def _hosts(made: NetworkEffect) -> Part:
    title, heading = _("Who came back: in how many regions"), _("Host regions")
    return _people("hosts", title, heading, made.came_back.hosts, words.at_least)


def _themes(made: NetworkEffect) -> Part:
    title, heading = _("Who came back: on how many themes"), _("Themes")
    return _people("themes", title, heading, made.came_back.themes, words.at_least)


def _home_regions(made: NetworkEffect) -> Part:
    title, heading = _("Who came back: from how many regions"), _("Own regions")
    return _people("home_regions", title, heading, made.came_back.regions, words.at_least)


def _regions(made: NetworkEffect) -> Part:
    return Part(
        name="regions",
        title=_("Regions reached"),
        columns=[
            Column("region"),
            Column("name", _("Region")),
            Column("target", _("To be reached")),
            Column("reached", _("Reached")),
            Column("participations", _("Participations")),
            Column("organisations", _("Organisations")),
            Column("linked", _("Linked regions")),
        ],
        rows=[
            [
                *(each.code, each.name, _("yes") if each.target else "", _("yes") if each.reached else _("no")),
                *(each.participations, each.organisations, each.linked),
            ]
            for each in made.regions
        ],
    )


def _clock(made: NetworkEffect) -> Part:
    return Part(
        name="clock",
        title=_("Coverage of the yearly clock"),
        columns=[
            Column("quarter"),
            Column("name", _("Quarter")),
            Column("planned", _("Planned")),
            Column("published", _("Published")),
            Column("held", _("Held")),
            Column("percent", _("Held, per cent")),
        ],
        rows=[
            [each.quarter, each.name, each.planned, each.published, each.held, round(each.coverage * 100, 1)]
            for each in made.clock
        ],
    )


def _not_reconciled(made: NetworkEffect) -> Part:
    return Part(
        name="not_reconciled",
        title=_("Held, but not reconciled"),
        columns=[Column("event"), Column("title", _("Event")), Column("held_on", _("Date"))],
        rows=[[each.slug, each.title, each.held_on.isoformat()] for each in made.not_reconciled],
    )
