"""A theme group's members: who they are, who joins one by one or as a pasted list, changing and ending a membership."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.addresses import normal_address
from events.core.errors import BadRequest, Invalid, NotFound
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.i18n import language
from events.core.text import split_name
from events.core.web import AnyRequest, page, see_other, told_number
from events.network import queries as network
from events.network.groups import actions as groups
from events.network.groups.actions import Membership, NewMember
from events.network.queries import GroupView, MemberView
from events.programme.rules import ZONE, to_local
from events.registration.groups import inviting
from events.registration.groups.forms import MemberForm, MembershipForm, SeveralForm
from events.registration.groups.meetings import led
from events.registration.groups.pages import GUARDS, PATH
from events.registration.invitations.guests import Guest, read_lines

MEMBERS = f"{PATH}/members"


@get(MEMBERS, guards=GUARDS, include_in_schema=False)
async def members_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Who belongs to a group, and who did."""
    return await _page(request, await _led(request, identity))


@post(MEMBERS, guards=GUARDS, include_in_schema=False)
async def add_member(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Add a member, or let one's membership end today."""
    group, sent = await _led(request, identity), await read_form(request)
    actor, now = actor_of(request), clock.now()
    if "end" in sent:
        member = await _member(group, sent.text("end"))
        await groups.end_membership(member.id, _today(), actor=actor, now=now)
        return _done(group, "ended")
    form = MemberForm(sent)
    new = _read_member(form) if form.validate() else None
    if new is not None:
        try:
            await groups.add_member(group.id, new, actor=actor, now=now)
            return _done(group, "added", 1)
        except Invalid as invalid:
            form.email.errors = [*form.email.errors, *invalid.errors["email"]]
    return await _page(request, group, member=form)


@post(f"{MEMBERS}/list", guards=GUARDS, include_in_schema=False)
async def add_several(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Add a pasted list of members: all of them, or none while a line cannot be read."""
    group, form = await _led(request, identity), SeveralForm(await read_form(request))
    if form.validate():
        read = read_lines(form.people.data)
        new = [_named(guest, form) for guest in read.found]
        nameless = [_("Write a name too: %(address)s", address=each.email) for each in new if not each.given_name]
        refused = [_("Line %(line)s: %(reason)s", line=each.line, reason=each.reason) for each in read.refused]
        form.people.errors = [*refused, *nameless]
        if not form.people.errors:
            added = await groups.add_members(group.id, new, actor=actor_of(request), now=clock.now())
            return _done(group, "added", added)
    return await _page(request, group, several=form)


@post(f"{MEMBERS}/invitations", guards=GUARDS, include_in_schema=False)
async def settle_invitations(request: AnyRequest, identity: FromPath[UUID]) -> Redirect:
    """Invite who is not invited to the coming meetings, or take back the invitations of who has left."""
    group, sent = await _led(request, identity), await read_form(request)
    deeds = {"invite": inviting.invite_members, "withdraw": inviting.withdraw_left_over}
    wanted = next((name for name in deeds if name in sent), "")
    if not wanted:
        raise BadRequest
    return _done(group, wanted, await deeds[wanted](group.id, actor=actor_of(request), now=clock.now()))


@get(f"{MEMBERS}/{{member:uuid}}", guards=GUARDS, include_in_schema=False)
async def member_page(request: AnyRequest, identity: FromPath[UUID], member: FromPath[UUID]) -> Template:
    """How someone belongs to the group."""
    group = await _led(request, identity)
    held = await _member(group, str(member))
    names = ("organisation", "language", "starts_on", "ends_on", "chair")
    return _one(request, group, held, MembershipForm(data={name: getattr(held, name) for name in names}))


@post(f"{MEMBERS}/{{member:uuid}}", guards=GUARDS, include_in_schema=False)
async def change_member(request: AnyRequest, identity: FromPath[UUID], member: FromPath[UUID]) -> Template | Redirect:
    """Change it."""
    group = await _led(request, identity)
    held, form = await _member(group, str(member)), MembershipForm(await read_form(request))
    if form.validate():
        wanted = Membership(
            organisation=form.organisation.data or "",
            language=form.language.data,
            chair=form.chair.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        )
        try:
            await groups.change_member(held.id, wanted, actor=actor_of(request), now=clock.now())
            return _done(group, "changed")
        except Invalid as invalid:
            form.show(invalid.errors)
    return _one(request, group, held, form)


def _read_member(form: MemberForm) -> NewMember | None:
    email = normal_address(form.email.data)
    if email is None:
        form.email.errors = [_("Write the address in the form name@organisation.fi.")]
        return None
    names = ("given_name", "family_name", "organisation", "language")
    texts: dict[str, Any] = {name: form[name].data or "" for name in names}
    return NewMember(**texts, email=email, chair=form.chair.data, starts_on=form.starts_on.data)


def _named(guest: Guest, form: SeveralForm) -> NewMember:
    """Return who is meant by a line of the list; an address alone has no given name."""
    given, family = split_name(guest.name)
    return NewMember(
        given_name=given[:100],
        family_name=family[:100],
        email=guest.email,
        organisation="",
        language=form.language.data,
        chair=False,
        starts_on=form.starts_on.data,
    )


async def _led(request: AnyRequest, identity: UUID) -> GroupView:
    return await led(identity, actor_of(request), clock.now())


async def _member(group: GroupView, identity: str) -> MemberView:
    found = next((each for each in await network.members(group.id) if str(each.id) == identity), None)
    if found is None:
        raise NotFound
    return found


def _today() -> date:
    return to_local(clock.now(), ZONE).date()


def _done(group: GroupView, saved: str, count: int = 0) -> Redirect:
    return see_other(f"/staff/groups/{group.id}/members?saved={saved}&told={count}")


def _one(request: AnyRequest, group: GroupView, member: MemberView, form: MembershipForm) -> Template:
    status = 422 if form.errors else 200
    return page(
        request,
        "registration/group_member.html",
        status=status,
        group=group,
        member=member,
        form=form,
    )


async def _page(
    request: AnyRequest, group: GroupView, *, member: MemberForm | None = None, several: SeveralForm | None = None
) -> Template:
    fresh = {"starts_on": _today(), "language": language()}
    query: Any = request.query_params
    return page(
        request,
        "registration/group_members.html",
        status=422 if any(form is not None and form.errors for form in (member, several)) else 200,
        group=group,
        members=await network.members(group.id),
        today=_today(),
        form=member or MemberForm(data=fresh),
        several=several or SeveralForm(data=fresh),
        pasted=several is not None,
        uninvited=await inviting.uninvited(group.id, clock.now()),
        left_over=await inviting.left_over(group.id, clock.now()),
        saved=query.get("saved", "") if member is None and several is None else "",
        told=told_number(query.get("told", "")),
    )


ROUTES: list[ControllerRouterHandler] = [
    *(members_page, add_member, add_several, settle_invitations, member_page, change_member),
]
