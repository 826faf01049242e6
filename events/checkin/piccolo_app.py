from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="checkin",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(["events.checkin.tables", "events.checkin.papers.tables"]),
    migration_dependencies=["events.registration.piccolo_app"],
)
