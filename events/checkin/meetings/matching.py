"""Whom a report means: by address, then by name; who else it might be, the likeliest first. Pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from events.checkin.meetings.names import MeetingName, likeness, name_key
from events.checkin.tables import AttendanceSource, AttendanceState
from events.core.text import sort_key
from events.registration.tables import RegistrationRole, State

NEAR = timedelta(minutes=10)
"""Who went to the meeting by their private link so close to a joining may be the one who joined."""

ALIKE = 0.6
MOST_CANDIDATES = 5


class Known(Struct, frozen=True):
    """A registration as reports are matched to it; `key` is the form by which names are compared."""

    id: UUID
    name: str
    key: str
    email: str
    organisation: str
    state: State
    role: RegistrationRole
    pressed_at: datetime | None
    attendance: AttendanceState
    source: AttendanceSource | None
    minutes: int | None
    walked_in: bool


class Found(Struct, frozen=True):
    """Whom a name and address mean, None when it is not certain, and `by` what: "email" or "name"."""

    registration: UUID | None = None
    by: str = ""


def by_email(email: str, name: MeetingName, known: Iterable[Known]) -> Found:
    """Find who is registered with an address; where several share it, the one of that name."""
    owners = [each for each in known if email and each.email == email]
    if len(owners) > 1:
        owners = [each for each in owners if each.key in name.keys]
    return Found(owners[0].id, "email") if len(owners) == 1 else Found()


def by_name(email: str, name: MeetingName, known: Iterable[Known], taken: Collection[UUID]) -> Found:
    """Find the only one who is registered under a name.

    Not for a room, and not for another address when the one of that name is there with their own (`taken`).
    """
    if name.room:
        return Found()
    alike = [each for each in known if each.key in name.keys]
    if len(alike) > 1:  # of several the one who has not cancelled
        alike = [each for each in alike if each.state not in {State.CANCELLED, State.DECLINED}]
    if len(alike) != 1 or (email and alike[0].id in taken):
        return Found()
    return Found(alike[0].id, "name")


def candidates(
    name: MeetingName, joins: Sequence[datetime], known: Iterable[Known], taken: Collection[UUID]
) -> list[Known]:
    """Return who it might be: first who went to the meeting at the time of a joining, then by how alike the names are.

    Who is certainly someone else (`taken`) stands among them for the very same name only.
    """
    scored: list[tuple[bool, float, Known]] = []
    for each in known:
        near = each.pressed_at is not None and any(abs(each.pressed_at - join) <= NEAR for join in joins)
        alike = likeness(name.keys, each.key)
        if each.id in taken and each.key not in name.keys:
            continue
        if near or alike >= ALIKE:
            scored.append((near, alike, each))
    scored.sort(key=lambda one: (not one[0], -one[1], sort_key(one[2].name), one[2].id.int))
    return [each for _near, _alike, each in scored[:MOST_CANDIDATES]]


def named(text: str, known: Sequence[Known]) -> list[Known]:
    """Return who a line that a person typed may mean: by address, by name, else by a part of the name."""
    wanted = text.strip().lower()
    if owners := [each for each in known if wanted and each.email == wanted]:
        return owners
    key = name_key(text)
    if exact := [each for each in known if key and each.key == key]:
        return exact
    words = set(key.split())
    return [each for each in known if words and words <= set(each.key.split())]


def labels(known: Iterable[Known]) -> Mapping[UUID, str]:
    """Return how each registration is called, unlike every other: by name, by address where names are the same."""
    everyone = list(known)
    keys = [each.key for each in everyone]
    return {each.id: each.email if each.email and keys.count(each.key) > 1 else each.name for each in everyone}
