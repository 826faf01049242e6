"""The guide as the service shows it; that it is true is seen by walking it (`tests/journeys/test_guide.py`)."""

import re
from urllib.parse import unquote

import httpx
import pytest

from tests import factories
from tests.factories import make_staff


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff("organiser"))
    return client


@pytest.mark.parametrize("language", ["fi", "en"])
async def test_the_guide_is_shown_with_all_its_pictures_and_chapters(
    organiser: httpx.AsyncClient, language: str
) -> None:
    page = (await organiser.get(f"/staff/guide?lang={language}")).text.split("<main")[1].split("</main>")[0]
    assert page.count("<h1") == 1
    pictures = re.findall(r'<img src="([^"]+)" alt="[^"]+"', page)
    assert len(pictures) == page.count("<img") > 10
    for picture in pictures:
        answer = await organiser.get(picture)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), picture
        assert answer.content.startswith(b"\x89PNG")
    chapters = [unquote(chapter) for chapter in re.findall(r'href="#([^"]+)"', page)]
    assert len(chapters) > 10
    assert chapters == re.findall(r'<h2 id="([^"]+)"', page)


async def test_who_reads_swedish_is_told_that_the_guide_is_in_finnish(organiser: httpx.AsyncClient) -> None:
    page = (await organiser.get("/staff/guide?lang=sv")).text
    assert "Det här är den finska." in page
    assert '<div class="prose guide" lang="fi">' in page


@pytest.mark.parametrize(
    "path", ["sv/draft.png", "fi/nothing.png", "fi/..%2f..%2ffront.png", "fi/draft.jpg", "fi/%00.png"]
)
async def test_there_are_no_other_pictures(organiser: httpx.AsyncClient, path: str) -> None:
    assert (await organiser.get(f"/staff/guide/{path}")).status_code == 404


async def test_the_guide_is_found_from_every_page_of_staff(organiser: httpx.AsyncClient) -> None:
    page = (await organiser.get("/staff/events")).text
    menu, footer = page.split("<main")[0], page.split("<footer")[1]
    assert '<a href="/staff/guide"' in menu
    assert '<a href="/staff/guide"' in footer
    organiser.cookies.clear()
    assert "/staff/guide" not in (await organiser.get("/")).text
