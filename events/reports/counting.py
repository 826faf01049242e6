"""The SQL that counts participations (design.md §5.13): one text for the figures, the break-downs and the rows.

Which participations count: of reconciled events alone, in a role and at a kind of event that the project counts. With
no project chosen, in a role and kind that at least one project of the event counts; at an event of no project,
participants and speakers count.
"""

from collections.abc import Mapping
from typing import Any

from events.programme.tables import Kind
from events.registration.tables import RegistrationRole
from events.reports.filters import Filters, Reach

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)
_DEFAULT_ROLES = f"ARRAY['{RegistrationRole.PARTICIPANT}', '{RegistrationRole.SPEAKER}']::varchar[]"

CHOSEN_EVENTS = """
    ($3::text IS NULL OR EXISTS (SELECT FROM event_project AS funded JOIN project ON project.id = funded.project
                                 WHERE funded.event = event.id AND project.code = $3))
    AND ($5::text IS NULL OR EXISTS (SELECT FROM event_theme AS about
                                     WHERE about.event = event.id AND about.theme = $5))
    AND ($7::boolean OR event.host_region = ANY($8::text[]) OR event.id = ANY($9::uuid[]))
"""
"""A condition on `event`: those that the filters for project and theme and the reader's reach let in."""

FOUND = f"""
WITH chosen AS MATERIALIZED (
    SELECT event.id FROM event WHERE event.reconciled_at IS NOT NULL AND {CHOSEN_EVENTS}
), project_rule AS MATERIALIZED (
    SELECT funded.event, project.code, kind, project.counted_roles AS roles
    FROM event_project AS funded JOIN project ON project.id = funded.project
    CROSS JOIN unnest(project.counted_kinds) AS kind
    WHERE funded.event IN (SELECT id FROM chosen)
), rule AS MATERIALIZED (
    SELECT event, kind, array_agg(DISTINCT role) AS roles
    FROM project_rule CROSS JOIN unnest(roles) AS role
    WHERE $3::text IS NULL OR code = $3
    GROUP BY event, kind
    UNION ALL
    SELECT chosen.id, kind, {_DEFAULT_ROLES} FROM chosen CROSS JOIN unnest(ARRAY[{_KINDS}]) AS kind
    WHERE NOT EXISTS (SELECT FROM event_project AS funded WHERE funded.event = chosen.id)
), placed AS (
    SELECT *, CASE WHEN region <> '' THEN region WHEN country <> 'FI' THEN 'abroad' ELSE 'unknown' END AS region_cell
    FROM participation
), found AS (
    SELECT entry.id, entry.event, entry.registration, entry.minutes, entry.role, entry.person_certain,
        coalesce(same_person.merged_into, entry.person) AS person,
        coalesce(same_organisation.merged_into, entry.organisation) AS organisation,
        entry.region_cell AS region, entry.organisation_type, entry.size_class, entry.event_kind, entry.held_on,
        extract(year FROM entry.held_on)::int * 100 + extract(month FROM entry.held_on)::int AS month,
        CASE WHEN rule.roles IS NULL THEN 'kind' WHEN entry.role = ANY(rule.roles) THEN 'counted' ELSE 'role' END AS why
    FROM placed AS entry
    JOIN chosen ON chosen.id = entry.event
    LEFT JOIN rule ON rule.event = entry.event AND rule.kind = entry.event_kind
    LEFT JOIN person AS same_person ON same_person.id = entry.person AND same_person.merged_into IS NOT NULL
    LEFT JOIN organisation AS same_organisation
        ON same_organisation.id = entry.organisation AND same_organisation.merged_into IS NOT NULL
    WHERE ($1::date IS NULL OR entry.held_on >= $1) AND ($2::date IS NULL OR entry.held_on <= $2)
        AND ($4::text IS NULL OR entry.region_cell = $4) AND ($6::text IS NULL OR entry.event_kind = $6)
), counted AS (
    SELECT * FROM found WHERE why = 'counted'
)
"""
"""`found`: the participations that the filters let in; `why` says whether each counts. `counted`: those that do."""

SETTINGS = "SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off; SET LOCAL jit = off"
"""For the transaction that counts. A million rows are grouped in memory instead of on disk; and the planner, which
cannot know how many rows `found` has, joins by hashing them once instead of looking up each."""

DIMENSIONS = ("region", "organisation_type", "size_class", "event_kind", "month")
"""Break-downs in which each participation stands in exactly one cell; each is a column of `counted`."""

_PROJECTS = """LEFT JOIN project_rule AS funded ON funded.event = counted.event
    AND funded.kind = counted.event_kind AND counted.role = ANY(funded.roles)"""

OVERLAPPING: Mapping[str, tuple[str, str]] = {
    "theme": ("coalesce(about.theme, 'none')", "LEFT JOIN event_theme AS about ON about.event = counted.event"),
    "project": ("coalesce(funded.code, 'none')", _PROJECTS),
}
"""Break-downs whose cells overlap: name → (the cell, how `counted` finds it)."""


def arguments(filters: Filters, reach: Reach) -> list[Any]:
    """Return $1–$9 of the statements that begin with `FOUND` or hold `CHOSEN_EVENTS`."""
    return [
        *(filters.start, filters.end, filters.project, filters.region, filters.theme, filters.kind),
        *(reach.everywhere, list(reach.regions), list(reach.events)),
    ]


def _figures(columns: Mapping[str, str], source: str) -> str:
    """Count `source` by several columns in one pass: participations, persons, organisations, minutes.

    The inner step makes one row per cell and person, and per cell and organisation; counting those is counting
    different ones, without sorting a million rows for each column. Rows with `by` "" are the totals.
    """
    names = list(columns)
    chosen = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    by = "CASE " + " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in names) + " ELSE '' END"
    cell = f"coalesce({', '.join(f'{name}::text' for name in names)}, '')"
    return f"""
, source AS (SELECT {chosen}, person, organisation, minutes, person_certain FROM {source})
, by_person AS (
    SELECT {by} AS by, {cell} AS cell, count(*) AS times, sum(minutes) AS minutes, bool_or(person_certain) AS certain
    FROM source GROUP BY GROUPING SETS ((person), {", ".join(f"({name}, person)" for name in names)})
), by_organisation AS (
    SELECT {by} AS by, {cell} AS cell, organisation, count(*) AS times
    FROM source GROUP BY GROUPING SETS ((organisation), {", ".join(f"({name}, organisation)" for name in names)})
)
SELECT by, cell, participations, persons, without_address, organisations, without_organisation, minutes
FROM (SELECT by, cell, sum(times)::bigint AS participations, count(*) AS persons, sum(minutes)::bigint AS minutes,
          count(*) FILTER (WHERE NOT certain) AS without_address FROM by_person GROUP BY by, cell) AS persons
JOIN (SELECT by, cell, count(organisation) AS organisations,
          coalesce(sum(times) FILTER (WHERE organisation IS NULL), 0)::bigint AS without_organisation
      FROM by_organisation GROUP BY by, cell) AS organisations USING (by, cell)
"""


CELLS = FOUND + _figures({name: name for name in DIMENSIONS}, "counted")

OVERLAPPING_CELLS: Mapping[str, str] = {
    name: FOUND + _figures({name: cell}, f"counted {join}") + f" WHERE by = '{name}'"
    for name, (cell, join) in OVERLAPPING.items()
}

NOT_COUNTED = f"""
{FOUND}
SELECT why, CASE why WHEN 'kind' THEN event_kind ELSE role END AS code, count(*) AS participations
FROM found WHERE why <> 'counted' GROUP BY 1, 2 ORDER BY 1, 2
"""

_EVENT = """event.slug, event.title_fi, event.title_sv, event.title_en, event.kind,
    (event.starts_at AT TIME ZONE event.zone)::date AS held_on"""

BY_EVENT = f"""
{FOUND}
SELECT {_EVENT}, sums.participations, sums.minutes
FROM (SELECT event, count(*) AS participations, sum(minutes)::bigint AS minutes FROM counted GROUP BY event) AS sums
JOIN event ON event.id = sums.event ORDER BY held_on, event.slug
"""

NOT_RECONCILED = f"""
SELECT {_EVENT}
FROM event
WHERE event.state = 'published' AND event.ends_at <= $10 AND event.reconciled_at IS NULL AND {CHOSEN_EVENTS}
    AND ($1::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $1)
    AND ($2::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $2)
    AND ($6::text IS NULL OR event.kind = $6)
    AND ($4::text IS NULL OR true) -- whoever came from a region is not known before reconciling
ORDER BY event.starts_at, event.slug
"""

PROJECTS_OF_EVENTS = """
SELECT DISTINCT project.code FROM event
JOIN event_project AS funded ON funded.event = event.id JOIN project ON project.id = funded.project
WHERE event.slug = ANY($1)
"""
"""The codes of the projects under which events were held."""
