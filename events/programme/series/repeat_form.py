"""The form of a series: how often an event is held again, in plain words, or on which picked days."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from wtforms import Field, HiddenField, IntegerField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from events.core.forms import BaseForm, CheckboxesField, add_error, choices
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme.fields import YEARS, day_field
from events.programme.series import recurrence
from events.programme.series.recurrence import MONTHS, POSITIONS, WEEKDAYS, Plan, month_name, weekday_name

MOST_APART = 52
LONGEST_LIST = 2000


def list_of_days(label: Any, description: Any) -> TextAreaField:
    """Several dates, typed one on a line."""
    return TextAreaField(label, [Length(max=LONGEST_LIST)], description=description, render_kw={"rows": 3})


class RepeatForm(BaseForm):
    """Every so many weeks, months or years, or picked days; `plan` holds what a valid form asks for.

    `first` is the day of the event that is repeated: each year it is held on that date.
    """

    how = RadioField(_l("How the dates are found"))
    every = IntegerField(
        _l("Every how many weeks, months or years"),
        [Optional(), NumberRange(1, MOST_APART, _l("Give a number from 1 to 52."))],
        description=_l("1 is every week, month or year, 2 every second."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    weekdays = CheckboxesField(_l("On these days of the week"))
    position = CheckboxesField(_l("Which of the month"), coerce=int)
    weekday = SelectField(_l("Day of the week"))
    month_day = IntegerField(
        _l("Day of the month"),
        [Optional(), NumberRange(1, 31, _l("Give a day from 1 to 31."))],
        description=_l("A month without such a day is left out: the 31st is held in seven months of the year."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    until = day_field(_l("Until"), required=False, description=_l("The last possible date."))
    times = IntegerField(
        _l("or how many times"),
        [Optional(), NumberRange(2, recurrence.MOST + 1, _l("Give a number from 2 to 61."))],
        description=_l("This event is the first of them."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    skipped = CheckboxesField(_l("Leave out these months"), coerce=int)
    left_out = list_of_days(_l("Leave out these dates"), _l("One on a line, like 6.12.2026."))
    dates = list_of_days(_l("Dates"), _l("One on a line, like 22.9.2026. The time of day is that of this event."))
    seen = HiddenField()

    plan = Plan()

    def __init__(self, *args: Any, first: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = first
        self.how.choices = choices(
            [
                ("weeks", _("Every week or every few weeks, on certain days")),
                ("months", _("Every month or every few months, such as on the second Tuesday")),
                ("days", _("Every month or every few months, always on the same day of the month")),
                ("years", _("Every year or every few years, on the date of this event")),
                ("dates", _("On dates that I pick")),
            ]
        )
        names = [(weekday, weekday_name(weekday)) for weekday in WEEKDAYS]
        self.weekdays.choices = choices(names)
        self.weekday.choices = choices(names)
        self.position.choices = [SelectChoice(number, str(name)) for number, name in POSITIONS.items()]
        self.skipped.choices = [SelectChoice(month, month_name(month)) for month in MONTHS]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.only_language_changes or not valid:
            return False
        if self.how.data == "dates":
            self.plan = Plan(dates=tuple(read_days(self.dates)))
            if not self.plan.dates and not self.dates.errors:
                add_error(self.dates, _("Give a date."))
        else:
            left_out = read_days(self.left_out)
            self._check_rule()
            if not self.errors:
                self.plan = Plan(rule=self._rule(), left_out=tuple(left_out))
        return not self.errors

    def _check_rule(self) -> None:
        if self.how.data == "weeks" and not self.weekdays.data:
            add_error(self.weekdays, _("Choose at least one day."))
        if self.how.data == "months" and not self.position.data:
            add_error(self.position, _("Choose at least one."))
        if self.how.data == "days":
            self._check_month_day()
        if self.until.data is None and self.times.data is None:
            add_error(self.until, _("Say until when, or how many times."))
        if self.until.data is not None and self.times.data is not None:
            add_error(self.times, _("Give the last date or the number of times, not both."))
        if len(self.skipped.data or []) == len(MONTHS):
            add_error(self.skipped, _("At least one month must remain."))

    def _check_month_day(self) -> None:
        if self.month_day.data is None:
            add_error(self.month_day, _("Give a day from 1 to 31."))
        elif not recurrence.has_day(self.month_day.data, self.skipped.data or []):
            add_error(self.month_day, _("None of the months that remain has such a day."))

    def _rule(self) -> str:
        every = self.every.data or 1
        if self.how.data == "weeks":
            rule = recurrence.weekly(every, self.weekdays.data)
        elif self.how.data == "months":
            rule = recurrence.monthly(every, self.position.data, self.weekday.data)
        elif self.how.data == "days":
            rule = recurrence.monthly_on_day(every, self.month_day.data)
        else:
            rule = recurrence.yearly(every, self.first)
        return recurrence.bounded(rule, skipped=self.skipped.data, until=self.until.data, times=self.times.data)


def read_days(field: Field) -> list[date]:
    """Return the dates that stand in a field, in order; what is none is said beside it."""
    days: set[date] = set()
    unread: list[str] = []
    for word in re.split(r"[\s,;]+", field.data or ""):
        if not word:
            continue
        day = _day(word)
        if day:
            days.add(day)
        else:
            unread.append(word)
    if unread:
        add_error(field, _("Not a date: %(words)s. Write it like 22.9.2026.", words=_shortened(unread)))
    return sorted(days)


def _shortened(words: Sequence[str]) -> str:
    return ", ".join(words[:3])[:60]


def _day(word: str) -> date | None:
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(word, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day.year in YEARS else None
    return None
