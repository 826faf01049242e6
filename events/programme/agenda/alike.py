"""Items of the agenda in the events of a series: what a change of one may do to its counterparts."""

from collections.abc import Sequence
from uuid import UUID

from events.core import database
from events.core.errors import Invalid
from events.core.i18n import ngettext
from events.programme.agenda.queries import agenda
from events.programme.agenda.rules import ItemView
from events.programme.agenda.tables import AgendaItem
from events.programme.agenda.telling import remembering
from events.programme.counterparts.actions import Part
from events.programme.counterparts.rules import Change
from events.programme.queries import EventView


async def _require_people_kept(event: EventView, changes: Sequence[Change]) -> None:
    """Raise Invalid where someone would lose a place that they signed up for."""
    items = {item.id: item for item in await agenda(event.id)}
    for change in changes:
        item = items.get(change.id) if change.id else None
        if item and item.signed:
            _require_room(item, change)
        if item and item.registered and change.new is None:
            message = ngettext(
                "%(title)s: %(n)s registered person speaks there.",
                "%(title)s: %(n)s registered people speak there.",
                len(item.registered),
                title=item.title[0],
            )
            raise Invalid({"": [message]})


def _require_room(item: ItemView, change: Change) -> None:
    named = {"title": item.title[0]}
    if change.new is None or not change.new["sign_up"]:
        message = ngettext(
            "%(title)s: %(n)s person has signed up for it.",
            "%(title)s: %(n)s people have signed up for it.",
            item.signed,
            **named,
        )
    elif change.new["capacity"] is not None and change.new["capacity"] < item.signed:
        message = ngettext(
            "%(title)s: %(n)s place is taken already.",
            "%(title)s: %(n)s places are taken already.",
            item.signed,
            **named,
        )
    else:
        return
    raise Invalid({"": [message]})


async def _count(event_id: UUID) -> None:
    """Count anew who has signed up for what has a limit."""
    await database.execute(
        "UPDATE agenda_item SET taken = CASE WHEN capacity IS NULL THEN 0 ELSE"
        " (SELECT count(*) FROM registration_item WHERE item = agenda_item.id) END WHERE event = $1",
        event_id,
    )


AGENDA = Part((AgendaItem,), check=_require_people_kept, settle=_count, around=remembering, in_calendars=True)
