"""Whom a change of an event must be told: the ledger's rows for all these people at once (design.md §5.1).

The rows are made by one statement over registrations and invitations. Those belong to a feature above this one: so it
is SQL here, and the letters are composed there.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from events.core import database
from events.messaging.rules import gets_no_invitation
from events.messaging.tables import Reason

CONFIRMED = "confirmed"
REGISTERED = (CONFIRMED, "offered", "awaiting_address", "awaiting_approval", "waitlisted")
"""The states of those who count on the event."""

INVITED = "invited"
"""Who was invited and has answered neither yes nor no, beside the states of registrations."""

EVERYONE = (*REGISTERED, INVITED)
"""Those who are told when the event moves or is cancelled."""

GIVEN_UP = (Reason.REMINDER, Reason.SURVEY, Reason.EVENT_CHANGED, Reason.MATERIALS)
"""What is not sent any more once an event is cancelled."""

_TO_INVITED = {
    Reason.EVENT_CHANGED: Reason.INVITATION_CHANGED,
    Reason.EVENT_CANCELLED: Reason.INVITATION_CANCELLED,
}
"""What is told to the registered, and what of the same to those who have not answered."""

_WHO = f"""
    SELECT 'registration' AS kind, registration.id AS subject, registration.language, person.id AS person, person.email,
           trim(person.given_name || ' ' || person.family_name) AS name
    FROM registration JOIN person ON person.id = registration.person
    WHERE registration.event = $1 AND registration.state = ANY($2)
      AND ($3::uuid[] IS NULL OR registration.site = ANY($3))
      AND person.email IS NOT NULL AND person.erased_at IS NULL
    UNION ALL
    SELECT 'invitation', invitation.id, invitation.language, invitation.person, invitation.email, invitation.name
    FROM invitation
    WHERE invitation.event = $1 AND '{INVITED}' = ANY($2) AND $3::uuid[] IS NULL
      AND invitation.state IN ('sent', 'later')
      AND NOT {gets_no_invitation("invitation.email", "$1")}
      AND NOT EXISTS (
        SELECT FROM registration JOIN person ON person.id = registration.person
        WHERE registration.event = $1 AND registration.state NOT IN ('cancelled', 'declined')
          AND person.email = invitation.email AND invitation.folded IN ('', person.folded))
"""

_OWE = f"""
WITH told AS MATERIALIZED (SELECT gen_random_uuid() AS id, who.* FROM ({_WHO}) AS who)
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence, language,
                     due_at, message_id, created_at)
SELECT id, email, name, person, CASE kind WHEN 'invitation' THEN $7 ELSE $4 END, kind, subject, $5, language,
       $6, '<' || replace(id::text, '-', '') || '@sixnet>', $6
FROM told
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""


async def owe(
    reason: Reason,
    event_id: UUID,
    *,
    sequence: int,
    states: tuple[str, ...],
    now: datetime,
    sites: Iterable[UUID] | None = None,
    what: str = "",
) -> int:
    """Owe everyone in these states (registered at these sites) a message; returns how many it will reach.

    The occurrence is the event's SEQUENCE and `what` it is about, so the same change is told once however often this
    runs.
    """
    chosen = None if sites is None else list(sites)
    to_invited = _TO_INVITED.get(reason, reason).value
    return await database.execute(
        _OWE, event_id, list(states), chosen, reason.value, f"{sequence}{what}", now, to_invited
    )


async def reached(event_id: UUID, *, states: tuple[str, ...], sites: Iterable[UUID] | None = None) -> int:
    """Count whom `owe` would write to."""
    chosen = None if sites is None else list(sites)
    count: int = await database.fetchval(f"SELECT count(*) FROM ({_WHO}) AS who", event_id, list(states), chosen)
    return count


async def give_up(event_id: UUID, reasons: Iterable[Reason], *, now: datetime) -> int:
    """Drop messages of these reasons to the registered that have not left yet; returns how many."""
    return await database.execute(
        "UPDATE message SET state = 'dropped', finished_at = $3 FROM registration"
        " WHERE registration.event = $1 AND message.subject_kind = 'registration'"
        " AND message.subject_id = registration.id AND message.reason = ANY($2) AND message.state = 'queued'",
        event_id,
        [reason.value for reason in reasons],
        now,
    )
