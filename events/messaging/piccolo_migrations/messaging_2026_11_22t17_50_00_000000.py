from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T17:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for what is due and for the messages about a subject"

INDEXES = (
    "CREATE INDEX message_due ON message (due_at) WHERE state IN ('queued', 'sending')",
    "CREATE INDEX message_subject ON message (subject_kind, subject_id)",
    "CREATE INDEX message_latest ON message (created_at DESC, id)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="messaging", description=DESCRIPTION)

    async def create_indexes() -> None:
        for statement in INDEXES:
            await database.execute(statement)

    manager.add_raw(create_indexes)
    return manager
