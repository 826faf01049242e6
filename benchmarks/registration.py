"""Registration through the API against the same rows written by pgbench in one statement."""

import asyncio
from itertools import count

from benchmarks.harness import Figure, compare, pgbench, post, wrk
from benchmarks.stage import SLUG, TOKEN, Stage, connected

TARGET = 0.5
PLACES = 500


def measure(stage: Stage) -> list[Figure]:
    """Load one event at several numbers of clients; then look that nothing was oversold."""
    address = f"{stage.web_url}/api/v1/events/{SLUG}/registrations"
    post(
        address,
        {"given_name": "Ensi", "family_name": "Koe", "email": "ensi@yritys.example", "organisation": "Yritys 1 Oy",
         "municipality": "837", "language": "fi", "answers": {}, "consents": {}},
        TOKEN,
    )  # fmt: skip
    asyncio.run(_capacity(stage, PLACES))
    runs = count(1)
    compared = compare(
        lambda clients: wrk(address, clients=clients, script="registration.lua", TOKEN=TOKEN, RUN=f"r{next(runs)}"),
        lambda clients: pgbench(
            stage.pgbench, stage.database_url, "registration.sql", clients=clients, site=str(stage.site)
        ),
    )
    best = compared.loads[compared.best]
    oversold = asyncio.run(_oversold(stage))
    return [
        Figure(
            "registration through the API",
            f"{best.rate:,.0f}/s at {compared.best} clients, median {best.median:.1f} ms,"
            f" {compared.errors} errors, {oversold} oversold",
            f"pgbench {compared.floors[compared.floor]:,.0f}/s at {compared.floor} clients",
            f"{compared.ratio:.0%}",
            f"≥ {TARGET:.0%}, 0 oversold",
            compared.ratio >= TARGET and not compared.errors and not oversold,
        )
    ]


async def _capacity(stage: Stage, places: int) -> None:
    async with connected(stage.database_url) as connection:
        await connection.execute("UPDATE site SET capacity = $1 WHERE id = $2", places, stage.site)


async def _oversold(stage: Stage) -> int:
    async with connected(stage.database_url) as connection:
        held = await connection.fetchval(
            "SELECT count(*) FROM registration WHERE site = $1 "
            " AND state IN ('confirmed', 'offered', 'awaiting_address')",
            stage.site,
        )
    return max(0, int(held) - PLACES)
