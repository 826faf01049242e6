"""Telling people of new materials: whom they concern is written to once, by a button."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging.tables import Reason
from events.programme.actions import editable
from events.programme.materials.queries import MaterialView, materials
from events.programme.queries import EventView
from events.programme.tables import EventState


class News(Struct, frozen=True):
    """Materials that somebody has not been told of, and how many people that is."""

    materials: list[MaterialView]
    reached: int


async def news(event: EventView, now: datetime) -> News | None:
    """Return which materials there are to tell of; None when there are none, or nobody could read them."""
    if event.state != EventState.PUBLISHED:
        return None
    rows = await database.fetch(f"SELECT DISTINCT material FROM ({_WHOM}) AS whom", event.id, now, None)
    new = {row["material"] for row in rows}
    found = [each for each in await materials(event.id) if each.id in new]
    return News(found, await _reached(event.id, found, now)) if found else None


async def tell_materials(event_id: UUID, chosen: Collection[UUID], *, actor: Actor, now: datetime) -> int:
    """Write to whom these new materials concern; returns to how many.

    That is who has a place, may open one of them, and registered before it was there. What is told already is not told
    again. Raises NotFound; Conflict when the event cannot be read.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        if event.state != EventState.PUBLISHED:
            raise Conflict(_("Only a published event has participants to tell of its materials."))
        found = await news(event, now)
        told = [each.id for each in found.materials if each.id in chosen] if found else []
        if not told:
            return 0
        telling = uuid4()
        reached = await database.execute(_OWE, event_id, now, told, telling.hex, Reason.MATERIALS.value)
        await database.execute("UPDATE material SET telling = $1 WHERE id = ANY($2)", telling, told)
        await audit.record(actor, "material.told", "event", event_id, now, told=reached, materials=len(told))
    jobs.nudge("mail.deliver")
    return reached


async def _reached(event_id: UUID, found: Sequence[MaterialView], now: datetime) -> int:
    reached: int = await database.fetchval(
        f"SELECT count(DISTINCT registration) FROM ({_WHOM}) AS whom",
        *(event_id, now, [each.id for each in found]),
    )
    return reached


# Registrations and attendance belong to features above this one: so it is SQL here, and the letter is composed there.
_WHOM = """
SELECT material.id AS material, registration.id AS registration, registration.language, person.id AS person,
    person.email, trim(person.given_name || ' ' || person.family_name) AS name
FROM material
JOIN registration ON registration.event = material.event AND registration.state = 'confirmed'
JOIN person ON person.id = registration.person AND person.email IS NOT NULL AND person.erased_at IS NULL
WHERE material.event = $1 AND telling IS NULL AND ($3::uuid[] IS NULL OR material.id = ANY($3))
  AND greatest(material.created_at, visible_from) <= $2
  AND registered_at < greatest(material.created_at, visible_from)
  AND (audience <> 'attended' OR EXISTS (
    SELECT FROM attendance WHERE attendance.registration = registration.id AND attendance.state = 'attended'))
"""

_OWE = f"""
WITH told AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, whom.* FROM (
        SELECT DISTINCT registration, language, person, email, name FROM ({_WHOM}) AS each
    ) AS whom
)
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence, language,
                     due_at, message_id, created_at)
SELECT id, email, name, person, $5, 'registration', registration, $4, language, $2,
       '<' || replace(id::text, '-', '') || '@sixnet>', $2
FROM told
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""
