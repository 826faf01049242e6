"""The door without a network, in a real browser: nothing of what it did is lost, and nothing counts twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from playwright.async_api import BrowserContext, Page, Route, expect

from events.accounts.devices import queries as devices
from events.core import database, secrets
from tests.checkin.doors import attendance, scans, ticket
from tests.factories import make_registration
from tests.journeys.conftest import Launch, Served
from tests.journeys.staff import sign_in_as
from tests.journeys.test_door import event_now, someone

SENT = "Kaikki lähetetty – voit sulkea tämän sivun"


async def ready(page: Page) -> None:
    await expect(page.locator("body[data-ready=offline]")).to_have_count(1, timeout=15_000)


async def at_the_door(context: BrowserContext, url: str, slug: str) -> Page:
    """A page of a door that has taken along what it needs."""
    page = await context.new_page()
    await page.goto(f"{url}/door/{slug}")
    await ready(page)
    return page


async def door_of_staff(chromium: Launch, url: str) -> BrowserContext:
    context = await (await chromium()).new_context(locale="fi-FI")
    await sign_in_as(context, url, "door")
    return context


async def read(page: Page, secret: str, verdict: str) -> None:
    """Read a ticket; the verdict has to be there."""
    await page.keyboard.press("Escape")
    await page.locator("#secret").fill(secret)
    await page.locator("#secret").press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", verdict)
    await page.keyboard.press("Escape")


async def walk_in(page: Page, name: str) -> None:
    await page.locator('[data-mode="walk-in"]').click()
    await page.locator("#walk-in-name").fill(name)
    await page.locator("#walk-in-name").press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "walk_in")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Lue koodi").click()


async def arrived(event: UUID) -> int:
    sql = (
        "SELECT count(*) FROM attendance JOIN registration ON registration.id = registration"
        " WHERE event = $1 AND attendance.state = 'attended'"
    )
    count: int = await database.fetchval(sql, event)
    return count


async def test_a_paired_phone_goes_on_without_network_and_everything_arrives_once(
    server: Served, chromium: Launch, committed_db: str
) -> None:
    event, slug = await event_now()
    people = [await someone(event, "Aino", f"Esimerkki{number}") for number in range(5)]
    organiser = await (await chromium()).new_context(locale="fi-FI")
    await sign_in_as(organiser, server.url, "organiser")
    office = await organiser.new_page()
    await office.goto(f"{server.url}/staff/events/{slug}/doors")
    await office.get_by_label("Puhelimen tai sen oven nimi").fill("Pääovi")
    await office.get_by_role("button", name="Näytä koodi").click()
    address = await office.locator("#address").input_value()

    context = await (await chromium()).new_context(locale="fi-FI")
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("button", name="Kyllä, käytä tätä puhelinta").click()
    await ready(page)
    await read(page, ticket(people[0]), "ok")

    await context.set_offline(True)
    await read(page, ticket(people[1]), "ok")
    await read(page, ticket(people[0]), "duplicate")
    await read(page, secrets.short_code(people[2]), "ok")
    await read(page, "x" * 26, "unknown")
    await page.get_by_role("button", name="Etsi nimellä").click()
    await page.locator("#q").fill("AINO esimerkki3")
    await page.get_by_role("button", name="Päästä sisään Aino Esimerkki3").click()
    await expect(page.locator(".verdict .word")).to_have_text("Tervetuloa")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Lue koodi").click()
    await walk_in(page, "Kaisa Ovelta")
    await expect(page.locator('[data-status="waiting"]')).to_contain_text("6 kirjausta on tässä puhelimessa")

    await page.reload()  # the page itself opens without a network
    await ready(page)
    await expect(page.locator('[data-status="waiting"]')).to_contain_text("6 kirjausta on tässä puhelimessa")
    await read(page, ticket(people[1]), "duplicate")
    assert await arrived(event) == 1

    await asyncio.to_thread(server.stop)
    await context.set_offline(False)
    await read(page, ticket(people[4]), "ok")
    await asyncio.to_thread(server.start, committed_db)
    await page.reload()
    await expect(page.locator('[data-status="waiting"]')).to_have_text(SENT, timeout=20_000)
    assert await arrived(event) == 6
    assert [await scans(person) for person in people] == [2, 2, 1, 1, 1]
    await office.goto(f"{server.url}/staff/events/{slug}/doors")
    await expect(office.get_by_role("row").filter(has_text="Pääovi")).to_contain_text("Kaikki lähetetty")


async def test_an_answer_that_is_lost_after_it_was_stored_counts_once(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    page = await at_the_door(await door_of_staff(chromium, server_url), server_url, slug)

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/checkin/redeem", lose)
    await page.route("**/checkin/sync", lose, times=1)
    await read(page, ticket(registration), "ok")
    await expect(page.locator('[data-status="waiting"]')).to_have_text(SENT, timeout=25_000)
    assert await scans(registration) == 1
    assert (await attendance(registration))[0] == "attended"


async def test_a_server_in_trouble_is_asked_again(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    page = await at_the_door(await door_of_staff(chromium, server_url), server_url, slug)

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="")

    await page.route("**/api/v1/checkin/**", fail)
    await read(page, ticket(registration), "ok")
    await expect(page.locator('[data-status="waiting"]')).to_contain_text("1 kirjaus on tässä puhelimessa")
    await page.unroute("**/api/v1/checkin/**")
    await expect(page.locator('[data-status="waiting"]')).to_have_text(SENT, timeout=25_000)
    assert await scans(registration) == 1


async def test_two_tabs_of_one_phone_send_nothing_twice(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    people = [await someone(event, "Aino", str(number)) for number in range(6)]
    context = await door_of_staff(chromium, server_url)
    tabs = [await at_the_door(context, server_url, slug) for _ in range(2)]
    await context.set_offline(True)
    for number, person in enumerate(people):
        await tabs[number % 2].bring_to_front()
        await read(tabs[number % 2], ticket(person), "ok")
    await tabs[0].bring_to_front()
    await read(tabs[0], ticket(people[1]), "duplicate")  # read by the other tab
    await context.set_offline(False)
    for tab in tabs:
        await expect(tab.locator('[data-status="waiting"]')).to_have_text(SENT, timeout=25_000)
    assert [await scans(person) for person in people] == [1, 2, 1, 1, 1, 1]


async def test_a_revoked_phone_forgets_its_list_and_keeps_what_it_did(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    first, second = await someone(event), await someone(event, "Aino", "Esimerkki")
    context = await door_of_staff(chromium, server_url)
    page = await at_the_door(context, server_url, slug)
    await database.execute("UPDATE session SET revoked_at = now()")
    await context.set_offline(True)
    await read(page, ticket(first), "ok")
    (device,) = await devices.of_event(event)
    await database.execute("UPDATE device SET revoked_at = now() WHERE id = $1", device.id)
    await asyncio.sleep(1.1)  # a device's right is kept in memory for a second
    await context.set_offline(False)
    await expect(page.locator('[data-status="refused"]')).to_be_visible(timeout=25_000)
    await context.set_offline(True)
    await page.locator("#secret").fill(ticket(second))
    await page.locator("#secret").press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "unreachable")
    held = await page.evaluate(
        "() => new Promise((done) => { const open = indexedDB.open('sixnet-door'); open.onsuccess = () => {"
        " const all = open.result.transaction('packs').objectStore('packs').getAll();"
        " all.onsuccess = () => done(all.result.length); }; })"
    )
    assert held == 0
    await context.set_offline(False)
    await sign_in_as(context, server_url, "door")
    await page.reload()
    await expect(page.locator('[data-status="waiting"]')).to_have_text(SENT, timeout=25_000)
    assert (await attendance(first))[0] == "attended"


async def test_a_phone_that_cannot_keep_anything_says_so(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    context = await door_of_staff(chromium, server_url)
    await context.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    page = await context.new_page()
    await page.goto(f"{server_url}/door/{slug}")
    await expect(page.locator('[data-status="storage"]')).to_be_visible(timeout=15_000)
    await read(page, ticket(registration), "ok")
    assert (await attendance(registration))[0] == "attended", "with a network it still works"


async def test_a_phone_that_is_no_door_is_told_how_to_become_one(server_url: str, chromium: Launch) -> None:
    _event, slug = await event_now()
    context = await (await chromium()).new_context(locale="fi-FI")
    page = await context.new_page()
    await page.goto(f"{server_url}/door/{slug}")
    await expect(page).to_have_url(f"{server_url}/staff/sign-in?next=%2Fdoor%2F{slug}")


async def test_an_expired_list_is_forgotten(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await make_registration(event)
    context = await door_of_staff(chromium, server_url)
    page = await context.new_page()
    await page.clock.install(time=datetime.now(UTC))
    await page.goto(f"{server_url}/door/{slug}")
    await ready(page)
    await context.set_offline(True)
    await page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=20))
    await page.locator("#secret").fill(ticket(registration))
    await page.locator("#secret").press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "unreachable")
