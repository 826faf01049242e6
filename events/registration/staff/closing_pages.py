"""The pages on which an organiser closes a site: whom it concerns first, then who is left."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from wtforms import HiddenField, RadioField, SelectChoice, SelectField

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.i18n import ngettext
from events.core.web import AnyRequest, page, see_other, told_number
from events.programme.queries import EventView, SiteView
from events.registration.places import has_room, place_names
from events.registration.staff.closing import close_site, concerned, reopen_site
from events.registration.staff.forms import MessageForm
from events.registration.staff.reach import allowed, event_for
from events.registration.words import state_words

PATH = "/staff/events/{slug:str}/sites/{site_id:uuid}/close"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


class ClosingForm(MessageForm):
    """What becomes of those who are registered at the site: made with where they can be moved, as (id, name)."""

    how = RadioField(_l("What becomes of those who are registered there"))
    site = SelectField(_l("Move them to"))
    seen = HiddenField()

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.how.choices = [
            SelectChoice("move", _("Move them to another place, as far as it has room")),
            SelectChoice("cancel", _("Cancel their registrations, with a mail to each")),
        ]
        self.site.choices = [SelectChoice(site, name) for site, name in sites]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def close_page(request: AnyRequest, slug: FromPath[str], site_id: FromPath[UUID]) -> Template:
    """Say how many people it concerns, and ask what becomes of them."""
    event, site = await _site(request, slug, site_id)
    form = ClosingForm(None, sites=await _others(event, site), data={"how": "move"})
    return await _page(request, event, site, form)


@post(PATH, guards=GUARDS, include_in_schema=False)
async def close_it(request: AnyRequest, slug: FromPath[str], site_id: FromPath[UUID]) -> Template | Redirect:
    """Close the site, then show who is left there."""
    sent = await read_form(request)
    event, site = await _site(request, slug, site_id)
    form = ClosingForm(sent, sites=await _others(event, site))
    people = await concerned(site.id)
    if not people:
        form.how.validators = []
        form.how.data = "cancel"
    if form.how.data == "cancel":
        form.site.validate_choice = False
    if not form.validate():
        return await _page(request, event, site, form, form.status)
    to = UUID(form.site.data) if form.how.data == "move" else None
    seen = form.seen.data or ""
    try:
        done = await close_site(
            event.id,
            site.id,
            to=to,
            message=form.message.data or "",
            seen=int(seen) if seen.isdecimal() and len(seen) < 8 else -1,  # noqa: PLR2004
            actor=actor_of(request),
            now=clock.now(),
        )
    except Invalid as invalid:
        form.form_errors.extend(message for messages in invalid.errors.values() for message in messages)
        return await _page(request, event, site, form, 422)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return await _page(request, event, site, form, 409)
    return see_other(f"{_path(event, site)}?moved={done.moved}&cancelled={done.cancelled}")


@post("/staff/events/{slug:str}/sites/{site_id:uuid}/open", guards=GUARDS, include_in_schema=False)
async def open_it(request: AnyRequest, slug: FromPath[str], site_id: FromPath[UUID]) -> Redirect:
    """Let people come to the site again."""
    event, site = await _site(request, slug, site_id)
    await reopen_site(event.id, site.id, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/events/{event.slug}#sites")


async def _site(request: AnyRequest, slug: str, site_id: UUID) -> tuple[EventView, SiteView]:
    event = await event_for(request, slug, Action.EDIT_REGISTRATIONS)
    site = next((site for site in event.sites if site.id == site_id), None)
    if site is None or not allowed(request, event, Action.EDIT_EVENTS):
        raise NotFound
    return event, site


def _path(event: EventView, site: SiteView) -> str:
    return f"/staff/events/{event.slug}/sites/{site.id}/close"


async def _others(event: EventView, site: SiteView) -> list[tuple[str, str]]:
    names = await place_names(event)
    return [(str(other.id), f"{names[other.id]} ({_room(other)})") for other in event.open_sites if other.id != site.id]


def _room(site: SiteView) -> str:
    if not has_room(site):
        return _("full")
    left = site.left
    return _("no limit") if left is None else ngettext("%(n)s place left", "%(n)s places left", left)


async def _page(
    request: AnyRequest, event: EventView, site: SiteView, form: ClosingForm, status: int = 200
) -> Template:
    people = await concerned(site.id)
    form.seen.data = str(len(people))
    counts: dict[str, int] = {}
    for each in people:
        counts[each.state] = counts.get(each.state, 0) + 1
    told = {name: told_number(request.query_params.get(name, "")) for name in ("moved", "cancelled")}
    return page(
        request,
        "registration/staff_closing.html",
        status=status,
        event=event,
        site=site,
        place=(await place_names(event))[site.id],
        form=form,
        people=people,
        counts=[(state_words(state), number) for state, number in counts.items()],
        reached=sum(each.reached for each in people),
        state_words=state_words,
        told=told,
        done="moved" in request.query_params,
    )


ROUTES: list[ControllerRouterHandler] = [close_page, close_it, open_it]
