"""Form fields that the programme's forms share: dates, times of day, places, choices."""

from datetime import date, datetime, time
from typing import Any

from babel.support import LazyProxy
from wtforms import DateField, Field, IntegerField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation

from events.core.forms import add_error
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.programme import rules

MOST_PLACES = 1_000_000

YEARS = range(2000, 2101)
"""The years in which anything is held or planned; browsers send 0026 while someone types 2026."""

NO_SUCH_DATE = _l("There is no such date. Write it like 22.9.2026.")

Label = str | LazyProxy


def day_field(label: Label, *, required: bool = True, description: Label = "") -> DateField:
    """A date, by the browser's calendar or typed the Finnish way."""
    return DateField(
        label,
        [InputRequired(_l("Give a date.")) if required else Optional(), _of_our_time],
        format=["%Y-%m-%d", "%d.%m.%Y"],
        invalid_value_message=NO_SUCH_DATE,
        description=description,
    )


def clock_field(label: Label, *, required: bool = True, description: Label = "") -> TimeField:
    """A time of day, typed with a colon or a full stop."""
    return TimeField(
        label,
        [InputRequired(_l("Give a time.")) if required else Optional()],
        format=["%H:%M", "%H.%M", "%H:%M:%S"],
        invalid_value_message=_l("There is no such time. Write it like 9.00."),
        description=description,
    )


def places_field(label: Label, description: Label = "") -> IntegerField:
    """How many may attend; empty means without limit."""
    return IntegerField(
        label,
        [Optional(), NumberRange(0, MOST_PLACES, _l("Give a number from 0 upwards, or leave it empty for no limit."))],
        description=description,
        render_kw={"inputmode": "numeric", "class": "short"},
    )


def hours_field(label: Label, description: Label) -> IntegerField:
    """For how many hours a place is held."""
    message = _l("Give a number of hours from 1 to %(most)s.", most=rules.LONGEST_HOLD)
    return IntegerField(
        label,
        [Optional(), NumberRange(1, rules.LONGEST_HOLD, message)],
        description=description,
        render_kw={"inputmode": "numeric", "class": "short"},
    )


def moment(day: Field, clock_time: Field, zone: str) -> datetime | None:
    """Return the moment that a date and a time field give, or None with the error beside the time."""
    if not isinstance(day.data, date) or not isinstance(clock_time.data, time):
        return None
    try:
        return rules.to_utc(day.data, clock_time.data, zone)
    except (ValueError, OverflowError):
        add_error(clock_time, _("This time does not exist: the clocks go forward then. Choose another."))
        return None


def _of_our_time(_form: Any, field: Field) -> None:
    if field.data and field.data.year not in YEARS:
        raise StopValidation(str(NO_SUCH_DATE))


def web_address(_form: Any, field: Field) -> None:
    """Accept what a browser may be sent to, and nothing else."""
    if field.data and not field.data.lower().startswith(("https://", "http://")):
        raise StopValidation(_("Write the whole address, beginning with https://."))
