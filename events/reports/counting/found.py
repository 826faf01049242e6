"""The SQL that names single participations: the rows behind a figure (design.md §5.13).

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
    AND ($11::uuid IS NULL OR event.series = $11)
    AND ($7::boolean OR event.host_region = ANY($8::text[]) OR event.id = ANY($9::uuid[]))
    AND ($1::date IS NULL OR true) AND ($2::date IS NULL OR true) AND ($4::text IS NULL OR true)
    AND ($6::text IS NULL OR true) AND ($10::text IS NULL OR true) AND ($12::text IS NULL OR true)
    AND ($13::text IS NULL OR true) AND ($14::text IS NULL OR true)
"""
"""A condition on `event`: those that the filters for project, theme and series and the reader's reach let in.

The other filters are about single participations; they stand here so that every statement takes the same arguments.
"""

PERIOD = "($1::date IS NULL OR entry.held_on >= $1) AND ($2::date IS NULL OR entry.held_on <= $2)"
"""A condition on a participation: held on a day of the period."""

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
    SELECT entry.id, entry.event, entry.registration, entry.minutes, entry.role, entry.person_certain, entry.site_mode,
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
    WHERE {PERIOD}
        AND ($4::text IS NULL OR entry.region_cell = $4) AND ($6::text IS NULL OR entry.event_kind = $6)
        AND ($10::text IS NULL OR entry.host_region = $10) AND ($12::text IS NULL OR entry.organisation_type = $12)
        AND ($13::text IS NULL OR entry.size_class = $13) AND ($14::text IS NULL OR entry.site_mode = $14)
), counted AS (
    SELECT * FROM found WHERE why = 'counted'
)
"""
"""`found`: the participations that the filters let in; `why` says whether each counts. `counted`: those that do."""

EARLIER = FOUND.replace(PERIOD, "entry.held_on < $1")
"""The same of the days before the period; none when it has no first day."""

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
    """Return $1–$14 of the statements that begin with `FOUND` or hold `CHOSEN_EVENTS`."""
    return [
        *(filters.start, filters.end, filters.project, filters.region, filters.theme, filters.kind),
        *(reach.everywhere, list(reach.regions), list(reach.events)),
        *(filters.host, filters.series, filters.type, filters.size, filters.mode),
    ]


_EVENT = """event.slug, event.title_fi, event.title_sv, event.title_en, event.kind,
    (event.starts_at AT TIME ZONE event.zone)::date AS held_on"""

EVENTS = f"""
SELECT event.id, {_EVENT} FROM event WHERE event.id = ANY($1) ORDER BY held_on, event.slug
"""

NOT_RECONCILED = f"""
SELECT {_EVENT}
FROM event
WHERE event.state = 'published' AND event.ends_at <= $15 AND event.reconciled_at IS NULL AND {CHOSEN_EVENTS}
    AND ($1::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $1)
    AND ($2::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $2)
    AND ($6::text IS NULL OR event.kind = $6)
    AND ($10::text IS NULL OR event.host_region = $10)
ORDER BY event.starts_at, event.slug
"""

PROJECTS_OF_EVENTS = """
SELECT DISTINCT project.code FROM event
JOIN event_project AS funded ON funded.event = event.id JOIN project ON project.id = funded.project
WHERE event.slug = ANY($1)
"""
"""The codes of the projects under which events were held."""
