"""Use cases of the programme: create, copy, publish, cancel and delete an event; edit_event stands in `editing`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct, structs

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import by_column
from events.core.i18n import gettext as _
from events.messaging.tables import Reason
from events.messaging.templates import actions as templates
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.programme import queries, rules
from events.programme.copying import insert_copy
from events.programme.editing import EventChanges, edit_event
from events.programme.links import replace_projects, replace_themes
from events.programme.queries import EventView
from events.programme.sites import NewSite, add_site
from events.programme.slugs import Created, under_free_slug
from events.programme.steps import duties, telling
from events.programme.tables import Access, EventState, WaitingList

__all__ = [
    "Created",
    "EventChanges",
    "NewEvent",
    "NewSite",
    "cancel_event",
    "copy_event",
    "create_event",
    "deletable",
    "delete_draft",
    "edit_event",
    "publish",
]


class NewEvent(Struct, frozen=True, kw_only=True):
    """An event to be made; times are aware, projects and themes are codes.

    Reminders (minutes before the start) and the survey follow from the kind unless they are given.
    """

    kind: str
    titles: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    host_region: str
    sites: tuple[NewSite, ...]
    zone: str = rules.ZONE
    descriptions: Mapping[str, str] = {}
    languages: tuple[str, ...] = ("fi",)
    projects: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    waiting_list: str = WaitingList.AUTOMATIC.value
    needs_approval: bool = False
    offer_hours: int = rules.OFFER_HOURS
    address_hours: int | None = None
    access: str = Access.OPEN.value
    access_code: str = ""
    named_organisations: tuple[UUID, ...] = ()
    named_regions: tuple[str, ...] = ()
    per_organisation: int | None = None
    contact_name: str = ""
    contact_email: str = ""
    invitation_reminders: tuple[int, ...] = rules.INVITATION_REMINDERS
    theme_group: UUID | None = None
    survey_enabled: bool | None = None
    materials: str = ""


async def create_event(new: NewEvent, *, actor: Actor, now: datetime) -> Created:
    """Make a draft. Raises NotAllowed outside the actor's regions, Invalid for an end before the start or no site."""
    require(allowed=may(actor, Action.EDIT_EVENTS, now=now, region=new.host_region, group=new.theme_group))
    _check(new)
    async with transaction():
        columns = await _columns(new, actor)
        created = await _insert(columns, rules.event_slug(dict(new.titles), _local_day(new)))
        for position, site in enumerate(new.sites):
            await add_site(created.id, site, position)
        await replace_projects(created.id, new.projects)
        await replace_themes(created.id, new.themes)
        await audit.record(actor, "event.created", "event", created.id, now, slug=created.slug)
    return created


async def copy_event(
    event_id: UUID,
    starts_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    without_files: bool = False,
    without_materials: bool = False,
) -> Created:
    """Make a draft like an event, as long as that but at another time, with everything but its people.

    The files among its materials go along unless the copy shall be `without_files`, links and all unless it shall be
    `without_materials`.

    Raises NotFound for an event that the actor may not edit, NotAllowed outside the actor's regions.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        require(allowed=may(actor, Action.EDIT_EVENTS, now=now, region=event.host_region, group=event.theme_group))
        created = await insert_copy(event, starts_at)
        if without_files:
            await database.execute("DELETE FROM material WHERE event = $1 AND stored <> ''", created.id)
        if without_materials:
            await database.execute("DELETE FROM material WHERE event = $1", created.id)
            await database.execute("UPDATE event SET materials = '' WHERE id = $1", created.id)
        await audit.record(actor, "event.created", "event", created.id, now, slug=created.slug, copy_of=event.slug)
    return created


async def publish(event_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Let everyone see an event; returns False when everyone could before. Raises NotFound, Conflict when cancelled.

    To a group's meeting its members are owed invitations.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        if event.state == EventState.CANCELLED:
            raise Conflict(_("A cancelled event cannot be published. Make a copy of it instead."), code="cancelled")
        changed = await database.execute(
            "UPDATE event SET state = 'published', published_at = $2, invites_members = theme_group IS NOT NULL"
            " WHERE id = $1 AND state = 'draft'",
            *(event_id, now),
        )
        if changed:
            await audit.record(actor, "event.published", "event", event_id, now)
            jobs.nudge("invitations.send")
            await webhooks.add(Happening.EVENT_PUBLISHED, event_id, now=now)
    return bool(changed)


async def cancel_event(event_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Cancel a published event and owe a message to everyone registered or invited; returns to how many.

    Cancelling twice changes nothing. Raises NotFound; Conflict for a draft and for what has been held.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        if event.state == EventState.CANCELLED:
            return 0
        if event.state == EventState.DRAFT or now >= event.ends_at:
            raise Conflict(_("Only a published event that has not been held can be cancelled."), code="not_cancellable")
        sequence = await database.fetchval(
            "UPDATE event SET state = 'cancelled', cancelled_at = $2, sequence = sequence + 1, version = version + 1,"
            " cancel_words = $3 WHERE id = $1 AND state = 'published' RETURNING sequence",
            *(event_id, now, telling.present().words),
        )
        if sequence is None:
            return 0
        await duties.give_up(event_id, duties.GIVEN_UP, now=now)
        told = await duties.owe(Reason.EVENT_CANCELLED, event_id, sequence=sequence, states=duties.EVERYONE, now=now)
        await audit.record(actor, "event.cancelled", "event", event_id, now, told=told)
        jobs.nudge("mail.deliver")
    return told


async def delete_draft(event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Delete a draft that nobody has registered for. Raises NotFound, Conflict for anything else."""
    async with transaction():
        event = await deletable(event_id, actor, now)
        await database.execute("DELETE FROM event WHERE id = $1 AND state = 'draft'", event_id)
        await templates.remove_with(event_id)
        if event.series is not None:  # a rule that is extended must not make it again
            await database.execute(
                "UPDATE series SET left_out = left_out || $2::date WHERE id = $1", event.series, event.series_day
            )
        await audit.record(actor, "event.deleted", "event", event_id, now, slug=event.slug)


async def deletable(event_id: UUID, actor: Actor, now: datetime) -> EventView:
    """Return a draft that nobody has registered for. Raises NotFound, Conflict for anything else."""
    event = await editable(event_id, actor, now)
    used = await database.fetchval("SELECT EXISTS (SELECT FROM registration WHERE event = $1)", event_id)
    if event.state != EventState.DRAFT or used:
        raise Conflict(_("Only a draft without registrations can be deleted."), code="not_a_draft")
    return event


async def editable(event_id: UUID, actor: Actor, now: datetime) -> EventView:
    """Return an event, locked inside a transaction; raises NotFound unless the actor may edit it."""
    event = await queries.locked(event_id)
    if event is None or not may(actor, Action.EDIT_EVENTS, now=now, **event.where):
        raise NotFound
    return event


async def raise_sequence(event_id: UUID) -> None:
    """Let calendars hear of a change of what a published event's entry carries; the caller has the event locked."""
    await database.execute("UPDATE event SET sequence = sequence + 1 WHERE id = $1 AND state = 'published'", event_id)


def _check(new: NewEvent) -> None:
    errors: dict[str, Iterable[str]] = {}
    if new.ends_at <= new.starts_at:
        errors["ends_at"] = [_("The event must end after it starts.")]
    if not new.sites:
        errors["sites"] = [_("An event needs a venue or an online site.")]
    if not any(new.titles.values()):
        errors["titles"] = [_("The event needs a title.")]
    errors |= rules.access_errors(new.access, new.access_code, new.named_organisations, new.named_regions)
    if errors:
        raise Invalid({field: list(messages) for field, messages in errors.items()})


def _local_day(new: NewEvent) -> Any:
    return rules.to_local(new.starts_at, new.zone).date()


async def _columns(new: NewEvent, actor: Actor) -> dict[str, Any]:
    values = structs.asdict(new)
    for gone in ("sites", "projects", "themes"):
        del values[gone]
    for one, many in (("title", values.pop("titles")), ("description", values.pop("descriptions"))):
        values |= by_column(one, many)
    if new.survey_enabled is None:
        values["survey_enabled"] = rules.survey_by_default(new.kind)
    if actor.kind is ActorKind.STAFF and not (new.contact_name or new.contact_email):
        row = await database.fetchrow("SELECT name, email FROM staff WHERE id = $1", actor.id)
        if row:
            values |= {"contact_name": row["name"], "contact_email": row["email"]}
    return values


async def _insert(columns: dict[str, Any], slug: str) -> Created:
    identity = uuid4()
    names = ["id", "slug", *columns]
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    sql = f"INSERT INTO event ({', '.join(names)}) VALUES ({places}) ON CONFLICT (slug) DO NOTHING"

    async def insert(slug: str) -> UUID | None:
        return identity if await database.execute(sql, identity, slug, *columns.values()) else None

    return await under_free_slug(slug, insert)
