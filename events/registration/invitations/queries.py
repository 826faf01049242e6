"""Reads of invitations: what became of each, and what is known of who was invited."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database, secrets
from events.core.text import called
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.tables import EventState
from events.registration.invitations.tables import InvitationState
from events.registration.rules import GONE
from events.registration.tables import State


class InvitationView(Struct, frozen=True, kw_only=True):
    """An invitation; `answer` also counts what was answered elsewhere, by the public form or by cancelling.

    `registration` stands behind it with its `state`; it is the invited person's `own` when it has their address, and
    not that of a colleague to whom the link was passed on. `taken_by` names whose it is.
    `given_name` is by what letters greet: the person's, else what the whole name says.
    """

    id: UUID
    event: UUID
    email: str
    name: str
    given_name: str
    person: UUID | None
    language: str
    sendings: int
    invited_at: datetime
    reminded_at: datetime | None
    answered_at: datetime | None
    answer: InvitationState
    registration: UUID | None
    state: State | None
    own: bool
    taken_by: str

    @property
    def used(self) -> bool:
        """Whether someone is registered by it, so that it opens no second registration."""
        return self.registration is not None and self.state not in GONE

    @property
    def path(self) -> str:
        """The path of the personal link."""
        return f"/i/{secrets.derive('invitation', self.id)}"

    @property
    def open(self) -> bool:
        """Whether no yes or no has come, and none is waited for in vain."""
        return self.answer in OPEN


OPEN = frozenset({InvitationState.SENT, InvitationState.LATER})
"""What those have answered who may be reminded."""

ANSWERED = """
LEFT JOIN LATERAL (
    SELECT registration.id, registration.state, person.email = invitation.email AS own,
        trim(person.given_name || ' ' || person.family_name) AS name
    FROM registration JOIN person ON person.id = registration.person
    WHERE registration.event = invitation.event AND (registration.id = invitation.registration
        OR (person.email = invitation.email AND invitation.folded IN ('', person.folded)))
    ORDER BY registration.state IN ('cancelled', 'declined'), registration.id IS DISTINCT FROM invitation.registration
    LIMIT 1) AS held ON true
"""

ANSWER = """
CASE WHEN invitation.state = 'withdrawn' OR held.id IS NULL THEN invitation.state
     WHEN held.state NOT IN ('cancelled', 'declined') THEN 'yes'
     WHEN invitation.state = 'yes' THEN 'no' ELSE invitation.state END
"""

_VIEW = f"""
SELECT invitation.id, invitation.event, invitation.email, invitation.name, invitation.person, invitation.language,
    sendings, invited_at, reminded_at, answered_at, {ANSWER} AS answer, held.id AS registration, held.state,
    coalesce(held.own, false) AS own, coalesce(held.name, '') AS taken_by, known.given_name
FROM invitation {ANSWERED}
LEFT JOIN person AS known
    ON known.id = invitation.person AND known.email = invitation.email AND known.erased_at IS NULL
"""


async def by_token(token: str) -> InvitationView | None:
    """Return the invitation of a personal link."""
    row = await database.fetchrow(f"{_VIEW} WHERE invitation.token_hash = $1", secrets.digest(token))
    return _view(row) if row else None


async def by_id(invitation_id: UUID) -> InvitationView | None:
    """Return an invitation."""
    row = await database.fetchrow(f"{_VIEW} WHERE invitation.id = $1", invitation_id)
    return _view(row) if row else None


async def locked(invitation_id: UUID) -> InvitationView | None:
    """Return an invitation that nobody else answers or withdraws until the transaction ends."""
    await database.execute("SELECT FROM invitation WHERE id = $1 FOR UPDATE", invitation_id)
    return await by_id(invitation_id)


async def of_event(event_id: UUID) -> list[InvitationView]:
    """Return all invitations to an event, by name."""
    rows = await database.fetch(
        f"{_VIEW} WHERE invitation.event = $1 ORDER BY invitation.folded = '', invitation.folded, invitation.email",
        event_id,
    )
    return [_view(row) for row in rows]


async def along_with(
    invitation: InvitationView, event: EventView, now: datetime
) -> list[tuple[InvitationView, EventView]]:
    """Return the invitations of the same moment to meetings of the same group that are to be answered still."""
    if event.theme_group is None:
        return []
    rows = await database.fetch(
        f"{_VIEW} WHERE invitation.email = $1 AND invitation.folded = (SELECT folded FROM invitation WHERE id = $2)"
        " AND invitation.invited_at = $3 AND invitation.id <> $2 AND invitation.state IN ('sent', 'later')",
        *(invitation.email, invitation.id, invitation.invited_at),
    )
    events = await programme.by_ids(row["event"] for row in rows)
    found = [
        (view, other)
        for view, other in ((view, events[view.event]) for view in map(_view, rows))
        if view.open and other.theme_group == event.theme_group
        if other.state == EventState.PUBLISHED and other.starts_at > now
    ]
    return sorted(found, key=lambda pair: pair[1].starts_at)


def _view(row: asyncpg.Record) -> InvitationView:
    given = row["given_name"] or called(row["name"])
    values = {**row, "answer": InvitationState(row["answer"]), "given_name": given}
    return InvitationView(**{**values, "state": State(row["state"]) if row["state"] else None})


class Known(Struct, frozen=True, kw_only=True):
    """What we know of someone who was invited; without a municipality and with country FI the place is not known."""

    given_name: str
    family_name: str
    organisation: str
    municipality: str | None
    country: str

    @property
    def has_place(self) -> bool:
        """Whether it is known where the person comes from."""
        return self.municipality is not None or self.country != "FI"


_KNOWN = """
SELECT person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation,
    coalesce(last.municipality, CASE WHEN last.id IS NULL THEN organisation.municipality END) AS municipality,
    coalesce(last.country, organisation.country, 'FI') AS country
FROM person LEFT JOIN organisation ON organisation.id = person.organisation
LEFT JOIN LATERAL (SELECT id, municipality, country FROM registration WHERE registration.person = person.id
    ORDER BY registered_at DESC LIMIT 1) AS last ON true
WHERE person.id = $1 AND person.email = $2 AND person.erased_at IS NULL
"""


async def known_of(invitation: InvitationView) -> Known | None:
    """Return what is known of the invited person, as long as the address is still theirs."""
    row = await database.fetchrow(_KNOWN, invitation.person, invitation.email)
    return Known(**row) if row else None
