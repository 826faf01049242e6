"""Reads for the door: which events, how many have come, who it may be."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.accounts.rules import Action, reach
from events.core import database
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.i18n import LANGUAGES, pick
from events.core.i18n import gettext as _
from events.core.text import fold, sort_key
from events.registration.tables import State

SHOWN_BEFORE = timedelta(days=60)
SHOWN_AFTER = timedelta(days=14)
"""An event stands in the door's list from this long before its start until this long after its end."""

MOST_FOUND = 30


class DoorEvent(Struct, frozen=True):
    """An event as the door needs it; `when` is "today", "coming" or "held", in the event's own zone."""

    id: UUID
    slug: str
    titles: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    zone: str
    host_region: str
    when: str

    @property
    def title(self) -> str:
        """The title in the present language, or the first there is."""
        return pick(self.titles)[0]

    @property
    def title_language(self) -> str:
        """The language of `title`."""
        return pick(self.titles)[1]


class Count(Struct, frozen=True):
    """How many have come, of how many who are expected; who was let in without a place is expected too."""

    arrived: int = 0
    expected: int = 0


class Found(Struct, frozen=True):
    """Someone found by name; `code` opens the door like the ticket.

    `attended` says that they are known to have come, `inside` that a door let them in and none saw them go.
    """

    code: str
    name: str
    organisation: str
    site: str
    state: str
    attended: bool
    inside: bool
    first_entry_at: datetime | None
    door: str


_EVENT = """
SELECT id, slug, title_fi, title_sv, title_en, starts_at, ends_at, zone, host_region,
    CASE WHEN (ends_at AT TIME ZONE zone)::date < ($1::timestamptz AT TIME ZONE zone)::date THEN 'held'
         WHEN (starts_at AT TIME ZONE zone)::date > ($1::timestamptz AT TIME ZONE zone)::date THEN 'coming'
         ELSE 'today' END AS when
FROM event
WHERE state <> 'draft' AND ($2 OR host_region = ANY($3::text[]) OR id = ANY($4::uuid[]))
"""

_COUNTS = """
SELECT registration.event, count(*) AS expected, count(*) FILTER (WHERE attendance.state = 'attended') AS arrived
FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = ANY($1::uuid[]) AND (registration.state = 'confirmed' OR attendance.state = 'attended')
GROUP BY registration.event
"""

_BY_NAME = """
SELECT registration.ticket_code AS code, registration.state, person.given_name, person.family_name,
    coalesce(organisation.name, '') AS organisation, site.name AS site, site.mode,
    coalesce(attendance.state = 'attended', false) AS attended, coalesce(attendance.inside, false) AS inside,
    attendance.first_entry_at,
    coalesce(attendance.door, '') AS door
FROM registration
JOIN person ON person.id = registration.person
JOIN site ON site.id = registration.site
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = $1 AND NOT EXISTS (
    SELECT FROM unnest($2::text[]) AS word
    WHERE position(word IN person.folded || ' ' || coalesce(organisation.folded, '')) = 0
)
ORDER BY registration.state IN ('cancelled', 'declined'), person.folded, registration.id
LIMIT $3
"""


async def door_events(actor: Actor, now: datetime, *, action: Action = Action.CHECK_IN) -> list[DoorEvent]:
    """Return the events at whose door the actor may do `action`, cancelled ones left out: today's, coming, held."""
    rows = await database.fetch(
        f"{_EVENT} AND state <> 'cancelled' AND ends_at > $5 AND starts_at < $6 ORDER BY starts_at, id",
        now,
        *_reach(actor, action, now),
        now - SHOWN_AFTER,
        now + SHOWN_BEFORE,
    )
    order = {"today": 0, "coming": 1, "held": 2}
    return sorted(map(_door_event, rows), key=lambda event: order[event.when])


async def door_event(slug: str, actor: Actor, now: datetime, *, action: Action = Action.CHECK_IN) -> DoorEvent:
    """Return the event of a slug; raises NotFound when there is none at whose door the actor may do `action`."""
    row = await database.fetchrow(f"{_EVENT} AND slug = $5", now, *_reach(actor, action, now), slug)
    if row is None:
        raise NotFound
    return _door_event(row)


async def public_event(slug: str, now: datetime) -> DoorEvent | None:
    """Return a published event for those who stand before its door."""
    row = await database.fetchrow(f"{_EVENT} AND state = 'published' AND slug = $5", now, True, [], [], slug)
    return _door_event(row) if row else None


async def named(events: Collection[UUID], now: datetime) -> list[DoorEvent]:
    """Return events by their ids, in the order of their start: for whom a pairing code lets know of them."""
    rows = await database.fetch(
        f"{_EVENT} AND id = ANY($5::uuid[]) ORDER BY starts_at, id", now, True, [], [], list(events)
    )
    return [_door_event(row) for row in rows]


async def sites(event: UUID) -> list[tuple[UUID, str]]:
    """Return the sites of an event with their names, in its order."""
    rows = await database.fetch("SELECT id, name, mode FROM site WHERE event = $1 ORDER BY position, id", event)
    return [(row["id"], site_name(row["name"], row["mode"])) for row in rows]


async def counts(events: Collection[UUID]) -> Mapping[UUID, Count]:
    """Return how many have come to each event."""
    rows = await database.fetch(_COUNTS, list(events))
    known = {row["event"]: Count(row["arrived"], row["expected"]) for row in rows}
    return {event: known.get(event, Count()) for event in events}


async def by_name(event: UUID, words: str) -> list[Found]:
    """Return who is registered under a name or organisation that holds every word; ä ö å and case make no difference.

    Nobody for less than two letters: the door looks for a person, it does not browse a list.
    """
    folded = fold(words)
    if len(folded) < 2:  # noqa: PLR2004 - said above
        return []
    rows = await database.fetch(_BY_NAME, event, folded.split(), MOST_FOUND)
    gone = {State.CANCELLED, State.DECLINED}
    return sorted(map(_found, rows), key=lambda found: (State(found.state) in gone, sort_key(found.name)))


def _reach(actor: Actor, action: Action, now: datetime) -> tuple[bool, list[str], list[UUID]]:
    everywhere, regions, events = reach(actor, action, now=now)
    return everywhere, list(regions), list(events)


def _door_event(row: asyncpg.Record) -> DoorEvent:
    titles = {code: row[f"title_{code}"] for code in LANGUAGES if row[f"title_{code}"]}
    kept = ("id", "slug", "starts_at", "ends_at", "zone", "host_region", "when")
    return DoorEvent(titles=titles, **{name: row[name] for name in kept})


def _found(row: asyncpg.Record) -> Found:
    return Found(
        code=row["code"],
        name=f"{row['given_name']} {row['family_name']}".strip(),
        organisation=row["organisation"],
        site=site_name(row["site"], row["mode"]),
        state=row["state"],
        attended=row["attended"],
        inside=row["inside"],
        first_entry_at=row["first_entry_at"],
        door=row["door"],
    )


def site_name(name: str, mode: str) -> str:
    """Return a site in words of the present language."""
    return name or (_("Online") if mode == "online" else "")
