from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="programme",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [
            f"events.programme.{name}"
            for name in (
                *("tables", "plan.tables", "agenda.tables", "arrivals.tables", "materials.tables"),
                "reminders.tables",
            )
        ],
        exclude_imported=True,
    ),
    migration_dependencies=["events.network.piccolo_app"],
)
