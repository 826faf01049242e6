"""Editing an event: what changes, who must hear of it, and who was there first."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import by_column
from events.core.i18n import gettext as _
from events.programme import queries, rules
from events.programme.by_hand import marks_of
from events.programme.links import replace_projects, replace_themes
from events.programme.moving import Move, move_along, registration_times
from events.programme.queries import EventView
from events.programme.sites import NewSite, Settled, settle
from events.programme.steps import telling
from events.programme.steps.changing import TIMES, tell_change
from events.programme.tables import EventState


class EventChanges(Struct, frozen=True, kw_only=True):
    """What is to change of an event; what is not set stays as it is."""

    kind: str | UnsetType = UNSET
    titles: dict[str, str] | UnsetType = UNSET
    descriptions: dict[str, str] | UnsetType = UNSET
    starts_at: datetime | UnsetType = UNSET
    ends_at: datetime | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    host_region: str | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    registration_opens_at: datetime | UnsetType | None = UNSET
    registration_closes_at: datetime | UnsetType | None = UNSET
    waiting_list: str | UnsetType = UNSET
    needs_approval: bool | UnsetType = UNSET
    offer_hours: int | UnsetType = UNSET
    address_hours: int | UnsetType | None = UNSET
    access: str | UnsetType = UNSET
    access_code: str | UnsetType = UNSET
    named_organisations: list[UUID] | UnsetType = UNSET
    named_regions: list[str] | UnsetType = UNSET
    per_organisation: int | UnsetType | None = UNSET
    contact_name: str | UnsetType = UNSET
    contact_email: str | UnsetType = UNSET
    invitation_reminders: list[int] | UnsetType = UNSET
    survey_enabled: bool | UnsetType = UNSET
    materials: str | UnsetType = UNSET
    projects: list[str] | UnsetType = UNSET
    themes: list[str] | UnsetType = UNSET
    company_specific: bool | UnsetType = UNSET
    aid_value: int | UnsetType | None = UNSET
    sites: list[NewSite] | UnsetType = UNSET

    def after(self, event: EventView, name: str) -> Any:
        """Return what a field of the event is with these changes."""
        value = getattr(self, name)
        return getattr(event, name) if value is UNSET else value


class Edited(Struct, frozen=True):
    """What an edit did: the names of what changed, and how many people will be told."""

    changed: list[str]
    told: int

    @property
    def moved(self) -> bool:
        """Whether the start moved, and with it what is dated by it."""
        return "starts_at" in self.changed

    @property
    def followed_kind(self) -> bool:
        """Whether the survey became that of the new kind, as the network's reminders do."""
        return {"kind", "survey_enabled"} <= set(self.changed)


class Stale(Conflict):
    """Someone else saved the event since the form was opened."""

    code = "stale"

    def default_message(self) -> str:
        return _("Someone else has changed this event since you opened the page. Nothing has been saved yet.")


_IN_CALENDARS = TIMES | {"titles", "descriptions", "sites"}
_IN_REMINDERS = TIMES | {"kind", "registration_closes_at"}
"""What the times of reminders follow from."""
_UNTIL_RECONCILED = TIMES | {"sites", "kind", "host_region"}


async def edit_event(
    event_id: UUID,
    changes: EventChanges,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    with_series: Collection[str] | None = None,
) -> Edited:
    """Change an event; `version` is the one the editor saw.

    Of one of a series it is remembered what was changed by hand. When it is changed `with_series`, that is forgotten of
    what changes, but for these marks.
    Once it is published, a change that calendars must hear of raises SEQUENCE, and a new time or place is told to those
    who count on the event, also without a place yet, or were invited to it.
    What follows from the kind and was not changed by hand follows the new one; what is dated by the start moves along.
    Raises NotFound, Stale, Conflict for a cancelled event, Invalid for what does not hold.
    """
    async with transaction():
        event = await queries.locked(event_id)
        if event is None or not may(actor, Action.EDIT_EVENTS, now=now, **event.where):
            raise NotFound
        if version is not None and version != event.version:
            raise Stale
        move = Move(event, changes.after(event, "starts_at"), changes.after(event, "zone"))
        asked, changes = changes, _with_follow_up(event, _with_dates(move, changes, now))
        _check(event, changes, actor, now)
        changed = _differing(event, changes)
        settled = await _settle_links(event, changes, changed)
        if not changed:
            return Edited([], 0)
        marks = marks_of(event, asked, (name for name in changed if getattr(asked, name) is not UNSET))
        sequence = await _write(event, changes, changed, now)
        await _mark(event, marks, with_series=with_series)
        if changed & {"starts_at", "zone"}:
            await move_along(move, now)
        told = await tell_change(event, changed, settled, sequence, now)
        silent = {"silent": True} if telling.present().silent else {}
        await audit.record(actor, "event.edited", "event", event_id, now, fields=sorted(changed), told=told, **silent)
        jobs.nudge("mail.deliver")
        if settled.waiting or "waiting_list" in changed:
            jobs.nudge("waitlist.fill")
    return Edited(sorted(changed), told)


def _check(event: EventView, changes: EventChanges, actor: Actor, now: datetime) -> None:
    if event.state == EventState.CANCELLED:
        raise Conflict(_("A cancelled event cannot be changed. Make a copy of it instead."), code="cancelled")
    if event.archived_at is not None:
        raise Conflict(_("This event is archived. Bring it back before you change it."), code="archived")
    if event.reconciled_at is not None and _differing(event, changes) & _UNTIL_RECONCILED:
        raise Conflict(
            _("The attendance of this event is closed. Open it again before you change this."), code="reconciled"
        )
    if changes.host_region is not UNSET and changes.host_region != event.host_region:
        require(allowed=may(actor, Action.EDIT_EVENTS, now=now, **event.where | {"region": changes.host_region}))
    errors: dict[str, list[str]] = {}
    if changes.after(event, "ends_at") <= changes.after(event, "starts_at"):
        errors["ends_at"] = [_("The event must end after it starts.")]
    opens, closes = changes.after(event, "registration_opens_at"), changes.after(event, "registration_closes_at")
    if opens and closes and closes <= opens:
        errors["registration_closes_at"] = [_("Registration must close after it opens.")]
    access = ("access", "access_code", "named_organisations", "named_regions")
    errors |= rules.access_errors(*(changes.after(event, name) for name in access))
    if changes.titles is not UNSET and not any(changes.titles.values()):
        errors["titles"] = [_("The event needs a title.")]
    if changes.sites is not UNSET and not changes.sites:
        errors["sites"] = [_("An event needs a venue or an online site.")]
    if errors:
        raise Invalid(errors)


def _with_dates(move: Move, changes: EventChanges, now: datetime) -> EventChanges:
    """Add the times of registration that move along, unless others are asked for."""
    if (move.starts_at, move.zone) == (move.event.starts_at, move.event.zone):
        return changes
    moved = registration_times(move, now)
    return structs.replace(
        changes, **{name: moment for name, moment in moved.items() if getattr(changes, name) is UNSET}
    )


def _with_follow_up(event: EventView, changes: EventChanges) -> EventChanges:
    """Add what a new kind brings along, where the old kind's was untouched and nothing else is asked for."""
    if changes.kind is UNSET or changes.kind == event.kind:
        return changes
    if changes.survey_enabled is not UNSET or event.survey_enabled != rules.survey_by_default(event.kind):
        return changes
    return structs.replace(changes, survey_enabled=rules.survey_by_default(changes.kind))


def _differing(event: EventView, changes: EventChanges) -> set[str]:
    """Return the names of plain values that differ; sites, projects and themes are compared where they are written."""
    differing = set()
    for name, value in structs.asdict(changes).items():
        if value is UNSET or name in {"sites", "projects", "themes"}:
            continue
        wanted = {code: text for code, text in value.items() if text} if isinstance(value, dict) else value
        if wanted != getattr(event, name):
            differing.add(name)
    return differing


async def _settle_links(event: EventView, changes: EventChanges, changed: set[str]) -> Settled:
    """Write sites, projects and themes, and add to `changed` which of them did."""
    if changes.projects is not UNSET and await replace_projects(event.id, changes.projects):
        changed.add("projects")
    if changes.themes is not UNSET and await replace_themes(event.id, changes.themes):
        changed.add("themes")
    if changes.sites is UNSET:
        return Settled(changed=False, moved=[], linked=[], waiting=False)
    settled = await settle(event.id, changes.sites)
    if settled.changed:
        changed.add("sites")
    return settled


async def _mark(event: EventView, marks: set[str], *, with_series: Collection[str] | None) -> None:
    """Remember what of an event was changed by hand, or that it is as the series has it again."""
    if event.series is None:
        return
    known = set(event.by_hand)
    kept = known | marks if with_series is None else known - (marks - set(with_series))
    if kept != known:
        await database.execute("UPDATE event SET by_hand = $2 WHERE id = $1", event.id, sorted(kept))


async def _write(event: EventView, changes: EventChanges, changed: set[str], now: datetime) -> int:
    """Write what changed and count it; returns the new SEQUENCE."""
    columns: dict[str, Any] = {}
    for name in changed - {"sites", "projects", "themes"}:
        value = getattr(changes, name)
        if isinstance(value, dict):
            columns |= by_column(name.removesuffix("s"), value)
        else:
            columns[name] = value
    columns["version"] = event.version + 1
    columns["sequence"] = event.sequence + (event.state == EventState.PUBLISHED and bool(changed & _IN_CALENDARS))
    columns["start_revision"] = event.start_revision + ("starts_at" in changed)
    if changed & _IN_REMINDERS:
        columns["reminders_set_at"] = now
    if event.state == EventState.PUBLISHED:
        columns["changed_at"] = now
        if "starts_at" in changed:
            columns["previous_starts_at"] = event.starts_at
    assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, 2))
    await database.execute(f"UPDATE event SET {assignments} WHERE id = $1", event.id, *columns.values())
    sequence: int = columns["sequence"]
    return sequence
