from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T21:44:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what the ledger says went out before there were rules has had its turn"

# The rules are those that the migration of events has just made: days and minutes before the start, no more.
RULES = """
rule.active AND (rule.event = event.id OR (
    rule.event IS NULL AND (rule.kinds = '{}' OR event.kind = ANY(rule.kinds))
    AND NOT EXISTS (SELECT FROM reminder_rule AS own WHERE own.event = event.id AND own.replaces = rule.id)))
"""

# A reminder was told apart by its minutes before the start; by its rule it is known to whoever owes it again.
NAME_BY_RULE = f"""
UPDATE message SET occurrence = rule.id || '.0:' || event.start_revision || coalesce(substring(occurrence FROM '~.*'), '')
FROM registration JOIN event ON event.id = registration.event JOIN reminder_rule AS rule ON {RULES}
WHERE message.reason = 'reminder' AND message.subject_kind = 'registration' AND message.subject_id = registration.id
    AND split_part(message.occurrence, '~', 1) = -(rule.days * 1440 + rule.minutes) || ':' || event.start_revision
"""

# What is owed to somebody still is left for the next tick, which passes over who has it already. The last of several
# said all: who was told by a later one, of the present start, is owed no earlier one.
DONE = f"""
WITH dated AS (
    SELECT event.id AS event, rule.id AS rule, rule.id || '.0:' || event.start_revision AS occurrence,
        event.start_revision,
        ((event.starts_at AT TIME ZONE event.zone) + make_interval(days => rule.days)) AT TIME ZONE event.zone
            + make_interval(mins => rule.minutes) AS due_at
    FROM event JOIN reminder_rule AS rule ON {RULES}
    WHERE event.state = 'published' AND event.starts_at > now()
)
INSERT INTO reminder_run (id, event, rule, occurrence, outcome, at)
SELECT gen_random_uuid(), event, rule, occurrence, 'sent', now() FROM dated AS this
WHERE due_at <= now() AND NOT EXISTS (
    SELECT FROM registration JOIN person ON person.id = registration.person
    WHERE registration.event = this.event AND registration.state = 'confirmed'
        AND registration.registered_at <= this.due_at AND person.email IS NOT NULL AND person.erased_at IS NULL
        AND NOT EXISTS (
            SELECT FROM message JOIN dated AS told ON told.event = this.event AND told.due_at >= this.due_at
                AND split_part(message.occurrence, '~', 1) = told.occurrence
            WHERE message.reason = 'reminder' AND message.subject_kind = 'registration'
                AND message.subject_id = registration.id))
ON CONFLICT DO NOTHING
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="outreach", description=DESCRIPTION)

    async def run() -> None:
        for statement in (NAME_BY_RULE, DONE):
            await database.execute(statement)

    async def back() -> None:
        """Nothing to take back: the table goes with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
