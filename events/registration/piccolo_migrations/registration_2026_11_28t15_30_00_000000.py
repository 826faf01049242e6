from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T15:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "questions of the events of a series know their counterparts"

# From now on copies share an origin. Those made before are paired here once, by what they had in common when they were
# made: questions by their code.
_PAIR = """
UPDATE {table} SET origin = paired.origin FROM (
    SELECT id, first_value(origin) OVER (PARTITION BY series, same, place ORDER BY starts_at, event) AS origin FROM (
        SELECT {table}.id, origin, event, series, event.starts_at, row({same})::text AS same,
            row_number() OVER (PARTITION BY event, row({same})::text ORDER BY {table}.{order}, {table}.id) AS place
        FROM {table} JOIN event ON event.id = {table}.event WHERE series IS NOT NULL
    ) AS placed
) AS paired WHERE paired.id = {table}.id AND paired.origin <> {table}.origin
"""
FORWARDS = (
    _PAIR.format(table="question", same="code", order="position"),
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registration", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await database.execute(statement)

    async def back() -> None:
        """Nothing to take back: the columns go with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
