"""Staff as coordinators manage them: list, invitations, rights, switching off and on."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from events.accounts import actions, queries
from events.accounts.forms import GrantForm, InviteForm
from events.accounts.granting import in_regions
from events.accounts.guards import Requires, actor_of
from events.accounts.queries import StaffView
from events.accounts.rules import Action, givable, reach
from events.accounts.tables import Role
from events.accounts.words import WORDS, role_meaning
from events.core import clock
from events.core.actor import Actor
from events.core.errors import Conflict, NotAllowed, NotFound
from events.core.forms import FormData, read_form
from events.core.i18n import language
from events.core.web import AnyRequest, page, see_other

PEOPLE = "/staff/people"
GUARDS = [Requires(Action.INVITE_STAFF)]


@get(PEOPLE, guards=GUARDS, include_in_schema=False)
async def people_page(request: AnyRequest) -> Template:
    """Everyone whom the actor may see."""
    staff = await queries.staff_seen_by(actor_of(request), clock.now())
    saved = request.query_params.get("saved", "")
    return page(request, "accounts/people.html", people=staff, saved=saved, **WORDS)


@get(f"{PEOPLE}/new", guards=GUARDS, include_in_schema=False)
async def invite_page(request: AnyRequest) -> Template:
    """The form of an invitation."""
    return _invite_page(request, await _invite_form(actor_of(request), None))


@post(f"{PEOPLE}/new", guards=GUARDS, include_in_schema=False)
async def invite(request: AnyRequest) -> Template | Redirect:
    """Invite someone by mail."""
    actor, now = actor_of(request), clock.now()
    form = await _invite_form(actor, await read_form(request))
    if not form.validate():
        return _invite_page(request, form, form.status)
    try:
        invited = await actions.invite(
            form.email.data,
            Role(form.role.data),
            in_regions(form.regions.data),
            name=form.name.data,
            language=form.language.data,
            until=form.until_moment,
            actor=actor,
            now=now,
        )
    except (NotAllowed, Conflict) as error:
        form.form_errors.append(error.message)
        return _invite_page(request, form, 422)
    seen = await queries.staff_seen_by(actor, now, invited.staff_id)
    return see_other(f"{PEOPLE}/{invited.staff_id}?saved=invited" if seen else f"{PEOPLE}?saved=invited")


@get(f"{PEOPLE}/{{staff_id:uuid}}", guards=GUARDS, include_in_schema=False)
async def person_page(request: AnyRequest, staff_id: FromPath[UUID]) -> Template:
    """One account with its rights."""
    actor = actor_of(request)
    return _person_page(request, await _seen(actor, staff_id), await _grant_form(actor, None))


@post(f"{PEOPLE}/{{staff_id:uuid}}/grants", guards=GUARDS, include_in_schema=False)
async def give_grant(request: AnyRequest, staff_id: FromPath[UUID]) -> Template | Redirect:
    """Give a role."""
    actor, now = actor_of(request), clock.now()
    staff = await _seen(actor, staff_id)
    form = await _grant_form(actor, await read_form(request))
    if not form.validate():
        return _person_page(request, staff, form, form.status)
    places = in_regions(form.regions.data)
    try:
        await actions.grant(staff_id, Role(form.role.data), places, until=form.until_moment, actor=actor, now=now)
    except NotAllowed as error:
        form.form_errors.append(error.message)
        return _person_page(request, staff, form, 422)
    return see_other(f"{PEOPLE}/{staff_id}?saved=granted")


@post(f"{PEOPLE}/{{staff_id:uuid}}/grants/{{grant_id:uuid}}/take", guards=GUARDS, include_in_schema=False)
async def take_grant(request: AnyRequest, staff_id: FromPath[UUID], grant_id: FromPath[UUID]) -> Redirect:
    """Take a role away."""
    actor = actor_of(request)
    await _seen(actor, staff_id)
    await actions.take(staff_id, grant_id, actor=actor, now=clock.now())
    still = await queries.staff_seen_by(actor, clock.now(), staff_id)
    return see_other(f"{PEOPLE}/{staff_id}?saved=taken" if still else f"{PEOPLE}?saved=taken")


@post(f"{PEOPLE}/{{staff_id:uuid}}/switch-off", guards=GUARDS, include_in_schema=False)
async def switch_off(request: AnyRequest, staff_id: FromPath[UUID]) -> Redirect:
    """Keep someone from signing in."""
    return await _switch(request, staff_id, on=False)


@post(f"{PEOPLE}/{{staff_id:uuid}}/switch-on", guards=GUARDS, include_in_schema=False)
async def switch_on(request: AnyRequest, staff_id: FromPath[UUID]) -> Redirect:
    """Let someone sign in again."""
    return await _switch(request, staff_id, on=True)


@post(f"{PEOPLE}/{{staff_id:uuid}}/invitation", guards=GUARDS, include_in_schema=False)
async def invite_again(request: AnyRequest, staff_id: FromPath[UUID]) -> Redirect:
    """Send the invitation once more."""
    actor = actor_of(request)
    await _seen(actor, staff_id)
    await actions.invite_again(staff_id, actor=actor, now=clock.now())
    return see_other(f"{PEOPLE}/{staff_id}?saved=invited")


async def _switch(request: AnyRequest, staff_id: UUID, *, on: bool) -> Redirect:
    actor = actor_of(request)
    await _seen(actor, staff_id)
    await actions.switch(staff_id, on=on, actor=actor, now=clock.now())
    return see_other(f"{PEOPLE}/{staff_id}?saved={'on' if on else 'off'}")


async def _seen(actor: Actor, staff_id: UUID) -> StaffView:
    found = await queries.staff_seen_by(actor, clock.now(), staff_id)
    if not found:
        raise NotFound
    return found[0]


async def _reachable_regions(actor: Actor) -> list[tuple[str, str]]:
    everywhere, codes, _events = reach(actor, Action.INVITE_STAFF, now=clock.now())
    return [(code, name) for code, name in await queries.region_names() if everywhere or code in codes]


async def _invite_form(actor: Actor, sent: FormData | None) -> InviteForm:
    now = clock.now()
    return InviteForm(
        sent,
        roles=givable(actor, now=now),
        regions=await _reachable_regions(actor),
        today=now.date(),
        data={"language": language(), "role": Role.ORGANISER.value},
    )


async def _grant_form(actor: Actor, sent: FormData | None) -> GrantForm:
    now = clock.now()
    return GrantForm(
        sent,
        roles=givable(actor, now=now),
        regions=await _reachable_regions(actor),
        today=now.date(),
        data={"role": Role.ORGANISER.value},
    )


def _invite_page(request: AnyRequest, form: InviteForm, status: int = 200) -> Template:
    meanings = [(choice.label, role_meaning(choice.value)) for choice in form.role.choices]
    return page(request, "accounts/invite.html", status=status, form=form, meanings=meanings)


def _person_page(request: AnyRequest, person: StaffView, form: GrantForm, status: int = 200) -> Template:
    actor, now = actor_of(request), clock.now()
    other = actor.id != person.id
    return page(
        request,
        "accounts/person.html",
        status=status,
        person=person,
        form=form,
        other=other,
        manageable=other and queries.manageable(actor, person, now),
        takeable={grant.id for grant in person.grants if other and queries.takeable(actor, grant, now)},
        saved=request.query_params.get("saved", "") if status == 200 else "",  # noqa: PLR2004 - nothing went wrong
        **WORDS,
    )


ROUTES = [
    people_page,
    invite_page,
    invite,
    person_page,
    give_grant,
    take_grant,
    switch_off,
    switch_on,
    invite_again,
]
