"""Reading the dashboard without a mouse: a filter, a figure down to its rows, the table of each chart; and on a phone."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import Launch
from tests.journeys.keyboard import Keyboard
from tests.journeys.looking import WIDE
from tests.journeys.staff import sign_in_as
from tests.reports.world import Held, Row, World, build


async def test_the_dashboard_is_read_by_keyboard(server_url: str, chromium: Launch) -> None:
    rows = [Row(0, person, person % 3, region="06" if person < 6 else "14") for person in range(9)]
    await build(World([Held(themes=("digitalisation",)), Held(reconciled=False)], rows))
    context = await (await chromium()).new_context(
        locale="en-GB", viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    await sign_in_as(context, server_url, "coordinator")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/")
    desk = Keyboard(page)
    await desk.go(page.get_by_role("navigation", name="Staff pages").get_by_role("link", name="Reports", exact=True))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    await desk.skip_to_content()
    await desk.to(page.get_by_text("More filters"), within=14)
    await desk.press("Enter")
    await desk.to(page.locator("#theme"), within=3)
    await page.keyboard.type("Industrial dig")
    await desk.go(page.get_by_role("button", name="Show"), within=6)
    await expect(page.get_by_text("Theme: Industrial digitalisation")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.locator(".region-map a").first, within=40)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Participations behind the figure")
    await expect(page.get_by_text("6 participations")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Back to the report"), within=1)
    await expect(page.get_by_text("Theme: Industrial digitalisation")).to_be_visible()
    await desk.to(page.locator(".region-map a").first, within=1)  # one is back at the table that one came from
    await desk.to(page.get_by_role("link", name="Take off: Theme"), within=60, back=True)
    await desk.press("Enter")
    await expect(page.get_by_text("Everything there is")).to_be_visible()


CHARTS = ".chart:has(svg)"
PAGES = {"dashboard": "/staff/reports", "network effect": "/staff/reports/network"}


async def opened(server_url: str, chromium: Launch, path: str, width: int) -> Page:
    """A page of figures of two regions, two quarters and two themes, in a window so wide."""
    rows = [
        Row(event, person, person % 4, region="06" if person % 2 else "14") for event in range(3) for person in range(9)
    ]
    events = [Held(themes=("digitalisation",)), Held(day=30, themes=("low-carbon",)), Held(day=100)]
    await build(World(events, rows))
    context = await (await chromium()).new_context(
        locale="en-GB", viewport={"width": width, "height": 740}, reduced_motion="reduce"
    )
    await sign_in_as(context, server_url, "coordinator")
    page = await context.new_page()
    await page.goto(f"{server_url}{path}")
    return page


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_the_table_of_each_chart_is_reached_by_keyboard(
    server_url: str, chromium: Launch, path: str, width: int
) -> None:
    """It stands in the chart's own section: folded and opened by a key, or open as it is."""
    page = await opened(server_url, chromium, path, width)
    desk = Keyboard(page)
    await desk.skip_to_content()
    sections = page.locator(f"main section:has({CHARTS})")
    assert await sections.count() > 1
    for section in await sections.all():
        folded = section.locator("summary")
        if await folded.count():
            await desk.to(folded, within=60)
            await desk.press("Enter")
        await desk.to(section.locator(".table-scroll"), within=60)
        await expect(section.locator(".table-scroll table")).to_be_visible()
        assert await page.evaluate(WIDE) == 0


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_on_a_phone_the_lesser_filters_are_folded_and_tables_scroll_by_themselves(
    server_url: str, chromium: Launch, path: str
) -> None:
    page = await opened(server_url, chromium, path, 360)
    form, desk = page.locator("form.filters"), Keyboard(page)
    await expect(form.locator("#theme")).to_be_hidden()
    assert await form.evaluate("form => form.getBoundingClientRect().height") < 400
    await desk.skip_to_content()
    await desk.to(form.locator("summary"), within=14)
    await desk.press("Enter")
    await expect(form.locator("#theme")).to_be_visible()
    assert await page.evaluate(WIDE) == 0
    await desk.press("Enter")
    await expect(form.locator("#theme")).to_be_hidden()
    tables = page.locator("main .table-scroll:visible")
    overflow = await tables.evaluate_all("all => all.map(each => [each.scrollWidth > each.clientWidth, each.tabIndex])")
    assert [True, 0] in overflow  # one at least is wider than the phone, and is scrolled by keys
    assert await page.evaluate(WIDE) == 0


SCROLLING = ".table-scroll, .chart > .wide"
UNSEEN = """(all) => all.filter((each) => {
  const named = each.getAttribute("role") === "region" && each.tabIndex === 0 && each.ariaLabel;
  const shaded = getComputedStyle(each).backgroundAttachment.startsWith("local");
  const covered = [...each.querySelectorAll("th, td")].some(
    (cell) => getComputedStyle(cell).backgroundColor !== "rgba(0, 0, 0, 0)");
  return !named || !shaded || covered;
}).map((each) => each.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_what_scrolls_on_a_phone_is_seen_to_and_does_so_by_keyboard(
    server_url: str, chromium: Launch, path: str
) -> None:
    page = await opened(server_url, chromium, path, 360)
    every = page.locator(SCROLLING)
    assert await every.evaluate_all(UNSEEN) == []
    for each in await every.all():
        if await each.is_visible() and await each.evaluate("each => each.scrollWidth > each.clientWidth + 20"):
            break
    else:
        raise AssertionError("nothing is wider than a phone")
    await each.focus()
    await page.keyboard.press("ArrowRight")
    await expect(each).not_to_have_js_property("scrollLeft", 0)
