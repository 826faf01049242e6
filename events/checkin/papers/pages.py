"""The papers of an event: what can be printed, a picture of a badge, and asking for each of them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin.oneself.actions import poster_code
from events.checkin.papers import actions, badges, lists, queries
from events.checkin.papers.actions import Look
from events.checkin.papers.formats import BADGES
from events.checkin.papers.forms import AttendanceForm, BadgeForm, SignForm, one
from events.checkin.papers.queries import Choice
from events.checkin.settings import queries as settings
from events.checkin.settings.tables import Poster
from events.core import clock
from events.core.actor import Actor
from events.core.documents import queries as documents
from events.core.documents.tables import DocumentState
from events.core.errors import Conflict, NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.places import place_names

PATH = "/staff/events/{slug:str}/papers"
GUARDS = [Requires(Action.SEE_REGISTRATIONS)]

Order = Callable[..., Awaitable[UUID]]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def papers_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What can be printed; with choices in the address, the form shows them and the picture follows."""
    event = await _event(request, slug)
    asked = FormData()
    for name, value in request.query_params.multi_items():
        asked.setdefault(name, []).append(value)
    shown = BadgeForm(asked if "badges-format" in asked else None, await place_names(event))
    if "registration" in asked:
        shown.registration.data = asked.text("registration")
    return await _page(request, event, {"badges": shown})


@get(f"{PATH}/badge.png", guards=GUARDS, include_in_schema=False)
async def badge_picture(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """One badge in the size that is asked for, else in the first."""
    event = await _event(request, slug)
    form = BADGES.get(request.query_params.get("format", ""), next(iter(BADGES.values())))
    return Response(await badges.example(event, form), media_type="image/png")


@post(f"{PATH}/badges", guards=GUARDS, include_in_schema=False)
async def order_badges(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Have badges made."""
    event = await _event(request, slug)
    form = BadgeForm(await read_form(request), await place_names(event))

    async def order(actor: Actor, now: datetime) -> UUID:
        look = Look(format=form.format.data, back=form.back.data, cut=form.cut.data)
        return await actions.order_badges(event, form.choice, look, actor=actor, now=now)

    return await _order(request, event, "badges", form, order)


@post(f"{PATH}/signs", guards=GUARDS, include_in_schema=False)
async def order_signs(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Have table signs made."""
    event = await _event(request, slug)
    form = SignForm(await read_form(request), await place_names(event))

    async def order(actor: Actor, now: datetime) -> UUID:
        chosen = (form.choice, form.format.data, form.large.data)
        return await actions.order_signs(event, *chosen, actor=actor, now=now)

    return await _order(request, event, "signs", form, order)


@post(f"{PATH}/attendance", guards=GUARDS, include_in_schema=False)
async def order_attendance(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Have the list to be signed made; a button without fields asks for all places."""
    event = await _event(request, slug)
    form = AttendanceForm(await read_form(request), await _venues(event))

    async def order(actor: Actor, now: datetime) -> UUID:
        return await actions.order_attendance(event, form.wanted, actor=actor, now=now)

    return await _order(request, event, "attendance", form, order)


@post(f"{PATH}/poster", guards=GUARDS, include_in_schema=False)
async def order_poster(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Have a poster made that leads to the event's public page, or with `here` to checking in."""
    event, sent = await _event(request, slug), await read_form(request)
    url, instruction = absolute(f"/events/{event.slug}"), _("Read the code with your phone: it opens the event’s page")
    if "here" in sent:
        chosen = await settings.chosen(event.id)
        if chosen.poster is not Poster.FIXED:
            raise NotFound
        url = absolute(f"/here/{event.slug}/{poster_code(event.id, chosen, clock.now())}")
        instruction = _("Read the code with your phone and check in")

    async def order(actor: Actor, now: datetime) -> UUID:
        return await actions.order_poster(event, url, instruction, actor=actor, now=now)

    return await _order(request, event, "poster", BaseForm(FormData()), order)


async def _order(
    request: AnyRequest, event: EventView, paper: str, form: BaseForm, order: Order
) -> Redirect | Template:
    """Lead to the file, or to how far it is; what is wrong with the choices is said beside them."""
    actor, now = actor_of(request), clock.now()
    if form.validate():
        try:
            document = await documents.own(await order(actor, now), actor.id, now)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
        else:
            if document is None:
                raise NotFound
            return see_other(document.path + ("/file" if document.state is DocumentState.READY else ""))
    return await _page(request, event, {paper: form}, status=form.status)


async def _event(request: AnyRequest, slug: str) -> EventView:
    event = await queries.event_of(slug, actor_of(request), clock.now())
    if event is None:
        raise NotFound
    return event


async def _venues(event: EventView) -> dict[UUID, str]:
    names = await place_names(event)
    return {site: names[site] for site in lists.venues(event)}


async def _page(request: AnyRequest, event: EventView, sent: Mapping[str, BaseForm], *, status: int = 200) -> Template:
    places, venues = await place_names(event), await _venues(event)
    forms: dict[str, Any] = {
        "badges": BadgeForm(None, places),
        "signs": SignForm(None, places),
        "attendance": AttendanceForm(None, venues),
        **sent,
    }
    poster = (await settings.chosen(event.id)).poster
    everybody = await queries.guests(event.id, Choice())
    alone = one(forms["badges"].registration.data)
    size = forms["badges"].format.data
    return page(
        request,
        "checkin/papers.html",
        status=status,
        event=event,
        forms=forms,
        people=len(everybody),
        alone=next((guest.name for guest in everybody if guest.id == alone), "") if alone else None,
        picture=size if size in BADGES else next(iter(BADGES)),
        venues=venues,
        several=len(places) > 1,
        check_in_poster=poster is Poster.FIXED,
        documents=await documents.own_about("event", event.id, actor_of(request).id, clock.now(), kinds="papers."),
        path=f"/staff/events/{event.slug}/papers",
    )


ROUTES: list[ControllerRouterHandler] = [
    papers_page,
    badge_picture,
    order_badges,
    order_signs,
    order_attendance,
    order_poster,
]
