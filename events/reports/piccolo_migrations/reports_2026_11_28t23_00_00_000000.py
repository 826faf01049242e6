from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "an event that is reconciled keeps how many were invited and how many did not come"

FORWARDS = """
CREATE FUNCTION take_turnout(events uuid[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM turnout WHERE event = ANY(events);
    INSERT INTO turnout (id, event, step, cells, counts_as, number)
    SELECT gen_random_uuid(), event, 'invited', 0, 0, count(*)
    FROM invitation WHERE event = ANY(events) AND state <> 'withdrawn' GROUP BY event
    UNION ALL
    SELECT gen_random_uuid(), event.id, 'absent',
        report_cells(coalesce(municipality.region, ''), registration.country, coalesce(organisation.type, 'unknown'),
            coalesce(organisation.size_class, 'unknown'), event.kind, site.mode) AS cells,
        report_counts_as(event.kind, registration.role) AS counts_as, count(*)
    FROM event
    JOIN registration ON registration.event = event.id
    JOIN attendance ON attendance.registration = registration.id AND attendance.state = 'no_show'
    JOIN site ON site.id = registration.site
    LEFT JOIN organisation AS named ON named.id = registration.organisation
    LEFT JOIN organisation ON organisation.id = coalesce(named.merged_into, named.id)
    LEFT JOIN municipality ON municipality.code = registration.municipality
    WHERE event.id = ANY(events) AND registration.state = 'confirmed'
    GROUP BY event.id, 4, 5;
$$;
CREATE FUNCTION event_turnout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reconciled_at IS NULL THEN
        DELETE FROM turnout WHERE event = NEW.id;
    ELSE
        PERFORM take_turnout(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER event_turnout AFTER UPDATE OF reconciled_at ON event
    FOR EACH ROW WHEN (OLD.reconciled_at IS DISTINCT FROM NEW.reconciled_at) EXECUTE FUNCTION event_turnout();
SELECT take_turnout(coalesce(array_agg(id), '{}')) FROM event WHERE reconciled_at IS NOT NULL;
"""

BACKWARDS = """
DROP TRIGGER event_turnout ON event;
DROP FUNCTION event_turnout;
DROP FUNCTION take_turnout;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="reports", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(FORWARDS)

    async def back() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
