"""What staff write beside registrations for themselves: notes and tags."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.text import clean_line, fold
from events.registration.held import hold, note, require_staff

LONGEST_TAG = 40


def folded(tag: str) -> str:
    """Return a tag as it is compared; folding makes some signs into several."""
    return fold(tag)[:LONGEST_TAG]


class Note(Struct, frozen=True):
    """A note with who wrote it; `author` is "" when that account is gone."""

    id: UUID
    text: str
    author: str
    written_at: datetime


async def notes_of(registration_id: UUID) -> list[Note]:
    """Return the notes of a registration, the newest first."""
    rows = await database.fetch(
        "SELECT registration_note.id, text, coalesce(nullif(staff.name, ''), staff.email, '') AS author, written_at"
        " FROM registration_note LEFT JOIN staff ON staff.id = registration_note.staff"
        " WHERE registration = $1 ORDER BY written_at DESC, registration_note.id",
        registration_id,
    )
    return [Note(**row) for row in rows]


async def add_note(registration_id: UUID, text: str, *, actor: Actor, now: datetime) -> None:
    """Write a note down; the trail tells that there is one, not what it says."""
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        await database.execute(
            "INSERT INTO registration_note (id, registration, staff, text, written_at) VALUES ($1, $2, $3, $4, $5)",
            *(uuid4(), held.id, actor.id, text, now),
        )
        await note(held, "note_added", actor, now)


async def remove_note(registration_id: UUID, note_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a note away; nothing happens when it is gone already."""
    async with transaction():
        held = await hold(registration_id)
        require_staff(held, actor, now)
        removed = await database.execute(
            "DELETE FROM registration_note WHERE id = $1 AND registration = $2", note_id, held.id
        )
        if removed:
            await note(held, "note_removed", actor, now)


_NOTED = """
INSERT INTO audit (at, actor_kind, actor_id, action, subject_kind, subject_id, detail)
SELECT $4::timestamptz, $5::varchar, $6::uuid, $7::varchar, 'registration', registration::text,
    jsonb_build_object('event', $2::uuid) FROM changed
"""
_OF_EVENT = "registration IN (SELECT id FROM registration WHERE id = ANY($1) AND event = $2)"
_TAG = f"""
WITH changed AS (
    INSERT INTO registration_tag (id, registration, tag, folded)
    SELECT gen_random_uuid(), id, $8::varchar, $3::varchar FROM registration
    WHERE id = ANY($1) AND event = $2 AND expired_at IS NULL
    ON CONFLICT DO NOTHING RETURNING registration
) {_NOTED}
"""
_UNTAG = f"""
WITH changed AS (
    DELETE FROM registration_tag WHERE {_OF_EVENT} AND folded = $3::varchar RETURNING registration
) {_NOTED}
"""


async def add_tag(event_id: UUID, registrations: Sequence[UUID], tag: str, *, actor: Actor, now: datetime) -> int:
    """Put a tag on registrations of an event; returns on how many it did not stand yet."""
    tag = clean_line(tag)[:LONGEST_TAG]
    async with transaction():
        await _require_staff(event_id, actor, now)
        return await database.execute(
            _TAG,
            list(registrations),
            event_id,
            folded(tag),
            now,
            actor.kind.value,
            actor.id,
            "registration.tagged",
            tag,
        )


async def remove_tag(event_id: UUID, registrations: Sequence[UUID], tag: str, *, actor: Actor, now: datetime) -> int:
    """Take a tag off registrations of an event; returns on how many it stood."""
    async with transaction():
        await _require_staff(event_id, actor, now)
        return await database.execute(
            _UNTAG, list(registrations), event_id, folded(tag), now, actor.kind.value, actor.id, "registration.untagged"
        )


async def _require_staff(event_id: UUID, actor: Actor, now: datetime) -> None:
    region = await database.fetchval("SELECT host_region FROM event WHERE id = $1", event_id)
    if region is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event_id, region=region):
        raise NotFound
