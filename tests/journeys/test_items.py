"""Items of the agenda on the form in a real browser: those of the chosen place, on a phone, with questions beside them."""

from uuid import UUID

from playwright.async_api import expect

from events.core import database
from tests.journeys.conftest import Launch
from tests.journeys.looking import looks_right
from tests.journeys.test_registration import SLUG, fill, make_open_event
from tests.registration.items.test_signing_up import workshop
from tests.registration.questions.making import make_question


async def make_furnished() -> dict[str, UUID]:
    """An event at a venue and online: a workshop at each, a full one at the venue, one for everybody, two questions."""
    event = await make_open_event()
    rows = await database.fetch("SELECT id, mode FROM site WHERE event = $1", event)
    sites = {row["mode"]: row["id"] for row in rows}
    await make_question(event, "lunch", "yes_no", required=True, shown_at=[sites["venue"]])
    await make_question(event, "bus", "one", ("early", 2), "late")
    return {
        "venue": await workshop(event, "Hands on", site=sites["venue"], room="Track A"),
        "full": await workshop(event, "Sold out", site=sites["venue"], at=60, capacity=0),
        "online": await workshop(event, "From afar", site=sites["online"]),
        "both": await workshop(event, "A tour of the shop floor with a very long name", at=120),
    }


async def test_items_are_shown_where_one_takes_part_and_what_is_hidden_is_not_sent(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    items = await make_furnished()
    page = await (await chromium()).new_page(locale="en-GB", reduced_motion="reduce")
    await page.goto(f"{server_url}/events/{SLUG}/register")
    box = {name: page.locator(f"[name=items][value='{item}']") for name, item in items.items()}
    await expect(box["online"]).to_be_hidden()
    await expect(box["full"]).to_be_disabled()
    await expect(page.locator("#items").get_by_text("(Tampere-talo").first).to_be_hidden()
    assert await looks_right(page, "the form with items and questions") == []
    await box["venue"].check()
    await page.get_by_role("radio", name="Online").check()
    await expect(box["venue"]).to_be_hidden()
    await box["online"].check()
    await box["both"].check()
    await page.get_by_role("radio", name="Tampere-talo").check()
    await expect(box["venue"]).to_be_checked()
    await expect(box["full"]).to_be_disabled()
    await page.get_by_role("radio", name="Online").check()
    await fill(page)
    await page.locator("[name=municipality]").select_option("837")
    await page.get_by_role("button", name="Register").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Aino!")
    await expect(page.get_by_role("listitem").filter(has_text="From afar")).to_be_visible()
    assert await looks_right(page, "the thanks with items") == []
    rows = await database.fetch("SELECT item FROM registration_item")
    assert {row["item"] for row in rows} == {items["online"], items["both"]}


async def test_without_scripts_every_item_says_where_it_takes_place(
    server_url: str, committed_db: str, chromium: Launch
) -> None:
    items = await make_furnished()
    context = await (await chromium()).new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server_url}/events/{SLUG}/register")
    for name, place in (("venue", "Tampere-talo"), ("online", "Online"), ("both", "Everywhere")):
        await expect(page.locator(f"fieldset:has(> [value='{items[name]}'])")).to_contain_text(f"({place}")
    await page.locator(f"[name=items][value='{items['online']}']").check()
    await page.locator("[name='answers.lunch'][value=no]").check()
    await fill(page)
    await page.locator("[name=municipality]").select_option("837")
    await page.get_by_role("button", name="Register").last.click()
    await expect(page.locator("#error-summary")).to_contain_text("From afar takes place elsewhere.")
    await expect(page.locator(f"[name=items][value='{items['online']}']")).to_be_checked()
