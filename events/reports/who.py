"""Who is behind a figure: persons, or organisations, with how many of its participations each has."""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core.replica import snapshot
from events.core.text import sort_sql
from events.reports.counting import found as counting
from events.reports.filters import Filters, Reach
from events.reports.rows import COUNTING, PAGE, PERSON_NAMED, Behind, shown_of

Kind = Literal["persons", "organisations"]


class Who(Struct, frozen=True, kw_only=True):
    """A person or an organisation; the name is empty once it was deleted. `beside` is the person's organisation."""

    id: UUID
    name: str
    beside: str
    participations: int
    minutes: int


class WhoPage(Struct, frozen=True, kw_only=True):
    """One page in the order of names; the sums of all pages stand on the first alone.

    `without` are the participations of nobody here: those without an organisation.
    """

    rows: list[Who]
    next: UUID | None = None
    total: int | None = None
    participations: int | None = None
    without: int | None = None


_ORGANISATION_NAMED = sort_sql("organisation.name")

_NAMED = {
    "persons": f"""
SELECT person.id, trim(person.given_name || ' ' || person.family_name) AS name,
    coalesce(organisation.name, '') AS beside, participations, minutes
FROM each_one JOIN person ON person.id = each_one.id LEFT JOIN organisation ON organisation.id = person.organisation
WHERE $18::text IS NULL OR ({PERSON_NAMED}, person.id) > ($18, $19::uuid)
ORDER BY {PERSON_NAMED}, person.id LIMIT $20
""",
    "organisations": f"""
SELECT organisation.id, organisation.name, coalesce(organisation.business_id, '') AS beside, participations, minutes
FROM each_one JOIN organisation ON organisation.id = each_one.id
WHERE $18::text IS NULL OR ({_ORGANISATION_NAMED}, organisation.id) > ($18, $19::uuid)
ORDER BY {_ORGANISATION_NAMED}, organisation.id LIMIT $20
""",
}


_KEY = {
    "persons": f"SELECT {PERSON_NAMED}, id FROM person WHERE id = $1",
    "organisations": f"SELECT {_ORGANISATION_NAMED}, id FROM organisation WHERE id = $1",
}


async def who(filters: Filters, reach: Reach, behind: Behind, kind: Kind, *, after: UUID | None = None) -> WhoPage:
    """Return who is behind a figure, from the one that follows `after` on; of an unknown `by` there is nobody."""
    one = kind.removesuffix("s")
    counted = f"SELECT {one} AS id, count(*) AS participations, sum(minutes) AS minutes FROM shown GROUP BY {one}"
    sums = f"SELECT count(DISTINCT {one}) AS total, count({one}) AS participations, count(*) - count({one}) AS without"
    async with snapshot() as connection:
        opened = await shown_of(behind)
        if opened is None:
            return WhoPage(rows=[], total=0, participations=0, without=0)
        shown, given = opened[0], (*counting.arguments(filters, reach), *opened[1])
        key = (None, None) if after is None else await connection.fetchrow(_KEY[kind], after)
        if key is None:
            return WhoPage(rows=[])
        await connection.execute(COUNTING)
        found = await connection.fetch(f"{shown}, each_one AS ({counted}) {_NAMED[kind]}", *given, *key, PAGE + 1)
        told = {} if after else dict(await connection.fetchrow(f"{shown} {sums} FROM shown", *given))
    made = [msgspec.convert(dict(row), Who) for row in found[:PAGE]]
    return WhoPage(rows=made, next=made[-1].id if len(found) > PAGE else None, **told)
