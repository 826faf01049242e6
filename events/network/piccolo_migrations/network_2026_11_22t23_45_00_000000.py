from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-22T23:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a person of an organisation that is being merged follows it"

# Fires after the foreign keys were checked, which waits for a merge that runs at the same moment, and so sees its end:
# whoever looked the organisation up before the merge does not point at one that is gone.
FORWARDS = """
CREATE FUNCTION person_follows_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stays uuid;
BEGIN
    SELECT merged_into INTO stays FROM organisation WHERE id = NEW.organisation;
    IF stays IS NOT NULL THEN
        UPDATE person SET organisation = stays WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follows_merge_new AFTER INSERT ON person
    FOR EACH ROW WHEN (NEW.organisation IS NOT NULL) EXECUTE FUNCTION person_follows_merge();
CREATE TRIGGER follows_merge AFTER UPDATE OF organisation ON person
    FOR EACH ROW WHEN (NEW.organisation IS DISTINCT FROM OLD.organisation) EXECUTE FUNCTION person_follows_merge();
CREATE INDEX person_organisation ON person (organisation);
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX organisation_merged ON organisation (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX organisation_alias_organisation ON organisation_alias (organisation);
"""

BACKWARDS = """
DROP TRIGGER follows_merge ON person;
DROP TRIGGER follows_merge_new ON person;
DROP FUNCTION person_follows_merge;
DROP INDEX person_organisation, person_merged, organisation_merged, organisation_alias_organisation;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="network", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(FORWARDS)

    async def back() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
