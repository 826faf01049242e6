"""On which days a series is held: rules as RFC 5545 writes them, and what they say in words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from babel import dates
from babel.lists import format_list
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


def monthly(every: int, positions: Sequence[int], weekday: str) -> str:
    """Return the rule of every so many months on such weekdays of the month.

    [1, 3] and TU are the first and the third Tuesday, -1 is the last.
    """
    return f"FREQ=MONTHLY;INTERVAL={every};BYDAY={','.join(f'{position}{weekday}' for position in positions)}"


def monthly_on_day(every: int, day: int) -> str:
    """Return the rule of every so many months on a day of the month.

    A month that has no such day is left out (RFC 5545, 3.3.10: invalid dates are ignored).
    """
    return f"FREQ=MONTHLY;INTERVAL={every};BYMONTHDAY={day}"


def yearly(every: int, day: date) -> str:
    """Return the rule of every so many years on the date of `day`; a 29 February is held in leap years only."""
    return f"FREQ=YEARLY;INTERVAL={every};BYMONTH={day.month};BYMONTHDAY={day.day}"


def bounded(rule: str, *, skipped: Collection[int], until: date | None, times: int | None) -> str:
    """Return a rule with the months it leaves out (which a yearly one has no use for) and its end."""
    if skipped and not rule.startswith("FREQ=YEARLY"):
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
        ends = "COUNT=" in plan.rule or "UNTIL=" in plan.rule
        found = read if ends else takewhile(lambda day: day - first <= HORIZON, read)
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


LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""How many days each month has at most."""

SHORTEST = 28
"""Days that every month has."""


def has_day(day: int, skipped: Collection[int]) -> bool:
    """Say whether any month that is not left out ever has such a day."""
    return any(LONGEST_MONTHS[month - 1] >= day for month in MONTHS if month not in skipped)


def words(rule: str) -> str:
    """Say a rule in words, without its end: every 2 weeks: Tuesday; not in July."""
    parts = dict(part.split("=") for part in rule.split(";")) if rule else {}
    if not parts:
        return ""
    said = _rhythm(parts, int(parts["INTERVAL"]))
    if parts["FREQ"] == "YEARLY":
        return said
    kept = {int(month) for month in parts["BYMONTH"].split(",")} if "BYMONTH" in parts else set(MONTHS)
    if skipped := [month_name(month) for month in MONTHS if month not in kept]:
        said += _("; not in %(months)s", months=", ".join(skipped))
    return said


def _rhythm(parts: Mapping[str, str], every: int) -> str:
    """Say how often, and on which days."""
    if parts["FREQ"] == "WEEKLY":
        names = ", ".join(weekday_name(day) for day in parts["BYDAY"].split(","))
        return ngettext("Every week: %(days)s", "Every %(n)s weeks: %(days)s", every, days=names)
    if parts["FREQ"] == "YEARLY":
        day = date(2000, int(parts["BYMONTH"]), int(parts["BYMONTHDAY"]))  # a leap year has every date
        said = str(dates.format_skeleton("MMMMd", day, locale=babel_locale()))
        said = ngettext("Every year: %(date)s", "Every %(n)s years: %(date)s", every, date=said)
        return said + (_("; in leap years only") if (day.month, day.day) == (2, 29) else "")
    if "BYMONTHDAY" in parts:
        on = int(parts["BYMONTHDAY"])
        said = ngettext("Every month: on day %(day)s", "Every %(n)s months: on day %(day)s", every, day=on)
        return said + (_("; a month without such a day is left out") if on > SHORTEST else "")
    on_days = parts["BYDAY"].split(",")
    positions = [str(POSITIONS[int(each[:-2])]) for each in on_days]
    name = _(
        "%(weekday)s (the %(position)s of the month)",
        weekday=weekday_name(on_days[0][-2:]),
        position=format_list(positions, locale=babel_locale()),
    )
    return ngettext("Every month: %(days)s", "Every %(n)s months: %(days)s", every, days=name)
