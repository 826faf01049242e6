"""What an event allows, and what follows from its times: pure functions."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from events.core.clock import FINLAND
from events.core.i18n import gettext as _
from events.core.text import fold, slugify
from events.programme.tables import Access, EventState, Kind, WaitingList

ZONE = FINLAND
"""The zone of an event unless it says another."""

DAY = 24 * 60
INVITATION_REMINDERS = (3 * DAY,)
"""Minutes before the start at which who has not answered an invitation is reminded unless the event says otherwise."""

SLUG_LENGTH = 100

OFFER_HOURS = 24
"""How long a place stays offered unless the event says otherwise; near the start it is less."""

LINK = ":link"
"""Ends the occurrence of a message about nothing but a new link to the online meeting."""

AGENDA = ":agenda"
"""Ends the occurrence of a message about nothing but a changed agenda, after the number of the telling."""

ITEM = ":item"
"""Ends the occurrence of a message about an item of the agenda that its recipient had signed up for."""

LONGEST_HOLD = 14 * 24
"""Hours: the longest that a place may be held for someone who has not said yes."""


class SiteLike(Protocol):
    """What the rules ask of a site."""

    @property
    def capacity(self) -> int | None: ...
    @property
    def taken(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def closed(self) -> bool: ...


class EventLike(Protocol):
    """What the rules ask of an event."""

    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def registration_opens_at(self) -> datetime | None: ...
    @property
    def registration_closes_at(self) -> datetime | None: ...
    @property
    def reconciled_at(self) -> datetime | None: ...
    @property
    def archived_at(self) -> datetime | None: ...
    @property
    def waiting_list(self) -> str: ...
    @property
    def sites(self) -> Iterable[SiteLike]: ...


class Openness(StrEnum):
    """Whether one may register, and if not, why."""

    OPEN = "open"
    WAITING = "waiting"  # open, but who comes now waits in line
    FULL = "full"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    HELD = "held"
    CANCELLED = "cancelled"
    DRAFT = "draft"


def access_errors(
    access: str, code: str, organisations: Collection[UUID], regions: Collection[str]
) -> dict[str, list[str]]:
    """Return what is missing for such an access to let anybody in, by field."""
    if access == Access.CODE and not code:
        return {"access_code": [_("Give the code that people register with.")]}
    if access == Access.NAMED and not (organisations or regions):
        return {"access": [_("Name an organisation or a region at least.")]}
    return {}


def survey_by_default(kind: str) -> bool:
    """Say whether an event of this kind ends with a survey: all but meetings do."""
    return kind != Kind.MEETING


def closes_at(event: EventLike) -> datetime:
    """Return when registration ends: as set, else at the start."""
    return event.registration_closes_at or event.starts_at


def opens_later(event: EventLike, now: datetime) -> bool:
    """Say whether registration is still to open."""
    return event.registration_opens_at is not None and now < event.registration_opens_at


def has_room(site: SiteLike) -> bool:
    """Say whether who comes now gets a place: there is room and nobody waits (design.md §5.4), and it is not closed."""
    return not site.closed and site.waiting == 0 and (site.capacity is None or site.taken < site.capacity)


def openness(event: EventLike, now: datetime) -> Openness:
    """Say whether one may register at `now`."""
    if event.state != EventState.PUBLISHED:
        return Openness.DRAFT if event.state == EventState.DRAFT else Openness.CANCELLED
    if now >= event.ends_at:
        return Openness.HELD
    if opens_later(event, now):
        return Openness.NOT_YET
    if now >= closes_at(event):
        return Openness.CLOSED
    if any(has_room(site) for site in event.sites):
        return Openness.OPEN
    return Openness.FULL if event.waiting_list == WaitingList.NONE else Openness.WAITING


def phase(event: EventLike, now: datetime) -> str:
    """Return draft, published, held, reconciled, cancelled or archived: what a badge says of the event."""
    if event.archived_at is not None:
        return "archived"
    if event.state == EventState.PUBLISHED and event.reconciled_at is not None:
        return "reconciled"
    if event.state == EventState.PUBLISHED and now >= event.ends_at:
        return "held"
    return str(event.state)


def may_archive(event: EventLike) -> bool:
    """Say whether nothing is left to do of an event: its attendance is closed, or it was cancelled."""
    return event.archived_at is None and (event.state == EventState.CANCELLED or event.reconciled_at is not None)


def to_utc(day: date, clock_time: time, zone: str) -> datetime:
    """Return the moment of a local date and time; of an hour that comes twice, the first.

    Raises ValueError for a time that the zone leaves out when clocks go forward.
    """
    local = datetime.combine(day, clock_time, ZoneInfo(zone))
    moment = local.astimezone(ZoneInfo("UTC"))
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{local:%Y-%m-%d %H:%M} does not exist in {zone}")
    return moment


def to_local(moment: datetime, zone: str) -> datetime:
    """Return a moment as the clock on the wall shows it, aware."""
    return moment.astimezone(ZoneInfo(zone))


def wall_clock(moment: datetime, zone: str) -> datetime:
    """Return what the clock on the wall shows at a moment, without a zone: for distances that keep the time of day."""
    return to_local(moment, zone).replace(tzinfo=None)


def event_slug(titles: dict[str, str], day: date) -> str:
    """Return the slug of an event: its English or Finnish title (else the Swedish) and the local date of its start."""
    title = titles.get("en") or titles.get("fi") or titles.get("sv") or ""
    begin = slugify(title)[:SLUG_LENGTH].rstrip("-")
    return f"{begin or 'event'}-{day.isoformat()}"


def venue_with_town(name: str, town: str) -> str:
    """Return a venue's name with that of its municipality, once when the name ends in it; "" when neither is known."""
    named = fold(name.rsplit(",", 1)[-1]) == fold(town)
    return ", ".join(part for part in (name, "" if named else town) if part)
