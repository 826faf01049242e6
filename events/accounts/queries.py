"""Reads of staff, their rights and their sessions.

Regions, events and groups are named in SQL alone: their features stand below this one and import it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.accounts.rules import Action, may, may_take, reach
from events.accounts.tables import Role
from events.core import database
from events.core.actor import Actor, ActorKind, Grant
from events.core.errors import NotFound
from events.core.i18n import language, pick
from events.core.text import sort_key


async def staff_actor(staff_id: UUID) -> tuple[Actor, str] | None:
    """Return a member of staff as who acts, and their language, or None when switched off."""
    row = await database.fetchrow("SELECT name, email, language FROM staff WHERE id = $1 AND active", staff_id)
    if row is None:
        return None
    actor = Actor(ActorKind.STAFF, staff_id, row["name"] or row["email"], await grants_of(staff_id))
    return actor, row["language"]


class GrantView(Struct, frozen=True):
    """A role somewhere; `region` is the region it lies in (that of an event's or group's host), None for everywhere."""

    id: UUID
    role: Role
    kind: str
    resource_id: str
    until: datetime | None
    region: str | None
    titles: dict[str, str]

    @property
    def event_id(self) -> UUID | None:
        """The event of a grant on a single event."""
        return UUID(self.resource_id) if self.kind == "event" else None

    @property
    def group_id(self) -> UUID | None:
        """The theme group of a grant on one."""
        return UUID(self.resource_id) if self.kind == "group" else None

    @property
    def where(self) -> str:
        """The name of the region, event or group in the present language; "" for everywhere."""
        return pick(self.titles)[0]


class StaffView(Struct, frozen=True):
    """A member of staff as colleagues see them; `invited` says that they have not come yet."""

    id: UUID
    email: str
    name: str
    language: str
    digest: str
    active: bool
    invited: bool
    seen_at: datetime | None
    grants: list[GrantView]


class SessionView(Struct, frozen=True):
    """A signed-in browser of one's own; `current` is the one that asks."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime
    current: bool


class EventName(Struct, frozen=True):
    """An event as far as rights on it need to know it."""

    id: UUID
    slug: str
    host_region: str
    titles: dict[str, str]

    @property
    def title(self) -> str:
        """The title in the present language, or the first there is."""
        return pick(self.titles)[0]

    @property
    def title_language(self) -> str:
        """The language of the title."""
        return pick(self.titles)[1]


_STAFF = """
SELECT staff.id, staff.email, staff.name, staff.language, staff.digest, staff.active,
    staff.password_hash IS NULL AND seen.at IS NULL AS invited, seen.at AS seen_at,
    (SELECT coalesce(json_agg(json_build_object(
        'id', g.id, 'role', g.role, 'kind', g.resource_kind, 'resource_id', g.resource_id, 'until', g.until,
        'region', coalesce(region.code, event.host_region, theme_group.region),
        'titles', json_build_object(
            'fi', coalesce(region.name_fi, event.title_fi, theme_group.name_fi, ''),
            'sv', coalesce(region.name_sv, event.title_sv, theme_group.name_sv, ''),
            'en', coalesce(region.name_en, event.title_en, theme_group.name_en, '')))
        ORDER BY g.created_at, g.id), '[]')
     FROM staff_grant AS g
     LEFT JOIN region ON g.resource_kind = 'region' AND region.code = g.resource_id
     LEFT JOIN event ON g.resource_kind = 'event' AND event.id::text = g.resource_id
     LEFT JOIN theme_group ON g.resource_kind = 'group' AND theme_group.id::text = g.resource_id
     WHERE g.staff = staff.id) AS grants
FROM staff
LEFT JOIN LATERAL (SELECT max(session.seen_at) AS at FROM session WHERE session.staff = staff.id) AS seen ON true
"""

_SEEN_BY = """
WHERE ($3::uuid IS NULL OR staff.id = $3) AND ($1 OR EXISTS (
    SELECT 1 FROM staff_grant AS g LEFT JOIN event ON g.resource_kind = 'event' AND event.id::text = g.resource_id
    LEFT JOIN theme_group ON g.resource_kind = 'group' AND theme_group.id::text = g.resource_id
    WHERE g.staff = staff.id AND (
        g.resource_kind = 'region' AND g.resource_id = ANY($2)
        OR coalesce(event.host_region, theme_group.region) = ANY($2))))
"""


async def staff_seen_by(actor: Actor, now: datetime, staff_id: UUID | None = None) -> list[StaffView]:
    """Everyone (or this one) whom the actor may see: all, or those with a right in the actor's regions; by name."""
    everywhere, regions, _events = reach(actor, Action.INVITE_STAFF, now=now)
    rows = await database.fetch(_STAFF + _SEEN_BY, everywhere, list(regions), staff_id)
    return _by_name(rows)


async def member(staff_id: UUID) -> StaffView:
    """Return a member of staff; raises NotFound."""
    row = await database.fetchrow(f"{_STAFF} WHERE staff.id = $1", staff_id)
    if row is None:
        raise NotFound
    return _staff_view(dict(row))


async def staff_on(kind: str, identity: UUID) -> list[tuple[StaffView, GrantView]]:
    """Everyone with a role on this very event or group, with that role; by name."""
    rows = await database.fetch(
        f"{_STAFF} WHERE EXISTS (SELECT 1 FROM staff_grant AS g"
        " WHERE g.staff = staff.id AND g.resource_kind = $1 AND g.resource_id = $2)",
        *(kind, str(identity)),
    )
    on_it = (kind, str(identity))
    found = [(staff, grant) for staff in _by_name(rows) for grant in staff.grants]
    return [(staff, grant) for staff, grant in found if (grant.kind, grant.resource_id) == on_it]


def takeable(actor: Actor, grant: GrantView, now: datetime) -> bool:
    """Say whether the actor may take this grant away (rules.may_take on what the grant is about)."""
    where = {"event_id": grant.event_id, "group": grant.group_id}
    return may_take(actor, grant.role, now=now, region=grant.region, **where)


def manageable(actor: Actor, staff: StaffView, now: datetime) -> bool:
    """Say whether the actor may switch this account off and on: they have every right it has, where it has it."""
    if not staff.grants:
        return may(actor, Action.INVITE_STAFF, now=now)
    return all(takeable(actor, held, now) for held in staff.grants)


async def grants_of(staff_id: UUID) -> tuple[Grant, ...]:
    """Return the rights of someone as an Actor holds them, those that have run out included."""
    rows = await database.fetch(
        "SELECT role, resource_kind, resource_id, until FROM staff_grant WHERE staff = $1", staff_id
    )
    return await with_meetings(Grant(*row) for row in rows)


async def with_meetings(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Let rights on theme groups reach the groups' meetings."""
    held = tuple(grants)
    groups = [UUID(grant.id) for grant in held if grant.kind == "group"]
    if not groups:
        return held
    rows = await database.fetch("SELECT theme_group, id FROM event WHERE theme_group = ANY($1)", groups)
    meetings = {str(group): frozenset(row["id"] for row in rows if row["theme_group"] == group) for group in groups}
    return tuple(replace(grant, meetings=meetings.get(grant.id, frozenset())) for grant in held)


async def event_named(*, slug: str | None = None, event_id: UUID | None = None) -> EventName | None:
    """Return the event of a slug or id."""
    row = await database.fetchrow(
        "SELECT id, slug, host_region, title_fi, title_sv, title_en FROM event WHERE slug = $1 OR id = $2",
        slug,
        event_id,
    )
    if row is None:
        return None
    titles = {"fi": row["title_fi"], "sv": row["title_sv"], "en": row["title_en"]}
    return EventName(row["id"], row["slug"], row["host_region"], titles)


async def region_names() -> list[tuple[str, str]]:
    """Every region as (code, name in the present language), by name."""
    rows = await database.fetch("SELECT code, name_fi, name_sv, name_en FROM region")
    return sorted(((row["code"], row[f"name_{language()}"]) for row in rows), key=lambda pair: sort_key(pair[1]))


async def sessions_of(staff_id: UUID, token_hash: bytes, now: datetime) -> list[SessionView]:
    """The live sessions of someone, the latest used first."""
    rows = await database.fetch(
        "SELECT id, device, created_at, seen_at, token_hash = $2 AS current FROM session"
        " WHERE staff = $1 AND revoked_at IS NULL AND expires_at > $3 ORDER BY seen_at DESC, id",
        staff_id,
        token_hash,
        now,
    )
    return [SessionView(*row) for row in rows]


def _by_name(rows: list[asyncpg.Record]) -> list[StaffView]:
    return sorted((_staff_view(dict(row)) for row in rows), key=lambda staff: sort_key(staff.name or staff.email))


def _staff_view(values: dict[str, object]) -> StaffView:
    grants = msgspec.json.decode(str(values["grants"]), type=list[GrantView])
    return msgspec.convert({**values, "grants": grants}, StaffView)
