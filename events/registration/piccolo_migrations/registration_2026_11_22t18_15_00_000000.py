from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T18:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for the line of a site, a person's registrations and the matching of organisations"

INDEXES = (
    # who is next: read each time that a place gets free
    "CREATE INDEX registration_line ON registration (site, number) WHERE state = 'waitlisted'",
    "CREATE INDEX registration_person ON registration (person)",
    "CREATE INDEX consent_registration ON consent (registration)",
    "CREATE INDEX receipt_created ON receipt (created_at)",
    # without a list of what is yet to be filed: while it is long, matching reads the whole table instead
    "CREATE INDEX IF NOT EXISTS organisation_domains ON organisation USING gin (domains) WITH (fastupdate = off)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registration", description=DESCRIPTION)

    async def create_indexes() -> None:
        for statement in INDEXES:
            await database.execute(statement)

    manager.add_raw(create_indexes)
    return manager
