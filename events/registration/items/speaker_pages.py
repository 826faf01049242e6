"""The page on which staff say who of those registered speaks in an item of the agenda."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import BadRequest, Conflict, NotFound
from events.core.forms import read_form
from events.core.text import clean_line
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.agenda.rules import ItemView
from events.programme.queries import EventView
from events.registration.items.speaking import let_speak, take_speaker_out
from events.registration.places import place_names
from events.registration.rules import GONE
from events.registration.staff import queries as staff_queries
from events.registration.staff.filters import LONGEST, Filters, View
from events.registration.staff.reach import allowed, event_for
from events.registration.tables import RegistrationRole, State
from events.registration.words import role_words

PATH = "/staff/events/{slug:str}/agenda/{item_id:uuid}/speakers"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]
_IN_FORCE = tuple(state.value for state in State if state not in GONE)


@get(PATH, guards=GUARDS, include_in_schema=False)
async def speakers_page(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template:
    """Who speaks, and whom one may choose: those in the role of a speaker, or whom one looks for."""
    event, item = await _item(request, slug, item_id)
    return await _page(request, event, item)


@post(PATH, guards=GUARDS, include_in_schema=False)
async def change_speakers(request: AnyRequest, slug: FromPath[str], item_id: FromPath[UUID]) -> Template | Redirect:
    """Let someone speak (`add`), or not after all (`remove`)."""
    sent = await read_form(request)
    event, item = await _item(request, slug, item_id)
    actor, now = actor_of(request), clock.now()
    try:
        if "remove" in sent:
            await take_speaker_out(event.id, item.id, UUID(sent.text("remove")), actor=actor, now=now)
        else:
            chosen, as_speaker = UUID(sent.text("add")), "as_speaker" in sent
            await let_speak(event.id, item.id, chosen, as_speaker=as_speaker, actor=actor, now=now)
    except ValueError as error:
        raise BadRequest from error
    except Conflict as conflict:
        return await _page(request, event, item, refusal=conflict.message)
    return see_other(f"/staff/events/{event.slug}/agenda/{item.id}/speakers?saved=1")


async def _item(request: AnyRequest, slug: str, item_id: UUID) -> tuple[EventView, ItemView]:
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    item = next((each for each in await programme.agenda(event.id) if each.id == item_id), None)
    if item is None or not allowed(request, event, Action.EDIT_EVENTS):
        raise NotFound
    return event, item


async def _page(request: AnyRequest, event: EventView, item: ItemView, refusal: str = "") -> Template:
    words = clean_line(request.query_params.get("q", ""))[:LONGEST]
    role = "" if words else RegistrationRole.SPEAKER.value
    view = View(Filters(q=words, role=role, state=_IN_FORCE), sort="name")
    found = await staff_queries.found(event.id, view, page=1)
    speaking = {each.registration for each in item.registered}
    return page(
        request,
        "registration/speakers.html",
        status=409 if refusal else 200,
        event=event,
        item=item,
        place=(await place_names(event)).get(item.site, "") if item.site else "",
        people=[line for line in found.items if line.id not in speaking],
        more=found.total > len(found.items),
        roles={role.value: role_words(role) for role in RegistrationRole},
        words=words,
        refusal=refusal,
        saved="saved" in request.query_params,
    )


ROUTES: list[ControllerRouterHandler] = [speakers_page, change_speakers]
