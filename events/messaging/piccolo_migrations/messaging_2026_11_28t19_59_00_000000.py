from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T19:59:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for the webhooks that are due and for the log of an endpoint"

INDEXES = (
    "CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, due_at) WHERE state IN ('queued', 'sending')",
    "CREATE INDEX webhook_delivery_log ON webhook_delivery (endpoint, occurred_at DESC)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="messaging", description=DESCRIPTION)

    async def create_indexes() -> None:
        for statement in INDEXES:
            await database.execute(statement)

    manager.add_raw(create_indexes)
    return manager
