"""Meetings of a theme group: the next one made like the last, published and its members invited, in one step."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.network import queries as network
from events.network.queries import GroupView, MemberView
from events.programme import queries as programme
from events.programme import rules as programme_rules
from events.programme.actions import (
    EventChanges,
    NewEvent,
    NewSite,
    copy_event,
    create_event,
    edit_event,
    publish,
)
from events.programme.queries import EventView
from events.programme.tables import Access, WaitingList
from events.registration.groups.inviting import invite_members

FIRST_IN, FIRST_AT, FIRST_LENGTH = timedelta(days=14), time(13, 0), timedelta(minutes=90)
"""How soon a group's first meeting is proposed, on a Tuesday, and how long it lasts."""

TUESDAY = 1


class Made(Struct, frozen=True):
    """A meeting, and how many were invited to it."""

    event: UUID
    slug: str
    invited: int


async def last_meeting(group_id: UUID) -> EventView | None:
    """Return the latest meeting of a group: the one that the next is made like."""
    identity = await database.fetchval(
        "SELECT id FROM event WHERE theme_group = $1 AND state = 'published' ORDER BY starts_at DESC LIMIT 1", group_id
    )
    return await programme.by_id(identity) if identity else None


def proposed(last: EventView | None, now: datetime) -> datetime:
    """Return the local time of the next meeting: that weekday of a month, at that hour, in the next month to come."""
    zone = ZoneInfo(last.zone if last else programme_rules.ZONE)
    today = now.astimezone(zone).date()
    if last is None:
        soonest = today + FIRST_IN
        return datetime.combine(soonest + timedelta(days=(TUESDAY - soonest.weekday()) % 7), FIRST_AT, zone)
    start = last.starts_at.astimezone(zone)
    day = start.date()
    while day <= max(today, start.date()):
        day = _same_weekday_next_month(day, start.date())
    return datetime.combine(day, start.time(), zone)


def _same_weekday_next_month(day: date, model: date) -> date:
    """Return the second Tuesday of the month after `day` when `model` is a second Tuesday; a fifth one is the last."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = first + timedelta(days=(model.weekday() - first.weekday()) % 7 + 7 * ((model.day - 1) // 7))
    return found if found.month == first.month else found - timedelta(days=7)


async def invitable(group_id: UUID, day: date) -> tuple[list[MemberView], list[MemberView]]:
    """Return the members of a day who can be invited, and those without an address."""
    members = await network.members(group_id, day)
    return [each for each in members if each.email], [each for each in members if not each.email]


async def meet(group_id: UUID, day: date, clock_time: time, *, actor: Actor, now: datetime) -> Made:
    """Make the next meeting like the last one, publish it and invite the members of that day.

    The minutes and slides of the last meeting stay with that one. Pressing twice makes one meeting. Raises NotFound for
    a group the actor does not lead, Invalid for a time that has passed or that the clocks skip, Conflict when the group
    meets then already.
    """
    async with transaction():
        await database.execute("SELECT FROM theme_group WHERE id = $1 FOR UPDATE", group_id)
        group = await led(group_id, actor, now)
        last = await last_meeting(group.id)
        starts_at = _moment(day, clock_time, last.zone if last else programme_rules.ZONE, now)
        taken = "SELECT EXISTS (SELECT FROM event WHERE theme_group = $1 AND starts_at = $2 AND state <> 'cancelled')"
        if await database.fetchval(taken, group.id, starts_at):
            raise Conflict(_("The group has a meeting at this time already."), code="already")
        if last is None:
            created = await create_event(_first(group, starts_at), actor=actor, now=now)
        else:
            created = await copy_event(last.id, starts_at, actor=actor, now=now, without_materials=True)
            if group.project:
                await edit_event(created.id, EventChanges(projects=[group.project]), actor=actor, now=now)
        await publish(created.id, actor=actor, now=now)
        invited = await invite_members(group.id, actor=actor, now=now, events=[created.id])
    return Made(created.id, created.slug, invited)


async def led(group_id: UUID, actor: Actor, now: datetime) -> GroupView:
    """Return a group that the actor leads; raises NotFound for any other."""
    group = await network.group(group_id, now.astimezone(ZoneInfo(programme_rules.ZONE)).date())
    if group is None or not may(actor, Action.LEAD_GROUPS, now=now, region=group.region):
        raise NotFound
    return group


def _moment(day: date, clock_time: time, zone: str, now: datetime) -> datetime:
    try:
        starts_at = programme_rules.to_utc(day, clock_time, zone)
    except (ValueError, OverflowError):
        raise Invalid({"starts": [_("The clocks skip this hour on that day.")]}) from None
    if starts_at <= now:
        raise Invalid({"day": [_("This time has passed.")]})
    return starts_at


def _first(group: GroupView, starts_at: datetime) -> NewEvent:
    return NewEvent(
        kind="meeting",
        titles=group.names,
        starts_at=starts_at,
        ends_at=starts_at + FIRST_LENGTH,
        host_region=group.region,
        sites=(NewSite(mode="online", join_url=group.join_url),),
        languages=tuple(group.names),
        projects=(group.project,) if group.project else (),
        themes=(group.theme,),
        theme_group=group.id,
        access=Access.INVITED.value,
        waiting_list=WaitingList.NONE.value,
    )
