from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-29T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "an index for the order of the queue: what somebody waits for before what goes to many at once"

# As `messaging.rules.RANK` has it; a test asks the planner whether the two are still the same.
INDEX = """
CREATE INDEX message_rank ON message ((CASE
    WHEN reason IN ('announcement', 'digest', 'invitation', 'invitation_cancelled', 'invitation_changed',
        'invitation_reminder', 'left_open', 'materials', 'news', 'reminder', 'survey') THEN 2
    WHEN reason IN ('event_cancelled', 'event_changed') THEN 1
    ELSE 0 END), due_at) WHERE state = 'queued'
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="messaging", description=DESCRIPTION)

    async def create_index() -> None:
        await database.execute(INDEX)

    async def drop_index() -> None:
        await database.execute("DROP INDEX message_rank")

    manager.add_raw(create_index)
    manager.add_raw_backwards(drop_index)
    return manager
