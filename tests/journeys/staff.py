"""Signing staff in without the form, which has tests of its own."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import BrowserContext

from events.accounts.authentication import session_cookie_name
from events.core import secrets
from tests.factories import insert, make_staff


async def sign_in_as(context: BrowserContext, url: str, role: str) -> None:
    """Give a browser a session of a new member of staff."""
    token = secrets.new_secret()
    expires = datetime.now(UTC) + timedelta(days=1)
    await insert("session", staff=await make_staff(role), token_hash=secrets.digest(token), expires_at=expires)
    await context.add_cookies([{"name": session_cookie_name(), "value": token, "url": url}])
