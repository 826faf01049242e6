"""What is due, asked of the database: job name → a cheap question. The jobs themselves decide what to do."""

from collections.abc import Mapping
from datetime import datetime

from events.checkin.closing.reminding import LEFT_OPEN
from events.core import database
from events.core.settings import get_settings
from events.messaging.incoming.queries import IS_DUE as IS_DUE_TO_READ
from events.messaging.webhooks.delivery import IS_DUE as WEBHOOKS
from events.network.look_ups import WAITS
from events.outreach.digest.actions import IS_DUE as DIGESTS
from events.outreach.reminders.rules import IS_DUE as REMINDERS
from events.registration.announcements.actions import DUE as ANNOUNCEMENTS
from events.registration.groups.inviting import TO_INVITE
from events.registration.invitations.reminders import IS_DUE
from events.registration.line import PLACES_BESIDE_WAITING
from events.registration.offers import LAPSED_BY
from events.surveys.sending.rules import IS_DUE as SURVEYS

_MESSAGES = """
SELECT EXISTS (SELECT FROM message WHERE state = 'queued' AND due_at <= $1)
    OR EXISTS (SELECT FROM message WHERE state = 'sending' AND lease_until <= $1)
"""

_POOLS = "SELECT EXISTS (SELECT FROM survey WHERE pool <> '[]') AND $1::timestamptz IS NOT NULL"

_PLACES = f"SELECT EXISTS ({PLACES_BESIDE_WAITING}) OR EXISTS ({LAPSED_BY})"

_EXPIRY = """
SELECT NOT EXISTS (
    SELECT FROM service_state WHERE key = 'last_expiry' AND changed_at > $1::timestamptz - interval '1 day'
) OR EXISTS (SELECT FROM document WHERE expires_at <= $1) OR EXISTS (
    SELECT FROM event WHERE ((ends_at AT TIME ZONE zone) + interval '7 days') AT TIME ZONE zone <= $1 AND (
        id IN (SELECT event FROM question JOIN health_answer ON health_answer.question = question.id)
        OR id IN (SELECT event FROM kitchen_order))
)
"""

_LOOK_UPS = f"""
SELECT EXISTS (
    SELECT FROM organisation LEFT JOIN business_look_up AS known USING (business_id)
    WHERE merged_into IS NULL AND business_id IS NOT NULL AND (known.state IS NULL OR {WAITS})
)
"""

_DOCUMENTS = "SELECT EXISTS (SELECT FROM document WHERE state IN ('waiting', 'making') AND due_at <= $1)"

DUE: Mapping[str, str] = {
    "mail.deliver": _MESSAGES,
    "reminders.queue": REMINDERS,
    "invitations.send": TO_INVITE,
    "invitations.remind": IS_DUE,
    "announcements.send": ANNOUNCEMENTS,
    "digest.queue": DIGESTS,
    "attendance.remind": f"SELECT EXISTS ({LEFT_OPEN})",
    "surveys.invite": SURVEYS,
    "surveys.seal": _POOLS,
    "waitlist.fill": _PLACES,
    "data.expire": _EXPIRY,
    "organisations.look_up": _LOOK_UPS,
    "documents.make": _DOCUMENTS,
    "webhooks.deliver": WEBHOOKS,
    "incoming.read": IS_DUE_TO_READ,
}

NEEDS: Mapping[str, str] = {"organisations.look_up": "ytj_url", "incoming.read": "bounce_imap_url"}
"""Jobs that have nothing to do where a setting is not set, and which."""


async def due_jobs(now: datetime) -> list[str]:
    """Return the names of the jobs that have something to do at `now`."""
    settings = get_settings()
    asked = {name: sql for name, sql in DUE.items() if name not in NEEDS or getattr(settings, NEEDS[name])}
    return [name for name, question in asked.items() if await database.fetchval(question, now)]
