"""Tables, migrations and declarations of personal data go together."""

from importlib import import_module

import asyncpg
import pytest
from piccolo.apps.migrations.auto.diffable_table import DiffableTable
from piccolo.apps.migrations.auto.schema_differ import SchemaDiffer
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.columns import Varchar
from piccolo.columns.base import Column
from piccolo.conf.apps import AppConfig
from piccolo.table import Table, create_table_class

from events import schema
from events.core import database
from events.core.privacy import DECLARED
from events.migrate import pending
from events.piccolo_conf import FEATURES

TELLING = {"Varchar", "Text", "JSON", "JSONB", "Bytea", "Array", "Email", "Secret"}
"""Column types that can hold something of a person; numbers, times, marks and references cannot say much alone."""


def app(feature: str) -> AppConfig:
    config: AppConfig = import_module(f"events.{feature}.piccolo_app").APP_CONFIG
    return config


@pytest.mark.parametrize("feature", FEATURES)
async def test_migrations_are_in_step_with_the_tables(feature: str) -> None:
    statements = await AutoMigrationManager(auto_input="y").get_alter_statements(app(feature))
    assert [line for each in statements for line in each.statements] == []


def test_a_table_without_its_migration_would_be_found() -> None:
    table = create_table_class("Forgotten", class_members={"name": Varchar()})
    new = DiffableTable(class_name="Forgotten", tablename="forgotten", columns=table._meta.columns, schema=None)
    differ = SchemaDiffer(schema=[new], schema_snapshot=[], auto_input="y")
    assert [line for each in differ.get_alter_statements() for line in each.statements]


async def test_a_database_that_was_migrated_lacks_nothing(db: asyncpg.Connection) -> None:
    assert await pending() == []
    assert await schema.is_current()
    await database.execute("UPDATE service_state SET value = 'another version' WHERE key = 'schema'")
    assert not await schema.is_current()
    await database.execute("DELETE FROM migration WHERE app_name = 'surveys'")
    assert all(name.startswith("surveys: ") for name in await pending())
    assert await pending()


def undeclared(table: type[Table]) -> list[str]:
    declared = DECLARED.get(table._meta.tablename, {})
    return [
        column._meta.name for column in table._meta.columns if _is_telling(column) and column._meta.name not in declared
    ]


def _is_telling(column: Column) -> bool:
    return any(kind.__name__ in TELLING for kind in type(column).__mro__)


@pytest.mark.parametrize("feature", FEATURES)
def test_every_column_that_can_hold_something_of_a_person_is_declared(feature: str) -> None:
    tables = app(feature).table_classes
    assert tables
    assert {table.__name__: missing for table in tables if (missing := undeclared(table))} == {}


@pytest.mark.parametrize("feature", FEATURES)
def test_no_column_is_declared_that_is_not_there(feature: str) -> None:
    for table in app(feature).table_classes:
        names = {column._meta.name for column in table._meta.columns}
        assert set(DECLARED[table._meta.tablename]) - names == set(), table


def test_an_undeclared_column_would_be_found() -> None:
    assert undeclared(create_table_class("Diary", class_members={"secrets": Varchar()})) == ["secrets"]
