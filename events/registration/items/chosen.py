"""What someone has of the agenda: what takes place at their site, and the items they signed up for."""

from collections.abc import Collection
from uuid import UUID

from events.core import database
from events.core.i18n import format_date, format_hours
from events.core.i18n import gettext as _
from events.programme import queries as programme
from events.programme.agenda.rules import ItemView, lines
from events.programme.queries import EventView
from events.registration.counters import Counter, move
from events.registration.items.rules import offered
from events.registration.places import place_names

CHOSEN = "✓"
"""How an item that someone has a place in is marked in their agenda."""


async def own_items(registration_id: UUID) -> frozenset[UUID]:
    """Return the items of the agenda that someone has a place in."""
    rows = await database.fetch("SELECT item FROM registration_item WHERE registration = $1", registration_id)
    return frozenset(row["item"] for row in rows)


async def agenda_lines(event: EventView, site: UUID, registration_id: UUID) -> list[str]:
    """Return the agenda at a site as plain lines, with the items in which the person speaks or has a place marked."""
    items = await programme.agenda(event.id)
    spoken = {item.id for item in items if speaks_in(item, registration_id)}
    marks = dict.fromkeys(await own_items(registration_id), CHOSEN) | dict.fromkeys(spoken, _("– you speak"))
    there = [item for item in items if item.site in {None, site} or item.id in spoken]
    return lines(there, event.zone, marks) if there else []


def speaks_in(item: ItemView, registration_id: UUID) -> bool:
    """Say whether someone speaks in an item."""
    return any(each.registration == registration_id for each in item.registered)


async def spoken_lines(event: EventView, registration_id: UUID) -> list[str]:
    """Return when and where someone speaks, a line of each item."""
    items = [item for item in await programme.agenda(event.id) if speaks_in(item, registration_id)]
    places = await place_names(event) if items and len(event.sites) > 1 else {}
    return [_spoken(item, event.zone, places.get(item.site, "") if item.site else "") for item in items]


def _spoken(item: ItemView, zone: str, place: str) -> str:
    day, hours = format_date(item.starts_at, zone), format_hours(item.starts_at, item.ends_at, zone)
    return ", ".join(part for part in (f"{day} {hours}", item.title[0], item.room, place) if part)


async def has_yet_to_choose(event: EventView, site: UUID, registration_id: UUID) -> bool:
    """Say whether there is something to sign up for at a site and someone has signed up for nothing yet."""
    return bool(offered(await programme.agenda(event.id), site)) and not await own_items(registration_id)


async def items_of(event_id: UUID, registrations: Collection[UUID] | None = None) -> dict[UUID, list[str]]:
    """Return the titles of what everybody at an event signed up for, or these registrations alone, by the hour."""
    titles = {item.id: item.title[0] for item in await programme.agenda(event_id)}
    rows = await database.fetch(_OF_EVENT, event_id, None if registrations is None else list(registrations))
    items: dict[UUID, list[str]] = {}
    for row in rows:
        if row["item"] in titles:  # it may have been added meanwhile
            items.setdefault(row["registration"], []).append(titles[row["item"]])
    return items


_OF_EVENT = """
SELECT registration, item FROM registration_item JOIN agenda_item ON agenda_item.id = item
WHERE event = $1 AND ($2::uuid[] IS NULL OR registration = ANY($2)) ORDER BY starts_at, ends_at, agenda_item.id
"""


async def give_items_back(registration_id: UUID, *, but_at: UUID | None = None) -> None:
    """Give back the items of someone who left, or with `but_at` those that are not at their new site.

    The registration's site must be locked.
    """
    rows = await database.fetch(
        "SELECT item FROM registration_item JOIN agenda_item ON agenda_item.id = item"
        " WHERE registration = $1 AND ($2::uuid IS NULL OR agenda_item.site <> $2)",
        *(registration_id, but_at),
    )
    gone = {row["item"] for row in rows}
    await move(give=[Counter("item", item) for item in gone])
    await take_out(registration_id, gone)


async def hand_items_over(registration_id: UUID, to: UUID) -> None:
    """Let the items of someone go along with their place; the counters stay as they are."""
    await database.execute(
        "UPDATE registration_item SET registration = $2 WHERE registration = $1", registration_id, to
    )


async def take_out(registration_id: UUID, items: Collection[UUID]) -> None:
    """Delete that someone has these items; their counters are moved by the caller."""
    if items:
        await database.execute(
            "DELETE FROM registration_item WHERE registration = $1 AND item = ANY($2)", registration_id, list(items)
        )
