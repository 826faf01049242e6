"""The steps of an event's life: each page says what the step does, and to how many people, before it is taken."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.forms import read_form
from events.core.links import absolute
from events.core.web import AnyRequest, page, see_other
from events.network import queries as network
from events.programme import presentation, rules
from events.programme.actions import cancel_event, publish
from events.programme.queries import EventView
from events.programme.staff_pages import EVENTS, editable
from events.programme.steps import archiving, standing
from events.programme.steps.parts import to_mend
from events.programme.steps.registered import counts
from events.programme.steps.telling import telling
from events.programme.time_forms import CancelForm

EVENT = f"{EVENTS}/{{slug:str}}"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(f"{EVENT}/publish", guards=GUARDS, include_in_schema=False)
async def publish_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What to mend before publishing, and what publishing sets going."""
    event, now = await editable(request, slug), clock.now()
    return page(
        request,
        "programme/staff_publish.html",
        event=event,
        url=absolute(f"/events/{event.slug}"),
        findings=await to_mend(event, now),
        invites=await _invited_with(event),
        registered=(await counts([event.id]))[event.id].registered,
        mends_projects=may(actor_of(request), Action.EDIT_PROJECTS, now=now),
        places=(await presentation.card(event, now)).places,
        opens_at=event.registration_opens_at if rules.opens_later(event, now) else None,
        closes_at=rules.closes_at(event),
        reminders=standing.coming_reminders(event, now),
    )


async def _invited_with(event: EventView) -> int:
    """Count the members who are invited when a meeting of their group is published."""
    if event.theme_group is None:
        return 0
    members = await network.members(event.theme_group, rules.to_local(event.starts_at, event.zone).date())
    return sum(member.email is not None for member in members)


@post(f"{EVENT}/publish", guards=GUARDS, include_in_schema=False)
async def publish_event(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Let everyone see the event."""
    event = await editable(request, slug)
    await publish(event.id, actor=actor_of(request), now=clock.now())
    return see_other(f"{EVENTS}/{event.slug}?saved=published")


@get(f"{EVENT}/cancel", guards=GUARDS, include_in_schema=False)
async def cancel_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """How many people will be written to, and how."""
    return await _cancel_page(request, await editable(request, slug), CancelForm(), 200)


@post(f"{EVENT}/cancel", guards=GUARDS, include_in_schema=False)
async def cancel_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Cancel the event and write to those who registered, with what the organiser says of it."""
    sent, event = await read_form(request), await editable(request, slug)
    form = CancelForm(sent)
    if not form.validate():
        return await _cancel_page(request, event, form, form.status)
    with telling(form.words.data or ""):
        told = await cancel_event(event.id, actor=actor_of(request), now=clock.now())
    return see_other(f"{EVENTS}/{event.slug}?saved=cancelled&told={told}")


async def _cancel_page(request: AnyRequest, event: EventView, form: CancelForm, status: int) -> Template:
    return page(
        request,
        "programme/staff_cancel.html",
        status=status,
        event=event,
        form=form,
        reach=await standing.cancelling(event.id),
        reminders=standing.coming_reminders(event, clock.now()),
    )


@get(f"{EVENT}/archive", guards=GUARDS, include_in_schema=False)
async def archive_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What archiving takes away and what stays."""
    event = await editable(request, slug)
    counted = (await counts([event.id]))[event.id]
    projects = await network.projects(event.projects)
    may = rules.may_archive(event)
    return page(
        request, "programme/staff_archive.html", event=event, counts=counted, projects=projects, may_archive=may
    )


@post(f"{EVENT}/archive", guards=GUARDS, include_in_schema=False)
async def archive_it(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Take the event out of the lists."""
    event = await editable(request, slug)
    await archiving.archive(event.id, actor=actor_of(request), now=clock.now())
    return see_other(f"{EVENTS}/{event.slug}?saved=archived")


@post(f"{EVENT}/bring-back", guards=GUARDS, include_in_schema=False)
async def bring_it_back(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Put an archived event into the lists again."""
    event = await editable(request, slug)
    await archiving.bring_back(event.id, actor=actor_of(request), now=clock.now())
    return see_other(f"{EVENTS}/{event.slug}?saved=brought-back")


ROUTES: list[ControllerRouterHandler] = [
    *(publish_page, publish_event, cancel_page, cancel_it),
    *(archive_page, archive_it, bring_it_back),
]
