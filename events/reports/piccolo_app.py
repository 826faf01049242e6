from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="reports",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(["events.reports.tables", "events.reports.funder.tables"], exclude_imported=True),
    migration_dependencies=["events.checkin.piccolo_app", "events.surveys.piccolo_app"],
)
