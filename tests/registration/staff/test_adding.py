import httpx
import pytest

from events.core import database
from tests.factories import make_staff, sign_in
from tests.registration.public.test_pages import make_open, reasons, states
from tests.registration.test_api import program, send  # noqa: F401 - a fixture

NEW = {"given_name": "Bert", "family_name": "Exempel", "municipality": "837", "role": "speaker"}


async def add(client: httpx.AsyncClient, slug: str, **changes: str) -> httpx.Response:
    site = await database.fetchval("SELECT site.id FROM site JOIN event ON event.id = site.event WHERE slug = $1", slug)
    return await client.post(f"/staff/events/{slug}/registrations/new", data={**NEW, "site": str(site), **changes})


async def test_staff_add_someone_by_hand_whoever_else_may_register(client: httpx.AsyncClient) -> None:
    slug = await make_open(access="invited")
    await sign_in(client, await make_staff("organiser"))
    added = await add(client, slug, email="bert@yritys.example", send="1")
    assert added.status_code == 303
    assert (await client.get(added.headers["location"])).status_code == 200
    assert await states() == ["confirmed"]
    assert await reasons() == ["confirmation"]
    row = await database.fetchrow("SELECT role, source FROM registration")
    assert row
    assert tuple(row) == ("speaker", "staff")
    assert (await add(client, slug, email="bert@yritys.example")).status_code == 409


@pytest.mark.parametrize("email", ["", "bert@yritys.example"])
async def test_nothing_is_sent_unless_it_is_ticked(client: httpx.AsyncClient, email: str) -> None:
    slug = await make_open()
    await sign_in(client, await make_staff("organiser"))
    assert (await add(client, slug, email=email)).status_code == 303
    assert await reasons() == []


async def test_a_wrong_address_or_role_stands_beside_its_field(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await sign_in(client, await make_staff("organiser"))
    for field, value in (("email", "bert"), ("role", "king"), ("site", "x")):
        refused = await add(client, slug, **{field: value})
        assert refused.status_code == 422
        assert f'href="#{field}' in refused.text or field == "site"
    assert await states() == []


async def test_a_program_is_told_by_code_who_may_not_register(program: httpx.AsyncClient) -> None:  # noqa: F811
    coded = await make_open(access="code", access_code="Paja-7")
    wrong = await send(program, coded, code="arvaus")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_allowed")
    assert (await send(program, coded, code="paja-7")).status_code == 201
    limited = await make_open(per_organisation=1)
    answers = [await send(program, limited, email=f"a{n}@yritys.example") for n in range(2)]
    assert (answers[1].status_code, answers[1].json()["code"]) == (409, "organisation_full")
    assert (await send(program, await make_open(access="invited"))).status_code == 201
