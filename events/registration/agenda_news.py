"""What a letter says of a changed agenda, and which letters are about nothing else."""

from uuid import UUID

from events.messaging.letter import Owed
from events.programme.agenda import queries as agenda
from events.programme.queries import EventView
from events.programme.rules import AGENDA, ITEM, LINK
from events.registration.places import place_names


def about(occurrence: str) -> str:
    """Return what a message about a changed event is about alone: a link, the agenda, an item; "" for the whole."""
    return next((part for part in (LINK, AGENDA, ITEM) if occurrence.endswith(part)), "")


async def agenda_news(event: EventView, owed: Owed, *, reminder: bool) -> list[str]:
    """Return what has changed in the agenda as far as this letter is to tell it, line by line."""
    part = about(owed.occurrence)
    if not reminder and part not in {AGENDA, ITEM}:
        return []
    places = await place_names(event) if len(event.sites) > 1 else {}
    if reminder:
        return await agenda.reminded_lines(event, owed.subject_id, owed.id, places)
    said = owed.occurrence.removesuffix(part)
    if part == ITEM:
        return await agenda.item_lines(event, UUID(said), places)
    return await agenda.told_lines(event, int(said.rpartition(":")[2]), places)
