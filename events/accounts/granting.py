"""Giving and taking rights, within the caller's transaction: who acts is read again under a lock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit, queries
from events.accounts.queries import EventName
from events.accounts.rules import EVENT_ROLES, GROUP_ROLES, REGION_ROLES, may_give
from events.accounts.tables import Role
from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.errors import NotAllowed, NotFound, require
from events.core.i18n import gettext as _

_GIVE = """
INSERT INTO staff_grant (id, staff, role, resource_kind, resource_id, until, granted_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (staff, role, resource_kind, resource_id) DO UPDATE SET until = $6, granted_by = $7
RETURNING id
"""


class Place(Struct, frozen=True):
    """Where a right holds: everywhere, in a region, or on an event or a theme group, which lie in a region."""

    kind: str = "all"
    id: str = ""
    region: str | None = None

    @property
    def event_id(self) -> UUID | None:
        """The event, if it is one."""
        return UUID(self.id) if self.kind == "event" else None

    @property
    def group_id(self) -> UUID | None:
        """The theme group, if it is one."""
        return UUID(self.id) if self.kind == "group" else None


EVERYWHERE = Place()


def in_regions(codes: Sequence[str]) -> list[Place]:
    """Return the places of these regions, or everywhere when there are none."""
    return [Place("region", code, code) for code in codes] or [EVERYWHERE]


def on_event(event: EventName) -> Place:
    """Return the place of an event."""
    return Place("event", str(event.id), event.host_region)


async def in_office(actor: Actor, staff_id: UUID) -> Actor:
    """Lock the account to be changed together with the actor's, and return the actor with the rights of this moment.

    Two who take each other's rights away come one after the other, and the second has none any more. Raises NotAllowed
    when the actor has been switched off, NotFound when there is no such account.
    """
    mine = {actor.id} if actor.kind is ActorKind.STAFF and actor.id else set()
    rows = await database.fetch(
        "SELECT id, active FROM staff WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", list({staff_id} | mine)
    )
    active = {row["id"]: row["active"] for row in rows}
    if staff_id not in active:
        raise NotFound
    if not mine:
        return actor
    require(allowed=bool(actor.id and active.get(actor.id)))
    return replace(actor, grants=await queries.grants_of(actor.id)) if actor.id else actor


async def give(
    staff_id: UUID, role: Role, places: Sequence[Place], *, until: datetime | None, actor: Actor, now: datetime
) -> list[UUID]:
    """Give a role in each of the places and return the grants' ids; one that is there gets the new end.

    Raises NotAllowed when the actor has no such rights there themselves, or the role does not fit the place.
    """
    given = []
    for place in places:
        fits = {"all": tuple(Role), "region": REGION_ROLES, "event": EVENT_ROLES, "group": GROUP_ROLES}[place.kind]
        where = {"event_id": place.event_id, "group": place.group_id}
        allowed = role in fits and may_give(actor, role, now=now, until=until, region=place.region, **where)
        require(allowed=allowed, message=_("You can only give rights that you have yourself, and for no longer."))
        grant: UUID = await database.fetchval(
            _GIVE, uuid4(), staff_id, role.value, place.kind, place.id, until, actor.id, now
        )
        await audit.record(
            actor, "staff.granted", "staff", staff_id, now, role=role, kind=place.kind, id=place.id, until=until
        )
        given.append(grant)
    return given


def refuse_oneself(actor: Actor, staff_id: UUID) -> None:
    """Raise NotAllowed when the actor is about to change their own rights."""
    if actor.id == staff_id:
        raise NotAllowed(_("You cannot change your own rights. Ask a colleague."))
