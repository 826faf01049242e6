import asyncpg
import httpx
import pytest
from litestar import Litestar, get

from events.core.database import BUSY
from events.core.http import Language
from events.core.web import answer_error


@pytest.mark.parametrize("error", BUSY)
async def test_what_others_hold_on_to_is_answered_as_busy_and_not_as_a_failure(
    error: type[asyncpg.PostgresError],
) -> None:
    @get("/api/busy", opt={"public": True})
    async def busy() -> None:
        raise error

    app = Litestar([busy], middleware=[Language()], exception_handlers={Exception: answer_error})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver") as client:
        answer = await client.get("/api/busy")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
