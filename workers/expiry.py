"""Removes what has served its time: limits, keys, receipts, sessions, health data, files, data of past events."""

from datetime import datetime

import dramatiq

from events.accounts import actions as accounts
from events.checkin.actions import expiring as doors
from events.core import clock, database, files, jobs, limits
from events.core.documents import actions as documents
from events.core.documents import queries as document_queries
from events.outreach import actions as outreach
from events.programme.materials import queries as materials
from events.registration.announcements import actions as announcements
from events.registration.own import expiring as registrations
from events.registration.questions import health

_EXPIRED = (
    "DELETE FROM idempotency_key WHERE created_at < $1::timestamptz - interval '7 days'",
    "DELETE FROM webhook_delivery WHERE finished_at < $1::timestamptz - interval '30 days'",
    "DELETE FROM receipt WHERE created_at < $1::timestamptz - interval '1 day'",
    "DELETE FROM mail_domain WHERE open_at < $1::timestamptz - interval '1 day'",
    "DELETE FROM bounce WHERE at < $1::timestamptz - interval '90 days'",
    (
        "DELETE FROM unreachable WHERE since < $1::timestamptz - interval '1 year'"
        " AND NOT EXISTS (SELECT FROM person WHERE email = address)"
    ),
    (
        "DELETE FROM service_state WHERE (starts_with(key, 'begun:') OR starts_with(key, 'failed:'))"
        " AND changed_at < $1::timestamptz - interval '1 day'"
    ),
)

_DONE = """
INSERT INTO service_state (key, value, changed_at) VALUES ('last_expiry', '', $1)
ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at
"""


async def expire(now: datetime) -> int:
    """Delete what has expired at `now`, once a day; returns how many rows and files went.

    The data of past events go last, in batches: when that is cut short, it goes on with the next tick.
    """
    async with database.transaction():
        gone = await limits.forget_old(now) + await accounts.expire(now) + await health.expire(now)
        for statement in _EXPIRED:
            gone += await database.execute(statement, now)
        gone += await announcements.forget_tests(now)
        expired = await documents.expire(now)
    await files.delete(expired)
    named = await materials.stored_files() | await document_queries.stored_files()
    gone += len(expired) + await files.delete_others(named, now)
    gone += await registrations.expire(now) + await doors.expire(now) + await outreach.expire(now)
    await database.execute(_DONE, now)
    return gone


@dramatiq.actor(actor_name="data.expire", queue_name=jobs.QUEUE, max_retries=0, time_limit=300_000)
async def expire_data() -> None:
    """Expire what is due now."""
    await expire(clock.now())
