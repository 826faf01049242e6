from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T22:14:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for what a worker left in hand, and for what is watched"

INDEXES = (
    "CREATE INDEX message_left ON message (tries, due_at) WHERE state = 'sending'",
    "CREATE INDEX message_ended_badly ON message (finished_at) WHERE state IN ('bounced', 'failed', 'unknown')",
    "CREATE INDEX webhook_delivery_failed ON webhook_delivery (finished_at) WHERE state = 'failed'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="messaging", description=DESCRIPTION)

    async def create_indexes() -> None:
        for statement in INDEXES:
            await database.execute(statement)

    manager.add_raw(create_indexes)
    return manager
