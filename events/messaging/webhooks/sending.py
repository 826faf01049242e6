"""One HTTP request to a stranger's server: to a checked address and no other, in bounded time, with a bounded answer.

The name is resolved once and the connection made to the very address that was checked: a second look-up could say
something else. Redirects are not followed.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

import httpx
from msgspec import Struct

from events.core.text import clean_line
from events.messaging.webhooks import rules

TIMEOUT = 15.0
"""Seconds for all of it: looking the name up, connecting, and the answer's head."""

READING = 3.0
"""Of these, seconds for the answer's body, which decides nothing."""

MOST_READ = 2048
"""Bytes of the answer's body that are read at most."""

SHOWN = 200
"""Signs of it that are kept."""


class Trouble(Exception):
    """There was no answer; the words say why."""


class Answer(Struct, frozen=True):
    """What came back: status, first words of the body, and the seconds that the receiver asks us to wait, or 0."""

    status: int
    words: str
    wait: int = 0


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body to an address; raises Trouble when it is refused or nothing comes back in time."""
    try:
        async with asyncio.timeout(TIMEOUT):
            return await _post(httpx.URL(url), body, headers)
    except TimeoutError as error:
        raise Trouble(f"no answer within {TIMEOUT:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
        raise Trouble(f"{type(error).__name__}: {clean_line(str(error))[:SHOWN]}") from error


async def _post(url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> Answer:
    host = url.raw_host.decode("ascii")
    address = await checked_address(host, url.port or 443)
    said = {**headers, "host": url.netloc.decode("ascii"), "content-type": "application/json"}
    said |= {"accept-encoding": "identity", "user-agent": "SIXNET-webhooks"}
    # No connection is kept: the next one to this address may be for another name, whose certificate it would not show.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with (
        httpx.AsyncClient(
            verify=tls(), timeout=TIMEOUT, follow_redirects=False, trust_env=False, limits=limits
        ) as client,
        client.stream(
            "POST", url.copy_with(host=address), content=body, headers=said, extensions={"sni_hostname": host}
        ) as answer,
    ):
        return Answer(answer.status_code, await _first_words(answer), _wait(answer))


async def checked_address(host: str, port: int) -> str:
    """Return the address to connect to; raises Trouble when the name has none, or any that is not public."""
    addresses = await resolve(host.strip("[]"), port)
    refused = [address for address in addresses if rules.is_refused(address)]
    if refused:
        raise Trouble(f"refused: the name leads to {refused[0]}, which is no public address")
    if not addresses:
        raise Trouble("the name has no address")
    return addresses[0]


async def resolve(host: str, port: int) -> list[str]:
    """Look a name up, once; raises OSError when it is not known."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return [str(address[0]) for *_rest, address in found]


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Return what checks certificates; making it reads all authorities, so it is made once."""
    return httpx.create_ssl_context(trust_env=False)


async def _first_words(answer: httpx.Response) -> str:
    body = b""
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(READING):
            async for part in answer.aiter_raw():
                body += part
                if len(body) >= MOST_READ:
                    break
    return clean_line(body[:MOST_READ].decode("utf-8", "replace").replace("\x00", ""))[:SHOWN]


def _wait(answer: httpx.Response) -> int:
    asked = answer.headers.get("retry-after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 0  # noqa: PLR2004 - some days
