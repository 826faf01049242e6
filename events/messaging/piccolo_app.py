from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="messaging",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [f"events.messaging.{name}" for name in ("tables", "webhooks.tables", "templates.tables")]
    ),
    migration_dependencies=[],
)
