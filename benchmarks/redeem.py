"""Check-in through the API against the same look-up and the same rows in one pgbench statement."""

import asyncio
import tempfile
from itertools import count
from pathlib import Path
from uuid import UUID

from benchmarks.harness import Figure, compare, pgbench, wrk
from benchmarks.stage import TOKEN, Stage, add_event, connected
from events.core import secrets

TARGET = 0.3
P99_AT, P99_MOST = 16, 50.0
SLUG = "benchmark-door"
TICKETS = 20_000


def measure(stage: Stage) -> list[Figure]:
    """Give out tickets, then let doors read them one after the other."""
    event, tickets = asyncio.run(_tickets(stage))
    with tempfile.TemporaryDirectory(prefix="sixnet-bench-") as folder:
        path = Path(folder) / "tickets.txt"
        path.write_text("\n".join(tickets))
        address = f"{stage.web_url}/api/v1/checkin/redeem"
        given = {"TOKEN": TOKEN, "SLUG": SLUG, "TICKETS": str(path)}
        runs = count(1)  # no reading may have the nonce of an earlier one
        compared = compare(
            lambda clients: wrk(address, clients=clients, script="redeem.lua", RUN=str(next(runs)), **given),
            lambda clients: pgbench(
                stage.pgbench, stage.database_url, "redeem.sql", clients=clients, event=str(event), tickets=str(TICKETS)
            ),
        )
    p99 = compared.loads[P99_AT].p99
    return [
        Figure(
            "check-in redeem through the API",
            f"{compared.loads[compared.best].rate:,.0f}/s at {compared.best} clients,"
            f" p99 {p99:.1f} ms at {P99_AT} clients, {compared.errors} errors",
            f"pgbench {compared.floors[compared.floor]:,.0f}/s at {compared.floor} clients",
            f"{compared.ratio:.0%}",
            f"≥ {TARGET:.0%}, p99 < {P99_MOST:.0f} ms",
            compared.ratio >= TARGET and p99 < P99_MOST and not compared.errors,
        )
    ]


async def _tickets(stage: Stage) -> tuple[UUID, list[str]]:
    """Fill an event of their own; returns it and the secrets."""
    async with connected(stage.database_url) as connection:
        event, site = await add_event(connection, SLUG)
        persons = await connection.fetch(
            "INSERT INTO person (given_name, family_name, folded, email)"
            " SELECT 'Lippu', n::text, 'lippu ' || n, 'lippu' || n || '@yritys.example' FROM generate_series(1, $1) n"
            " RETURNING id",
            TICKETS,
        )
        rows = []
        made = []
        for number, person in enumerate(persons):
            identity = person["id"]
            secret = secrets.derive("ticket", identity)
            made.append(secret)
            rows.append((identity, event, identity, site, "confirmed", number, secrets.digest(secret),
                         f"{number:06d}", secrets.digest("manage" + secret)))  # fmt: skip
        await connection.copy_records_to_table(
            "registration",
            records=rows,
            columns=["id", "event", "person", "site", "state", "number", "ticket_hash", "ticket_code", "manage_hash"],
        )
        await connection.execute("ANALYZE registration; ANALYZE person")
    return event, made
