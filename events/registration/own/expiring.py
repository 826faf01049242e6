"""What is over: the data of an event's participants are deleted when their time is; the counts stay.

Everything goes in batches, each in a transaction of its own: a batch that fails takes nothing back of those before it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from events.core import database
from events.core.database import transaction
from events.core.retention import PAST, months
from events.messaging.rules import BOUNCED, ERASED
from events.registration.own.data import ROWS, UNTOLD

BATCH = 500
"""Registrations, invitations, persons or messages of one transaction."""

_NEXT = f"""
SELECT registration.id FROM registration JOIN event ON event.id = registration.event
WHERE registration.expired_at IS NULL AND {PAST}
ORDER BY registration.event, registration.id LIMIT $3 FOR UPDATE OF registration SKIP LOCKED
"""

_OF_REGISTRATIONS = (
    *(f"DELETE FROM {table} WHERE registration = ANY($1)" for table in (*ROWS, "receipt")),
    f"{UNTOLD} subject_kind = 'registration' AND subject_id = ANY($1)",
    """UPDATE registration SET parting_words = '', welcome_words = '', registered_by_name = '', cancel_reason = '',
        join_pressed_at = NULL
        WHERE id = ANY($1)""",
)

_STANDING = f"""
EXISTS (SELECT FROM registration JOIN event ON event.id = registration.event
    WHERE registration.person = one.id AND expired_at IS NULL AND NOT ({PAST}))
OR EXISTS (SELECT FROM group_member WHERE person = one.id
    AND (ends_on IS NULL OR ends_on + make_interval(months => $2::int) > $1::timestamptz))
OR EXISTS (SELECT FROM invitation JOIN event ON event.id = invitation.event
    WHERE invitation.person = one.id AND NOT ({PAST}))
"""
"""Whether anything that is still kept speaks of the person `one`."""

_ROOT = "coalesce(one.merged_into, one.id)"

_KEEP_A_NAME = f"""
WITH family AS (
    SELECT DISTINCT coalesce(merged_into, person.id) AS root FROM registration
    JOIN person ON person.id = registration.person WHERE registration.id = ANY($3)
), standing AS (
    SELECT root FROM family JOIN person AS one ON {_ROOT} = root GROUP BY root HAVING bool_or({_STANDING})
), parted AS (
    SELECT registration.id, gen_random_uuid() AS nobody FROM registration
    JOIN person AS one ON one.id = registration.person JOIN standing ON {_ROOT} = root WHERE registration.id = ANY($3)
), made AS (
    INSERT INTO person (id, given_name, family_name, folded, erased_at) SELECT nobody, '', '', '', $1 FROM parted
)
UPDATE registration SET person = nobody FROM parted WHERE registration.id = parted.id
"""
"""Takes the registrations off those who keep their name because they take part elsewhere.

The frozen participation stays theirs, for reports tell how many persons there were: it is shown without a name.
"""

_NAMELESS_FROM_NOW = f"""
SELECT {_ROOT} AS root FROM person AS one GROUP BY {_ROOT}
HAVING bool_or(one.erased_at IS NULL) AND NOT bool_or({_STANDING})
    AND (min(one.created_at) + make_interval(months => $2::int) <= $1
        OR bool_or(EXISTS (SELECT FROM registration WHERE person = one.id)
            OR EXISTS (SELECT FROM participation WHERE person = one.id)))
ORDER BY root LIMIT $3
"""
"""Those of whom nothing is kept any more; who was entered lately and has yet to take part is no such."""

_OF_PERSONS = (
    *(f"DELETE FROM {table} USING person AS one WHERE address = one.email AND {_ROOT} = ANY($1)" for table in BOUNCED),
    f"{UNTOLD} person_id IN (SELECT id FROM person AS one WHERE {_ROOT} = ANY($1))",
    f"DELETE FROM group_member USING person AS one WHERE one.id = group_member.person AND {_ROOT} = ANY($1)",
)

_ERASE_PERSONS = f"""
UPDATE person AS one SET given_name = '', family_name = '', folded = '', email = NULL, organisation = NULL,
    erased_at = $2 WHERE {_ROOT} = ANY($1)
"""

_NEXT_INVITATIONS = f"""
SELECT invitation.id FROM invitation JOIN event ON event.id = invitation.event
WHERE invitation.email <> '' AND {PAST} ORDER BY invitation.id LIMIT $3 FOR UPDATE OF invitation SKIP LOCKED
"""

_OF_INVITATIONS = (
    f"{UNTOLD} subject_kind = 'invitation' AND subject_id = ANY($1)",
    "UPDATE invitation SET email = '', name = '', folded = id::text, person = NULL WHERE id = ANY($1)",
)

_MESSAGES = f"""{UNTOLD} id IN (SELECT id FROM message WHERE recipient <> '{ERASED}'
    AND created_at + make_interval(months => $2::int) <= $1 ORDER BY id LIMIT $3)"""

_OPTIONS = f"""
UPDATE question_option SET taken = 0 FROM question JOIN event ON event.id = question.event
WHERE question.id = question_option.question AND taken > 0 AND {PAST}
    AND NOT EXISTS (SELECT FROM registration WHERE registration.event = event.id AND expired_at IS NULL)
"""
"""An option counts stored answers; when all of an event's are gone, it counts none."""


async def expire(now: datetime) -> int:
    """Delete what is past its time of registrations, invitations, messages and persons; returns how many it was of."""
    done = 0
    for some in (_registrations, _invitations, _messages, _persons):
        done += await _all_of(some, now)
    await database.execute(_OPTIONS, now, months())
    return done


async def _all_of(some: Callable[[datetime], Awaitable[int]], now: datetime) -> int:
    done = 0
    while gone := await some(now):
        done += gone
    return done


async def _registrations(now: datetime) -> int:
    async with transaction():
        ids = await _ids(_NEXT, now)
        for statement in _OF_REGISTRATIONS if ids else ():
            await database.execute(statement, ids)
        if ids:
            await database.execute(_KEEP_A_NAME, now, months(), ids)
            await database.execute("UPDATE registration SET expired_at = $2 WHERE id = ANY($1)", ids, now)
    return len(ids)


async def _invitations(now: datetime) -> int:
    async with transaction():
        ids = await _ids(_NEXT_INVITATIONS, now)
        for statement in _OF_INVITATIONS if ids else ():
            await database.execute(statement, ids)
    return len(ids)


async def _messages(now: datetime) -> int:
    return await database.execute(_MESSAGES, now, months(), BATCH)


async def _persons(now: datetime) -> int:
    """Let persons be nobody; each is locked before one looks again whether anything came meanwhile."""
    async with transaction():
        found = [row["root"] for row in await database.fetch(_NAMELESS_FROM_NOW, now, months(), BATCH)]
        if not found:
            return 0
        await database.execute(f"SELECT FROM person AS one WHERE {_ROOT} = ANY($1) ORDER BY id FOR UPDATE", found)
        gone = [row["root"] for row in await database.fetch(_NAMELESS_FROM_NOW, now, months(), BATCH)]
        gone = [root for root in gone if root in set(found)]
        for statement in _OF_PERSONS:
            await database.execute(statement, gone)
        await database.execute(_ERASE_PERSONS, gone, now)
    return len(gone)


async def _ids(sql: str, now: datetime) -> list[UUID]:
    return [row["id"] for row in await database.fetch(sql, now, months(), BATCH)]
