"""Last days that count in full: kept as the midnight that ends them, shown as the day itself."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.core.clock import FINLAND


def end_of(day: date, zone: str = FINLAND) -> datetime:
    """Return the midnight that ends a day of `zone`, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def last_before(end: datetime, zone: str = FINLAND) -> date:
    """Return the last day of `zone` that has begun before `end`: the one that a midnight ends."""
    return (end.astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)).date()


def ends_a_day(moment: datetime, zone: str = FINLAND) -> bool:
    """Whether it is a midnight of `zone`."""
    return moment.astimezone(ZoneInfo(zone)).time() == time()
