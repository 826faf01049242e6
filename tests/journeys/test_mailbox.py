from playwright.async_api import expect

from events.core import database
from events.messaging.tables import Reason
from tests.factories import make_event, make_person, make_registration
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as
from tests.messaging.test_mailbox import owe


async def test_a_letter_is_seen_in_its_frame_and_runs_nothing(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    person = await make_person("Väinö")
    registration = await make_registration(await make_event(), person=person)
    identity = await owe(Reason.CONFIRMATION, "v@yritys.example", "registration", registration)
    await database.execute("UPDATE person SET email = 'v@yritys.example' WHERE id = $1", person)
    context = await (await chromium()).new_context(locale="en-GB")
    await sign_in_as(context, server_url, "admin")
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"{server_url}/staff/mailbox/{identity}")
    letter = page.frame_locator("iframe")
    await expect(letter.locator("h1")).to_have_text("Test workshop")
    picture = letter.locator(".ticket img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.naturalWidth") > 0
    background = await letter.locator("a.button").evaluate("link => getComputedStyle(link).backgroundColor")
    assert background != "rgba(0, 0, 0, 0)"
    assert said == []
