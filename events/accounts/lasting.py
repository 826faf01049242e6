"""How long links and sessions last; pure."""

from datetime import datetime, timedelta

SIGN_IN_LINK_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(days=7)
SESSION_IDLE = timedelta(days=7)
"""How long a session outlasts its last use."""

SESSION_LONGEST = timedelta(days=30)
"""When a session ends however much it is used."""


def session_end(created_at: datetime, now: datetime) -> datetime:
    """Return until when a session holds that is used `now`."""
    return min(now + SESSION_IDLE, created_at + SESSION_LONGEST)
