"""A funder's report as data: what its page, its files and its frozen revisions are made from.

The shapes are their own, and everything in words stands in them: a revision can be read and set as long as it is kept,
however the counting and the texts of the service change meanwhile.
"""

from datetime import date, datetime

from msgspec import Struct

from events.reports.region_map import MapTile


class Figure(Struct, frozen=True, kw_only=True):
    """An indicator with its value; None where it is not known, or `hidden` from the reader.

    `uncertain` stands beside unique persons: participations of persons without an address. `note` is the project's own
    definition, `definition` that of the rule.
    """

    id: str
    code: str
    name: str
    rule: str
    part: str
    unit: str
    value: float | None
    target: float | None
    definition: str
    note: str = ""
    source: str = ""
    uncertain: int | None = None
    hidden: bool = False


class TextSection(Struct, frozen=True, kw_only=True):
    """A section in words; `body` is Markdown. `language` is the one it is written in."""

    heading: str
    body: str
    language: str


class PartCell(Struct, frozen=True, kw_only=True):
    """The figures of a row of a participation table; None where hidden."""

    code: str
    name: str
    participations: int | None
    persons: int | None
    organisations: int | None
    minutes: int | None


class Part(Struct, frozen=True, kw_only=True):
    """A participation table; in an overlapping one, rows do not add up.

    `chart` says what its chart shows, for those who do not see it; a table without one has no chart.
    """

    by: str
    name: str
    note: str
    cells: list[PartCell]
    chart: str = ""


class EventRow(Struct, frozen=True, kw_only=True):
    """An event that counts; `projects` are the others for which it counts too."""

    slug: str
    title: str
    title_language: str
    kind: str
    held_on: date
    participations: int | None
    minutes: int | None
    projects: list[str] = []


class NamedEvent(Struct, frozen=True, kw_only=True):
    """An event that was held but is left out."""

    slug: str
    title: str
    title_language: str
    held_on: date


class NpsParts(Struct, frozen=True, kw_only=True):
    """The net promoter score, and how many each of its three parts are."""

    score: int
    promoters: int
    passives: int
    detractors: int


class SurveyAnswer(Struct, frozen=True, kw_only=True):
    """A question of a survey summed up: how many answered, the mean, how often each choice; `nps` of a recommendation.

    Steps of a scale have the words at its ends, and recommendations their score, but in what was frozen before.
    """

    label: str
    n: int
    mean: float | None = None
    counts: list[tuple[str, int]] = []
    nps: NpsParts | None = None


class SurveySummary(Struct, frozen=True, kw_only=True):
    """The survey of an event; `answers` is empty below five."""

    slug: str
    title: str
    title_language: str
    attended: int | None
    asked: int | None
    answered: int | None
    answers: list[SurveyAnswer]


class ReportMark(Struct, frozen=True, kw_only=True):
    """What the funder asks for: a statement and an emblem, whose picture goes along."""

    name: str
    statement: str
    statement_language: str
    emblem: bytes
    emblem_alt: str


class Change(Struct, frozen=True, kw_only=True):
    """What differs from the revision before, by its key: what it is of, and its id, name or slug.

    `indicator:`, `definition:` (of an indicator; the values are its target), `total:`, `event:` (its participations),
    `event_minutes:`, `texts` (their number).
    """

    key: str
    name: str
    before: float | None
    after: float | None
    words: str = ""


class FunderReportView(Struct, frozen=True, kw_only=True):
    """A report on a project in a period; `revision` 0 is a draft. `tiles` are the regions on its map.

    `counted_from` and `counted_to` are the whole months that were counted instead of the period, for a reader who may
    not see persons.
    """

    project: str
    project_name: str
    funder: str
    instrument: str
    starts_on: date
    ends_on: date
    language: str
    revision: int
    made_at: datetime
    code_version: str
    input_hash: str
    rule: str
    figures: list[Figure]
    texts: list[TextSection]
    totals: PartCell
    person_days: float | None
    parts: list[Part]
    events: list[EventRow]
    not_reconciled: list[NamedEvent]
    surveys: list[SurveySummary]
    marks: list[ReportMark]
    labels: dict[str, str]
    has_hidden: bool = False
    why: str = ""
    changes: list[Change] = []
    tiles: list[MapTile] = []
    counted_from: date | None = None
    counted_to: date | None = None
