"""A queue of people before the camera, and a network that goes in the middle of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from events.accounts.devices import actions as devices
from events.accounts.devices.tables import DeviceKind
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.checkin.doors import scans, ticket
from tests.journeys.camera import Look, film
from tests.journeys.conftest import Launch, Served
from tests.journeys.test_door import event_now, someone
from tests.journeys.test_door_offline import SENT, arrived, ready, walk_in

WITH_NETWORK, WITHOUT = 30, 20
SHOWN, AWAY = 0.6, 4
"""Seconds that a ticket is held before the camera, and that nobody comes while the network goes."""

PATIENCE = 120
"""Seconds: two rounds of the film, on a machine that does other things too."""

LOOKS = (
    Look(),
    Look(turned=20),
    Look(turned=45),
    Look(turned=90),
    Look(turned=203),
    Look(side=150),
    Look(side=130, turned=33),
    Look(blur=2),
    Look(blur=1.5, turned=75),
    Look(light=0.25),
    Look(light=0.3, side=170, turned=10),
    Look(light=0.4, blur=1.2, side=260),
)


async def paired(launch: Launch, url: str, event: UUID, shown: Path) -> Page:
    """A phone that was paired with the event's door, whose camera sees the film."""
    now = clock.now()
    with_code = await devices.offer(
        "Pääovi", DeviceKind.DOOR, {event: "06"}, until=now + timedelta(hours=6), actor=SYSTEM, now=now
    )
    context = await (await launch(camera=shown)).new_context(locale="fi-FI")
    page = await context.new_page()
    await page.goto(f"{url}/door/pair/{with_code}")
    await page.get_by_role("button", name="Kyllä, käytä tätä puhelinta").click()
    await ready(page)
    return page


async def until(count: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Wait until so many are counted; the film begins again for whoever was missed."""
    async with asyncio.timeout(PATIENCE):
        while await count() < wanted:  # noqa: ASYNC110 - the browser and the database tell nobody
            await asyncio.sleep(0.2)


async def test_thirty_tickets_are_read_as_people_hold_them_and_twenty_more_without_a_network(
    server: Served, chromium: Launch, committed_db: str, tmp_path: Path
) -> None:
    event, _slug = await event_now()
    people = [await someone(event, "Aino", f"Esimerkki{number}") for number in range(WITH_NETWORK + WITHOUT)]
    texts = [f"{server.url}/t/{ticket(person)}" for person in people]
    wall = [""] * round(AWAY / SHOWN)
    queue = [*texts[:WITH_NETWORK], *wall, *texts[WITH_NETWORK:], *wall]
    shown = film(tmp_path / "queue.mjpeg", queue, seconds=SHOWN, looks=LOOKS)
    page = await paired(chromium, server.url, event, shown)

    await until(lambda: arrived(event), WITH_NETWORK)
    await page.context.set_offline(True)
    met = await arrived(event)
    assert met < len(people) - WITHOUT // 2, "the network went while people were still coming"
    waiting = page.locator('[data-status="waiting"]')
    await until(lambda: page.evaluate(DECIDED), len(people) - met)
    await page.locator('[data-mode="find"]').dispatch_event("click")  # this switches the camera off
    await page.keyboard.press("Escape")
    await walk_in(page, "Kaisa Ovelta")
    await page.reload()
    await ready(page)
    await page.locator('[data-mode="find"]').dispatch_event("click")
    await expect(waiting).to_contain_text("tässä puhelimessa")
    assert await arrived(event) == met

    await asyncio.to_thread(server.stop)
    await page.context.set_offline(False)
    await asyncio.to_thread(server.start, committed_db)
    await expect(waiting).to_have_text(SENT, timeout=30_000)
    assert await arrived(event) == len(people) + 1
    let_in = "SELECT count(*) FROM scan WHERE registration = ANY($1) AND type = 'entry' AND result = 'ok'"
    assert await database.fetchval(let_in, people) == len(people), "each counts once"
    assert min([await scans(person) for person in people]) >= 1


DECIDED = """
async () => new Promise((done) => {
  const opening = indexedDB.open("sixnet-door");
  opening.onsuccess = () => {
    const db = opening.result;
    const asked = db.transaction("queue").objectStore("queue").getAll();
    asked.onsuccess = () => {
      db.close();
      done(asked.result.filter(({ said, sent, deciding }) => said === "ok" && !sent && !deciding).length);
    };
  };
})
"""
"""How many people this phone has let in by itself and not yet told of."""
