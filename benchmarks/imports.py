"""Importing ten thousand participants from a table: as `sixnet import participants` does, and as a worker does."""

import asyncio
import time
from uuid import UUID, uuid4

import asyncpg

from benchmarks.harness import Figure
from benchmarks.stage import Stage, add_event, connected
from events.accounts.queries import staff_actor
from events.core import clock, database
from events.core.actor import SYSTEM, Actor
from events.core.documents.actions import make_due
from events.core.tabular import read_table
from events.documents import KINDS
from events.programme import queries as programme
from events.registration.imports import work
from events.registration.imports.actions import ParticipantsReport, import_participants

ROWS = 10_000
PER_ORGANISATION = 2
SECONDS = 30
"""How long they may take."""


def measure(stage: Stage) -> list[Figure]:
    """Import the table twice, all of it new the first time and known the second; then others as a worker."""
    first, again, worked = asyncio.run(_import_all(stage))
    return [
        Figure(f"import of {ROWS:,} participants", f"{first:.1f} s", "", "", f"< {SECONDS} s", first < SECONDS),
        Figure("the same table again", f"{again:.1f} s", "", "", f"< {SECONDS} s", again < SECONDS),
        Figure(
            f"import of {ROWS:,} confirmed in the browser, by a worker that tells how far it is",
            f"{worked:.1f} s",
            "",
            "",
            f"< {SECONDS} s",
            worked < SECONDS,
        ),
    ]


async def _import_all(stage: Stage) -> tuple[float, float, float]:
    async with database.pooled(stage.database_url, size=4):
        async with connected(stage.database_url) as connection:
            event, _site = await add_event(connection, "imported")
            other, _site = await add_event(connection, "imported-by-a-worker")
            organiser = await _organiser(connection)
        begun = time.perf_counter()
        first = await import_participants(_table("a"), event, actor=SYSTEM, now=clock.now())
        between = time.perf_counter()
        again = await import_participants(_table("a"), event, actor=SYSTEM, now=clock.now())
        ended = time.perf_counter()
        _require(first, added=ROWS)
        _require(again, added=0)
        await _by_worker(other, organiser)
        worked = time.perf_counter()
    return between - begun, ended - between, worked - ended


async def _organiser(connection: asyncpg.Connection) -> UUID:
    staff = uuid4()
    await connection.execute("INSERT INTO staff (id, email, name) VALUES ($1, 'tuoja@sixnet.example', '')", staff)
    await connection.execute("INSERT INTO staff_grant (id, staff, role) VALUES ($1, $2, 'admin')", uuid4(), staff)
    return staff


async def _by_worker(event_id: UUID, organiser: UUID) -> None:
    """Confirm a table of people that nobody knows yet, and work as a worker does until it is done."""
    event, found = await programme.by_id(event_id), await staff_actor(organiser)
    if event is None or found is None:
        raise RuntimeError("the stage is not set")
    actor: Actor = found[0]
    table = read_table(_table("b"))
    await work.order(event, table, "lista.csv", answers={}, send=False, actor=actor, now=clock.now())
    await make_due(KINDS, now=clock.now())
    added = await database.fetchval("SELECT count(*) FROM registration WHERE event = $1", event_id)
    if added != ROWS:
        raise RuntimeError(f"{added} rows were added instead of {ROWS}")


def _require(report: ParticipantsReport, *, added: int) -> None:
    if report.added != added or report.refused:
        raise RuntimeError(f"{report.added} rows were added instead of {added}, {len(report.refused)} refused")


def _table(letter: str) -> bytes:
    """Return a table whose people and organisations differ by a letter from those of another."""
    rows = ["Sukunimi;Etunimi;Sähköposti;Organisaatio;Kotikunta;Osallistuu"]
    for number in range(ROWS):
        firm = number // PER_ORGANISATION
        who = f"Mittaaja {number};Maija;maija{number}@firma{letter}{firm}.example"
        rows.append(f"{who};Firma {letter} {firm} Oy;Tampere;x")
    return "\n".join(rows).encode()
