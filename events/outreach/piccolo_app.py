from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="outreach",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(["events.outreach.tables", "events.outreach.reminders.tables"], exclude_imported=True),
    migration_dependencies=["events.programme.piccolo_app"],
)
