"""Inviting: a pasted list, filled from a file or with people we know, looked at before anything is sent."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from wtforms import BooleanField, FileField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import Length

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Conflict
from events.core.forms import BaseForm, FormData, read_form
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.importing import MAX_REQUEST, read_upload
from events.core.tabular import Refused, Unreadable
from events.core.web import AnyRequest, page, see_other
from events.network import queries as network
from events.network.words import TYPES
from events.programme.queries import EventView
from events.programme.rules import to_local
from events.registration.invitations import actions as invitations
from events.registration.invitations import sources as invitation_sources
from events.registration.invitations.guests import Guests, read_lines
from events.registration.invitations.sources import Audience
from events.registration.invitations.staff_pages import invited_event

PATH = "/staff/events/{slug:str}/invitations/new"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]
LONGEST_LIST = 200_000
"""Signs of a list: some thousands of people."""


class InviteForm(BaseForm):
    """A list of people, and what to fill it with."""

    people = TextAreaField(
        _l("Names and addresses"),
        [Length(max=LONGEST_LIST)],
        description=_l("One a line or with semicolons between them: Aino Esimerkki <aino@yritys.fi>, or the address."),
        render_kw={"rows": 8},
    )
    file = FileField(
        _l("Or from a file"),
        description=_l("CSV or Excel with the columns Name and E-mail; they are added to the list."),
    )
    group = SelectField(_l("Theme group"), validate_choice=False)
    region = SelectField(_l("Region of the organisation"), validate_choice=False)
    type = SelectField(_l("Type of organisation"), validate_choice=False)
    theme = SelectField(_l("Was at an event about"), validate_choice=False)
    attended = BooleanField(_l("Has been at an event of ours"))

    @property
    def audience(self) -> Audience:
        """Whom of the people we know."""
        codes = {name: self[name].data or "" for name in ("region", "type", "theme")}
        return Audience(**codes, group=_uuid(self.group.data or ""), attended=self.attended.data)


@get(PATH, guards=GUARDS, include_in_schema=False)
async def invite_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Whom to invite."""
    event = await invited_event(request, slug)
    return await _page(request, event, await _form(request, event, None))


@post(PATH, guards=GUARDS, include_in_schema=False, request_max_body_size=MAX_REQUEST)
async def invite_them(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Fill the list and show whom it would invite; invite them once that is confirmed."""
    event, sent = await invited_event(request, slug), await read_form(request)
    form = await _form(request, event, sent)
    if not form.validate():
        return await _page(request, event, form, status=form.status)
    try:
        refused = [] if "confirm" in sent else await _fill(form, sent, event)
        guests = read_lines(form.people.data or "")
        invitations.require_to_come(event, clock.now())
        if "confirm" in sent and guests.found:
            done = await invitations.invite(event.id, guests.found, actor=actor_of(request), now=clock.now())
            return see_other(f"/staff/events/{event.slug}/invitations?saved=sent&told={len(done.guests)}")
    except Unreadable as unreadable:
        form.file.errors = [unreadable.message]
        return await _page(request, event, form, status=422)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return await _page(request, event, form, status=409)
    read = Guests(guests.found, [*refused, *guests.refused], guests.doubles)
    if not read.found and not read.refused:
        nobody = _("Nobody fits who may be invited.") if "find" in sent else _("Write at least one address.")
        form.people.errors = [nobody]
        return await _page(request, event, form, status=422)
    return await _page(request, event, form, read=read, wanted=await invitations.sort_out(event, read.found))


async def _fill(form: InviteForm, sent: FormData, event: EventView) -> list[Refused]:
    """Add to the list what a file holds, or the people who were looked for; returns the rows that cannot be taken."""
    refused: list[Refused] = []
    found = []
    chosen: list[Any] = list(sent.getlist("file"))
    if any(isinstance(file, UploadFile) and file.filename for file in chosen):
        upload = await read_upload(FormData({"file": sent.getlist("file")}))
        read = invitation_sources.read_file(upload.content, upload.name)
        found, refused = read.found, read.refused
    if "find" in sent and form.audience.is_set:
        found += await invitation_sources.people(form.audience, to_local(clock.now(), event.zone).date())
    form.people.data = "\n".join(filter(None, [form.people.data, invitation_sources.as_lines(found)]))
    return refused


async def _form(request: AnyRequest, event: EventView, sent: FormData | None) -> InviteForm:
    form = InviteForm(sent)
    today, now = to_local(clock.now(), clock.FINLAND).date(), clock.now()
    # A group's chair knows the group: whom the network knows beside it is not theirs to look up.
    known = may(actor_of(request), Action.INVITE_KNOWN_PEOPLE, now=now, **event.where)
    led = [
        group
        for group in await network.groups(today)
        if may(actor_of(request), Action.LEAD_GROUPS, now=now, region=group.region, group=group.id)
    ]
    options = {
        "group": [(str(group.id), group.name) for group in led],
        "region": [(region.code, region.name) for region in await network.regions() if known],
        "type": [(code, str(name)) for code, name in TYPES.items() if known],
        "theme": [(theme.code, theme.name) for theme in await network.themes() if known],
    }
    form.attended.data &= known
    for name, pairs in options.items():
        form[name].choices = [SelectChoice(value, words) for value, words in [("", _("All")), *pairs]]
        if form[name].data not in {value for value, _words in pairs}:
            form[name].data = ""
    return form


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


async def _page(
    request: AnyRequest, event: EventView, form: InviteForm, *, status: int = 200, **context: Any
) -> Template:
    return page(
        request,
        "registration/invite.html",
        status=status,
        event=event,
        form=form,
        read=context.get("read"),
        wanted=context.get("wanted"),
    )


ROUTES: list[ControllerRouterHandler] = [invite_page, invite_them]
