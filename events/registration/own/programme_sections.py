"""What the page of one's registration says of the programme: the meeting, materials, items to sign up for."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import SelectChoice

from events.core.forms import BaseForm, CheckboxesField, FormData
from events.core.http import CONTENT_SECURITY_POLICY
from events.core.i18n import format_hours, ngettext
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import queries as programme
from events.programme.agenda.rules import ItemView, at_site
from events.programme.queries import EventView
from events.registration import queries
from events.registration.items.chosen import agenda_lines, own_items
from events.registration.own.joining import meeting
from events.registration.queries import RegistrationView


def letting_join(url: str) -> dict[str, str]:
    """Return the headers with which a page may send a form that leads to the meeting, none without a link.

    The rule holds for each redirect on the way too, and Teams, Zoom and short links lead from host to host: it is any.
    """
    if not url:
        return {}
    allowed = "form-action 'self' https: http:"
    return {"content-security-policy": CONTENT_SECURITY_POLICY.replace("form-action 'self'", allowed)}


class ItemsForm(BaseForm):
    """The items of the agenda that one signs up for, with the hours and places left of each."""

    items = CheckboxesField(_l("What do you take part in?"))


async def items_form_of(
    event: EventView, registration: RegistrationView, sent: FormData | None = None
) -> ItemsForm | None:
    """Return the form of the items at one's site; None where there is nothing to sign up for."""
    items = [item for item in at_site(await programme.agenda(event.id), registration.site) if item.sign_up]
    if not items:
        return None
    own = await own_items(registration.id)
    form = ItemsForm(sent, data={"items": [str(item) for item in own]})
    form.items.choices = [
        SelectChoice(str(item.id), _item_label(item, event.zone), {"disabled": True} if _gone(item, own) else {})
        for item in items
    ]
    return form


def _gone(item: ItemView, own: Collection[UUID]) -> bool:
    return item.left == 0 and item.id not in own


def _item_label(item: ItemView, zone: str) -> str:
    left = item.left
    places = "" if left is None else ngettext("%(n)s place left", "%(n)s places left", left) if left else _("full")
    parts = (format_hours(item.starts_at, item.ends_at, zone), item.title[0], item.room, places)
    return ", ".join(part for part in parts if part)


async def own_programme(
    event: EventView, registration: RegistrationView, now: datetime, items_form: BaseForm | None
) -> dict[str, Any]:
    """Return what the page of one's registration says of the programme."""
    return {
        "meeting": meeting(event, registration, now),
        "items_form": items_form or await items_form_of(event, registration),
        "agenda": await agenda_lines(event, registration.site, registration.id),
        "arrival": (await programme.arrivals(event.id))[registration.site],
        "materials": await programme.materials_for(event.id, await queries.circle(registration), now),
    }
