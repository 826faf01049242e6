"""Whatever is filtered, each link of the dashboard opens what it says, and each figure the rows that it is the sum of."""

import re
from html import unescape

import pytest
from httpx import AsyncClient

from events.core import clock, database
from tests.factories import insert, make_staff, sign_in
from tests.reports.dashboard.test_page import PATH
from tests.reports.dashboard.test_steps import made
from tests.reports.funder.made import project
from tests.reports.test_pages import NOW, get

LINK = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
OPENED = {
    "rows": r"<p>([\d,]+) participations?(?:, (.*?))?</p>",
    "persons": r"<li>Unique persons: ([\d,]+)</li>",
    "organisations": r"<li>Unique organisations: ([\d,]+)</li>",
    "steps": r"<h1>[^<]+: ([\d,]+)</h1>",
}
"""The last word of an address → what its page says that it sums up."""


async def links(client: AsyncClient, query: dict[str, str]) -> set[tuple[str, str]]:
    """Return the links of the page with filters: (address, words)."""
    text = (await get(client, PATH, **query)).text.split("<main")[1].split("</main>")[0]
    assert "&amp;amp;" not in text
    return {(unescape(href), unescape(re.sub(r"<[^>]+>", "", words)).strip()) for href, words in LINK.findall(text)}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"project": "P1", "kind": "workshop"},
        {"region": "06"},
        {"theme": "low-carbon", "mode": "venue"},
    ],
)
async def test_each_figure_opens_to_what_it_is_the_sum_of(client: AsyncClient, query: dict[str, str]) -> None:
    await made()
    event = await database.fetchval("SELECT id FROM event")
    await insert("event_project", event=event, project=await project())
    await insert("event_theme", event=event, theme="low-carbon")
    await sign_in(client, await make_staff("coordinator"))
    walked = set()
    for address, words in await links(client, query):
        path = address.partition("?")[0].rpartition("/")[2]
        with clock.at(NOW):
            opened = await client.get(address)
        assert opened.status_code == 200, address
        if path in OPENED and words[0].isdigit():
            said = re.search(OPENED[path], opened.text)
            assert said, address
            assert words in said.groups(), (address, words)
            walked.add(path)
    assert {"rows", "persons", "steps"} <= walked
