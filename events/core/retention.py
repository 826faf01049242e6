"""How long what is known of the participants of an event is kept: one setting, counted from the event's end.

Each column is declared with its own clock (`core/privacy.py`); this is the one of those that an installation sets.
"""

from calendar import monthrange
from datetime import datetime
from zoneinfo import ZoneInfo

from events.core.i18n import ngettext
from events.core.settings import get_settings

MONTHS_OF_A_YEAR = 12

PAST = """
((event.ends_at AT TIME ZONE event.zone) + make_interval(months => $2::int)) AT TIME ZONE event.zone <= $1::timestamptz
"""
"""As `kept_until`, asked of the table `event`; $1 is the moment, $2 the months (`months()`)."""


def months() -> int:
    """Return for how many months after its end the data of an event are kept."""
    return get_settings().retention_months


def kept_until(ends_at: datetime, zone: str) -> datetime:
    """Return when the data of an event that ends then are deleted: so many months later by the event's own clock.

    Where that month has no such day it is the month's last one, as PostgreSQL has it.
    """
    local = ends_at.astimezone(ZoneInfo(zone))
    years, month = divmod(local.month - 1 + months(), MONTHS_OF_A_YEAR)
    year, month = local.year + years, month + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def in_words() -> str:
    """Return how long that is, in the present language: in whole years where it is such."""
    years, rest = divmod(months(), MONTHS_OF_A_YEAR)
    if rest:
        return ngettext("%(n)s month", "%(n)s months", months())
    return ngettext("%(n)s year", "%(n)s years", years)
