"""Moments and lengths of time as reports of meetings write them, in any of the languages of their organisers."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from events.core.text import fold

_DATES = {
    "year": r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
    "dots": r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2})",
    "slashes": r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d{2})",
}
_TIME = r"(?:,|T|\s|klo|kl\.?|at)+(?P<hour>\d{1,2})[.:](?P<minute>\d{2})(?:[.:](?P<second>\d{2}))?\s*(?P<half>[a-z. ]*)"
_MOMENTS = [re.compile(rf"{date}{_TIME}", re.IGNORECASE) for date in _DATES.values()]
_HALVES = {"am": 0, "ap": 0, "fm": 0, "pm": 12, "ip": 12, "em": 12}
"""Before and after noon in English, Finnish and Swedish."""

_SLASHES = re.compile(r"\s*(\d{1,2})/(\d{1,2})/\d")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_PART = re.compile(r"(\d+)\s*([^\W\d_]+)\.?")
_UNITS = {"d": 86400, "p": 86400, "h": 3600, "t": 3600, "m": 60, "s": 1}
"""Seconds of a unit by its first letter: day, päivä, hour, tunti, timme, minute, second."""

CLOSE = timedelta(days=1)


def read_moment(text: str, *, month_first: bool) -> datetime | None:
    """Read a date with a time of day, in no zone; None for what is none.

    `12/8/22, 9:00:12 AM`, `8.12.2022 klo 9.00.12`, `2022-12-08 09:00:12`; `month_first` says how dates with slashes
    are meant.
    """
    found = next((match for pattern in _MOMENTS if (match := pattern.fullmatch(text.strip()))), None)
    if found is None:
        return None
    parts = found.groupdict()
    if "a" in parts:
        parts["m"], parts["d"] = (parts["a"], parts["b"]) if month_first else (parts["b"], parts["a"])
    year, hour = int(parts["y"]), int(parts["hour"])
    year = year if year > 99 else 2000 + year  # noqa: PLR2004 - written with two digits
    if not 2000 <= year < 2100:  # noqa: PLR2004 - no meeting was online before, and sums of such moments overflow
        return None
    half = fold(parts["half"]).replace(" ", "")
    if half:
        if half not in _HALVES or not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a half day
            return None
        hour = hour % 12 + _HALVES[half]
    try:
        return datetime(  # noqa: DTZ001 - whoever reads the report knows its zone
            year,
            int(parts["m"]),
            int(parts["d"]),
            hour,
            int(parts["minute"]),
            int(parts["second"] or 0),
        )
    except ValueError:
        return None


def month_comes_first(texts: Iterable[str], near: datetime) -> bool:
    """Say whether dates with slashes in a report are meant as month/day, as in the United States.

    What only one reading makes a date of decides; then which of the two lies at `near`, the event; then whether the
    hours are written with AM and PM.
    """
    dated = [text for text in texts if _SLASHES.match(text)]
    read = {
        first: [moment for text in dated if (moment := read_moment(text, month_first=first))] for first in (True, False)
    }
    if len(read[True]) != len(read[False]):
        return len(read[True]) > len(read[False])
    close = {first: any(abs(moment - near) < CLOSE for moment in moments) for first, moments in read.items()}
    if close[True] != close[False]:
        return close[True]
    return any(fold(text)[-2:] in {"am", "pm"} or fold(text)[-3:] in {"a m", "p m"} for text in dated)


def read_seconds(text: str) -> int | None:
    """Read a length of time; None for what is none.

    `1h 2m 3s`, `1 h 2 min`, `1 tim 2 min 3 sek`, `1:02:03`; a number alone is minutes, as Zoom writes it.
    """
    text = text.strip()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return _at_most(hours * 3600 + minutes * 60 + seconds)
    if re.fullmatch(r"\d{1,6}", text):
        return _at_most(int(text) * 60)
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip(" ,") or any(unit[0].lower() not in _UNITS for _n, unit in parts):
        return None
    return _at_most(sum(int(number[:9]) * _UNITS[unit[0].lower()] for number, unit in parts))


def _at_most(seconds: int) -> int:
    return min(seconds, 30 * 86400)
