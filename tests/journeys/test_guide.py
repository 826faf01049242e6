"""The guide for organisers, walked step by step in both languages; `SIXNET_PICTURES=1` keeps the pictures it takes."""

import os
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, expect

from events.core import database, secrets
from events.core.actor import Actor
from events.core.i18n import catalog
from events.registration.line import fill_all
from tests.journeys.conftest import Launch, Served
from tests.journeys.guide import Walk, pictures, read
from tests.journeys.guide_people import (
    EMAIL,
    GUESTS,
    PASSWORD,
    address,
    come_in,
    local,
    make_group,
    make_organiser,
    make_project,
    members_answer,
    register_others,
)

DOCS = Path(__file__).parents[2] / "docs"
KEPT = bool(os.environ.get("SIXNET_PICTURES"))
"""Read here: the tests take every setting of the service out of the environment."""

LOCALES = {"fi": "fi-FI", "en": "en-GB"}
DESK, PHONE = {"width": 1180, "height": 800}, {"width": 360, "height": 740}
NOW, AFTERWARDS = local(9, 1, 9), local(9, 23, 9)
ON_THE_DAY = local(9, 22, 8, 40) + timedelta(seconds=30)
"""Not at a full minute: a door's phone is some milliseconds before the server."""

SLUG = {"fi": "robotit-pienessa-konepajassa-2026-09-22", "en": "robots-in-a-small-machine-shop-2026-09-22"}


@dataclass(frozen=True)
class Said:
    """What is typed, in one language."""

    title: str
    description: str
    lunch: str
    diet: str
    options: tuple[str, str]
    note: str


SAID = {
    "fi": Said(
        title="Robotit pienessä konepajassa",
        description="Mihin robotti sopii ja mihin ei? Kolme konepajaa kertoo, ja iltapäivällä pääset kokeilemaan itse.",
        lunch="Tuletko lounaalle?",
        diet="Ruokavaliosi",
        options=("Vegaaninen", "Laktoositon"),
        note="Soittaa vielä kyydistä.",
    ),
    "sv": Said(
        title="Robotar i en liten verkstad",
        description="Var passar en robot och var inte? Tre verkstäder berättar, och på eftermiddagen får du pröva själv.",
        lunch="Kommer du på lunch?",
        diet="Din diet",
        options=("Vegansk", "Laktosfri"),
        note="",
    ),
    "en": Said(
        title="Robots in a small machine shop",
        description="Where does a robot fit, and where not? Three machine shops tell, and in the afternoon you try one.",
        lunch="Will you have lunch?",
        diet="Your diet",
        options=("Vegan", "Lactose-free"),
        note="Will call about a lift.",
    ),
}


@pytest.mark.parametrize("language", ["fi", "en"])
async def test_the_guide_can_be_walked_and_shows_what_one_sees(
    server: Served, committed_db: str, chromium: Launch, language: str, tmp_path: Path
) -> None:
    kept = DOCS / "pictures" / "guide" / language
    browser, locale = await chromium(), LOCALES[language]
    desk = await opened(browser, locale, DESK)
    with server.at(NOW):
        actor = await make_organiser(language)
        await make_group(actor)
        await make_project()
        walk = Walk(
            desk,
            DOCS / "guide" / f"organiser.{language}.md",
            kept if KEPT else tmp_path,
            shown_from=f"../pictures/guide/{language}",
            locale=locale,
        )
        await until_the_day(walk, server.url, language, await opened(browser, locale, PHONE))
    with server.at(ON_THE_DAY):
        await at_the_door(walk, server.url, language, await opened(browser, locale, PHONE), actor)
    with server.at(AFTERWARDS):
        await afterwards(walk, server.url, language, desk)
    walk.ends()
    assert 12 <= len(walk.taken) <= 20
    assert pictures(list(kept.iterdir())) == pictures(walk.taken)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_what_the_guide_says_of_other_pages_is_said_there(language: str) -> None:
    """Words in *italics*: texts of the service that do not stand on the page one is on."""
    known = {text for message in catalog("fi") for text in (message.string if language == "fi" else message.id, "")}
    text = (DOCS / "guide" / f"organiser.{language}.md").read_text(encoding="utf-8")
    said = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text)
    assert len(said) > 3
    assert [words for words in said if words not in known] == []


def test_the_guides_show_the_same_pictures_in_the_same_order() -> None:
    finnish, english = (
        [Path(shown.words).name if shown.picture else "" for shown in read(DOCS / "guide" / f"organiser.{language}.md")]
        for language in ("fi", "en")
    )
    assert finnish == english


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("**Open**, **Name** ![A picture](../p/one.png)", ""),
        ("**Close**, **Name** ![A picture](../p/one.png)", "Close"),
        ("**Open**, **Surname** ![A picture](../p/one.png)", "Surname"),
        ("**Open**, **Name** ![A picture](../p/two.png)", "the walk takes one.png here"),
        ("**Open** ![A picture](../p/one.png) **Name**", "the walk has a deed here"),
        ("**Open**, **Name**", "ends before the walk"),
        ("**Open**, **Name** ![A picture](../p/one.png) **More**", "the walk does not come here"),
        ("**Open**, **Name** ![](../p/one.png)", "a picture without words"),
        ("**Open**, **Name\n** ![A picture](../p/one.png)", "go on in the next line"),
    ],
)
async def test_a_guide_that_errs_would_be_found(chromium: Launch, tmp_path: Path, told: str, found: str) -> None:
    page = await opened(await chromium(), "en-GB", DESK)
    page.set_default_timeout(2_000)
    await page.set_content('<main><a href="#x">Open</a> <label>Name <input></label></main>')
    (tmp_path / "guide.md").write_text(told)
    with pytest.raises((AssertionError, Error), match=found) if found else nullcontext():
        walk = Walk(page, tmp_path / "guide.md", tmp_path, shown_from="../p", locale="en-GB")
        await walk.press()
        await walk.write("Aino")
        await walk.picture("one")
        walk.ends()


async def opened(browser: Browser, locale: str, size: dict[str, int]) -> Page:
    context = await browser.new_context(locale=locale, viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    return await context.new_page()


async def until_the_day(walk: Walk, url: str, language: str, phone: Page) -> None:
    await sign_in(walk, url)
    await make_an_event(walk, language)
    await mend_the_draft(walk, language)
    await ask(walk, language)
    await publish(walk)
    await invite(walk)
    await answer(walk, url, phone)
    await register_others(SLUG[language], language, NOW)
    await follow(walk, language)
    await wait_in_line(walk)
    await order_food(walk)
    await change_the_time(walk)


async def sign_in(walk: Walk, url: str) -> None:
    await walk.page.goto(url)
    await walk.opens()
    await walk.write(EMAIL)
    await walk.write(PASSWORD)
    await walk.sees()
    await walk.opens(walk.page.locator("form#sign-in"))
    await walk.sees()


async def make_an_event(walk: Walk, language: str) -> None:
    await walk.opens(walk.page.locator(".side-nav"))
    await walk.opens()
    await walk.tick()
    await walk.write(SAID[language].title)
    for text in ("2026-09-22", "09:00", "15:00"):
        await walk.write(text)
    await walk.write("Tampere-talo, Tampere")
    await walk.tick()
    await walk.write("8")
    await walk.picture("new-event", walk.page.locator("form#new-event"))
    await walk.opens()
    for _words in range(3):
        await walk.sees()
    await walk.picture("draft", until=walk.page.locator("section[aria-labelledby=checklist]"))
    await walk.sees()


async def mend_the_draft(walk: Walk, language: str) -> None:
    page = walk.page
    await walk.opens(walk.card())
    await walk.write(SAID[language].description)
    for other, said in SAID.items():
        await page.locator(f"[name=title_{other}]").fill(said.title)
        await page.locator(f"[name=description_{other}]").fill(said.description)
    await walk.opens()
    await walk.opens(walk.card())
    await walk.write("Yliopistonkatu 55", page.locator("fieldset.card").nth(0))
    await walk.write("https://meet.sixnet.example/robotit", page.locator("fieldset.card").nth(1))
    await walk.opens()
    await walk.opens(walk.card())
    await walk.sees()
    await page.locator("[name=projects][value=EXAMPLE]").check()
    await walk.sees()
    await page.locator("[name=themes][value=digitalisation]").check()
    await walk.opens()
    await walk.opens(walk.card())
    await walk.tick()
    await walk.write("Oskari Järjestäjä")
    await walk.write(EMAIL)
    await walk.opens()


async def ask(walk: Walk, language: str) -> None:
    page = walk.page
    await walk.opens()
    await walk.choose()
    await walk.opens()
    await walk.write(SAID[language].lunch)
    await in_the_other_languages(page, "label_{}", {code: said.lunch for code, said in SAID.items()})
    await walk.tick()
    await walk.opens()
    await walk.choose()
    await walk.opens()
    await walk.write(SAID[language].diet)
    await in_the_other_languages(page, "label_{}", {code: said.diet for code, said in SAID.items()})
    for number in range(2):
        options = {code: said.options[number] for code, said in SAID.items()}
        await in_the_other_languages(page, f"options-{number}-label_{{}}", options)
    await walk.tick()
    await walk.tick()
    await walk.sees()
    await walk.tick()
    await walk.picture(
        "question", page.locator("form#question"), since=page.locator("[data-options]"), until=page.locator("#shown_if")
    )
    await walk.opens()
    await walk.sees()
    await walk.sees()
    await walk.opens()
    await page.go_back()


async def in_the_other_languages(page: Page, name: str, texts: Mapping[str, str]) -> None:
    for code, text in texts.items():
        await page.locator(f"[name='{name.format(code)}']").fill(text)


async def publish(walk: Walk) -> None:
    await home(walk)
    await walk.opens()
    await walk.sees()
    await walk.opens()
    await walk.sees()
    await walk.sees()
    await expect(walk.page.frame_locator("iframe").locator("form").first).to_be_visible()
    await walk.picture("preview")
    await walk.opens(walk.page.locator("main"))
    await walk.sees()
    await walk.picture("publish")
    await walk.opens()
    await walk.sees()
    await walk.sees()


async def invite(walk: Walk) -> None:
    await walk.opens()
    await walk.opens()
    await walk.write("\n".join(f"{given} {family} <{address(given, family)}>" for given, family, *_ in GUESTS[:3]))
    await walk.opens()
    await walk.sees()
    await walk.picture("invite", walk.page.locator("form#invite > .notice"))
    await walk.opens()
    await walk.sees()
    await walk.sees()


async def answer(walk: Walk, url: str, phone: Page) -> None:
    """As the first of the invited sees it, on a phone."""
    desk, walk.page = walk.page, phone
    given, family, organisation, municipality, _diet = GUESTS[0]
    invitation = await database.fetchval("SELECT id FROM invitation WHERE email = $1", address(given, family))
    chosen = await phone.evaluate("navigator.language.slice(0, 2)")  # the invitation's own is the event's first
    await phone.goto(f"{url}/i/{secrets.derive('invitation', invitation)}?lang={chosen}")
    await walk.picture("invitation")
    await walk.opens()
    for name, text in (("given_name", given), ("family_name", family), ("organisation", organisation)):
        await phone.locator(f"[name={name}]").fill(text)
    await phone.locator("[name=municipality]").select_option(municipality)
    await phone.locator(".question input[type=radio]").first.check()
    await phone.locator(".question.health input[type=checkbox]").first.check()
    await phone.locator("[name^='agreed.']").check()
    await walk.picture("form", since=phone.locator("#site"), until=phone.locator(".question").last)
    await phone.locator("form#registration .buttons button[type=submit]").last.click()
    await expect(phone.locator(".notice").first).to_be_visible()
    walk.page = desk


async def follow(walk: Walk, language: str) -> None:
    page = walk.page
    await home(walk)
    await walk.opens()
    await walk.picture("registrations", until=page.get_by_role("row").nth(10))
    await walk.write("Niemi")
    await walk.opens(page.locator(".search-row"))
    await walk.opens()
    await page.get_by_role("link", name="Niemi, Noora").click()
    await walk.write(SAID[language].note)
    await walk.opens()
    await page.go_back()
    await page.go_back()
    await walk.opens()
    await page.go_back()
    await walk.sees()


async def wait_in_line(walk: Walk) -> None:
    await home(walk)
    await walk.opens(walk.card())
    await walk.sees()
    await walk.picture("waiting-list", walk.page.locator("#waiting_list"))
    await walk.opens()
    await walk.opens(walk.card())
    await walk.write("12", walk.page.locator("fieldset.card").nth(0))
    await walk.opens()
    assert await fill_all(NOW) == 2  # what a worker does


async def order_food(walk: Walk) -> None:
    await walk.opens()
    await walk.picture("catering")
    await walk.sees()
    await walk.opens()
    await home(walk)


async def change_the_time(walk: Walk) -> None:
    await walk.opens(walk.card())
    await walk.write("16:00")
    await walk.opens()
    for _words in range(2):
        await walk.sees()


async def home(walk: Walk) -> None:
    """To the event's page, by its name at the top of all the others."""
    async with walk.page.expect_navigation():
        await walk.page.locator("main > p > a").first.click()


async def at_the_door(walk: Walk, url: str, language: str, phone: Page, actor: Actor) -> None:
    await come_in(SLUG[language], actor, ON_THE_DAY, names=("Kalle", "Leena", "Mikael", "Noora", "Päivi", "Risto"))
    walk.page = phone
    await enter(phone, url)
    await phone.goto(f"{url}/staff/events/{SLUG[language]}")
    await walk.opens()
    await walk.sees()
    await walk.press()
    await walk.write("Aho")
    await expect(phone.locator("[data-found] li")).to_have_count(1)
    await walk.press(phone.locator("[data-found]"), begins=True)
    await expect(phone.locator(".verdict")).to_be_visible()
    await walk.picture("door", phone.locator("body"))
    await phone.keyboard.press("Escape")
    await walk.press()
    await phone.locator("#walk-in-name").fill("Ulla Uusitalo")
    await walk.press(phone.locator("#walk-in"))
    await expect(phone.locator(".verdict")).to_have_attribute("data-key", "walk_in")
    await phone.keyboard.press("Escape")
    await expect(phone.locator(".door-status")).to_have_attribute("data-waiting", "0")


async def enter(page: Page, url: str) -> None:
    """Sign in again: between the days of the guide the session has run out."""
    await page.goto(f"{url}/staff/sign-in")
    await page.locator("[name=email]").fill(EMAIL)
    await page.locator("[name=password]").fill(PASSWORD)
    async with page.expect_navigation():
        await page.locator("form#sign-in button").first.click()


async def afterwards(walk: Walk, url: str, language: str, desk: Page) -> None:
    walk.page = desk
    await enter(desk, url)
    await desk.goto(f"{url}/staff/events/{SLUG[language]}")
    await close(walk)
    await copy(walk)
    await repeat(walk)
    await meet(walk)


async def close(walk: Walk) -> None:
    page = walk.page
    await walk.opens()
    await walk.picture("attendance", until=page.get_by_role("row").nth(6))
    await walk.sees()
    async with page.expect_navigation():
        await walk.press(page.get_by_role("row", name="Salo"), begins=True)
    for _deed in range(2):
        await walk.opens()
    for _words in range(2):
        await walk.sees()
    await home(walk)
    await walk.sees()


async def copy(walk: Walk) -> None:
    await walk.opens()
    await walk.write("2027-03-16")
    await walk.write("09:00")
    await walk.opens()


async def repeat(walk: Walk) -> None:
    page = walk.page
    await walk.opens()
    await walk.tick()
    await walk.write("6")
    await walk.sees()
    await walk.tick()
    await walk.opens()
    await walk.picture("series", page.locator("section.card").first)
    await walk.opens()
    await walk.opens()
    await walk.opens()


async def meet(walk: Walk) -> None:
    page = walk.page
    await walk.opens(page.locator(".side-nav"))
    await page.locator(".cards h2 a").click()
    await walk.opens()
    await walk.picture("meeting", page.locator("form#meeting"))
    await walk.opens()
    await walk.sees()
    await walk.sees()
    await members_answer(AFTERWARDS)
    await page.goto(page.url.partition("?")[0])
    await walk.picture("group")
