"""A network's history in rows: events, persons, organisations, registrations, no-shows, participations, by SQL alone.

Everything follows from numbers, so each run makes the same rows: some persons come often and most of them seldom, most
belong to one organisation in one region, some have changed it, and one registration in five is a no-show.
"""

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

ATTENDED, REGISTERED = 100, 125
"""Participations and registrations of one event."""

STEPS = 20


@dataclass(frozen=True)
class Size:
    """How much is made; events, persons and organisations follow from the participations."""

    participations: int

    @property
    def events(self) -> int:
        return self.participations // ATTENDED

    @property
    def persons(self) -> int:
        return max(self.participations * 15 // 100, 2 * REGISTERED)

    @property
    def organisations(self) -> int:
        return max(self.participations * 8 // 1000, 20)


_HELPERS = """
CREATE FUNCTION bench_id(what text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5(what || number)::uuid $$;
CREATE FUNCTION bench_one_of(choices anyarray, number bigint) RETURNS anyelement LANGUAGE sql IMMUTABLE
    AS $$ SELECT choices[1 + (number % array_length(choices, 1))::int] $$;
"""

_TYPES = """'{company,company,company,company,municipality,university,research,education,development,state,
    association,other,unknown,regional_council}'::varchar[]"""
_SIZES = "'{micro,micro,small,small,medium,large,unknown}'::varchar[]"

_ORGANISATIONS = f"""
INSERT INTO organisation (id, name, folded, type, size_class, country)
SELECT bench_id('organisation', n), 'Konepaja ' || n, 'konepaja ' || n, type,
    CASE WHEN type = 'company' THEN bench_one_of({_SIZES}, n / 7) ELSE 'none' END, 'FI'
FROM (SELECT n, bench_one_of({_TYPES}, n) AS type FROM generate_series(0, $1::int - 1) AS n) AS made
"""

_PERSONS = """
INSERT INTO person (id, given_name, family_name, folded, email, organisation)
SELECT bench_id('person', n), 'Aino' || n, 'Virtanen', 'aino' || n || ' virtanen',
    CASE WHEN n % 25 > 0 THEN 'aino' || n || '@paja.example' END, bench_id('organisation', n * 7919 % $2)
FROM generate_series(0, $1::bigint - 1) AS n
"""

_SERIES = """
INSERT INTO series (id, rule) SELECT bench_id('series', n), 'FREQ=MONTHLY' FROM generate_series(0, $1::int / 20) AS n
"""

_EVENTS = """
INSERT INTO event (id, slug, kind, state, title_fi, starts_at, ends_at, host_region, languages, series, reconciled_at)
SELECT bench_id('event', n), 'bench-past-' || n,
    bench_one_of('{meeting,workshop,workshop,experience_exchange}'::varchar[], n / 3), 'published',
    'Työpaja ' || n, starts, starts + interval '6 hours', bench_one_of(regions, n), '{fi}',
    CASE WHEN n % 3 = 0 THEN bench_id('series', n / 20) END,
    CASE WHEN n % 500 <> 499 THEN starts + interval '2 days' END
FROM (SELECT n, timestamptz '2021-01-04 07:00Z' + n * interval '5 years' / $1::int AS starts
      FROM generate_series(0, $1::int - 1) AS n) AS made,
    (SELECT array_agg(code ORDER BY code) AS regions FROM region) AS all_regions
"""

_SITES = """
INSERT INTO site (id, event, mode, name, origin, taken, line)
SELECT bench_id(mode, n), bench_id('event', n), mode, '', bench_id(mode, n), 0, 0
FROM generate_series(0, $1::int - 1) AS n, unnest('{venue,online}'::varchar[]) AS mode
"""

_PROJECTS = """
INSERT INTO project (id, code, name_fi, funder, instrument, starts_on, ends_on, target_regions, counted_roles,
    counted_kinds, targets)
SELECT bench_id('project', n), 'BENCH-' || n, 'Hanke ' || n, 'Rahoittaja', 'EAKR', '2021-01-01', '2025-12-31',
    '{06,14}',
    CASE WHEN n % 2 = 0 THEN '{participant,speaker}' ELSE '{participant}' END::varchar[],
    CASE WHEN n % 3 = 0 THEN '{workshop,experience_exchange}'
        ELSE '{meeting,workshop,experience_exchange}' END::varchar[],
    '{}'
FROM generate_series(0, 9) AS n
"""

_FUNDED = """
INSERT INTO event_project (id, event, project)
SELECT bench_id('funded' || k, n), bench_id('event', n), bench_id('project', (n + k * 3) % 10)
FROM generate_series(0, $1::int - 1) AS n, generate_series(0, 1) AS k WHERE n % 10 > 0 AND (k = 0 OR n % 4 = 0)
"""

_THEMED = """
INSERT INTO event_theme (id, event, theme)
SELECT bench_id('about' || k, n), bench_id('event', n), bench_one_of(themes, n / 2 + k)
FROM generate_series(0, $1::int - 1) AS n, generate_series(0, 1) AS k,
    (SELECT array_agg(code ORDER BY code) AS themes FROM theme) AS all_themes
WHERE n % 12 > 0 AND (k = 0 OR n % 3 = 0)
"""

# The k-th of an event comes from the k-th slice of all persons; slices grow, so that the first persons come often.
_COMERS = f"""
SELECT event, k, person, attended, bench_id('registration', event * {REGISTERED} + k) AS registration,
    CASE (k * 7 + event) % 10 WHEN 8 THEN 'speaker' WHEN 9 THEN 'project_staff' ELSE 'participant' END AS role,
    CASE WHEN k % 4 = 0 THEN 'online' ELSE 'venue' END AS mode,
    CASE WHEN (person + event) % 20 = 0 THEN (person * 31) % $4 ELSE person * 7919 % $4 END AS organisation
FROM (
    SELECT event, k, k % 5 <> 4 AS attended,
        lower + (hashint8(event * 131 + k)::bigint & 2147483647) % (upper - lower) AS person
    FROM generate_series($1::bigint, $2::bigint - 1) AS event, generate_series(0, {REGISTERED} - 1) AS k,
        LATERAL (SELECT k + ($3::bigint - {REGISTERED}) * k * k / {REGISTERED * REGISTERED} AS lower,
            k + 1 + ($3::bigint - {REGISTERED}) * (k + 1) * (k + 1) / {REGISTERED * REGISTERED} AS upper) AS slice
) AS made
"""

_REGISTRATIONS = f"""
WITH comer AS ({_COMERS}), towns AS (SELECT array_agg(code ORDER BY code) AS codes FROM municipality)
INSERT INTO registration (id, event, person, site, organisation, municipality, country, role, state, number,
    ticket_hash, ticket_code, manage_hash)
SELECT registration, bench_id('event', event), bench_id('person', person), bench_id(mode, event),
    CASE WHEN person % 15 > 0 THEN bench_id('organisation', organisation) END,
    CASE WHEN person % 20 > 0 THEN bench_one_of(codes, person / 20) END,
    CASE WHEN person % 40 = 0 THEN 'SE' ELSE 'FI' END,
    role, 'confirmed', k, decode(md5('t' || registration), 'hex'), lpad(k::text, 6, '0'),
    decode(md5('m' || registration), 'hex')
FROM comer, towns
"""

_ATTENDANCE = f"""
WITH comer AS ({_COMERS})
INSERT INTO attendance (registration, state, source, actor_kind)
SELECT registration, CASE WHEN attended THEN 'attended' ELSE 'no_show' END, 'scan', 'system' FROM comer
"""

_PARTICIPATIONS = f"""
WITH comer AS ({_COMERS} WHERE attended)
INSERT INTO participation (id, registration, event, person, organisation, role, held_on, event_kind, host_region,
    site_mode, organisation_type, size_class, municipality, region, country, person_certain, minutes, source)
SELECT bench_id('participation', comer.event * {REGISTERED} + k), registration, event.id, registration.person,
    organisation.id, comer.role, (event.starts_at AT TIME ZONE event.zone)::date, event.kind, event.host_region, mode,
    coalesce(organisation.type, 'unknown'), coalesce(organisation.size_class, 'unknown'),
    coalesce(municipality.code, ''), coalesce(municipality.region, ''), registration.country, person.email IS NOT NULL,
    240 + k, 'scan'
FROM comer JOIN event ON event.id = bench_id('event', comer.event) AND event.reconciled_at IS NOT NULL
JOIN registration ON registration.id = comer.registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN municipality ON municipality.code = registration.municipality
"""


async def make(connection: asyncpg.Connection, size: Size, tell: Callable[[float], None]) -> None:
    """Make the rows in one go; `tell` hears which part of it is done. Foreign keys are not checked meanwhile."""
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(_HELPERS)
    await connection.execute(_ORGANISATIONS, size.organisations)
    await connection.execute(_PERSONS, size.persons, size.organisations)
    await connection.execute(_PROJECTS)
    for statement in (_SERIES, _EVENTS, _SITES, _FUNDED, _THEMED):
        await connection.execute(statement, size.events)
    await connection.execute("ANALYZE person, event, organisation")
    for step in range(STEPS):
        first, last = size.events * step // STEPS, size.events * (step + 1) // STEPS
        for statement in (_REGISTRATIONS, _ATTENDANCE, _PARTICIPATIONS):
            await connection.execute(statement, first, last, size.persons, size.organisations)
        tell((step + 1) / STEPS)
    await connection.execute("SET session_replication_role = origin")
    # before the turnout is taken: a plan for tables that look empty goes through a million rows for each event
    await connection.execute("ANALYZE registration, attendance, participation")
    await connection.execute("SELECT take_turnout(array_agg(id)) FROM event WHERE reconciled_at IS NOT NULL")
    await connection.execute("VACUUM ANALYZE")
