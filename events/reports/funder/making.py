"""Making a funder's report of what the tables hold now, for who sees everything and for who sees no small groups."""

import hashlib
import importlib.metadata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Connection

from events.core import database
from events.core.errors import NotFound
from events.core.i18n import language, pick
from events.core.replica import snapshot
from events.network import queries as network
from events.reports import words as figure_words
from events.reports.filters import Filters
from events.reports.funder import queries, rules, surveys, words
from events.reports.funder.counting import Counts, count, shared
from events.reports.funder.parts import part_cell, parts_of, tiles_of
from events.reports.funder.queries import HandView, IndicatorView, ReportHead, TextView
from events.reports.funder.shapes import (
    EventRow,
    Figure,
    FunderReportView,
    NamedEvent,
    ReportMark,
    SurveySummary,
    TextSection,
)
from events.reports.funder.tables import Rule
from events.reports.participation import report
from events.reports.seen_by import suppressed_to_freeze
from events.reports.shapes import EventLine, ParticipationReport


def code_version() -> str:
    """Return the version of the service that counts."""
    return importlib.metadata.version("sixnet")


_ABOUT = "SELECT funder, instrument, target_regions FROM project WHERE id = $1"


async def make(head: ReportHead, *, now: datetime, whole: bool) -> FunderReportView:
    """Make the draft of a report in the present language, from one snapshot; raises NotFound."""
    async with snapshot() as connection:
        return await _make(connection, head, now=now, whole=whole)


async def _make(connection: Connection, head: ReportHead, *, now: datetime, whole: bool) -> FunderReportView:
    project = next(iter(await network.projects([head.project_code])), None)
    about = await database.fetchrow(_ABOUT, head.project)
    if project is None or about is None:
        raise NotFound
    overlaps = not whole and await queries.overlaps_earlier(head)
    counts, counted_hash, made = await _count(connection, head, now=now, whole=whole, persons=not overlaps)
    seen = _seen(made, counts, overlaps=overlaps)
    counts = counts if whole else _told(counts, made)
    counted_from, counted_to = _whole_months(head, made) or (None, None)
    others = await shared(connection, head.project, [line.slug for line in made.events])
    events = _events(made, others, whole=whole)
    asked, impacts = await surveys.summaries(events)
    listed, hand = await queries.indicators(head.project), await queries.hand_values(head.id)
    texts = await queries.texts(head.id)
    figures = [_figure(each, counts, impacts, hand.get(each.id)) for each in listed]
    digest = input_hash(counted_hash, [head.project_code, head.starts_on, head.ends_on, listed, texts], hand, asked)
    if not whole:
        figures = [rules.without_small(each, show=rules.may_show(each, counts, seen)) for each in figures]
        asked = [surveys.without_small(each) for each in asked]
    return FunderReportView(
        project=head.project_code,
        project_name=project.name,
        funder=about["funder"],
        instrument=about["instrument"],
        starts_on=head.starts_on,
        ends_on=head.ends_on,
        language=language(),
        revision=0,
        made_at=now,
        code_version=code_version(),
        input_hash=digest,
        rule=made.rule,
        figures=figures,
        texts=[_text(each) for each in texts],
        totals=part_cell(made.totals),
        person_days=made.person_days,
        parts=parts_of(made),
        tiles=await tiles_of(made, about["target_regions"]),
        events=events,
        not_reconciled=[_named(line) for line in made.not_reconciled],
        surveys=asked,
        marks=await _marks(made),
        labels=words.labels(),
        counted_from=counted_from,
        counted_to=counted_to,
        has_hidden=seen.any_hidden or not rules.is_unhidden(figures),
    )


async def _count(
    connection: Connection, head: ReportHead, *, now: datetime, whole: bool, persons: bool
) -> tuple[Counts, str, ParticipationReport]:
    """Count, in whole months where the reader may see no others, and digest what the report's own period holds.

    `persons`: whether such a reader may be told of different ones.
    """
    counts = await count(connection, head.project, head.starts_on, head.ends_on)
    counted_hash = counts.input_hash
    filters = Filters(start=head.starts_on, end=head.ends_on, project=head.project_code)
    made = await (report(filters, now=now) if whole else suppressed_to_freeze(filters, now=now, persons=persons))
    if months := _whole_months(head, made):
        counts = await count(connection, head.project, *months)
    return counts, counted_hash, made


def _whole_months(head: ReportHead, made: ParticipationReport) -> tuple[date, date] | None:
    """Return the period that was counted instead of the report's own; None where that was counted as it is."""
    counted = made.filters.start or head.starts_on, made.filters.end or head.ends_on
    return None if counted == (head.starts_on, head.ends_on) else counted


def input_hash(counted: str, entered: Sequence[Any], hand: dict[UUID, HandView], asked: Sequence[SurveySummary]) -> str:
    """Return the SHA-256 of what goes into a report: the rows counted, period, definitions, texts, values, surveys."""
    values = {str(key): value for key, value in hand.items()}
    said = [
        (each.slug, each.attended, each.asked, each.answered, [[n for _, n in one.counts] for one in each.answers])
        for each in asked
    ]
    return hashlib.sha256(
        msgspec.json.encode([counted, list(entered), values, said], order="deterministic")
    ).hexdigest()


def _figure(each: IndicatorView, counts: Counts, impacts: dict[str, int | None], hand: HandView | None) -> Figure:
    by_hand = each.rule is Rule.BY_HAND
    value = (hand.value if hand else None) if by_hand else rules.value_of(each.rule, each.part, counts, impacts)
    part = words.PARTS.get(each.rule, {}).get(each.part)
    definition = str(words.DEFINITIONS[each.rule])
    return Figure(
        id=str(each.id),
        code=each.code,
        name=each.name[0],
        rule=each.rule.value,
        part=each.part,
        unit=pick(each.units)[0] or str(words.UNITS[each.rule]),
        value=value,
        target=each.target,
        definition=f"{definition} ({part})" if part else definition,
        note=pick(each.notes)[0],
        source=hand.source if by_hand and hand else "",
        uncertain=counts.uncertain if each.rule is Rule.PERSONS else None,
    )


def _seen(made: ParticipationReport, counts: Counts, *, overlaps: bool) -> rules.Seen:
    totals = made.totals
    return rules.Seen(
        all_hidden=totals.hidden,
        any_hidden=_any_hidden(made) or totals.participations != counts.participations,
        persons=totals.persons is not None,
        overlaps=overlaps,
    )


def _told(counts: Counts, made: ParticipationReport) -> Counts:
    """Return the counts of what who sees no small groups is told."""
    told = {name: getattr(made.totals, name) or 0 for name in ("participations", "persons", "organisations", "minutes")}
    return msgspec.structs.replace(counts, **told)


def _any_hidden(made: ParticipationReport) -> bool:
    cells = [cell for each in made.break_downs for cell in each.cells]
    return any(cell.hidden for cell in [made.totals, *cells]) or any(
        line.participations is None for line in made.events
    )


def _events(made: ParticipationReport, others: dict[str, list[str]], *, whole: bool) -> list[EventRow]:
    # One hidden event among others of its kind could be computed from the kind's cell: then no event's figure is shown.
    hide = not whole and any(line.participations is None for line in made.events)
    return [
        EventRow(
            **_about(line),
            kind=str(figure_words.KINDS.get(line.kind, line.kind)),
            participations=None if hide else line.participations,
            minutes=None if hide else line.minutes,
            projects=others.get(line.slug, []),
        )
        for line in made.events
    ]


def _named(line: EventLine) -> NamedEvent:
    return NamedEvent(**_about(line))


def _about(line: EventLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("slug", "title", "title_language", "held_on")}


def _text(each: TextView) -> TextSection:
    body, written_in = pick(each.bodies)
    return TextSection(heading=pick(each.headings)[0], body=body, language=written_in or language())


async def _marks(made: ParticipationReport) -> list[ReportMark]:
    emblems = await network.emblems(mark.code for mark in made.marks)
    return [
        ReportMark(
            name=mark.name,
            statement=mark.statement,
            statement_language=mark.statement_language or language(),
            emblem=emblems[mark.code][0] if mark.code in emblems else b"",
            emblem_alt=mark.emblem_alt,
        )
        for mark in made.marks
    ]
