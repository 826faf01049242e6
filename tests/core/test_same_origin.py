"""Whether an unsafe request may have come from another site."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from litestar import Litestar, get, post

from events.core import settings
from events.core.http import SameOrigin
from events.core.web import answer_error
from tests.routes import handlers


@post("/form")
async def form() -> str:
    return "done"


@post("/program", opt={"machine": True})
async def program() -> str:
    return "done"


@get("/form")
async def look() -> str:
    return "seen"


async def send(
    headers: dict[str, str], *, method: str = "POST", path: str = "/form", base: str = "http://sixnet.example"
) -> int:
    app = Litestar([form, program, look], middleware=[SameOrigin()], exception_handlers={Exception: answer_error})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base) as client:
        return (await client.request(method, path, headers=headers)).status_code


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def at(url: str) -> None:
        monkeypatch.setenv("SIXNET_PUBLIC_URL", url)
        settings.get_settings.cache_clear()

    yield at
    monkeypatch.undo()
    settings.get_settings.cache_clear()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_a_form_from_another_site_or_another_host_of_ours_is_refused(site: str) -> None:
    assert await send({"sec-fetch-site": site}) == 403
    assert await send({"sec-fetch-site": site, "origin": "http://sixnet.example"}) == 403


async def test_our_own_form_is_taken() -> None:
    assert await send({"sec-fetch-site": "same-origin"}) == 201


async def test_reading_is_never_refused() -> None:
    assert await send({"sec-fetch-site": "cross-site"}, method="GET") == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://sixnet.example", 201),
        ("https://sixnet.example", 403),
        ("http://sixnet.example:8000", 403),
        ("http://sixnet.example.evil.example", 403),
        ("http://evil.example", 403),
        ("", 403),
    ],
)
async def test_without_fetch_metadata_the_origin_decides_scheme_and_port_included(
    origin: str, status: int, public: Callable[[str], None]
) -> None:
    public("http://elsewhere.example")
    assert await send({"origin": origin} if origin else {}) == status


async def test_behind_a_proxy_the_public_address_counts_as_ours(public: Callable[[str], None]) -> None:
    """The proxy speaks http with us, so that neither the scheme nor the Host header says what the browser sees."""
    public("https://sixnet.example/")
    assert await send({"origin": "https://sixnet.example", "host": "web:8000"}) == 201
    assert await send({"origin": "https://evil.example", "host": "web:8000"}) == 403
    public("https://sixnet.example:443")
    assert await send({"origin": "https://sixnet.example", "host": "web:8000"}) == 201


async def test_an_origin_that_was_taken_away_passes_over_plain_http_alone(public: Callable[[str], None]) -> None:
    """With our Referrer-Policy browsers write `Origin: null`, and over plain http they send no Sec-Fetch-Site."""
    public("http://192.0.2.7:8000")
    assert await send({"origin": "null"}) == 201
    assert await send({"origin": "null", "sec-fetch-site": "cross-site"}) == 403
    public("https://sixnet.example")
    assert await send({"origin": "null"}) == 403


async def test_a_program_with_its_token_needs_no_origin() -> None:
    assert await send({"authorization": "Bearer x"}) == 201
    assert await send({"authorization": "Basic x"}) == 403


async def test_a_route_for_programs_refuses_a_cookie_from_another_site() -> None:
    assert await send({}, path="/program") == 201
    assert await send({"cookie": "sixnet=x"}, path="/program") == 403
    assert await send({"cookie": "sixnet=x", "sec-fetch-site": "cross-site"}, path="/program") == 403
    assert await send({"cookie": "sixnet=x", "sec-fetch-site": "same-origin"}, path="/program") == 201


async def test_every_unsafe_route_of_the_service_refuses_other_sites(client: httpx.AsyncClient, app: Litestar) -> None:
    foreign = {"sec-fetch-site": "cross-site", "cookie": "sixnet=x"}
    answers = {
        (method, path): (await client.request(method, path, headers=foreign)).status_code
        for method, path, _handler in handlers(app)
        if method not in {"GET", "HEAD"}
    }
    assert len(answers) > 10
    assert {route: status for route, status in answers.items() if status != 403} == {}
