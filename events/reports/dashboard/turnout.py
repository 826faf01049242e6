"""Who was invited and who did not come, of the events that were reconciled."""

from asyncpg import Connection
from msgspec import Struct

from events.reports.counting.choice import Choice


class Turnout(Struct, frozen=True):
    """`invited` is None where the filters ask for something that the invited have not said of themselves."""

    invited: int | None
    no_shows: int


_TURNOUT = """
SELECT coalesce(sum(number) FILTER (WHERE step = 'invited'), 0) AS invited,
    coalesce(sum(number) FILTER (WHERE step = 'absent' AND ({counts}) AND turnout.cells & $4 = $4), 0) AS no_shows
FROM turnout
JOIN (SELECT DISTINCT ON (event) * FROM unnest($1::uuid[], {lists}) AS given (event, {names})) AS chosen
    ON chosen.event = turnout.event
JOIN event ON event.id = turnout.event
WHERE ($2::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $2)
    AND ($3::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $3)
    AND ($5::text IS NULL OR event.host_region = $5) AND ($6::text IS NULL OR event.kind = $6)
"""


async def turnout(connection: Connection, choice: Choice) -> Turnout:
    """Count the turnout of the chosen events: no-shows in the roles and kinds that count, invitations of all."""
    filters = choice.filters
    words = choice.projects.number
    places = range(7, 7 + words)
    counts = " OR ".join(
        f"(chosen.projects_{n} & (${place + words}::bigint[])[turnout.counts_as] & ${place + 2 * words}::bigint) <> 0"
        for n, place in enumerate(places)
    )
    row = await connection.fetchrow(
        _TURNOUT.format(
            counts=counts,
            lists=", ".join(f"${place}::bigint[]" for place in places),
            names=", ".join(f"projects_{n}" for n in range(words)),
        ),
        *(choice.events, filters.start, filters.end, choice.cells, filters.host, filters.kind),
        *choice.projects_of,
        *choice.allowed,
        *(choice.wanted or [-1] * words),
    )
    said = filters.region or filters.type or filters.size or filters.mode
    return Turnout(None if said or row is None else row["invited"], 0 if row is None else row["no_shows"])
