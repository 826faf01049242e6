"""Public pages kept rendered for up to a second and served as bytes to who is not signed in (design.md §5.10).

It stands before the router: what it answers costs a look-up, not a page. Kept are whole answers of status 200 that set
no cookie; nothing is kept for requests that bring a session, a token or a change of language.
"""

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter

from events.core.http import LANGUAGE_COOKIE
from events.core.i18n import LANGUAGES, negotiate

SECONDS = 1.0
MAX_PAGES = 300
MAX_PAGE_BYTES = 128 * 1024
MAX_QUERY = 300

_HITS = Counter("sixnet_page_cache_hits", "Public pages answered from memory")

_Key = tuple[str, bytes, str]
_Answer = tuple[Message, Message]
_negotiate = lru_cache(maxsize=256)(negotiate)


class PageCache:
    """An ASGI application around another one that keeps the answers to GET of some paths.

    `session_cookie` names the cookie of who is signed in; `wanted` says of a path whether its answers may be kept.
    """

    def __init__(self, app: ASGIApp, *, session_cookie: str, wanted: Callable[[str], bool]) -> None:
        self._app = app
        self._session = f"{session_cookie}=".encode()
        self._wanted = wanted
        self._kept: dict[_Key, tuple[float, _Answer]] = {}
        self._made: dict[_Key, asyncio.Future[_Answer | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let the application answer and keep that if it may be kept."""
        key = self._key(scope) if scope["type"] == ScopeType.HTTP else None
        if key is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(key)
        answer = kept[1] if kept and kept[0] > time.monotonic() else None
        if answer is None and (making := self._made.get(key)) is not None:
            answer = await asyncio.shield(making)
        if answer is None:
            await self._make(key, scope, receive, send)
            return
        _HITS.inc()
        await send(answer[0])
        await send(answer[1])

    def _key(self, scope: HTTPScope) -> _Key | None:
        query = scope["query_string"]
        if scope["method"] != "GET" or not self._wanted(scope["path"]) or len(query) > MAX_QUERY or b"lang=" in query:
            return None
        language = ""
        accepted = b""
        for name, value in scope["headers"]:
            if name == b"cookie":
                if self._session in value:
                    return None
                language = _chosen(value) or language
            elif name == b"accept-language":
                accepted = value
            elif name == b"authorization":
                return None
        return scope["path"], query, language or _negotiate(accepted.decode("latin-1"))

    async def _make(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer; who asks for the same meanwhile waits for this answer."""
        making: asyncio.Future[_Answer | None] | None = None
        if key not in self._made:
            making = self._made[key] = asyncio.get_running_loop().create_future()
        messages: list[Message] = []

        async def remember(message: Message) -> None:
            messages.append(message)
            await send(message)

        answer: _Answer | None = None
        try:
            await self._app(scope, receive, remember)
            answer = _keepable(messages)
        finally:
            if making is not None:
                del self._made[key]
                making.set_result(answer)
            if answer is not None:
                self._keep(key, answer)

    def _keep(self, key: _Key, answer: _Answer) -> None:
        self._kept.pop(key, None)
        while len(self._kept) >= MAX_PAGES:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (time.monotonic() + SECONDS, answer)


def _keepable(messages: list[Message]) -> _Answer | None:
    """Return an answer that may be given to others: whole, successful, without a cookie and not too large."""
    if len(messages) < 2 or messages[0]["type"] != "http.response.start" or messages[0]["status"] != 200:  # noqa: PLR2004
        return None
    if any(message["type"] != "http.response.body" for message in messages[1:]) or messages[-1].get("more_body"):
        return None
    if any(name.lower() == b"set-cookie" for name, _value in messages[0]["headers"]):
        return None
    parts: list[Any] = list(messages[1:])
    body = b"".join(part.get("body", b"") for part in parts)
    if len(body) > MAX_PAGE_BYTES:
        return None
    return messages[0], {"type": "http.response.body", "body": body, "more_body": False}


def _chosen(cookies: bytes) -> str:
    for part in cookies.decode("latin-1").split(";"):
        name, _equals, value = part.strip().partition("=")
        if name == LANGUAGE_COOKIE and value in LANGUAGES:
            return value
    return ""
