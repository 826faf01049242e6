"""When rules fall due, as SQL, and what a rule may say: text and pure functions, no I/O.

Whatever counts days from something of an event – reminders, surveys – takes its moments from here.
"""

from collections.abc import Collection
from datetime import time, timedelta

from events.programme.reminders.tables import Anchor, Attended

KEPT_UP = timedelta(days=14)
"""How long after its time a rule that follows something still goes out: the worker was down, nobody had decided."""

LONGEST_DAYS = 400
LONGEST_MINUTES = 7 * 24 * 60


def anchor_sql(rule: str, event: str) -> str:
    """Return SQL of the moment by which a rule counts; null when it is gone. `rule` and `event` are names of rows."""
    return f"""CASE {rule}.anchor
        WHEN 'end' THEN {event}.ends_at
        WHEN 'registration_closes' THEN coalesce({event}.registration_closes_at, {event}.starts_at)
        WHEN 'agenda_item' THEN (SELECT starts_at FROM agenda_item WHERE agenda_item.id = {rule}.agenda_item)
        ELSE {event}.starts_at END"""


def moment_sql(anchor: str, rule: str, zone: str) -> str:
    """Return SQL of the moment that `rule` (with days, minutes, local_time) means by `anchor`, on the clock of `zone`.

    Days are counted on the clock on the wall, minutes are exact. A time of the day that the clocks skip is taken as if
    they had not gone forward yet (3:30 is 4:30 then); of one that comes twice the second, in winter time, is meant.
    """
    return f"""CASE
        WHEN {rule}.local_time IS NOT NULL
            THEN (({anchor} AT TIME ZONE {zone})::date + {rule}.days + {rule}.local_time) AT TIME ZONE {zone}
        WHEN {rule}.days = 0 THEN {anchor} + make_interval(mins => {rule}.minutes)
        ELSE ({anchor} AT TIME ZONE {zone} + make_interval(days => {rule}.days)) AT TIME ZONE {zone}
            + make_interval(mins => {rule}.minutes) END"""


def occurrence_sql(rule: str, event: str) -> str:
    """Return SQL of what the messages of a rule at an event are told apart by: one turn for each start that it has."""
    return f"{rule}.id || '.' || {rule}.revision || ':' || {event}.start_revision"


IN_FORCE = """
SELECT rule.* FROM reminder_rule AS rule WHERE rule.event = event.id AND rule.active
UNION ALL
SELECT rule.* FROM reminder_rule AS rule
WHERE rule.event IS NULL AND rule.active AND (rule.kinds = '{}' OR event.kind = ANY(rule.kinds))
    AND NOT EXISTS (SELECT FROM reminder_rule AS own WHERE own.event = event.id AND own.replaces = rule.id)
"""
"""SQL of the rules in force for a row `event`: its own, and the defaults in whose place none of its own stands."""

MOMENTS = f"""
CROSS JOIN LATERAL (SELECT {anchor_sql("rule", "event")} AS anchor_at OFFSET 0) AS anchored
CROSS JOIN LATERAL (SELECT {moment_sql("anchor_at", "rule", "event.zone")} AS due_at OFFSET 0) AS dated
"""
"""SQL that adds anchor_at and due_at to rows `rule` and `event`; OFFSET lets each be worked out once."""


def timed_sql(events: str) -> str:
    """Return SQL of the rules in force for the events that the condition `events` means, with their moments.

    Rows: rule, event, occurrence (what its messages are told apart by), anchor_at, due_at; `since`, when what makes it
    due then was last changed; `reaches`, until when one must have registered to get it; `until`, when it is too late;
    whether it comes `before` its anchor, and whether it waits for the attendance to be closed (`waits`).
    """
    since = (
        "greatest(to_timestamp(0), event.published_at, event.reminders_set_at,"
        " CASE WHEN rule.event IS NULL THEN rule.set_at END)"
    )
    return f"""
SELECT rule.id AS rule, event.id AS event, {occurrence_sql("rule", "event")} AS occurrence,
    anchor_at, due_at, {since} AS since, due_at < anchor_at AS before,
    greatest(due_at, {since}, CASE WHEN rule.attended <> 'any' THEN event.reconciled_at END) AS reaches,
    CASE WHEN due_at < anchor_at THEN anchor_at
        ELSE greatest(due_at, CASE WHEN rule.attended <> 'any' THEN event.reconciled_at END)
            + interval '{KEPT_UP.days} days' END AS until,
    rule.attended <> 'any' AND event.reconciled_at IS NULL AS waits
FROM event CROSS JOIN LATERAL ({IN_FORCE}) AS rule {MOMENTS}
WHERE {events}
"""


EVERYBODY = """rule.attended = 'any' AND rule.answered = 'any' AND rule.site IS NULL AND rule.tag = ''
    AND (rule.states = '{}' OR 'confirmed' = ANY(rule.states))"""
"""SQL: a rule leaves out nobody who has a place."""


def needs_words(*, anchor: str, before: bool, states: Collection[str], attended: str) -> bool:
    """Say whether a rule must bring words of its own.

    The service's own reminder is for who has a place and looks ahead to the start; its thanks are for after the end,
    and not for who did not come.
    """
    if any(state != "confirmed" for state in states):
        return True
    if before:
        return anchor in {Anchor.END, Anchor.AGENDA_ITEM}
    return anchor != Anchor.END or attended == Attended.NO


def comes_before(*, anchor: str, days: int, minutes: int, local_time: time | None) -> bool:
    """Say whether a rule goes out before its anchor; on the very day at a time of the day it is taken to."""
    if local_time is not None:
        return days < 0 or (days == 0 and anchor != Anchor.END)
    return days < 0 or (days == 0 and minutes < 0)
