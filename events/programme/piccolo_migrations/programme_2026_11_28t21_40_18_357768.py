from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T21:40:18:357768"
VERSION = "1.38.0"
DESCRIPTION = "the reminders that events had become rules"

SEED = """
INSERT INTO reminder_rule (id, kinds, days, minutes, set_at, origin)
SELECT gen_random_uuid(), kinds::varchar[], days, minutes, '2026-01-01T00:00:00Z', gen_random_uuid()
FROM (VALUES ('{workshop,experience_exchange}', -7, 0), ('{}', -1, 0), ('{meeting}', 0, -60))
    AS usual (kinds, days, minutes)
"""

SWITCH_OFF = """
INSERT INTO reminder_rule (id, event, replaces, active, days, minutes, set_at, origin)
SELECT gen_random_uuid(), event.id, usual.id, false, usual.days, usual.minutes, '2026-01-01T00:00:00Z', usual.id
FROM event JOIN reminder_rule AS usual
    ON usual.event IS NULL AND (usual.kinds = '{}' OR event.kind = ANY(usual.kinds))
WHERE NOT -(usual.days * 1440 + usual.minutes) = ANY(event.reminder_minutes)
"""

ADD_OWN = """
INSERT INTO reminder_rule (id, event, days, minutes, set_at, origin)
SELECT gen_random_uuid(), event.id, -(wanted / 1440), -(wanted % 1440), '2026-01-01T00:00:00Z', gen_random_uuid()
FROM event CROSS JOIN LATERAL (SELECT DISTINCT unnest(event.reminder_minutes) AS wanted) AS each
WHERE NOT EXISTS (SELECT FROM reminder_rule AS usual
    WHERE usual.event IS NULL AND (usual.kinds = '{}' OR event.kind = ANY(usual.kinds))
        AND -(usual.days * 1440 + usual.minutes) = wanted)
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programme", description=DESCRIPTION)

    async def run() -> None:
        for statement in (SEED, SWITCH_OFF, ADD_OWN):
            await database.execute(statement)

    async def back() -> None:
        """Nothing to take back: the table goes with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    manager.drop_column(
        table_class_name="Event",
        tablename="event",
        column_name="reminder_minutes",
        db_column_name="reminder_minutes",
        schema=None,
    )
    return manager
