"""Bringing a database up to date: schema, the broker's tables, reference data; one at a time, by an advisory lock."""

import io
from contextlib import redirect_stdout

import psycopg
from dramatiq_postgres.schema import init as init_broker_schema
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration

from events import schema
from events.core import database
from events.core.errors import ServiceError
from events.network.reference import load_reference_data
from events.registration.notice import publish_notice

LOCK = 7_146_301
"""Number of the advisory lock that keeps two migrations apart."""


async def pending() -> list[str]:
    """Return the migrations that this database still lacks, as "app: id"."""
    manager = BaseMigrationManager()
    if not await database.fetchval("SELECT to_regclass('migration') IS NOT NULL"):
        return [f"{name}: all" for name in manager.get_sorted_app_names()]
    missing = []
    for name in manager.get_sorted_app_names():
        folder = manager.get_app_config(app_name=name).resolved_migrations_folder_path
        known = set(await Migration.get_migrations_which_ran(app_name=name))
        ids = manager.get_migration_ids(manager.get_migration_modules(folder))
        missing += [f"{name}: {identifier}" for identifier in ids if identifier not in known]
    return missing


async def migrate(url: str) -> None:
    """Bring the database at `url` up to date; the pool must be open on it. ServiceError when a migration fails."""
    async with database.pool_connection() as lock:
        await lock.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK)
        try:
            if await pending():
                with redirect_stdout(io.StringIO()) as said:
                    result = await run_forwards("all")
                if not result.success:
                    raise ServiceError(f"A migration failed: {said.getvalue().strip().splitlines()[-1]}")
            with psycopg.connect(url) as connection, connection.cursor() as cursor:
                init_broker_schema(cursor)
            await load_reference_data()
            await publish_notice()
            await schema.note_current()
        finally:
            await lock.execute("SELECT pg_advisory_unlock($1); ", LOCK)
            await lock.execute("RESET ALL")
