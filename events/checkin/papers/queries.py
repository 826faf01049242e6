"""Who stands on the papers of an event: whoever has a place, or came without one."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.accounts.rules import Action, may
from events.core import database, secrets
from events.core.actor import Actor
from events.core.text import sort_key
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.tables import RegistrationRole


class Guest(Struct, frozen=True, kw_only=True):
    """Someone who stands on papers; `role` is "" for a plain participant, `printed` the digest of the last badge."""

    id: UUID
    given_name: str
    family_name: str
    organisation: str
    region: str
    role: str
    site: UUID
    ticket_generation: int
    came: bool
    first_entry_at: datetime | None
    printed: bytes | None

    @property
    def name(self) -> str:
        """The name as one is addressed."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def listed_name(self) -> str:
        """The name as lists have it."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)

    @property
    def ticket(self) -> str:
        """The secret of the ticket."""
        return secrets.derive("ticket", self.id, self.ticket_generation)

    @property
    def content(self) -> bytes:
        """A digest of what stands on the badge."""
        parts = (self.name, self.organisation, self.region, self.role, self.ticket)
        return hashlib.sha256("\x1f".join(parts).encode()).digest()


class Choice(Struct, frozen=True, kw_only=True):
    """Whose papers are wanted, by "name" or by "organisation".

    `who` is "all", "arrived" or "expected"; `fresh` leaves out those whose badge was printed as it is now.
    """

    site: UUID | None = None
    role: str = ""
    who: str = "all"
    fresh: bool = False
    order: str = "name"
    registration: UUID | None = None


_GUESTS = """
SELECT registration.id, person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation,
    coalesce(municipality.region, '') AS region, registration.role, registration.site, registration.ticket_generation,
    coalesce(attendance.state = 'attended', false) AS came, attendance.first_entry_at, badge.content AS printed
FROM registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = registration.organisation
LEFT JOIN municipality ON municipality.code = registration.municipality
LEFT JOIN attendance ON attendance.registration = registration.id
LEFT JOIN badge ON badge.registration = registration.id
WHERE registration.event = $1 AND (registration.state = 'confirmed' OR attendance.state = 'attended')
    AND person.erased_at IS NULL
"""


async def event_of(slug: str, actor: Actor, now: datetime) -> EventView | None:
    """Return the event of a slug, or None when there is none of which the actor may see the registrations."""
    event = await programme.by_slug(slug)
    return event if event and _may_see(actor, event, now) else None


async def may_see(actor: Actor, event_id: UUID, now: datetime) -> bool:
    """Say whether the actor may see the registrations of an event."""
    event = await programme.by_id(event_id)
    return event is not None and _may_see(actor, event, now)


def _may_see(actor: Actor, event: EventView, now: datetime) -> bool:
    return may(actor, Action.SEE_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region)


async def guests(event_id: UUID, choice: Choice) -> list[Guest]:
    """Return those who are chosen, in the chosen order; å ä ö stand last."""
    rows = await database.fetch(_GUESTS, event_id)
    found = [guest for guest in map(_guest, rows) if _is_chosen(guest, choice)]
    return sorted(found, key=_by_organisation if choice.order == "organisation" else _by_name)


async def guests_again(event_id: UUID, registrations: Sequence[UUID]) -> list[Guest]:
    """Return these registrations in their order; who has no place any more is left out."""
    rows = await database.fetch(f"{_GUESTS} AND registration.id = ANY($2)", event_id, list(registrations))
    known = {row["id"]: _guest(row) for row in rows}
    return [known[registration] for registration in registrations if registration in known]


def _guest(row: asyncpg.Record) -> Guest:
    role = "" if row["role"] == RegistrationRole.PARTICIPANT else row["role"]
    return Guest(**{**row, "role": role})


def _is_chosen(guest: Guest, choice: Choice) -> bool:
    return (
        choice.site in {None, guest.site}
        and choice.role in {"", guest.role or RegistrationRole.PARTICIPANT}
        and (choice.who == "all" or guest.came == (choice.who == "arrived"))
        and not (choice.fresh and guest.printed == guest.content)
        and choice.registration in {None, guest.id}
    )


def _by_name(guest: Guest) -> tuple[object, ...]:
    return sort_key(guest.family_name or guest.given_name), sort_key(guest.given_name), guest.id


def _by_organisation(guest: Guest) -> tuple[object, ...]:
    return not guest.organisation, sort_key(guest.organisation), *_by_name(guest)
