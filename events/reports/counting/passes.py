"""The SQL of the passes over participations: sums by cell; bits by person; bits by organisation; sums by event."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asyncpg import Connection, Record

from events.reports.counting.choice import WIDTH, Choice
from events.reports.counting.layout import AXES

SETTINGS = """
SET LOCAL work_mem = '64MB'; SET LOCAL hash_mem_multiplier = 4; SET LOCAL enable_nestloop = off; SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0
"""
"""For the transaction that counts: persons are gathered in memory, and the event of a row is found by hashing the
events once. Several workers would each gather all persons: that takes more of the processors than it saves of time."""

CHUNK = 12
"""Bits that are counted together: few enough that a hundred thousand words hold few different ones."""

INSIDE, BEFORE, EARLIER, CERTAIN = 1, 2, 4, 8
"""Bits of `seen`: in the period; in the one of the same length before it; before the period at all; in the period at
least once with an address."""

REGION = AXES["region"]


@dataclass
class Rows:
    """The counted rows of a choice as SQL, with the arguments it takes.

    `words` are columns of bits, name → expression; `inside` and `before` say in which period a row is.
    """

    arguments: list[Any] = field(default_factory=list)
    source: str = ""
    counted: str = ""
    words: dict[str, str] = field(default_factory=dict)
    inside: str = "true"
    before: str = "false"

    def put(self, value: object, kind: str) -> str:
        """Add an argument; returns what stands for it."""
        self.arguments.append(value)
        return f"${len(self.arguments)}::{kind}"

    async def fetch(self, connection: Connection, sql: str) -> list[Record]:
        """Run a statement with those of the arguments that it names."""
        used = list(dict.fromkeys(re.findall(r"\$(\d+)", sql)))
        place = {name: str(number) for number, name in enumerate(used, start=1)}
        renumbered = re.sub(r"\$(\d+)", lambda found: f"${place[found[1]]}", sql)
        return list(await connection.fetch(renumbered, *(self.arguments[int(name) - 1] for name in used)))


def rows(choice: Choice, since: date | None) -> Rows:
    """Say which rows a pass reads: what the filters let in, from `since` to the end of the period.

    DISTINCT tells the planner that an event stands once among the chosen; otherwise it takes their hash table for a
    bad one, and hashes or sorts the million rows instead.
    """
    made = Rows()
    columns = {f"projects_{n}": values for n, values in enumerate(choice.projects_of)}
    columns |= {f"themes_{n}": values for n, values in enumerate(choice.themes_of)}
    lists = [made.put(choice.events, "uuid[]"), *(made.put(values, "bigint[]") for values in columns.values())]
    projects = [
        f"(chosen.projects_{n} & ({made.put(allowed, 'bigint[]')})[entry.counts_as])"
        for n, allowed in enumerate(choice.allowed)
    ]
    wanted = [made.put(bits, "bigint") for bits in choice.wanted or ()]
    counts = [f"{each} & {bits}" for each, bits in zip(projects, wanted, strict=True)] if wanted else projects
    made.counted = "(" + " OR ".join(f"({each}) <> 0" for each in counts) + ")"
    made.words = {"cells": "entry.cells", **_months(choice, made)}
    made.words |= {name: f"chosen.{name}" for name in columns if name.startswith("themes")}
    made.words |= {f"projects_{n}": each for n, each in enumerate(projects)}
    conditions = [*_conditions(choice, made, since), *_told(choice, made)]
    made.source = (
        "participation AS entry JOIN (SELECT DISTINCT ON (event) *"
        f" FROM unnest({', '.join(lists)}) AS given (event, {', '.join(columns)})) AS chosen"
        f" ON chosen.event = entry.event WHERE {' AND '.join(conditions) or 'true'}"
    )
    if choice.period.start:
        made.inside = f"(entry.held_on >= {made.put(choice.period.start, 'date')})"
    if before := choice.period.before:
        made.before = f"(entry.held_on BETWEEN {made.put(before.start, 'date')} AND {made.put(before.end, 'date')})"
    return made


def _conditions(choice: Choice, made: Rows, since: date | None) -> list[str]:
    conditions = []
    if choice.cells:
        wanted = made.put(choice.cells, "bigint")
        conditions.append(f"entry.cells & {wanted} = {wanted}")
    if choice.filters.host:
        conditions.append(f"entry.host_region = {made.put(choice.filters.host, 'text')}")
    if since:
        conditions.append(f"entry.held_on >= {made.put(since, 'date')}")
    if choice.period.end:
        conditions.append(f"entry.held_on <= {made.put(choice.period.end, 'date')}")
    return conditions


def _told(choice: Choice, made: Rows) -> list[str]:
    """Leave out what is not told; nearly all events are not among those at all."""
    if not choice.untold:
        return []
    events = made.put([event for _projects, event in choice.untold], "uuid[]")
    counts_for = made.put([projects for projects, _event in choice.untold], "text[]")
    untold = f"SELECT * FROM unnest({counts_for}, {events})"
    return [f"NOT (entry.event = ANY({events}) AND ({projects_of(made)}, entry.event) IN ({untold}))"]


def projects_of(made: Rows) -> str:
    """Return the SQL of which projects a row counts for, as words with commas."""
    words = [name for word, name in made.words.items() if word.startswith("projects")]
    return " || ',' || ".join(f"({word})::text" for word in words)


def spelled(projects: Iterable[int]) -> str:
    """Spell words of bits as `projects_of` does."""
    return ",".join(map(str, projects))


def _months(choice: Choice, made: Rows) -> dict[str, str]:
    words = {}
    for number, start in enumerate(range(0, choice.months, WIDTH)):
        place = f"(entry.month - {made.put(choice.first_month + start, 'int')})"
        words[f"months_{number}"] = f"CASE WHEN {place} BETWEEN 0 AND {WIDTH - 1} THEN 1::bigint << {place} ELSE 0 END"
    return words


def sums(made: Rows) -> str:
    """Return rows of (what, inside, word, region, participations, minutes, with_organisation).

    `what` names the word that they are grouped by; those of the themes by region as well.
    """
    names = list(made.words)
    sets = [f"(inside, {name}{', region' if name.startswith('themes') else ''})" for name in names]
    what = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in names)
    columns = ", ".join(f"{expression} AS {name}" for name, expression in made.words.items())
    return f"""
SELECT CASE {what} END AS what, inside, coalesce({", ".join(names)}) AS word, region,
    count(*) AS participations, sum(minutes) AS minutes, count(organisation) AS with_organisation
FROM (SELECT {made.inside} AS inside, entry.cells & {REGION.mask} AS region,
          entry.minutes, entry.organisation, {columns}
      FROM {made.source} AND {made.counted}) AS counted
GROUP BY GROUPING SETS ({", ".join(sets)})
"""


def different(made: Rows, key: str, merged: tuple[list[Any], list[Any]], widths: Mapping[str, int]) -> str:
    """Return rows of (part, bits, sure, number): how many persons or organisations have which bits of a part.

    `key` is the column to tell them apart by, `widths` how many bits of each word are used; `sure` are the bits of rows
    with an address. Rows without a part say in which periods they were seen; without `widths` there are no others.
    """
    inside = "" if made.inside == "true" else f"{made.inside} AND "
    gathered = {name: f"bit_or({made.words[name]}) FILTER (WHERE {made.inside})" for name in widths}
    if key == "person":
        sure = {
            f"sure_{name}": f"bit_or({made.words[name]}) FILTER (WHERE {inside}entry.person_certain)" for name in widths
        }
        gathered |= sure
    seen = f"""CASE WHEN {made.inside} THEN CASE WHEN entry.person_certain THEN {INSIDE | CERTAIN} ELSE {INSIDE} END
        WHEN {made.before} THEN {BEFORE | EARLIER} ELSE {EARLIER} END"""
    columns = "".join(f", {expression} AS {name}" for name, expression in gathered.items())
    one = f"""
SELECT entry.{key} AS key, bit_or({seen}) AS seen{columns}
FROM {made.source} AND {made.counted} AND entry.{key} IS NOT NULL GROUP BY entry.{key}"""
    if merged[0]:
        again = "".join(f", bit_or({name}) AS {name}" for name in gathered)
        one = f"""
SELECT coalesce(same.stays, met.key) AS key, bit_or(seen) AS seen{again} FROM ({one}) AS met
LEFT JOIN unnest({made.put(merged[0], "uuid[]")}, {made.put(merged[1], "uuid[]")}) AS same (gone, stays)
    ON same.gone = met.key GROUP BY 1"""
    if not widths:
        return (
            f"SELECT NULL::int AS part, seen AS bits, 0 AS sure, count(*) AS number FROM ({one}) AS one GROUP BY seen"
        )
    return _by_bits(one, widths, with_sure=key == "person")


def _by_bits(one: str, widths: Mapping[str, int], *, with_sure: bool) -> str:
    pieces = parts(widths)
    mask = (1 << CHUNK) - 1
    kinds = ("", "sure_") if with_sure else ("",)
    columns = ", ".join(
        f"coalesce({kind}{name} >> {shift} & {mask}, 0) AS {kind}bits_{n}"
        for n, (name, shift) in enumerate(pieces)
        for kind in kinds
    )
    what = " ".join(f"WHEN grouping(bits_{n}) = 0 THEN {n}" for n in range(len(pieces)))
    bits, sure = (f"coalesce({', '.join(f'{kind}bits_{n}' for n in range(len(pieces)))})" for kind in ("", kinds[-1]))
    sets = ", ".join(f"({', '.join(f'{kind}bits_{n}' for kind in kinds)})" for n in range(len(pieces)))
    return f"""
SELECT CASE {what} END AS part, coalesce({bits}, seen) AS bits, coalesce({sure}, 0) AS sure, count(*) AS number
FROM (SELECT seen, {columns} FROM ({one}) AS one) AS each_one
GROUP BY GROUPING SETS ((seen), {sets})
"""


def parts(widths: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return which word, from which bit on, each numbered part of `different` is about."""
    return [(name, shift) for name, width in widths.items() for shift in range(0, width, CHUNK)]


def by_event(made: Rows) -> str:
    """Return rows of (event, participations, minutes)."""
    return f"""
SELECT entry.event, count(*) AS participations, sum(minutes) AS minutes
FROM {made.source} AND {made.counted} GROUP BY entry.event
"""


def not_counted(made: Rows) -> str:
    """Return how many rows do not count, by what they would count as and by the projects of their events."""
    projects = ", ".join(f"chosen.{name}" for name in made.words if name.startswith("projects"))
    return f"""
SELECT entry.counts_as, entry.role, entry.event_kind, ARRAY[{projects}] AS projects, count(*) AS participations
FROM {made.source} AND {made.counted} IS NOT TRUE GROUP BY entry.counts_as, entry.role, entry.event_kind, {projects}
"""
