"""The door in Firefox ESR and in WebKitGTK, the engine of Safari: it reads codes, and goes on without a network.

What is covered: pairing, the list, the page's own detector on a moving picture, readings while the server is away or the
network is off, the page that opens again from what the phone kept, and that everything arrives once; in Firefox also that
the page opens the camera it is given (one that shows colours), and a browser that was ended and opened again.

What is not: a real camera and its light – the codes are on a canvas in place of what `getUserMedia` gives; sound and
trembling; WebKit without a network, for which it has no switch (its server goes away instead), its own way to a camera,
and WebKit ended and opened again (driven, it keeps nothing over its end); Safari's forgetting after seven days; phones'
own ways to sleep.
"""

import asyncio
import base64
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from events.accounts.devices import actions as devices
from events.accounts.devices.tables import DeviceKind
from events.core import clock
from events.core.actor import SYSTEM
from tests.checkin.doors import scans, ticket
from tests.journeys import elsewhere
from tests.journeys.camera import frame
from tests.journeys.conftest import Served, need
from tests.journeys.elsewhere import ENTER, ESCAPE, Driven, Firefox
from tests.journeys.test_door import event_now, someone
from tests.journeys.test_door_offline import SENT, arrived

SHOW = """
const picture = new Image();
picture.src = arguments[0];
const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
const pen = canvas.getContext("2d");
setInterval(() => {
  if (picture.complete) pen.drawImage(picture, 0, 0);
}, 50);
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
"""
"""Lets a canvas that shows a picture be the camera."""

WAITING = "document.querySelector('[data-status-bar]').dataset.waiting === arguments[0]"
READY = "document.body.dataset.ready === 'offline'"


@pytest.fixture(params=["firefox", "webkit"])
def browser(request: pytest.FixtureRequest) -> Driven:
    driven: Driven = request.getfixturevalue(request.param)
    return driven


async def pair(browser: Driven, url: str, event: UUID, slug: str) -> None:
    """Make the browser a door that has taken along what it needs."""
    now = clock.now()
    until = now + timedelta(hours=6)
    code = await devices.offer("Ovi", DeviceKind.DOOR, {event: "06"}, until=until, actor=SYSTEM, now=now)
    await browser.go(f"{url}/door/pair/{code}")
    await browser.click("main form button")
    await browser.until("location.pathname === arguments[0]", f"/door/{slug}")
    await browser.until(READY)


async def read(browser: Driven, secret: str, verdict: str) -> None:
    """Read a ticket; the verdict has to be there."""
    await browser.type("body", ESCAPE)
    await browser.type("#secret", secret + ENTER)
    await see(browser, verdict)


async def see(browser: Driven, verdict: str) -> None:
    await browser.until("document.querySelector('[data-stage] .verdict')?.dataset.key === arguments[0]", verdict)


async def look_at(browser: Driven, text: str) -> None:
    """Hold a QR code before what the page takes for its camera."""
    seen = base64.b64encode(frame(text)).decode()
    await browser.run(SHOW, f"data:image/jpeg;base64,{seen}")
    await browser.type("body", ESCAPE)
    await browser.click("[data-mode=read]")


async def all_sent(browser: Driven) -> None:
    await browser.until("document.querySelector('[data-status=waiting]').textContent === arguments[0]", SENT)


async def test_a_door_reads_codes_and_goes_on_without_its_server(
    browser: Driven, server: Served, committed_db: str
) -> None:
    event, slug = await event_now()
    people = [await someone(event, "Aino", f"Esimerkki{number}") for number in range(3)]
    await pair(browser, server.url, event, slug)
    await read(browser, ticket(people[0]), "ok")

    await look_at(browser, f"{server.url}/t/{ticket(people[1])}")
    await browser.until("document.querySelector('[data-stage] .verdict .who')?.textContent === 'Aino Esimerkki1'")
    assert await arrived(event) == 2

    await asyncio.to_thread(server.stop)
    await read(browser, ticket(people[2]), "ok")
    await read(browser, ticket(people[0]), "duplicate")
    await browser.reload()  # the page itself opens without a server
    await browser.until(READY)
    await browser.until(WAITING, "2")
    await read(browser, ticket(people[2]), "duplicate")
    await browser.until(WAITING, "3")
    assert await arrived(event) == 2

    await asyncio.to_thread(server.start, committed_db)
    await browser.reload()
    await all_sent(browser)
    assert await arrived(event) == 3
    assert [await scans(person) for person in people] == [2, 1, 2]


async def test_the_door_opens_the_camera_that_firefox_gives_it(firefox: Firefox, server_url: str) -> None:
    event, slug = await event_now()
    await pair(firefox, server_url, event, slug)
    await firefox.until("document.querySelector('[data-camera] video').videoWidth > 0")
    await firefox.until("document.querySelector('[data-camera-note]').textContent === ''")


async def test_firefox_in_its_offline_mode_goes_on_and_sends_once_it_is_out_of_it(
    firefox: Firefox, server_url: str
) -> None:
    event, slug = await event_now()
    first, second = await someone(event), await someone(event, "Aino", "Esimerkki")
    await pair(firefox, server_url, event, slug)
    await firefox.offline(True)
    await read(firefox, ticket(first), "ok")
    await firefox.reload()
    await firefox.until(READY)
    await read(firefox, ticket(first), "duplicate")
    await read(firefox, ticket(second), "ok")
    await firefox.until(WAITING, "3")
    await firefox.offline(False)  # the page hears of it by itself
    await all_sent(firefox)
    assert [await scans(person) for person in (first, second)] == [2, 1]


async def test_firefox_that_was_ended_opens_the_door_again_without_a_server(
    server: Served, committed_db: str, tmp_path: Path
) -> None:
    need("firefox-esr", "firefox-esr")
    event, slug = await event_now()
    first, second = await someone(event), await someone(event, "Aino", "Esimerkki")
    async with elsewhere.firefox(tmp_path) as phone:
        await pair(phone, server.url, event, slug)
        await asyncio.to_thread(server.stop)
        await read(phone, ticket(first), "ok")
    async with elsewhere.firefox(tmp_path) as phone:
        await phone.go(f"{server.url}/door/{slug}")
        await phone.until(READY)
        await phone.until(WAITING, "1")
        await read(phone, ticket(second), "ok")
        await asyncio.to_thread(server.start, committed_db)
        await phone.reload()
        await all_sent(phone)
    assert [await scans(person) for person in (first, second)] == [1, 1]
