"""Use cases of an event's materials: add, change, delete.

Deleting takes the row alone: from then on nobody can open the file, and the daily expiry takes its bytes. So neither a
transaction that fails nor a copy of an event, which names the same file, can lose one.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.files import KeptFile
from events.core.i18n import LANGUAGES
from events.programme.actions import editable
from events.programme.counterparts.actions import Part
from events.programme.materials.tables import Audience, Material


class Told(Struct, frozen=True):
    """What is said of a material; titles by language, `visible_from` None is at once, `item` None the whole event."""

    titles: Mapping[str, str]
    audience: Audience
    item: UUID | None = None
    visible_from: datetime | None = None


class Source(Struct, frozen=True):
    """What a material is: a link, or a kept file with its name and media type."""

    url: str = ""
    file: KeptFile | None = None
    filename: str = ""
    media_type: str = ""


async def add_material(event_id: UUID, source: Source, told: Told, *, actor: Actor, now: datetime) -> UUID:
    """Give an event's people something to read. Raises NotFound for an event that the actor may not edit."""
    identity, kept = uuid4(), source.file or KeptFile("", 0, b"")
    async with transaction():
        await editable(event_id, actor, now)
        await database.execute(
            "INSERT INTO material (id, event, title_fi, title_sv, title_en, audience, visible_from, item, created_at,"
            " url, stored, filename, media_type, size, sha256)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            *(identity, event_id, *_columns(told), now),
            *(source.url, kept.name, source.filename, source.media_type, kept.size, kept.sha256),
        )
        await audit.record(actor, "material.added", "event", event_id, now, material=str(identity))
    return identity


async def change_material(event_id: UUID, material_id: UUID, told: Told, *, actor: Actor, now: datetime) -> None:
    """Change titles, audience and time of a material; raises NotFound."""
    async with transaction():
        await editable(event_id, actor, now)
        changed = await database.execute(
            "UPDATE material SET title_fi = $3, title_sv = $4, title_en = $5, audience = $6, visible_from = $7,"
            " item = $8 WHERE event = $1 AND id = $2",
            *(event_id, material_id, *_columns(told)),
        )
        if not changed:
            raise NotFound
        await audit.record(actor, "material.changed", "event", event_id, now, material=str(material_id))


async def delete_material(event_id: UUID, material_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a material away; raises NotFound."""
    async with transaction():
        await editable(event_id, actor, now)
        if not await database.execute("DELETE FROM material WHERE event = $1 AND id = $2", event_id, material_id):
            raise NotFound
        await audit.record(actor, "material.deleted", "event", event_id, now, material=str(material_id))


def _columns(told: Told) -> tuple[object, ...]:
    return (*(told.titles.get(code, "") for code in LANGUAGES), told.audience.value, told.visible_from, told.item)


MATERIALS = Part((Material,))
