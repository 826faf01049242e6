"""Who was invited to what is over, and with it what is kept of who was invited and did not come."""

from uuid import uuid4

from events.core import database, secrets
from events.demo.rows import copy_rows

_TAKE = "SELECT take_turnout(coalesce(array_agg(id), '{}')) FROM event WHERE reconciled_at IS NOT NULL"

_INVITED = """
WITH held AS (
    SELECT event.id AS event, event.slug, least(starts_at - interval '30 days', min(registered_at)) AS invited_at,
        count(*) AS registered
    FROM event JOIN registration ON registration.event = event.id WHERE reconciled_at IS NOT NULL GROUP BY event.id
), known AS (
    SELECT DISTINCT ON (email) * FROM person WHERE email IS NOT NULL ORDER BY email, folded
), asked AS (
    SELECT held.*, known.id AS person, registration.id AS registration, registered_at AS answered_at,
        row_number() OVER (PARTITION BY held.event, registration.id IS NULL ORDER BY hashtext(folded || slug), folded)
            AS place
    FROM held CROSS JOIN known LEFT JOIN registration ON registration.event = held.event
        AND registration.person = known.id
)
SELECT event, email, trim(given_name || ' ' || family_name) AS name, person, language, registration, invited_at,
    CASE WHEN registration IS NOT NULL THEN 'yes' WHEN place % 5 = 0 THEN 'no' WHEN place % 9 = 0 THEN 'later'
        ELSE 'sent' END AS state,
    CASE WHEN registration IS NOT NULL THEN answered_at WHEN place % 5 = 0 OR place % 9 = 0
        THEN invited_at + make_interval(days => 1 + place::int % 7) END AS answered_at
FROM asked JOIN known ON known.id = person
WHERE CASE WHEN registration IS NULL THEN place * 2 <= registered ELSE place % 4 <> 0 END
"""
"""Three of four who registered had been invited; half as many as registered were invited and did not."""


async def add_turnout() -> None:
    """Invite to the events that came into the demo reconciled, and take the turnout as closing the attendance does."""
    rows = [{"id": uuid4(), **row} for row in await database.fetch(_INVITED)]
    await copy_rows(
        "invitation", [{**row, "token_hash": secrets.digest(secrets.derive("invitation", row["id"]))} for row in rows]
    )
    await database.execute(_TAKE)
