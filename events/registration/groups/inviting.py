"""Whom of a group to invite to its coming meetings, and whose invitations to take back once they have left."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.actor import SYSTEM, Actor
from events.core.database import transaction
from events.messaging.rules import gets_no_invitation
from events.network.groups.actions import led_group
from events.registration.invitations.actions import invite, withdraw, write_to_invited
from events.registration.invitations.guests import Guest


class Uninvited(Struct, frozen=True):
    """A member who is neither invited to a coming meeting nor registered for it."""

    event: UUID
    name: str
    email: str
    language: str


class Leftover(Struct, frozen=True):
    """An open invitation of someone who will be no member any more when the meeting is held."""

    id: UUID
    name: str


_ON_THAT_DAY = """
group_member.starts_on <= (event.starts_at AT TIME ZONE event.zone)::date
AND (group_member.ends_on IS NULL OR group_member.ends_on >= (event.starts_at AT TIME ZONE event.zone)::date)
"""

_TO_COME = "event.theme_group = $1 AND event.state = 'published' AND event.starts_at > $2"

_UNINVITED = f"""
SELECT event.id AS event, trim(given_name || ' ' || family_name) AS name, person.email, person.language
FROM event JOIN group_member ON group_member.theme_group = event.theme_group AND {_ON_THAT_DAY}
JOIN person ON person.id = group_member.person
WHERE {_TO_COME} AND person.email IS NOT NULL AND person.erased_at IS NULL
  AND NOT {gets_no_invitation("person.email", "event.id")}
  AND NOT EXISTS (SELECT FROM invitation WHERE invitation.event = event.id AND invitation.state <> 'withdrawn'
      AND invitation.email = person.email AND invitation.folded IN ('', person.folded))
  AND NOT EXISTS (SELECT FROM registration WHERE registration.event = event.id AND registration.person = person.id
      AND registration.state NOT IN ('cancelled', 'declined'))
ORDER BY event.starts_at, person.folded
"""

# Guests who never were members stay invited.
_LEFT_OVER = f"""
SELECT invitation.id, invitation.name
FROM event JOIN invitation ON invitation.event = event.id AND invitation.state IN ('sent', 'later')
JOIN person ON person.email = invitation.email AND invitation.folded IN ('', person.folded)
WHERE {_TO_COME}
  AND EXISTS (SELECT FROM group_member WHERE theme_group = $1 AND group_member.person = person.id)
  AND NOT EXISTS (
    SELECT FROM group_member WHERE theme_group = $1 AND group_member.person = person.id AND {_ON_THAT_DAY})
ORDER BY person.folded, event.starts_at
"""


_SETTLED = """
UPDATE event SET invites_members = false
WHERE theme_group = $1 AND invites_members AND ($2::uuid[] IS NULL OR id = ANY($2))
"""

_OWING = "invites_members AND state = 'published' AND starts_at > $1"

TO_INVITE = f"SELECT EXISTS (SELECT FROM event WHERE {_OWING})"
"""Whether members are owed invitations to a meeting that was published at $1."""


async def uninvited(group_id: UUID, now: datetime) -> list[Uninvited]:
    """Return which members are not invited to which coming meetings, by its start; who left the list is left alone."""
    return [Uninvited(**row) for row in await database.fetch(_UNINVITED, group_id, now)]


async def left_over(group_id: UUID, now: datetime) -> list[Leftover]:
    """Return the open invitations to coming meetings of those who have left the group, by name."""
    return [Leftover(**row) for row in await database.fetch(_LEFT_OVER, group_id, now)]


async def invite_members(group_id: UUID, *, actor: Actor, now: datetime, events: Sequence[UUID] | None = None) -> int:
    """Invite the members to the coming meetings (or some of them) to which they are not invited yet.

    Each gets one letter, however many meetings they are; returns to how many people. Raises NotFound.
    """
    async with transaction():
        await led_group(group_id, actor, now)
        guests: dict[UUID, list[Guest]] = defaultdict(list)
        for each in await uninvited(group_id, now):
            if events is None or each.event in events:
                guests[each.event].append(Guest(each.email, each.name, each.language))
        for event, wanted in guests.items():
            await invite(event, wanted, actor=actor, now=now, with_letter=False)
        await database.execute(_SETTLED, group_id, None if events is None else list(events))
        return await write_to_invited(list(guests), now=now)


async def invite_due(now: datetime) -> int:
    """Invite the members to the meetings that were published and owe it; returns to how many people.

    Calling again or twice at once changes nothing.
    """
    rows = await database.fetch(f"SELECT theme_group, id FROM event WHERE {_OWING}", now)
    owed: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        owed[row["theme_group"]].append(row["id"])
    return sum([await invite_members(group, actor=SYSTEM, now=now, events=events) for group, events in owed.items()])


async def withdraw_left_over(group_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Take back the open invitations of those who have left the group; returns how many. Raises NotFound."""
    async with transaction():
        await led_group(group_id, actor, now)
        found = await left_over(group_id, now)
        for each in found:
            await withdraw(each.id, actor=actor, now=now)
    return len(found)
