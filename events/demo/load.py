"""The demo programme: loaded once into an empty database, and never beside real data."""

import random
from datetime import datetime, timedelta

import msgspec

from events.core import database
from events.core.errors import ServiceError
from events.demo.access import add_access
from events.demo.agenda import let_one_speak_at_the_meeting
from events.demo.answers import feedback_rows, survey_rows
from events.demo.attendance import (
    Registered,
    attendance_rows,
    participation_rows,
    partly_known,
    register_all,
    registration_rows,
    scan_rows,
)
from events.demo.beside import consent_rows, note_rows, tag_rows
from events.demo.doubles import add_doubles
from events.demo.groups import add_groups, add_invitations
from events.demo.impact import add_impact
from events.demo.own_survey import add_own_survey
from events.demo.people import alias_rows, organisation_rows, organisations, people, person_rows
from events.demo.plan import planned
from events.demo.programme import add_events, add_plan, add_project, add_series, add_tour
from events.demo.questions import add_questions
from events.demo.report import add_report
from events.demo.roadshow import add_roadshow
from events.demo.rows import copy_rows
from events.demo.staff import add_staff
from events.demo.turnout import add_turnout
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from events.outreach.reminders.actions import queue_due_reminders
from events.outreach.reminders.rules import DUE
from events.surveys.sending.actions import invite_due

KEY = "demo"
SEED = 2022
"""The same people register for the same events in every demo."""

_OCCUPIED = "SELECT EXISTS (SELECT FROM event) OR EXISTS (SELECT FROM staff)"

_SENT = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, state, due_at, message_id, created_at, finished_at)
SELECT fresh.id, person.email, person.given_name || ' ' || person.family_name, person.id, reason, 'registration',
    registration.id, 'demo', registration.language, 'sent', registration.registered_at,
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', registration.registered_at, registration.registered_at
FROM registration
JOIN event ON event.id = registration.event AND event.ends_at > $1::timestamptz - interval '30 days'
JOIN person ON person.id = registration.person AND person.email IS NOT NULL
CROSS JOIN LATERAL (SELECT CASE registration.state WHEN 'confirmed' THEN 'confirmation'
                    WHEN 'waitlisted' THEN 'waiting' WHEN 'cancelled' THEN 'cancelled' END AS reason) AS why
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE registration.id IS NOT NULL) AS fresh
WHERE reason IS NOT NULL
"""


_COORDINATOR = "SELECT id FROM staff WHERE email LIKE 'coordinator@%'"

_MADE = """
INSERT INTO audit (at, actor_kind, action, subject_kind, subject_id, detail)
SELECT registered_at, 'anonymous', 'registration.made', 'registration', registration.id::text,
    jsonb_build_object('event', event.id, 'source', registration.source)
FROM registration JOIN event ON event.id = registration.event
WHERE event.ends_at > $1::timestamptz - interval '60 days' ORDER BY registered_at
"""

_IN_TIME = """
WITH turn AS (UPDATE reminder_run SET at = $3 WHERE event = $1 AND occurrence = $2)
UPDATE message SET created_at = $3, due_at = $3 FROM registration
WHERE registration.id = subject_id AND registration.event = $1 AND reason = 'reminder' AND occurrence = $2
"""

_OF_EACH_SORT = """
SELECT DISTINCT ON (message.reason, registration.event, message.language) message.*, registration.event
FROM message JOIN registration ON registration.id = message.subject_id WHERE message.state = 'sent'
"""

_NAME = """
UPDATE message SET subject_line = $1 FROM registration
WHERE registration.id = message.subject_id AND message.reason = $2 AND registration.event = $3 AND message.language = $4
"""


async def load(now: datetime) -> bool:
    """Load the demo programme around `now`; returns False when it is there already.

    Raises ServiceError when the database holds a programme of its own.
    """
    if await database.fetchval("SELECT EXISTS (SELECT FROM service_state WHERE key = $1)", KEY):
        return False
    async with database.transaction():
        if await database.fetchval(_OCCUPIED):
            raise ServiceError("The database holds a programme of its own: give the demo another --data-dir.")
        await add_staff(now)
        await add_project(now)
        await _add_everyone(now)
        await add_roadshow(now)
        await let_one_speak_at_the_meeting(now)
        await copy_rows("feedback", feedback_rows(now))
        await add_report(now)
        await database.execute("INSERT INTO service_state (key, value, changed_at) VALUES ($1, '', $2)", KEY, now)
    await database.execute("ANALYZE")
    return True


async def _add_everyone(now: datetime) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    known = organisations(chance)
    everyone = people(chance, known)
    await copy_rows("organisation", organisation_rows(known, now))
    await copy_rows("organisation_alias", alias_rows(known))
    await copy_rows("person", person_rows(everyone, now))
    await add_doubles(known, everyone, now)
    events = planned(now)
    registered = partly_known(chance, register_all(chance, events, everyone, now), now)
    await add_events(events, registered, now)
    await add_series(now)
    await add_tour(events, now)
    await add_plan(now)
    await _add_registrations(chance, registered, now)
    await add_questions(random.Random(SEED), events, registered, now)  # noqa: S311 - no secret
    await add_impact(random.Random(SEED), registered, now)  # noqa: S311 - no secret
    await add_access(now)
    await database.execute(_SENT, now)
    await add_groups(now)
    await add_invitations(now)
    await add_turnout()
    await _send_what_is_due(now)
    await _write_subject_lines()
    await _add_trail(now)


async def _add_registrations(chance: random.Random, registered: list[Registered], now: datetime) -> None:
    await copy_rows("registration", registration_rows(registered, now))
    await copy_rows("scan", scan_rows(registered))
    await copy_rows("attendance", attendance_rows(registered, now))
    await copy_rows("participation", participation_rows(registered))
    coordinator = await database.fetchval(_COORDINATOR)
    await copy_rows("consent", consent_rows(chance, registered, now))
    await copy_rows("registration_tag", tag_rows(chance, registered, now))
    await copy_rows("registration_note", note_rows(chance, registered, coordinator, now))
    surveys, invitations, answers = survey_rows(chance, registered, now)
    await copy_rows("survey", surveys)
    await copy_rows("survey_invitation", invitations)
    await copy_rows("answer", answers)
    await add_own_survey(chance, registered, now)


async def _send_what_is_due(now: datetime) -> None:
    """Let reminders and survey invitations of before count as sent: the demo begins with nothing to catch up on."""
    due = await database.fetch(DUE, now)
    await queue_due_reminders(now)
    for reminder in due:
        await database.execute(_IN_TIME, reminder["event"], reminder["occurrence"], reminder["due_at"])
    await invite_due(now)
    await database.execute("UPDATE message SET state = 'sent', finished_at = due_at WHERE state <> 'sent'")


async def _write_subject_lines() -> None:
    """Give sent messages the subject line that they went with: one letter is written of each sort."""
    for row in await database.fetch(_OF_EACH_SORT):
        sort = (row["reason"], row["event"], row["language"])
        letter = await compose(msgspec.convert(dict(row), Owed), COMPOSERS)
        if letter is not None:
            await database.execute(_NAME, letter.subject, *sort)


async def _add_trail(now: datetime) -> None:
    """Let the audit trail tell who registered lately, and who published the events."""
    await database.execute(_MADE, now)
    coordinator = await database.fetchval(_COORDINATOR)
    rows = await database.fetch(
        "SELECT id, published_at FROM event WHERE published_at > $1 ORDER BY 2", now - timedelta(days=365)
    )
    await copy_rows(
        "audit",
        [
            {
                "at": row["published_at"],
                "actor_kind": "staff",
                "actor_id": coordinator,
                "action": "event.published",
                "subject_kind": "event",
                "subject_id": str(row["id"]),
                "detail": "{}",
            }
            for row in rows
        ],
    )
