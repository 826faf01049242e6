"""Reads of an event's materials, and who may open them."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, pick
from events.programme.materials.tables import Audience

_CIRCLES = tuple(Audience)


class MaterialView(Struct, frozen=True, kw_only=True):
    """A file or a link; `size` is in bytes, 0 for a link."""

    id: UUID
    event: UUID
    item: UUID | None
    titles: dict[str, str]
    url: str
    stored: str
    filename: str
    media_type: str
    size: int
    audience: str
    visible_from: datetime | None

    @property
    def title(self) -> tuple[str, str]:
        """The title in the present language, else the first there is, else what it is called elsewhere; its language.

        The language is "" for the name of a file or an address, which are in none.
        """
        text, code = pick(self.titles)
        return (text, code) if text else (self.filename or self.url, "")

    @property
    def ending(self) -> str:
        """What sort of file it is, as people say it: PDF."""
        return self.filename.rpartition(".")[2].upper()

    def may_open(self, reader: Audience, now: datetime) -> bool:
        """Say whether it is visible at `now` to who belongs to the circle `reader` and those around it."""
        inside = _CIRCLES.index(Audience(self.audience)) <= _CIRCLES.index(reader)
        return inside and (self.visible_from is None or self.visible_from <= now)


_SELECT = """
SELECT id, event, item, title_fi, title_sv, title_en, url, stored, filename, media_type, size, audience, visible_from
FROM material
"""


async def materials(event_id: UUID) -> list[MaterialView]:
    """Return all materials of an event in the order in which they were added."""
    rows = await database.fetch(f"{_SELECT} WHERE event = $1 ORDER BY created_at, id", event_id)
    return [_view(row) for row in rows]


async def materials_for(event_id: UUID, reader: Audience, now: datetime) -> list[MaterialView]:
    """Return the materials of an event that a reader may open."""
    return [material for material in await materials(event_id) if material.may_open(reader, now)]


async def material(event_id: UUID, material_id: UUID) -> MaterialView | None:
    """Return a material of an event."""
    row = await database.fetchrow(f"{_SELECT} WHERE event = $1 AND id = $2", event_id, material_id)
    return _view(row) if row else None


async def told_in(event_id: UUID, telling: UUID) -> list[MaterialView]:
    """Return the materials of which people were told at once (`tell_materials`), in the order in which they came."""
    rows = await database.fetch(
        f"{_SELECT} WHERE event = $1 AND telling = $2 ORDER BY created_at, id", event_id, telling
    )
    return [_view(row) for row in rows]


async def stored_files() -> set[str]:
    """Return the names of the files that materials have."""
    return {row["stored"] for row in await database.fetch("SELECT DISTINCT stored FROM material WHERE stored <> ''")}


def _view(row: asyncpg.Record) -> MaterialView:
    values = dict(row)
    titles = {code: values.pop(f"title_{code}") for code in LANGUAGES}
    return MaterialView(**values, titles={code: text for code, text in titles.items() if text})
