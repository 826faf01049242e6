"""Registration through the API against the same rows written by pgbench in one statement."""

import asyncio

from benchmarks.harness import CLIENTS, Figure, pgbench, post, wrk
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
    floor, floor_clients = pgbench(stage.pgbench, stage.database_url, "registration.sql", site=str(stage.site))
    loads = [
        (wrk(address, clients=clients, script="registration.lua", TOKEN=TOKEN, RUN=f"r{clients}"), clients)
        for clients in CLIENTS
    ]
    best, clients = max(loads, key=lambda pair: pair[0].rate)
    errors = sum(load.errors for load, _ in loads)
    oversold = asyncio.run(_oversold(stage))
    ratio = best.rate / floor
    return [
        Figure(
            "registration through the API",
            f"{best.rate:,.0f}/s at {clients} clients, median {best.median:.1f} ms,"
            f" {errors} errors, {oversold} oversold",
            f"pgbench {floor:,.0f}/s at {floor_clients} clients",
            f"{ratio:.0%}",
            f"≥ {TARGET:.0%}, 0 oversold",
            ratio >= TARGET and not errors and not oversold,
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
