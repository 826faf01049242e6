"""The heat map of a matrix: nothing of its words is cut, its numbers are written as the language does."""

import re

import pytest

from events.core.i18n import in_language
from events.surveys.results.charts import PAPER, SCREEN, Ink, heat_map
from events.surveys.results.figures import Figures
from events.surveys.results.rules import Row
from events.surveys.tables import QuestionKind

ROWS = (
    "Tilat ja järjestelyt vastasivat odotuksiani hyvin",
    "Alueiden välinen kokemustenvaihto ja verkostoituminen muiden yritysten kanssa",
    "Puhujat",
)
OPTIONS = ("Täysin eri mieltä", "Jokseenkin samaa mieltä", "Kokemustenvaihto ja muu")


def matrix(counts: tuple[int, ...] = (0, 7, 1234), options: tuple[str, ...] = OPTIONS) -> Figures:
    rows = tuple(Row(label, sum(counts), counts) for label in ROWS)
    return Figures("m", QuestionKind.MATRIX, "Miten meni?", "fi", (), ("", *options, "n"), matrix=rows)


def words(svg: str) -> str:
    return " ".join(re.findall(r">([^<>]+)</t(?:ext|span)>", svg))


@pytest.mark.parametrize("ink", [SCREEN, PAPER])
async def test_long_names_stand_whole_in_several_lines(ink: Ink) -> None:
    svg = await heat_map(matrix(), ink)
    assert "…" not in svg
    for name in (*ROWS, *OPTIONS):
        assert name in words(svg)


async def test_thousands_are_written_as_the_language_does() -> None:
    with in_language("fi"):
        assert "1\xa0234" in words(await heat_map(matrix())).replace("&nbsp;", "\xa0")


async def test_what_nobody_chose_stands_with_its_nought_and_one_option_is_drawn_too() -> None:
    assert words(await heat_map(matrix((0, 6), ("Kyllä", "Ei")))).count("0") == len(ROWS)
    assert words(await heat_map(matrix((6,), ("Kyllä",)))).count("6") == len(ROWS)
    assert await heat_map(Figures("m", QuestionKind.MATRIX, "?", "fi", ())) == ""
