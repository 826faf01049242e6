"""How long someone was there, and what a report may change; pure functions.

Overlapping times count once: someone is in a meeting with a laptop and a phone at a time, or in two reports of it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from events.checkin.meetings.tables import MeetingRole
from events.checkin.tables import AttendanceSource, AttendanceState
from events.registration.tables import RegistrationRole

Span = tuple[datetime, datetime]
"""From, until."""

EVER: Span = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

MOST_PRESENTERS = 1 / 3
"""Where more than this part of the people are presenters, the service calls everyone so: it tells nothing."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Some seconds in a meeting, at an unknown time within `span`; the whole span when they fill it."""

    span: Span
    seconds: int

    @property
    def whole(self) -> bool:
        """Say whether someone was there all of the span."""
        return self.seconds >= length([self.span])


def stay(joined: datetime | None, left: datetime | None, seconds: int) -> Stay:
    """Make a stay of what a report tells: without both moments, it may have been at any time."""
    span = (joined, left) if joined is not None and left is not None and joined <= left else EVER
    return Stay(span, max(0, seconds))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not touch each other and cover the same time."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def length(spans: Iterable[Span]) -> int:
    """Return the seconds that spans cover together."""
    return sum((end - begin) // timedelta(seconds=1) for begin, end in joined(spans))


def common(span: Span, spans: Iterable[Span]) -> int:
    """Return the seconds of `span` that `spans` cover."""
    cut = ((max(begin, span[0]), min(end, span[1])) for begin, end in spans)
    return length((begin, end) for begin, end in cut if begin < end)


def presence(stays: Iterable[Stay]) -> int:
    """Return for how many seconds someone was there for certain, in whatever order and however often stays are given.

    Whole stays add up to what they cover. Of a stay whose time within its span is not known, only that counts which
    cannot have been during the whole ones; of several such in one time the longest.
    """
    known = set(stays)
    whole = joined(each.span for each in known if each.whole)
    rest = {each: max(0, each.seconds - common(each.span, whole)) for each in known if not each.whole}
    parts = joined(each.span for each in rest)
    beyond = (
        max(more for each, more in rest.items() if begin <= each.span[0] and each.span[1] <= end)
        for begin, end in parts
    )
    return length(whole) + sum(beyond)


def minutes(seconds: int) -> int:
    """Return whole minutes, half of one counting as one."""
    return (seconds + 30) // 60


def presenters_tell(roles: Sequence[MeetingRole]) -> bool:
    """Say whether being a presenter means something: not where the service makes everyone one, as it does unasked."""
    return roles.count(MeetingRole.PRESENTER) <= max(1, len(roles) * MOST_PRESENTERS)


def suggested_role(said: MeetingRole, now: RegistrationRole) -> RegistrationRole | None:
    """Return the role that a participant should get by what they were in the meeting; None to leave it as it is."""
    if now is not RegistrationRole.PARTICIPANT:
        return None
    return {MeetingRole.ORGANISER: RegistrationRole.HOST, MeetingRole.PRESENTER: RegistrationRole.SPEAKER}.get(said)


def may_say_attended(state: AttendanceState, source: AttendanceSource | None, *, news: bool) -> bool:
    """Say whether a report lets someone count as attended of whom something else is known.

    What a person has said by hand stands, until a report comes that they did not know of (`news`).
    """
    by_hand = source in {AttendanceSource.DESK, AttendanceSource.IMPORT}
    return state is not AttendanceState.ATTENDED and (news or not by_hand)


def touches(spans: Collection[Span], event: Span) -> bool:
    """Say whether any time of a report lies within an event or near it; where nothing is timed, it may."""
    near = (event[0] - timedelta(hours=12), event[1] + timedelta(hours=12))
    return not spans or any(begin < near[1] and end > near[0] for begin, end in spans)
