"""Writing to a group: whom it means and who of them may be written to is settled when the letter goes out."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from events.accounts import audit
from events.accounts.queries import staff_actor
from events.core import database
from events.core.actor import SYSTEM, Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.core.retention import months
from events.messaging.tables import Reason
from events.outreach.audiences.rules import Audience, parse
from events.outreach.audiences.selecting import Reach, Selecting, reach_of
from events.registration.announcements import actions as announcements

_OWE = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence, language,
                     due_at, message_id, created_at)
SELECT fresh.id, once.email, once.name, once.person, 'news', 'announcement', {letter}, '0', once.language, {now},
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', {now}
FROM once CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE once.email IS NOT NULL) AS fresh
WHERE standing = 'ok'
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def write(
    identity: UUID, audience: Audience, texts: Mapping[str, str], *, send_at: datetime, actor: Actor, now: datetime
) -> None:
    """Write to an audience at `send_at`; the same `identity` once only. `texts` are subject_fi, body_fi and so on.

    Raises NotFound for who writes to no groups, Conflict for an audience that means nobody.
    """
    _require(actor, now)
    if not audience.is_set:
        raise Conflict(_("Choose at least one group of people."), code="nobody")
    async with transaction():
        if await announcements.make(
            identity, None, texts, chosen=audience.query(), send_at=send_at, actor=actor, now=now
        ):
            await audit.record(actor, "letter.made", "announcement", identity, now)
    if send_at <= now:
        await send_due(now)


async def try_on_oneself(
    identity: UUID, audience: Audience, texts: Mapping[str, str], *, actor: Actor, language: str, now: datetime
) -> None:
    """Send a letter to the member of staff who writes it; its people get nothing. Raises NotFound as `write`."""
    _require(actor, now)
    await announcements.try_on_author(
        identity,
        None,
        texts,
        chosen=audience.query(),
        reason=Reason.NEWS_TEST,
        actor=actor,
        language=language,
        now=now,
    )


async def send_due(now: datetime) -> int:
    """Owe the letters to groups whose time has come; returns how many."""
    return await announcements.send_each("event IS NULL", _owe, now)


async def _owe(held: asyncpg.Record, now: datetime) -> int:
    """Owe a letter to whom its audience means now, within what its author may reach now."""
    within = await _reach_of_author(held["made_by"], now)
    selecting = Selecting(parse(held["chosen"]), within, now)
    sql = _OWE.format(letter=f"{selecting.bind(held['id'])}::uuid", now=f"{selecting.bind(now)}::timestamptz")
    return await database.execute(f"{selecting.sql} {sql}", *selecting.values)


async def _reach_of_author(author: UUID | None, now: datetime) -> Reach:
    if author is None:  # no member of staff: the service itself
        return reach_of(SYSTEM, now)
    found = await staff_actor(author)
    return reach_of(found[0], now) if found else Reach(everywhere=False, regions=[], events=[])


async def expire(now: datetime) -> int:
    """Delete letters to groups that went out as long ago as the data of events are kept; returns how many."""
    return await database.execute(
        "DELETE FROM announcement WHERE event IS NULL AND send_at + make_interval(months => $2::int) <= $1",
        *(now, months()),
    )


def _require(actor: Actor, now: datetime) -> None:
    if not reach_of(actor, now).anywhere:
        raise NotFound
