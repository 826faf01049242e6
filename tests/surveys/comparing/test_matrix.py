"""A matrix over events: each of its rows apart, and no row of a survey that fewer than five answered in any figure."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.surveys.asked import Choice
from events.surveys.building import bank
from events.surveys.comparing.queries import Narrowed, compared
from events.surveys.comparing.tables import Table, tables
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.surveys.building.making import question
from tests.surveys.comparing.test_comparing import FIRST

PAGE = "/staff/surveys/compare"


@pytest.fixture
async def key(db: asyncpg.Connection) -> str:
    matrix = question("matrix", "Parts", "poor", "good", rows=("talks", "lunch"))
    return await bank.add_to_bank(matrix, actor=SYSTEM, now=NOW)


async def answered(key: str, talks: str, lunch: str, *, days: int = 0, **columns: Any) -> UUID:
    """Hold an event with a survey; of each row one letter an answer: p poor, g good, - none."""
    starts = FIRST + timedelta(days=days)
    event = await make_event(starts_at=starts, ends_at=starts + timedelta(hours=4), **columns)
    with in_language("en"):
        await bank.take(event, "feedback", key, version=None, actor=SYSTEM, now=NOW)
    said = {"p": "poor-en", "g": "good-en"}
    pool = [
        {key: {row: said[sign] for row, sign in (("talks-en", first), ("lunch-en", second)) if sign in said}}
        for first, second in zip(talks, lunch, strict=True)
    ]
    await database.execute(
        "UPDATE survey SET pool = $2, answered = $3 WHERE event = $1", event, json.dumps(pool), len(pool)
    )
    return event


async def test_what_the_bank_no_longer_lets_choose_counts_where_it_was_answered(key: str) -> None:
    """The bank asks of the talks alone by now, in other words."""
    await answered(key, "pppgg", "ggggg")
    fair = dict.fromkeys(("fi", "sv", "en"), "fair")
    was = await bank.banked_one(key)
    now = msgspec.structs.replace(was, options=[was.options[1], Choice("", fair)], rows=was.rows[:1])
    await bank.change_in_bank(key, now, version=1, actor=SYSTEM, now=NOW)
    await answered(key, "ggggg", "-----", days=30)
    with in_language("en"):
        made = await compared(key, "event", Narrowed(), actor=SYSTEM, now=NOW)
    assert made is not None
    assert made.question.codes == ["good-en", "fair", "poor-en"]
    (total,) = made.totals
    assert [(row.n, row.counts) for row in total.result.rows] == [(10, (7, 0, 3)), (5, (5, 0, 0))]


async def shown(key: str, by: str = "event", **narrowed: Any) -> list[Table]:
    with in_language("en"):
        made = await compared(key, by, Narrowed(**narrowed), actor=SYSTEM, now=NOW)
        return tables(made, "Event") if made else []


def lines(table: Table) -> list[tuple[object, ...]]:
    return [(line.name, *line.cells) for line in table.lines]


async def test_each_row_is_a_table_with_its_own_number_of_answers(key: str) -> None:
    await answered(key, "ggggp", "ppppp", title_en="One")
    await answered(key, "gggppp", "ppppp-", title_en="Two", days=40)
    talks, lunch = await shown(key)
    assert (talks.title, talks.headings) == ("talks en", ("Event", "Surveys", "Answers", "poor en, %", "good en, %"))
    assert lines(talks) == [
        ("One, 10/02/2026", 1, 5, 20, 80),
        ("Two, 22/03/2026", 1, 6, 50, 50),
        ("All together", 2, 11, 36, 64),
    ]
    assert [line.cells[1] for line in lunch.lines] == [5, 5, 10]
    assert talks.heat is not None
    assert next((row.label, row.counts) for row in talks.heat.matrix) == ("10/02/2026 (n = 5)", (1, 4))


async def test_a_row_that_few_answered_is_in_no_figure_of_its_own_nor_in_a_sum(key: str) -> None:
    await answered(key, "gggggg", "ppp---", title_en="One")
    await answered(key, "gggggg", "gggggg", title_en="Two", days=40)
    _talks, lunch = await shown(key)
    assert lines(lunch) == [
        ("One, 10/02/2026", 1, "–", "–", "–"),
        ("Two, 22/03/2026", 1, 6, 0, 100),
        ("All together", 2, 6, 0, 100),
    ]
    assert lunch.heat is not None
    assert [row.n for row in lunch.heat.matrix] == [6, 6], "of One there is nothing to draw"


async def test_no_difference_between_sums_tells_of_fewer_than_five(key: str) -> None:
    """Whatever is filtered: each sum of a row is one of surveys each of which five or more answered there."""
    answers = ["ggggg", "ggg--g-", "gggggg", "pp-----", "gpgpgpg"]
    for number, signs in enumerate(answers):
        await answered(key, signs, signs, days=number)
    sizes = [len(signs.replace("-", "")) for signs in answers]
    days = [FIRST.date() + timedelta(days=number) for number in range(len(sizes))]
    for start, end in combinations(range(len(sizes) + 1), 2):
        found = await shown(key, start=days[start], end=days[end - 1])
        total: object = found[0].lines[-1].cells[1] if found else 0
        assert total in {sum(size for size in sizes[start:end] if size >= 5) or "–", 0}, (start, end)


async def test_two_events_of_one_name_and_day_have_each_their_line_in_the_heat_map(key: str) -> None:
    for _event in range(2):
        await answered(key, "ggggg", "ppppp", title_en="One")
    talks, _lunch = await shown(key)
    assert talks.heat is not None
    assert [row.label for row in talks.heat.matrix] == [
        "10/02/2026 (n = 5)",
        "10/02/2026 2. (n = 5)",
        "All together (n = 10)",
    ]


async def series_of_two(key: str, title: str, days: int) -> UUID:
    series = await insert("series")
    for number, words in enumerate(("", " again")):
        await answered(key, "ggggg", "ppppp", days=days + number, title_en=title + words, series=series)
    return series


async def test_series_are_told_apart_by_what_they_are_and_one_can_be_chosen(key: str) -> None:
    first = await series_of_two(key, "Rounds", 0)
    await series_of_two(key, "Rounds", 60)
    await answered(key, "ppppp", "ppppp", days=90)
    talks, _lunch = await shown(key, "series")
    assert [line[:3] for line in lines(talks)] == [
        ("Rounds", 2, 10),
        ("Rounds", 2, 10),
        ("In no series", 1, 5),
        ("All together", 5, 25),
    ]
    assert [line[:3] for line in lines((await shown(key, "event", series=first))[0])] == [
        ("Rounds, 10/02/2026", 1, 5),
        ("Rounds again, 11/02/2026", 1, 5),
        ("All together", 2, 10),
    ]


async def test_the_page_has_a_heat_map_for_each_row_and_the_series_to_choose(client: AsyncClient, key: str) -> None:
    series = await series_of_two(key, "Rounds", 0)
    await sign_in(client, await make_staff("coordinator"))
    text = (await client.get(f"{PAGE}?question={key}&series={series}&lang=en")).text
    assert len(re.findall(r'<figure class="chart"><div class="wide"[^>]*><svg', text)) == 2
    assert "Heat map: talks en" in text
    assert "Rounds, 10/02/2026–11/02/2026" in text
    assert f"/staff/surveys/compare.csv?question={key}&amp;series={series}" in text
    assert (await client.get(f"{PAGE}?question={key}&series={UUID(int=1)}")).status_code == 422
    await sign_in(client, await make_staff("coordinator", kind="region", resource="17"))
    assert (await client.get(f"{PAGE}?question={key}&series={series}")).status_code == 422


def read_csv(content: bytes) -> Sequence[Sequence[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


async def test_files_hold_the_same_rows(client: AsyncClient, key: str) -> None:
    await answered(key, "ggggp", "ppp--", title_en="=One", title_fi="=One")
    await sign_in(client, await make_staff("coordinator"))
    made = await client.get(f"{PAGE}.csv?question={key}&lang=en")
    rows = read_csv(made.content)
    assert rows == [
        ["Row", "Event", "Surveys", "Answers", "poor en, %", "good en, %"],
        ["talks en", "'=One, 10/02/2026", "1", "5", "20", "80"],
        ["talks en", "All together", "1", "5", "20", "80"],
        ["lunch en", "'=One, 10/02/2026", "1", "–", "–", "–"],
        ["lunch en", "All together", "1", "–", "–", "–"],
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO((await client.get(f"{PAGE}.xlsx?question={key}&lang=en")).content))
    assert book.get_sheet_by_index(1).to_python()[1] == ["talks en", "=One, 10/02/2026", 1, 5, 20, 80]
    assert book.get_sheet_by_index(0).to_python()[0] == ["Question", "Parts en"]


@pytest.mark.parametrize("query", ["question=recommend", "question=nothing", "by=person"])
async def test_there_is_no_file_of_nothing(client: AsyncClient, db: asyncpg.Connection, query: str) -> None:
    await sign_in(client, await make_staff("coordinator"))
    for kind in ("csv", "xlsx"):
        assert (await client.get(f"{PAGE}.{kind}?{query}")).status_code == 404
