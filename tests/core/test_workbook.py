import io
from datetime import date

import pytest
from python_calamine import load_workbook

from events.core.i18n import LANGUAGES, format_date, in_language
from events.core.workbook import day_format, text_workbook


def test_a_text_stays_a_text_in_a_workbook_whatever_it_looks_like() -> None:
    row = ["=1+1", "https://sixnet.example", "0123"]
    buffer = io.BytesIO()
    with text_workbook(buffer) as book:
        book.add_worksheet("Texts").write_row(0, 0, row)
    buffer.seek(0)
    assert load_workbook(buffer).get_sheet_by_index(0).to_python() == [row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_shows_a_day_as_the_pages_write_it(language: str) -> None:
    day = date(2026, 9, 3)
    with in_language(language):
        shown, written = day_format(), format_date(day, style="short")
    for sign, number in (("dd", "03"), ("mm", "09"), ("yyyy", "2026"), ("d", "3"), ("m", "9")):
        shown = shown.replace(sign, number, 1)
    assert shown == written
