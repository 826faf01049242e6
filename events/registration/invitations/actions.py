"""Inviting: sorting out whom, sending, withdrawing. Answering stands in `invitation_answers`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.rules import gets_no_invitation
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.tables import EventState
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.guests import Guest
from events.registration.invitations.queries import InvitationView
from events.registration.invitations.tables import InvitationState


class Sorted(Struct, frozen=True):
    """Whom to write to, by person where we know one, and how many are passed over for which reason."""

    guests: list[tuple[Guest, UUID | None]]
    invited: int = 0
    registered: int = 0
    unsubscribed: int = 0


_SORT = f"""
SELECT asked.email, coalesce(nullif(asked.name, ''), known.name, '') AS name,
    coalesce(nullif(asked.language, ''), known.language, $5) AS language, known.id AS person,
    {gets_no_invitation("asked.email", "$1")} AS unsubscribed,
    EXISTS (SELECT FROM registration JOIN person ON person.id = registration.person
            WHERE registration.event = $1 AND registration.state NOT IN ('cancelled', 'declined')
            AND person.email = asked.email AND asked.folded IN ('', person.folded)) AS registered,
    EXISTS (SELECT FROM invitation WHERE invitation.event = $1 AND invitation.email = asked.email
            AND state <> 'withdrawn' AND (asked.folded IN ('', invitation.folded) OR invitation.folded = '')) AS invited
FROM unnest($2::varchar[], $3::varchar[], $4::varchar[], $6::varchar[])
    WITH ORDINALITY AS asked (email, name, folded, language, place)
LEFT JOIN LATERAL (
    SELECT coalesce(merged_into, id) AS id, language, trim(given_name || ' ' || family_name) AS name
    FROM person WHERE person.email = asked.email AND asked.folded IN ('', person.folded)
    AND (asked.folded <> '' OR NOT EXISTS (SELECT FROM person AS other
         WHERE other.email = asked.email AND other.folded <> person.folded)) LIMIT 1) AS known ON true
ORDER BY place
"""


async def sort_out(event: EventView, guests: Sequence[Guest]) -> Sorted:
    """Say who of the guests would get an invitation: nobody twice, nobody registered, nobody who wants or gets none."""
    columns = [[getattr(guest, name) for guest in guests] for name in ("email", "name", "folded", "language")]
    language = (event.languages or ["fi"])[0]
    rows = await database.fetch(
        _SORT, event.id, *columns[:3], language if language in {"fi", "sv", "en"} else "en", columns[3]
    )
    counts = dict.fromkeys(("unsubscribed", "registered", "invited"), 0)
    kept = []
    for row in rows:
        reason = next((name for name in counts if row[name]), None)
        if reason:
            counts[reason] += 1
        else:
            kept.append((Guest(row["email"], row["name"], row["language"]), row["person"]))
    return Sorted(kept, **counts)


WRITE = """
INSERT INTO message (id, recipient, recipient_name, person_id, reason, subject_kind, subject_id, occurrence, language,
                     due_at, message_id, created_at)
SELECT fresh.id, email, name, person, {reason}, 'invitation', owed.id, {occurrence}, language, {now},
    '<' || replace(fresh.id::text, '-', '') || '@sixnet>', {now}
FROM owed CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE owed.id IS NOT NULL) AS fresh
ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING
"""
"""Owes a letter to every invitation in `owed`."""

_INVITE = """
INSERT INTO invitation (id, event, token_hash, email, name, folded, language, person, invited_by, invited_at)
SELECT id, $1, token_hash, email, name, folded, language, person, $9, $10
FROM unnest($2::uuid[], $3::bytea[], $4::varchar[], $5::varchar[], $6::varchar[], $7::varchar[], $8::uuid[])
    AS asked (id, token_hash, email, name, folded, language, person)
ON CONFLICT (event, email, folded) DO UPDATE SET state = 'sent', sendings = invitation.sendings + 1,
    invited_by = excluded.invited_by, invited_at = excluded.invited_at, answered_at = NULL
WHERE invitation.state = 'withdrawn'
"""

_LETTERS = f"""
WITH owed AS (
    SELECT DISTINCT ON (email, folded) invitation.id, email, invitation.name, person, language, sendings
    FROM invitation JOIN event ON event.id = invitation.event
    WHERE invitation.event = ANY($1) AND invitation.invited_at = $2 AND invitation.state = 'sent'
    ORDER BY email, folded, event.starts_at, event.id
)
{WRITE.format(reason="'invitation'", occurrence="sendings::text", now="$2::timestamptz")}
"""


async def invite(
    event_id: UUID, guests: Sequence[Guest], *, actor: Actor, now: datetime, with_letter: bool = True
) -> Sorted:
    """Invite to an event that is to come; returns who is invited and how many were passed over.

    Who was invited or is registered already stays as they are, also when two members of staff invite at once. Raises
    NotFound, or Conflict for an event to which nobody can come.
    """
    async with transaction():
        event = await event_for_inviting(event_id, actor, now)
        require_to_come(event, now)
        wanted = await sort_out(event, guests)
        ids = [uuid4() for _guest in wanted.guests]
        sent = await database.execute(
            _INVITE,
            event.id,
            *(ids, [secrets.digest(secrets.derive("invitation", identity)) for identity in ids]),
            *([getattr(guest, name) for guest, _p in wanted.guests] for name in ("email", "name", "folded")),
            *([guest.language for guest, _p in wanted.guests], [person for _g, person in wanted.guests]),
            *(actor.id, now),
        )
        if sent:
            await audit.record(actor, "invitations.sent", "event", event.id, now, invitations=sent)
        if with_letter:
            await write_to_invited([event.id], now=now)
    return wanted


async def write_to_invited(events: Sequence[UUID], *, now: datetime) -> int:
    """Owe whoever was invited to some of these events at this moment one letter about all of them; returns to how many.

    It stands in the ledger with the invitation to the first event; the letter tells of the others
    (`invitations.queries.along_with`).
    """
    owed = await database.execute(_LETTERS, list(events), now)
    jobs.nudge("mail.deliver")
    return owed


_AGAIN = f"""
WITH owed AS (
    UPDATE invitation SET sendings = sendings + 1 WHERE id = $1
    RETURNING id, email, name, person, language, sendings
)
{WRITE.format(reason="'invitation'", occurrence="sendings::text", now="$2::timestamptz")}
"""


async def send_again(invitation_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send an invitation once more; raises NotFound, or Conflict when it was answered or nobody can come any more."""
    async with transaction():
        invitation, event = await _held(invitation_id, actor, now)
        require_to_come(event, now)
        if not invitation.open:
            raise Conflict(_("This invitation has been answered or withdrawn."), code="answered")
        await database.execute(_AGAIN, invitation.id, now)
        await audit.record(actor, "invitation.sent_again", "invitation", invitation.id, now, event=event.id)
    jobs.nudge("mail.deliver")


async def withdraw(invitation_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an invitation back: its link does nothing any more. Raises NotFound, or Conflict after a yes."""
    async with transaction():
        invitation, event = await _held(invitation_id, actor, now)
        if invitation.answer is InvitationState.YES:
            raise Conflict(_("This person is coming: cancel the registration instead."), code="answered")
        await database.execute("UPDATE invitation SET state = 'withdrawn' WHERE id = $1", invitation.id)
        await ledger.drop_all("invitation", invitation.id, now=now)
        await audit.record(actor, "invitation.withdrawn", "invitation", invitation.id, now, event=event.id)


def require_to_come(event: EventView, now: datetime) -> None:
    """Raise Conflict unless the event is published and has not begun."""
    if event.state != EventState.PUBLISHED or now >= event.starts_at:
        raise Conflict(_("People are invited to a published event that has not begun."), code="not_open")


async def event_for_inviting(event_id: UUID, actor: Actor, now: datetime) -> EventView:
    """Return an event to which the actor may invite; raises NotFound."""
    event = await programme.by_id(event_id)
    if event is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, **event.where):
        raise NotFound
    return event


async def _held(invitation_id: UUID, actor: Actor, now: datetime) -> tuple[InvitationView, EventView]:
    invitation = await invitation_queries.locked(invitation_id)
    if invitation is None:
        raise NotFound
    return invitation, await event_for_inviting(invitation.event, actor, now)
