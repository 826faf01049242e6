from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core import i18n, last_days

NOON = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "fi"),
        ("de, fr;q=0.9", "fi"),
        ("sv-FI,sv;q=0.9", "sv"),
        ("en;q=0.5, sv;q=0.8", "sv"),
        ("en;q=0, fi;q=0.1", "fi"),
        ("en;q=nonsense,sv", "sv"),
    ],
)
def test_the_language_follows_the_browsers_wishes(header: str, expected: str) -> None:
    assert i18n.negotiate(header) == expected


@given(st.text())
def test_any_header_gives_one_of_our_languages(header: str) -> None:
    assert i18n.negotiate(header) in i18n.LANGUAGES


def test_times_are_written_in_the_events_zone_and_the_readers_way() -> None:
    with i18n.in_language("fi"):
        assert i18n.format_time(NOON) == "12.30"
        assert i18n.format_number(1234.5) == "1\xa0234,5"
    with i18n.in_language("en"):
        assert i18n.format_time(NOON, "Europe/Stockholm") == "11:30"


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_a_negative_number_has_a_minus_sign_where_it_is_read_and_a_hyphen_where_it_is_typed(code: str) -> None:
    with i18n.in_language(code):
        assert i18n.format_number(-3) == "−3"
        assert i18n.typed_number(-3) == "-3"


def test_a_decimal_keeps_the_decimals_that_it_has() -> None:
    with i18n.in_language("fi"):
        written = [i18n.format_number(Decimal(value)) for value in ("4.0", "-1234.50", "7")]
        assert written == ["4,0", "−1\xa0234,50", "7"]


def test_a_moment_is_short_and_keeps_its_hour_on_one_line() -> None:
    written = {}
    for code in i18n.LANGUAGES:
        with i18n.in_language(code):
            written[code] = i18n.format_moment(NOON)
    assert written == {"fi": "1.3.2026 klo\xa012.30", "sv": "1.3.2026 kl.\xa012:30", "en": "01/03/2026 12:30"}


def test_what_a_midnight_ends_is_open_until_the_day_before_it() -> None:
    end = datetime(2026, 12, 13, 22, tzinfo=UTC)
    with i18n.in_language("fi"):
        assert i18n.format_ending(end) == "sunnuntaina 13. joulukuuta 2026"
        assert i18n.format_ending(end, "Europe/Lisbon") == "sunnuntaina 13. joulukuuta 2026 klo\xa022.00"
    assert last_days.end_of(date(2026, 12, 13)) == end
    assert last_days.last_before(end) == date(2026, 12, 13)


def test_a_missing_text_falls_back_and_says_its_language() -> None:
    assert i18n.pick({"fi": "Paja", "en": "Workshop"}, "sv") == ("Paja", "fi")
    assert i18n.pick({}, "sv") == ("", "sv")


@pytest.mark.parametrize(
    ("day", "said"), [(1, "sunnuntaina 1. maaliskuuta 2026"), (2, "maanantaina 2. maaliskuuta 2026")]
)
def test_finnish_says_on_a_day_by_its_case_on_sundays_too(day: int, said: str) -> None:
    with i18n.in_language("fi"):
        assert i18n.format_datetime(NOON.replace(day=day)).startswith(said)


def test_until_when_has_the_case_that_finnish_asks_for() -> None:
    monday = datetime(2027, 1, 11, 11, 30, tzinfo=UTC)
    with i18n.in_language("fi"):
        said = [i18n.format_until(monday + timedelta(days=day)) for day in range(7)]
        assert said[1] == "tiistaihin 12. tammikuuta 2027 klo\xa013.30"
        assert [each.partition(" ")[0][-2:] for each in said] == ["in", "in", "on", "in", "in", "in", "in"]
    with i18n.in_language("sv"):
        assert i18n.format_until(monday).startswith("måndag")
