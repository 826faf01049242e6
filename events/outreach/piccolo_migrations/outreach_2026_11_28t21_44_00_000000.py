from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T21:44:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what was due before there were rules has gone out"

# The rules are those that the migration of events has just made: days and minutes before the start, no more.
DONE = """
INSERT INTO reminder_run (id, event, rule, occurrence, outcome, at)
SELECT gen_random_uuid(), event.id, rule.id, rule.id || '.0:' || event.start_revision, 'sent', now()
FROM event JOIN reminder_rule AS rule ON rule.active AND (rule.event = event.id OR (
    rule.event IS NULL AND (rule.kinds = '{}' OR event.kind = ANY(rule.kinds))
    AND NOT EXISTS (SELECT FROM reminder_rule AS own WHERE own.event = event.id AND own.replaces = rule.id)))
WHERE event.state = 'published' AND event.starts_at > now()
    AND ((event.starts_at AT TIME ZONE event.zone) + make_interval(days => rule.days)) AT TIME ZONE event.zone
        + make_interval(mins => rule.minutes) <= now()
ON CONFLICT DO NOTHING
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="outreach", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(DONE)

    async def back() -> None:
        """Nothing to take back: the table goes with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
