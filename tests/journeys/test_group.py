"""One person registers colleagues on a phone; each gets a ticket, and the place that is missing is said."""

from datetime import timedelta

from playwright.async_api import expect

from events.core import clock, database
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right

PHONE = {"width": 360, "height": 740}


async def test_three_register_together_on_a_phone_and_each_learns_what_they_got(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    start = clock.now() + timedelta(days=20)
    await make_event(slug="paja", capacity=2, starts_at=start, ends_at=start + timedelta(hours=5))
    page = await (await chromium()).new_page(locale="fi-FI", viewport=PHONE, reduced_motion="reduce")
    await page.goto(f"{server_url}/events/paja/register")
    await page.locator("[name=given_name]").fill("Aino")
    await page.locator("[name=family_name]").fill("Esimerkki")
    await page.locator("[name=email]").fill("aino@yritys.example")
    await page.locator("[name=organisation]").fill("Yritys Oy")
    await page.locator("[name=municipality]").select_option("837")
    for number, name in enumerate(("Eino", "Oiva")):
        await page.get_by_role("button", name="Ilmoita myös kollega").click()
        row = page.locator("#colleagues fieldset").nth(number)
        await row.locator("[name$=given_name]").fill(name)
        await row.locator("[name$=family_name]").fill("Esimerkki")
    await page.locator("#colleagues fieldset").nth(0).locator("[name$=email]").fill("eino@yritys.example")
    await page.locator("form#registration button[type=submit]").last.click()
    await expect(page.locator("#error-summary")).to_be_focused()
    await expect(page.locator("[name=given_name]").first).to_have_value("Aino")
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    assert await looks_right(page, "the group with its error") == []

    await page.set_viewport_size({"width": 360, "height": 740})
    await page.locator("#colleagues fieldset").nth(1).locator("[name$=email]").fill("oiva@yritys.example")
    await page.locator("form#registration button[type=submit]").last.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Aino")
    await expect(page.locator("main")).to_contain_text("Oiva Esimerkki")
    assert await looks_right(page, "what the group got") == []
    rows = await database.fetch(
        "SELECT given_name, state FROM registration JOIN person ON person.id = registration.person ORDER BY number"
    )
    assert [tuple(row) for row in rows] == [("Aino", "confirmed"), ("Eino", "confirmed"), ("Oiva", "waitlisted")]
