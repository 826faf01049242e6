"""Badges as an organiser gets them: a picture of the size, a page that shows how far they are, and the file."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from events.checkin.papers.actions import AT_ONCE
from events.core import clock, database
from tests.checkin.papers.reading import guest
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as
from workers.documents import make_all

PEOPLE = AT_ONCE["badges"] + 1


@pytest.fixture
async def event(committed_db: str) -> UUID:
    made = await make_event(slug="paja", capacity=None, starts_at=clock.now(), ends_at=clock.now().replace(year=2100))
    for number in range(PEOPLE):
        await guest(made, "Aino", f"Numero{number}", "Öljy Oy")
    return made


async def opened(chromium: Launch, url: str, *, script: bool) -> Page:
    context = await (await chromium()).new_context(locale="fi-FI", java_script_enabled=script, accept_downloads=True)
    await sign_in_as(context, url, "organiser")
    page = await context.new_page()
    await page.goto(f"{url}/staff/events/paja/papers")
    return page


async def saved(page: Page, folder: Path) -> PdfReader:
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Lataa").click()
    path = folder / "badges.pdf"
    await (await download.value).save_as(path)
    return PdfReader(path)


@pytest.mark.parametrize("script", [True, False])
async def test_badges_are_asked_for_watched_and_saved(
    server_url: str, chromium: Launch, event: UUID, tmp_path: Path, *, script: bool
) -> None:
    page = await opened(chromium, server_url, script=script)
    await page.get_by_label("Koko").first.select_option("89x36")
    if script:
        await expect(page.locator("#badges img")).to_have_attribute(
            "src", "/staff/events/paja/papers/badge.png?format=89x36"
        )
    await page.get_by_role("button", name="Tee nimilaput").click()
    await expect(page.get_by_role("progressbar", name="Asiakirjaa tehdään.")).to_be_visible()
    await database.execute("UPDATE document SET state = 'making', done = 20, due_at = now() + interval '1 hour'")
    await expect(page.get_by_role("progressbar")).to_have_js_property("value", 20, timeout=15_000)
    await database.execute("UPDATE document SET state = 'waiting', due_at = now()")
    assert await make_all() == 1
    ready = page.get_by_role("button", name="Lataa")
    await expect(ready).to_be_visible(timeout=15_000)
    if script:
        await expect(ready).to_be_focused()
    assert len((await saved(page, tmp_path)).pages) == PEOPLE
