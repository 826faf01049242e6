"""Which report a reader gets: of which events, and with or without small groups."""

from collections.abc import Iterable
from datetime import datetime

from events.accounts.rules import Action, reach
from events.core import database
from events.core.actor import Actor, ActorKind
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.seen_by import dashboard_without_persons
from events.reports.dashboard.shapes import Dashboard
from events.reports.effect.figures import effect
from events.reports.effect.seen_by import effect_without_persons
from events.reports.effect.shapes import NetworkEffect
from events.reports.filters import Filters, Reach
from events.reports.participation import report
from events.reports.seen_by import suppressed_report
from events.reports.shapes import EventLine, ParticipationReport


def reach_of(actor: Actor, action: Action, now: datetime) -> Reach:
    """Return the events that an actor may report on."""
    everywhere, regions, events = reach(actor, action, now=now)
    return Reach(everywhere, tuple(sorted(regions)), tuple(sorted(events)))


def sees_small_groups(actor: Actor, now: datetime) -> bool:
    """Whether groups under five are shown: to staff who may see persons, and to programs.

    A program's token is made by an admin for handing figures on, and opens no rows with persons.
    """
    return actor.kind is not ActorKind.STAFF or _sees_persons(actor, now)


def rows_are_fewer(actor: Actor, now: datetime) -> bool:
    """Whether an actor reports on events of which they may not see the persons: rows are then fewer than the figure."""
    return not _sees_persons(actor, now)


def _sees_persons(actor: Actor, now: datetime) -> bool:
    """Whether an actor may see the persons of every event that they may report on.

    A right to persons in one region opens nothing elsewhere.
    """
    persons, figures = (reach_of(actor, action, now) for action in (Action.SEE_PERSONS_IN_REPORTS, Action.SEE_REPORTS))
    if persons.everywhere:
        return True
    within = {*figures.regions} <= {*persons.regions} and {*figures.events} <= {*persons.events}
    return not figures.everywhere and within and bool(persons.regions or persons.events)


async def may_open(actor: Actor, lines: Iterable[EventLine], *, now: datetime) -> frozenset[str]:
    """Return the slugs of those events whose own page opens for an actor: a link to another would lead nowhere."""
    to_edit = reach_of(actor, Action.EDIT_EVENTS, now)
    slugs = [line.slug for line in lines]
    if to_edit.everywhere:
        return frozenset(slugs)
    rows = await database.fetch(
        "SELECT slug FROM event WHERE slug = ANY($1) AND (host_region = ANY($2) OR id = ANY($3))",
        *(slugs, list(to_edit.regions), list(to_edit.events)),
    )
    return frozenset(row["slug"] for row in rows)


async def report_for(actor: Actor, filters: Filters, *, now: datetime) -> ParticipationReport:
    """Make the report that an actor with the right `SEE_REPORTS` may see."""
    make = report if sees_small_groups(actor, now) else suppressed_report
    return await make(filters, now=now, reach=reach_of(actor, Action.SEE_REPORTS, now))


async def dashboard_for(actor: Actor, filters: Filters, *, now: datetime) -> Dashboard:
    """Make the dashboard that an actor with the right `SEE_REPORTS` may see."""
    make = dashboard if sees_small_groups(actor, now) else dashboard_without_persons
    return await make(filters, now=now, reach=reach_of(actor, Action.SEE_REPORTS, now))


async def effect_for(actor: Actor, filters: Filters, *, now: datetime) -> NetworkEffect:
    """Make the network effect that an actor with the right `SEE_REPORTS` may see.

    Organisations are named to who may see persons: one may be a person who trades alone.
    """
    within = reach_of(actor, Action.SEE_REPORTS, now)
    if not sees_small_groups(actor, now):
        return await effect_without_persons(filters, now=now, reach=within)
    named = _sees_persons(actor, now)
    return await effect(filters, now=now, reach=within, with_names=named)
