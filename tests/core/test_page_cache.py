import asyncio
from typing import Any

import pytest

from events.core import page_cache
from events.core.page_cache import PageCache


class Pages:
    """An application that counts how often it had to answer."""

    def __init__(
        self, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b"page"
    ) -> None:
        self.made = 0
        self.status = status
        self.headers = headers or [(b"content-type", b"text/html")]
        self.body = body
        self.gate: asyncio.Event | None = None

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.made += 1
        if self.gate:
            await self.gate.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body + str(self.made).encode(), "more_body": False})


async def ask(cache: PageCache, path: str = "/", method: str = "GET", query: bytes = b"", **headers: str) -> bytes:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    await cache(scope, None, send)  # type: ignore[arg-type]
    return b"".join(message.get("body", b"") for message in sent)


def cached(app: Pages) -> PageCache:
    return PageCache(app, session_cookie="sixnet", wanted=lambda path: path != "/other")


async def test_the_same_page_is_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Pages()
    cache = cached(app)
    moment = [100.0]
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: moment[0])
    assert [await ask(cache), await ask(cache)] == [b"page1", b"page1"]
    moment[0] += 1.01
    assert await ask(cache) == b"page2"


async def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    app = Pages()
    app.gate = asyncio.Event()
    cache = cached(app)
    asking = [asyncio.create_task(ask(cache)) for _ in range(50)]
    await asyncio.sleep(0.01)
    app.gate.set()
    assert set(await asyncio.gather(*asking)) == {b"page1"}


async def test_someone_who_leaves_takes_the_answer_from_nobody() -> None:
    app = Pages()
    app.gate = asyncio.Event()
    cache = cached(app)
    leader, follower, impatient = (asyncio.create_task(ask(cache)) for _ in range(3))
    await asyncio.sleep(0.01)
    impatient.cancel()
    leader.cancel()
    await asyncio.sleep(0.01)
    app.gate.set()
    assert await follower == b"page2"


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"method": "HEAD"},
        {"path": "/other"},
        {"query": b"lang=sv"},
        {"query": b"x" * 1000},
        {"cookie": "language=fi; sixnet=secret"},
        {"authorization": "Bearer nobody"},
    ],
)
async def test_what_is_not_for_everyone_is_never_kept(request_: dict[str, Any]) -> None:
    app = Pages()
    cache = cached(app)
    assert [await ask(cache, **request_), await ask(cache, **request_)] == [b"page1", b"page2"]


@pytest.mark.parametrize(
    "app",
    [
        Pages(status=404),
        Pages(status=500),
        Pages(headers=[(b"set-cookie", b"language=fi")]),
        Pages(body=b"x" * (page_cache.MAX_PAGE_BYTES + 1)),
    ],
)
async def test_errors_cookies_and_huge_answers_are_never_kept(app: Pages) -> None:
    cache = cached(app)
    await ask(cache)
    await ask(cache)
    assert app.made == 2


async def test_each_language_and_each_query_has_its_own_page() -> None:
    app = Pages()
    cache = cached(app)
    seen = [
        await ask(cache, accept_language="fi"),
        await ask(cache, accept_language="sv-FI,sv;q=0.9"),
        await ask(cache, accept_language="fi", cookie="language=en"),
        await ask(cache, accept_language="fi", query=b"region=06"),
        await ask(cache, accept_language="fi-FI"),
    ]
    assert seen == [b"page1", b"page2", b"page3", b"page4", b"page1"]


async def test_no_more_pages_are_kept_than_allowed() -> None:
    app = Pages()
    cache = cached(app)
    for number in range(page_cache.MAX_PAGES + 5):
        await ask(cache, query=f"page={number}".encode())
    assert await ask(cache, query=b"page=0") == f"page{page_cache.MAX_PAGES + 6}".encode()
    assert len(cache._kept) == page_cache.MAX_PAGES
