"""What is held about a person: to take along, and to forget."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events.accounts import audit
from events.core import database, files
from events.core.actor import Actor
from events.core.database import transaction
from events.core.documents import actions as documents
from events.core.errors import NotFound
from events.messaging.rules import BOUNCED, ERASED
from events.registration.actions import cancel
from events.registration.details import forget_if_unused
from events.registration.held import hold, lock_together
from events.registration.items.chosen import give_items_back
from events.registration.own.export import EVERYTHING, SAME, THIS
from events.registration.rules import GONE

_OWN = f"(SELECT id FROM registration WHERE person IN {SAME})"

_WITH_ITEMS = f"SELECT DISTINCT registration FROM registration_item WHERE registration IN {_OWN}"

_INVITED = f"""
(SELECT invitation.id FROM invitation JOIN person ON person.id IN {SAME} WHERE invitation.person = person.id
 OR (invitation.email = person.email AND invitation.folded IN ('', person.folded)))
"""

ROWS = ("consent", "registration_answer", "health_answer", "named_answer", "registration_note", "registration_tag")
"""The tables whose rows say something of the person of a registration."""

_NAMELESS = """UPDATE registration SET manage_hash = sha256(gen_random_uuid()::text::bytea),
    ticket_hash = sha256(gen_random_uuid()::text::bytea), parting_words = '', welcome_words = '',
    registered_by_name = '', cancel_reason = '' WHERE id """

UNTOLD = f"""UPDATE message SET recipient = '{ERASED}', recipient_name = '', server_words = '',
    subject_line = '', occurrence = id::text, state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END WHERE """
"""What is left of a message when nobody may know any more to whom it went."""

_FORGET_THIS = (
    f"{_NAMELESS} = $1",
    *(f"DELETE FROM {table} WHERE registration = $1" for table in (*ROWS, "receipt")),
    "DELETE FROM meeting_attendee WHERE registrations = ARRAY[$1::uuid]",
    "UPDATE meeting_attendee SET registrations = array_remove(registrations, $1::uuid) WHERE $1 = ANY(registrations)",
    f"{UNTOLD} subject_kind = 'registration' AND subject_id = $1",
)
"""What is changed of one registration when its name is taken off; first the row that is held by who answers by name."""

_FORGET = (
    f"{_NAMELESS} IN {_OWN}",
    f"DELETE FROM private_feed WHERE owner_kind = 'person' AND owner_id IN {SAME}",
    *(f"DELETE FROM {table} WHERE registration IN {_OWN}" for table in ROWS),
    f"""DELETE FROM meeting_attendee WHERE (registrations <> '{{}}' AND registrations <@ ARRAY{_OWN})
        OR (registrations = '{{}}' AND email IN (SELECT email FROM person WHERE id IN {SAME}))""",
    f"""UPDATE meeting_attendee SET registrations = ARRAY(SELECT one FROM unnest(registrations) AS one
        WHERE one NOT IN {_OWN}) WHERE registrations && ARRAY{_OWN}""",
    f"""DELETE FROM receipt USING person WHERE person.id IN {SAME}
        AND (registration IN {_OWN} OR lower(entered ->> 'email') = person.email)""",
    f"""{UNTOLD} person_id IN {SAME} OR (subject_kind = 'registration' AND subject_id IN {_OWN})
        OR (subject_kind = 'invitation' AND subject_id IN {_INVITED})
        OR (reason = 'news' AND person_id IS NULL AND recipient IN (SELECT email FROM person WHERE id IN {SAME}))""",
    f"DELETE FROM invitation WHERE id IN {_INVITED}",
    *(f"DELETE FROM {table} USING person WHERE person.id IN {SAME} AND address = person.email" for table in BOUNCED),
    f"DELETE FROM group_member WHERE person IN {SAME}",
    f"""UPDATE person SET given_name = '', family_name = '', folded = '', email = NULL, organisation = NULL,
        erased_at = now() WHERE id IN {SAME}""",
)
"""What is changed of a person and their registrations when they are forgotten; first the rows as above."""


async def everything(registration_id: UUID, *, by_mail: bool) -> dict[str, Any]:
    """Return all that is held about the person of a registration; raises NotFound.

    Who did not come by the link in the mail (`by_mail`) gets the registration alone. Anonymous survey answers are not
    among it: they cannot be joined to anybody.
    """
    person = await _person_of(registration_id)
    held = await (database.fetchval(EVERYTHING, person) if by_mail else database.fetchval(THIS, registration_id))
    found: dict[str, Any] = msgspec.json.decode(held)
    return found


async def erase(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forget who a person is: name, address, consents and messages go, what is still to come is cancelled.

    Lists of their events that were made for staff go as well. The registrations stay without a name, so that the counts
    of reports stay true (design.md, facts of the field). Who did not come by the link in the mail takes the name
    off this registration alone.
    """
    async with transaction():
        whole = actor.by_mail or actor.vouches
        events = await (_forget if whole else _take_name_off)(registration_id, actor, now)
        lists = await documents.forget("event", events)
        projects = await database.fetch(_THEIR_PROJECTS, events)
        lists += await documents.forget("project", [row["project"] for row in projects])
    await files.delete(lists)


async def _forget(registration_id: UUID, actor: Actor, now: datetime) -> list[UUID]:
    """Forget the person of a registration; returns all their events."""
    person = await _person_of(registration_id)
    coming = [row["id"] for row in await database.fetch(_COMING, person, [state.value for state in GONE], now)]
    signed = [row["registration"] for row in await database.fetch(f"{_WITH_ITEMS} ORDER BY registration", person)]
    await lock_together([*coming, *signed])
    for each in coming:
        await cancel(each, actor=replace(actor, id=each), now=now)
    for each in signed:
        await give_items_back(each)
    for statement in _FORGET:
        await database.execute(statement, person)
    await audit.record(actor, "person.erased", "person", person, now)
    events = await database.fetch(f"SELECT event FROM registration WHERE person IN {SAME}", person)
    return [row["event"] for row in events]


_THEIR_PROJECTS = "SELECT DISTINCT project FROM event_project WHERE event = ANY($1)"
"""Whose evidence names them (events/reports/funder/evidence)."""

_COMING = f"""
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE person IN {SAME} AND registration.state <> ALL($2) AND event.starts_at > $3
ORDER BY registration.event, registration.id
"""
"""By event: what else has places there, options and items, is locked as each is cancelled."""


async def _take_name_off(registration_id: UUID, actor: Actor, now: datetime) -> list[UUID]:
    """Take the name off one registration; returns its event."""
    held = await hold(registration_id)
    if held.state not in GONE and now < held.starts_at:
        await cancel(held.id, actor=actor, now=now)
    await give_items_back(held.id)
    for statement in _FORGET_THIS:
        await database.execute(statement, held.id)
    nobody = uuid4()
    await database.execute(
        "INSERT INTO person (id, given_name, family_name, folded, erased_at) VALUES ($1, '', '', '', $2)", nobody, now
    )
    await database.execute("UPDATE registration SET person = $2 WHERE id = $1", held.id, nobody)
    await forget_if_unused(held.person, registered=held.id)
    await audit.record(actor, "registration.erased", "registration", held.id, now, event=held.event)
    return [held.event]


async def _person_of(registration_id: UUID) -> UUID:
    person: UUID | None = await database.fetchval(
        "SELECT coalesce(merged_into, person.id) FROM registration JOIN person ON person.id = registration.person"
        " WHERE registration.id = $1",
        registration_id,
    )
    if person is None:
        raise NotFound
    return person
