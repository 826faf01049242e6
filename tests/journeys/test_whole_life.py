"""An event's whole life, as three people live it: an organiser, a participant, a coordinator."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from events.core import clock, database, jobs, settings
from events.core.broker import make_broker
from tests.journeys.camera import film
from tests.journeys.conftest import Launch
from tests.journeys.service import Service, link_in, serving
from tests.journeys.staff import sign_in_as

AINO = "aino.ahola@konepaja.example"
TITLE = "Robots for a small machine shop"


async def test_an_event_is_published_attended_and_counted(committed_db: str, chromium: Launch, tmp_path: Path) -> None:
    async with serving(committed_db, tmp_path) as service:
        desk = await chromium()
        slug = await organiser_publishes(await signed_in(desk, service, "organiser"), service)
        ticket = await participant_registers(await visitor(desk), service, slug)
        camera = film(tmp_path / "ticket.mjpeg", [ticket], seconds=2)
        await door_lets_in(await signed_in(await chromium(camera=camera), service, "door"), service, slug)
        await the_event_ends(committed_db, slug)
        await participant_answers(await visitor(desk), service)
        await organiser_closes(await signed_in(desk, service, "organiser"), service, slug)
        await coordinator_counts(await signed_in(desk, service, "coordinator"), service)


async def organiser_publishes(page: Page, service: Service) -> str:
    await page.goto(f"{service.url}/staff/events/new")
    await page.get_by_label("Workshop").check()
    await page.get_by_label("Title").fill(TITLE)
    await page.locator("[name=day]").fill((datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d"))
    await page.locator("[name=starts]").fill("09:00")
    await page.locator("[name=ends]").fill("15:00")
    await page.locator("[name=region]").select_option(label="Pirkanmaa")
    await page.locator("[name=venue]").fill("Tampere-talo, Tampere")
    await page.locator("[name=places]").fill("20")
    await page.get_by_role("button", name="Make a draft").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    slug = page.url.rstrip("/").split("/")[-1].split("?")[0]
    await page.goto(f"{service.url}/staff/events/{slug}/publish")
    await page.get_by_role("button", name="Publish").click()
    await page.goto(service.url)
    await expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    return slug


async def participant_registers(page: Page, service: Service, slug: str) -> str:
    """Register, read the mail, open the ticket; returns what its QR code says."""
    await page.goto(f"{service.url}/events/{slug}")
    await page.locator("a[href$='/register']").click()
    await page.get_by_label("Given name").fill("Aino")
    await page.get_by_label("Family name").fill("Ahola")
    await page.locator("[name=email]").fill(AINO)
    await page.locator("[name=organisation]").fill("Aholan konepaja Oy")
    await page.locator("[name=municipality]").select_option(label="Nokia")
    await page.get_by_role("button", name="Register", exact=True).click()
    await expect(page.get_by_text("You are registered.")).to_be_visible()
    message = await service.mail_to(AINO, TITLE)
    ticket = link_in(message, "/t/")
    await page.goto(ticket)
    await expect(page.get_by_text("Aino")).to_have_count(0)
    await expect(page.locator("main img, main svg").first).to_be_visible()
    return ticket


async def door_lets_in(page: Page, service: Service, slug: str) -> None:
    await page.goto(f"{service.url}/door/{slug}")
    verdict = page.locator(".verdict")
    await expect(verdict).to_have_attribute("data-key", "ok", timeout=30_000)
    await expect(verdict).to_contain_text("Aino Ahola")
    await page.close()  # a camera that films on takes a processor from the rest


async def the_event_ends(database_url: str, slug: str) -> None:
    """Move the event to the day before yesterday, so that its feedback is due; then do as the tick does."""
    await database.execute(
        "UPDATE event SET starts_at = starts_at - interval '22 days', ends_at = ends_at - interval '22 days',"
        " published_at = published_at - interval '22 days' WHERE slug = $1",
        slug,
    )
    settings.override(database_url=database_url)
    broker = make_broker(settings.get_settings(), middleware=[])
    jobs.use(broker)
    jobs.nudge("surveys.invite")
    jobs.flush()
    jobs.use(None)
    broker.close()


async def participant_answers(page: Page, service: Service) -> None:
    message = await service.mail_to(AINO, "/s/")
    await page.goto(link_in(message, "/s/"))
    await page.locator("input[type=radio][value='5']").first.check()
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


async def organiser_closes(page: Page, service: Service, slug: str) -> None:
    await page.goto(f"{service.url}/staff/events/{slug}/attendance")
    await page.get_by_role("button", name="Close the attendance").click()
    await expect(page.get_by_text("The attendance is closed")).to_be_visible()


async def coordinator_counts(page: Page, service: Service) -> None:
    now = clock.now()
    first, last = (now - timedelta(days=10)).date(), now.date()
    await page.goto(f"{service.url}/staff/reports/participation?from={first}&to={last}&region=06")
    await expect(page.locator(".key-figures")).to_contain_text("1")
    await expect(page.get_by_role("row", name="Pirkanmaa 1").first).to_be_visible()


async def visitor(browser: Browser) -> Page:
    return await (await browser.new_context(locale="en-GB", viewport={"width": 360, "height": 780})).new_page()


async def signed_in(browser: Browser, service: Service, role: str) -> Page:
    context = await browser.new_context(locale="en-GB")
    await sign_in_as(context, service.url, role)
    return await context.new_page()
