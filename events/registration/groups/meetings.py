"""Meetings of a theme group: the next one made like the last, published and its members invited, in one step."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound
from events.core.i18n import gettext as _
from events.network import queries as network
from events.network.queries import GroupView, MemberView
from events.programme import queries as programme
from events.programme import rules as programme_rules
from events.programme.actions import (
    Created,
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

TUESDAY, HOLIDAYS = 1, 7


class Made(Struct, frozen=True):
    """The meetings that were made, by their days, and how many people were invited."""

    events: list[Created]
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


def proposals(last: EventView | None, now: datetime, count: int) -> list[datetime]:
    """Return the local times of the next meetings when there are so many in a year, evenly apart."""
    first = proposed(last, now)
    days = [first.date()]
    while len(days) < count:
        day = days[-1]
        for _month in range(max(1, 12 // count)):
            day = _same_weekday_next_month(day, first.date())
        days.append(day)
    return [datetime.combine(day, first.time(), first.tzinfo) for day in days]


def _same_weekday_next_month(day: date, model: date) -> date:
    """Return the second Tuesday of the month after `day` when `model` is a second Tuesday; a fifth one is the last.

    July is passed over: Finland is on holiday.
    """
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if first.month == HOLIDAYS:
        first = first.replace(month=HOLIDAYS + 1)
    found = first + timedelta(days=(model.weekday() - first.weekday()) % 7 + 7 * ((model.day - 1) // 7))
    return found if found.month == first.month else found - timedelta(days=7)


async def invitable(group_id: UUID, day: date) -> tuple[list[MemberView], list[MemberView]]:
    """Return the members of a day who can be invited, and those without an address."""
    members = await network.members(group_id, day)
    return [each for each in members if each.email], [each for each in members if not each.email]


async def meet(
    group_id: UUID, days: Sequence[date], clock_time: time, *, actor: Actor, now: datetime, draft: bool = False
) -> Made:
    """Make the next meetings like the last one, publish them and invite the members of those days; or only drafts.

    The minutes and slides of the last meeting stay with that one; a draft that stands at the time already is taken.
    Each member gets one letter about all meetings. Pressing twice makes them once. Raises NotFound for a group the
    actor does not lead, and Invalid (by the place of the day: `days-0`) for a time that has passed, that the clocks
    skip, or at which the group meets already.
    """
    async with transaction():
        await _lock(group_id)
        group = await led(group_id, actor, now)
        last = await last_meeting(group.id)
        starts = _moments(days, clock_time, last.zone if last else programme_rules.ZONE, now)
        await _require_free(group.id, starts, draft=draft)
        events = [await _make(group, last, moment, actor, now) for moment in starts]
        if draft:
            return Made(events, 0)
        for event in events:
            await publish(event.id, actor=actor, now=now)
        made = [event.id for event in events]
        return Made(events, await invite_members(group.id, actor=actor, now=now, events=made))


async def _lock(group_id: UUID) -> None:
    """Let who presses at the same time come after: then the meeting is there."""
    await database.execute("SELECT FROM theme_group WHERE id = $1 FOR UPDATE", group_id)


async def _make(group: GroupView, last: EventView | None, starts_at: datetime, actor: Actor, now: datetime) -> Created:
    there = "SELECT id, slug FROM event WHERE theme_group = $1 AND starts_at = $2 AND state = 'draft' LIMIT 1"
    draft = await database.fetchrow(there, group.id, starts_at)
    if draft is not None:
        return Created(draft["id"], draft["slug"])
    if last is None:
        return await create_event(_first(group, starts_at), actor=actor, now=now)
    created = await copy_event(last.id, starts_at, actor=actor, now=now, without_materials=True)
    if group.project:
        await edit_event(created.id, EventChanges(projects=[group.project]), actor=actor, now=now)
    return created


async def _require_free(group_id: UUID, starts: Sequence[datetime], *, draft: bool) -> None:
    """Raise Invalid for the days on which the group meets at that time already."""
    rows = await database.fetch(
        "SELECT starts_at FROM event WHERE theme_group = $1 AND starts_at = ANY($2)"
        " AND (state = 'published' OR (state = 'draft' AND $3))",
        *(group_id, list(starts), draft),
    )
    taken = {row["starts_at"] for row in rows}
    message = _("The group has a meeting at this time already.")
    errors = {f"days-{number}": [message] for number, moment in enumerate(starts) if moment in taken}
    errors |= {f"days-{number}": [message] for number, moment in enumerate(starts) if moment in starts[:number]}
    if errors:
        raise Invalid(errors)


async def led(group_id: UUID, actor: Actor, now: datetime) -> GroupView:
    """Return a group that the actor leads; raises NotFound for any other."""
    group = await network.group(group_id, now.astimezone(ZoneInfo(programme_rules.ZONE)).date())
    if group is None or not may(actor, Action.LEAD_GROUPS, now=now, region=group.region, group=group.id):
        raise NotFound
    return group


def _moments(days: Sequence[date], clock_time: time, zone: str, now: datetime) -> list[datetime]:
    starts, errors = [], {}
    for number, day in enumerate(days):
        try:
            starts.append(programme_rules.to_utc(day, clock_time, zone))
            if starts[-1] <= now:
                errors[f"days-{number}"] = [_("This time has passed.")]
        except (ValueError, OverflowError):
            errors[f"days-{number}"] = [_("The clocks skip this hour on that day.")]
    if errors:
        raise Invalid(errors)
    return starts


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
