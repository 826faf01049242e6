from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="checkin",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [
            f"events.checkin.{name}"
            for name in (
                "tables",
                "devices.tables",
                "settings.tables",
                "walk_in.tables",
                "meetings.tables",
                "papers.tables",
            )
        ],
        exclude_imported=True,
    ),
    migration_dependencies=["events.registration.piccolo_app", "events.accounts.piccolo_app"],
)
