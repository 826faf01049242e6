"""One registration for staff: what is known of it, what can be done with it, notes, tags, what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.actor import Actor
from events.core.errors import BadRequest, Conflict, Invalid, NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration import actions, queries
from events.registration.items.chosen import items_of
from events.registration.items.forms import ItemsForm, items_form_of
from events.registration.items.signing_up import choose_items
from events.registration.places import place_names
from events.registration.queries import RegistrationView
from events.registration.questions.sections import staff_answers, staff_form
from events.registration.staff import columns as staff_columns
from events.registration.staff import notes
from events.registration.staff import queries as staff_queries
from events.registration.staff.columns import columns_for
from events.registration.staff.filters import read_view
from events.registration.staff.forms import MessageForm, NoteForm, TagForm
from events.registration.staff.history import history
from events.registration.staff.reach import allowed, event_for
from events.registration.staff.sending_again import LETTERS, send_again
from events.registration.tables import RegistrationRole
from events.registration.words import role_words

PATH = "/staff/events/{slug:str}/registrations"
SEE = [Requires(Action.SEE_REGISTRATIONS)]
EDIT = [Requires(Action.EDIT_REGISTRATIONS)]


class Deed(Protocol):
    """What staff may do to a registration by one button."""

    async def __call__(self, registration_id: UUID, /, *, actor: Actor, now: datetime) -> object:
        """Do it."""


class PartingDeed(Protocol):
    """What may end a registration, with a message to its person."""

    async def __call__(self, registration_id: UUID, /, *, actor: Actor, now: datetime, message: str) -> object:
        """Do it."""


_DEEDS: Mapping[str, Deed] = {"approve": actions.approve, "place": actions.give_place}
_PARTINGS: Mapping[str, PartingDeed] = {"decline": actions.decline, "cancel": actions.cancel}


@get(f"{PATH}/{{registration_id:uuid}}", guards=SEE, include_in_schema=False)
async def registration_page(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Template:
    """One registration with what can be done."""
    event = await event_for(request, slug, Action.SEE_REGISTRATIONS)
    return await one_page(request, event, registration_id)


@post(f"{PATH}/{{registration_id:uuid}}", guards=EDIT, include_in_schema=False)
async def act(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Approve, decline, give a place, cancel, send again or set the role: the button's name says which."""
    event, form = await event_of(request, slug, registration_id), await read_form(request)
    parting = MessageForm(form)
    wanted = form.text("do")
    if wanted in _PARTINGS and not parting.validate():
        return await one_page(request, event, registration_id, forms={"parting": parting})
    try:
        await _do(wanted, registration_id, form, parting.message.data or "", actor_of(request))
    except Conflict as conflict:
        return await one_page(request, event, registration_id, forms={"parting": parting}, refusal=conflict.message)
    except (KeyError, ValueError) as error:
        raise BadRequest from error
    if "list" in form:
        # read anew: what comes in a form is not led to as it is
        kept = read_view(parse_qsl(form.text("list")), await columns_for(event.id))
        return see_other(f"/staff/events/{event.slug}/registrations?{kept.query(saved='1')}")
    return back(event, registration_id)


async def _do(wanted: str, registration_id: UUID, form: FormData, message: str, actor: Actor) -> None:
    now = clock.now()
    if wanted == "role":
        role = RegistrationRole(form.text("role"))
        await actions.set_role(registration_id, role, actor=actor, now=now)
    elif wanted == "send":
        await send_again(registration_id, turn=UUID(form.text("turn")).hex, actor=actor, now=now)
    elif wanted in _PARTINGS:
        await _PARTINGS[wanted](registration_id, actor=actor, now=now, message=message)
    else:
        await _DEEDS[wanted](registration_id, actor=actor, now=now)


@post(f"{PATH}/{{registration_id:uuid}}/notes", guards=EDIT, include_in_schema=False)
async def write_note(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Write a note down, or take one away."""
    event, data = await event_of(request, slug, registration_id), await read_form(request)
    actor, now = actor_of(request), clock.now()
    if "remove" in data:
        await notes.remove_note(registration_id, _uuid(data.text("remove")), actor=actor, now=now)
        return back(event, registration_id, "notes")
    form = NoteForm(data)
    if not form.validate():
        return await one_page(request, event, registration_id, forms={"note": form})
    await notes.add_note(registration_id, form.text.data, actor=actor, now=now)
    return back(event, registration_id, "notes")


@post(f"{PATH}/{{registration_id:uuid}}/tags", guards=EDIT, include_in_schema=False)
async def tag(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Put a tag on, or take one off."""
    event, data = await event_of(request, slug, registration_id), await read_form(request)
    actor, now = actor_of(request), clock.now()
    if "remove" in data:
        await notes.remove_tag(event.id, [registration_id], data.text("remove"), actor=actor, now=now)
        return back(event, registration_id, "tags-of-one")
    form = TagForm(data)
    if not form.validate():
        return await one_page(request, event, registration_id, forms={"tag": form})
    await notes.add_tag(event.id, [registration_id], form.tag.data, actor=actor, now=now)
    return back(event, registration_id, "tags-of-one")


@post(f"{PATH}/{{registration_id:uuid}}/items", guards=EDIT, include_in_schema=False)
async def sign_up(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Sign someone up for items of the agenda: what is ticked holds from now on."""
    event, data = await event_of(request, slug, registration_id), await read_form(request)
    registration = await queries.by_id(registration_id)
    form = await _items_form(event, registration, data) if registration else None
    if form is None:
        raise NotFound
    if form.validate():
        wanted = {UUID(item) for item in form.items.data}
        try:
            await choose_items(registration_id, wanted, actor=actor_of(request), now=clock.now())
            return back(event, registration_id, "items-of-one")
        except Invalid as invalid:
            form.items.errors = invalid.errors["items"]
        except Conflict as conflict:
            return await one_page(request, event, registration_id, refusal=conflict.message)
    return await one_page(request, event, registration_id, forms={"sign_up": form})


async def _items_form(
    event: EventView, registration: RegistrationView, sent: FormData | None = None
) -> ItemsForm | None:
    form = await items_form_of(event, registration, sent)
    if form:
        form.items.label.text = _("What does this person take part in?")
    return form


async def event_of(request: AnyRequest, slug: str, registration_id: UUID) -> EventView:
    """Return the event; raises NotFound when the registration is not one of it."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    if await staff_queries.one(event.id, registration_id) is None:
        raise NotFound
    return event


def back(event: EventView, registration_id: UUID, part: str = "") -> Redirect:
    """Lead to the registration's page after something was changed on it."""
    return see_other(f"/staff/events/{event.slug}/registrations/{registration_id}?saved=1{'#' if part else ''}{part}")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


async def one_page(
    request: AnyRequest,
    event: EventView,
    registration_id: UUID,
    *,
    forms: Mapping[str, BaseForm] | None = None,
    refusal: str = "",
) -> Template:
    """One registration, with the forms as they were sent, or what was refused."""
    line, registration = await staff_queries.one(event.id, registration_id), await queries.by_id(registration_id)
    if line is None or registration is None:
        raise NotFound
    items_form = await _items_form(event, registration)
    shown: dict[str, BaseForm] = {"note": NoteForm(), "tag": TagForm(), "parting": MessageForm()}
    shown |= {**({"sign_up": items_form} if items_form else {}), **(forms or {})}
    shown.setdefault("answers", await staff_form(registration))
    wrong = any(form.errors for form in shown.values())
    places = await place_names(event)
    return page(
        request,
        "registration/staff_one.html",
        status=409 if refusal else 422 if wrong else 200,
        event=event,
        line=line,
        registration=registration,
        words=await staff_columns.words_for(event),
        roles=[(role.value, role_words(role)) for role in RegistrationRole],
        parting_words=registration.parting_words if registration.gone else "",
        notes=await notes.notes_of(registration_id),
        suggestions=[name for folded, name in await staff_queries.tags(event.id)],
        history=await history(registration_id, places),
        forms=shown,
        signed_up=(await items_of(event.id, [registration_id])).get(registration_id, []),
        can_send=line.state in LETTERS and bool(line.email),
        turn=uuid4(),
        may_edit=allowed(request, event, Action.EDIT_REGISTRATIONS),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
        **await staff_answers(request, event, registration, sees_health=allowed(request, event, Action.SEE_HEALTH)),
    )


ROUTES: list[ControllerRouterHandler] = [registration_page, act, write_note, tag, sign_up]
