"""Who registered for the demo's events, who came, and what reports count of it."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from msgspec import Struct, structs

from events.core import secrets
from events.demo.people import Person
from events.demo.plan import HELSINKI, Planned, PlannedSite

COUNTED_REGION_WEIGHT = 6.0
"""How much likelier someone registers for an event in the own region."""

CAME_OF_UNRECONCILED = 0.6
CAME_SO_FAR = 0.45

_ROLES = ("speaker", "speaker", "speaker", "host", "project_staff", "project_staff", "project_partner")
_HOLDS = {"confirmed", "offered", "awaiting_address"}


class Registered(Struct, frozen=True):
    """A registration of the demo with what is known of its attendance ("" when nothing)."""

    id: UUID
    event: Planned
    site: PlannedSite
    person: Person
    role: str
    state: str
    number: int
    at: datetime
    attendance: str = ""


def register_all(
    chance: random.Random, events: Sequence[Planned], everyone: Sequence[Person], now: datetime
) -> list[Registered]:
    """Let people register for every event, in the order of its line."""
    return [one for event in events for one in _register(chance, event, everyone, now)]


def _register(chance: random.Random, event: Planned, everyone: Sequence[Person], now: datetime) -> Iterator[Registered]:
    total = event.registered + event.offered + event.waiting + event.awaiting
    if not total:
        return
    wanted = total + total // 12  # some of them cancel
    people = _drawn(chance, event, everyone, wanted)
    latest = min(event.starts_at - timedelta(hours=2), now - timedelta(hours=3))
    earliest = max(event.opens_at, latest - timedelta(days=45))
    moments = sorted(earliest + (latest - earliest) * chance.random() for _ in people)
    states = ["confirmed"] * event.registered + ["cancelled"] * (len(people) - total)
    chance.shuffle(states)
    states += ["offered"] * event.offered
    states += ["waitlisted"] * event.waiting + ["awaiting_approval"] * event.awaiting
    came = _came(chance, event, states)
    taken = {site.id: 0 for site in event.sites}
    line = dict(taken)
    for position, (person, at, state, attendance) in enumerate(zip(people, moments, states, came, strict=True)):
        site = _site(chance, event, taken)
        taken[site.id] += state in _HOLDS
        line[site.id] += 1
        role = _ROLES[position] if position < len(_ROLES) and event.registered > len(_ROLES) * 2 else "participant"
        one = Registered(uuid4(), event, site, person, role, state, line[site.id], at, attendance)
        yield structs.replace(one, attendance="") if attendance == "attended" and _arrival(one) > now else one


def _drawn(chance: random.Random, event: Planned, everyone: Sequence[Person], count: int) -> list[Person]:
    def key(person: Person) -> float:
        near = COUNTED_REGION_WEIGHT if person.organisation.region == event.region else 1.0
        return float(chance.random() ** (1 / (near * person.eagerness)))

    return sorted(everyone, key=key, reverse=True)[:count]


def _came(chance: random.Random, event: Planned, states: Sequence[str]) -> list[str]:
    """What is known of each one's attendance by the end of the day; a reconciled event knows it of all with a place."""
    confirmed = [number for number, state in enumerate(states) if state == "confirmed"]
    if event.came is not None:
        present, rest = event.came, "no_show"
    elif event.under_way:
        present, rest = round(len(confirmed) * CAME_SO_FAR), ""
    else:
        present, rest = 0, ""
    found = ["" if state != "confirmed" else rest for state in states]
    for number in chance.sample(confirmed, min(present, len(confirmed))):
        found[number] = "attended"
    return found


def partly_known(chance: random.Random, known: Sequence[Registered], now: datetime) -> list[Registered]:
    """Mark most of those as attended whose event is over but not reconciled."""
    return [
        structs.replace(one, attendance="attended")
        if _open_question(one, now) and chance.random() < CAME_OF_UNRECONCILED
        else one
        for one in known
    ]


def _open_question(one: Registered, now: datetime) -> bool:
    event = one.event
    held = event.ends_at < now and event.state == "published" and not event.reconciled
    return held and not event.under_way and one.state == "confirmed" and one.site.mode == "venue"


def _site(chance: random.Random, event: Planned, taken: dict[UUID, int]) -> PlannedSite:
    free = [site for site in event.sites if site.capacity is None or taken[site.id] < site.capacity]
    if not free:
        return event.sites[0]
    return free[0] if len(free) == 1 or chance.random() < 0.7 else free[1]  # noqa: PLR2004


def registration_rows(known: Sequence[Registered], now: datetime) -> list[dict[str, Any]]:
    """Rows of the table registration, with tickets and links as the service makes them."""
    codes: dict[UUID, set[str]] = {}
    return [
        {
            "id": one.id,
            "event": one.event.id,
            "person": one.person.id,
            "site": one.site.id,
            "organisation": one.person.organisation.id,
            "municipality": one.person.organisation.municipality,
            "role": one.role,
            "state": one.state,
            "number": one.number,
            "offers": int(one.state == "offered"),
            "deadline": now + timedelta(hours=18) if one.state == "offered" else None,
            "language": one.person.language,
            "notice_version": 1,
            "source": "import" if one.event.history else "form",
            "ticket_hash": secrets.digest(secrets.derive("ticket", one.id)),
            "ticket_code": _code(one.id, codes.setdefault(one.event.id, set())),
            "manage_hash": secrets.digest(secrets.derive("manage", one.id)),
            "registered_at": one.at,
            "changed_at": one.at,
        }
        for one in known
    ]


def _code(identity: UUID, taken: set[str]) -> str:
    attempt = 0
    while (code := secrets.short_code(identity, attempt=attempt)) in taken:
        attempt += 1
    taken.add(code)
    return code


def attendance_rows(known: Sequence[Registered], now: datetime) -> list[dict[str, Any]]:
    """Rows of the table attendance for those of whom something is known."""
    return [
        {
            "registration": one.id,
            "state": one.attendance,
            "source": _source(one),
            "inside": _was_seen(one),
            "last_entry": _nonce(one) if _was_seen(one) else None,
            "first_entry_at": _arrival(one) if _was_seen(one) else None,
            "door": "Pääovi" if _was_seen(one) else "",
            "actor_kind": "system",
            "changed_at": min(now, one.event.ends_at),
        }
        for one in known
        if one.attendance
    ]


def scan_rows(known: Sequence[Registered]) -> list[dict[str, Any]]:
    """Rows of the table scan: one entry per person seen at a door."""
    return [
        {
            "id": uuid4(),
            "nonce": _nonce(one),
            "event": one.event.id,
            "registration": one.id,
            "ticket_hash": secrets.digest(secrets.derive("ticket", one.id)),
            "door": "Pääovi",
            "type": "entry",
            "result": "ok",
            "device_at": _arrival(one),
            "happened_at": _arrival(one),
            "received_at": _arrival(one),
            "actor_kind": "system",
        }
        for one in known
        if _was_seen(one)
    ]


def participation_rows(known: Sequence[Registered]) -> list[dict[str, Any]]:
    """Rows of the table participation: the attended registrations of reconciled events, as reports count them."""
    return [
        {
            "id": uuid4(),
            "registration": one.id,
            "event": one.event.id,
            "person": one.person.id,
            "organisation": one.person.organisation.id,
            "role": one.role,
            "held_on": one.event.starts_at.astimezone(HELSINKI).date(),
            "event_kind": one.event.kind,
            "host_region": one.event.region,
            "site_mode": one.site.mode,
            "organisation_type": one.person.organisation.type,
            "size_class": one.person.organisation.size_class,
            "municipality": one.person.organisation.municipality,
            "region": one.person.organisation.region,
            "person_certain": one.person.email is not None,
            "minutes": round((one.event.ends_at - one.event.starts_at).total_seconds() / 60),
            "source": _source(one),
        }
        for one in known
        if one.event.reconciled and one.attendance == "attended"
    ]


def _was_seen(one: Registered) -> bool:
    return one.attendance == "attended" and _source(one) == "scan"


def _nonce(one: Registered) -> UUID:
    return uuid5(one.id, "entry")


def _source(one: Registered) -> str:
    if one.event.history:
        return "import"
    return "scan" if one.site.mode == "venue" else "meeting_report"


def _arrival(one: Registered) -> datetime:
    # Spread over the half hour before the start, the same for the same person whenever it is asked.
    return one.event.starts_at - timedelta(seconds=one.id.int % 1800)
