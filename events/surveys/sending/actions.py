"""Asking whom a survey is for, and reminding once who has not answered.

Nothing here says when somebody answered: a reminder is owed to all who had not at one moment, in one transaction, and
is written whether an answer came since or not. So the ledger tells at most who had answered by that moment, and where
that would be too much it tells nothing: the reminder goes to all who were asked (`rules.TELLS_NOBODY`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import structlog
from msgspec import structs

from events.accounts import audit
from events.core import database, jobs, secrets
from events.core.actor import Actor
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.surveys import rules as surveys
from events.surveys.building.holding import ORIGIN, hold
from events.surveys.groups import actions as groups
from events.surveys.sending import queries
from events.surveys.sending.rules import DUE, KNOWN_FOR, REMINDS, Sending, closes_sql
from events.surveys.tables import SurveyKind
from events.surveys.waiting import OtherKey

_log = structlog.get_logger("events.surveys")

_BEGIN = f"""
INSERT INTO survey (id, event, kind, asked_at, closes_at, created_at, origin) VALUES ($1, $2, $3, $4, $5, $6, {ORIGIN})
ON CONFLICT (event, kind) WHERE kind <> 'own' DO UPDATE
    SET asked_at = excluded.asked_at, closes_at = coalesce(survey.closes_at, excluded.closes_at)
    WHERE survey.asked_at IS NULL
"""

_BEGIN_OWN = """
UPDATE survey SET asked_at = $2, closes_at = coalesce(closes_at, $3) WHERE id = $1 AND asked_at IS NULL
"""

_INVITE = """
INSERT INTO survey_invitation (id, survey, registration, token_hash, place)
SELECT due.id, survey.id, due.registration, due.token_hash,
    (SELECT coalesce(max(asked.place), -1) FROM survey_invitation AS asked WHERE asked.survey = survey.id)
        + row_number() OVER (PARTITION BY survey.id ORDER BY due.id)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::text[])
    AS due (id, event, registration, token_hash, which)
JOIN survey ON survey.event = due.event AND (CASE kind WHEN 'own' THEN survey.id::text ELSE kind END) = due.which
ON CONFLICT (survey, registration) DO NOTHING
"""

_MESSAGE = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence,
                     language, due_at, message_id, created_at)
SELECT fresh.id, person.email, concat_ws(' ', person.given_name, nullif(person.family_name, '')), person.id,
    'survey', 'registration', registration.id, {occurrence},
    registration.language, {now}, '<' || replace(fresh.id::text, '-', '') || '@sixnet>', {now}
FROM registration
JOIN survey_invitation AS asked ON asked.registration = registration.id
JOIN survey ON survey.id = asked.survey
JOIN person ON person.id = registration.person AND person.email IS NOT NULL AND person.erased_at IS NULL
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE registration.id IS NOT NULL) AS fresh
WHERE {condition}
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""

OCCURRENCE = "(CASE survey.kind WHEN 'feedback' THEN '0' ELSE survey.id::text END)"
"""SQL: what the ledger tells the invitation to a survey by, beside the registration."""

REMINDER = ":reminder"
"""Follows the survey's id where the ledger means its reminder."""

_OWE = _MESSAGE.format(
    occurrence=OCCURRENCE,
    now="$3",
    condition="(registration.id, survey.event, CASE survey.kind WHEN 'own' THEN survey.id::text ELSE survey.kind END)"
    " IN (SELECT due.registration, survey.event, due.which FROM unnest($1::uuid[], $2::text[])"
    " AS due (registration, which))",
)

_OWE_AGAIN = _MESSAGE.format(
    occurrence=f"survey.id || '{REMINDER}'",
    now="$2",
    condition=f"""survey.id = $1 AND ({surveys.TELLS_NOBODY} OR NOT {surveys.HAS_ANSWERED})
        AND EXISTS (SELECT FROM message AS first WHERE
            first.reason = 'survey' AND first.subject_kind = 'registration' AND first.subject_id = registration.id
            AND first.occurrence = {OCCURRENCE} AND first.created_at <= $3)""",
)

CLAIM = "UPDATE survey SET reminded = true WHERE id = $1 AND NOT reminded"


async def invite_due(now: datetime) -> int:
    """Ask whom the surveys that are due are for; returns how many mails.

    One mail each and survey. Those who are marked later are asked within two weeks. Calling again or twice at once
    changes nothing.
    """
    async with database.transaction() as connection:
        due = await connection.fetch(DUE, now)
        if not due:
            return 0
        events = sorted({row["event"] for row in due})
        await groups.lock(events)
        await _begin(due, now)
        await connection.execute(_INVITE, *map(list, zip(*map(_invitation, due), strict=True)))
        await groups.put_into_cells(events)
        which = [[row["registration"] for row in due], [_which(row) for row in due]]
        owed = await database.execute(_OWE, *which, now)
    jobs.nudge("mail.deliver")
    return owed


async def remind_due(now: datetime) -> int:
    """Remind, once a survey, who was asked and has not answered by now; returns how many mails.

    Calling again or twice at once changes nothing: the survey's one turn is taken by whoever comes first.
    """
    owed = 0
    for row in await database.fetch(REMINDS, now):
        try:
            async with database.transaction():
                if await database.execute(CLAIM, row["survey"]):
                    owed += await _remind(row["survey"], row["remind_at"] - KNOWN_FOR, now)
        except OtherKey as error:  # its turn stays; one survey must not hold up all others
            _log.error("survey not reminded of", survey_id=str(row["survey"]), error=error.code)
    if owed:
        jobs.nudge("mail.deliver")
    return owed


async def _remind(survey: UUID, asked_by: datetime, now: datetime) -> int:
    await groups.begin_anew([survey])
    return await database.execute(_OWE_AGAIN, survey, now, asked_by)


async def set_sending(
    event: UUID, which: str, new: Sending, *, version: int | None, actor: Actor, now: datetime
) -> None:
    """Choose when a survey goes out and to whom.

    Once people were asked, only its reminder and its end change. Raises NotFound, and Conflict "changed" or "begun".
    """
    async with database.transaction():
        held = await hold(event, which, version, actor, now)
        before = await queries.sending_of(event, which)
        if before.asked:
            free = {name: getattr(new, name) for name in ("remind_after", "open_for")}
            if structs.replace(before.sending, **free) != structs.replace(new, sends=before.sending.sends):
                raise Conflict(_("People have been asked already: this cannot be changed any more."), code="begun")
        elif new.sends and not surveys.answered_of(held.questions):
            raise Conflict(_("Nothing is asked yet."), code="empty")
        values = structs.asdict(new)
        changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 3))
        ends = closes_sql("survey.asked_at", "$9::smallint", "event.zone")
        await database.execute(
            f"UPDATE survey SET sending_chosen = true, sending_set_at = $2, {changes},"
            f" closes_at = CASE WHEN survey.asked_at IS NULL THEN survey.closes_at ELSE {ends} END"
            " FROM event WHERE survey.id = $1 AND event.id = survey.event",
            *(held.id, now, *values.values()),
        )
        await audit.record(actor, "survey.sending_set", "survey", held.id, now, event=event)


async def send_late(event: UUID, which: str, *, version: int | None, actor: Actor, now: datetime) -> None:
    """Send a survey whose time had passed when it was made or changed. Raises NotFound, Conflict "stale"."""
    async with database.transaction():
        held = await hold(event, which, version, actor, now)
        if not (await queries.sending_of(event, which)).asks(now):
            raise Conflict(_("This has been decided already, or its time is over."), code="stale")
        await database.execute("UPDATE survey SET released_at = $2 WHERE id = $1", held.id, now)
        await audit.record(actor, "survey.sent_late", "survey", held.id, now, event=event)
    jobs.nudge("surveys.invite")


async def _begin(due: Sequence[asyncpg.Record], now: datetime) -> None:
    begun = sorted({(_which(row), row["event"], row["kind"], row["begins_at"], row["closes_at"]) for row in due})
    for which, event, kind, begins_at, closes_at in begun:
        if kind == SurveyKind.OWN:
            await database.execute(_BEGIN_OWN, UUID(which), begins_at, closes_at)
        else:
            await database.execute(_BEGIN, uuid4(), event, kind, begins_at, closes_at, now)


def _which(row: asyncpg.Record) -> str:
    return str(row["survey"]) if row["kind"] == SurveyKind.OWN else str(row["kind"])


def _invitation(row: asyncpg.Record) -> tuple[UUID, UUID, UUID, bytes, str]:
    identity = uuid4()
    token = secrets.digest(secrets.derive("survey", identity))
    return identity, row["event"], row["registration"], token, _which(row)
