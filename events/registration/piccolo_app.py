from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="registration",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(["events.registration.tables", "events.registration.item_tables"]),
    migration_dependencies=["events.programme.piccolo_app"],
)
