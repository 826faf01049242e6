"""Who has come, where and when: by site, by quarter of an hour, and the last ones by name."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from events.checkin.queries import site_name
from events.core import database

LATEST = 8
"""Arrivals that are named: as many as a screen in the hall shows without scrolling."""

QUARTER = timedelta(minutes=15)

QUARTERS = 16
"""Quarters of an hour that are shown, the last ones: four hours, a morning and its latecomers."""


class AtSite(Struct, frozen=True):
    """How many have come to a site, of how many who are expected there."""

    name: str
    mode: str
    arrived: int
    expected: int

    @property
    def words(self) -> str:
        """The site's name in the present language."""
        return site_name(self.name, self.mode)


class Quarter(Struct, frozen=True):
    """How many came first in the quarter of an hour that begins then."""

    begins_at: datetime
    arrived: int


class Arrival(Struct, frozen=True):
    """Someone who came."""

    at: datetime
    name: str
    organisation: str
    door: str


class Arrivals(Struct, frozen=True):
    """All that a board shows of an event; quarters in their order, the latest arrival first.

    Quarters in which nobody came are left out; `timeline` has them.
    """

    sites: list[AtSite] = []
    quarters: list[Quarter] = []
    latest: list[Arrival] = []

    @property
    def arrived(self) -> int:
        """How many have come in all."""
        return sum(site.arrived for site in self.sites)

    @property
    def expected(self) -> int:
        """How many are expected in all, those who came without a place among them."""
        return sum(site.expected for site in self.sites)

    @property
    def timeline(self) -> list[Quarter]:
        """The last quarters without a gap, up to the last in which someone came."""
        if not self.quarters:
            return []
        came = {quarter.begins_at: quarter.arrived for quarter in self.quarters}
        first, last = min(came), max(came)
        moments = [last - QUARTER * back for back in reversed(range(QUARTERS))]
        return [Quarter(moment, came.get(moment, 0)) for moment in moments if moment >= first]


_ARRIVALS = f"""
WITH known AS MATERIALIZED (
    SELECT registration.event, registration.site, registration.id, attendance.state = 'attended' AS came,
        attendance.first_entry_at AS at, attendance.door
    FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
    WHERE registration.event = ANY($1::uuid[]) AND (registration.state = 'confirmed' OR attendance.state = 'attended')
), at_site AS (
    SELECT site.event, site.position, site.name, site.mode, count(known.id) AS expected,
        count(*) FILTER (WHERE came) AS arrived
    FROM site LEFT JOIN known ON known.site = site.id WHERE site.event = ANY($1::uuid[]) GROUP BY site.id
), quarter AS (
    SELECT event, date_bin('15 minutes', at, '2000-01-01+00') AS begins_at, count(*) AS arrived,
        row_number() OVER (PARTITION BY event ORDER BY date_bin('15 minutes', at, '2000-01-01+00') DESC) AS back
    FROM known WHERE came AND at IS NOT NULL GROUP BY event, begins_at
), latest AS (
    SELECT *, row_number() OVER (PARTITION BY event ORDER BY at DESC, id) AS back
    FROM known WHERE came AND at IS NOT NULL
), named AS (
    SELECT latest.event, latest.back, latest.at, trim(person.given_name || ' ' || person.family_name) AS name,
        coalesce(organisation.name, '') AS organisation, coalesce(latest.door, '') AS door
    FROM latest JOIN registration USING (id) JOIN person ON person.id = registration.person
    LEFT JOIN organisation ON organisation.id = registration.organisation WHERE back <= {LATEST}
)
SELECT shown.id, json_build_object(
    'sites', (SELECT coalesce(json_agg(at_site ORDER BY position), '[]') FROM at_site WHERE event = shown.id),
    'quarters', (SELECT coalesce(json_agg(quarter ORDER BY begins_at), '[]') FROM quarter
                 WHERE event = shown.id AND back <= {QUARTERS}),
    'latest', (SELECT coalesce(json_agg(named ORDER BY back), '[]') FROM named WHERE event = shown.id))::text AS seen
FROM event AS shown WHERE shown.id = ANY($1::uuid[])
"""


async def arrivals(events: Collection[UUID]) -> Mapping[UUID, Arrivals]:
    """Return what is known of who has come to each event, in one statement."""
    rows = await database.fetch(_ARRIVALS, list(events))
    known = {row["id"]: msgspec.json.decode(row["seen"], type=Arrivals) for row in rows}
    return {event: known.get(event, Arrivals()) for event in events}
