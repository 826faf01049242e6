import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core.text import called, clean_line, clean_text, fold, harmless_row, sort_key, sort_sql, split_name


def test_decomposed_letters_and_invisible_signs_become_one_form() -> None:
    assert clean_line("A\u030aland\u200b \u202e x\x00\t y ") == "Åland x y"


def test_what_looks_like_nothing_is_taken_out_and_emoji_stay_whole() -> None:
    assert clean_line("a\u061cb\u180e\u3164\ufff9\U000e0041 ❤️ 👩‍🔧") == "ab ❤️ 👩🔧"
    assert clean_line("\u3164\uffa0\u115f") == ""


def test_a_line_has_no_breaks_and_a_text_keeps_them() -> None:
    assert clean_line("a\r\nb") == "a b"
    assert clean_text("a\r\nb\x07") == "a\nb"


def test_names_are_compared_without_case_accents_and_punctuation() -> None:
    assert fold("Yli-Mäyry,  ÖHMAN") == fold("yli mayry ohman")
    assert fold("Straße") == "strasse"


def test_names_sort_as_in_finnish_and_swedish() -> None:
    names = ["Östersund", "Äänekoski", "Åbo", "Zürich", "Égal", "Eura", "Akaa"]
    assert sorted(names, key=sort_key) == ["Akaa", "Égal", "Eura", "Zürich", "Åbo", "Äänekoski", "Östersund"]


async def test_the_database_sorts_names_in_the_same_order(db: asyncpg.Connection) -> None:
    names = [
        "Östersund",
        "äänekoski",
        "Åbo",
        "Zürich",
        "Égal",
        "eura",
        "Akaa",
        "Şahin",
        "Sirén",
        "Straße",
        "Ünal",
        "Uusi",
    ]
    rows = await db.fetch(f"SELECT name FROM unnest($1::text[]) AS name ORDER BY {sort_sql('name')}", names)
    assert [row["name"] for row in rows] == sorted(names, key=sort_key)


@given(st.text())
def test_cleaning_twice_changes_nothing(value: str) -> None:
    assert clean_line(clean_line(value)) == clean_line(value)
    assert fold(fold(value)) == fold(value)


def test_no_text_of_a_row_runs_as_a_formula_and_numbers_stay_numbers() -> None:
    assert harmless_row(["=1+1", "@cmd", "Oy", -3, None, True]) == ["'=1+1", "'@cmd", "Oy", -3, None, "true"]


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("Aino Virtanen", "Aino"),
        ("Aino Maria Virtanen-Mäki", "Aino Maria"),
        ("Anna von Essen", "Anna"),
        ("Ludwig van der Berg", "Ludwig"),
        ("Kaisa O'Neill", "Kaisa"),
        ("Aino", "Aino"),
        ("", ""),
        ("de la", "de la"),
        ("Pirkanmaan toimisto", "Pirkanmaan toimisto"),
        ("Kaisa O'Neill & Co", "Kaisa O'Neill & Co"),
    ],
)
def test_a_whole_name_is_greeted_by_its_given_name_if_it_reads_as_ones_name(name: str, by: str) -> None:
    assert called(name) == by


def test_a_name_in_one_piece_is_split_before_its_last_word() -> None:
    assert split_name("Aino Maria Virtanen") == ("Aino Maria", "Virtanen")
    assert split_name("Aino") == ("Aino", "")
