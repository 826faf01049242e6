"""What the network effect is counted from: the organisations of each event, who came back, and the yearly clock."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from itertools import chain
from queue import SimpleQueue

from asyncpg import Connection
from msgspec import Struct
from msgspec.structs import replace

from events.reports.counting import passes
from events.reports.counting.choice import Choice, choose
from events.reports.counting.layout import REGIONS
from events.reports.counting.passes import REGION
from events.reports.effect import rules
from events.reports.effect.bits import WIDTH
from events.reports.effect.rules import Meeting, Network
from events.reports.filters import Filters, Reach

MOST = 5
"""Persons who came this often or oftener are one group, and so are those of this many regions or themes."""


class CameBack(Struct, frozen=True):
    """How many persons took part how often, and of those who did so twice or more, in how many different what.

    Each is number (up to `MOST`) → persons; `uncertain` persons have no address by which to be known again.
    """

    times: dict[int, int]
    hosts: dict[int, int]
    themes: dict[int, int]
    regions: dict[int, int]
    uncertain: int


class Count(Struct, frozen=True):
    """All that is counted over participations; `ids` are those of the organisations, by number."""

    network: Network
    came_back: CameBack
    ids: list[object]


_DAYS = "SELECT min(held_on) AS first, max(held_on) AS last FROM participation WHERE held_on <= coalesce($1, held_on)"

_ORGANISATIONS = "SELECT id, coalesce(merged_into, id) AS stays FROM organisation ORDER BY id"


async def count(connection: Connection, filters: Filters, reach: Reach) -> Count:
    """Count anew, in one snapshot.

    The links of a year are counted in a thread, so that the process goes on answering, while the database reads the
    next year and then counts persons.
    """
    await connection.execute(passes.SETTINGS)
    choice = await choose(connection, filters, reach)
    rows = await connection.fetch(_ORGANISATIONS)
    ids = [row["id"] for row in rows]
    number = {each: place for place, each in enumerate(ids)}
    numbers = [number[row["stays"]] for row in rows]
    read: SimpleQueue[list[Meeting]] = SimpleQueue()
    meetings = chain.from_iterable(iter(read.get, []))
    # a thread has no part in our transaction, as a task beside this one would
    counted = asyncio.get_running_loop().run_in_executor(None, rules.count, meetings, filters.start)
    try:
        async for year in _years(connection, choice, (ids, numbers)):
            read.put(year)
    finally:
        read.put([])
    came_back = await _came_back(connection, choice)
    return Count(await counted, came_back, ids)


async def _years(
    connection: Connection, choice: Choice, organisations: tuple[list[object], list[int]]
) -> AsyncIterator[list[Meeting]]:
    """Yield the meetings of each year that has some, up to the end of the period."""
    days = await connection.fetchrow(_DAYS, choice.period.end)
    if days is None or days["first"] is None:
        return
    for year in range(days["first"].year, days["last"].year + 1):
        of_year = replace(choice, period=replace(choice.period, end=min(days["last"], date(year, 12, 31))))
        if meetings := await _meetings(connection, of_year, date(year, 1, 1), organisations):
            yield meetings


async def _meetings(
    connection: Connection, choice: Choice, since: date, organisations: tuple[list[object], list[int]]
) -> list[Meeting]:
    made = passes.rows(choice, since)
    ids, numbers = (made.put(organisations[0], "uuid[]"), made.put(organisations[1], "bigint[]"))
    met = f"""
SELECT met.event, min(met.held_on) AS held_on,
    array_agg((coalesce(known.number, {rules.NO_ORGANISATION}) << {WIDTH}) | met.region) AS codes
FROM (SELECT entry.event, entry.held_on, entry.organisation, entry.cells & {REGION.mask} AS region
      FROM {made.source} AND {made.counted}) AS met
LEFT JOIN unnest({ids}, {numbers}) AS known (organisation, number) ON known.organisation = met.organisation
GROUP BY met.event ORDER BY 2, 1
"""
    return [Meeting(row["event"], row["held_on"], row["codes"]) for row in await made.fetch(connection, met)]


async def _came_back(connection: Connection, choice: Choice) -> CameBack:
    made = passes.rows(choice, choice.period.start)
    themes = {name: word for name, word in made.words.items() if name.startswith("themes")}
    gathered = {
        "hosts": "bit_or(1 << nullif(entry.host_region, '')::int)",
        "regions": f"bit_or((entry.cells & {(1 << len(REGIONS)) - 1})::int)",
        # bit 0 of the first word stands for "no theme"
        **{name: f"bit_or({word}{' & ~1::bigint' if name == 'themes_0' else ''})" for name, word in themes.items()},
        "certain": "bool_or(entry.person_certain)::int",
    }
    columns = ", ".join(f"{expression} AS {name}" for name, expression in gathered.items())
    one = f"""
SELECT entry.person AS key, count(*) AS times, {columns} FROM {made.source} AND {made.counted} GROUP BY entry.person"""
    gone, stay = choice.merged["person"]
    if gone:
        again = ", ".join(f"bit_or({name}) AS {name}" for name in gathered)
        one = f"""
SELECT coalesce(same.stays, met.key) AS key, sum(times) AS times, {again} FROM ({one}) AS met
LEFT JOIN unnest({made.put(gone, "uuid[]")}, {made.put(stay, "uuid[]")}) AS same (gone, stays)
    ON same.gone = met.key GROUP BY 1"""
    number_of_themes = " + ".join(f"bit_count({name}::bit(64))" for name in themes)
    rows = await made.fetch(
        connection,
        f"""
SELECT least(times, {MOST})::int AS times, least(bit_count(coalesce(hosts, 0)::bit(32)), {MOST})::int AS hosts,
    least({number_of_themes}, {MOST})::int AS themes, least(bit_count(regions::bit(32)), {MOST})::int AS regions,
    certain, count(*) AS persons
FROM ({one}) AS one GROUP BY 1, 2, 3, 4, 5""",
    )
    found: dict[str, dict[int, int]] = {name: {} for name in ("times", "hosts", "themes", "regions")}
    for row in rows:
        for name, persons in found.items():
            if name == "times" or row["times"] > 1:
                persons[row[name]] = persons.get(row[name], 0) + row["persons"]
    uncertain = sum(row["persons"] for row in rows if not row["certain"])
    return CameBack(**{name: dict(sorted(persons.items())) for name, persons in found.items()}, uncertain=uncertain)


_CLOCK = """
SELECT entry.year || '-Q' || entry.quarter AS quarter, count(*) AS planned, count(event.id) AS made,
    count(*) FILTER (WHERE event.ends_at <= $1) AS held
FROM planned_entry AS entry
LEFT JOIN project ON project.id = entry.project
LEFT JOIN event ON event.id = entry.event AND event.state = 'published'
WHERE ($2::date IS NULL OR make_date(entry.year, entry.quarter * 3, 28) >= date_trunc('quarter', $2::date))
    AND ($3::date IS NULL OR make_date(entry.year, entry.quarter * 3 - 2, 1) <= $3::date)
    AND ($4::text IS NULL OR project.code = $4) AND ($5::text IS NULL OR entry.theme = $5)
    AND ($6::text IS NULL OR entry.kind = $6) AND ($7::text IS NULL OR entry.region = $7)
    AND ($8::boolean OR entry.region = ANY($9::text[]) OR event.host_region = ANY($9) OR event.id = ANY($10::uuid[]))
GROUP BY 1 ORDER BY 1
"""


class ClockRow(Struct, frozen=True):
    """What was planned for a quarter; of it, what became a published event, and what of that was held."""

    quarter: str
    planned: int
    made: int
    held: int


async def clock(connection: Connection, filters: Filters, reach: Reach, now: datetime) -> list[ClockRow]:
    """Return the quarters of the yearly clock that the filters on the programme let in."""
    rows = await connection.fetch(
        _CLOCK,
        *(now, filters.start, filters.end, filters.project, filters.theme, filters.kind, filters.host),
        *(reach.everywhere, list(reach.regions), list(reach.events)),
    )
    return [ClockRow(**dict(row)) for row in rows]
