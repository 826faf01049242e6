"""Registering by the public form."""

from typing import Any
from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from events.accounts.guards import PUBLIC, Requires
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, TooMany
from events.core.forms import FormData, read_form
from events.core.http import FRAMED, speak
from events.core.i18n import format_number, ngettext, set_language
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.queries import EventView, SiteView
from events.programme.tables import Access, WaitingList
from events.registration import notice
from events.registration.invitations.answers import InvitationUsed, filled_in, led_by
from events.registration.invitations.queries import InvitationView
from events.registration.new_registration import NewRegistration
from events.registration.notice import NoticeView
from events.registration.places import has_room, place_names
from events.registration.public import receipts
from events.registration.public.colleagues import Refused
from events.registration.public.forms import ASKED_CONSENTS, PlaceChoice, RegistrationForm
from events.registration.public.items import check_items, offer_items
from events.registration.public.needed import check_needed
from events.registration.public.preview_pages import event_to_edit
from events.registration.public.sending import changes_rows, register_all, show_refusal
from events.registration.questions import queries as questions
from events.registration.questions.asked import Asked
from events.registration.questions.forms import asking, check
from events.registration.questions.sections import questions_shown
from events.registration.rules import CLOSED, REFUSALS, Refusal, Window, window


@get("/events/{slug:str}/register", opt=PUBLIC, include_in_schema=False)
async def form_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form, or why there is none."""
    event, now = await programme.announced(slug), clock.now()
    invitation = await _invitation(request, request.query_params.get("invitation", ""), event)
    if window(event, now) is not Window.OPEN:
        return _closed_page(request, event, CLOSED[window(event, now)](), 200)
    if not any(_can_choose(event, site) for site in event.open_sites):
        return _closed_page(request, event, _("The event is full."), 200)
    if event.access == Access.INVITED and (invitation is None or invitation.used):
        refusal = InvitationUsed().message if invitation else REFUSALS[Refusal.INVITED]()
        return _closed_page(request, event, refusal, 200)
    asked = await questions.of_event(event.id)
    form = _form(asked)
    if invitation and not invitation.used:
        form.process(data=await filled_in(invitation))
    return await _form_page(request, event, asked, form, 200)


@post("/events/{slug:str}/register", opt=PUBLIC, include_in_schema=False)
async def send_form(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Register, and lead to a page that looks the same whether or not the person was registered before."""
    event = await programme.announced(slug)
    sent, asked, shown = await read_form(request), await questions.of_event(event.id), await notice.current()
    invitation = await _invitation(request, sent.text("invitation"), event)
    form = _form(asked, sent)
    if event.access == Access.INVITED and invitation is None:
        return _closed_page(request, event, REFUSALS[Refusal.INVITED](), 403)
    if changes_rows(form, sent):
        return await _form_page(request, event, asked, form, 200)
    await _offer(form, event, shown)
    people = form.read_all()
    if form.only_language_changes:
        return await _form_page(request, event, asked, form, 200)
    site = form.entered().site or event.open_sites[0].id
    found = [
        check(form, asked, site, later=not _is_placed(event, site)),
        await check_items(form, event, site),
        check_needed(form, event, invited=invitation is not None),
    ]
    if not all(found) or people is None:
        return await _form_page(request, event, asked, form, 422)
    if form.leave_empty.data:  # a robot, or a helpful browser: whoever it is learns that nothing was sent
        form.leave_empty.data = ""
        form.form_errors.append(
            _("A field that is hidden from people was filled in. It is empty again: please send once more.")
        )
        return await _form_page(request, event, asked, form, 422)
    version = min(people[0].notice_version or shown.version, shown.version)
    people = [replace(new, notice_version=version) for new in people]
    if invitation:
        people[0] = replace(people[0], invited=True)
    return await _send(request, event, asked, form, people)


async def _send(
    request: AnyRequest,
    event: EventView,
    asked: list[Asked],
    form: RegistrationForm,
    people: list[NewRegistration],
) -> Template | Redirect:
    try:
        receipt = await register_all(request, event, asked, form, people, now=clock.now())
        return see_other(f"/r/{receipts.token_of(receipt)}")
    except TooMany as wait:
        form.form_errors.append(wait.message)
        answer = await _form_page(request, event, asked, form, wait.status)
        answer.headers["retry-after"] = str(wait.retry_after)
        return answer
    except InvitationUsed as used:
        if event.access == Access.INVITED:
            return _closed_page(request, event, used.message, 409)
        form.invitation.data = ""  # without it the form is open to everybody
        form.form_errors.append(used.message)
        return await _form_page(request, event, asked, form, 409)
    except Refused as refused:
        try:
            show_refusal(form, refused)
        except Conflict as conflict:
            return _closed_page(request, event, conflict.message, 409)
    return await _form_page(request, event, asked, form, 422)


@get("/staff/events/{slug:str}/preview/form", guards=[Requires(Action.EDIT_EVENTS)], include_in_schema=False)
async def preview_form(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form as it will be for everyone, in the language of the switch, for a frame in which it cannot be sent."""
    event = await event_to_edit(request, slug)
    set_language(request.query_params.get("language", ""))
    asked = await questions.of_event(event.id)
    answer = await _form_page(request, event, asked, _form(asked), 200)
    answer.headers.update(FRAMED)
    answer.context.update(staff=None, path=f"/events/{event.slug}/register")
    return answer


async def _invitation(request: AnyRequest, token: str, event: EventView) -> InvitationView | None:
    """Return the invitation that led here, whose language the form speaks then."""
    invitation = await led_by(token, event.id)
    if invitation:
        speak(request.scope, invitation.language)
    return invitation


def _form(asked: list[Asked], sent: FormData | None = None) -> RegistrationForm:
    form: RegistrationForm = asking(RegistrationForm, asked)(sent)
    return form


def _is_placed(event: EventView, site: UUID) -> bool:
    """Say whether who registers now gets a place at once, as far as one can see."""
    return not event.needs_approval and any(each.id == site and has_room(each) for each in event.open_sites)


def _can_choose(event: EventView, site: SiteView) -> bool:
    return event.waiting_list != WaitingList.NONE or event.needs_approval or has_room(site)


async def _offer(form: RegistrationForm, event: EventView, shown: NoticeView) -> None:
    await form.offer_choices()
    names = await place_names(event)
    form.offer_sites(
        PlaceChoice(site.id, f"{names[site.id]} ({_places_left(event, site)})", _can_choose(event, site))
        for site in event.open_sites
    )
    if event.per_organisation is not None:
        form.need_organisation()
    form.notice_version.data = form.notice_version.data or str(shown.version)
    form.form_id.data = form.form_id.data or uuid4().hex


def _places_left(event: EventView, site: SiteView) -> str:
    if has_room(site):
        left = site.left
        return _("no limit") if left is None else ngettext("%(n)s place left", "%(n)s places left", left)
    if event.waiting_list == WaitingList.NONE:
        return _("full")
    return _("full, %(n)s in line", n=format_number(site.waiting))


async def _form_page(
    request: AnyRequest, event: EventView, asked: list[Asked], form: RegistrationForm, status: int
) -> Template:
    shown = await notice.current()
    await _offer(form, event, shown)
    context: dict[str, Any] = {"consents": [kind.value for kind in ASKED_CONSENTS], "notice": shown}
    context |= await offer_items(form, event)
    names = await place_names(event)
    waiting = not any(has_room(site) for site in event.open_sites)
    return page(
        request,
        "registration/form.html",
        status=status,
        headers={"cache-control": "no-store"},
        event=event,
        form=form,
        invited_from=await programme.invited_from(event),
        where=", ".join(dict.fromkeys(names[site.id] for site in event.open_sites)),
        waiting=waiting,
        **await questions_shown(event, asked, later=waiting or event.needs_approval),
        **context,
    )


def _closed_page(request: AnyRequest, event: EventView, reason: str, status: int) -> Template:
    return page(request, "registration/closed.html", status=status, event=event, reason=reason)


ROUTES: list[ControllerRouterHandler] = [form_page, send_form, preview_form]
