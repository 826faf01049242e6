"""Whatever is sent, the answer is never a failure of the service, and it carries our headers (design.md §5.8).

Every route is walked; each request runs in a savepoint of its own, so that none changes what the next one meets.
"""

import inspect
import json
import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from events.accounts import actions
from events.accounts.tables import Scope
from events.app import MAX_BODY
from events.core import clock, database
from events.core.actor import SYSTEM
from tests import factories
from tests.conftest import browser
from tests.factories import make_event, make_registration, make_staff
from tests.routes import SAMPLES

FORM = "application/x-www-form-urlencoded"

TORN = ["%00", "%ED%A0%80", "%FF%FE", "%"]
"""NUL, a lone surrogate, bytes that are no UTF-8, half an escape."""

HOSTILE = [
    *TORN,
    "x" * 8000,
    *map(quote, ("💥", "\u202eabc\u2066", "'", '"', "<script>", "-1", "9" * 30, "²", "../..")),
]

MIXED = ("%00", "%ED%A0%80", quote("💥\u202e'\"<script>" + "x" * 200))
"""Of each sort one, for what is tried with every route and every name."""

NAMES = (
    *("action", "after", "before", "end", "from", "kind", "lang", "month", "next", "page", "project", "q", "reason"),
    *(
        "recipient",
        "region",
        "saved",
        "show",
        "site",
        "start",
        "state",
        "subject",
        "theme",
        "to",
        "who",
        "limit",
        "offset",
    ),
)
"""Names of query parameters that pages read; each route gets them all."""

BODIES: dict[str, tuple[str, bytes]] = {
    "200,000 fields": (FORM, b"&".join(b"f%d=1" % number for number in range(200_000))),
    "one field 200,000 times": (FORM, b"&".join([b"f=1"] * 200_000)),
    "NUL": (FORM, b"name=%00&email=%00&_language=%00"),
    "a lone surrogate": (FORM, b"name=%ED%A0%80&email=a%ED%A0%80@b.example"),
    "invalid UTF-8": (FORM, b"name=\xff\xfe&email=%FF%FE"),
    "other signs than form fields": (FORM, b"\x00\x01\x02&&&==;;%%%"),
    "no parts": ("multipart/form-data; boundary=x", b""),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "torn parts": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"'),
    "an odd charset": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=no-such\r\n\r\n1\r\n--x--\r\n',
    ),
    "another type": ("application/x-no-such-type", b"name=x"),
    "JSON for a form": ("application/json", b'{"name": "x"}'),
    "an unreadable type": ("; ;=\xff", b"name=x"),
    "broken JSON": ("application/json", b'{"name": '),
    "invalid UTF-8 in JSON": ("application/json", b'{"name": "\xff\xfe"}'),
    "a lone surrogate in JSON": ("application/json", b'{"secret": "\\ud800", "event": "\\ud800", "nonce": "x"}'),
    "100,000 brackets": ("application/json", b"[" * 100_000),
    "100,000 objects": ("application/json", b'{"a":' * 100_000),
    "a huge number": ("application/json", b'{"a": ' + b"9" * 10_000 + b"}"),
}


def names_read_by(handler: HTTPRouteHandler) -> list[str]:
    """Of the query's names those that the handler's module or its feature's forms mention: all would take minutes."""
    module = Path(inspect.getsourcefile(inspect.unwrap(handler.fn)) or __file__)
    sources = "".join(path.read_text() for path in (module, *module.parent.glob("forms.py")))
    return [name for name in NAMES if f'"{name}"' in sources or f"    {name} = " in sources]


@pytest.fixture
async def values(db: asyncpg.Connection) -> dict[str, str]:
    """Path parameters that exist, so that a handler goes on to read what was sent."""
    event = await make_event(online=True)
    await make_registration(event)
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return {"slug": slug, "staff_id": str(await make_staff("organiser")), "card": "basics"}


@pytest.fixture
async def staff(app: Litestar, values: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator, who gets past every guard; a failure that is not answered is raised, not hidden."""
    async with browser(app) as client:
        await factories.sign_in(client, await make_staff("admin"))
        yield client


def routes(app: Litestar, *methods: str) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        for handler in route.route_handlers:
            for method in sorted(set(handler.http_methods) & set(methods)):
                if not route.path.startswith("/assets") and not route.path.endswith("/live"):
                    yield method, route.path, handler


def filled(path: str, values: dict[str, str]) -> str:
    """The path with its parameters' values, or samples of their types."""
    return re.sub(r"\{(\w+):(\w+)\}", lambda found: values.get(found[1], SAMPLES.get(found[2], "x")), path)


async def ask(client: httpx.AsyncClient, method: str, path: str, **sent: object) -> httpx.Response:
    """Send a request and undo what it did; a failure of the service fails the test."""
    answer = None
    with pytest.raises(_Undo):
        async with database.transaction():
            answer = await client.request(method, path, **sent)  # type: ignore[arg-type]
            raise _Undo
    assert answer is not None
    assert answer.status_code < 500, (method, path[:200], sent)
    assert "content-security-policy" in answer.headers, (method, path[:200])
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


class _Undo(Exception):
    pass


async def test_a_path_may_hold_anything(staff: httpx.AsyncClient, app: Litestar) -> None:
    tried = 0
    for method, path, _handler in routes(app, "GET", "POST"):
        for hostile in HOSTILE if "{" in path else []:
            await ask(staff, method, re.sub(r"\{.*?\}", hostile, path))
            tried += 1
    assert tried > 300


async def test_a_query_may_hold_anything(staff: httpx.AsyncClient, app: Litestar, values: dict[str, str]) -> None:
    for method, path, handler in routes(app, "GET"):
        url = filled(path, values)
        for hostile in MIXED:
            await ask(staff, method, f"{url}?{'&'.join(f'{name}={hostile[:200]}' for name in NAMES)}")
        for name, hostile in product(names_read_by(handler), ("%00", "9" * 30)):
            await ask(staff, method, f"{url}?{name}={hostile}")
        for query in ("%00=1", "x" * 8000, "&".join(["page=1"] * 1000), "=&=&&;", "\ud7ff".encode().decode("latin-1")):
            await ask(staff, method, f"{url}?{query}")


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_may_hold_anything(
    staff: httpx.AsyncClient, app: Litestar, values: dict[str, str], body: str
) -> None:
    kind, content = BODIES[body]
    for method, path, _handler in routes(app, "POST", "PUT", "PATCH", "DELETE"):
        headers = {b"content-type": kind.encode("latin-1")}
        await ask(staff, method, filled(path, values), content=content, headers=headers)


async def test_a_file_may_come_where_a_text_is_expected(
    staff: httpx.AsyncClient, app: Litestar, values: dict[str, str]
) -> None:
    for method, path, _handler in routes(app, "POST"):
        url = filled(path, values)
        form = (await ask(staff, "GET", url)).text if path_has_form(app, path) else ""
        names = {*re.findall(r'name="([\w-]+)"', form), *NAMES, "name", "email", "password", "content", "_language"}
        await ask(staff, method, url, files=dict.fromkeys(names, ("x.txt", b"x")))
        for hostile in ("\u202e", "x" * 5000, "💥", "0", "-1", "9" * 30, "2026-99-99", "9999-12-31T23:59"):
            await ask(staff, method, url, data=dict.fromkeys(names, hostile))


def path_has_form(app: Litestar, path: str) -> bool:
    return any(path == other for _method, other, _handler in routes(app, "GET"))


async def test_a_body_that_is_too_large_is_refused(
    staff: httpx.AsyncClient, app: Litestar, values: dict[str, str]
) -> None:
    refused = 0
    for method, path, handler in routes(app, "POST"):
        kind = "application/json" if path.startswith("/api/") else FORM
        limit = handler.resolve_request_max_body_size() or 0
        assert 0 < limit < 64 * 1024 * 1024, path
        if limit > MAX_BODY:
            continue
        sent = {"content": b"[" * (limit + 1), "headers": {"content-type": kind}}
        answer = await ask(staff, method, filled(path, values), **sent)
        assert answer.status_code not in {200, 201, 422}, f"{path} has read it"
        refused += answer.status_code == 413
    assert refused > 10


async def test_odd_headers_do_no_harm(staff: httpx.AsyncClient, app: Litestar, values: dict[str, str]) -> None:
    odd = [
        (b"accept-language", b"\xff;q=nan,fi;q=1e999," * 50),
        (b"cookie", b"sixnet=\xff\x01; language=\x02; =; ;;"),
        (b"authorization", b"Bearer \xff\xfe"),
        (b"if-none-match", b"\xff"),
        (b"accept", b"\xff/\xff;;;"),
    ]
    for method, path, _handler in routes(app, "GET", "POST"):
        for name, value in odd:
            await ask(staff, method, filled(path, values), headers={name: value})


async def test_json_of_any_shape_gets_an_answer_of_the_api(staff: httpx.AsyncClient, app: Litestar) -> None:
    token = await actions.add_token("test", Scope.ALL, None, actor=SYSTEM, now=clock.now())
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    for method, path, _handler in routes(app, "POST"):
        if not path.startswith("/api/"):
            continue
        for value in (None, [], {}, "x", 1, [[[]]], {"scans": [None]}, {"secret": 1}, {"a": "\x00"}):
            answer = await ask(staff, method, path, content=json.dumps(value), headers=headers)
            assert answer.status_code in {400, 422}
            assert answer.headers["content-type"] == "application/problem+json"
