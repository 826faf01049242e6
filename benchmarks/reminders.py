"""Finding the reminders that are due among a million registrations, and owing them; alone: -m benchmarks.reminders."""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Figure
from benchmarks.stage import KEY, Stage
from events.core import database, settings
from events.core.embedded import attached
from events.migrate import migrate
from events.outreach.reminders.actions import queue_due_reminders
from events.outreach.reminders.rules import DUE, IS_DUE
from workers.tick import tick

EVENTS, EACH, DUE_NOW = 2_000, 500, 20
"""Events, registrations of each, and events of which a reminder is due: a million, of which ten thousand are meant."""

MOST_MILLISECONDS = 100
ROUNDS = 15

# Held over the last two years but for one in ten, which lie ahead; of the first ones a day's reminder is due just now.
FILL = f"""
INSERT INTO person (id, given_name, family_name, folded, email)
SELECT md5('person' || n)::uuid, 'Aino', 'Mittaaja ' || n, 'aino mittaaja ' || n, 'aino.' || n || '@mittaus.example'
FROM generate_series(1, 100000) AS n;

INSERT INTO event (id, slug, kind, state, title_fi, starts_at, ends_at, host_region, languages, published_at)
SELECT md5('event' || n)::uuid, 'mittaus-' || n, 'workshop', 'published', 'Mittaus', at, at + interval '6 hours', '06',
    '{{fi}}', at - interval '60 days'
FROM generate_series(1, {EVENTS}) AS n CROSS JOIN LATERAL (SELECT CASE
    WHEN n <= {DUE_NOW} THEN now() + interval '23 hours 50 minutes'
    WHEN n % 10 = 0 THEN now() + n * interval '1 hour' + interval '8 days'
    ELSE now() - n * interval '9 hours' END AS at) AS placed;

INSERT INTO site (id, event, mode, name, municipality, taken, line)
SELECT md5('site' || n)::uuid, md5('event' || n)::uuid, 'venue', 'Sali', '837', {EACH}, {EACH}
FROM generate_series(1, {EVENTS}) AS n;

INSERT INTO registration (id, event, person, site, state, number, municipality, ticket_hash, ticket_code, manage_hash,
    registered_at)
SELECT md5('registration' || e || '/' || n)::uuid, md5('event' || e)::uuid,
    md5('person' || (e * {EACH} + n) % 100000 + 1)::uuid, md5('site' || e)::uuid, 'confirmed', n, '837',
    decode(md5('ticket' || e || '/' || n), 'hex'), lpad(n::text, 6, '0'), decode(md5('manage' || e || '/' || n), 'hex'),
    now() - interval '1000 days'
FROM generate_series(1, {EVENTS}) AS e CROSS JOIN generate_series(1, {EACH}) AS n;

INSERT INTO reminder_run (id, event, rule, occurrence)
SELECT gen_random_uuid(), event.id, rule.id, rule.id || '.0:0' FROM event CROSS JOIN reminder_rule AS rule
WHERE event.starts_at + make_interval(days => rule.days, mins => rule.minutes) < now() - interval '1 hour';
"""


def measure(stage: Stage) -> list[Figure]:
    """Fill the stage's database, then ask and owe."""
    return asyncio.run(_measure(stage.database_url))


async def _measure(url: str) -> list[Figure]:
    async with database.pooled(url, size=2):
        async with database.pool_connection() as connection:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute(FILL, timeout=600)
            await connection.execute("VACUUM ANALYZE", timeout=600)
            await connection.execute("SET statement_timeout = '30s'")
        now = datetime.now(UTC)
        asked = [await _milliseconds(IS_DUE, now) for _ in range(ROUNDS)]
        found = [await _milliseconds(DUE, now) for _ in range(ROUNDS)]
        plan = "\n".join(row[0] for row in await database.fetch(f"EXPLAIN {DUE}", now))
        ticks = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            names = await tick(now)
            ticks.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        owed = await queue_due_reminders(now)
        owing = time.perf_counter() - begun
        again = [await _milliseconds(DUE, now) for _ in range(ROUNDS)]
    asked_ms, found_ms, again_ms, tick_ms = (statistics.median(each) for each in (asked, found, again, ticks))
    right = "reminders.queue" in names and owed == DUE_NOW * EACH and "Seq Scan on event" not in plan
    return [
        Figure(
            f"due reminders among {EVENTS * EACH:,} registrations",
            f"medians: whether {asked_ms:.0f} ms, which {found_ms:.0f} ms, once they are owed {again_ms:.0f} ms;"
            f" the whole tick {tick_ms:.0f} ms; {owed:,} owed in {owing:.1f} s",
            "",
            "",
            f"< {MOST_MILLISECONDS} ms",
            max(asked_ms, found_ms, again_ms, tick_ms) < MOST_MILLISECONDS and right,
        )
    ]


async def _milliseconds(sql: str, now: datetime) -> float:
    begun = time.perf_counter()
    await database.fetch(sql, now)
    return (time.perf_counter() - begun) * 1000


async def _alone(url: str) -> list[Figure]:
    async with database.pooled(url, size=2):
        await migrate(url)
    return await _measure(url)


def main() -> int:
    """Measure in a cluster of its own; returns 1 when the target is missed."""
    with tempfile.TemporaryDirectory(prefix="sixnet-bench-") as folder, attached(Path(folder) / "data") as embedded:
        settings.override(secret_key=KEY, database_url=embedded.url, data_dir=folder)
        (figure,) = asyncio.run(_alone(embedded.url))
    sys.stdout.write(f"{figure.work}: {figure.measured} (target {figure.target})\n")
    return 0 if figure.met else 1


if __name__ == "__main__":
    sys.exit(main())
