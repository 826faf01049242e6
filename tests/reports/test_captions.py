"""What a heading says is not said again above the table: there the caption is for those who hear the table alone."""

import re
from collections.abc import Iterator

import pytest
from httpx import AsyncClient

from events.core import database
from tests.factories import make_staff, sign_in
from tests.reports.funder.made import make_report
from tests.reports.test_pages import get

TOLD = re.compile(r"<h[123][^>]*>(?P<heading>.*?)</h|<caption>(?P<caption>.*?)</caption>", re.DOTALL)
HIDES = re.compile(r'class="(?:named-above|break-down)"')
ENDS = re.compile(r"</section>")


def said_twice(page: str) -> Iterator[str]:
    """Give the captions that are seen right below a heading of the same words."""
    heading = ""
    for found in TOLD.finditer(page):
        words = re.sub(r"<[^>]+>", "", found["heading"] or found["caption"]).strip()
        if found["heading"]:
            heading = words
        elif words == heading:
            before = page[: found.start()]
            hidden = [each.start() for each in HIDES.finditer(before)][-1:]
            if not hidden or ENDS.search(before, hidden[0]):
                yield words


@pytest.mark.parametrize(
    "path",
    [
        "/staff/reports",
        "/staff/reports/participation",
        "/staff/reports/network",
        "/staff/reports/dictionary",
        "{}",
        "{}/filing",
    ],
)
async def test_no_table_repeats_the_heading_above_it(client: AsyncClient, path: str) -> None:
    head = await make_report()
    await database.execute("UPDATE project SET counted_kinds = '{meeting}' WHERE code = 'P2'")  # shares an event
    await sign_in(client, await make_staff("coordinator"))
    period = {"from": "2026-02-01", "to": "2026-03-31"} if "{}" not in path else {}
    page = (await get(client, path.format(f"/staff/reports/funder/{head.id}"), **period)).text.split("<main")[1]
    assert "<caption>" in page
    assert not list(said_twice(page))
