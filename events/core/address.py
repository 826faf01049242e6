"""Under which address the service is reached, as every process knows it: set, or noted by the running server."""

from datetime import datetime

from events.core import database, settings

KEY = "public_url"

_given: bool | None = None


async def note_public_url(url: str, now: datetime) -> None:
    """Let separate processes know the address of the running server."""
    await database.execute(
        "INSERT INTO service_state (key, value, changed_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
        *(KEY, url, now),
    )


async def adopt_public_url() -> None:
    """Take the noted address as SIXNET_PUBLIC_URL of this process, unless one was set when it began."""
    global _given  # noqa: PLW0603 - a fact about this process
    known = settings.get_settings().public_url
    if _given is None:
        _given = known is not None
    if _given:
        return
    noted = await database.fetchval("SELECT value FROM service_state WHERE key = $1", KEY)
    if noted and noted != known:
        settings.override(public_url=noted)
