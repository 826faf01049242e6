"""Who works on an event: its organisers add others to it."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from events.accounts import actions, queries
from events.accounts.forms import EventPersonForm
from events.accounts.granting import on_event
from events.accounts.guards import Requires, actor_of
from events.accounts.queries import EventName
from events.accounts.rules import Action, may
from events.accounts.tables import Role
from events.accounts.words import WORDS
from events.core import clock
from events.core.errors import Conflict, NotAllowed, NotFound
from events.core.forms import FormData, read_form
from events.core.i18n import language
from events.core.web import AnyRequest, page, see_other

PATH = "/staff/events/{slug:str}/people"
GUARDS = [Requires(Action.ADD_CO_ORGANISERS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def event_people_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Everyone with a role on this event, and the form that adds another."""
    event = await _event(request, slug)
    return await _page(request, event, _form(None))


@post(PATH, guards=GUARDS, include_in_schema=False)
async def add_event_person(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Add a co-organiser or a door person, and write to them."""
    event, form = await _event(request, slug), _form(await read_form(request))
    if not form.validate():
        return await _page(request, event, form, form.status)
    try:
        await actions.invite(
            form.email.data,
            Role(form.role.data),
            [on_event(event)],
            name=form.name.data,
            language=form.language.data,
            until=form.until_moment,
            actor=actor_of(request),
            now=clock.now(),
        )
    except (NotAllowed, Conflict) as error:
        form.form_errors.append(error.message)
        return await _page(request, event, form, 422)
    return see_other(f"/staff/events/{event.slug}/people?saved=invited")


@post(f"{PATH}/{{grant_id:uuid}}/take", guards=GUARDS, include_in_schema=False)
async def take_event_person(request: AnyRequest, slug: FromPath[str], grant_id: FromPath[UUID]) -> Redirect:
    """Take someone's role on this event away."""
    event = await _event(request, slug)
    held = await queries.staff_on("event", event.id)
    staff = next((staff for staff, grant in held if grant.id == grant_id), None)
    if staff is None:
        raise NotFound
    await actions.take(staff.id, grant_id, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/events/{event.slug}/people?saved=taken")


async def _event(request: AnyRequest, slug: str) -> EventName:
    event = await queries.event_named(slug=slug)
    if event is None or not may(
        actor_of(request), Action.ADD_CO_ORGANISERS, now=clock.now(), event_id=event.id, region=event.host_region
    ):
        raise NotFound
    return event


def _form(sent: FormData | None) -> EventPersonForm:
    return EventPersonForm(sent, today=clock.now().date(), data={"language": language()})


async def _page(request: AnyRequest, event: EventName, form: EventPersonForm, status: int = 200) -> Template:
    actor, now = actor_of(request), clock.now()
    people = await queries.staff_on("event", event.id)
    return page(
        request,
        "accounts/event_people.html",
        status=status,
        event=event,
        people=people,
        form=form,
        takeable={grant.id for staff, grant in people if staff.id != actor.id and queries.takeable(actor, grant, now)},
        saved=request.query_params.get("saved", "") if status == 200 else "",  # noqa: PLR2004 - nothing went wrong
        **WORDS,
    )


ROUTES = [event_people_page, add_event_person, take_event_person]
