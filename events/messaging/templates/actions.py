"""Letting the words of letters go along with what they are for, and end with it."""

from uuid import UUID

from events.core import database

_TAKE_ALONG = """
INSERT INTO message_template
    (id, template, language, scope_kind, scope_id, version, subject, body, is_default, basis, made_by, made_at)
SELECT gen_random_uuid(), template, language, 'event', $2, 1, subject, body, false, basis, made_by, made_at
FROM (SELECT DISTINCT ON (template, language) * FROM message_template
    WHERE scope_kind = 'event' AND scope_id = $1 ORDER BY template, language, version DESC) AS latest
WHERE NOT is_default
"""


async def remove_with(event: UUID) -> None:
    """Remove the words of an event's letters, all versions; in the transaction that removes the event."""
    await database.execute("DELETE FROM message_template WHERE scope_kind = 'event' AND scope_id = $1", event)


async def take_along(event: UUID, copy: UUID) -> None:
    """Give a copy of an event the words that its letters have there now, as their first version.

    Who wrote them and when stays, and so does the digest of what they were written in place of: where the words of the
    network have changed since, the copy says so as its model does.
    """
    await database.execute(_TAKE_ALONG, event, copy)
