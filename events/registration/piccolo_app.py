from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="registration",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [
            f"events.registration.{name}"
            for name in ("tables", "announcements.tables", "items.tables", "invitations.tables", "questions.tables")
        ],
        exclude_imported=True,
    ),
    migration_dependencies=["events.accounts.piccolo_app", "events.programme.piccolo_app"],
)
