"""`/metrics`: what the web processes counted, and how the work beside them stands, asked at each scrape."""

import os
from datetime import datetime

import asyncpg
from litestar import Response, get
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from events.accounts.guards import PUBLIC
from events.core import clock, database
from events.core.errors import ServiceError
from events.core.failing import failing
from events.core.jobs import JOBS
from events.core.parked import parked
from events.messaging.watching import standing

_BEATS = "SELECT key, changed_at FROM service_state WHERE key IN ('last_tick', 'worker')"

_NUDGES = """
SELECT count(*)::int AS n, coalesce(extract(epoch FROM now() - min(mtime)), 0)::float8 AS oldest
FROM dramatiq.queue WHERE state = 'queued'
"""


class _Found:
    """What was found at this scrape, as a registry that can be written out."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


@get("/metrics", opt=PUBLIC, include_in_schema=False)
async def metrics() -> Response[bytes]:
    """Return everything in Prometheus's text form; without a database what was counted here alone."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        found = await _gauges(clock.now())
    except (ServiceError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        found = []
    found.append(GaugeMetricFamily("sixnet_database_up", "Whether the database answered", value=bool(found)))
    return Response(generate_latest(registry) + generate_latest(_Found(found)), media_type=CONTENT_TYPE_LATEST)


async def _gauges(now: datetime) -> list[Metric]:
    stands = await standing(now)
    ended = GaugeMetricFamily("sixnet_mail_ended_badly", "Messages of the last day by how they ended", labels=["state"])
    for state, count in stands.ended.items():
        ended.add_metric([state], count)
    failures = GaugeMetricFamily("sixnet_jobs_failures", "How often in a row each job ended badly", labels=["job"])
    for job, times in (dict.fromkeys(sorted(JOBS), 0) | {each.job: each.times for each in await failing(now)}).items():
        failures.add_metric([job], times)
    figures = {
        "sixnet_mail_due": ("Messages that are due and have not left", stands.due),
        "sixnet_mail_oldest_due_seconds": ("How long the first of them has been due", stands.oldest),
        "sixnet_mail_awaited_oldest_seconds": (
            "How long the first has been due that somebody waits for, to a domain without a pace of its own",
            stands.awaited_oldest,
        ),
        "sixnet_mail_paced": ("Those of them whose domain has a pace of its own", stands.paced),
        "sixnet_mail_tried": ("Messages that were tried in vain and are tried again", stands.tried),
        "sixnet_webhooks_due": ("Webhooks that are due and were not taken", stands.webhooks_due),
        "sixnet_webhooks_oldest_due_seconds": ("How long the first of them has been due", stands.webhooks_oldest),
        "sixnet_webhooks_failed": ("Webhooks of the last day that were given up", stands.webhooks_failed),
        **await _of_jobs(now),
    }
    return [ended, failures, *(GaugeMetricFamily(name, text, value=value) for name, (text, value) in figures.items())]


async def _of_jobs(now: datetime) -> dict[str, tuple[str, float]]:
    """Return the figures of the jobs; those of a heartbeat that never was, or of a queue elsewhere, are left out."""
    beats = {row["key"]: (now - row["changed_at"]).total_seconds() for row in await database.fetch(_BEATS)}
    texts = {
        "last_tick": ("sixnet_tick_age_seconds", "the minute tick"),
        "worker": ("sixnet_worker_age_seconds", "a worker"),
    }
    figures: dict[str, tuple[str, float]] = {
        name: (f"Seconds since {what} was last seen", beats[key]) for key, (name, what) in texts.items() if key in beats
    }
    parked_messages = sum(each.messages for each in await parked())
    figures["sixnet_jobs_parked"] = ("Jobs that were begun again and again and never ended", parked_messages)
    if await database.fetchval("SELECT to_regclass('dramatiq.queue') IS NOT NULL"):
        row = await database.fetchrow(_NUDGES)
        figures["sixnet_nudges_waiting"] = ("Nudges in the queue of the database", row["n"] if row else 0)
        figures["sixnet_nudges_oldest_seconds"] = ("How long the first has waited", row["oldest"] if row else 0)
    return figures
