"""Every built-in letter as mail programs show it: on a phone and a desk, by day and by night, as HTML and as text."""

import html
import os
import re
from pathlib import Path

import asyncpg
import pytest
from msgspec import structs
from playwright.async_api import Browser, Page

from events.core import clock, database, qr
from events.core.i18n import in_language
from events.messaging.letter import Letter, html_of, tidy
from events.programme import queries as programme
from events.programme.queries import EventView
from events.wording import WORDING
from tests.factories import NOW, insert, make_event
from tests.journeys.conftest import Launch
from tests.journeys.looking import FOUND, WCAG, WIDE, load_axe
from tests.programme.agenda.test_agenda import make_item

WIDTHS = (360, 800)
NOT_OF_MAIL = {"region", "landmark-one-main", "page-has-heading-one"}
"""A mail is framed by the mail program; a short one needs no heading."""

LONGEST_LINE = 320
"""Signs of a text part: mail programs fold lines, but not those of a whole page."""

PICTURES = os.environ.get("SIXNET_MAIL_PICTURES", "")
"""A folder to which the letters are drawn, for who wants to see them."""


@pytest.fixture
async def event(db: asyncpg.Connection) -> EventView:
    """An event that leaves no block of a letter empty, with words that are hard to fold."""
    identity = await make_event(
        title_fi="Teollisuusalueiden kiertotalousyhteistyön kokemustenvaihtotilaisuus",
        contact_name="Anna Esimerkki",
        contact_email="anna.esimerkki-virtanen@teollisuusalueiden-yhteistyoverkosto.example",
        change_words="Sali vaihtui.\nTervetuloa!",
        cancel_words="Puhuja sairastui.",
        materials="[Esitys](https://aineisto.example/esitys.pdf)",
        zone="Europe/Stockholm",
    )
    await database.execute(
        "UPDATE project SET emblem = $1, emblem_type = 'image/png', emblem_alt_fi = 'Tunnus' WHERE code = 'SIXNET'",
        qr.png("emblem"),
    )
    await database.execute(
        "INSERT INTO event_project (id, event, project) SELECT gen_random_uuid(), $1, id FROM project WHERE code = 'SIXNET'",
        identity,
    )
    site = await database.fetchval("SELECT id FROM site")
    await insert(
        "arrival", site=site, entrance_fi="B-ovi", phone="+358 00", map_url=f"https://kartta.example/{'x' * 90}"
    )
    await make_item(identity, "Avaus", sign_up=True, capacity=5)
    found = await programme.by_id(identity)
    assert found
    return found


def wrong_as_text(letter: Letter) -> list[str]:
    """What keeps a text part from being read."""
    text = tidy(letter.text)
    without_links = re.sub(r"https?://\S+", "", text)
    return [
        *(f"tag {found}" for found in re.findall(r"</?[a-z][^>]*>", text)),
        *(f"entity {found}" for found in re.findall(r"&#?\w+;", text) if html.unescape(found) != found),
        *(f"sign {found}" for found in re.findall(r"[{}]|\*\*|\\|\]\(", text)),
        *(f"long {line}" for line in without_links.splitlines() if len(line) > LONGEST_LINE),
        *(["empty lines"] if "\n\n\n" in text else []),
    ]


def wrong_as_html(letter: Letter, language: str) -> list[str]:
    """What a mail program would fetch, or a screen reader would miss."""
    images = re.findall(r"<img[^>]*>", letter.html)
    fetched = re.findall(
        r"""(?:src|srcset|background|poster)=["'](?!cid:)[^"']*|url\([^)]*\)|@import|<link""", letter.html
    )
    return [
        *(f"fetches {each}" for each in fetched),
        *(f"no alternative {image}" for image in images if not re.search(r'alt="[^"]+"', image)),
        *([] if f'<html lang="{language}"' in letter.html else ["no language"]),
        *([] if re.search(r"<title>[^<]+</title>", letter.html) else ["no title"]),
    ]


async def wrong_on_screen(page: Page, letter: Letter, picture: str) -> list[str]:
    """What is wider than the screen, and what axe finds by day and by night."""
    wrong = []
    await page.set_content(html_of(letter))
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 700})
        if wide := await page.evaluate(WIDE):
            wrong.append(f"{wide} px too wide at {width}")
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"{picture}-{width}-{scheme}.png", full_page=True)
    await load_axe(page)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for rule in await page.evaluate(FOUND, {"runOnly": WCAG}):
            if rule["id"] not in NOT_OF_MAIL:
                wrong += [f"{scheme}: {rule['help']}: {node['html']}" for node in rule["nodes"]]
    return wrong


async def opened(chromium: Launch) -> tuple[Page, list[str]]:
    """A page, and what it asked any host for."""
    browser: Browser = await chromium()
    page = await (await browser.new_context(reduced_motion="reduce")).new_page()
    asked: list[str] = []
    page.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    return page, asked


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_letter_looks_right_on_every_screen_and_as_text(
    event: EventView, chromium: Launch, language: str
) -> None:
    page, asked = await opened(chromium)
    wrong = []
    for name in WORDING.templates:
        with in_language(language), clock.at(NOW):
            letter = await WORDING.samples[name](event, None)
        found = [*wrong_as_text(letter), *wrong_as_html(letter, language)]
        found += await wrong_on_screen(page, letter, f"{name}-{language}")
        wrong += [f"{name}: {each}" for each in found]
    assert wrong == []
    assert asked == []


BROKEN = """() => [...document.querySelectorAll("h1")].flatMap((heading) => {
  const text = heading.firstChild, found = [];
  for (const word of text.data.matchAll(/\\S+/g)) {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    if (range.getClientRects().length > 1) found.push(word[0]);
  }
  return found;
})"""
"""The words of headings that go on on the next line."""


async def test_a_long_word_of_a_heading_stays_whole_on_a_phone(event: EventView, chromium: Launch) -> None:
    page, _asked = await opened(chromium)
    title = "Finansieringsklinik för projektkonsortier"
    with in_language("sv"), clock.at(NOW):
        letter = await WORDING.samples["reminder"](structs.replace(event, titles={"sv": title}), None)
    await page.set_content(html_of(letter))
    await page.set_viewport_size({"width": 324, "height": 700})  # within a page of staff at 360
    assert await page.locator("h1").inner_text() == title
    assert await page.evaluate(BROKEN) == []


async def test_a_letter_that_looks_wrong_would_be_found(chromium: Launch) -> None:
    page, asked = await opened(chromium)
    letter = Letter(
        "x",
        "<p>Hei &amp; {name}</p>",
        '<html><body><img src="http://127.0.0.1:9/a.png"><p style="color:#ccc;background:#fff;width:900px">Hei</p></body></html>',
    )
    assert len(wrong_as_text(letter)) == 5
    assert len(wrong_as_html(letter, "fi")) == 4
    on_screen = "\n".join(await wrong_on_screen(page, letter, "wrong"))
    assert "too wide at 360" in on_screen
    assert "contrast" in on_screen
    assert asked == ["http://127.0.0.1:9/a.png"]
