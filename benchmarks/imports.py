"""Importing ten thousand participants from a table, as `sixnet import participants` does."""

import asyncio
import time

from benchmarks.harness import Figure
from benchmarks.stage import Stage, add_event, connected
from events.core import clock, database
from events.core.actor import SYSTEM
from events.registration.imports.actions import ParticipantsReport, import_participants

ROWS = 10_000
PER_ORGANISATION = 2
SECONDS = 30
"""How long they may take."""


def measure(stage: Stage) -> list[Figure]:
    """Import the table twice: all of it is new the first time and known the second."""
    first, again = asyncio.run(_import_twice(stage))
    return [
        Figure(f"import of {ROWS:,} participants", f"{first:.1f} s", "", "", f"< {SECONDS} s", first < SECONDS),
        Figure("the same table again", f"{again:.1f} s", "", "", f"< {SECONDS} s", again < SECONDS),
    ]


async def _import_twice(stage: Stage) -> tuple[float, float]:
    async with database.pooled(stage.database_url, size=4):
        async with connected(stage.database_url) as connection:
            event, _site = await add_event(connection, "imported")
        begun = time.perf_counter()
        first = await import_participants(_table(), event, actor=SYSTEM, now=clock.now())
        between = time.perf_counter()
        again = await import_participants(_table(), event, actor=SYSTEM, now=clock.now())
        ended = time.perf_counter()
    _require(first, added=ROWS)
    _require(again, added=0)
    return between - begun, ended - between


def _require(report: ParticipantsReport, *, added: int) -> None:
    if report.added != added or report.refused:
        raise RuntimeError(f"{report.added} rows were added instead of {added}, {len(report.refused)} refused")


def _table() -> bytes:
    rows = ["Sukunimi;Etunimi;Sähköposti;Organisaatio;Kotikunta;Osallistuu"]
    for number in range(ROWS):
        firm = number // PER_ORGANISATION
        rows.append(f"Mittaaja {number};Maija;maija{number}@firma{firm}.example;Firma {firm} Oy;Tampere;x")
    return "\n".join(rows).encode()
