from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T23:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a registration of a person or organisation that is being merged follows them"

# As for persons (network): after the foreign keys, which wait for a merge that runs at the same moment.
FORWARDS = """
CREATE FUNCTION registration_follows_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    same_person uuid;
    same_organisation uuid;
BEGIN
    SELECT merged_into INTO same_person FROM person WHERE id = NEW.person;
    SELECT merged_into INTO same_organisation FROM organisation WHERE id = NEW.organisation;
    IF same_person IS NOT NULL OR same_organisation IS NOT NULL THEN
        UPDATE registration SET person = coalesce(same_person, person),
            organisation = coalesce(same_organisation, organisation) WHERE id = NEW.id;
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
