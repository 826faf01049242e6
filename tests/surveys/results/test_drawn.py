"""The page of results shows at a glance what it says in numbers."""

import re

from httpx import AsyncClient

from events.core import clock, database
from events.surveys.actions import submit
from tests.factories import make_staff, sign_in
from tests.surveys.asking import ANSWER, MORNING, asked


async def _page(client: AsyncClient) -> str:
    event, links = await asked(8)
    for number, link in enumerate(links[:5]):
        await submit(link, {**ANSWER, "usefulness": "5" if number else "4"}, MORNING)
    await sign_in(client, await make_staff("coordinator"))
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    with clock.at(MORNING):
        return (await client.get(f"/staff/events/{slug}/survey?lang=en")).text


async def test_each_answer_that_was_chosen_is_drawn_as_long_as_its_share(client: AsyncClient) -> None:
    page = await _page(client)
    (table,) = re.findall(r"<table.*?How useful was the event.*?</table>", page, re.DOTALL)
    rows = re.findall(r'class="number">(\d+)</td><td class="drawn".*?width="(\d+)"', table, re.DOTALL)
    assert [int(drawn) for _said, drawn in rows] == [0, 0, 0, 20, 80]
    assert [said for said, _drawn in rows] == [drawn for _said, drawn in rows]


async def test_the_two_rates_stand_on_one_card_each_with_what_it_counts(client: AsyncClient) -> None:
    page = await _page(client)
    cards = re.findall(r"<div><dt>(.*?)</dt>(.*?)</div>", page, re.DOTALL)
    assert [name for name, _card in cards] == ["Attended", "Asked", "Answers", "Response rate of those who attended"]
    _name, rates = cards[-1]
    assert "<dd>Response rate of those who were asked: 63 %</dd><dd>Answers per invitation that was sent.</dd>" in rates
