"""Writing to people of an event: now or at a time, paused, gone on with, stopped.

Letters to groups go the same way; whom they mean is settled by who lets them be sent (`make`, `send_each`).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.registration.announcements import rules
from events.registration.announcements.queries import ADDRESSES
from events.registration.announcements.tables import AnnouncementState
from events.registration.staff import queries as staff_queries

DUE = "SELECT EXISTS (SELECT FROM announcement WHERE state = 'scheduled' AND send_at <= $1)"

_log = structlog.get_logger("events.mail")

_MAKE = """
INSERT INTO announcement (id, event, chosen, send_at, made_by, made_at, subject_fi, subject_sv, subject_en,
    body_fi, body_sv, body_en)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING
"""

_SAME = """
SELECT event IS NOT DISTINCT FROM $2 AND chosen = $3 AND made_by IS NOT DISTINCT FROM $5
    AND (send_at = $4 OR ($4 <= $6 AND send_at <= made_at))
    AND (subject_fi, subject_sv, subject_en, body_fi, body_sv, body_en) = ($7, $8, $9, $10, $11, $12)
FROM announcement WHERE id = $1
"""
"""Whether what is there already is what a form asks for; of two that are to go out now each has its own moment."""

_OWE = f"""
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence, language,
                     due_at, message_id, created_at)
SELECT fresh.id, chosen.email, chosen.name, chosen.person, 'announcement', 'announcement', $2, '0', chosen.language, $3,
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', $3
FROM ({ADDRESSES}) AS chosen
CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE chosen.id IS NOT NULL) AS fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""

HELD = timedelta(days=3650)
"""How far ahead a message is put that is held: it is not due until somebody goes on with it."""

_QUEUED = "subject_kind = 'announcement' AND subject_id = $1 AND state = 'queued'"
_NOT_GONE = "subject_kind = 'announcement' AND subject_id = $1 AND state IN ('queued', 'sending')"
"""What a worker has in hand too: it may give it back."""

Owe = Callable[[asyncpg.Record, datetime], Awaitable[int]]
"""Owes the mails of an announcement that is held by the transaction; returns how many."""


async def announce(
    identity: UUID,
    event: UUID,
    texts: Mapping[str, str],
    *,
    chosen: str,
    send_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """Write to those whom a query of the list of registrations means, at `send_at`; the same `identity` once only.

    `texts` are subject_fi, body_fi and so on. Raises NotFound for an event whose registrations the actor may not edit.
    """
    async with transaction():
        await _require(event, actor, now)
        if await make(identity, event, texts, chosen=chosen, send_at=send_at, actor=actor, now=now):
            await audit.record(actor, "announcement.made", "event", event, now, announcement=identity)
    if send_at <= now:
        await send_due(now)


async def make(
    identity: UUID,
    event: UUID | None,
    texts: Mapping[str, str],
    *,
    chosen: str,
    send_at: datetime,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write an announcement down within the caller's transaction; False where the same is there already.

    Raises Conflict where another has that `identity`: a form that was sent is filled in otherwise and sent again.
    """
    columns = [texts.get(f"{part}_{code}", "") for part in ("subject", "body") for code in ("fi", "sv", "en")]
    values = (identity, event, chosen, send_at, actor.id, now, *columns)
    if await database.execute(_MAKE, *values):
        return True
    if not await database.fetchval(_SAME, *values):
        words = _("Another mail was made with this form before. Send once more if this one shall go out as well.")
        raise Conflict(words, code="stale")
    return False


async def send_due(now: datetime) -> int:
    """Owe the mails to people of events whose time has come; returns how many. To whom is settled here."""
    return await send_each("event IS NOT NULL", _owe, now)


async def send_each(which: str, owe: Owe, now: datetime) -> int:
    """Owe the mails of those announcements (a condition of SQL) whose time has come, each in its own transaction."""
    owed = 0
    due = f"state = 'scheduled' AND send_at <= $1 AND {which}"
    for row in await database.fetch(f"SELECT id FROM announcement WHERE {due} ORDER BY send_at, id", now):
        try:
            owed += await _send(row["id"], owe, now)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            # One that cannot be written must not hold up all others, at this and every later tick.
            _log.error("letter not owed", announcement=str(row["id"]), error=type(error).__name__)
        jobs.nudge("mail.deliver")
    return owed


async def _send(identity: UUID, owe: Owe, now: datetime) -> int:
    async with transaction():
        held = await database.fetchrow(_HOLD, identity)
        if held is None:  # another tick was faster, or it was stopped
            return 0
        sent = await owe(held, now)
        await database.execute("UPDATE announcement SET state = 'sending', people = $2 WHERE id = $1", identity, sent)
        return sent


_HOLD = "SELECT id, event, chosen, made_by FROM announcement WHERE id = $1 AND state = 'scheduled' FOR UPDATE"


async def _owe(held: asyncpg.Record, now: datetime) -> int:
    return await database.execute(_OWE, await meant(held["event"], held["chosen"]), held["id"], now)


async def meant(event: UUID, chosen: str) -> list[UUID]:
    """Return the registrations of an event that a query of its list means; who has gone only where it asks for them."""
    return await staff_queries.meant(event, rules.meant(chosen))


async def forget_tests(now: datetime) -> int:
    """Delete trials of a day ago; returns how many."""
    return await database.execute(
        "DELETE FROM announcement WHERE state = 'test' AND made_at < $1", now - timedelta(days=1)
    )


async def pause(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Hold what has not gone out yet. Raises NotFound, Conflict when it is not going out."""
    async with transaction():
        await _turn(identity, AnnouncementState.SENDING, AnnouncementState.PAUSED, actor, now)
        await database.execute(f"UPDATE message SET due_at = $2 WHERE {_NOT_GONE}", identity, now + HELD)


async def resume(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Go on with what was held. Raises NotFound, Conflict when it is not paused."""
    async with transaction():
        await _turn(identity, AnnouncementState.PAUSED, AnnouncementState.SENDING, actor, now)
        await database.execute(f"UPDATE message SET due_at = $2 WHERE {_NOT_GONE}", identity, now)
    jobs.nudge("mail.deliver")


async def take_back(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop one that waits for its time, to be written otherwise. Raises NotFound, Conflict when it does not wait."""
    async with transaction():
        await _turn(identity, AnnouncementState.SCHEDULED, AnnouncementState.STOPPED, actor, now)


async def stop(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Let what has not gone out yet never go. Raises NotFound, Conflict when all has gone out or it is stopped."""
    async with transaction():
        await _turn(identity, None, AnnouncementState.STOPPED, actor, now)
        await database.execute(f"UPDATE message SET state = 'dropped', finished_at = $2 WHERE {_QUEUED}", identity, now)


async def test_to_oneself(
    identity: UUID, event: UUID, texts: Mapping[str, str], *, actor: Actor, language: str, now: datetime
) -> None:
    """Send an announcement as it is to the member of staff who writes it; its people get nothing by that.

    Raises NotFound as `announce`.
    """
    async with transaction():
        await _require(event, actor, now)
        await try_on_author(
            identity, event, texts, chosen="", reason=Reason.ANNOUNCEMENT_TEST, actor=actor, language=language, now=now
        )


async def try_on_author(
    identity: UUID,
    event: UUID | None,
    texts: Mapping[str, str],
    *,
    chosen: str,
    reason: Reason,
    actor: Actor,
    language: str,
    now: datetime,
) -> None:
    """Owe the member of staff who writes a trial of it. Raises NotFound for who is no member of staff."""
    async with transaction():
        row = await database.fetchrow("SELECT email, name FROM staff WHERE id = $1", actor.id)
        if row is None:
            raise NotFound
        await make(identity, event, texts, chosen=chosen, send_at=now, actor=actor, now=now)
        await database.execute("UPDATE announcement SET state = 'test' WHERE id = $1", identity)
        recipient = Recipient(row["email"], row["name"], language)
        await ledger.add(reason, recipient, "announcement", identity, now=now)
    jobs.nudge("mail.deliver")


async def _turn(
    identity: UUID, before: AnnouncementState | None, after: AnnouncementState, actor: Actor, now: datetime
) -> None:
    sql = "SELECT event, state, made_by FROM announcement WHERE id = $1 FOR UPDATE"
    row = await database.fetchrow(sql, identity)
    if row is None:
        raise NotFound
    if row["event"] is not None:
        await _require(row["event"], actor, now)
    elif not rules.may_see_letter(actor, row["made_by"], now):
        raise NotFound
    over = row["state"] in {AnnouncementState.STOPPED, AnnouncementState.TEST}
    if over or (before is not None and row["state"] != before):
        raise Conflict(_("The mail stands otherwise by now. Look at it again."), code="stale")
    await database.execute("UPDATE announcement SET state = $2 WHERE id = $1", identity, after.value)
    if row["event"] is None:
        await audit.record(actor, f"letter.{after.value}", "announcement", identity, now)
    else:
        await audit.record(actor, f"announcement.{after.value}", "event", row["event"], now, announcement=identity)


async def _require(event: UUID, actor: Actor, now: datetime) -> None:
    row = await database.fetchrow("SELECT host_region FROM event WHERE id = $1", event)
    if row is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event, region=row["host_region"]):
        raise NotFound
