"""Events of the demo that not everybody may register for, colleagues who registered each other, reasons for leaving."""

from datetime import datetime

from events.core import database

_NTH = """(SELECT id FROM event WHERE state = 'published' AND starts_at > $1 ORDER BY starts_at, id OFFSET {n} LIMIT 1)
"""

_WITH_CODE = f"UPDATE event SET access = 'code', access_code = 'KUUSI-6' WHERE id = {_NTH.format(n=3)}"

_FOR_REGIONS = f"""
UPDATE event SET access = 'named', named_regions = ARRAY(SELECT DISTINCT municipality.region FROM registration
    JOIN municipality ON municipality.code = registration.municipality WHERE registration.event = event.id ORDER BY 1)
WHERE id = {_NTH.format(n=4)}
"""

_FEW_OF_EACH = f"UPDATE event SET per_organisation = 12 WHERE id = {_NTH.format(n=2)}"

_TOGETHER = """
UPDATE registration SET registered_by = first.id FROM (
    SELECT DISTINCT ON (event, organisation) registration.id, event, organisation, number FROM registration
    JOIN event ON event.id = registration.event WHERE starts_at > $1 AND organisation IS NOT NULL
    ORDER BY event, organisation, number) AS first
WHERE registration.event = first.event AND registration.organisation = first.organisation
    AND registration.number = first.number + 1
"""

_REASONS = """
UPDATE registration SET cancel_reason = CASE number % 3 WHEN 0 THEN 'Flunssa' WHEN 1 THEN 'Päällekkäinen kokous'
    ELSE '' END
FROM event WHERE event.id = registration.event AND registration.state = 'cancelled' AND starts_at > $1
"""


async def add_access(now: datetime) -> None:
    """Limit who may register for three coming events, and tell of some who registered colleagues or left."""
    for statement in (_WITH_CODE, _FOR_REGIONS, _FEW_OF_EACH, _TOGETHER, _REASONS):
        await database.execute(statement, now)
