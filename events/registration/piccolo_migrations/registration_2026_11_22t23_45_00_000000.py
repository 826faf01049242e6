from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T23:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a registration of a person or organisation that is being merged follows them"

# As for persons (network): after the foreign keys, which wait for a merge that runs at the same moment.
FORWARDS = """
CREATE FUNCTION registration_follows_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM person WHERE id = NEW.person AND merged_into IS NOT NULL)
        OR EXISTS (SELECT FROM organisation WHERE id = NEW.organisation AND merged_into IS NOT NULL) THEN
        UPDATE registration SET
            person = (SELECT coalesce(merged_into, id) FROM person WHERE id = NEW.person),
            organisation = (SELECT coalesce(merged_into, id) FROM organisation WHERE id = NEW.organisation)
        WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follows_merge_new AFTER INSERT ON registration
    FOR EACH ROW EXECUTE FUNCTION registration_follows_merge();
CREATE TRIGGER follows_merge AFTER UPDATE OF person, organisation ON registration FOR EACH ROW
    WHEN (NEW.person <> OLD.person OR NEW.organisation IS DISTINCT FROM OLD.organisation)
    EXECUTE FUNCTION registration_follows_merge();
CREATE INDEX registration_organisation ON registration (organisation);
"""

BACKWARDS = """
DROP TRIGGER follows_merge ON registration;
DROP TRIGGER follows_merge_new ON registration;
DROP FUNCTION registration_follows_merge;
DROP INDEX registration_organisation;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registration", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(FORWARDS)

    async def back() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
