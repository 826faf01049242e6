"""Projects with their marks and targets: reading one whole, and editing it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound, require
from events.core.i18n import LANGUAGES, by_column
from events.core.i18n import gettext as _

MAX_EMBLEM = 300 * 1024
"""Bytes: it goes into every mail about the project's events."""

_MAGIC: Mapping[bytes, str] = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class ProjectValues(Struct, frozen=True, kw_only=True):
    """What staff enter of a project; texts by language, `targets` by what they count."""

    code: str
    names: dict[str, str]
    funder: str
    instrument: str
    starts_on: date
    ends_on: date
    target_regions: Sequence[str]
    counted_roles: Sequence[str]
    counted_kinds: Sequence[str]
    targets: dict[str, int]
    statements: dict[str, str]
    emblem_alts: dict[str, str]


class ProjectWhole(ProjectValues, frozen=True, kw_only=True):
    """A project with everything that its page shows."""

    id: UUID
    has_emblem: bool
    events: int


class Emblem(Struct, frozen=True):
    """A picture and its media type, as its own first bytes tell it."""

    content: bytes
    media_type: str


_TEXTS = {"names": "name", "statements": "statement", "emblem_alts": "emblem_alt"}


async def whole(identity: UUID) -> ProjectWhole | None:
    """Return a project with its targets and how many events count for it."""
    row = await database.fetchrow(
        "SELECT project.*, emblem IS NOT NULL AS has_emblem,"
        " (SELECT count(*) FROM event_project WHERE event_project.project = project.id) AS events"
        " FROM project WHERE id = $1",
        identity,
    )
    if row is None:
        return None
    values = dict(row)
    for many, one in _TEXTS.items():
        values[many] = {code: row[f"{one}_{code}"] for code in LANGUAGES}
    values["targets"] = msgspec.json.decode(values["targets"])
    return msgspec.convert(values, ProjectWhole)


def read_emblem(content: bytes) -> Emblem:
    """Tell a picture by its first bytes, whatever its name says; raises Invalid for another type and for a large one.

    SVG is not taken: it may hold scripts and most mail programs do not show it.
    """
    if len(content) > MAX_EMBLEM:
        raise Invalid({"emblem": [_("The picture is larger than 300 kB.")]})
    for magic, media_type in _MAGIC.items():
        if content.startswith(magic):
            return Emblem(content, media_type)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Emblem(content, "image/webp")
    raise Invalid({"emblem": [_("The picture must be PNG, JPEG or WebP.")]})


async def save(
    identity: UUID | None,
    values: ProjectValues,
    *,
    emblem: Emblem | None,
    drop_emblem: bool,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Make a project, or change one; an emblem replaces the one before.

    Raises NotAllowed, NotFound, and Invalid for a code that is taken and an end before the start.
    """
    require(allowed=may(actor, Action.EDIT_PROJECTS, now=now))
    if values.ends_on < values.starts_on:
        raise Invalid({"ends_on": [_("The project must end after it starts.")]})
    columns = _columns(values)
    if emblem is not None:
        columns |= {"emblem": emblem.content, "emblem_type": emblem.media_type}
    elif drop_emblem:
        columns |= {"emblem": None, "emblem_type": ""}
    async with transaction():
        taken = await database.fetchval("SELECT id FROM project WHERE code = $1", values.code)
        if taken is not None and taken != identity:
            raise Invalid({"code": [_("Another project has this code.")]})
        saved = await _insert(columns) if identity is None else await _update(identity, columns)
        action = "project.created" if identity is None else "project.edited"
        await audit.record(actor, action, "project", saved, now, emblem=emblem is not None)
    return saved


async def _insert(columns: dict[str, Any]) -> UUID:
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    identity: UUID = await database.fetchval(
        f"INSERT INTO project (id, {', '.join(columns)}) VALUES (gen_random_uuid(), {places}) RETURNING id",
        *columns.values(),
    )
    return identity


async def _update(identity: UUID, columns: dict[str, Any]) -> UUID:
    assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 2))
    if not await database.execute(f"UPDATE project SET {assignments} WHERE id = $1", identity, *columns.values()):
        raise NotFound
    return identity


def _columns(values: ProjectValues) -> dict[str, Any]:
    columns = structs.asdict(values)
    for many, one in _TEXTS.items():
        texts = columns.pop(many)
        columns |= by_column(one, texts)
    columns["targets"] = msgspec.json.encode(values.targets).decode()
    for name in ("target_regions", "counted_roles", "counted_kinds"):
        columns[name] = list(columns[name])
    return columns
