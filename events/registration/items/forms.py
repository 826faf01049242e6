"""Items of the agenda as a choice on pages: the hours, room and places left of each."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from markupsafe import Markup
from wtforms import SelectChoice

from events.core.forms import BaseForm, CheckboxesField, FormData
from events.core.i18n import format_hours, format_span, ngettext
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import queries as programme
from events.programme.agenda.rules import ItemView, by_day
from events.programme.queries import EventView
from events.registration.items import rules
from events.registration.items.chosen import own_items
from events.registration.queries import RegistrationView
from events.registration.questions.forms import in_its_language


class ItemsForm(BaseForm):
    """The items that one signs up for."""

    items = CheckboxesField(_l("What do you take part in?"))


async def items_form_of(
    event: EventView, registration: RegistrationView, sent: FormData | None = None
) -> ItemsForm | None:
    """Return the form of the items at someone's site; None where there is nothing to sign up for."""
    items = rules.offered(await programme.agenda(event.id), registration.site)
    if not items:
        return None
    own = await own_items(registration.id)
    form = ItemsForm(sent, data={"items": [str(item) for item in own]})
    form.items.choices = item_choices(items, event.zone, own=own)
    return form


def item_choices(
    items: Sequence[ItemView],
    zone: str,
    *,
    own: Collection[UUID] = (),
    places: Mapping[UUID, str] | None = None,
) -> list[SelectChoice]:
    """Return items to choose from: what is full cannot be, unless it is one's `own`.

    With `places`, the names of the sites, each says where it takes place; a script hides that with what is elsewhere.
    """
    choices = []
    for item, words in zip(items, described(items, zone), strict=True):
        where = _where(item, places) if places else ""
        full = item.left == 0 and item.id not in own
        choices.append(SelectChoice(str(item.id), words + _left(item) + where, {"disabled": True} if full else {}))
    return choices


def _left(item: ItemView) -> str:
    left = item.left
    if left is None:
        return ""
    return ", " + (ngettext("%(n)s place left", "%(n)s places left", left) if left else _("full"))


def _where(item: ItemView, places: Mapping[UUID, str]) -> Markup:
    where = places.get(item.site, "") if item.site else _("Everywhere")
    return Markup(' <span class="muted" data-condition>({})</span>').format(where)


def described(items: Sequence[ItemView], zone: str) -> list[Markup]:
    """Return of each item its hours, with the day where they are on several, its title and room."""
    hours = format_span if len(by_day(items, zone)) > 1 else format_hours
    return [
        Markup(", ").join(
            part for part in (hours(item.starts_at, item.ends_at, zone), in_its_language(item.title), item.room) if part
        )
        for item in items
    ]
