from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-29T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the surveys of one template are counterparts in all events of a series"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="surveys", description=DESCRIPTION)

    async def run() -> None:
        await database.execute("UPDATE survey SET origin = md5(kind)::uuid WHERE kind <> 'own'")

    manager.add_raw(run)
    return manager
