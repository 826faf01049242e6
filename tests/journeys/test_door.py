import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from events.checkin.settings.actions import choose
from events.checkin.settings.tables import Poster
from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.server import KILL_AFTER
from tests.checkin.doors import attendance, slug_of, ticket
from tests.factories import insert, make_event, make_person, make_registration
from tests.journeys.camera import film
from tests.journeys.conftest import Launch, Served
from tests.journeys.staff import sign_in_as


async def event_now() -> tuple[UUID, str]:
    now = datetime.now(UTC)
    event = await make_event(starts_at=now, ends_at=now + timedelta(hours=3), capacity=None)
    return event, await slug_of(event)


async def at_the_door(
    launch: Launch, server_url: str, slug: str, *, camera: Path | None = None, script: bool = True
) -> Page:
    context = await (await launch(camera=camera)).new_context(locale="fi-FI", java_script_enabled=script)
    await sign_in_as(context, server_url, "door")
    page = await context.new_page()
    await page.goto(f"{server_url}/door/{slug}")
    return page


async def test_the_camera_reads_a_ticket_and_then_says_that_it_is_used(
    server_url: str, chromium: Launch, tmp_path: Path
) -> None:
    event, slug = await event_now()
    organisation = await insert("organisation", name="Konepaja Oy", folded="konepaja oy")
    person = await make_person("Väinö", "Ääninen")
    registration = await make_registration(event, person=person, organisation=organisation)
    # Away for four seconds: after three out of sight (camera.js) the same code is a new reading.
    shown = film(tmp_path / "ticket.mjpeg", [f"{server_url}/t/{ticket(registration)}", "", ""], seconds=2)
    page = await at_the_door(chromium, server_url, slug, camera=shown)
    verdict = page.locator(".verdict")
    await expect(verdict).to_have_attribute("data-key", "ok", timeout=15_000)
    await expect(verdict).to_contain_text("Väinö Ääninen")
    await expect(verdict).to_contain_text("Konepaja Oy")
    await expect(page.locator("[data-count=arrived]")).to_have_text("1")
    # the film is shown again from its beginning: out of sight and back, and nobody has touched the screen
    await expect(verdict).to_have_attribute("data-key", "duplicate", timeout=20_000)
    said = await database.fetch("SELECT result FROM scan WHERE registration = $1 ORDER BY received_at", registration)
    assert [row["result"] for row in said][:2] == ["ok", "duplicate"]


async def someone(event: UUID, given_name: str = "Väinö", family_name: str = "Ääninen", **columns: str) -> UUID:
    return await make_registration(event, person=await make_person(given_name, family_name), **columns)


async def test_a_scanner_that_types_is_heard_wherever_the_focus_is(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    first, second = await someone(event), await someone(event, "Aino", "Esimerkki")
    page = await at_the_door(chromium, server_url, slug)
    await page.locator("#secret").focus()
    await page.keyboard.type(secrets.short_code(first))
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict .who")).to_have_text("Väinö Ääninen")
    # the verdict covers the page now; a scanner with another keyboard layout mangles what is no letter
    await page.keyboard.type(f"http>--sixnet.example-t-{ticket(second)}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict .who")).to_have_text("Aino Esimerkki")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "ok")


async def test_a_person_is_found_let_in_and_the_entry_undone(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    page = await at_the_door(chromium, server_url, slug)
    await page.get_by_role("button", name="Etsi nimellä").click()
    await page.get_by_label("Nimi tai organisaatio").fill("vaino aan")
    await page.get_by_role("button", name="Päästä sisään Väinö Ääninen").click()
    await expect(page.locator(".verdict .word")).to_have_text("Tervetuloa")
    await page.get_by_role("button", name="Peru sisäänkirjaus").click()
    await expect(page.locator(".verdict .word")).to_have_text("Sisäänkirjaus peruttu")
    await page.get_by_role("button", name="Seuraava").click()
    await expect(page.locator(".verdict")).to_have_count(0)
    await expect(page.get_by_label("Nimi tai organisaatio")).to_be_focused()
    assert (await attendance(registration))[0] == "unknown"


async def test_who_waits_is_let_in_by_one_more_tap(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event, state="waitlisted")
    page = await at_the_door(chromium, server_url, slug)
    await page.locator("#secret").fill(ticket(registration))
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict .word")).to_have_text("Jonossa")
    await page.get_by_role("button", name="Päästä silti").click()
    await expect(page.locator(".verdict .word")).to_have_text("Tervetuloa")
    assert (await attendance(registration))[0] == "attended"


async def test_without_a_network_and_a_list_the_door_says_so_and_goes_on_when_it_is_back(
    server_url: str, chromium: Launch
) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    context = await (await chromium()).new_context(locale="fi-FI")
    await sign_in_as(context, server_url, "door")
    await context.route("**/checkin/pack*", lambda route: route.abort())
    page = await context.new_page()
    await page.goto(f"{server_url}/door/{slug}")
    await context.set_offline(True)
    await page.locator("#secret").fill(ticket(registration))
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "unreachable")
    await context.set_offline(False)
    await page.keyboard.press("Escape")
    await page.locator("#secret").fill(ticket(registration))
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict")).to_have_attribute("data-key", "ok")


async def test_the_door_works_without_script(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    page = await at_the_door(chromium, server_url, slug, script=False)
    await page.locator("#secret").fill(secrets.short_code(registration).lower())
    await page.get_by_role("button", name="Tarkista").click()
    await expect(page.locator(".verdict .word")).to_have_text("Tervetuloa")
    await page.get_by_role("button", name="Peru sisäänkirjaus").click()
    await expect(page.locator(".verdict .word")).to_have_text("Sisäänkirjaus peruttu")
    await page.get_by_label("Nimi tai organisaatio").fill("ääninen")
    await page.get_by_role("button", name="Hae").click()
    await page.get_by_role("button", name="Päästä sisään Väinö Ääninen").click()
    await expect(page.locator(".verdict .word")).to_have_text("Tervetuloa")


async def test_two_doors_see_the_same_count(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    here, there = [await at_the_door(chromium, server_url, slug) for _ in range(2)]
    await here.locator("#secret").fill(ticket(registration))
    await here.keyboard.press("Enter")
    for page in (here, there):
        await expect(page.locator("[data-count=arrived]")).to_have_text("1")


async def test_who_watches_does_not_hold_up_the_stop(server: Served, chromium: Launch) -> None:
    _event, slug = await event_now()
    page = await at_the_door(chromium, server.url, slug)
    await expect(page.locator("[data-count=arrived]")).to_have_text("0")
    begun = time.monotonic()
    server.process.terminate()
    assert await asyncio.to_thread(server.process.wait, 30) == 0
    assert time.monotonic() - begun < KILL_AFTER


async def test_people_go_out_where_exits_are_read(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    registration = await someone(event)
    page = await at_the_door(chromium, server_url, slug)
    await expect(page.get_by_label("Ulos", exact=True)).to_have_count(0)
    await choose(event, exits=True, poster=Poster.NONE, actor=SYSTEM, now=clock.now())
    await page.reload()
    verdict = page.locator(".verdict")
    for way, key in (("Sisään", "ok"), ("Ulos", "left"), ("Ulos", "not_inside"), ("Sisään", "ok")):
        await page.get_by_label(way, exact=True).check()
        await page.locator("#secret").fill(ticket(registration))
        await page.keyboard.press("Enter")
        await expect(verdict).to_have_attribute("data-key", key)
        await page.keyboard.press("Escape")
    await page.get_by_label("Ulos", exact=True).check()
    await page.get_by_role("button", name="Etsi nimellä").click()
    await page.get_by_label("Nimi tai organisaatio").fill("vaino")
    await page.get_by_role("button", name="Menee ulos Väinö Ääninen").click()
    await expect(verdict).to_have_attribute("data-key", "left")
    assert (await attendance(registration))[2] is False


async def test_no_name_pushes_the_verdict_or_a_button_off_the_screen(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    await someone(event, "W" * 90, "محمد")
    page = await at_the_door(chromium, server_url, slug)
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.locator("[data-mode=find]").first.click()
    await page.locator("#q").fill("www")
    await expect(page.locator("[data-found] button")).to_be_in_viewport(ratio=1)
    await page.locator("[data-found] button").click()
    for part in (".sign", ".word", ".who", "[data-next]"):
        await expect(page.locator(f".verdict {part}")).to_be_in_viewport(ratio=1)
