import io

from python_calamine import load_workbook

from events.core.workbook import text_workbook


def test_a_text_stays_a_text_in_a_workbook_whatever_it_looks_like() -> None:
    row = ["=1+1", "https://sixnet.example", "0123"]
    buffer = io.BytesIO()
    with text_workbook(buffer) as book:
        book.add_worksheet("Texts").write_row(0, 0, row)
    buffer.seek(0)
    assert load_workbook(buffer).get_sheet_by_index(0).to_python() == [row]
