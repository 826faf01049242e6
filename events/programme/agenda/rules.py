"""The agenda by the hour: what clashes, what is odd, and how it reads as plain text. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from msgspec import Struct

from events.core.i18n import format_date, format_end, format_time, pick
from events.core.i18n import gettext as _
from events.programme import rules

GONE = frozenset({"cancelled", "declined"})
"""States of a registration that is no longer in force."""


class Speaking(Struct, frozen=True):
    """Someone who is registered and speaks: `state` is that of the registration, `name` "" of who was erased."""

    registration: UUID
    state: str
    name: str
    organisation: str

    @property
    def announced(self) -> bool:
        """Whether the agenda names them: whoever has a place."""
        return self.state == "confirmed" and bool(self.name)

    @property
    def said(self) -> str:
        """The name and the organisation."""
        return ", ".join(part for part in (self.name, self.organisation) if part)


class ItemView(Struct, frozen=True, kw_only=True):
    """An item of the agenda; `signed` is how many have signed up for it, `capacity` None is without limit.

    `registered` are the speakers who are registered, `speakers` the lines that name others.
    """

    id: UUID
    event: UUID
    site: UUID | None
    room: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    speakers: list[str]
    sign_up: bool
    capacity: int | None
    signed: int
    registered: list[Speaking]

    @property
    def named(self) -> list[str]:
        """Who speaks, as everyone reads it."""
        return [*(each.said for each in self.registered if each.announced), *self.speakers]

    @property
    def title(self) -> tuple[str, str]:
        """The title in the present language, or the first there is, and its language."""
        return pick(self.titles)

    @property
    def description(self) -> tuple[str, str]:
        """The description in the present language, or the first there is, and its language."""
        return pick(self.descriptions)

    @property
    def left(self) -> int | None:
        """Places left; None without limit."""
        return None if self.capacity is None else max(0, self.capacity - self.signed)


class Day(Struct, frozen=True):
    """A day of the agenda: its items by the hour, those of the same hours side by side."""

    day: date
    slots: list[list[ItemView]]


def overlap(one: ItemView, other: ItemView) -> bool:
    """Say whether two items are going on at the same moment."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def clashes(items: Sequence[ItemView]) -> list[tuple[ItemView, ItemView]]:
    """Return the pairs of items at which nobody can be at once."""
    return [(one, other) for n, one in enumerate(items) for other in items[n + 1 :] if overlap(one, other)]


def same_room(one: ItemView, other: ItemView) -> bool:
    """Say whether two items need one room: those of two sites are two, but what is everywhere is at each of them."""
    one_site = one.site == other.site or None in {one.site, other.site}
    return bool(one.room) and one.room.casefold() == other.room.casefold() and one_site


def warnings(items: Sequence[ItemView], starts_at: datetime, ends_at: datetime) -> list[str]:
    """Say what is odd about an agenda and may yet be meant."""
    missing = [words for item in items for _gone, words in missing_speakers(item)]
    return contradictions(items, starts_at, ends_at) + missing + unlimited(items)


def contradictions(items: Sequence[ItemView], starts_at: datetime, ends_at: datetime) -> list[str]:
    """Say what contradicts itself in an agenda: two items in one room, items outside the time of the event."""
    said = [
        _("%(one)s and %(other)s are in the same room at the same time.", one=one.title[0], other=other.title[0])
        for one, other in clashes(items)
        if same_room(one, other)
    ]
    return said + [
        _("%(title)s lies outside the time of the event.", title=item.title[0])
        for item in items
        if item.starts_at < starts_at or item.ends_at > ends_at
    ]


def unlimited(items: Sequence[ItemView]) -> list[str]:
    """Say which items take as many as sign up."""
    return [
        _("%(title)s is signed up for, without a limit of places.", title=item.title[0])
        for item in items
        if item.sign_up and item.capacity is None
    ]


def missing_speakers(item: ItemView) -> list[tuple[bool, str]]:
    """Say of whom an item waits in vain: whether they have cancelled, or else have no place yet, and in words."""
    found = []
    for each in item.registered:
        names = {"name": each.name or _("Somebody"), "title": item.title[0]}
        if each.state in GONE:
            found.append((True, _("%(name)s was to speak and has cancelled: %(title)s.", **names)))
        elif not each.announced:
            found.append((False, _("%(name)s is to speak and has no confirmed place: %(title)s.", **names)))
    return found


def at_site(items: Iterable[ItemView], site: UUID) -> list[ItemView]:
    """Return the items that someone at a site can be at."""
    return [item for item in items if item.site in {None, site}]


def by_day(items: Sequence[ItemView], zone: str) -> list[Day]:
    """Group items, in the order of their start, by the day on the event's clock and by their hours."""
    return [
        Day(day, [list(slot) for _hours, slot in groupby(of_day, key=lambda item: (item.starts_at, item.ends_at))])
        for day, of_day in groupby(items, key=lambda item: rules.to_local(item.starts_at, zone).date())
    ]


def lines(items: Sequence[ItemView], zone: str, marks: Mapping[UUID, str]) -> list[str]:
    """Write an agenda as plain lines, the day above them when there are several; some items end with a mark."""
    days, written = by_day(items, zone), []
    for day in days:
        if len(days) > 1:
            written.append(format_date(day.day))
        for item in (item for slot in day.slots for item in slot):
            hours = f"{format_time(item.starts_at, zone)}–{format_end(item.starts_at, item.ends_at, zone)}"
            place = f" ({item.room})" if item.room else ""
            sign = f" {marks[item.id]}" if item.id in marks else ""
            written.append(f"{hours} {item.title[0]}{place}{sign}")
    return written
