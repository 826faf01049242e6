from calendar import isleap
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core.i18n import in_language
from events.programme.series.recurrence import (
    HORIZON,
    MOST,
    Plan,
    bounded,
    days,
    has_day,
    monthly,
    monthly_on_day,
    position_in_month,
    weekly,
    words,
    yearly,
)

FIRST = date(2026, 9, 8)
"""The second Tuesday of September."""


def test_every_second_tuesday_of_a_month_but_not_in_july() -> None:
    rule = bounded(monthly(1, [2], "TU"), skipped=[7], until=date(2027, 9, 30), times=None)
    found = days(Plan(rule=rule), FIRST)
    assert found[:2] == [date(2026, 10, 13), date(2026, 11, 10)]
    assert all((day.weekday(), 8 <= day.day <= 14) == (1, True) for day in found)
    assert {day.month for day in found} == set(range(1, 13)) - {7}
    assert len(found) == 11


def test_every_second_week_on_tuesday() -> None:
    rule = bounded(weekly(2, ["TU"]), skipped=[], until=None, times=4)
    assert days(Plan(rule=rule), FIRST) == [FIRST + timedelta(weeks=2 * number) for number in (1, 2, 3)]


def test_the_last_friday_and_several_weekdays() -> None:
    last = bounded(monthly(2, [-1], "FR"), skipped=[], until=None, times=2)
    assert days(Plan(rule=last), FIRST) == [date(2026, 9, 25), date(2026, 11, 27)]
    both = bounded(weekly(1, ["TU", "TH"]), skipped=[], until=date(2026, 9, 17), times=None)
    assert days(Plan(rule=both), FIRST) == [date(2026, 9, 10), date(2026, 9, 15), date(2026, 9, 17)]


def test_picked_days_come_once_and_in_order_without_those_left_out() -> None:
    picked = (date(2026, 12, 1), FIRST, date(2026, 10, 1), date(2026, 12, 1), date(2026, 11, 1))
    assert days(Plan(dates=picked, left_out=(date(2026, 11, 1),)), FIRST) == [date(2026, 10, 1), date(2026, 12, 1)]


def test_a_rule_without_end_is_read_no_further_than_it_may_be() -> None:
    assert len(days(Plan(rule=weekly(1, ["MO", "TU"])), FIRST)) == MOST + 1
    assert days(Plan(rule=weekly(52, ["TU"])), FIRST)[-1] <= FIRST + HORIZON


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_is_found_again_by_its_position_in_the_month(day: date) -> None:
    position = position_in_month(day)
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    rule = bounded(monthly(1, [position], weekday), skipped=[], until=day, times=None)
    assert days(Plan(rule=rule), day - timedelta(days=20))[-1] == day


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (weekly(1, ["TU"]), "Joka viikko: tiistai"),
        (
            bounded(weekly(2, ["TU", "TH"]), skipped=[7, 8], until=None, times=3),
            "2 viikon välein: tiistai, torstai; ei: heinäkuu, elokuu",
        ),
        (monthly(1, [2], "TU"), "Joka kuukausi: tiistai (kuukauden toinen)"),
        (monthly(2, [1, 3], "TU"), "2 kuukauden välein: tiistai (kuukauden ensimmäinen ja kolmas)"),
        (bounded(monthly_on_day(1, 15), skipped=[7], until=None, times=3), "Joka kuukausi: 15. päivänä; ei: heinäkuu"),
        (monthly_on_day(3, 31), "3 kuukauden välein: 31. päivänä; kuukausi, jossa sellaista päivää ei ole, jää väliin"),
        (yearly(1, FIRST), "Joka vuosi: 8. syyskuuta"),
        (yearly(4, date(2028, 2, 29)), "4 vuoden välein: 29. helmikuuta; vain karkausvuosina"),
        (monthly(3, [-1], "FR"), "3 kuukauden välein: perjantai (kuukauden viimeinen)"),
        ("", ""),
    ],
)
def test_a_rule_is_said_in_words(rule: str, said: str) -> None:
    with in_language("fi"):
        assert words(rule) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", ["Varje månad: tisdag (månadens första och tredje)", "Varje månad: den 15", "Varje år: 8 september"]),
        (
            "en",
            [
                "Every month: Tuesday (the first and third of the month)",
                "Every month: on day 15",
                "Every year: 8 September",
            ],
        ),
    ],
)
def test_the_rules_are_said_in_the_other_languages(language: str, said: list[str]) -> None:
    with in_language(language):
        assert [words(rule) for rule in (monthly(1, [1, 3], "TU"), monthly_on_day(1, 15), yearly(1, FIRST))] == said


def test_the_31st_skips_the_short_months_as_rfc_5545_says() -> None:
    rule = bounded(monthly_on_day(1, 31), skipped=[], until=date(2027, 8, 31), times=None)
    expected = [(2026, 10), (2026, 12), (2027, 1), (2027, 3), (2027, 5), (2027, 7), (2027, 8)]
    assert days(Plan(rule=rule), FIRST) == [date(year, month, 31) for year, month in expected]


def test_a_yearly_event_goes_on_as_often_as_was_asked() -> None:
    rule = bounded(yearly(1, FIRST), skipped=[9], until=None, times=20)
    assert days(Plan(rule=rule), FIRST) == [date(year, 9, 8) for year in range(2027, 2046)]
    leap = bounded(yearly(1, date(2028, 2, 29)), skipped=[], until=date(2040, 1, 1), times=None)
    assert days(Plan(rule=leap), date(2028, 2, 29)) == [date(2032, 2, 29), date(2036, 2, 29)]


def test_some_month_must_have_the_day() -> None:
    assert has_day(31, [])
    assert not has_day(31, [1, 3, 5, 7, 8, 10, 12])
    assert not has_day(30, [month for month in range(1, 13) if month != 2])
    assert has_day(29, [month for month in range(1, 13) if month != 2])


FIRSTS = st.dates(date(2020, 1, 1), date(2060, 1, 1))
MONTHS = st.sets(st.integers(1, 12), max_size=11)


def by_hand(first: date, *, every: int, skipped: set[int]) -> Iterator[date]:
    """The days of three years in the months that a monthly rule means, counted without it."""
    for day in (first + timedelta(days=number) for number in range(3 * 365)):
        months = (day.year - first.year) * 12 + day.month - first.month
        if months % every == 0 and day.month not in skipped:
            yield day


def from_rule(rule: str, first: date, skipped: set[int]) -> list[date]:
    last = first + timedelta(days=3 * 365 - 1)
    found = days(Plan(rule=bounded(rule, skipped=skipped, until=last, times=None)), first)
    assert len(found) <= MOST + 1
    return found


@given(FIRSTS, st.integers(1, 12), st.integers(1, 31), MONTHS)
def test_a_day_of_the_month_is_that_counted_by_hand(first: date, every: int, on: int, skipped: set[int]) -> None:
    expected = [day for day in by_hand(first, every=every, skipped=skipped) if day.day == on and day != first]
    assert from_rule(monthly_on_day(every, on), first, skipped) == expected


@given(
    FIRSTS, st.integers(1, 12), st.lists(st.sampled_from([1, 2, 3, 4, -1]), min_size=1, max_size=5, unique=True), MONTHS
)
def test_weekdays_of_the_month_are_those_counted_by_hand(
    first: date, every: int, positions: list[int], skipped: set[int]
) -> None:
    def meant(day: date) -> bool:
        number, last = (day.day - 1) // 7 + 1, (day + timedelta(days=7)).month != day.month
        return day.weekday() == 1 and (number in positions or (last and -1 in positions))

    expected = [day for day in by_hand(first, every=every, skipped=skipped) if meant(day) and day != first]
    assert from_rule(monthly(every, positions, "TU"), first, skipped) == expected[: MOST + 1]


@given(FIRSTS, st.integers(1, 5))
def test_a_date_of_the_year_is_that_counted_by_hand(first: date, every: int) -> None:
    rule = bounded(yearly(every, first), skipped=[], until=date(first.year + 20, 12, 31), times=None)
    years = range(first.year + every, first.year + 21, every)
    leap = (first.month, first.day) == (2, 29)
    expected = [first.replace(year=year) for year in years if not leap or isleap(year)]
    assert days(Plan(rule=rule), first) == expected
