"""What looks at the pages is able to find something, though it measures the contrast of like rows only once."""

import pytest
from playwright.async_api import Page, expect

from tests.factories import make_person, make_registration
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right
from tests.journeys.staff import sign_in_as
from tests.journeys.test_door import event_now

PAGE = """<!doctype html><html lang="en"><title>Rows</title><style>
body {{ color: #000; background: #fff }}
@media (prefers-color-scheme: dark) {{ body {{ color: #fff; background: #000 }} }}
{style}
</style><main><h1>Rows</h1>{rows}</main></html>"""


async def findings(page: Page, style: str, last: str = "<p>last</p>") -> list[str]:
    await page.set_content(PAGE.format(style=style, rows="<p>one</p><p></p>" + "<p>more</p>" * 9 + last))
    return [each.partition(":")[0] for each in await looks_right(page, "rows")]


async def test_a_page_without_fault_is_let_through(chromium: Launch) -> None:
    assert await findings(await (await chromium()).new_page(), "") == []


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("p:last-child { color: #ddd }", ["rows (light)"]),
        ("p:last-child { background: #111 }", ["rows (light)"]),
        ("@media (prefers-color-scheme: dark) { p:last-child { color: #222 } }", ["rows (dark)"]),
        ("@media (prefers-color-scheme: dark) { body { color: #333 } }", ["rows (dark)"] * 2),
        ("p { min-width: 400px }", ["rows is 88 px too wide at 320 px"]),
    ],
)
async def test_one_row_that_cannot_be_read_among_many_is_found(chromium: Launch, style: str, found: list[str]) -> None:
    assert await findings(await (await chromium()).new_page(), style) == found


async def test_the_last_of_many_rows_is_looked_at_for_all_but_its_colours(chromium: Launch) -> None:
    page = await (await chromium()).new_page()
    assert await findings(page, "", '<p><img src="data:,"></p>') == ["rows (light)"]


async def test_a_name_of_one_long_word_makes_no_page_wider_than_the_screen(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    await make_registration(event, person=await make_person("W" * 90, email=None))
    context = await (await chromium()).new_context(locale="fi-FI", viewport={"width": 768, "height": 900})
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/{slug}/attendance")
    await expect(page.get_by_role("rowheader", name="WWW")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
