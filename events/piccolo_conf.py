"""What Piccolo looks for: the engine and the apps, in the order in which they may depend on each other."""

from piccolo.conf.apps import AppRegistry

from events.core.database import DB

FEATURES = (
    "core",
    "messaging",
    "accounts",
    "network",
    "programme",
    "registration",
    "checkin",
    "surveys",
    "outreach",
    "reports",
)

APP_REGISTRY = AppRegistry(apps=[f"events.{feature}.piccolo_app" for feature in FEATURES])

__all__ = ["APP_REGISTRY", "DB", "FEATURES"]
