"""A coordinator merges two spellings of one organisation, sees the people of both, and takes it back."""

import re

from playwright.async_api import Page, expect

from events.core import database
from events.network.matching import organisation_key
from tests.factories import insert, make_event, make_person, make_registration
from tests.journeys.conftest import Launch
from tests.journeys.staff import sign_in_as


async def make_known(name: str) -> None:
    folded = organisation_key(name)
    organisation = await insert("organisation", name=name, folded=folded, municipality="837", type="company")
    await insert("organisation_alias", organisation=organisation, name=name, folded=folded)
    person = await make_person(name.split(maxsplit=1)[0], organisation=organisation)
    await make_registration(await make_event(), person=person, organisation=organisation)


async def people_of(name: str) -> int:
    count: int = await database.fetchval(
        "SELECT count(*) FROM registration JOIN organisation ON organisation.id = registration.organisation"
        " WHERE organisation.name = $1",
        name,
    )
    return count


async def keep(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^Keep this one.*{name}$")).press("Enter")
    await expect(page.locator("main")).to_contain_text("It can be taken back below.")


async def test_two_organisations_become_one_and_two_again(server_url: str, committed_db: str, chromium: Launch) -> None:
    for name in ("Konepaja Esimerkki", "Konepaja Esimerki"):
        await make_known(name)
    context = await (await chromium()).new_context(locale="en-GB")
    await sign_in_as(context, server_url, "coordinator")
    page = await context.new_page()
    await page.goto(f"{server_url}/staff/organisations/duplicates/organisations")
    await keep(page, "Konepaja Esimerkki")
    assert (await people_of("Konepaja Esimerkki"), await people_of("Konepaja Esimerki")) == (2, 0)
    await page.get_by_role("button", name="Take back").first.press("Enter")
    await expect(page.locator("main")).to_contain_text("The merge was taken back")
    assert (await people_of("Konepaja Esimerkki"), await people_of("Konepaja Esimerki")) == (1, 1)
