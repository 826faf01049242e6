from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a participation says as bits in which cells of a report it stands"

# The order of the codes is that of events/reports/counting/layout.py; a test compares them. What is in no list stands
# where the unknown ones do, so that each row is in exactly one cell of each break-down.
# The table is made anew so that what a count reads stands first in each row, at fixed places: a count of a million rows
# spends most of its time on finding its columns behind texts of any length.
FORWARDS = """
CREATE FUNCTION report_cells(region text, country text, organisation_type text, size_class text, kind text, mode text)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (1::bigint << (coalesce(
        array_position('{01,02,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,21}'::text[], region),
        CASE WHEN region = '' AND country <> 'FI' THEN 20 ELSE 21 END) - 1))
    | (1::bigint << (23 + coalesce(array_position(
        '{company,municipality,regional_council,university,research,education,development,state,association,other,unknown}'
        ::text[], organisation_type), 11)))
    | (1::bigint << (39 + coalesce(array_position('{micro,small,medium,large,none,unknown}'::text[], size_class), 6)))
    | (1::bigint << (47 + coalesce(array_position('{meeting,workshop,experience_exchange}'::text[], kind), 1)))
    | (1::bigint << (55 + coalesce(array_position('{venue,online}'::text[], mode), 1)));
CREATE FUNCTION report_counts_as(kind text, role text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    coalesce((array_position('{meeting,workshop,experience_exchange}'::text[], kind) - 1) * 5
        + array_position('{participant,speaker,host,project_staff,project_partner}'::text[], role), 0)::smallint;
ALTER TABLE participation RENAME TO participation_before;
CREATE TABLE participation (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    registration uuid NOT NULL,
    event uuid NOT NULL,
    person uuid NOT NULL,
    cells bigint NOT NULL GENERATED ALWAYS AS
        (report_cells(region, country, organisation_type, size_class, event_kind, site_mode)) STORED,
    minutes integer DEFAULT 0 NOT NULL,
    held_on date NOT NULL,
    month smallint NOT NULL GENERATED ALWAYS AS
        ((extract(year FROM held_on) * 12 + extract(month FROM held_on) - 1)::smallint) STORED,
    counts_as smallint NOT NULL GENERATED ALWAYS AS (report_counts_as(event_kind, role)) STORED,
    person_certain boolean DEFAULT true NOT NULL,
    organisation uuid,
    role varchar(20) DEFAULT '' NOT NULL,
    event_kind varchar(30) DEFAULT '' NOT NULL,
    host_region varchar(2) DEFAULT '' NOT NULL,
    site_mode varchar(10) DEFAULT '' NOT NULL,
    organisation_type varchar(20) DEFAULT '' NOT NULL,
    size_class varchar(10) DEFAULT '' NOT NULL,
    municipality varchar(3) DEFAULT '' NOT NULL,
    region varchar(2) DEFAULT '' NOT NULL,
    country varchar(2) DEFAULT 'FI' NOT NULL,
    source varchar(20) DEFAULT '' NOT NULL
);
INSERT INTO participation (id, registration, event, person, minutes, held_on, person_certain, organisation, role,
    event_kind, host_region, site_mode, organisation_type, size_class, municipality, region, country, source)
SELECT id, registration, event, person, minutes, held_on, person_certain, organisation, role,
    event_kind, host_region, site_mode, organisation_type, size_class, municipality, region, country, source
FROM participation_before;
DROP TABLE participation_before;
ALTER TABLE participation
    ADD CONSTRAINT participation_pkey PRIMARY KEY (id),
    ADD CONSTRAINT participation_registration_key UNIQUE (registration),
    ADD CONSTRAINT participation_registration_fkey FOREIGN KEY (registration) REFERENCES registration
        ON UPDATE CASCADE ON DELETE RESTRICT,
    ADD CONSTRAINT participation_event_fkey FOREIGN KEY (event) REFERENCES event
        ON UPDATE CASCADE ON DELETE RESTRICT,
    ADD CONSTRAINT participation_person_fkey FOREIGN KEY (person) REFERENCES person
        ON UPDATE CASCADE ON DELETE RESTRICT,
    ADD CONSTRAINT participation_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation
        ON UPDATE CASCADE ON DELETE RESTRICT;
CREATE INDEX participation_event ON participation (event);
CREATE INDEX participation_held_on ON participation (held_on);
"""

BACKWARDS = """
ALTER TABLE participation DROP COLUMN cells, DROP COLUMN month, DROP COLUMN counts_as;
DROP FUNCTION report_cells;
DROP FUNCTION report_counts_as;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="checkin", description=DESCRIPTION)

    async def run() -> None:
        await database.execute(FORWARDS)

    async def back() -> None:
        await database.execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
