"""A place on offer, on a phone: accepted by one, let lapse by another who comes again at the end of the line."""

from datetime import timedelta
from uuid import UUID

from playwright.async_api import Page, expect

from events.core import clock, database, secrets
from events.core.actor import ANONYMOUS
from events.registration.actions import register
from events.registration.offers import lapse_due
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right
from tests.registration.test_register import someone

PHONE = {"width": 360, "height": 740}


async def full_event() -> list[UUID]:
    """One place, given; two stand in line."""
    start = clock.now() + timedelta(days=20)
    event = await make_event(
        capacity=1, waiting_list="offer", starts_at=start, ends_at=start + timedelta(hours=5), slug="paja"
    )
    return [
        (await register(event, someone(number, language="en"), actor=ANONYMOUS, now=clock.now())).id
        for number in range(3)
    ]


async def own_page(page: Page, server_url: str, registration: UUID) -> None:
    await page.goto(f"{server_url}/r/{secrets.derive('manage', registration)}")


async def give_up(page: Page) -> None:
    await page.get_by_role("button", name="Cancel the registration").click()
    await page.get_by_role("button", name="Cancel the registration").click()
    await expect(page.get_by_text("Cancelled").first).to_be_visible()


async def test_an_offer_is_accepted_by_one_and_lapses_for_the_next(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    going, first, second = await full_event()
    page = await (await chromium()).new_page(locale="en-GB", viewport=PHONE, reduced_motion="reduce")
    await own_page(page, server_url, first)
    await expect(page.locator("main")).to_contain_text("Your position is 1.")

    await own_page(page, server_url, going)
    await give_up(page)
    await own_page(page, server_url, first)
    assert await looks_right(page, "the offer") == []
    await page.get_by_role("button", name="Accept the place").press("Enter")
    await expect(page.locator("main")).to_contain_text("Thank you, the place is yours")
    await expect(page.get_by_role("button", name="Open the ticket")).to_be_visible()

    await give_up(page)
    await own_page(page, server_url, second)
    await expect(page.get_by_role("button", name="Decline the place")).to_be_visible()
    assert await lapse_due(clock.now() + timedelta(hours=25)) == 1
    await page.get_by_role("button", name="Accept the place").click()
    await expect(page.locator("main")).to_contain_text("The time for this is over")
    assert await looks_right(page, "the lapsed offer") == []
    await page.get_by_role("button", name="Register again at the end of the line").click()
    await expect(page.get_by_role("button", name="Open the ticket")).to_be_visible()
    assert await database.fetchval("SELECT taken FROM site") == 1
