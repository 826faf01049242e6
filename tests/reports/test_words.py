"""Figures are rounded and months are named in one way."""

import pytest

from events.core.i18n import LANGUAGES, in_language
from events.core.rounding import rounded
from events.reports.dashboard.parts import TITLES, Part
from events.reports.effect.files import sheet_name
from events.reports.effect.parts import TABLES
from events.reports.funder.words import labels
from events.reports.participation import days
from events.reports.words import BREAK_DOWNS, month_name


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


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_name_of_a_sheet_is_cut(code: str) -> None:
    """A workbook takes 31 signs."""
    with in_language(code):
        known = labels()
        sheets = [
            *(Part(name, (), []).sheet for name in TITLES),
            *(sheet_name(name) for name in TABLES),
            *(known[name] for name in ("indicators", "title", "total", "events", "texts", "survey")),
            *(known[name] for name in ("changes_sheet", "not_reconciled_sheet")),
            *map(str, BREAK_DOWNS.values()),
        ]
    assert [name for name in sheets if len(name) > 31 or set(name) & set("[]:*?/\\")] == []
