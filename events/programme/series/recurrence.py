"""On which days a series is held: rules as RFC 5545 writes them, and what they say in words."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from babel import dates
from dateutil.rrule import rrulestr
from msgspec import Struct

from events.core.i18n import babel_locale, ngettext
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l

MOST = 60
"""Events that are made at once; a slip of the hand must not make hundreds."""

HORIZON = timedelta(days=5 * 366)
"""How far ahead a rule without an end is read."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS = range(1, 13)
POSITIONS = {
    1: _l("first"),
    2: _l("second"),
    3: _l("third"),
    4: _l("fourth"),
    -1: _l("last"),
}


class Plan(Struct, frozen=True, kw_only=True):
    """When an event is held again: by a rule (what stands after `RRULE:`) or on picked days, without those left out."""

    rule: str = ""
    dates: tuple[date, ...] = ()
    left_out: tuple[date, ...] = ()


def weekly(every: int, weekdays: Sequence[str]) -> str:
    """Return the rule of every so many weeks on these weekdays (MO, TU …)."""
    return f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(weekdays)}"


def monthly(every: int, position: int, weekday: str) -> str:
    """Return the rule of every so many months on such a weekday of the month: 2, TU is the second Tuesday."""
    return f"FREQ=MONTHLY;INTERVAL={every};BYDAY={position}{weekday}"


def bounded(rule: str, *, skipped: Collection[int], until: date | None, times: int | None) -> str:
    """Return a rule with the months it leaves out and its end."""
    if skipped:
        rule += f";BYMONTH={','.join(str(month) for month in MONTHS if month not in skipped)}"
    if until is not None:
        return f"{rule};UNTIL={until:%Y%m%d}"
    return f"{rule};COUNT={times}" if times is not None else rule


def days(plan: Plan, first: date) -> list[date]:
    """Return the days after `first` on which the event is held again, in order; at most MOST + 1, to tell too many.

    `first` itself counts where a rule ends after a number of times, as RFC 5545 has it.
    """
    found: Iterable[date] = sorted(set(plan.dates))
    if plan.rule:
        read = (moment.date() for moment in rrulestr(plan.rule, dtstart=datetime.combine(first, time())))
        found = takewhile(lambda day: day - first <= HORIZON, read)
    return list(islice((day for day in found if day != first and day not in plan.left_out), MOST + 1))


def position_in_month(day: date) -> int:
    """Return which of its weekday in the month a day is: 1 to 4, or -1 for a fifth."""
    number = (day.day - 1) // 7 + 1
    return number if number in POSITIONS else -1


def weekday_name(weekday: str) -> str:
    """Name a weekday (MO, TU …) in the present language."""
    return str(dates.get_day_names("wide", "stand-alone", babel_locale())[WEEKDAYS.index(weekday)])


def month_name(month: int) -> str:
    """Name a month in the present language."""
    return str(dates.get_month_names("wide", "stand-alone", babel_locale())[month])


def words(rule: str) -> str:
    """Say a rule in words, without its end: every 2 weeks: Tuesday; not in July."""
    parts = dict(part.split("=") for part in rule.split(";")) if rule else {}
    if not parts:
        return ""
    every, on = int(parts["INTERVAL"]), parts["BYDAY"]
    if parts["FREQ"] == "WEEKLY":
        names = ", ".join(weekday_name(day) for day in on.split(","))
        said = ngettext("Every week: %(days)s", "Every %(n)s weeks: %(days)s", every, days=names)
    else:
        name = _(
            "%(weekday)s (the %(position)s of the month)",
            weekday=weekday_name(on[-2:]),
            position=POSITIONS[int(on[:-2])],
        )
        said = ngettext("Every month: %(days)s", "Every %(n)s months: %(days)s", every, days=name)
    kept = {int(month) for month in parts["BYMONTH"].split(",")} if "BYMONTH" in parts else set(MONTHS)
    if skipped := [month_name(month) for month in MONTHS if month not in kept]:
        said += _("; not in %(months)s", months=", ".join(skipped))
    return said
