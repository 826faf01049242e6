"""The page on which staff write the arrival card of a site."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from wtforms import StringField, TextAreaField, URLField
from wtforms.validators import Length

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Invalid, NotFound
from events.core.forms import read_form
from events.core.i18n import LANGUAGE_NAMES, LANGUAGES
from events.core.i18n import lazy_gettext as _l
from events.core.web import AnyRequest, page, see_other
from events.programme import presentation
from events.programme.arrivals.actions import ARRIVALS, COLUMNS, write_arrival
from events.programme.arrivals.queries import ArrivalView, arrivals
from events.programme.counterparts.actions import done_alike
from events.programme.counterparts.queries import counterparts
from events.programme.fields import web_address
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, offer_scopes, refused_by, told_of
from events.programme.series.queries import Scope
from events.programme.staff_pages import EVENTS, editable
from events.programme.words import ARRIVAL

ARRIVAL_PAGE = f"{EVENTS}/{{slug:str}}/sites/{{site_id:uuid}}/arrival"
GUARDS = [Requires(Action.EDIT_EVENTS)]
LONGEST = 600


class ArrivalForm(ScopeForm):
    """The card of one site; the texts per language are added below."""

    host = StringField(_l("Host organisation"), [Length(max=200)])
    phone = StringField(
        _l("Telephone on the day"), [Length(max=100)], description=_l("Only those who have a place see it.")
    )
    map_url = URLField(
        _l("Link to a map"),
        [Length(max=500), web_address],
        description=_l("Empty: a map of the street address. It opens only when someone follows it."),
    )
    door = StringField(
        _l("Name of the door"), [Length(max=60)], description=_l("Check-in at this site opens under this name.")
    )


for _name, _label in ARRIVAL.items():
    for _code in LANGUAGES:
        setattr(ArrivalForm, f"{_name}_{_code}", TextAreaField(_label, [Length(max=LONGEST)], render_kw={"rows": 2}))


@get(ARRIVAL_PAGE, guards=GUARDS, include_in_schema=False)
async def arrival_page(request: AnyRequest, slug: FromPath[str], site_id: FromPath[UUID]) -> Template:
    """The card of a site."""
    event, card = await _card(request, slug, site_id)
    data: dict[str, Any] = {name: getattr(card, name) for name in ("host", "phone", "map_url", "door")}
    data |= {f"{name}_{code}": text for name, texts in card.texts.items() for code, text in texts.items()}
    return await _page(request, event, card, ArrivalForm(data=data), 200)


@post(ARRIVAL_PAGE, guards=GUARDS, include_in_schema=False)
async def save_arrival(request: AnyRequest, slug: FromPath[str], site_id: FromPath[UUID]) -> Template | Redirect:
    """Save the card of a site."""
    sent = await read_form(request)
    event, card = await _card(request, slug, site_id)
    form = ArrivalForm(sent)
    if not form.validate():
        return await _page(request, event, card, form, form.status)
    texts = {name: form[name].data or "" for name in COLUMNS}
    actor, now = actor_of(request), clock.now()
    try:
        async with done_alike(event.id, ARRIVALS, Scope(form.scope.data), actor=actor, now=now) as alike:
            await write_arrival(event.id, site_id, texts, actor=actor, now=now)
    except Invalid as invalid:
        form.form_errors.append(refused_by(invalid))
        return await _page(request, event, card, form, 422)
    return see_other(f"{EVENTS}/{event.slug}?saved=card{told_of(alike)}")


async def _card(request: AnyRequest, slug: str, site_id: UUID) -> tuple[EventView, ArrivalView]:
    event = await editable(request, slug)
    card = (await arrivals(event.id)).get(site_id)
    if card is None:
        raise NotFound
    return event, card


async def _page(request: AnyRequest, event: EventView, card: ArrivalView, form: ArrivalForm, status: int) -> Template:
    now = clock.now()
    shown = await presentation.card(event, now)
    places = [*shown.places, *shown.closed]
    among = await counterparts("site", card.site)
    return page(
        request,
        "programme/staff_arrival.html",
        status=status,
        event=event,
        place=next(place for place in places if place.site.id == card.site),
        form=form,
        together=await offer_scopes(form, event, actor_of(request), now, among=among),
        names=list(ARRIVAL),
        languages=LANGUAGE_NAMES,
    )


ROUTES: list[ControllerRouterHandler] = [arrival_page, save_arrival]
