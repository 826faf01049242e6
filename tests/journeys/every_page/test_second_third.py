from litestar import Litestar

from tests.journeys.conftest import Launch
from tests.journeys.every_page.walking import walk


async def test_axe_finds_nothing_on_the_second_third_of_the_pages_and_none_is_wider_than_the_screen(
    server_url: str, chromium: Launch, app: Litestar
) -> None:
    await walk(1, server_url, chromium, app)
