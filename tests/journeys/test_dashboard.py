"""Reading the dashboard without a mouse: a filter, a figure down to its rows, and back."""

from playwright.async_api import expect

from tests.journeys.conftest import Launch
from tests.journeys.keyboard import Keyboard
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
    await desk.go(page.locator(".region-map a").first, within=30)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Participations behind the figure")
    await expect(page.get_by_text("6 participations")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Back to the report"), within=1)
    await expect(page.get_by_text("Theme: Industrial digitalisation")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Take off: Theme"), within=20)
    await expect(page.get_by_text("Everything there is")).to_be_visible()
