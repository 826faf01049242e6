"""Items of the agenda on the public form: whoever gets a place at once has them with it, others choose later."""

from typing import Any
from uuid import UUID

from events.core.i18n import gettext as _
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.items import rules
from events.registration.items.forms import item_choices
from events.registration.places import has_room, place_names
from events.registration.public.forms import RegistrationForm


async def offer_items(form: RegistrationForm, event: EventView) -> dict[str, Any]:
    """Let the form offer what one signs up for, unless nobody has a place at once; returns what its template takes.

    What is full is not ticked any more: a browser would not send it.
    """
    items = rules.offered(await programme.agenda(event.id))
    free = [has_room(site) for site in event.open_sites]
    sure = not event.needs_approval and event.address_hours is None
    shown = items if sure and any(free) else []
    names = await place_names(event) if len(event.open_sites) > 1 else None
    form.items.choices = item_choices(shown, event.zone, places=names)
    ticked = form.items.data or []
    lost = {item.id for item in shown if item.left == 0 and str(item.id) in ticked}
    form.items.data = [text for text in ticked if text not in map(str, lost)]
    form.items.errors = list(dict.fromkeys([*form.items.errors, *rules.without_place(shown, lost)]))
    return {"items": shown, "chooses_later": bool(items) and not shown, "may_wait": not all(free)}


async def check_items(form: RegistrationForm, event: EventView, site: UUID) -> bool:
    """Say whether the items can be had together at a site, be there places or not; if not, the field says why."""
    ticked = set(form.items.data or ())
    if not ticked:
        return True
    wanted = form.entered().items
    form.items.errors = (
        rules.mistakes(await programme.agenda(event.id), wanted, site)
        if len(wanted) == len(ticked)
        else [_("One cannot sign up for that here.")]
    )
    return not form.items.errors
