"""Checking in by oneself: at a tablet with a camera, and on one's own phone that has opened its ticket."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from events.accounts.devices import actions as devices
from events.accounts.devices.tables import DeviceKind
from events.checkin.oneself.actions import poster_code
from events.checkin.settings.actions import choose
from events.checkin.settings.queries import chosen
from events.checkin.settings.tables import Poster
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.checkin.doors import attendance, ticket
from tests.factories import make_person, make_registration
from tests.journeys.camera import film
from tests.journeys.conftest import Launch
from tests.journeys.test_door import event_now


async def tablet(launch: Launch, url: str, event: UUID, camera: Path | None) -> Page:
    now = clock.now()
    until = now + timedelta(hours=6)
    code = await devices.offer("Aula", DeviceKind.KIOSK, {event: "06"}, until=until, actor=SYSTEM, now=now)
    page = await (await (await launch(camera=camera)).new_context(locale="fi-FI")).new_page()
    await page.goto(f"{url}/door/pair/{code}")
    await page.get_by_role("button", name="Kyllä, käytä tätä laitetta").click()
    return page


async def test_a_ticket_before_the_tablet_checks_in_and_the_next_person_finds_the_beginning(
    server_url: str, chromium: Launch, tmp_path: Path
) -> None:
    event, slug = await event_now()
    aino = await make_registration(event, person=await make_person("Aino"))
    ville = await make_registration(event, person=await make_person("Ville", email="ville@yritys.example"))
    shown = film(tmp_path / "ticket.mjpeg", ["", f"{server_url}/t/{ticket(aino)}", *[""] * 20], seconds=2)
    page = await tablet(chromium, server_url, event, shown)
    await expect(page).to_have_url(f"{server_url}/kiosk/{slug}")
    stage = page.locator("[data-stage]")
    await expect(stage).to_contain_text("Aino Esimerkki", timeout=20_000)
    assert (await attendance(aino))[0] == "attended"
    await expect(stage).to_be_empty(timeout=10_000)

    letters, address = (
        page.get_by_label("Nimesi ensimmäiset"),
        page.get_by_label("Sähköpostiosoite, jolla ilmoittauduit"),
    )
    await letters.fill("V")
    await address.fill("wrong@yritys.example")
    await page.get_by_role("button", name="Kirjaa saapumisesi").click()
    await expect(page.locator("[data-oneself]")).to_contain_text("Kirjoita vähintään kaksi kirjainta.")
    await letters.fill("Vil")
    await address.fill("ville@yritys.example")
    await page.keyboard.press("Enter")
    await expect(stage).to_contain_text("Ville Esimerkki")
    assert (await attendance(ville))[0] == "attended"
    await stage.get_by_role("button", name="Seuraava").click()
    await expect(stage).to_be_empty()
    await expect(letters).to_have_value("")
    await expect(address).to_have_value("")
    await expect(page.locator("[data-oneself] .invalid, [data-oneself] .notice")).to_have_count(0)


async def test_without_a_network_the_tablet_says_so_and_stays_for_the_next(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    page = await tablet(chromium, server_url, event, None)
    await page.clock.install()
    await page.goto(f"{server_url}/kiosk/{slug}")
    await page.context.set_offline(True)
    await page.get_by_label("Lipun koodi").fill("ABC234")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-stage]")).to_contain_text("Ei yhteyttä")
    await page.get_by_label("Lipun koodi").fill("ABC")
    await page.clock.run_for(61_000)
    await expect(page.get_by_label("Lipun koodi")).to_have_value("")
    await page.context.set_offline(False)
    await page.get_by_label("Lipun koodi").fill("ABC")
    async with page.expect_navigation():
        await page.clock.run_for(61_000)
    await expect(page.get_by_label("Lipun koodi")).to_have_value("")


async def test_a_phone_that_has_opened_its_ticket_checks_in_by_one_tap(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    aino = await make_registration(event, person=await make_person("Aino"))
    await choose(event, exits=False, poster=Poster.FIXED, actor=SYSTEM, now=clock.now())
    page = await (await (await chromium()).new_context(locale="fi-FI")).new_page()
    url = f"{server_url}/here/{slug}/{poster_code(event, await chosen(event), clock.now())}"
    one_tap = page.get_by_role("button", name="Kirjaa saapumisesi tässä puhelimessa olevalla lipulla")
    await page.goto(url)
    await expect(one_tap).to_be_hidden()
    await page.goto(f"{server_url}/t/{ticket(aino)}")
    await expect(page.locator("body[data-ticket=kept]")).to_have_count(1)
    await page.goto(url)
    await one_tap.click()
    await expect(page.locator("main")).to_contain_text("Aino Esimerkki")
    assert await database.fetchval("SELECT actor_kind FROM scan WHERE registration = $1", aino) == "participant"
