from httpx import AsyncClient
from litestar import Litestar

from events.core.http import SECRET_ADDRESS
from tests.routes import handlers


async def test_every_answer_carries_the_safety_headers(client: AsyncClient) -> None:
    for path in ("/", "/no-such-page", "/livez", "/api/v1/nothing"):
        answer = await client.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert answer.headers["x-content-type-options"] == "nosniff", path


async def test_what_a_secret_address_answers_belongs_to_no_cache_and_no_search_engine(
    app: Litestar, client: AsyncClient
) -> None:
    secret = [
        path
        for method, path, handler in handlers(app)
        if method == "GET" and any(SECRET_ADDRESS.search(each) for each in handler.paths)
    ]
    assert len(secret) > 10
    for path in secret:
        answer = await client.get(path)
        assert "no-store" in answer.headers["cache-control"] or "no-cache" in answer.headers["cache-control"], path
        assert answer.headers["x-robots-tag"] == "noindex", path
    assert "x-robots-tag" not in (await client.get("/")).headers


async def test_an_unknown_page_is_a_page_and_an_unknown_api_route_a_problem(client: AsyncClient) -> None:
    page = await client.get("/no-such-page")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    problem = await client.get("/api/v1/nothing")
    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "not_found"


async def test_the_first_visit_follows_accept_language_and_the_switch_is_kept(client: AsyncClient) -> None:
    answer = await client.get("/", headers={"accept-language": "sv-FI,sv;q=0.9,fi;q=0.5"})
    assert '<html lang="sv"' in answer.text
    answer = await client.get("/?lang=fi", headers={"accept-language": "sv"})
    assert '<html lang="fi"' in answer.text
    answer = await client.get("/", headers={"accept-language": "sv"})
    assert '<html lang="fi"' in answer.text
