"""Staff pages of events: the list, a new one, and the page of one with what it waits for."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Invalid, NotAllowed, NotFound
from events.core.forms import read_form
from events.core.i18n import language
from events.core.text import fold
from events.core.web import AnyRequest, page, page_number, see_other, told_number
from events.network import queries as network
from events.programme import presentation, queries, rules, staff_queries
from events.programme.actions import NewEvent, NewSite, create_event
from events.programme.cards import CARDS, allowed_regions, attach
from events.programme.materials.queries import materials
from events.programme.public_pages import event_context, may_edit
from events.programme.queries import EventView
from events.programme.steps import standing
from events.programme.steps.next_steps import next_steps
from events.programme.steps.parts import to_mend
from events.programme.steps.registered import counts, waiting_words
from events.programme.time_forms import NewEventForm
from events.programme.words import ACCESSES, KINDS, WAITING_LISTS

EVENTS = "/staff/events"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(EVENTS, guards=GUARDS, include_in_schema=False)
async def events_page(request: AnyRequest) -> Template:
    """The events that the actor may edit."""
    now, number = clock.now(), page_number(request)
    chosen = staff_queries.read_chosen(request.query_params)
    found = await staff_queries.staff_events(actor_of(request), chosen, page=number, now=now)
    counted = await counts([event.id for event in found.items])
    return page(
        request,
        "programme/staff_events.html",
        cards=await presentation.cards(found.items, now),
        steps={event.id: next_steps(event, counted[event.id], now) for event in found.items},
        counts=counted,
        waiting={event: waiting_words(each) for event, each in counted.items()},
        chosen=chosen,
        regions=await network.regions(),
        kinds=KINDS,
        number=number,
        pages=-(-found.total // staff_queries.PAGE_SIZE),
        may_create=bool(await allowed_regions(actor_of(request), now)),
    )


@get(f"{EVENTS}/new", guards=GUARDS, include_in_schema=False)
async def new_event_page(request: AnyRequest) -> Template:
    """The four questions of a new event."""
    return page(request, "programme/staff_new.html", form=await _new_form(request))


@post(f"{EVENTS}/new", guards=GUARDS, include_in_schema=False)
async def make_event(request: AnyRequest) -> Template | Redirect:
    """Make a draft and show it."""
    form = await _new_form(request, sent=True)
    if form.validate():
        try:
            created = await create_event(await _new_event(form), actor=actor_of(request), now=clock.now())
            return see_other(f"{EVENTS}/{created.slug}")
        except Invalid as error:
            attach(form, error.errors)
    return page(request, "programme/staff_new.html", status=form.status, form=form)


@get(f"{EVENTS}/{{slug:str}}", guards=GUARDS, include_in_schema=False)
async def staff_event_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """One event: what it waits for, its settings as cards, and the ways to its people."""
    now, actor = clock.now(), actor_of(request)
    event = await editable(request, slug)
    counted = (await counts([event.id]))[event.id]
    query = request.query_params
    return page(
        request,
        "programme/staff_event.html",
        **await event_context(event),
        materials=await materials(event.id),
        counts=counted,
        waiting=waiting_words(counted),
        steps=next_steps(event, counted, now),
        line=standing.line(event, now),
        findings=await to_mend(event, now),
        mends_projects=may(actor, Action.EDIT_PROJECTS, now=now),
        edit_cards={name: str(card.title) for name, card in CARDS.items()},
        waiting_list=str(WAITING_LISTS[event.waiting_list]),
        access=str(ACCESSES[event.access]),
        allowed={
            action.value: may(actor, action, now=now, event_id=event.id, region=event.host_region) for action in Action
        },
        closes_sites=event.state != "cancelled"
        and now < event.ends_at
        and may(actor, Action.EDIT_REGISTRATIONS, now=now, **event.where),
        saved=query.get("saved", ""),
        told=told_number(query.get("told", "")),
        others=told_number(query.get("others", "")),
        kept=told_number(query.get("kept", "")),
    )


async def editable(request: AnyRequest, slug: str) -> EventView:
    """Return an event that the actor may edit; raises NotFound for any other."""
    event = await queries.by_slug(slug)
    if event is None or not may_edit(actor_of(request), event):
        raise NotFound
    return event


async def _new_form(request: AnyRequest, *, sent: bool = False) -> NewEventForm:
    data = await read_form(request) if sent else None  # first: it may change the language of what follows
    regions = await allowed_regions(actor_of(request), clock.now())
    if not regions:
        raise NotAllowed
    return NewEventForm(
        data,
        regions=[(region.code, region.name) for region in regions],
        data={"region": regions[0].code if len(regions) == 1 else ""},
    )


async def _new_event(form: NewEventForm) -> NewEvent:
    if form.starts_at is None or form.ends_at is None:
        raise RuntimeError("a valid form has its times")
    sites = []
    if form.venue.data or form.places.data is not None:
        venue = form.venue.data or ""
        sites.append(
            NewSite(mode="venue", name=venue, municipality=await _municipality(venue), capacity=form.places.data)
        )
    if form.online.data:
        sites.append(NewSite(mode="online", capacity=form.online_places.data))
    return NewEvent(
        kind=form.kind.data,
        titles={language(): form.title.data},
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        zone=rules.ZONE,
        host_region=form.region.data,
        sites=tuple(sites),
    )


async def _municipality(venue: str) -> str | None:
    """Find the municipality that stands last in a venue's name: Verkatehdas, Hämeenlinna."""
    town = fold(venue.rsplit(",", 1)[-1])
    return next((known.code for known in await network.municipalities() if fold(known.name) == town), None)


ROUTES: list[ControllerRouterHandler] = [events_page, new_event_page, make_event, staff_event_page]
