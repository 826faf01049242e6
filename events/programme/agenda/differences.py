"""What an agenda was and what it is: the differences, and how they are said. Pure functions.

An item is remembered by its distance from the start of its event: when the event moves, of which everyone is told, its
agenda has not changed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.core.i18n import format_span, pick
from events.core.i18n import gettext as _
from events.programme import rules
from events.programme.agenda.rules import ItemView


class Span(Struct, frozen=True):
    """When an event begins, and by whose clock."""

    starts_at: datetime
    zone: str


class Told(Struct, frozen=True, kw_only=True):
    """An item as people were told it: seconds on the wall's clock from the event's start, and how long it is."""

    id: UUID
    titles: dict[str, str]
    starts: int
    length: int
    site: UUID | None
    room: str
    speakers: list[str]

    @property
    def place(self) -> tuple[object, ...]:
        """When and where: who has signed up must hear of it when it changes."""
        return self.starts, self.length, self.site, self.room

    @property
    def title(self) -> str:
        """The title in the present language, or the first there is."""
        return pick(self.titles)[0]


class Difference(Struct, frozen=True):
    """An item before and after; None where there was none, or is none any more."""

    before: Told | None
    after: Told | None


def told(item: ItemView, span: Span) -> Told:
    """Return what is remembered of an item."""
    begun = rules.wall_clock(item.starts_at, span.zone) - rules.wall_clock(span.starts_at, span.zone)
    return Told(
        id=item.id,
        titles=item.titles,
        starts=int(begun.total_seconds()),
        length=int((item.ends_at - item.starts_at).total_seconds()),
        site=item.site,
        room=item.room,
        speakers=item.speakers,
    )


def differences(before: Sequence[Told], after: Sequence[Told]) -> list[Difference]:
    """Return the items that are new, gone or other than they were, by the hour at which they are or were."""
    was, now = {item.id: item for item in before}, {item.id: item for item in after}
    found = [Difference(was.get(each), now.get(each)) for each in {**was, **now} if was.get(each) != now.get(each)]
    return sorted(found, key=lambda each: (_either(each).starts, _either(each).length))


def moved(difference: Difference) -> bool:
    """Say whether an item is gone, or at another hour or place: what those must hear of who have signed up for it."""
    if difference.before is None:
        return False
    return difference.after is None or difference.before.place != difference.after.place


def lines(found: Sequence[Difference], span: Span, places: Mapping[UUID, str]) -> list[str]:
    """Write differences as plain lines in the present language; `places` names the sites of an event of several."""
    return [line for each in found for line in _lines(each, span, places)]


def _lines(difference: Difference, span: Span, places: Mapping[UUID, str]) -> list[str]:
    before, after = difference.before, difference.after
    if before is None:
        return [_("New: %(item)s", item=_whole(_either(difference), span, places))]
    if after is None:
        return [_("Left out: %(item)s", item=_whole(before, span, places))]
    written = []
    if before.title != after.title:
        written.append(_("New title: %(title)s (it was %(before)s)", title=after.title, before=before.title))
    if before.place != after.place:
        was = _when_and_where(before, span, places)
        written.append(_("Moved: %(item)s (it was %(before)s)", item=_whole(after, span, places), before=was))
    if before.speakers != after.speakers:
        who = "; ".join(after.speakers) or "–"
        written.append(_("Speakers of %(title)s: %(names)s", title=after.title, names=who))
    return written


def _either(difference: Difference) -> Told:
    found = difference.after or difference.before
    if found is None:
        raise ValueError("a difference is of something")
    return found


def _whole(item: Told, span: Span, places: Mapping[UUID, str]) -> str:
    return f"{item.title}, {_when_and_where(item, span, places)}"


def _when_and_where(item: Told, span: Span, places: Mapping[UUID, str]) -> str:
    local = rules.wall_clock(span.starts_at, span.zone) + timedelta(seconds=item.starts)
    begins = local.replace(tzinfo=ZoneInfo(span.zone)).astimezone(UTC)
    when = format_span(begins, begins + timedelta(seconds=item.length), span.zone)
    return ", ".join(part for part in (when, item.room, places.get(item.site, "") if item.site else "") if part)
