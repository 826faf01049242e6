"""When the mailbox in which mail arrives was read last, and what was wrong with it then."""

from events.core import database
from events.core.settings import get_settings

READ = "bounces_read"
"""Where it stands among the states of the service; the value is the trouble, "" for none."""

IS_DUE = f"""
SELECT NOT EXISTS (
    SELECT FROM service_state WHERE key = '{READ}' AND changed_at > $1::timestamptz - interval '5 minutes'
)
"""
"""Whether it is to be read at $1."""


async def trouble() -> str:
    """Return what was wrong when the mailbox was read last, "" when nothing was or none is set."""
    if not get_settings().bounce_imap_url:
        return ""
    return await database.fetchval("SELECT value FROM service_state WHERE key = $1", READ) or ""
