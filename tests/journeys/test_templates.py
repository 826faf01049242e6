"""Words of a letter are tried in the frames of their page, with a script or none, and then kept."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from events.core import database
from events.core.actor import SYSTEM
from events.messaging.templates.shapes import Words
from events.outreach.templates import actions
from events.outreach.templates.shapes import Scope
from events.programme import queries as programme
from events.wording import WORDING
from tests.factories import NOW, make_event
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right
from tests.journeys.staff import sign_in_as

PATIENCE = 30_000
"""Milliseconds for a frame's first picture on a busy machine."""

PICTURES = os.environ.get("SIXNET_MAIL_PICTURES", "")


@pytest.mark.parametrize("path", ["/staff/templates", "/staff/events/paja/templates"])
@pytest.mark.parametrize("script", [False, True])
async def test_words_are_tried_in_all_frames_at_once_and_then_kept(
    server_url: str, committed_db: str, chromium: Launch, path: str, script: bool
) -> None:
    await make_event(slug="paja")
    context = await (await chromium()).new_context(locale="en-GB", java_script_enabled=script)
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}{path}")
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"list-{len(path)}.png", full_page=True)
    await page.get_by_role("link", name="Confirmation of a registration: English").click()
    body = page.locator("textarea[name=body]")
    words = (await body.input_value()).replace("Welcome!", "Ahoy **there**!")
    await body.fill(f"{words} {{nmae}}")
    await page.get_by_role("button", name="Look at it first").click()
    await expect(page.locator("#body-error")).to_contain_text("{nmae} stands for nothing")
    await body.fill(words)
    await page.get_by_role("button", name="Look at it first").click()
    await expect(page.get_by_text("Nothing is kept yet")).to_be_visible()
    await expect(page.locator("#body-error")).to_have_count(0)
    for frame in ("wide", "phone"):
        letter = page.frame_locator(f"iframe[name={frame}]")
        await expect(letter.locator("strong", has_text="there")).to_be_visible(timeout=PATIENCE)
        await expect(letter.locator(".small").first).to_have_css("font-size", "15px")
    await expect(page.locator("#looks ~ pre")).to_contain_text("Ahoy there!")
    assert await database.fetchval("SELECT count(*) FROM message_template") == 0
    if PICTURES:
        for width in (360, 1280):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.screenshot(path=Path(PICTURES) / f"edit-{len(path)}-{width}.png", full_page=True)
    await page.get_by_role("button", name="Keep these words").click()
    await expect(page.get_by_text("The words are kept")).to_be_visible()
    assert "Ahoy" in await database.fetchval("SELECT body FROM message_template")
    await page.get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("as they were without yours")).to_be_visible()
    assert "Ahoy" not in await page.locator("textarea[name=body]").input_value()
    if PICTURES:
        await page.locator("summary", has_text="Earlier versions").click()
        await page.emulate_media(color_scheme="dark")
        await page.screenshot(path=Path(PICTURES) / f"history-{len(path)}.png", full_page=True)


async def test_the_pages_look_right_with_words_that_were_overtaken(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_event(slug="paja")
    event = await programme.by_slug("paja")
    template = WORDING.templates["confirmation"]
    words = Words("{event}", "Tervetuloa!\n\n{ticket}\n\n{manage}")
    await actions.write(Scope(event), template, "en", words, after=0, actor=SYSTEM, now=NOW)
    await database.execute("UPDATE message_template SET basis = ''")
    context = await (await chromium()).new_context(locale="en-GB", reduced_motion="reduce")
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    wrong = []
    for path in ("/staff/templates", "/staff/events/paja/templates/confirmation?language=en"):
        await page.goto(f"{server_url}{path}")
        await page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        wrong += await looks_right(page, path)
    assert wrong == []
