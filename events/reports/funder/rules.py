"""From counts to an indicator's value; what a reader of no small groups may see; what changed. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import Struct

from events.core.rounding import rounded
from events.core.small_groups import SMALLEST, to_hide
from events.reports.funder.counting import Counts
from events.reports.funder.shapes import Change, Figure, FunderReportView
from events.reports.funder.tables import Rule

OF_PERSONS = frozenset(
    {
        *(Rule.PARTICIPATIONS, Rule.PERSONS, Rule.ORGANISATIONS, Rule.PERSON_HOURS, Rule.PERSON_DAYS),
        *(Rule.JOINT_PARTICIPATIONS, Rule.ENTERPRISES),
    }
)
"""Rules that say something of a group of persons; the others count events, regions, or what was said openly."""

_CUT_OTHERWISE = frozenset({Rule.JOINT_PARTICIPATIONS, Rule.ENTERPRISES})
"""Of these, what is no sum of the participation report's blocks."""


def value_of(rule: Rule, part: str, counts: Counts, impacts: Mapping[str, int | None]) -> float | None:
    """Return what a rule comes to; None for what is not known. A value entered by hand is not counted here."""
    if rule is Rule.ENTERPRISES:
        return sum(each.number for size, each in counts.enterprises.items() if part in {"", size})
    if rule is Rule.EVENTS:
        return sum(number for kind, number in counts.events.items() if part in {"", kind})
    plain: Mapping[Rule, float | None] = {
        Rule.PARTICIPATIONS: counts.participations,
        Rule.PERSONS: counts.persons,
        Rule.ORGANISATIONS: counts.organisations,
        Rule.PERSON_HOURS: rounded(Decimal(counts.minutes) / 60),
        Rule.PERSON_DAYS: rounded(Decimal(counts.minutes) / 480),
        Rule.REGIONS: counts.regions,
        Rule.JOINT_PARTICIPATIONS: counts.joint,
        Rule.PUBLIC_EVENTS: counts.public_events,
        Rule.JOINT_PROJECTS: impacts.get("joint_projects"),
        Rule.FUNDING_APPLICATIONS: impacts.get("funding_applications"),
    }
    return plain.get(rule)


def hidden_sizes(counts: Counts) -> set[str]:
    """Return the size classes whose number of enterprises would tell of fewer than five persons.

    Behind the new enterprises of a class, and behind the class without them, must stand five or nobody; when one class
    is hidden, so is the total, by which it could be computed, and the next smallest if that is not enough.
    """
    sizes = list(counts.enterprises)
    small = {
        size for size, each in counts.enterprises.items() if 0 < each.persons < SMALLEST or 0 < each.others < SMALLEST
    }
    numbers = [1 if size in small else max(SMALLEST, counts.enterprises[size].persons) for size in sizes]
    return {sizes[place] for place in to_hide(numbers)}


class Seen(Struct, frozen=True, kw_only=True):
    """What the participation report of who sees no small groups tells them.

    It hides everything (`all_hidden`), or hides a cell or event or leaves out what waits (`any_hidden`); it shows
    different `persons`. The report `overlaps` with another of the project that was frozen before it: what both count
    differently is that of a part of the period.
    """

    all_hidden: bool
    any_hidden: bool
    persons: bool
    overlaps: bool


def may_show(figure: Figure, counts: Counts, seen: Seen) -> bool:
    """Say whether who sees no small groups may see an indicator.

    The participations in joint actions are a second cut through every table: shown only where no group on either side
    of it is small and nothing is hidden that they would complete.
    """
    rule = Rule(figure.rule)
    if rule not in OF_PERSONS:
        return True
    if seen.all_hidden or (rule in _CUT_OTHERWISE and seen.overlaps):
        return False
    if rule in {Rule.PERSONS, Rule.ORGANISATIONS}:
        return seen.persons
    if rule is Rule.JOINT_PARTICIPATIONS:
        return not seen.any_hidden and counts.smallest_cut >= SMALLEST
    if rule is Rule.ENTERPRISES:
        hidden = hidden_sizes(counts)
        return not hidden if figure.part == "" else figure.part not in hidden
    return True


def may_read(revision: int, last: int, *, whole: bool) -> bool:
    """Say whether somebody may read a frozen revision: who sees no small groups, the last one alone.

    Each revision hides its own small groups, the difference of two may be one person.
    """
    return 0 < revision <= last and (whole or revision == last)


def without_small(figure: Figure, *, show: bool) -> Figure:
    """Return an indicator as who sees no small groups gets it."""
    if not show:
        return msgspec.structs.replace(figure, value=None, uncertain=None, hidden=True)
    uncertain = figure.uncertain
    return msgspec.structs.replace(figure, uncertain=None if uncertain and uncertain < SMALLEST else uncertain)


_TOTALS = ("participations", "persons", "organisations", "minutes")


def difference(before: FunderReportView, after: FunderReportView) -> list[Change]:
    """Return what differs between two revisions, in the words of the later: indicators, totals, texts, events."""
    old = {figure.id: figure for figure in before.figures}
    new = {figure.id: figure for figure in after.figures}
    changes = [
        _change(f"indicator:{key}", figure.name, old[key].value if key in old else None, figure.value)
        for key, figure in new.items()
        if key not in old or old[key].value != figure.value
    ]
    changes += [_change(f"indicator:{key}", old[key].name, old[key].value, None) for key in old if key not in new]
    for key, figure in new.items():
        known = old.get(key)
        if known and _said(known) != _said(figure):
            changes.append(_change(f"definition:{key}", figure.name, known.target, figure.target, "definition"))
    for name in _TOTALS:
        values = getattr(before.totals, name), getattr(after.totals, name)
        if values[0] != values[1]:
            changes.append(_change(f"total:{name}", after.labels.get(name, name), *values))
    if before.texts != after.texts:
        changes.append(_change("texts", after.labels["texts"], len(before.texts), len(after.texts), "texts"))
    return changes + _events(before, after)


def _events(before: FunderReportView, after: FunderReportView) -> list[Change]:
    old = {row.slug: row for row in before.events}
    new = {row.slug: row for row in after.events}
    changes = []
    for slug, row in {**old, **new}.items():
        for kind, figure in (("event", "participations"), ("event_minutes", "minutes")):
            was, now = (getattr(each.get(slug), figure, None) for each in (old, new))
            if was != now:
                changes.append(_change(f"{kind}:{slug}", row.title, was, now))
    return changes


def _said(figure: Figure) -> tuple[object, ...]:
    return figure.code, figure.rule, figure.part, figure.target, figure.definition, figure.note, figure.source


def _change(key: str, name: str, before: float | None, after: float | None, words: str = "") -> Change:
    return Change(key=key, name=name, before=before, after=after, words=words)


def is_unfinished(view: FunderReportView, today: date) -> bool:
    """Say whether figures may still come: the period goes on, or events of it have not been reconciled."""
    return view.ends_on >= today or bool(view.not_reconciled)


def is_unhidden(figures: Sequence[Figure]) -> bool:
    """Say whether no figure of a report is kept back."""
    return not any(figure.hidden for figure in figures)
