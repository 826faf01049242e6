import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from events.core.tabular import MAX_BYTES, Table, Unreadable, read_table

TEXT = "Sukunimi;Sähköposti;Huomio\nJärvinen;helmi@yritys.example;äö\n"


def xlsx(rows: list[list[object]], first_row: int = 0) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows, first_row):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime | date | time):
                sheet.write_datetime(number, column, cell)
            else:
                sheet.write(number, column, cell)
    book.close()
    return buffer.getvalue()


def cells(table: Table) -> list[list[str]]:
    return [list(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_gives_the_same_text(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding))
    assert table.headers == ["Sukunimi", "Sähköposti", "Huomio"]
    assert cells(table) == [["Järvinen", "helmi@yritys.example", "äö"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found_from_the_headings(delimiter: str) -> None:
    table = read_table(TEXT.replace(";", delimiter).encode())
    assert cells(table) == [["Järvinen", "helmi@yritys.example", "äö"]]


def test_a_delimiter_inside_quotes_is_text() -> None:
    table = read_table(b'name,"a; b; c; d"\n"Paja, Tampere",1\n')
    assert table.headers == ["name", "a; b; c; d"]
    assert cells(table) == [["Paja, Tampere", "1"]]


def test_excels_own_word_for_the_delimiter_is_no_heading() -> None:
    table = read_table(b"sep=,\r\na,b\r\n1,2\r\n")
    assert (table.headers, table.rows[0].line) == (["a", "b"], 3)


def test_a_row_keeps_the_line_where_it_begins() -> None:
    table = read_table(b'\na;b\n"two\nlines";1\n\n;\nlast;2\n')
    assert [(row.line, row.get("a")) for row in table.rows] == [(3, "two\nlines"), (7, "last")]


def test_a_short_row_has_empty_cells_and_a_long_one_says_what_was_too_much() -> None:
    table = read_table(b"a,b\n1\n1,2,,surplus\n")
    assert table.rows[0].get("b") == ""
    assert table.rows[1].surplus == ("surplus",)


def test_headings_that_repeat_or_are_empty_lose_no_column() -> None:
    table = read_table(b"a,,a\n1,2,3\n")
    assert table.rows[0].cells == {"a": "1", "#2": "2", "a #3": "3"}


def test_a_heading_is_found_whatever_its_case_and_accents() -> None:
    table = read_table("SÄHKÖPOSTI;y-tunnus\nx;y\n".encode())
    assert table.find("email", "Sähköposti") == "SÄHKÖPOSTI"
    assert table.find("Y-tunnus") == "y-tunnus"
    assert table.find("nimi") is None
    assert table.rows[0].get(None) == ""


def test_text_comes_without_what_cannot_be_seen() -> None:
    assert cells(read_table("a\n x\u200b\x07y \n".encode())) == [["xy"]]


def test_a_spreadsheet_gives_its_cells_as_text() -> None:
    rows = [
        ["code", "starts", "number", "yes"],
        ["05", datetime(2022, 9, 22, 9, 0), 60, True],  # noqa: DTZ001 - a cell has no zone
        ["", "", 0.5, ""],
    ]
    table = read_table(xlsx(rows, first_row=2), "programme.xlsx")
    assert cells(table) == [["05", "2022-09-22 09:00", "60", "true"], ["", "", "0.5", ""]]
    assert [row.line for row in table.rows] == [4, 5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04 broken",
        b"a\n" + b"x" * MAX_BYTES,
        b"%PDF\x00\x01",
    ],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_table(content)


def test_a_spreadsheet_that_would_fill_the_memory_is_refused() -> None:
    """One cell in the last corner: as a full rectangle it would be 17 thousand million cells."""
    with pytest.raises(Unreadable):
        read_table(xlsx([["a"]], first_row=1_048_575))


def test_an_archive_that_is_no_spreadsheet_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(Unreadable):
        read_table(buffer.getvalue())


def test_the_sample_programme_is_read_from_its_path() -> None:
    table = read_table(Path(__file__).parents[1] / "data" / "programme.csv")
    assert [row.line for row in table.rows] == [2, 3, 4, 5, 6, 7, 8]
    assert table.rows[0].get("title_fi") == "SIXNET-roadshow: yhteiskehittämisen työpaja, Hämeenlinna"
