from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T23:44:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "an index for the places that are held until a deadline: the tick asks for them each minute"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registration", description=DESCRIPTION)

    async def create_index() -> None:
        await database.execute(
            "CREATE INDEX registration_deadline ON registration (deadline)"
            " WHERE state IN ('offered', 'awaiting_address')"
        )

    manager.add_raw(create_index)
    return manager
