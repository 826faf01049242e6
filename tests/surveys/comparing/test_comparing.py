"""A question over events: sums by hand, and no difference between sums that tells of fewer than five answers."""

import csv
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.surveys.comparing.queries import Comparison, Narrowed, compared
from events.surveys.comparing.tables import tables
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.surveys.building.making import add, question
from tests.surveys.building.making import codes as codes_of
from tests.surveys.results.test_api import token

PAGE = "/staff/surveys/compare"
API = "/api/v1/surveys/compare"
FIRST = datetime(2026, 2, 10, 8, tzinfo=UTC)


async def answered(values: Iterable[int], *, days: int = 0, theme: str = "", **columns: Any) -> UUID:
    """Hold an event whose feedback says how useful it was."""
    starts = FIRST + timedelta(days=days)
    event = await make_event(starts_at=starts, ends_at=starts + timedelta(hours=4), **columns)
    pool = [{"usefulness": value, "recommend": 2 * value} for value in values]
    await insert("survey", event=event, kind="feedback", pool=json.dumps(pool), answered=len(pool))
    if theme:
        await insert("event_theme", event=event, theme=theme)
    return event


async def comparison(by: str = "event", key: str = "usefulness", **narrowed: Any) -> Comparison | None:
    with in_language("en"):
        return await compared(key, by, Narrowed(**narrowed), actor=SYSTEM, now=NOW)


async def test_sums_are_those_counted_by_hand(db: asyncpg.Connection) -> None:
    await answered([5, 4, 4, 3, 5], title_en="One")
    await answered([1, 2, 3, 4, 5, 5], title_en="Two", days=40)
    made = await comparison()
    assert made is not None
    (total,) = made.totals
    assert (total.surveys, total.result.n, total.result.mean) == (2, 11, Decimal("3.7"))
    assert [(each.name, each.result.n) for each in made.groups] == [("One, 10/02/2026", 5), ("Two, 22/03/2026", 6)]
    assert dict(total.result.counts)["5 – very useful"] == 4
    assert tables(made, "Event")[0].headings[4::4] == ("1 – not useful, %", "5 – very useful, %")
    by_month = await comparison("month")
    assert by_month is not None
    assert [(each.name, each.result.n) for each in by_month.groups] == [("2/2026", 5), ("3/2026", 6)]
    score = await comparison(key="recommend")
    assert score is not None
    parts = score.totals[0].result.nps
    assert parts is not None
    assert (parts.promoters, parts.passives, parts.detractors) == (4, 3, 4)


async def test_what_is_narrowed_is_left_out(db: asyncpg.Connection) -> None:
    theme = await database.fetchval("SELECT code FROM theme ORDER BY code LIMIT 1")
    await answered([5] * 5, theme=theme, host_region="02")
    await answered([1] * 6, days=100)
    for narrowed, number in (
        ({"theme": theme}, 5),
        ({"host": "02"}, 5),
        ({"kind": "workshop"}, 11),
        ({"start": date(2026, 3, 1)}, 6),
        ({"end": date(2026, 2, 10)}, 5),
    ):
        made = await comparison(**narrowed)
        assert made is not None
        assert [each.result.n for each in made.totals] == [number]
    assert await comparison(kind="meeting") is None


async def test_a_small_survey_is_in_no_sum_so_that_no_difference_tells_of_it(db: asyncpg.Connection) -> None:
    sizes = [5, 4, 7, 6, 1]
    for number, size in enumerate(sizes):
        await answered([3] * size, days=number)
    days = [FIRST.date() + timedelta(days=number) for number in range(len(sizes) + 1)]
    sums = {}
    for start, end in combinations(range(len(days)), 2):
        made = await comparison(start=days[start], end=days[end - 1])
        sums[start, end] = made.totals[0].result.n if made else 0
    assert sums == {
        (start, end): sum(size for size in sizes[start:end] if size >= 5) for start, end in combinations(range(6), 2)
    }
    made = await comparison()
    assert made is not None
    assert (made.totals[0].surveys, made.left_out) == (3, 0), "those below five answers in all are not even looked at"


async def test_a_question_that_few_answered_is_left_out_with_its_survey(db: asyncpg.Connection) -> None:
    event = await answered([4] * 6)
    await database.execute(
        "UPDATE survey SET pool = $2 WHERE event = $1",
        *(event, json.dumps([{"usefulness": 4}] * 4 + [{"recommend": 9}] * 5)),
    )
    await answered([4] * 6)
    made = await comparison()
    assert made is not None
    assert (made.totals[0].result.n, made.left_out) == (6, 1)


async def test_a_survey_with_questions_of_its_own_is_compared_by_what_came_from_the_bank(
    db: asyncpg.Connection,
) -> None:
    event = await answered([4] * 6)
    await add(event, "feedback", question("text", "More"))
    assert "more-en" in await codes_of(event)
    made = await comparison()
    assert made is not None
    assert made.totals[0].result.n == 6


async def test_one_sees_only_what_one_may(client: AsyncClient, db: asyncpg.Connection) -> None:
    await answered([5] * 5, host_region="02", title_fi="Turun paja")
    await answered([1] * 5, host_region="06", title_fi="Tampereen paja")
    await sign_in(client, await make_staff("coordinator", kind="region", resource="02"))
    shown = (await client.get(f"{PAGE}?lang=fi")).text
    assert "Turun paja" in shown
    assert "Tampereen paja" not in shown


@pytest.mark.parametrize(
    "query", ["question=nothing", "by=person", "from=31.2.2026", "from=2.1.2026&to=1.1.2026", "theme=x", "host=99"]
)
async def test_what_is_no_choice_is_refused(client: AsyncClient, db: asyncpg.Connection, query: str) -> None:
    await sign_in(client, await make_staff("coordinator"))
    assert (await client.get(f"{PAGE}?{query}")).status_code == 422
    assert (await client.get(PAGE)).status_code == 200


async def test_a_comparison_as_json_is_that_of_the_page(client: AsyncClient) -> None:
    await answered([5, 4, 4, 3, 5], title_en="One", slug="one")
    await answered([1, 2, 3, 4, 5, 5], title_en="Two", days=40)
    headers = await token("reports")
    assert (await client.get(API)).status_code == 401
    made = (await client.get(f"{API}?question=recommend&by=event&lang=en", headers=headers)).json()
    page = await comparison(key="recommend")
    assert page is not None
    (table,) = tables(page, "Event")
    assert [
        (each["name"], each["surveys"], each["answers"], Decimal(str(each["mean"])), each["nps"]["score"])
        for each in made["groups"]
    ] == [(line.name, *line.cells[:4]) for line in table.lines[:-1]]
    assert [choice["count"] for choice in made["total"]["choices"]] == [
        count for _step, count in page.totals[0].result.counts
    ]
    assert (made["left_out"], made["total"]["answers"]) == (0, 11)
    assert (await client.get(made["groups"][0]["results"], headers=headers)).json()["event"] == "one"


async def test_a_recommendation_is_compared_by_the_three_parts_of_its_score(client: AsyncClient) -> None:
    await answered([5, 4, 4, 3, 5])
    await sign_in(client, await make_staff("coordinator"))
    file = (await client.get(f"{PAGE}.csv?question=recommend&lang=en")).text.splitlines()
    assert file[0].endswith('Mean,NPS,"Promoters, %","Passives, %","Detractors, %"')
    assert file[-1] == "All together,1,5,8.4,20,40,40,20"
    page = (await client.get(f"{PAGE}?question=recommend&lang=en")).text
    assert re.findall(r'"share">(\d+) *<svg.*?width="(\d+)"', page, re.DOTALL)[-3:] == [
        ("40", "40"),
        ("40", "40"),
        ("20", "20"),
    ]


async def test_an_event_is_in_each_of_its_themes_or_in_the_row_of_those_without(client: AsyncClient) -> None:
    one, other = (row["code"] for row in await database.fetch("SELECT code FROM theme ORDER BY code LIMIT 2"))
    event = await answered([5] * 5, theme=one)
    await insert("event_theme", event=event, theme=other)
    await answered([4] * 6, days=1)
    made = await comparison("theme")
    assert made is not None
    assert [(each.name, each.result.n) for each in made.groups] == [(one, 5), (other, 5), ("No theme", 6)]
    assert made.totals[0].result.n == 11
    await sign_in(client, await make_staff("coordinator"))
    said = "the rows overlap and do not add up to the total"
    assert said in (await client.get(f"{PAGE}?by=theme&lang=en")).text
    assert said not in (await client.get(f"{PAGE}?by=month&lang=en")).text


async def with_impact(title: str, theme: str = "", days: int = 0) -> None:
    """Hold an event whose people say after three months, and again after six, what came of it."""
    event = await answered([5] * 5, title_en=title, theme=theme, days=days)
    for kind, said, day in (("impact_3", "planned", 90), ("impact_6", "yes", 180)):
        pool = json.dumps([{"impact_project": said}] * 5 + [{"impact_project": "no"}])
        asked_at = FIRST + timedelta(days=day)
        await insert("survey", event=event, kind=kind, pool=pool, answered=6, asked_at=asked_at)


AFTER_3, AFTER_6 = "Impact after 3 months", "Impact after 6 months"


async def test_surveys_of_one_event_are_told_apart_and_compared_by_their_kind(client: AsyncClient) -> None:
    await with_impact("Shop")
    made = await comparison(key="impact_project")
    assert made is not None
    assert [each.name for each in made.groups] == [f"Shop, 10/02/2026, {kind}" for kind in (AFTER_3, AFTER_6)]
    by_kind = await comparison("survey", "impact_project")
    assert by_kind is not None
    assert [(each.name, each.result.counts[0][1]) for each in by_kind.groups] == [(AFTER_3, 0), (AFTER_6, 5)]
    headers = await token("reports")
    asked = {"question": "impact_project", "by": "survey", "survey": "impact_6", "lang": "en"}
    only = (await client.get(API, params=asked, headers=headers)).json()
    assert (only["total"]["answers"], [each["name"] for each in only["groups"]]) == (6, [AFTER_6])
    assert "name" not in only["total"], "a sum is none of the groups"


async def test_the_same_persons_asked_twice_are_in_no_sum_twice(client: AsyncClient) -> None:
    theme = await database.fetchrow("SELECT code, name_en FROM theme ORDER BY code LIMIT 1")
    await with_impact("Shop", theme=theme["code"])
    await with_impact("Other", theme=theme["code"], days=1)
    await sign_in(client, await make_staff("coordinator"))
    why = "Surveys of different kinds are summed up apart"
    ends = {
        "event": [f"All together: {AFTER_3},2,12", f"All together: {AFTER_6},2,12"],
        "theme": [f"All together: {AFTER_3},2,12", f"All together: {AFTER_6},2,12"],
        "survey": [f"{AFTER_3},2,12", f"{AFTER_6},2,12"],
    }
    for by, lines in ends.items():
        query = f"question=impact_project&by={by}&lang=en"
        file = (await client.get(f"{PAGE}.csv?{query}")).text.splitlines()
        assert [",".join(next(csv.reader([line]))[:3]) for line in file[-2:]] == lines, by
        page = (await client.get(f"{PAGE}?{query}")).text
        assert why in page
        assert ("All together" in page) is (by != "survey"), "the kinds are their own sums"
        assert page.count('class="together"') == (2 if by != "survey" else 0)
    only = (await client.get(f"{PAGE}?question=impact_project&by=survey&survey=impact_3&lang=en")).text
    assert why not in only
    assert "All together" in only
    found = await client.get(f"{PAGE}.csv?question=impact_project&by=theme&lang=en")
    assert [next(csv.reader([line]))[0] for line in found.text.splitlines()[1:3]] == [
        f"{theme['name_en']}: {kind}" for kind in (AFTER_3, AFTER_6)
    ]


async def test_programs_get_a_sum_of_each_kind_of_survey(client: AsyncClient) -> None:
    await with_impact("Shop")
    headers = await token("reports")
    made = (await client.get(f"{API}?question=impact_project&by=month&lang=en", headers=headers)).json()
    assert made["total"] is None
    assert [(each["survey"], each["answers"], each["name"]) for each in made["totals"]] == [
        ("impact_3", 6, AFTER_3),
        ("impact_6", 6, AFTER_6),
    ]
    assert [(each["survey"], each["name"]) for each in made["groups"]] == [
        ("impact_3", f"2/2026: {AFTER_3}"),
        ("impact_6", f"2/2026: {AFTER_6}"),
    ]
    one = (await client.get(f"{API}?question=usefulness&lang=en", headers=headers)).json()
    assert (one["total"]["answers"], [each["survey"] for each in one["totals"]]) == (5, ["feedback"])


async def test_a_comparison_of_nothing_is_empty_and_of_what_there_is_not_is_refused(client: AsyncClient) -> None:
    headers = await token("reports")
    nothing = (await client.get(API, headers=headers)).json()
    assert (nothing["total"], nothing["totals"], nothing["groups"]) == (None, [], [])
    assert (await client.get(f"{API}?by=person", headers=headers)).json()["errors"].keys() == {"by"}
    assert (await client.get(f"{API}?question=nothing", headers=headers)).status_code == 422
