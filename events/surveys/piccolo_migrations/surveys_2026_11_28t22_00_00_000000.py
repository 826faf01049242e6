from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "an event has one survey of each template"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="surveys", description=DESCRIPTION)

    async def run() -> None:
        await database.execute("CREATE UNIQUE INDEX survey_event_kind ON survey (event, kind) WHERE kind <> 'own'")

    async def back() -> None:
        await database.execute("DROP INDEX survey_event_kind")

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
