"""Adding a registration by hand, for staff: at any time, to anybody, in any role."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace
from wtforms import BooleanField, RadioField, SelectField

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid
from events.core.forms import FormData, read_form
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.registration.person_form import PersonForm, named_choices
from events.registration.places import place_names
from events.registration.registering import register
from events.registration.staff.reach import event_for
from events.registration.tables import RegistrationRole
from events.registration.words import role_words

PATH = "/staff/events/{slug:str}/registrations/new"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


class AddingForm(PersonForm):
    """A person whom staff register; without an address nothing is sent."""

    needs_email = False
    site = RadioField(_l("Place"))
    role = SelectField(_l("Role"))
    send = BooleanField(_l("Send the confirmation with the ticket by mail"))


@get(PATH, guards=GUARDS, include_in_schema=False)
async def adding_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form."""
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    return _page(request, event, await _form(event, None), 200)


@post(PATH, guards=GUARDS, include_in_schema=False)
async def add(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Register the person and show the registration; when there are no places left they wait in line."""
    sent, event = await read_form(request), await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    form = await _form(event, sent)
    new = form.read()
    if new is None:
        return _page(request, event, form, form.status)
    new = replace(new, site=UUID(form.site.data), role=RegistrationRole(form.role.data))
    try:
        made = await register(
            event.id,
            new,
            actor=actor_of(request),
            now=clock.now(),
            source="staff",
            send=form.send.data,
            send_to_known=False,
            any_time=True,
        )
    except Invalid as invalid:
        form.show(invalid.errors)
        return _page(request, event, form, 422)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return _page(request, event, form, 409)
    if made.already:
        form.form_errors.append(_("This person has a registration for the event already."))
        return _page(request, event, form, 409, known=made.id)
    return see_other(f"/staff/events/{event.slug}/registrations/{made.id}?saved=1")


async def _form(event: EventView, sent: FormData | None) -> AddingForm:
    names = await place_names(event)
    form = AddingForm(sent, data={"send": True, "site": str(event.open_sites[0].id), "role": "participant"})
    form.site.choices = named_choices((str(site.id), names[site.id]) for site in event.open_sites)
    form.role.choices = named_choices((role.value, role_words(role)) for role in RegistrationRole)
    await form.offer_choices()
    form.email.description = _("May be empty: then nothing is sent.")
    form.email.flags.required = False
    return form


def _page(
    request: AnyRequest, event: EventView, form: AddingForm, status: int, *, known: UUID | None = None
) -> Template:
    return page(request, "registration/staff_add.html", status=status, event=event, form=form, known=known)


ROUTES: list[ControllerRouterHandler] = [adding_page, add]
