from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from events.core import database

ID = "2026-11-28T15:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what hangs on the events of a series knows its counterparts"

# From now on copies share an origin. Those made before are paired here once, by what they had in common when they were
# made: sites by kind and place in the list, items by title and hour, materials by what they are.
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
    _PAIR.format(table="site", same="mode", order="position"),
    _PAIR.format(
        table="agenda_item",
        same="agenda_item.title_fi, agenda_item.title_sv, agenda_item.title_en, agenda_item.kind, room,"
        " (agenda_item.starts_at AT TIME ZONE zone) - (event.starts_at AT TIME ZONE zone)",
        order="ends_at",
    ),
    _PAIR.format(
        table="material", same="url, stored, material.title_fi, material.title_sv, material.title_en", order="created_at"
    ),
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programme", description=DESCRIPTION)

    async def run() -> None:
        for statement in FORWARDS:
            await database.execute(statement)

    async def back() -> None:
        """Nothing to take back: the columns go with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
