from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T22:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A frozen report is neither changed nor deleted; indicators are found in their order"

FORWARDS = """
CREATE INDEX indicator_place ON indicator (project, position, id);
CREATE INDEX funder_report_text_place ON funder_report_text (report, position, id);

CREATE FUNCTION frozen_report_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a frozen report is neither changed nor deleted';
END
$$;
CREATE TRIGGER frozen_report_keeps BEFORE UPDATE OR DELETE ON frozen_report
FOR EACH ROW EXECUTE FUNCTION frozen_report_keeps();
CREATE TRIGGER frozen_report_stays BEFORE TRUNCATE ON frozen_report
FOR EACH STATEMENT EXECUTE FUNCTION frozen_report_keeps();
"""

BACKWARDS = """
DROP TRIGGER frozen_report_stays ON frozen_report;
DROP TRIGGER frozen_report_keeps ON frozen_report;
DROP FUNCTION frozen_report_keeps();
DROP INDEX funder_report_text_place;
DROP INDEX indicator_place;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="reports", description=DESCRIPTION)

    async def create() -> None:
        await database.execute(FORWARDS)

    async def drop() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
