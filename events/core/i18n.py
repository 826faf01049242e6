"""Languages: Finnish (default), Swedish, English; catalogues are compiled in memory from `locale/<language>/*.po`.

The messages in the code are English; Finnish and Swedish stand in one catalogue per feature.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations

from events.core.clock import FINLAND
from events.core.last_days import ends_a_day, last_before
from events.core.paths import folder

LANGUAGES = ("fi", "sv", "en")
DEFAULT_LANGUAGE = "fi"
LANGUAGE_NAMES: Mapping[str, str] = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_current: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def language() -> str:
    """Return the language of the present request or message: fi, sv or en."""
    return _current.get()


def set_language(code: str) -> None:
    """Let texts come out in `code` for the rest of the present request."""
    _current.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Let texts come out in `code` for everything that runs inside."""
    token = _current.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _current.reset(token)


def negotiate(accept_language: str) -> str:
    """Choose among our languages by an Accept-Language header; Finnish when none fits."""
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        code = tag.split("-")[0].lower()
        if code in LANGUAGES and weight > 0:
            wishes.append((-weight, position, code))
    return min(wishes)[2] if wishes else DEFAULT_LANGUAGE


def catalog(code: str) -> Catalog:
    """Read and merge the catalogues of one language; raises ValueError when two disagree about a message."""
    merged = Catalog(locale=code)
    for path in sorted((folder("locale") / code).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if not message.id:
                    continue
                known = merged.get(message.id, message.context)
                if known and known.string != message.string:
                    raise ValueError(f"{path.name}: {message.id!r} is translated differently elsewhere")
                merged[message.id] = message
    return merged


@lru_cache(maxsize=8)
def translations(code: str) -> NullTranslations:
    """Return the compiled catalogue of a language; English is what stands in the code."""
    if code == "en":
        return NullTranslations()
    buffer = io.BytesIO()
    write_mo(buffer, catalog(code))
    buffer.seek(0)
    return Translations(buffer)


def gettext(message: str, **values: object) -> str:
    """Translate `message` into the present language and fill in `%(name)s` values."""
    text: str = translations(language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """Translate by number; `%(n)s` is filled in with the number as the language writes it."""
    text: str = translations(language()).ngettext(singular, plural, n)
    return text % {"n": format_number(n), **values}


def lazy_gettext(message: str, **values: object) -> LazyProxy:
    """Translate when shown: for labels that are declared once, at import."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


def babel_locale(code: str | None = None) -> Locale:
    """Return Babel's locale; English is written the European way."""
    return _locale(code or language())


@lru_cache(maxsize=8)
def _locale(code: str) -> Locale:
    return Locale.parse({"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[code])


MINUS = "\N{MINUS SIGN}"
"""As Finnish and Swedish are written, and printed English; Babel keeps the hyphen of CLDR's patterns."""


def format_number(value: float | Decimal) -> str:
    """Write a number as the present language does: 1 234,5, −3; a Decimal with all decimals that it has: 4,0."""
    places = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
    pattern = f"#,##0.{'0' * places}" if places else None
    return str(numbers.format_decimal(value, pattern, locale=babel_locale())).replace("-", MINUS)


def typed_number(value: float) -> str:
    """Write a number as one types it into a form, so that reading it again gives the same: 1234,56."""
    plain = numbers.format_decimal(
        Decimal(str(value)), locale=babel_locale(), group_separator=False, decimal_quantization=False
    )
    return str(plain)


def format_size(size: int) -> str:
    """Write a number of bytes as people read it: 1,4 MB."""
    kilo, mega = 1_000, 1_000_000
    if size >= mega:
        return gettext("%(n)s MB", n=format_number(round(size / mega, 1)))
    return gettext("%(n)s kB", n=format_number(max(1, round(size / kilo))))


def format_date(value: date | datetime, zone: str = FINLAND, style: str = "long") -> str:
    """Write a date; an aware datetime is first taken to `zone`."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    if style == "short" and language() == "sv":
        style = "d.M.y"  # as Swedish is written in Finland; CLDR has Sweden's 2026-11-23, which breaks at its hyphens
    return _date(value, style, language())


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, code: str) -> str:
    # A day stands in thousands of letters and rows, and Babel thinks about each of them anew.
    said = str(dates.format_date(day, format=pattern, locale=_locale(code)))
    # CLDR has the case for "on a day" of six weekdays: maanantaina, but sunnuntai.
    return said.replace("sunnuntai ", "sunnuntaina ") if code == "fi" else said


def format_time(value: datetime | time, zone: str = FINLAND) -> str:
    """Write a time of day: 9.00 in Finnish, 09:00 in the others."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).time()
    return _time(value, language())


@lru_cache(maxsize=4096)
def _time(value: time, code: str) -> str:
    return str(dates.format_time(value, format="short", locale=_locale(code)))


_CLOCK = {"fi": "klo\N{NO-BREAK SPACE}", "sv": "kl.\N{NO-BREAK SPACE}", "en": ""}
"""What Finnish and Swedish put before a time of day; no line ends between the two."""


def format_datetime(value: datetime, zone: str = FINLAND) -> str:
    """Write weekday, date and time in the event's zone."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{_weekday(local.date())} {_CLOCK[language()]}{format_time(local.time())}"


def format_until(end: datetime, zone: str = FINLAND) -> str:
    """Write until when something lasts, as `format_ending` in the case that Finnish has for it: tiistaihin … asti."""
    said = format_ending(end, zone)
    weekday, space, rest = said.partition(" ")
    return f"{_INTO[weekday]}{space}{rest}" if language() == "fi" else said


_INTO = {
    "maanantaina": "maanantaihin",
    "tiistaina": "tiistaihin",
    "keskiviikkona": "keskiviikkoon",
    "torstaina": "torstaihin",
    "perjantaina": "perjantaihin",
    "lauantaina": "lauantaihin",
    "sunnuntaina": "sunnuntaihin",
}


def format_ending(end: datetime, zone: str = FINLAND) -> str:
    """Write when something ends: of what a midnight ends, the last day alone, as it counts in full."""
    return _weekday(last_before(end, zone)) if ends_a_day(end, zone) else format_datetime(end, zone)


def _weekday(day: date) -> str:
    # Finnish says on a day by the case of its name: tiistaina
    return _date(day, "EEEE d. MMMM y" if language() == "fi" else "full", language())


def format_moment(value: datetime, zone: str = FINLAND) -> str:
    """Write day and time in the few characters that a column of a table has: 23.11.2026 klo 9.00."""
    return f"{format_date(value, zone, 'short')} {_CLOCK[language()]}{format_time(value, zone)}"


def format_hours(start: datetime, end: datetime, zone: str = FINLAND) -> str:
    """Write from when until when, without the date unless it ends on another: klo 9.00–15.00."""
    return f"{_CLOCK[language()]}{format_time(start, zone)}–{format_end(start, end, zone)}"


def format_end(start: datetime, end: datetime, zone: str = FINLAND) -> str:
    """Write when something ends: the time of day, and the date when that is another; midnight ends its own day."""
    first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (start, end - timedelta(seconds=1)))
    said = format_time(end, zone)
    return said if first.date() == last.date() else f"{said} ({format_date(end, zone, 'short')})"


def format_span(start: datetime, end: datetime, zone: str = FINLAND) -> str:
    """Write when something happens, the date once when it begins and ends on the same day."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.date() == last.date():
        return f"{format_datetime(start, zone)}–{format_time(last.time())}"
    return f"{format_datetime(start, zone)} – {format_datetime(end, zone)}"


def pick(texts: Mapping[str, str], wanted: str | None = None) -> tuple[str, str]:
    """Return (text, its language): the wanted one, else the first there is of fi, sv, en; ("", wanted) if none."""
    wanted = wanted or language()
    for code in (wanted, *LANGUAGES):
        if texts.get(code):
            return texts[code], code
    return "", wanted


def by_column(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts by the columns, or fields, of which there is one per language: `name`_fi and so on."""
    return {f"{name}_{code}": texts.get(code, "") for code in LANGUAGES}
