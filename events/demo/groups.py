"""The demo's theme groups with meetings held and coming, and an event to which people were invited."""

from datetime import datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import msgspec

from events.core import database
from events.core.actor import SYSTEM
from events.letters import COMPOSERS
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from events.programme import queries as programme
from events.registration.groups.meetings import meet
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.actions import invite, withdraw
from events.registration.invitations.answers import accept, one_press, refuse
from events.registration.invitations.guests import Guest
from events.registration.invitations.tables import InvitationState

GROUPS = (
    ("low-carbon", "17", "Teemaryhmä vähähiilisyys", "Temagruppen koldioxidsnålhet", "Theme group low carbon"),
    ("digitalisation", "06", "Teemaryhmä digitalisaatio", "Temagruppen digitalisering", "Theme group digitalisation"),
)
JOIN_URL = "https://meet.sixnet.example/ryhma"


def _identity(theme: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{JOIN_URL}/{theme}")


LED = _identity("low-carbon")
"""The group that has its chair among the sign-ins."""

MEMBERS = 8
YES, NO, LATER = InvitationState.YES, InvitationState.NO, InvitationState.LATER
ANSWERS = (YES, YES, YES, NO, LATER, YES)
"""What the first of those invited have answered."""

_CAME = """
SELECT person.id, max(registration.organisation::text)::uuid AS organisation FROM registration
JOIN person ON person.id = registration.person JOIN event ON event.id = registration.event
WHERE event.theme_group = $1 AND registration.state = 'confirmed' AND person.email IS NOT NULL
AND NOT starts_with(person.email, 'info@')
GROUP BY person.id, person.folded ORDER BY count(*) DESC, person.folded LIMIT $2
"""

_GUESTS = """
SELECT email, trim(given_name || ' ' || family_name) AS name, language FROM person
WHERE email IS NOT NULL AND NOT starts_with(email, 'info@') AND NOT EXISTS (
    SELECT FROM registration WHERE registration.person = person.id AND registration.event = $1)
ORDER BY folded LIMIT 14
"""


async def add_groups(now: datetime) -> None:
    """Let two groups meet every now and then: of those who came to the last meetings eight are members."""
    for number, (theme, region, *names) in enumerate(GROUPS):
        group = _identity(theme)
        await database.execute(
            "INSERT INTO theme_group (id, theme, region, name_fi, name_sv, name_en, join_url, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            *(group, theme, region, *names, JOIN_URL, now),
        )
        await database.execute(
            "UPDATE event SET theme_group = $1, access = 'invited', invitation_reminders = '{4320}' FROM event_theme"
            " WHERE event_theme.event = event.id AND event_theme.theme = $2 AND kind = 'meeting'"
            " AND state = 'published' AND ends_at < $3 AND title_fi LIKE 'Teemaryhmä %'",
            *(group, theme, now),
        )
        await database.execute(
            "UPDATE theme_group SET project = (SELECT project FROM event_project JOIN event"
            " ON event.id = event_project.event WHERE theme_group = $1 ORDER BY starts_at DESC LIMIT 1) WHERE id = $1",
            group,
        )
        await _add_members(group, now)
        day = (now + timedelta(days=20 + 7 * number)).date()
        tuesday = day + timedelta(days=(1 - day.weekday()) % 7)
        made = await meet(group, [tuesday], time(13), actor=SYSTEM, now=now)
        await _answer(made.events[0].id, now)


async def add_invitations(now: datetime) -> None:
    """Invite to a coming event, with every answer there is."""
    event = await database.fetchval(
        "SELECT id FROM event WHERE state = 'published' AND kind <> 'meeting'"
        " AND starts_at > $1::timestamptz + interval '7 days' AND registration_opens_at < $1"
        " AND series IS NULL AND NOT needs_approval ORDER BY starts_at LIMIT 1",
        now,
    )
    await database.execute("UPDATE event SET invitation_reminders = '{4320}' WHERE id = $1", event)
    guests = [Guest(row["email"], row["name"], row["language"]) for row in await database.fetch(_GUESTS, event)]
    await invite(event, guests, actor=SYSTEM, now=now)
    await _answer(event, now)
    last = (await invitation_queries.of_event(event))[-1]
    await withdraw(last.id, actor=SYSTEM, now=now)


async def _add_members(group: UUID, now: datetime) -> None:
    people = await database.fetch(_CAME, group, MEMBERS + 1)
    for number, row in enumerate(people):
        left = (now - timedelta(days=60)).date() if number == MEMBERS else None
        await database.execute(
            "INSERT INTO group_member (id, theme_group, person, organisation, chair, starts_on, ends_on)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            *(uuid4(), group, row["id"], row["organisation"], number == 0, (now - timedelta(days=400)).date(), left),
        )


async def _answer(event_id: UUID, now: datetime) -> None:
    """Send the invitations, and let the first of the invited answer."""
    for row in await database.fetch("SELECT * FROM message WHERE reason = 'invitation' AND subject_line = ''"):
        letter = await compose(msgspec.convert(dict(row), Owed), COMPOSERS)
        if letter is not None:
            await database.execute("UPDATE message SET subject_line = $2 WHERE id = $1", row["id"], letter.subject)
    event = await programme.by_id(event_id)
    if event is None:
        raise RuntimeError("the event was just made")
    for invitation, wanted in zip(await invitation_queries.of_event(event_id), ANSWERS, strict=False):
        new = await one_press(invitation, event, event.sites[0].id)
        if wanted is YES and new is not None:
            await accept(invitation.id, new, now=now)
        elif wanted is not YES:
            await refuse(invitation.id, wanted, now=now)
