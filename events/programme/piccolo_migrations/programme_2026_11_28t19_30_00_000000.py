from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T19:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "materials that are there already are no news"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programme", description=DESCRIPTION)

    async def run() -> None:
        await database.execute("UPDATE material SET telling = gen_random_uuid() WHERE telling IS NULL")

    async def back() -> None:
        """Nothing to take back: the column goes with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
