"""The network effect as tables: each part with its columns and rows, the same on the page, in CSV and in XLSX."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from events.core.i18n import gettext
from events.core.i18n import lazy_gettext as _
from events.core.rounding import rounded
from events.reports.effect import words
from events.reports.effect.reading import MOST
from events.reports.effect.shapes import NetworkEffect, RegionLinks, Share
from events.reports.words import ORGANISATION_TYPES, Words

Value = str | int | float | bool | date | None
"""None is a figure that is kept from the reader, or what nothing can be said of."""

Line = list[Value]


class Column(Struct, frozen=True):
    """`code` is a stable name for programs; a column without a heading stands in files alone, as codes do.

    `holds` is the type of its values and `nullable` whether one may be missing.
    """

    code: str
    heading: Words = ""
    holds: type = str
    nullable: bool = False


class Table(Struct, frozen=True, kw_only=True):
    """What a part is made of: what is known of it before anything is counted, and how its rows are made."""

    title: Words
    columns: tuple[Column, ...]
    rows: Callable[[NetworkEffect], list[Line]]


class Part(Struct, frozen=True):
    """A table of the network effect: its name for programs, and its rows."""

    name: str
    rows: list[Line]

    @property
    def title(self) -> str:
        """How the part is called in the present language."""
        return str(TABLES[self.name].title)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in which the rows stand."""
        return TABLES[self.name].columns

    def shown(self) -> Iterator[Line]:
        """Yield the rows as on the page: the columns that have headings, with yes and no in words."""
        words_of = {True: gettext("yes"), False: gettext("no"), None: ""}
        for row in self.rows:
            yield [
                words_of[bool(value) if value is not None else None] if column.holds is bool else value
                for column, value in zip(self.columns, row, strict=True)
                if column.heading
            ]

    @property
    def headings(self) -> list[str]:
        """The headings on the page."""
        return [str(column.heading) for column in self.columns if column.heading]


def parts(made: NetworkEffect) -> dict[str, Part]:
    """Return every part by its name."""
    return {name: Part(name, table.rows(made)) for name, table in TABLES.items()}


def _totals(made: NetworkEffect) -> list[Line]:
    totals, back = made.totals, made.came_back
    return [
        ["new", gettext("New links"), totals.new],
        ["repeated", gettext("Repeated links"), totals.repeated],
        ["links", gettext("Links"), totals.links],
        ["pairs", gettext("Different pairs"), made.pairs],
        ["organisations", gettext("Organisations"), made.organisations],
        ["persons", gettext("Unique persons"), back.persons],
        ["again", gettext("Persons who came back"), back.again],
        ["without_address", gettext("Persons without an address"), back.without_address],
        ["targets", gettext("Target regions"), made.targets],
        ["targets_reached", gettext("Target regions reached"), made.targets_reached],
    ]


def _quarters(made: NetworkEffect) -> list[Line]:
    return [[each.quarter, each.name, each.new, each.repeated, each.links] for each in made.quarters]


def _between(made: NetworkEffect, each: RegionLinks) -> Line:
    one, other = made.region_names[each.region], made.region_names[each.other]
    return [each.region, one, each.other, other, each.new, each.repeated, each.links]


def _matrix(made: NetworkEffect) -> list[Line]:
    return [_between(made, each) for each in made.matrix]


def _by_quarter(made: NetworkEffect) -> list[Line]:
    names = {each.quarter: each.name for each in made.quarters}
    return [[each.quarter, names[each.quarter], *_between(made, each)] for each in made.by_quarter]


def _bridging(made: NetworkEffect) -> list[Line]:
    return [[each.number, each.count] for each in made.bridging]


def _bridges(made: NetworkEffect) -> list[Line]:
    names = made.region_names
    return [
        [
            *(each.name or "–", each.type, str(ORGANISATION_TYPES.get(each.type, each.type)), each.region),
            *(names[each.region], each.regions, " ".join(each.reached), each.partners),
        ]
        for each in made.bridges
    ]


def _people(shares: Sequence[Share], say: Callable[[int, int], str]) -> list[Line]:
    return [[each.number, say(each.number, MOST), each.count] for each in shares]


def _regions(made: NetworkEffect) -> list[Line]:
    return [
        [
            *(each.code, each.name, each.target if made.targets else None, each.reached),
            *(each.participations, each.organisations, each.linked),
        ]
        for each in made.regions
    ]


def _clock(made: NetworkEffect) -> list[Line]:
    return [
        [
            each.quarter,
            each.name,
            each.planned,
            each.published,
            each.held,
            rounded(100 * Decimal(str(each.coverage)), 1),
        ]
        for each in made.clock
    ]


def _not_reconciled(made: NetworkEffect) -> list[Line]:
    return [[each.slug, each.title, each.held_on] for each in made.not_reconciled]


def _figure(code: str, heading: Words) -> Column:
    """Return a column of figures that may be kept from the reader."""
    return Column(code, heading, int, nullable=True)


def _people_table(title: Words, heading: Words, rows: Callable[[NetworkEffect], list[Line]]) -> Table:
    columns = (Column("number", holds=int), Column("name", heading), _figure("persons", _("Unique persons")))
    return Table(title=title, columns=columns, rows=rows)


_LINKS = (_figure("new", _("New")), _figure("repeated", _("Repeated")), _figure("links", _("Links")))

_QUARTER = (Column("quarter"), Column("name", _("Quarter")))

_BETWEEN = (
    *(Column("region"), Column("region_name", _("Region")), Column("other"), Column("other_name", _("Other region"))),
    *_LINKS,
)

TABLES: Mapping[str, Table] = {
    "totals": Table(
        title=_("Totals"),
        columns=(Column("code"), Column("name", _("Key figure")), _figure("number", _("Number"))),
        rows=_totals,
    ),
    "quarters": Table(title=_("New and repeated links by quarter"), columns=(*_QUARTER, *_LINKS), rows=_quarters),
    "matrix": Table(title=_("Regions that met"), columns=_BETWEEN, rows=_matrix),
    "by_quarter": Table(title=_("Regions that met, by quarter"), columns=(*_QUARTER, *_BETWEEN), rows=_by_quarter),
    "bridging": Table(
        title=_("Organisations by the number of other regions they met"),
        columns=(Column("regions", _("Other regions"), int), _figure("organisations", _("Organisations"))),
        rows=_bridging,
    ),
    "bridges": Table(
        title=_("Organisations that bridge regions"),
        columns=(
            *(Column("name", _("Organisation")), Column("type"), Column("type_name", _("Type of organisation"))),
            *(Column("region"), Column("region_name", _("Own region"))),
            *(Column("regions", _("Other regions"), int), Column("reached")),
            Column("partners", _("Organisations met"), int),
        ),
        rows=_bridges,
    ),
    "times": _people_table(
        _("How often persons came"), _("Took part"), lambda made: _people(made.came_back.times, words.times)
    ),
    "hosts": _people_table(
        _("Who came back: in how many regions"),
        _("Host regions"),
        lambda made: _people(made.came_back.hosts, words.at_least),
    ),
    "themes": _people_table(
        _("Who came back: on how many themes"),
        _("Themes"),
        lambda made: _people(made.came_back.themes, words.at_least),
    ),
    "home_regions": _people_table(
        _("Who came back: from how many regions"),
        _("Own regions"),
        lambda made: _people(made.came_back.regions, words.at_least),
    ),
    "regions": Table(
        title=_("Regions reached"),
        columns=(
            *(Column("region"), Column("name", _("Region"))),
            *(Column("target", _("Target region"), bool, nullable=True), Column("reached", _("Reached"), bool)),
            *(_figure("participations", _("Participations")), _figure("organisations", _("Organisations"))),
            _figure("linked", _("Linked regions")),
        ),
        rows=_regions,
    ),
    "clock": Table(
        title=_("Coverage of the yearly clock"),
        columns=(
            *_QUARTER,
            *(Column("planned", _("Planned"), int), Column("published", _("Published"), int)),
            *(Column("held", _("Held"), int), Column("percent", _("Held, per cent"), float)),
        ),
        rows=_clock,
    ),
    "not_reconciled": Table(
        title=_("Held, but not reconciled"),
        columns=(Column("event"), Column("title", _("Event")), Column("held_on", _("Date"), date)),
        rows=_not_reconciled,
    ),
}
"""Part → what it is made of; the names stand in addresses and files and do not change."""
