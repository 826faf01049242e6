from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T17:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a replaced ticket is remembered; what a door refused is found quickly"

STATEMENTS = (
    """
    CREATE FUNCTION remember_revoked_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO revoked_ticket (ticket_hash, registration) VALUES (OLD.ticket_hash, OLD.id) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER remember_revoked_ticket AFTER UPDATE OF ticket_hash ON registration
    FOR EACH ROW WHEN (OLD.ticket_hash IS DISTINCT FROM NEW.ticket_hash) EXECUTE FUNCTION remember_revoked_ticket()
    """,
    "CREATE INDEX scan_rejected ON scan (event, received_at) WHERE result = 'rejected'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="checkin", description=DESCRIPTION)

    async def create() -> None:
        for statement in STATEMENTS:
            await database.execute(statement)

    manager.add_raw(create)
    return manager
