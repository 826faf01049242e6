"""Reads for the page of an event's reminders: who would get what and when, what has gone out, what waits for a word."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES
from events.core.text import as_uuid
from events.outreach.reminders.rules import ASKING, MIGHT_GET
from events.outreach.reminders.tables import Outcome
from events.programme.reminders import queries as reminders
from events.programme.reminders.queries import RuleView, Turn

SAMPLE = 5
PUNCTUAL = timedelta(minutes=5)
"""After its time, within which a reminder went out as it was to: the tick comes each minute, and mail takes a while."""


class Reached(Struct, frozen=True):
    """Who is meant by a rule as things stand: how many by language, and some names."""

    languages: Mapping[str, int]
    sample: Sequence[str]

    @property
    def people(self) -> int:
        """How many that is."""
        return sum(self.languages.values())


class Recipient(Struct, frozen=True):
    """Somebody who gets a reminder as things stand, by their registration."""

    registration: UUID
    name: str
    language: str


class Reminder(Struct, frozen=True):
    """A rule in force at an event: when, to whom, and what became of it.

    `stage` is coming, due (it goes out at the next tick), asks, waits (for the attendance to be closed), sent,
    left_out, or passed (too late, or nobody was there to get it). `counts` are its messages by state, `earlier` how
    many were sent of it before it or the event was changed. `went_at` is when the first of them went out, or when it
    was dealt with where there are none.
    """

    rule: RuleView
    turn: Turn
    stage: str
    reached: Reached
    counts: Mapping[str, int]
    earlier: int
    went_at: datetime | None

    @property
    def late_at(self) -> datetime | None:
        """When it went out, where that was later than it was to: after a time without a worker or a mail server."""
        return self.went_at if self.went_at and self.went_at > self.turn.due_at + PUNCTUAL else None


class Asking(Struct, frozen=True):
    """A rule that asks before it sends."""

    event: UUID
    slug: str
    occurrence: str
    host_region: str
    theme_group: UUID | None
    people: int


_REACHED = f"""
SELECT registration.id AS registration, registration.language,
    trim(person.given_name || ' ' || person.family_name) AS name
FROM reminder_rule AS rule JOIN registration ON registration.event = $2 AND registration.registered_at <= $3
JOIN person ON person.id = registration.person
WHERE rule.id = $1 AND {MIGHT_GET} ORDER BY registration.number, registration.id
"""

_WRITTEN = """
SELECT split_part(occurrence, '~', 1) AS occurrence, message.state, count(*)::int AS n, min(finished_at) AS first
FROM message JOIN registration ON registration.id = message.subject_id
WHERE registration.event = $1 AND message.subject_kind = 'registration' AND message.reason = 'reminder' GROUP BY 1, 2
"""


async def of_event(event_id: UUID, now: datetime) -> list[Reminder]:
    """Return the rules in force at an event, in the order of their moments."""
    rows = await database.fetch("SELECT occurrence, outcome, at FROM reminder_run WHERE event = $1", event_id)
    runs = {row["occurrence"]: row["outcome"] for row in rows}
    went = {row["occurrence"]: row["at"] for row in rows}
    written: dict[str, dict[str, int]] = {}
    for row in await database.fetch(_WRITTEN, event_id):
        written.setdefault(row["occurrence"], {})[row["state"]] = row["n"]
        if row["state"] == "sent":
            went[row["occurrence"]] = row["first"]
    found = []
    for turn in await reminders.turns(event_id):
        rule = await reminders.by_id(turn.rule)
        if rule is None:  # removed in between
            continue
        people = await reached(turn, now)
        earlier = [counts for occurrence, counts in written.items() if _another(occurrence, turn)]
        sent = sum(counts.get("sent", 0) for counts in earlier)
        stage = _stage(turn, runs.get(turn.occurrence, ""), people.people, now)
        counts, went_at = written.get(turn.occurrence, {}), went.get(turn.occurrence)
        found.append(Reminder(rule, turn, stage, people, counts, sent, went_at))
    return found


class Gone(Struct, frozen=True):
    """A reminder that went out and is in force no more: its rule, None where it was removed, to how many, and when."""

    rule: RuleView | None
    people: int
    at: datetime


_GONE = """
SELECT split_part(occurrence, '.', 1) AS rule, count(DISTINCT message.subject_id)::int AS people, min(finished_at) AS at
FROM message JOIN registration ON registration.id = message.subject_id
WHERE registration.event = $1 AND message.subject_kind = 'registration' AND message.reason = 'reminder'
    AND message.state = 'sent'
GROUP BY 1 ORDER BY 3
"""


async def gone_out(event_id: UUID) -> list[Gone]:
    """Return what went out by rules that are switched off or removed by now, the first of them first."""
    in_force = {turn.rule for turn in await reminders.turns(event_id)}
    found = []
    for row in await database.fetch(_GONE, event_id):
        identity = as_uuid(row["rule"])
        if identity not in in_force:
            found.append(Gone(await reminders.by_id(identity) if identity else None, row["people"], row["at"]))
    return found


async def recipients(turn: Turn, now: datetime) -> list[Recipient]:
    """Return everybody who would get a reminder: of one that is to come, of those who are there by now."""
    by = max(turn.reaches, now) if turn.due_at > now else turn.reaches
    rows = await database.fetch(_REACHED, turn.rule, turn.event, by)
    return msgspec.convert([dict(row) for row in rows], list[Recipient])


async def reached(turn: Turn, now: datetime) -> Reached:
    """Return how many would get a reminder, and some of them."""
    people = await recipients(turn, now)
    languages = Counter(each.language for each in people)
    counted = {code: languages[code] for code in LANGUAGES if languages[code]}
    return Reached(counted, [each.name for each in people[:SAMPLE]])


def _another(occurrence: str, turn: Turn) -> bool:
    return occurrence != turn.occurrence and occurrence.startswith(f"{turn.rule}.")


def _stage(turn: Turn, outcome: str, people: int, now: datetime) -> str:
    if outcome:
        return Outcome(outcome).value
    if turn.due_at > now:
        return "coming"
    if turn.waits:
        return "waits"
    if turn.until <= now:
        return "passed"
    if turn.since <= turn.due_at:
        return "due"
    return "asks" if people else "passed"


_ASKING = f"""
SELECT asking.event, event.slug, asking.occurrence, event.host_region, event.theme_group,
    (SELECT count(*)::int FROM reminder_rule AS rule
     JOIN registration ON registration.event = asking.event AND registration.registered_at <= asking.reaches
     JOIN person ON person.id = registration.person WHERE rule.id = asking.rule AND {MIGHT_GET}) AS people
FROM ({ASKING}) AS asking JOIN event ON event.id = asking.event
ORDER BY asking.until, asking.occurrence
"""


async def asking(now: datetime) -> list[Asking]:
    """Return the rules that ask before they send, those that reach nobody aside; the most urgent first."""
    rows: list[Any] = [dict(row) for row in await database.fetch(_ASKING, now)]
    return [each for each in msgspec.convert(rows, list[Asking]) if each.people]
