"""A survey answered on a phone without JavaScript: what it takes is said first, all can be answered, and it closes."""

from datetime import timedelta

from playwright.async_api import Page, expect

from events.core import clock, database
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.test_surveys import PHONE, open_survey
from tests.surveys.asking import kept


async def top(page: Page, text: str) -> float:
    box = await page.get_by_text(text).first.bounding_box()
    assert box is not None, text
    return box["y"]


async def test_a_survey_is_answered_on_a_phone_without_javascript(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    context = await (await chromium()).new_context(
        locale="en-GB", viewport=PHONE, has_touch=True, java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(f"{server_url}/s/{token}")
    told = "3 questions, about 1 minute."
    await expect(page.get_by_text(told)).to_be_visible()
    assert await top(page, told) < await top(page, "Food en"), "what it takes is said before the first question"
    assert await top(page, told) < PHONE["height"], "and without scrolling"
    await expect(page.get_by_text("Only if you chose: “bad en” in the question “Food en”")).to_be_visible()
    await page.get_by_label("bad en").check()
    await page.get_by_label("Why en").fill("Cold soup")
    await page.get_by_role("group", name="lunch en").get_by_label("too much en").check()
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your answers")
    (answer,) = await kept()
    for said in ("bad-en", "Cold soup", "too-much-en"):
        assert said in str(answer)


async def test_what_is_no_answer_keeps_the_rest_and_says_what_is_wrong_without_javascript(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    await database.execute("UPDATE survey_question SET required = true WHERE code = 'food-en'")
    context = await (await chromium()).new_context(locale="en-GB", viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_role("group", name="lunch en").get_by_label("too much en").check()
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("group", name="lunch en").get_by_label("too much en")).to_be_checked()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await database.fetchval("SELECT answered FROM survey") == 0


async def test_after_its_closing_date_a_survey_says_so_and_takes_nothing(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    page = await (await chromium()).new_page(locale="en-GB", viewport=PHONE)
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_label("good en").check()
    closed = clock.now() - timedelta(seconds=1)
    await database.execute("UPDATE survey SET link_closes_at = $1", closed)
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", name="This survey has closed")).to_be_visible()
    await page.goto(f"{server_url}/s/{token}")
    await expect(page.get_by_role("heading", name="This survey has closed")).to_be_visible()
    await expect(page.get_by_role("button", name="Send the answers")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await database.fetchval("SELECT answered FROM survey") == 0
