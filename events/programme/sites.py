"""Sites of an event: where one attends, and the number of places."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct, structs

from events.core import database
from events.core.errors import Invalid
from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.programme.tables import SiteMode


class NewSite(Struct, frozen=True, kw_only=True):
    """A site as staff want it; `id` names one that there is already, `capacity` None is without limit.

    A new one that other events of a series get too has an `origin`, by which they know it again.
    """

    mode: str
    name: str = ""
    address: str = ""
    municipality: str | None = None
    join_url: str = ""
    capacity: int | None = None
    id: UUID | None = None
    origin: UUID | None = None


class Settled(Struct, frozen=True):
    """What became of an event's sites: whether anything changed, whose place moved, whether people wait for places.

    `linked` are the sites that stay where they are and whose link to the online meeting was added or changed; of a link
    that was taken away there is nothing to tell yet.
    """

    changed: bool
    moved: list[UUID]
    linked: list[UUID]
    waiting: bool


_PLACE: Mapping[str, Sequence[str]] = {
    SiteMode.VENUE: ("mode", "name", "address", "municipality"),
    SiteMode.ONLINE: ("mode",),
}
"""By how one attends: what people must hear of when it changes. The name of an online site is for staff alone."""

OWN = tuple(field.name for field in structs.fields(NewSite) if field.name not in {"id", "origin"})
"""What staff say of a site."""


async def add_site(event_id: UUID, site: NewSite, position: int) -> None:
    """Add a site to an event."""
    await database.execute(
        "INSERT INTO site (id, event, mode, name, address, municipality, join_url, capacity, position, origin)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, gen_random_uuid()))",
        event_id,
        site.mode,
        site.name,
        site.address,
        site.municipality,
        site.join_url,
        site.capacity,
        position,
        site.origin,
    )


async def settle(event_id: UUID, wanted: Sequence[NewSite]) -> Settled:
    """Make the event's sites those that are wanted; the caller holds the event's row and a transaction.

    Raises Invalid, keyed like the form's fields (`sites-0-capacity`), for a capacity below the places taken and for
    removing a site that someone registered for.
    """
    rows = await database.fetch("SELECT * FROM site WHERE event = $1 ORDER BY id FOR NO KEY UPDATE", event_id)
    known = {row["id"]: row for row in rows}
    kept = {site.id for site in wanted if site.id in known}
    _refuse_too_small(wanted, {identity: row["taken"] for identity, row in known.items()})
    await _remove([identity for identity in known if identity not in kept])
    moved, linked, changed = [], [], len(kept) < len(known)
    for position, site in enumerate(wanted):
        if site.id is None or site.id not in known:
            await add_site(event_id, site, position)
            changed = True
            continue
        before = known[site.id]
        differing = {name for name in OWN if before[name] != getattr(site, name)}
        if differing & {*_PLACE[before["mode"]], *_PLACE[site.mode]}:
            moved.append(site.id)
        elif "join_url" in differing and site.join_url:
            linked.append(site.id)
        changed |= bool(differing)
        await _update(site, position)
    return Settled(changed, moved, linked, any(row["waiting"] for row in rows))


def _refuse_too_small(wanted: Sequence[NewSite], taken: dict[UUID, int]) -> None:
    errors = {}
    for position, site in enumerate(wanted):
        used = taken.get(site.id, 0) if site.id else 0
        if site.capacity is not None and site.capacity < used:
            message = ngettext("%(n)s place is taken already.", "%(n)s places are taken already.", used)
            errors[f"sites-{position}-capacity"] = [message]
    if errors:
        raise Invalid(errors)


async def _remove(sites: list[UUID]) -> None:
    used = await database.fetchval("SELECT EXISTS (SELECT FROM registration WHERE site = ANY($1))", sites)
    if used:
        raise Invalid({"sites": [_("A site that someone has registered for cannot be removed.")]})
    await database.execute("DELETE FROM site WHERE id = ANY($1)", sites)


async def _update(site: NewSite, position: int) -> None:
    await database.execute(
        "UPDATE site SET mode = $2, name = $3, address = $4, municipality = $5, join_url = $6, capacity = $7,"
        " position = $8 WHERE id = $1",
        site.id,
        site.mode,
        site.name,
        site.address,
        site.municipality,
        site.join_url,
        site.capacity,
        position,
    )
