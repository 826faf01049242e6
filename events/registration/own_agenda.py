"""The agenda as one person has it: what takes place at their site, and what they signed up for."""

from uuid import UUID

from events.core import database
from events.programme import queries as programme
from events.programme.agenda_rules import at_site, lines
from events.programme.queries import EventView


async def own_items(registration_id: UUID) -> frozenset[UUID]:
    """Return the items of the agenda that someone has a place in."""
    rows = await database.fetch("SELECT item FROM registration_item WHERE registration = $1", registration_id)
    return frozenset(row["item"] for row in rows)


async def agenda_lines(event: EventView, site: UUID, registration_id: UUID) -> list[str]:
    """Return the agenda at a site as plain lines, the person's own items marked."""
    items = at_site(await programme.agenda(event.id), site)
    return lines(items, event.zone, await own_items(registration_id)) if items else []
