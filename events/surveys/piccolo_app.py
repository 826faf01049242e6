from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="surveys",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(["events.surveys.tables", "events.surveys.tagging.tables"], exclude_imported=True),
    migration_dependencies=["events.registration.piccolo_app"],
)
