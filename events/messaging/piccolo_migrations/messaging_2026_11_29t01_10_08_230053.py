from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from enum import Enum
from piccolo.columns.column_types import Varchar

ID = "2026-11-29T01:10:08:230053"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="messaging", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="Message",
        tablename="message",
        column_name="reason",
        db_column_name="reason",
        params={
            "choices": Enum(
                "Reason",
                {
                    "CONFIRMATION": "confirmation",
                    "WAITING": "waiting",
                    "PLACE_FREED": "place_freed",
                    "OFFER": "offer",
                    "CONFIRM_ADDRESS": "confirm_address",
                    "LAPSED": "lapsed",
                    "GROUP": "group",
                    "NOT_TRANSFERRED": "not_transferred",
                    "NOT_CHANGED": "not_changed",
                    "ALREADY_REGISTERED": "already_registered",
                    "CHANGED": "changed",
                    "CANCELLED": "cancelled",
                    "EVENT_CHANGED": "event_changed",
                    "EVENT_CANCELLED": "event_cancelled",
                    "MATERIALS": "materials",
                    "REMINDER": "reminder",
                    "ENTRY_DECLINED": "entry_declined",
                    "INVITATION": "invitation",
                    "INVITATION_REMINDER": "invitation_reminder",
                    "INVITATION_CHANGED": "invitation_changed",
                    "INVITATION_CANCELLED": "invitation_cancelled",
                    "ANNOUNCEMENT": "announcement",
                    "DIGEST": "digest",
                    "ANNOUNCEMENT_TEST": "announcement_test",
                    "NEWS": "news",
                    "NEWS_TEST": "news_test",
                    "LEFT_OPEN": "left_open",
                    "HEAR_AGAIN": "hear_again",
                    "SURVEY": "survey",
                    "SIGN_IN": "sign_in",
                    "INVITATION_STAFF": "invitation_staff",
                    "FEEDBACK": "feedback",
                },
            )
        },
        old_params={
            "choices": Enum(
                "Reason",
                {
                    "CONFIRMATION": "confirmation",
                    "WAITING": "waiting",
                    "PLACE_FREED": "place_freed",
                    "OFFER": "offer",
                    "CONFIRM_ADDRESS": "confirm_address",
                    "LAPSED": "lapsed",
                    "GROUP": "group",
                    "NOT_TRANSFERRED": "not_transferred",
                    "NOT_CHANGED": "not_changed",
                    "ALREADY_REGISTERED": "already_registered",
                    "CHANGED": "changed",
                    "CANCELLED": "cancelled",
                    "EVENT_CHANGED": "event_changed",
                    "EVENT_CANCELLED": "event_cancelled",
                    "MATERIALS": "materials",
                    "REMINDER": "reminder",
                    "ENTRY_DECLINED": "entry_declined",
                    "INVITATION": "invitation",
                    "INVITATION_REMINDER": "invitation_reminder",
                    "INVITATION_CHANGED": "invitation_changed",
                    "INVITATION_CANCELLED": "invitation_cancelled",
                    "ANNOUNCEMENT": "announcement",
                    "DIGEST": "digest",
                    "ANNOUNCEMENT_TEST": "announcement_test",
                    "NEWS": "news",
                    "NEWS_TEST": "news_test",
                    "LEFT_OPEN": "left_open",
                    "SURVEY": "survey",
                    "SIGN_IN": "sign_in",
                    "INVITATION_STAFF": "invitation_staff",
                    "FEEDBACK": "feedback",
                },
            )
        },
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
