"""A letter that goes out: its page shows how far it is by itself, and the rest of the page stays as it is."""

from urllib.parse import parse_qsl
from uuid import uuid4

import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.outreach.audiences.actions import write
from events.outreach.audiences.rules import read_audience
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as
from tests.outreach.audiences.people import TEXTS, guest

BROKEN = r"""() => [...document.querySelectorAll(".choices.columns label")].flatMap((label) => {
  const text = label.firstChild, range = document.createRange();
  return [...text.data.matchAll(/[^\s-]+-?/g)].filter((word) => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  }).map(([word]) => word);
})"""
"""Words of labels that stand on two lines."""


async def test_the_page_of_letters_shows_how_far_they_are(server_url: str, chromium: Launch) -> None:
    for name in ("Aino", "Ville"):
        await guest(name)
    audience = read_audience(parse_qsl("everybody=1"))
    await write(uuid4(), audience, TEXTS, send_at=clock.now(), actor=SYSTEM, now=clock.now())
    context = await (await chromium()).new_context(locale="en-GB")
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/letters")
    assert "0 of 2" in await page.inner_text("main")
    await page.evaluate("window.stays = true")
    await database.execute("UPDATE message SET state = 'sent', finished_at = now() WHERE recipient LIKE 'aino%'")
    await page.wait_for_selector("text=1 of 2")
    await database.execute("UPDATE message SET state = 'sent', finished_at = now()")
    await page.wait_for_selector("text=Gone out")
    assert await page.locator("button[name=pause]").count() == 0
    assert await page.evaluate("window.stays"), "the page was not loaded again"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_no_word_of_a_choice_is_broken_on_a_desk(server_url: str, chromium: Launch, language: str) -> None:
    context = await (await chromium()).new_context(viewport={"width": 1280, "height": 800})
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/letters/whom?lang={language}")
    await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert await page.locator(".choices.columns label").count() > 30
    assert await page.evaluate(BROKEN) == []
