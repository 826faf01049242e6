"""Joining the online meeting from one's own page, where the link leads on to another host, as short links do."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import expect

from events.core import clock, database, secrets
from tests.factories import make_event, make_registration
from tests.journeys.conftest import Launch


class Meeting(BaseHTTPRequestHandler):
    """`/short` leads to `/room` under another name of this machine."""

    def do_GET(self) -> None:
        room = self.path == "/room"
        self.send_response(200 if room else 302)
        if not room:
            self.send_header("location", f"http://localhost:{self.server.server_address[1]}/room")
        self.end_headers()
        self.wfile.write(b"The room" if room else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def short_link() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Meeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/short"
        server.shutdown()


async def test_joining_follows_a_link_that_leads_to_another_host(
    server_url: str, committed_db: str, chromium: Launch, short_link: str
) -> None:
    start = clock.now() + timedelta(days=1)
    event = await make_event(starts_at=start, ends_at=start + timedelta(hours=1), online=True)
    site = await database.fetchval(
        "UPDATE site SET join_url = $1 WHERE mode = 'online' AND event = $2 RETURNING id", short_link, event
    )
    registration = await make_registration(event, site=site)
    page = await (await chromium()).new_page(locale="en-GB")
    await page.goto(f"{server_url}/r/{secrets.derive('manage', registration)}")
    await page.locator("form[action$='/join'] button").click()
    await expect(page.get_by_text("The room")).to_be_visible()
    assert await database.fetchval("SELECT join_pressed_at FROM registration") is not None
