"""Who runs a theme group beside the region's organisers: its chair, invited by mail, and the right taken away again."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts import actions as accounts
from events.accounts import queries as staff
from events.accounts.granting import Place
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.accounts.tables import Role
from events.core import clock
from events.core.errors import Conflict, NotAllowed, NotFound
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other
from events.network import queries as network
from events.network.queries import GroupView, MemberView
from events.programme.rules import ZONE, to_local

PATH = "/staff/groups/{identity:uuid}/people"
GUARDS = [Requires(Action.ADD_CO_ORGANISERS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def group_people_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Who may run the group, and the member who is invited to."""
    return await _page(request, await _group(request, identity))


@post(PATH, guards=GUARDS, include_in_schema=False)
async def invite_chair(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Give a member the right to run the group, and write to them."""
    group, sent = await _group(request, identity), await read_form(request)
    member = next((each for each in await _members(group) if str(each.id) == sent.text("member")), None)
    if member is None:
        return await _page(request, group, refusal=_("Choose a member."))
    try:
        await accounts.invite(
            member.email or "",
            Role.CHAIR,
            [Place("group", str(group.id), group.region)],
            name=member.name,
            language=member.language,
            until=None,
            actor=actor_of(request),
            now=clock.now(),
            next_path=f"/staff/groups/{group.id}",
        )
    except (NotAllowed, Conflict) as error:
        return await _page(request, group, refusal=error.message)
    return see_other(f"/staff/groups/{group.id}/people?saved=invited")


@post(f"{PATH}/{{grant_id:uuid}}/take", guards=GUARDS, include_in_schema=False)
async def take_group(request: AnyRequest, identity: FromPath[UUID], grant_id: FromPath[UUID]) -> Redirect:
    """Take the right to run the group away."""
    group = await _group(request, identity)
    held = await staff.staff_on("group", group.id)
    someone = next((person for person, grant in held if grant.id == grant_id), None)
    if someone is None:
        raise NotFound
    await accounts.take(someone.id, grant_id, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/groups/{group.id}/people?saved=taken")


async def _group(request: AnyRequest, identity: UUID) -> GroupView:
    now = clock.now()
    group = await network.group(identity, to_local(now, ZONE).date())
    if group is None or not may(actor_of(request), Action.ADD_CO_ORGANISERS, now=now, region=group.region):
        raise NotFound
    return group


async def _members(group: GroupView) -> list[MemberView]:
    """Return the present members who can be written to, the chair first."""
    found = await network.members(group.id, to_local(clock.now(), ZONE).date())
    return [member for member in found if member.email]


async def _page(request: AnyRequest, group: GroupView, refusal: str = "") -> Template:
    members = await _members(group)
    people = await staff.staff_on("group", group.id)
    return page(
        request,
        "registration/group_people.html",
        status=422 if refusal else 200,
        group=group,
        people=people,
        belong={member.email for member in members},
        members=[member for member in members if member.email not in {person.email for person, _grant in people}],
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
    )


ROUTES: list[ControllerRouterHandler] = [group_people_page, invite_chair, take_group]
