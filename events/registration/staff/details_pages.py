"""Mending somebody's details for them, and letting them attend elsewhere: what people ask for on the phone."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration import queries
from events.registration.actions import move_site
from events.registration.details import change_details
from events.registration.person_form import PersonForm, details_in, present
from events.registration.places import has_room, place_names
from events.registration.queries import RegistrationView
from events.registration.staff.reach import event_for

PATH = "/staff/events/{slug:str}/registrations/{registration_id:uuid}"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


class DetailsForm(PersonForm):
    """A person's details as staff mend them; who came without an address needs none."""

    needs_email = False


@get(f"{PATH}/details", guards=GUARDS, include_in_schema=False)
async def details_page(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Template:
    """The details as they are, to be mended."""
    event, registration = await _held(request, slug, registration_id)
    form = DetailsForm(data=present(registration))
    await form.offer_choices()
    return await _page(request, event, registration, form)


@post(f"{PATH}/details", guards=GUARDS, include_in_schema=False)
async def mend(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Mend them; a new address gets the ticket and the private link."""
    event, registration = await _held(request, slug, registration_id)
    form = DetailsForm(await read_form(request))
    await form.offer_choices()
    new = form.read()
    if new is None:
        return await _page(request, event, registration, form, form.status)
    try:
        details = details_in(new, language=registration.language)
        await change_details(registration_id, details, actor=actor_of(request), now=clock.now())
    except Invalid as invalid:
        form.show(invalid.errors)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
    else:
        return see_other(f"/staff/events/{slug}/registrations/{registration_id}?saved=1")
    return await _page(request, event, registration, form, 422)


@post(f"{PATH}/site", guards=GUARDS, include_in_schema=False)
async def move(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Let someone attend at another site of the event."""
    event, registration = await _held(request, slug, registration_id)
    sent = await read_form(request)
    try:
        site = UUID(sent.text("site"))
    except ValueError:
        raise NotFound from None
    try:
        await move_site(registration_id, site, actor=actor_of(request), now=clock.now(), may_wait="wait" in sent)
    except Conflict as conflict:
        form = DetailsForm(data=present(registration))
        await form.offer_choices()
        form.form_errors.append(conflict.message)
        return await _page(request, event, registration, form, 409)
    return see_other(f"/staff/events/{slug}/registrations/{registration_id}?saved=1")


async def _held(request: AnyRequest, slug: str, registration_id: UUID) -> tuple[EventView, RegistrationView]:
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    registration = await queries.by_id(registration_id)
    if registration is None or registration.event != event.id or registration.gone:
        raise NotFound
    return event, registration


async def _page(
    request: AnyRequest, event: EventView, registration: RegistrationView, form: DetailsForm, status: int = 200
) -> Template:
    names = await place_names(event)
    return page(
        request,
        "registration/staff_details.html",
        status=status,
        event=event,
        registration=registration,
        form=form,
        place=names[registration.site],
        other_sites=[
            (site, names[site.id], has_room(site)) for site in event.open_sites if site.id != registration.site
        ],
        waits=event.waiting_list != "none",
    )


ROUTES: list[ControllerRouterHandler] = [details_page, mend, move]
