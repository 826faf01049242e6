"""The SQL of a funder's indicators: over the participations that count for one project in one period.

It counts the same rows as the participation report does; a test proves that their totals are equal.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.network import queries as network

COUNTS = """
(participation.role = ANY(project.counted_roles) AND participation.event_kind = ANY(project.counted_kinds))
"""
"""Whether a `participation` at a reconciled event of a `project` counts for it."""

COUNTED = f"""
WITH wanted AS (
    SELECT target_regions AS regions FROM project WHERE id = $1
), entry AS MATERIALIZED (
    SELECT participation.id, participation.event, participation.role, participation.held_on, participation.minutes,
        participation.person_certain, participation.region, participation.country, participation.event_kind,
        participation.organisation_type, participation.size_class, participation.site_mode,
        coalesce(same_person.merged_into, participation.person) AS person,
        coalesce(same_organisation.merged_into, participation.organisation) AS organisation,
        event.access = 'open' AND NOT event.company_specific AS is_public,
        participation.role NOT IN ('project_staff', 'project_partner') AS from_outside
    FROM project
    JOIN event_project AS funded ON funded.project = project.id
    JOIN event ON event.id = funded.event AND event.reconciled_at IS NOT NULL
    JOIN participation ON participation.event = event.id AND {COUNTS}
    LEFT JOIN person AS same_person ON same_person.id = participation.person AND same_person.merged_into IS NOT NULL
    LEFT JOIN organisation AS same_organisation
        ON same_organisation.id = participation.organisation AND same_organisation.merged_into IS NOT NULL
    WHERE project.id = $1 AND participation.held_on <= $3
), counted AS (
    SELECT * FROM entry WHERE held_on >= $2
), first AS (
    SELECT DISTINCT ON (organisation) organisation, size_class, held_on, event FROM entry
    WHERE organisation_type = 'company' AND organisation IS NOT NULL
    ORDER BY organisation, held_on, size_class IN ('unknown', 'none'), event, id
), enterprise AS (
    SELECT organisation, CASE size_class WHEN 'none' THEN 'unknown' ELSE size_class END AS size, held_on, event
    FROM first WHERE held_on >= $2
)
"""
"""$1 project, $2 and $3 the first and the last day. `counted`: what counts in the period. `enterprise`: the companies
that took part in the project for the first time in the period."""

SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"

_TOTALS = f"""
{COUNTED}
SELECT count(*) AS participations, count(DISTINCT person) AS persons, count(DISTINCT organisation) AS organisations,
    coalesce(sum(minutes), 0)::bigint AS minutes,
    count(*) FILTER (WHERE NOT is_public AND from_outside) AS joint,
    count(DISTINCT event) FILTER (WHERE is_public AND from_outside) AS public_events,
    count(*) FILTER (WHERE NOT person_certain OR person = ANY($4)) AS uncertain,
    count(DISTINCT region) FILTER (
        WHERE region <> '' AND (region = ANY(wanted.regions) OR wanted.regions = '{{}}')) AS regions
FROM counted, wanted
"""

_EVENTS = f"""
{COUNTED} SELECT event_kind, count(DISTINCT event) AS events FROM counted GROUP BY 1
"""

# Of each size class also by how many persons the enterprises took part in the period, and how many others of that
# class: what may be shown depends on both.
_ENTERPRISES = f"""
{COUNTED}, sized AS (
    SELECT counted.person, enterprise.size,
        CASE counted.size_class WHEN 'none' THEN 'unknown' ELSE counted.size_class END AS size_then
    FROM counted LEFT JOIN enterprise USING (organisation) WHERE counted.organisation_type = 'company'
)
SELECT size, count(*) AS enterprises,
    (SELECT count(DISTINCT person) FROM sized WHERE sized.size = enterprise.size) AS persons,
    (SELECT count(DISTINCT person) FROM sized
     WHERE sized.size_then = enterprise.size AND sized.size IS DISTINCT FROM enterprise.size) AS others
FROM enterprise GROUP BY size
"""

# Whether a joint action's participations give a small group away depends on how they cut each cell that is shown.
_SMALLEST_CUT = f"""
{COUNTED}, cut AS (
    SELECT count(DISTINCT person) AS persons FROM (
        SELECT person, NOT is_public AND from_outside AS joint, event::text AS event, region, organisation_type,
            size_class, event_kind, site_mode, to_char(held_on, 'YYYYMM') AS month FROM counted) AS row
    GROUP BY joint, GROUPING SETS (
        (), (event), (region), (organisation_type), (size_class), (event_kind), (site_mode), (month))
)
SELECT min(persons) FROM cut WHERE persons > 0
"""

# The rows that were counted, as one text each: whoever counts them again gets the same digest.
_INPUT = f"""
{COUNTED}
SELECT encode(sha256(coalesce(string_agg(row::text, E'\\n' ORDER BY row.id), '')::bytea), 'hex') FROM counted AS row
"""

_SHARED = f"""
SELECT event.slug, array_agg(project.code ORDER BY project.code) AS codes
FROM event JOIN event_project AS funded ON funded.event = event.id JOIN project ON project.id = funded.project
WHERE event.slug = ANY($1) AND project.id <> $2
    AND EXISTS (SELECT FROM participation WHERE participation.event = event.id AND {COUNTS})
GROUP BY event.slug
"""


class Enterprises(Struct, frozen=True):
    """New enterprises of a size class, the persons behind them, and other persons of the class."""

    number: int
    persons: int
    others: int


class Counts(Struct, frozen=True, kw_only=True):
    """What the rules count; `smallest_cut` is the smallest group that joint actions cut out of anything shown."""

    participations: int
    persons: int
    organisations: int
    minutes: int
    joint: int
    public_events: int
    uncertain: int
    regions: int
    events: dict[str, int]
    enterprises: dict[str, Enterprises]
    smallest_cut: int
    input_hash: str


async def count(connection: Connection, project: UUID, starts_on: date, ends_on: date) -> Counts:
    """Count everything that the rules may ask for; call it in a snapshot."""
    given = (project, starts_on, ends_on)
    await connection.execute(SETTINGS)
    _state, doubles = await network.likely_doubles()
    totals = dict(await connection.fetchrow(_TOTALS, *given, doubles))
    events = await connection.fetch(_EVENTS, *given)
    enterprises = await connection.fetch(_ENTERPRISES, *given)
    return Counts(
        **totals,
        events={row["event_kind"]: row["events"] for row in events},
        enterprises={
            row["size"]: Enterprises(row["enterprises"], row["persons"], row["others"]) for row in enterprises
        },
        smallest_cut=await connection.fetchval(_SMALLEST_CUT, *given) or 0,
        input_hash=await connection.fetchval(_INPUT, *given),
    )


async def shared(connection: Connection, project: UUID, slugs: Sequence[str]) -> dict[str, list[str]]:
    """Return for which other projects each of these events counts, those that have some."""
    rows = await connection.fetch(_SHARED, list(slugs), project)
    return {row["slug"]: row["codes"] for row in rows}
