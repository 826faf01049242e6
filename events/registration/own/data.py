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
from events.registration.actions import cancel
from events.registration.details import forget_if_unused
from events.registration.held import hold, lock_together
from events.registration.items.chosen import give_items_back
from events.registration.rules import GONE

_SAME = "(SELECT id FROM person WHERE id = $1 OR merged_into = $1)"
"""The person and those who were found to be the same one."""

_REGISTRATIONS = """
SELECT coalesce(json_agg(json_build_object('event', event.slug, 'starts_at', event.starts_at,
    'site', site.name, 'mode', site.mode, 'state', registration.state, 'role', registration.role,
    'organisation', (SELECT name FROM organisation WHERE id = registration.organisation),
    'municipality', registration.municipality, 'country', registration.country,
    'registered_at', registration.registered_at, 'join_pressed_at', registration.join_pressed_at,
    'notice_version', registration.notice_version,
    'source', registration.source, 'reason_for_cancelling', registration.cancel_reason,
    'registered_by', registration.registered_by_name,
    'message_of_staff', registration.parting_words, 'message_on_approval', registration.welcome_words,
    'notes_of_staff', (SELECT coalesce(json_agg(json_build_object('text', text, 'written_at', written_at)
        ORDER BY written_at), '[]') FROM registration_note WHERE registration_note.registration = registration.id),
    'tags_of_staff', (SELECT coalesce(json_agg(tag ORDER BY folded), '[]') FROM registration_tag
        WHERE registration_tag.registration = registration.id),
    'speaks_in', (SELECT coalesce(json_agg(coalesce(nullif(title_fi, ''), nullif(title_en, ''), title_sv)
        ORDER BY agenda_item.starts_at), '[]') FROM speaker JOIN agenda_item ON agenda_item.id = speaker.item
        WHERE speaker.registration = registration.id),
    'attendance', (SELECT json_build_object('state', state, 'source', source, 'first_entry_at', first_entry_at)
        FROM attendance WHERE attendance.registration = registration.id),
    'readings_at_the_door', (SELECT coalesce(json_agg(json_build_object('at', device_at, 'type', type,
        'result', result) ORDER BY device_at), '[]') FROM scan WHERE scan.registration = registration.id),
    'signed_up_for', (SELECT coalesce(json_agg(json_build_object('title', coalesce(nullif(title_fi, ''),
        nullif(title_sv, ''), title_en), 'starts_at', agenda_item.starts_at) ORDER BY agenda_item.starts_at), '[]')
        FROM registration_item JOIN agenda_item ON agenda_item.id = registration_item.item
        WHERE registration_item.registration = registration.id),
    'online_meetings', (SELECT coalesce(json_agg(json_build_object('name', meeting_attendee.name,
        'address', meeting_attendee.email, 'joined_at', joined_at, 'left_at', left_at, 'seconds', seconds)
        ORDER BY joined_at), '[]') FROM meeting_attendee JOIN meeting_join ON attendee = meeting_attendee.id
        WHERE registration.id = ANY (meeting_attendee.registrations)),
    'answers', (SELECT coalesce(json_agg(json_build_object('question', question.code, 'answer', value,
        'answered_at', answered_at) ORDER BY position), '[]') FROM registration_answer
        JOIN question ON question.id = registration_answer.question
        WHERE registration_answer.registration = registration.id),
    'health', (SELECT coalesce(json_agg(json_build_object('question', question.code, 'answer', value,
        'answered_at', answered_at, 'consent', consent_text) ORDER BY position), '[]') FROM health_answer
        JOIN question ON question.id = health_answer.question
        WHERE health_answer.registration = registration.id),
    'consents', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'text', text, 'given_at', given_at,
        'withdrawn_at', withdrawn_at) ORDER BY given_at), '[]') FROM consent
        WHERE consent.registration = registration.id)) ORDER BY event.starts_at), '[]')
    FROM registration JOIN event ON event.id = registration.event JOIN site ON site.id = registration.site
"""

_EVERYTHING = f"""
SELECT json_build_object(
    'person', (SELECT json_build_object('given_name', given_name, 'family_name', family_name, 'email', email,
        'language', language, 'organisation', (SELECT name FROM organisation WHERE id = person.organisation),
        'since', created_at) FROM person WHERE person.id = $1),
    'registrations', ({_REGISTRATIONS} WHERE registration.person IN {_SAME}),
    'theme_groups', (SELECT coalesce(json_agg(json_build_object('group', name_fi, 'chair', chair,
        'from', starts_on, 'to', ends_on) ORDER BY starts_on), '[]') FROM group_member
        JOIN theme_group ON theme_group.id = group_member.theme_group WHERE group_member.person IN {_SAME}),
    'invitations', (SELECT coalesce(json_agg(json_build_object('event', event.slug, 'to', invitation.email,
        'name', invitation.name, 'answer', invitation.state, 'invited_at', invited_at, 'answered_at', answered_at)
        ORDER BY invited_at), '[]') FROM invitation JOIN event ON event.id = invitation.event
        WHERE invitation.person IN {_SAME}),
    'calendar_feed_since', (SELECT min(made_at) FROM private_feed WHERE owner_kind = 'person' AND owner_id IN {_SAME}
        AND token_hash IS NOT NULL),
    'messages', (SELECT coalesce(json_agg(json_build_object('to', recipient, 'reason', reason, 'state', state,
        'subject', subject_line, 'at', coalesce(finished_at, due_at)) ORDER BY created_at), '[]') FROM message
        WHERE message.person_id IN {_SAME})
)
"""


_THIS = f"""
SELECT json_build_object(
    'person', (SELECT json_build_object('given_name', given_name, 'family_name', family_name, 'email', email)
        FROM person JOIN registration ON registration.person = person.id WHERE registration.id = $1),
    'registrations', ({_REGISTRATIONS} WHERE registration.id = $1),
    'messages', (SELECT coalesce(json_agg(json_build_object('to', recipient, 'reason', reason, 'state', message.state,
        'subject', subject_line, 'at', coalesce(finished_at, due_at)) ORDER BY message.created_at), '[]')
        FROM message JOIN registration ON registration.id = subject_id JOIN person ON person.id = registration.person
        WHERE subject_kind = 'registration' AND subject_id = $1 AND recipient = person.email)
)
"""
"""What a private link shows of its registration to whom nothing proves to be its person."""


_OWN = f"(SELECT id FROM registration WHERE person IN {_SAME})"

_WITH_ITEMS = f"SELECT DISTINCT registration FROM registration_item WHERE registration IN {_OWN}"

_INVITED = f"""
(SELECT invitation.id FROM invitation JOIN person ON person.id IN {_SAME} WHERE invitation.person = person.id
 OR (invitation.email = person.email AND invitation.folded IN ('', person.folded)))
"""

_ROWS = ("consent", "registration_answer", "health_answer", "registration_note", "registration_tag")

_NAMELESS = """UPDATE registration SET manage_hash = sha256(gen_random_uuid()::text::bytea),
    ticket_hash = sha256(gen_random_uuid()::text::bytea), parting_words = '', welcome_words = '',
    registered_by_name = '', cancel_reason = '' WHERE id """

_UNTOLD = """UPDATE message SET recipient = 'erased', recipient_name = '', server_words = '', occurrence = id::text,
    state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END WHERE """

_FORGET_THIS = (
    *(f"DELETE FROM {table} WHERE registration = $1" for table in (*_ROWS, "receipt")),
    "DELETE FROM meeting_attendee WHERE registrations = ARRAY[$1::uuid]",
    "UPDATE meeting_attendee SET registrations = array_remove(registrations, $1::uuid) WHERE $1 = ANY(registrations)",
    f"{_UNTOLD} subject_kind = 'registration' AND subject_id = $1",
    f"{_NAMELESS} = $1",
)
"""What is changed of one registration when its name is taken off."""

_FORGET = (
    f"DELETE FROM private_feed WHERE owner_kind = 'person' AND owner_id IN {_SAME}",
    *(f"DELETE FROM {table} WHERE registration IN {_OWN}" for table in _ROWS),
    f"""DELETE FROM meeting_attendee WHERE (registrations <> '{{}}' AND registrations <@ ARRAY{_OWN})
        OR (registrations = '{{}}' AND email IN (SELECT email FROM person WHERE id IN {_SAME}))""",
    f"""UPDATE meeting_attendee SET registrations = ARRAY(SELECT one FROM unnest(registrations) AS one
        WHERE one NOT IN {_OWN}) WHERE registrations && ARRAY{_OWN}""",
    f"""DELETE FROM receipt USING person WHERE person.id IN {_SAME}
        AND (registration IN {_OWN} OR lower(entered ->> 'email') = person.email)""",
    f"""{_UNTOLD} person_id IN {_SAME} OR (subject_kind = 'registration' AND subject_id IN {_OWN})
        OR (subject_kind = 'invitation' AND subject_id IN {_INVITED})""",
    f"DELETE FROM invitation WHERE id IN {_INVITED}",
    f"DELETE FROM group_member WHERE person IN {_SAME}",
    f"{_NAMELESS} IN {_OWN}",
    f"""UPDATE person SET given_name = '', family_name = '', folded = '', email = NULL, organisation = NULL,
        erased_at = now() WHERE id IN {_SAME}""",
)
"""What is changed of a person and their registrations when they are forgotten."""


async def everything(registration_id: UUID, *, by_mail: bool) -> dict[str, Any]:
    """Return all that is held about the person of a registration; raises NotFound.

    Who did not come by the link in the mail (`by_mail`) gets the registration alone. Survey answers are not among it:
    they cannot be joined to anybody.
    """
    person = await _person_of(registration_id)
    held = await (database.fetchval(_EVERYTHING, person) if by_mail else database.fetchval(_THIS, registration_id))
    found: dict[str, Any] = msgspec.json.decode(held)
    return found


async def erase(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forget who a person is: name, address, consents and messages go, what is still to come is cancelled.

    Lists of their events that were made for staff go as well. The registrations stay without a name, so that the counts
    of reports stay true (design.md, facts of the field). Who did not come by the link in the mail takes the name
    off this registration alone.
    """
    async with transaction():
        if not (actor.by_mail or actor.vouches):
            await _take_name_off(registration_id, actor, now)
            return
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
        events = await database.fetch(f"SELECT event FROM registration WHERE person IN {_SAME}", person)
        lists = await documents.forget("event", [row["event"] for row in events])
    await files.delete(lists)


_COMING = f"""
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE person IN {_SAME} AND registration.state <> ALL($2) AND event.starts_at > $3
ORDER BY registration.event, registration.id
"""
"""By event: what else has places there, options and items, is locked as each is cancelled."""


async def _take_name_off(registration_id: UUID, actor: Actor, now: datetime) -> None:
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


async def _person_of(registration_id: UUID) -> UUID:
    person: UUID | None = await database.fetchval(
        "SELECT coalesce(merged_into, person.id) FROM registration JOIN person ON person.id = registration.person"
        " WHERE registration.id = $1",
        registration_id,
    )
    if person is None:
        raise NotFound
    return person
