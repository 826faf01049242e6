"""What looks at the pages is able to find something, though it measures the contrast of like rows only once."""

import pytest
from playwright.async_api import Page

from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right

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
