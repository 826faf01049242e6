"""Figures are rounded and months are named in one way."""

import pytest

from events.core.i18n import in_language
from events.core.rounding import rounded
from events.reports.participation import days
from events.reports.words import month_name


@pytest.mark.parametrize(
    ("number", "places", "told"), [(47.125, 2, 47.13), (-47.125, 2, -47.13), (0.12345, 4, 0.1235), (12.25, 1, 12.3)]
)
def test_halves_go_away_from_nought(number: float, places: int, told: float) -> None:
    assert rounded(number, places) == told


def test_person_days_are_rounded_so() -> None:
    assert days(377 * 60) == 47.13


@pytest.mark.parametrize(("code", "name"), [("fi", "tammikuu 2026"), ("sv", "januari 2026"), ("en", "January 2026")])
def test_a_month_is_called_by_its_whole_name(code: str, name: str) -> None:
    with in_language(code):
        assert month_name("2026-01") == name
