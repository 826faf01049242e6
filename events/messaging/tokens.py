"""Access tokens for mail servers that take no passwords: OAuth 2.0 with the service's own credentials (RFC 6749, 4.4).

Microsoft 365 asks for it; the setting of another address lets any provider be used that gives such tokens.
"""

import asyncio
import re
import time
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from events.core.settings import Settings, get_settings

TIMEOUT = 20.0
"""Seconds in which the token must have come."""

EARLY = 300.0
"""Seconds before its end at which a token is no longer given out: a batch of mails takes as long."""

LARGEST = 64 * 1024
"""Bytes of an answer that are read."""

MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"

_CODE = re.compile(r"[a-z_]{1,40}")
_MICROSOFTS_CODE = re.compile(r"\bAADSTS\d{3,9}\b")
_LONGEST_LIFE = 86_400.0


class TokenTrouble(Exception):
    """No token is to be had at present; its words hold neither the secret nor a token."""


class Tokens:
    """The token of one application: fetched when it is needed, once for all who wait, and kept while it is good."""

    def __init__(self, url: str, client_id: str, client_secret: str, scope: str) -> None:
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": scope,
        }
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def get(self) -> str:
        """Return a token that is good for a while; raises TokenTrouble."""
        if not self._url:
            raise TokenTrouble("SIXNET_MAIL_OAUTH_TENANT is not set")
        async with self._lock:
            if time.monotonic() >= self._until:
                self._token, life = _read(*await self._fetch())
                self._until = time.monotonic() + life - min(EARLY, life / 2)
            return self._token

    def forget(self, token: str) -> None:
        """Give a token out no more that a server has refused: it may have been withdrawn before its time."""
        if token == self._token:
            self._until = 0.0

    async def _fetch(self) -> tuple[int, bytes]:
        body = b""
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self._url, data=self._form, headers={"accept": "application/json"}) as answer,
            ):
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise TokenTrouble("the token service answers too much")
                return answer.status_code, body
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # a timeout is an OSError
            # Only its type: what an exception says may hold what was sent.
            raise TokenTrouble(f"the token service cannot be reached: {type(error).__name__}") from None


def _read(status: int, body: bytes) -> tuple[str, float]:
    """Return the token and its life in seconds; raises TokenTrouble with the codes that the service gives."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        answer = None
    told: dict[str, Any] = answer if isinstance(answer, dict) else {}
    token = told.get("access_token")
    if status == httpx.codes.OK and isinstance(token, str) and token.isascii() and token.isprintable() and token:
        try:
            life = float(told.get("expires_in", 0))
        except (TypeError, ValueError):
            life = 0.0
        return token, life if 0 < life <= _LONGEST_LIFE else 0.0
    code = _CODE.fullmatch(str(told.get("error", "")))
    theirs = _MICROSOFTS_CODE.search(str(told.get("error_description", "")))
    why = ", ".join(found[0] for found in (code, theirs) if found)
    raise TokenTrouble(f"the token service answered {status}{f': {why}' if why else ''}")


def tokens_for(user: str | None, password: str | None) -> Tokens | None:
    """Return what gives tokens for a server whose address names a user and no password; None where none are set."""
    known = get_settings()
    if not user or password or not known.mail_oauth_client_id:
        return None
    return _made(token_url(known), known.mail_oauth_client_id, known.mail_oauth_client_secret, known.mail_oauth_scope)


def token_url(known: Settings) -> str:
    """Return where tokens are asked for, "" when no setting says it: mail waits then, as with any other trouble."""
    if known.mail_oauth_token_url or not known.mail_oauth_tenant:
        return known.mail_oauth_token_url
    return MICROSOFT.format(tenant=quote(known.mail_oauth_tenant, safe=""))


_made = lru_cache(maxsize=4)(Tokens)
