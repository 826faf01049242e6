"""Use cases of series: making and extending one, publishing its drafts, taking events out of it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound, require
from events.core.i18n import format_date, ngettext
from events.core.i18n import gettext as _
from events.programme import rules
from events.programme.actions import cancel_event, delete_draft, editable, publish
from events.programme.copying import insert_copy
from events.programme.queries import EventView
from events.programme.series import recurrence
from events.programme.series.queries import Scope, reached, series_of
from events.programme.series.recurrence import Plan
from events.programme.steps import standing
from events.programme.tables import EventState


class Repeated(Struct, frozen=True):
    """A series and how many events were added to it."""

    series: UUID
    made: int


class Removal(Struct, frozen=True):
    """What taking events out of a series does: drafts deleted, events cancelled, messages sent.

    The rest is foreseen alone: of the messages those that take an event out of a `calendars` entry, the people without
    an address (`silent`), and the `reminders` that will not go out.
    """

    deleted: int
    cancelled: int
    told: int
    calendars: int = 0
    silent: int = 0
    reminders: int = 0


async def repeat(event_id: UUID, plan: Plan, *, actor: Actor, now: datetime) -> Repeated:
    """Make a draft like this event on each day of a plan, at the same time of day; the event itself belongs to them.

    Days the series has already are passed over. Raises NotFound, NotAllowed outside the actor's regions, and Invalid
    when there are no days or too many, or the clocks skip the hour on one of them.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        require(allowed=may(actor, Action.EDIT_EVENTS, now=now, region=event.host_region, group=event.theme_group))
        series = event.series or await _begin(event)
        await database.fetchval("SELECT id FROM series WHERE id = $1 FOR UPDATE", series)
        starts = new_starts(event, plan, await series_of(series))
        for day, starts_at in starts:
            created = await insert_copy(event, starts_at, series=series, series_day=day)
            await audit.record(actor, "event.created", "event", created.id, now, slug=created.slug, copy_of=event.slug)
        await _remember(series, plan)
        await audit.record(actor, "series.extended", "series", series, now, events=len(starts))
    return Repeated(series, len(starts))


def new_starts(event: EventView, plan: Plan, known: Sequence[EventView]) -> list[tuple[date, datetime]]:
    """Return the days that a plan adds, each with the moment at which the event starts on it; raises Invalid."""
    local = rules.to_local(event.starts_at, event.zone)
    there = {other.series_day for other in known} | {
        rules.to_local(other.starts_at, other.zone).date() for other in known
    }
    days = [day for day in recurrence.days(plan, local.date()) if day not in there]
    if not days:
        raise Invalid({"": [_("These choices give no new date.")]})
    if len(days) > recurrence.MOST:
        message = ngettext(
            "At most %(n)s event can be made at once.", "At most %(n)s events can be made at once.", recurrence.MOST
        )
        raise Invalid({"": [message, _("Choose an earlier end, and add more dates later.")]})
    starts, skipped = [], []
    for day in days:
        try:
            starts.append((day, rules.to_utc(day, local.time(), event.zone)))
        except (ValueError, OverflowError):
            skipped.append(format_date(day))
    if skipped:
        message = _("The clocks skip this hour on %(days)s: leave that date out.", days=", ".join(skipped))
        raise Invalid({"": [message]})
    return starts


async def _begin(event: EventView) -> UUID:
    """Make a series of which the event is the first."""
    series = uuid4()
    await database.execute("INSERT INTO series (id) VALUES ($1)", series)
    day = rules.to_local(event.starts_at, event.zone).date()
    await database.execute("UPDATE event SET series = $2, series_day = $3 WHERE id = $1", event.id, series, day)
    return series


async def _remember(series: UUID, plan: Plan) -> None:
    await database.execute(
        "UPDATE series SET rule = CASE WHEN $2 = '' THEN rule ELSE $2 END,"
        " left_out = ARRAY(SELECT DISTINCT unnest(left_out || $4::date[]) EXCEPT SELECT unnest($3::date[]) ORDER BY 1)"
        " WHERE id = $1",
        series,
        plan.rule,
        list(plan.dates),
        list(plan.left_out),
    )


async def publish_drafts(series_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Publish the drafts of a series that are still to come; returns how many. Raises NotFound."""
    async with transaction():
        events = await series_of(series_id, lock=True)
        if not events:
            raise NotFound
        drafts = drafts_among(events, actor, now)
        for event in drafts:
            await publish(event.id, actor=actor, now=now)
    return len(drafts)


def drafts_among(events: list[EventView], actor: Actor, now: datetime) -> list[EventView]:
    """Return which events of a series the actor may publish: the drafts that are still to come."""
    return [event for event in reached(events, events[0], Scope.ALL, actor, now) if event.state == EventState.DRAFT]


async def forecast(event: EventView, scope: Scope, *, actor: Actor, now: datetime) -> Removal:
    """Return what `remove` would do."""
    events = reached(await together(event), event, scope, actor, now)
    registered = await _registered(events)
    published = [each for each in events if each.state == EventState.PUBLISHED]
    reaches = [await standing.cancelling(each.id) for each in published]
    deleted = [each for each in events if each.state == EventState.DRAFT and each.id not in registered]
    return Removal(
        len(deleted),
        len(published),
        told=sum(reach.told for reach in reaches),
        calendars=sum(reach.calendars for reach in reaches),
        silent=sum(reach.silent for reach in reaches),
        reminders=sum(len(standing.coming_reminders(each, now)) for each in published),
    )


async def remove(event_id: UUID, scope: Scope, *, actor: Actor, now: datetime) -> Removal:
    """Cancel the published events, with a message to everyone registered or invited, and delete the drafts.

    What was held or cancelled stays as it is, and so does a draft that someone has registered for. Raises NotFound.
    """
    async with transaction():
        event = await editable_together(event_id, actor, now)
        events = reached(await together(event), event, scope, actor, now)
        registered = await _registered(events)
        deleted, cancelled, told = 0, 0, 0
        for each in events:
            if each.state == EventState.PUBLISHED:
                told += await cancel_event(each.id, actor=actor, now=now)
                cancelled += 1
            elif each.id not in registered:
                await delete_draft(each.id, actor=actor, now=now)
                deleted += 1
    return Removal(deleted, cancelled, told)


async def editable_together(event_id: UUID, actor: Actor, now: datetime) -> EventView:
    """Return an event with all events of its series locked, in the order of their ids; raises NotFound."""
    await database.fetch(
        "SELECT other.id FROM event other JOIN event ON other.id = event.id OR other.series = event.series"
        " WHERE event.id = $1 ORDER BY other.id FOR NO KEY UPDATE OF other",
        event_id,
    )
    return await editable(event_id, actor, now)


async def together(event: EventView) -> list[EventView]:
    """Return the events of an event's series, or the event alone."""
    return await series_of(event.series) if event.series else [event]


async def _registered(events: Sequence[EventView]) -> set[UUID]:
    """Return those that someone has registered for, whatever became of it."""
    rows = await database.fetch(
        "SELECT DISTINCT event FROM registration WHERE event = ANY($1)", [event.id for event in events]
    )
    return {row["event"] for row in rows}
