"""What someone has of the agenda: what takes place at their site, and the items they signed up for."""

from collections.abc import Collection
from uuid import UUID

from events.core import database
from events.programme import queries as programme
from events.programme.agenda.rules import at_site, lines
from events.programme.queries import EventView
from events.registration.counters import Counter, move
from events.registration.items.rules import offered


async def own_items(registration_id: UUID) -> frozenset[UUID]:
    """Return the items of the agenda that someone has a place in."""
    rows = await database.fetch("SELECT item FROM registration_item WHERE registration = $1", registration_id)
    return frozenset(row["item"] for row in rows)


async def agenda_lines(event: EventView, site: UUID, registration_id: UUID) -> list[str]:
    """Return the agenda at a site as plain lines, the person's own items marked."""
    items = at_site(await programme.agenda(event.id), site)
    return lines(items, event.zone, await own_items(registration_id)) if items else []


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
