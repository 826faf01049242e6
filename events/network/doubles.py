"""Finding organisations and persons that probably stand in the register twice."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.network.matching import ALIKE, SHARED_DOMAINS, likeness
from events.network.register_tables import RegisterKind

SHOWN = 25
"""So many pairs stand on the page, the likeliest first."""

ALIKE_AT_ADDRESS = 0.55
"""What ALIKE is for organisations, of persons who share an address, where less is telling."""

_DOMAIN_TELLS = 0.5
_PEOPLE_TELL = 0.3
_REGISTER_TELLS = 0.95


class Reason(Struct, frozen=True):
    """Why two are proposed: `by` is name, alias, domain or register, of persons address, organisation or host.

    `likeness` is between 0 and 1 for names, else 1; `what` names the domain or the other name.
    """

    by: str
    likeness: float
    what: str = ""


class Pair(Struct, frozen=True):
    """Two that may be one; `likelihood` is between 0 and 1."""

    one: UUID
    other: UUID
    likelihood: float
    reasons: list[Reason]


_TOLD = """
SELECT least(first.id, second.id) AS one, greatest(first.id, second.id) AS other
FROM told_apart
JOIN LATERAL (SELECT coalesce(merged_into, id) AS id FROM {kind} WHERE id = told_apart.one) AS first ON true
JOIN LATERAL (SELECT coalesce(merged_into, id) AS id FROM {kind} WHERE id = told_apart.other) AS second ON true
WHERE told_apart.kind = '{kind}'
"""

_LIKELIEST = """
SELECT one, other, (1 - exp(sum(ln(1 - tells))))::float8 AS likelihood,
    jsonb_agg(jsonb_build_object('by', by, 'likeness', likeness, 'what', what) ORDER BY tells DESC, by) AS reasons,
    count(*) OVER () AS total
FROM (SELECT DISTINCT ON (one, other, by) * FROM reason ORDER BY one, other, by, tells DESC) AS once
WHERE (one, other) NOT IN (SELECT one, other FROM told)
GROUP BY one, other ORDER BY likelihood DESC, one, other LIMIT $1
"""

# How alike two names are is twice the groups of three letters that both have, by all they have (Dice's coefficient).
# Compared are only names whose first or least common word begins with the same three letters, and of those only the
# ones whose groups, thrown into 256 bits each, are alike enough: that is a guess which costs next to nothing.
_ORGANISATIONS = f"""
WITH name AS MATERIALIZED (
    SELECT row_number() OVER () AS number, * FROM (
        SELECT id AS owner, folded, name AS written, 'name' AS by FROM organisation
        WHERE merged_into IS NULL AND folded <> ''
        UNION ALL
        SELECT organisation.id, alias.folded, alias.name, 'alias' FROM organisation_alias AS alias
        JOIN organisation ON organisation.id = alias.organisation AND alias.folded <> organisation.folded
        WHERE merged_into IS NULL
    ) AS every
), word AS MATERIALIZED (
    SELECT number, word, place, count(*) OVER (PARTITION BY word) AS uses
    FROM name, string_to_table(folded, ' ') WITH ORDINALITY AS words (word, place)
), beginning AS (
    SELECT number, left(word, 3) AS letters FROM word WHERE place = 1
    UNION
    SELECT number, left(word, 3) FROM (
        SELECT DISTINCT ON (number) number, word FROM word ORDER BY number, uses, word
    ) AS least_common
), part AS MATERIALIZED (
    SELECT number, array_agg(three) AS threes, count(*) AS size,
        bit_or(B'1'::bit(256) >> (hashtext(three) & 255)) AS bits
    FROM (
        SELECT DISTINCT number, substr('  ' || word || ' ', at, 3) AS three
        FROM word, generate_series(1, length(word) + 1) AS at
    ) AS every
    GROUP BY number
), sketch AS MATERIALIZED (
    SELECT number, letters, bits, bit_count(bits) AS ones FROM beginning JOIN part USING (number)
), met AS MATERIALIZED (
    SELECT DISTINCT mine.number AS one, theirs.number AS other
    FROM sketch AS mine JOIN sketch AS theirs USING (letters)
    WHERE mine.number < theirs.number
        AND 2 * bit_count(mine.bits & theirs.bits) >= {ALIKE} * (mine.ones + theirs.ones)
), alike AS MATERIALIZED (
    SELECT one, other, 2.0 * (SELECT count(*) FROM unnest(mine.threes) AS three WHERE three = ANY (theirs.threes))
        / (mine.size + theirs.size) AS likeness
    FROM met JOIN part AS mine ON mine.number = one JOIN part AS theirs ON theirs.number = other
), domain AS (
    SELECT id AS owner, domain FROM organisation, unnest(domains) AS domain WHERE merged_into IS NULL
), staffed AS (
    SELECT DISTINCT person.organisation AS owner, domain.domain
    FROM domain JOIN person ON split_part(person.email, '@', 2) = domain.domain
    JOIN organisation ON organisation.id = person.organisation AND organisation.merged_into IS NULL
    WHERE person.merged_into IS NULL
), found AS (
    SELECT mine.owner AS first, theirs.owner AS second, likeness,
        CASE WHEN mine.by = 'name' AND theirs.by = 'name' THEN 'name' ELSE 'alias' END AS by,
        CASE WHEN mine.by = 'alias' THEN mine.written WHEN theirs.by = 'alias' THEN theirs.written ELSE '' END AS what,
        likeness * 0.99 AS tells
    FROM alike JOIN name AS mine ON mine.number = one JOIN name AS theirs ON theirs.number = other
    WHERE likeness >= {ALIKE}
    UNION ALL
    SELECT mine.owner, theirs.owner, 1, 'domain', domain, {_DOMAIN_TELLS}
    FROM domain AS mine JOIN domain AS theirs USING (domain)
    UNION ALL -- whose people have addresses there, but who named it otherwise
    SELECT mine.owner, theirs.owner, 1, 'domain', domain, {_PEOPLE_TELL}
    FROM domain AS mine JOIN staffed AS theirs USING (domain)
    UNION ALL
    SELECT organisation.id, name.owner, 1, 'register', business_look_up.name, {_REGISTER_TELLS}
    FROM business_look_up JOIN organisation USING (business_id) JOIN name ON name.folded = business_look_up.folded
    WHERE organisation.merged_into IS NULL AND business_look_up.state = 'found'
), reason AS (
    SELECT least(first, second) AS one, greatest(first, second) AS other, by, likeness, what, tells
    FROM found JOIN organisation AS mine ON mine.id = first JOIN organisation AS theirs ON theirs.id = second
    -- two business IDs are two organisations, however alike they are called
    WHERE first <> second AND (mine.business_id = theirs.business_id) IS NOT FALSE
), told AS ({_TOLD.format(kind="organisation")})
{_LIKELIEST}
"""

_PERSONS_ALIKE = f"""
WITH who AS MATERIALIZED (
    SELECT id, email, organisation, folded, string_to_array(folded, ' ') AS words,
        ARRAY(SELECT word FROM string_to_table(folded, ' ') AS word ORDER BY word) AS name,
        nullif(split_part(email, '@', 2), '') AS domain
    FROM person WHERE merged_into IS NULL AND erased_at IS NULL AND folded <> ''
), neighbour AS MATERIALIZED (
    SELECT mine.id AS first, theirs.id AS second, mine.words <@ theirs.words OR theirs.words <@ mine.words AS within,
        {likeness("mine.folded", "theirs.folded")} AS likeness
    FROM who AS mine JOIN who AS theirs ON theirs.email = mine.email AND theirs.id > mine.id
), found AS (
    SELECT first, second, 'address' AS by, likeness, 0.5 + likeness * 0.49 AS tells FROM neighbour
    WHERE within OR likeness >= {ALIKE_AT_ADDRESS}
    UNION ALL
    SELECT mine.id, theirs.id, 'organisation', 1, 0.8 FROM who AS mine
    JOIN who AS theirs ON theirs.name = mine.name AND theirs.organisation = mine.organisation AND theirs.id > mine.id
    UNION ALL
    SELECT mine.id, theirs.id, 'host', 1, 0.7 FROM who AS mine
    JOIN who AS theirs ON theirs.name = mine.name AND theirs.domain = mine.domain AND theirs.id > mine.id
    WHERE mine.domain <> ALL($2)
), reason AS (
    SELECT least(first, second) AS one, greatest(first, second) AS other, by, likeness, '' AS what, tells FROM found
), told AS ({_TOLD.format(kind="person")})
"""

_PERSONS = f"{_PERSONS_ALIKE} {_LIKELIEST}"

_ALL_PERSONS = f"""
{_PERSONS_ALIKE}, open AS (
    SELECT one, other FROM reason WHERE $1::int IS NULL AND (one, other) NOT IN (SELECT one, other FROM told)
)
SELECT one AS id FROM open UNION SELECT other FROM open
"""


_SETTINGS = "SET LOCAL work_mem = '32MB'; SET LOCAL enable_nestloop = off; SET LOCAL jit = off"
"""The planner cannot know how many rows the steps have; what is compared is hashed, not looked up one by one."""


async def pairs(kind: RegisterKind) -> tuple[list[Pair], int]:
    """Return the likeliest pairs that may be one, and how many there are in all."""
    async with database.transaction(readonly=True):
        await database.execute(_SETTINGS)
        if kind is RegisterKind.ORGANISATION:
            rows = await database.fetch(_ORGANISATIONS, SHOWN)
        else:
            rows = await database.fetch(_PERSONS, SHOWN, sorted(SHARED_DOMAINS))
    return [_pair(row) for row in rows], rows[0]["total"] if rows else 0


async def persons_in_pairs() -> list[UUID]:
    """Return every person that is in any of the pairs which may be one; call it in a transaction."""
    await database.execute(_SETTINGS)
    found = await database.fetch(_ALL_PERSONS, None, sorted(SHARED_DOMAINS))
    await database.execute("SET LOCAL enable_nestloop = on")
    return [row["id"] for row in found]


def _pair(row: Mapping[str, Any]) -> Pair:
    reasons: Sequence[Any] = msgspec.json.decode(row["reasons"])
    return Pair(row["one"], row["other"], row["likelihood"], msgspec.convert(reasons, list[Reason]))
