from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T22:51:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "surveys were open for four weeks from the moment at which the first were asked"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="surveys", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(
            "UPDATE survey SET asked_at = closes_at - interval '28 days' WHERE closes_at IS NOT NULL"
            " AND EXISTS (SELECT FROM survey_invitation WHERE survey_invitation.survey = survey.id)"
        )

    manager.add_raw(run)
    return manager
