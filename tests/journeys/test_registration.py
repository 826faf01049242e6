"""Registering in a real browser: what the script adds, what works without it, what opens without a network."""

from datetime import timedelta
from uuid import UUID

from playwright.async_api import Page, expect

from events.core import clock, database, secrets
from events.network.matching import organisation_key
from tests.factories import insert, make_event, make_registration
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right

SLUG = "paja"


async def make_open_event() -> UUID:
    start = clock.now() + timedelta(days=20)
    return await make_event(slug=SLUG, starts_at=start, ends_at=start + timedelta(hours=5), online=True)


async def fill(page: Page) -> None:
    await page.get_by_label("Given name").fill("Aino")
    await page.get_by_label("Family name").fill("Esimerkki")
    await page.locator("[name=email]").fill("aino@yritys.example")


async def make_known(name: str, **columns: object) -> None:
    folded = organisation_key(name)
    organisation = await insert("organisation", name=name, folded=folded, municipality="837", **columns)
    await insert("organisation_alias", organisation=organisation, name=name, folded=folded)


async def test_the_form_suggests_organisations_and_asks_only_what_is_not_known(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_open_event()
    await make_known("Tunnettu Oy", type="company", size_class="small")
    page = await (await chromium()).new_page(locale="en-GB")
    await page.goto(f"{server_url}/events/{SLUG}/register")
    size, country = page.locator("[name=size]"), page.locator("[name=country]")
    await expect(size).to_be_hidden()
    await expect(country).to_be_hidden()
    await page.locator("[name=organisation]").press_sequentially("Tunn")
    await expect(page.locator("#organisations option")).to_have_count(1)
    await page.locator("[name=organisation]").fill("Tunnettu Oy")
    await expect(page.locator("[name=municipality]")).to_have_value("837")
    await expect(size).to_be_hidden()
    await page.locator("[name=organisation]").fill("Aivan Uusi Oy")
    await page.locator("[name=email]").focus()
    await expect(size).to_be_visible()
    await page.locator("[name=municipality]").select_option("abroad")
    await expect(country).to_be_visible()


async def test_without_scripts_one_registers_all_the_same(server_url: str, committed_db: str, chromium: Launch) -> None:
    await make_open_event()
    context = await (await chromium()).new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server_url}/events/{SLUG}/register")
    await fill(page)
    await page.get_by_role("button", name="Register").last.click()
    await expect(page.locator("#error-summary")).to_contain_text("Choose the municipality")
    await page.locator("[name=municipality]").select_option("837")
    await page.get_by_role("button", name="Register").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Aino!")
    assert await database.fetchval("SELECT state FROM registration") == "confirmed"


async def test_errors_take_the_focus_and_lead_to_their_fields(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_open_event()
    page = await (await chromium()).new_page(locale="en-GB")
    await page.goto(f"{server_url}/events/{SLUG}/register")
    await page.locator("[name=family_name]").press("Enter")
    await expect(page.locator("#error-summary")).to_be_focused()
    await expect(page.locator("#colleagues fieldset")).to_have_count(0)
    await page.locator("#error-summary a").first.click()
    await expect(page.locator("[name=given_name]")).to_be_focused()


async def test_changing_the_language_keeps_what_was_typed(server_url: str, committed_db: str, chromium: Launch) -> None:
    await make_open_event()
    page = await (await chromium()).new_page(locale="en-GB")
    await page.goto(f"{server_url}/events/{SLUG}/register")
    await fill(page)
    await page.get_by_role("button", name="Svenska").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anmäl dig")
    await expect(page.locator("[name=email]")).to_have_value("aino@yritys.example")


async def test_a_ticket_that_was_opened_once_opens_again_without_a_network(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    registration = await make_registration(await make_event(), language="en")
    code = await database.fetchval("SELECT ticket_code FROM registration")
    context = await (await chromium()).new_context(locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{server_url}/t/{secrets.derive('ticket', registration)}")
    await expect(page.locator("body[data-ticket=kept]")).to_be_attached()
    await context.set_offline(True)
    await page.reload()
    await expect(page.locator(".code")).to_have_text(code)
    header = page.locator(".ticket > header")
    assert await header.evaluate("header => getComputedStyle(header).backgroundColor") == "rgb(0, 53, 122)"
    await context.set_offline(False)
    await database.execute("UPDATE registration SET state = 'cancelled'")
    await page.reload()
    await expect(page.locator(".notice")).to_contain_text("does not open the door")


async def test_the_code_is_dark_on_light_in_dark_mode_too(server_url: str, committed_db: str, chromium: Launch) -> None:
    registration = await make_registration(await make_event())
    page = await (await chromium()).new_page(color_scheme="dark")
    await page.goto(f"{server_url}/t/{secrets.derive('ticket', registration)}")
    fills = await page.locator(".qr path").evaluate_all("paths => paths.map((path) => getComputedStyle(path).fill)")
    assert fills == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


async def test_the_pages_that_a_form_leads_to_look_right(server_url: str, committed_db: str, chromium: Launch) -> None:
    """The form with its errors, and the thanks: what only sending shows; all others are in `every_page`."""
    await make_open_event()
    context = await (await chromium()).new_context(locale="fi-FI", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{server_url}/events/{SLUG}/register")
    await page.locator("[name=given_name]").press("Enter")
    await expect(page.locator("#error-summary")).to_be_visible()
    assert await looks_right(page, "the form with its errors") == []
    await page.locator("[name=given_name]").fill("Aino")
    await page.locator("[name=family_name]").fill("Esimerkki")
    await page.locator("[name=email]").fill("aino@yritys.example")
    await page.locator("[name=municipality]").select_option("837")
    await page.locator("form .buttons button[type=submit]").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kiitos, Aino!")
    assert await looks_right(page, "the thanks") == []
