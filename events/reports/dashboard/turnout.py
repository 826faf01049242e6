"""Who was invited and who did not come, of the events that were reconciled."""

from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.reports.counting.choice import Choice
from events.reports.filters import Filters


class Turnout(Struct, frozen=True):
    """`invited` is None where the filters ask for something that the invited have not said of themselves."""

    invited: int | None
    no_shows: int


_TURNOUT = """
SELECT {event} AS event, coalesce(sum(number) FILTER (WHERE step = 'invited'), 0) AS invited,
    coalesce(sum(number) FILTER (WHERE step = 'absent' AND ({counts}) AND turnout.cells & $4 = $4), 0) AS no_shows
FROM turnout
JOIN (SELECT DISTINCT ON (event) * FROM unnest($1::uuid[], {lists}) AS given (event, {names})) AS chosen
    ON chosen.event = turnout.event
JOIN event ON event.id = turnout.event
WHERE ($2::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date >= $2)
    AND ($3::date IS NULL OR (event.starts_at AT TIME ZONE event.zone)::date <= $3)
    AND ($5::text IS NULL OR event.host_region = $5) AND ($6::text IS NULL OR event.kind = $6)
GROUP BY 1
"""


def says_of_participants(filters: Filters) -> bool:
    """Whether the filters ask for something that the invited, and who answers a survey, have not said of themselves."""
    return bool(filters.region or filters.type or filters.size or filters.mode)


async def turnout(connection: Connection, choice: Choice) -> Turnout:
    """Count the turnout of the chosen events: no-shows in the roles and kinds that count, invitations of all."""
    counted = await _count(connection, choice, "NULL::uuid")
    nothing = Turnout(None if says_of_participants(choice.filters) else 0, 0)
    return counted.get(None, nothing)


async def turnout_by_event(connection: Connection, choice: Choice) -> dict[UUID, Turnout]:
    """Count the same for each event that has any."""
    counted = await _count(connection, choice, "turnout.event")
    return {event: each for event, each in counted.items() if event is not None}


async def _count(connection: Connection, choice: Choice, event: str) -> dict[UUID | None, Turnout]:
    filters = choice.filters
    words = choice.projects.number
    places = range(7, 7 + words)
    counts = " OR ".join(
        f"(chosen.projects_{n} & (${place + words}::bigint[])[turnout.counts_as] & ${place + 2 * words}::bigint) <> 0"
        for n, place in enumerate(places)
    )
    rows = await connection.fetch(
        _TURNOUT.format(
            event=event,
            counts=counts,
            lists=", ".join(f"${place}::bigint[]" for place in places),
            names=", ".join(f"projects_{n}" for n in range(words)),
        ),
        *(choice.events, filters.start, filters.end, choice.cells, filters.host, filters.kind),
        *choice.projects_of,
        *choice.allowed,
        *(choice.wanted or [-1] * words),
    )
    unsaid = says_of_participants(filters)
    return {row["event"]: Turnout(None if unsaid else row["invited"], row["no_shows"]) for row in rows}
