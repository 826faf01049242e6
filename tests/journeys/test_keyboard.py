"""An event with a series, questions and conditions, built and registered for without touching a mouse."""

from calendar import month_name
from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from events.core import clock, database
from tests.factories import make_staff
from tests.journeys.conftest import Launch
from tests.journeys.keyboard import Keyboard

PASSWORD = "a password typed by hand"
JULY = 7
TITLE = "Robots by the hour"


async def test_an_event_is_built_and_registered_for_by_keyboard_alone(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    email = "oskari@kehitys.example"
    await make_staff("organiser", kind="region", resource="06", email=email, password=PASSWORD)
    browser = await chromium()
    desk = await opened(browser, f"{server_url}/staff/sign-in")
    await signs_in(desk, email)
    await makes_a_draft(desk)
    await writes_the_texts(desk)
    await settles_the_waiting_list(desk)
    await asks(desk)
    await puts_in_order(desk)
    await tries_the_questions(desk)
    await looks_at_the_preview(desk)
    await repeats_it(desk)
    await publishes_the_series(desk)
    await registers(await opened(browser, server_url))


async def opened(browser: Browser, url: str) -> Keyboard:
    page = await browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    await page.goto(url)
    return Keyboard(page)


def same_in_every_order() -> date:
    """The next day whose number is that of its month: a browser asks for them in the order of its own language."""
    days = (clock.now().date() + timedelta(days=ahead) for ahead in range(20, 400))
    return next(day for day in days if day.day == day.month != JULY)


async def headed(page: Page, words: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)


async def signs_in(desk: Keyboard, email: str) -> None:
    page = desk.page
    await desk.skip_to_content()
    await desk.write(page.get_by_label("E-mail"), email, within=1)
    await desk.write(page.get_by_label("Password"), PASSWORD, within=2)
    await desk.enter()
    await headed(page, "What next")


async def makes_a_draft(desk: Keyboard) -> None:
    page = desk.page
    await desk.go(page.get_by_role("navigation", name="Staff pages").get_by_role("link", name="Events"))
    await desk.skip_to_content()
    await desk.go(page.get_by_role("button", name="New event"), within=2)
    await headed(page, "New event")
    await desk.skip_to_content()
    await desk.to(page.get_by_label("Meeting"), within=1)
    await desk.press("Space", "ArrowDown")
    await expect(page.get_by_label("Workshop")).to_be_focused()
    await expect(page.get_by_label("Workshop")).to_be_checked()
    title = page.get_by_label("Title")
    await desk.to(title, within=1)
    await desk.enter()
    summary = page.locator("#error-summary")
    await expect(summary).to_be_focused()
    await desk.to(summary.get_by_role("link", name="Title"), within=2)
    await desk.press("Enter")
    await expect(title).to_be_focused()
    await page.keyboard.type(TITLE)
    start = same_in_every_order()
    await desk.write(page.locator("[name=day]"), f"{start:%d%m%Y}", within=1)
    await desk.write(page.locator("[name=starts]"), "0900a", within=4)
    await desk.write(page.locator("[name=ends]"), "1130a", within=4)
    await expect(page.locator("[name=day]")).to_have_value(f"{start:%Y-%m-%d}")
    await expect(page.locator("[name=ends]")).to_have_value("11:30")
    await desk.to(page.locator("[name=region]"), within=10)
    await desk.write(page.locator("[name=venue]"), "Tampere-talo, Tampere", within=1)
    await desk.to(page.locator("[name=online]"), within=1)
    await desk.press("Space")
    await desk.write(page.locator("[name=places]"), "20", within=1)
    await desk.enter()
    await headed(page, TITLE)


async def writes_the_texts(desk: Keyboard) -> None:
    page = desk.page
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Change: Title and description"))
    await desk.skip_to_content()
    await desk.write(page.get_by_label("Title in Finnish"), "Robotit tunnissa", within=3)
    await desk.write(page.get_by_label("Description in English"), "Come and **try**.", within=5)
    await desk.go(page.get_by_role("button", name="Save"), within=1)
    await expect(page.locator("#texts")).to_be_focused()
    await expect(page.locator("#texts").get_by_role("status")).to_have_text("Saved")


async def settles_the_waiting_list(desk: Keyboard) -> None:
    page = desk.page
    await desk.go(page.get_by_role("link", name="Change: Registration"), within=8)
    await desk.skip_to_content()
    await desk.to(page.locator("[name=waiting_list][value=automatic]"), within=20)
    await desk.press("ArrowDown")
    await expect(page.locator("[name=waiting_list][value=offer]")).to_be_checked()
    await desk.enter()
    await expect(page.locator("#registration")).to_be_focused()
    await expect(page.locator("#registration")).to_contain_text("offered to the first in line")


async def asks(desk: Keyboard) -> None:
    page = desk.page
    await desk.go(page.get_by_role("link", name="Registration questions"), back=True)
    for kind, label, more in (
        ("Yes", "Lunch?", None),
        ("Any", "Diet", diets),
        ("One", "Group", groups),
        ("Long", "Wishes", None),
    ):
        await desk.to(page.get_by_label("Kind of answer"), within=25)
        await page.keyboard.type(kind)
        await desk.go(page.get_by_role("button", name="Add", exact=True), within=1)
        await desk.skip_to_content()
        await desk.write(page.get_by_label("Question in English"), label, within=6)
        if more:
            await more(desk)
        await desk.enter()
        await expect(page.locator("[id^=question-]").last).to_be_focused()


async def diets(desk: Keyboard) -> None:
    page = desk.page
    for number, name in ((1, "Vegan"), (2, "Gluten-free")):
        await desk.write(page.get_by_role("group", name=f"Option {number}").get_by_label("In English"), name, within=6)
    await desk.tick(page.get_by_label("It is about health"), within=5)
    await desk.tick(page.get_by_label("Count the answers"), within=1)
    await desk.tick(page.get_by_label("Lunch? Yes"), within=1)


async def groups(desk: Keyboard) -> None:
    for number, name, places in ((1, "Welding", "1"), (2, "Vision", "")):
        group = desk.page.get_by_role("group", name=f"Option {number}")
        await desk.write(group.get_by_label("In English"), name, within=5)
        await desk.write(group.get_by_label("Places"), places, within=1)
    await desk.tick(desk.page.get_by_label("Must be answered"), within=3)


async def puts_in_order(desk: Keyboard) -> None:
    page = desk.page
    up = page.get_by_role("button", name="Up: Wishes")
    await desk.go(up, within=2)
    await expect(up).to_be_focused()
    await desk.enter()
    await expect(up).to_be_focused()
    await desk.enter()
    await expect(page.get_by_role("button", name="Down: Wishes")).to_be_focused()
    await desk.enter()
    await expect(page.get_by_role("heading", level=2)).to_contain_text(["Lunch?", "Wishes", "Diet", "Group"])


async def tries_the_questions(desk: Keyboard) -> None:
    page = desk.page
    await desk.go(page.get_by_role("link", name="See them as participants do"), back=True)
    diet = page.get_by_role("group", name="Diet")
    await expect(diet).to_be_hidden()
    await desk.skip_to_content()
    await desk.to(page.get_by_role("group", name="Lunch?").get_by_label("Yes"), within=3)
    await desk.press("Space")
    await expect(diet).to_be_visible()
    await desk.press("ArrowDown")
    await expect(page.get_by_role("group", name="Lunch?").get_by_label("No")).to_be_checked()
    await expect(diet).to_be_hidden()


async def looks_at_the_preview(desk: Keyboard) -> None:
    page = desk.page
    await desk.go(page.get_by_role("link", name="Registration questions"), within=4, back=True)
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name=TITLE), within=1)
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Preview"))
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Registration form"), within=3)
    await expect(page.frame_locator("iframe").get_by_label("Given name")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.get_by_role("link", name="Back", exact=True), within=12)


async def repeats_it(desk: Keyboard) -> None:
    """Every fourth week, fourteen times, not in July."""
    page = desk.page
    await desk.skip_to_content()
    await desk.go(page.get_by_role("button", name="Repeat as a series"), within=60)
    await desk.skip_to_content()
    await desk.to(page.locator("[name=how]:checked"), within=2)
    await desk.press("ArrowUp")
    await expect(page.locator("[name=how][value=weeks]")).to_be_checked()
    every = page.get_by_label("Every how many weeks, months or years")
    await desk.to(every, within=1)
    await desk.press("Control+a")
    await page.keyboard.type("4")
    await desk.write(page.get_by_label("or how many times"), "14", within=14)
    await desk.tick(page.get_by_label("July"), within=8)
    await desk.enter()
    dates = page.get_by_role("region", name="13 new events")
    await expect(dates).to_be_focused()
    days = await dates.get_by_role("listitem").all_inner_texts()
    assert {day.split()[2] for day in days} == set(month_name) - {"July", ""}
    await desk.go(page.get_by_role("button", name="Make 13 drafts"), within=1)


async def publishes_the_series(desk: Keyboard) -> None:
    page = desk.page
    await expect(page.get_by_text("13 drafts were made.")).to_be_visible()
    await expect(page.locator(".notice")).to_be_focused()
    await desk.go(page.get_by_role("button", name="Publish 14 drafts"), within=20)
    await expect(page.get_by_role("heading", name="Publish 14 events?")).to_be_visible()
    await desk.skip_to_content()
    await desk.go(page.get_by_role("button", name="Publish"), within=80)
    await expect(page.locator(".notice")).to_be_focused()
    await expect(page.locator(".notice")).to_have_text("14 events were published.")


async def registers(visitor: Keyboard) -> None:
    page = visitor.page
    await visitor.skip_to_content()
    await visitor.go(page.get_by_role("link", name=TITLE).first, within=8)
    await visitor.skip_to_content()
    await visitor.go(page.get_by_role("button", name="Register"), within=4)
    await visitor.skip_to_content()
    for name, text in (("given_name", "Aino"), ("family_name", "Esimerkki"), ("email", "aino@yritys.example")):
        await visitor.write(page.locator(f"[name={name}]"), text, within=2)
    await visitor.write(page.locator("[name=municipality]"), "Nok", within=2)
    await visitor.to(page.locator("[name=site]").first, within=1)
    diet = page.get_by_role("group", name="Diet")
    await expect(diet).to_be_hidden()
    lunch = page.get_by_role("group", name="Lunch?")
    await visitor.to(lunch.get_by_label("Yes"), within=4)
    await visitor.press("Space")
    await expect(diet).to_be_visible()
    await visitor.press("ArrowDown")
    await expect(diet).to_be_hidden()
    await visitor.press("ArrowUp")
    await visitor.to(page.locator("[name='answers.wishes']"), within=1)
    await visitor.tick(diet.get_by_label("Gluten-free"), within=2)
    await visitor.tick(page.locator("[name='agreed.diet']"), within=1)
    await visitor.enter()
    await expect(page.locator("#error-summary")).to_be_focused()
    await visitor.to(page.locator("#error-summary").get_by_role("link", name="Group"), within=1)
    await visitor.press("Enter")
    await expect(page.get_by_role("group", name="Group").get_by_label("Welding")).to_be_focused()
    await visitor.press("Space")
    await visitor.enter()
    await headed(page, "Thank you, Aino!")
    assert await database.fetchval("SELECT count(*) FROM health_answer") == 1
    assert await database.fetchval("SELECT sum(taken) FROM question_option WHERE code = 'welding'") == 1


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("", ""),
        ("a:focus { outline: none }", "does not see"),
        ("a:focus { outline-width: 1px }", "does not see"),
        ("a:focus { position: absolute; left: -100px; width: 20px }", "does not see"),
        ("p { position: relative; z-index: 1; margin-top: -3em; height: 3em; background: white }", "does not see"),
        ("a { visibility: hidden }", "further away"),
    ],
)
async def test_a_stop_that_one_does_not_see_would_be_found(chromium: Launch, style: str, found: str) -> None:
    page = await (await chromium()).new_page()
    await page.set_content(f"<style>a:focus {{ outline: 3px solid }} {style}</style><a href='#'>link</a><p>text</p>")
    with pytest.raises(AssertionError, match=found) if found else nullcontext():
        await Keyboard(page).to(page.locator("a"), within=3)
