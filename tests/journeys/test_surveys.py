"""Surveys in a real browser: built by keyboard, answered on a phone, kept there until they are sent."""

import json
from datetime import timedelta
from uuid import UUID

from playwright.async_api import Page, expect

from events.core import clock, database
from events.core.actor import SYSTEM
from events.surveys.actions import submit
from events.surveys.building import settling
from events.surveys.queries import link_token, survey_of
from tests.factories import make_event
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as
from tests.surveys.asking import kept
from tests.surveys.building.making import codes, own_survey, question

PHONE = {"width": 360, "height": 740}


async def press(page: Page, name: str, *, role: str = "button") -> None:
    """Go to a control and press it as from the keyboard."""
    control = page.get_by_role(role, name=name, exact=True).last  # type: ignore[arg-type]
    await control.focus()
    await control.press("Enter")


async def test_a_survey_is_built_by_keyboard(server_url: str, committed_db: str, chromium: Launch) -> None:
    event = await make_event(slug="paja")
    context = await (await chromium()).new_context(locale="en-GB", viewport={"width": 1280, "height": 1000})
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/survey/questions")
    await page.get_by_label("Name in English").focus()
    await page.keyboard.type("The tour")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("The tour")
    await page.get_by_label("Kind of answer").select_option("one")
    await press(page, "Add")
    await expect(page.get_by_role("group", name="Rows of the matrix")).to_be_hidden()
    await page.get_by_label("Question in English").fill("Did you come along?")
    for number, option in enumerate(("Yes", "No")):
        await page.locator(f"[name=options-{number}-label_en]").fill(option)
    await page.get_by_label("Question in English").press("Enter")
    await page.get_by_label("Kind of answer").select_option("matrix")
    await press(page, "Add")
    await page.get_by_label("Question in English").fill("How was each part?")
    for number, option in enumerate(("Poor", "Good")):
        await page.locator(f"[name=options-{number}-label_en]").fill(option)
    for number, row in enumerate(("The hall", "The yard")):
        await page.locator(f"[name=rows-{number}-label_en]").fill(row)
    await press(page, "Up: Row 2")
    await expect(page.locator("[name=rows-0-label_en]")).to_have_value("The yard")
    await expect(page.get_by_role("button", name="Down: Row 1", exact=True)).to_be_focused()
    await page.get_by_label("Did you come along? Yes").press("Space")
    await page.get_by_label("Question in English").press("Enter")
    await expect(page.get_by_text("2 questions, about 1 minute.")).to_be_visible()
    await press(page, "See it as participants do", role="link")
    matrix = page.get_by_role("group", name="How was each part?")
    await expect(matrix).to_be_hidden()
    await page.get_by_label("Yes", exact=True).press("Space")
    await expect(matrix).to_be_visible()
    which = await database.fetchval("SELECT id::text FROM survey WHERE event = $1", event)
    assert await codes(event, which) == ["did-you-come-along", "how-was-each-part"]


async def test_a_kind_that_is_chosen_otherwise_changes_what_there_is_to_fill_in(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    await make_event(slug="paja")
    context = await (await chromium()).new_context(locale="en-GB")
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/survey/feedback/questions/new?kind=number")
    asked = [page.get_by_role("textbox", name="Question in English"), page.get_by_role("checkbox", name="Must be")]
    limits = page.get_by_role("group", name="Which numbers are taken")
    written = [page.get_by_role("textbox", name=f"{name} in English", exact=True) for name in ("Heading", "Text")]
    for each in (*asked, limits):
        await expect(each).to_be_visible()
    await page.get_by_label("Kind of answer").select_option("section")
    for each in written:
        await expect(each).to_be_visible()
    for each in (*asked, limits):
        await expect(each).to_be_hidden()
    await page.get_by_label("Kind of answer").select_option("text")
    for each in asked:
        await expect(each).to_be_visible()
    await expect(written[0]).to_be_hidden()


async def open_survey(event: UUID) -> str:
    which = await own_survey(
        event,
        question("one", "Food", "good", "bad"),
        question("text", "Why", shown_if=["food-en=bad-en"]),
        question("matrix", "Parts", "too little", "just right", "too much", rows=("talks", "lunch")),
    )
    now = clock.now()
    await settling.open_link(event, which, closes_at=now + timedelta(days=2), version=None, actor=SYSTEM, now=now)
    survey = await survey_of(event, which)
    assert survey is not None
    assert survey.id is not None
    return link_token(survey.id, 0)


async def test_answers_on_a_phone_outlast_a_reload_and_go_when_they_are_sent(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    context = await (await chromium()).new_context(locale="en-GB", viewport=PHONE, has_touch=True)
    page = await context.new_page()
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_label("bad en").check()
    await page.get_by_label("Why en").fill("Cold soup")
    await page.get_by_role("group", name="lunch en").get_by_label("too much en").check()
    await page.reload()
    await expect(page.get_by_label("Why en")).to_have_value("Cold soup")
    await expect(page.get_by_role("group", name="lunch en").get_by_label("too much en")).to_be_checked()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your answers")
    assert await page.evaluate("localStorage.length") == 0
    assert await context.cookies() == []
    await page.goto(f"{server_url}/s/{token}")
    await expect(page.get_by_label("bad en")).not_to_be_checked()
    assert "Cold soup" in str(await kept())


async def test_who_comes_back_finds_all_that_was_typed_and_nothing_that_was_sent(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    await database.execute("UPDATE survey_question SET required = true WHERE code = 'why-en'")
    page = await (await chromium()).new_page(locale="en-GB", viewport=PHONE)
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_label("bad en").check()
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.locator("#error-summary")).to_be_visible()
    await page.get_by_label("Why en").fill("Cold soup")
    await page.get_by_role("group", name="lunch en").get_by_label("too much en").check()
    await page.goto(f"{server_url}/")
    await page.go_back()
    await expect(page.get_by_label("Why en")).to_have_value("Cold soup")
    await expect(page.get_by_label("bad en")).to_be_checked()
    await expect(page.get_by_role("group", name="lunch en").get_by_label("too much en")).to_be_checked()
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your answers")
    await page.go_back()
    await expect(page.get_by_label("bad en")).not_to_be_checked()
    assert await page.get_by_label("Why en").input_value() == "", "whoever has the phone next would read it"


async def test_without_a_network_the_page_stays_and_says_so(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    token = await open_survey(await make_event(slug="paja"))
    context = await (await chromium()).new_context(locale="en-GB", viewport=PHONE)
    page = await context.new_page()
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_label("good en").check()
    await context.set_offline(True)
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("alert")).to_contain_text("There is no network.")
    await expect(page.get_by_label("good en")).to_be_checked()
    await context.set_offline(False)
    await page.get_by_role("button", name="Send the answers").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your answers")


async def test_one_clears_what_a_shared_phone_keeps(server_url: str, committed_db: str, chromium: Launch) -> None:
    token = await open_survey(await make_event(slug="paja"))
    page = await (await chromium()).new_page(locale="en-GB", viewport=PHONE)
    await page.goto(f"{server_url}/s/{token}")
    await page.get_by_label("bad en").check()
    await page.get_by_role("button", name="Clear them").click()
    await expect(page.get_by_label("bad en")).not_to_be_checked()
    await expect(page.get_by_label("Why en")).to_be_hidden()
    await page.get_by_role("button", name="Bring them back").click()
    await expect(page.get_by_label("bad en")).to_be_checked()
    await expect(page.get_by_label("Why en")).to_be_visible()
    await page.get_by_role("button", name="Clear them").click()
    await page.reload()
    await expect(page.get_by_label("bad en")).not_to_be_checked()


async def test_results_follow_the_answers_and_what_one_was_doing_stays(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    event = await make_event(slug="paja")
    token = await open_survey(event)
    which = str(await database.fetchval("SELECT id FROM survey"))
    pool = [{"food-en": "bad-en", "why-en": f"Cold soup {each}"} for each in range(10)]
    await database.execute("UPDATE survey SET pool = $1, answered = 10", json.dumps(pool))
    context = await (await chromium()).new_context(locale="en-GB", viewport=PHONE)
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/events/paja/survey?of={which}")
    link = page.get_by_role("link", name="XLSX")
    await expect(page.locator("[data-board-said]")).to_contain_text("10 answers")
    field = page.get_by_label("Tag: Cold soup 7")
    await field.focus()
    await field.press_sequentially("Cater")
    where = await page.evaluate("scrollY")
    await submit(token, {"food-en": "good-en"}, clock.now())
    await page.wait_for_timeout(2500)
    assert await field.input_value() == "Cater", "what is being typed is left alone"
    await field.press_sequentially("ing")
    await page.locator("[data-board-pause]").focus()
    await expect(page.locator("[data-board-said]")).to_contain_text("11 answers")
    await expect(field).to_have_value("Catering")
    assert await page.evaluate("document.activeElement.hasAttribute('data-board-pause')")
    await link.focus()
    await submit(token, {"food-en": "good-en"}, clock.now())
    await expect(page.get_by_role("status").first).to_contain_text("12 answers")
    assert await page.evaluate("document.activeElement.textContent") == "XLSX"
    assert where > 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await press(page, "Pause updating")
    await submit(token, {"food-en": "good-en"}, clock.now())
    await page.wait_for_timeout(2500)
    await expect(page.locator("[data-board-said]")).to_contain_text("12 answers")
    await press(page, "Go on updating")
    await expect(page.locator("[data-board-said]")).to_contain_text("13 answers")
