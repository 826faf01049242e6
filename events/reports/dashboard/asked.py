"""What a dashboard was asked for: the filters in words with a way to take each off, and periods at one press."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from msgspec import Struct

from events.core.i18n import gettext as _
from events.reports.called import filters_called
from events.reports.dashboard.shapes import Dashboard

_LAST_MONTH_OF = 12


class Asked(Struct, frozen=True):
    """One filter in words; `without` are the filters without it, as an address holds them."""

    label: str
    value: str
    without: str = ""


class Preset(Struct, frozen=True):
    """A period by its name, and the filters with it as an address holds them."""

    name: str
    query: str
    current: bool


def in_words(made: Dashboard, given: Mapping[str, str] | None = None) -> list[Asked]:
    """Say in the present language what the dashboard lets in; `given` are the filters of its address."""
    kept = given or {}
    return [
        Asked(label, value, urlencode({other: value for other, value in kept.items() if other != name}))
        for name, (label, value) in filters_called(made.filters, made.filter_names).items()
    ]


def presets(given: Mapping[str, str], today: date, project: tuple[date, date] | None) -> list[Preset]:
    """Return this year, last year, this quarter and the chosen project's period, with the other filters as they are."""
    first = date(today.year, today.month - (today.month - 1) % 3, 1)
    periods = [
        (_("This year"), date(today.year, 1, 1), date(today.year, 12, 31)),
        (_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        (_("This quarter"), first, _end_of_quarter(first)),
        *([(_("The project’s period"), *project)] if project else []),
    ]
    return [
        Preset(
            name,
            urlencode({**given, "from": start.isoformat(), "to": end.isoformat()}),
            (given.get("from"), given.get("to")) == (start.isoformat(), end.isoformat()),
        )
        for name, start, end in periods
    ]


def _end_of_quarter(first: date) -> date:
    month = first.month + 3
    after = date(first.year + month // (_LAST_MONTH_OF + 1), (month - 1) % _LAST_MONTH_OF + 1, 1)
    return after - timedelta(days=1)
