from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from enum import Enum
from piccolo.columns.column_types import Varchar

ID = "2026-11-28T17:04:39:243766"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="accounts", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="StaffGrant",
        tablename="staff_grant",
        column_name="role",
        db_column_name="role",
        params={
            "choices": Enum(
                "Role",
                {
                    "ADMIN": "admin",
                    "COORDINATOR": "coordinator",
                    "ORGANISER": "organiser",
                    "CHAIR": "chair",
                    "DOOR": "door",
                    "VIEWER": "viewer",
                },
            )
        },
        old_params={
            "choices": Enum(
                "Role",
                {
                    "ADMIN": "admin",
                    "COORDINATOR": "coordinator",
                    "ORGANISER": "organiser",
                    "DOOR": "door",
                    "VIEWER": "viewer",
                },
            )
        },
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
