"""How long the door lets a person wait: from Enter behind a ticket's code to the verdict on the screen.

What the camera has read goes the same way from there on. With `-n0 --log-cli-level=INFO` the figures
of README.md are shown.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from statistics import median
from uuid import UUID

from playwright.async_api import Page, Route

from tests.checkin.doors import ticket
from tests.journeys.conftest import Launch
from tests.journeys.elsewhere import ENTER, ESCAPE, Firefox
from tests.journeys.test_door import event_now, someone
from tests.journeys.test_door_elsewhere import pair
from tests.journeys.test_door_offline import at_the_door, door_of_staff

WITH_NETWORK, WITHOUT = 150, 100
"""Milliseconds that a reading may last."""

WAITED = 350
"""Milliseconds that show that the door waited for an answer: it does so for 700 (doorkeeper.js)."""

READINGS = 20

ROUNDS = 3
"""At most: other programs use the machine too."""

WATCH = """
const stage = document.querySelector("[data-stage]");
addEventListener("keydown", ({ key, timeStamp }) => {
  if (key !== "Enter") return;
  window.lasted = new Promise((done) => {
    const watch = new MutationObserver(() => {
      if (!stage.firstElementChild) return;
      watch.disconnect();
      // Shown is what was painted: behind the next frame.
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - timeStamp)));
    });
    watch.observe(stage, { childList: true });
  });
}, true);
"""

Read = Callable[[str], Awaitable[float]]
"""Reads a ticket and says how many milliseconds it took."""


async def tickets(event: UUID, number: int) -> Iterator[str]:
    return iter([ticket(await someone(event, "Aino", f"Esimerkki{person}")) for person in range(number)])


async def quickest(what: str, read: Read, codes: Iterator[str], most: float) -> float:
    """The median of a round of readings: the first that lasts less than `most`, or the best of all."""
    best = float("inf")
    for _ in range(ROUNDS):
        best = min(best, median([await read(next(codes)) for _ in range(READINGS)]))
        if best < most:
            break
    logging.getLogger(__name__).info("%s: %.0f ms", what, best)
    return best


async def reader(page: Page) -> Read:
    await page.evaluate(f"() => {{{WATCH}}}")

    async def read(secret: str) -> float:
        await page.keyboard.press("Escape")
        await page.locator("#secret").fill(secret)
        await page.locator("#secret").press("Enter")
        lasted: float = await page.evaluate("window.lasted")
        return lasted

    return read


async def test_a_verdict_is_there_at_once_in_chromium(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    codes = await tickets(event, 2 * ROUNDS * READINGS)
    context = await door_of_staff(chromium, server_url)
    read = await reader(await at_the_door(context, server_url, slug))
    assert await quickest("Chromium, with network", read, codes, WITH_NETWORK) < WITH_NETWORK
    await context.set_offline(True)
    assert await quickest("Chromium, without", read, codes, WITHOUT) < WITHOUT


async def test_a_network_in_which_nothing_arrives_is_waited_for_once(server_url: str, chromium: Launch) -> None:
    event, slug = await event_now()
    codes = await tickets(event, 1 + READINGS // 2)
    page = await at_the_door(await door_of_staff(chromium, server_url), server_url, slug)
    read = await reader(page)

    async def swallow(_route: Route) -> None:
        """Neither answer nor fail."""

    await page.route("**/api/v1/checkin/**", swallow)
    assert await read(next(codes)) > WAITED, "the server could have answered"
    assert median([await read(code) for code in codes]) < WAITED


async def test_a_verdict_is_there_at_once_in_firefox(server_url: str, firefox: Firefox) -> None:
    event, slug = await event_now()
    codes = await tickets(event, 2 * ROUNDS * READINGS)
    await pair(firefox, server_url, event, slug)
    await firefox.run(WATCH)

    async def read(secret: str) -> float:
        await firefox.type("body", ESCAPE)
        await firefox.type("#secret", secret + ENTER)
        lasted: float = await firefox.run("return window.lasted")
        return lasted

    assert await quickest("Firefox, with network", read, codes, WITH_NETWORK) < WITH_NETWORK
    await firefox.offline(True)
    assert await quickest("Firefox, without", read, codes, WITHOUT) < WITHOUT
