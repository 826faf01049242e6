"""Registering by the public form."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from events.accounts.guards import PUBLIC, Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import FormData, read_form
from events.core.http import FRAMED
from events.core.i18n import format_number, ngettext, set_language
from events.core.i18n import gettext as _
from events.core.idempotency import Repeatable, repeatable
from events.core.limits import limit, network_of
from events.core.web import AnyRequest, page, see_other
from events.programme import queries as programme
from events.programme.queries import EventView, SiteView
from events.programme.tables import EventState, WaitingList
from events.registration import (
    notice,
    participant_pages,
    preview_pages,
    private_pages,
    programme_pages,
    receipts,
    staff_pages,
    ticket_pages,
)
from events.registration.forms import ASKED_CONSENTS, PlaceChoice, RegistrationForm
from events.registration.new_registration import NewRegistration
from events.registration.notice import NoticeView
from events.registration.places import has_room, place_names
from events.registration.preview_pages import event_to_edit
from events.registration.queries import Registered
from events.registration.questions import own_pages
from events.registration.questions import queries as questions
from events.registration.questions.answering import Entered, register_answering
from events.registration.questions.asked import Asked
from events.registration.questions.forms import asking, check, entered
from events.registration.questions.sections import questions_shown
from events.registration.registering import NOT_REPEATABLE, register
from events.registration.rules import CLOSED, Window, window

FROM_ONE_NETWORK = 40
"""Registrations that one network may send in ten minutes: a school class behind one address must get through."""

TO_ONE_ADDRESS = 10
"""Registrations with one address in an hour, each of which makes a mail."""


@get("/events/{slug:str}/register", opt=PUBLIC, include_in_schema=False)
async def form_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form, or why there is none."""
    event, now = await _published(slug), clock.now()
    if window(event, now) is not Window.OPEN:
        return _closed_page(request, event, CLOSED[window(event, now)](), 200)
    if not any(_can_choose(event, site) for site in event.sites):
        return _closed_page(request, event, _("The event is full."), 200)
    asked = await questions.of_event(event.id)
    return await _form_page(request, event, asked, _form(asked), 200)


@post("/events/{slug:str}/register", opt=PUBLIC, include_in_schema=False)
async def send_form(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Register, and lead to a page that looks the same whether or not the person was registered before."""
    event, now = await _published(slug), clock.now()
    sent, asked, shown = await read_form(request), await questions.of_event(event.id), await notice.current()
    form = _form(asked, sent)
    await _offer(form, event, shown)
    new = form.read()
    if form.only_language_changes:
        return await _form_page(request, event, asked, form, 200)
    if not check(form, asked, form.entered().site or event.sites[0].id) or new is None:
        return await _form_page(request, event, asked, form, 422)
    if form.leave_empty.data:  # a robot, or a helpful browser: whoever it is learns that nothing was sent
        form.leave_empty.data = ""
        form.form_errors.append(
            _("A field that is hidden from people was filled in. It is empty again: please send once more.")
        )
        return await _form_page(request, event, asked, form, 422)
    host = request.client.host if request.client else ""
    await limit("register", network_of(host), uses=FROM_ONE_NETWORK, window=timedelta(minutes=10), now=now)
    await limit("register-address", new.email or "", uses=TO_ONE_ADDRESS, window=timedelta(hours=1), now=now)
    new = replace(new, notice_version=min(new.notice_version or shown.version, shown.version))
    try:
        made = await _register(request, event, asked, form, new, now=now)
    except Invalid as invalid:
        form.show(invalid.errors)
        return await _form_page(request, event, asked, form, 422)
    except Conflict as conflict:
        return _closed_page(request, event, conflict.message, 409)
    token = await receipts.give(event.id, new, made, now=now)
    return see_other(f"/r/{token}")


@get("/staff/events/{slug:str}/preview/form", guards=[Requires(Action.EDIT_EVENTS)], include_in_schema=False)
async def preview_form(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The form as it will be for everyone, in the language of the switch, for a frame in which it cannot be sent."""
    event = await event_to_edit(request, slug)
    set_language(request.query_params.get("language", ""))
    asked = await questions.of_event(event.id)
    answer = await _form_page(request, event, asked, _form(asked), 200)
    answer.headers.update(FRAMED)
    answer.context["staff"] = None
    return answer


def _form(asked: list[Asked], sent: FormData | None = None) -> RegistrationForm:
    form: RegistrationForm = asking(RegistrationForm, asked)(sent)
    return form


async def _register(
    request: AnyRequest,
    event: EventView,
    asked: list[Asked],
    form: RegistrationForm,
    new: NewRegistration,
    *,
    now: datetime,
) -> Registered:
    """Register once however often the same form is sent; a form sent again with other content is a new one."""
    actor = actor_of(request)
    answers = entered(form, asked)
    mark = repeatable("form", form.form_id.data or None, (event.id, new, answers) if asked else (event.id, new))
    try:
        return await _make(event, asked, new, answers, actor=actor, now=now, mark=mark)
    except Conflict as conflict:
        if conflict.code != "idempotency_key_reused":
            raise
    return await _make(event, asked, new, answers, actor=actor, now=now, mark=NOT_REPEATABLE)


async def _make(
    event: EventView,
    asked: list[Asked],
    new: NewRegistration,
    answers: Entered,
    *,
    actor: Actor,
    now: datetime,
    mark: Repeatable,
) -> Registered:
    if asked:
        return await register_answering(event.id, asked, new, answers, actor=actor, now=now, mark=mark)
    return await register(event.id, new, actor=actor, now=now, mark=mark)


async def _published(slug: str) -> EventView:
    event = await programme.by_slug(slug)
    if event is None or event.state == EventState.DRAFT:
        raise NotFound
    return event


def _can_choose(event: EventView, site: SiteView) -> bool:
    return event.waiting_list != WaitingList.NONE or event.needs_approval or has_room(site)


async def _offer(form: RegistrationForm, event: EventView, shown: NoticeView) -> None:
    await form.offer_choices()
    names = await place_names(event)
    form.offer_sites(
        PlaceChoice(site.id, f"{names[site.id]} ({_places_left(event, site)})", _can_choose(event, site))
        for site in event.sites
    )
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
    names = await place_names(event)
    waiting = not any(has_room(site) for site in event.sites)
    return page(
        request,
        "registration/form.html",
        status=status,
        headers={"cache-control": "no-store"},
        event=event,
        form=form,
        where=", ".join(dict.fromkeys(names[site.id] for site in event.sites)),
        waiting=waiting,
        **await questions_shown(event, asked, later=waiting or event.needs_approval),
        **context,
    )


def _closed_page(request: AnyRequest, event: EventView, reason: str, status: int) -> Template:
    return page(request, "registration/closed.html", status=status, event=event, reason=reason)


ROUTES: list[ControllerRouterHandler] = [
    form_page,
    send_form,
    preview_form,
    *preview_pages.ROUTES,
    *private_pages.ROUTES,
    *own_pages.ROUTES,
    *programme_pages.ROUTES,
    *participant_pages.ROUTES,
    *ticket_pages.ROUTES,
    *staff_pages.ROUTES,
]
