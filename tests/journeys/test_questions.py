"""Questions in a real browser: conditions at work, the order by handle and by keyboard."""

from uuid import UUID

from playwright.async_api import expect

from events.core import database
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as
from tests.journeys.test_registration import SLUG, fill, make_open_event
from tests.registration.questions.making import make_question


async def make_asking() -> UUID:
    event = await make_open_event()
    venue = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'venue'", event)
    await make_question(event, "lunch", "yes_no", required=True, shown_at=[venue])
    await make_question(event, "diet", "one", "vegan", "other", required=True, shown_if=["lunch=yes"])
    await make_question(event, "which", required=True, shown_if=["diet=other"])
    return event


async def test_questions_are_asked_when_an_earlier_answer_or_the_place_says_so(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_asking()
    page = await (await chromium()).new_page(locale="en-GB")
    await page.goto(f"{server_url}/events/{SLUG}/register")
    lunch, diet, which = (page.locator(f"[data-question={code}]") for code in ("lunch", "diet", "which"))
    await expect(lunch).to_be_visible()
    await expect(diet).to_be_hidden()
    await page.locator("[name='answers.lunch'][value=yes]").check()
    await page.locator("[name='answers.diet'][value=other]").check()
    await expect(which).to_be_visible()
    await expect(which.get_by_text("Only if you chose")).to_be_hidden()
    await page.locator("[name='answers.lunch'][value=no]").check()
    await expect(which).to_be_hidden()
    await page.locator("[name='answers.lunch'][value=yes]").check()
    await page.get_by_label("Online").check()
    for hidden in (lunch, diet, which):
        await expect(hidden).to_be_hidden()
    await fill(page)
    await page.locator("[name=municipality]").select_option("837")
    await page.get_by_role("button", name="Register").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Aino!")
    assert await database.fetchval("SELECT count(*) FROM registration_answer") == 0


async def test_without_scripts_every_question_says_whom_it_is_for(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_asking()
    context = await (await chromium()).new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server_url}/events/{SLUG}/register")
    await expect(page.locator("[data-question=which]")).to_be_visible()
    await expect(page.locator("[data-question=which]")).to_contain_text(
        "Only if you chose: “other en” in the question “diet en”"
    )


async def codes(event: UUID) -> list[str]:
    rows = await database.fetch("SELECT code FROM question WHERE event = $1 ORDER BY position", event)
    return [row["code"] for row in rows]


async def test_questions_are_put_in_order_by_handle_and_by_keyboard(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    event = await make_event(slug="paja")
    for code in ("first", "second", "third"):
        await make_question(event, code)
    context = await (await chromium()).new_context(locale="en-GB", viewport={"width": 1280, "height": 1200})
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/questions")
    handle = await page.locator("#question-third [data-handle]").bounding_box()
    target = await page.locator("#question-first").bounding_box()
    assert handle
    assert target
    await page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    await page.mouse.down()
    await page.mouse.move(handle["x"] + 5, target["y"] + 4, steps=6)
    async with page.expect_navigation():
        await page.mouse.up()
    assert await codes(event) == ["third", "first", "second"]
    await page.get_by_role("button", name="Up: second en").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await codes(event) == ["third", "second", "first"]


async def test_options_are_put_in_order_by_handle_and_by_keyboard_and_kept_by_enter(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    event = await make_event(slug="paja")
    question = await make_question(event, "bus", "one", "a", "b", "c")
    context = await (await chromium()).new_context(locale="en-GB", viewport={"width": 1280, "height": 2400})
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/questions/{question}")
    options = page.locator("[data-item]")
    handle = await options.nth(2).locator("[data-handle]").bounding_box()
    target = await options.nth(0).bounding_box()
    assert handle
    assert target
    await page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    await page.mouse.down()
    await page.mouse.move(handle["x"] + 5, target["y"] + 4, steps=8)
    await page.mouse.up()
    await expect(page.locator("[name=options-0-label_en]")).to_have_value("c en")
    await page.get_by_role("button", name="Down: Option 2").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Down: Option 3")).to_be_focused()
    await page.locator("[name=options-0-label_en]").fill("First")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    rows = await database.fetch("SELECT code FROM question_option WHERE question = $1 ORDER BY position", question)
    assert [row["code"] for row in rows] == ["c", "b", "a"]


async def test_without_scripts_an_option_is_moved_by_its_button_and_keeps_the_focus(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    question = await make_question(await make_event(slug="paja"), "bus", "one", "a", "b", "c")
    context = await (await chromium()).new_context(locale="en-GB", java_script_enabled=False)
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/questions/{question}")
    await page.locator("[name=options-2-label_en]").fill("Typed")
    await page.get_by_role("button", name="Up: Option 3").click()
    await expect(page.locator("[name=options-1-label_en]")).to_have_value("Typed")
    await expect(page.get_by_role("button", name="Up: Option 2")).to_be_focused()
