from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of the audit trail and of grants; the trail cannot be rewritten"

FORWARDS = """
CREATE INDEX staff_grant_resource ON staff_grant (resource_kind, resource_id);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, id);
CREATE INDEX audit_actor ON audit (actor_id, id);

CREATE FUNCTION audit_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '1 year' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit trail is not rewritten';
END
$$;
CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keeps();
"""

BACKWARDS = """
DROP TRIGGER audit_keeps ON audit;
DROP FUNCTION audit_keeps;
DROP INDEX audit_actor;
DROP INDEX audit_subject;
DROP INDEX staff_grant_resource;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(FORWARDS)

    async def back() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
