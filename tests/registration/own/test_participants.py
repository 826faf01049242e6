from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from tests.factories import insert, make_event, make_person, make_registration
from tests.registration.staff.test_list import organisation


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    now = clock.now()
    return await make_event(starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=6))


async def add(event: UUID, given_name: str, *, agrees: bool = True, **columns: object) -> UUID:
    registration = await make_registration(event, person=await make_person(given_name), **columns)
    if agrees:
        await insert("consent", registration=registration, kind="participant_list", text="…", language="fi")
    return registration


def page_of(registration: UUID) -> str:
    return f"/r/{secrets.derive('manage', registration)}/participants"


async def test_those_with_a_place_see_who_agreed(client: httpx.AsyncClient, event: UUID) -> None:
    client.cookies.set("language", "en")
    viewer = await add(event, "Katsoja", agrees=False)
    await add(event, "Aino", organisation=await organisation("Rautamäen Paja Oy"))
    await add(event, "Oiva", municipality="853")
    await add(event, "Eino", agrees=False)
    await add(event, "Jonna", state="waitlisted")
    await add(event, "Perttu", state="cancelled")
    await add(await make_event(), "Muualla")
    answer = await client.get(page_of(viewer))
    assert answer.status_code == 200
    assert "Aino Esimerkki" in answer.text
    assert "Rautamäen Paja Oy" in answer.text
    assert "Pirkanmaa" in answer.text
    assert "Southwest Finland" in answer.text
    assert "@yritys.example" not in answer.text
    for name in ("Katsoja", "Eino", "Jonna", "Perttu", "Muualla"):
        assert f"{name} Esimerkki" not in answer.text, name
    assert "Egentliga Finland" in (await client.get(page_of(viewer), params={"lang": "sv"})).text


async def test_the_list_is_kept_nowhere_and_found_by_no_search_engine(client: httpx.AsyncClient, event: UUID) -> None:
    answer = await client.get(page_of(await add(event, "Aino")))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("state", ["waitlisted", "awaiting_approval", "cancelled", "declined", "offered"])
async def test_who_has_no_place_sees_nobody(client: httpx.AsyncClient, event: UUID, state: str) -> None:
    viewer = await add(event, "Aino", state=state)
    assert (await client.get(page_of(viewer))).status_code == 404
    assert (await client.post(page_of(viewer), data={"join": "1"})).status_code == 404
    assert "/participants" not in (await client.get(f"/r/{secrets.derive('manage', viewer)}")).text
    assert (await client.get("/r/aaaaaaaaaaaaaaaaaaaaaaaaaa/participants")).status_code == 404


async def test_one_joins_and_leaves_at_once(client: httpx.AsyncClient, event: UUID) -> None:
    one, other = await add(event, "Aino", agrees=False), await add(event, "Oiva", agrees=False)
    assert "Aino Esimerkki" not in (await client.get(page_of(other))).text
    assert (await client.post(page_of(one), data={"join": "1"})).status_code == 303
    assert "Aino Esimerkki" in (await client.get(page_of(other))).text
    await client.post(page_of(one), data={"leave": "1"})
    assert "Aino Esimerkki" not in (await client.get(page_of(other))).text
    rows = await database.fetch("SELECT kind, withdrawn_at FROM consent WHERE registration = $1", one)
    assert [(row["kind"], row["withdrawn_at"] is not None) for row in rows] == [("participant_list", True)]


async def test_leaving_the_list_leaves_the_other_consents(client: httpx.AsyncClient, event: UUID) -> None:
    one = await add(event, "Aino")
    await insert("consent", registration=one, kind="news", text="…", language="fi")
    await client.post(page_of(one), data={"leave": "1"})
    assert await database.fetchval("SELECT kind FROM consent WHERE withdrawn_at IS NULL") == "news"


async def test_after_a_month_the_list_is_gone(client: httpx.AsyncClient, event: UUID) -> None:
    one = await add(event, "Aino")
    for days, status in ((29, 200), (31, 404)):
        ended = clock.now() - timedelta(days=days)
        await database.execute("UPDATE event SET starts_at = $1, ends_at = $2", ended - timedelta(hours=1), ended)
        assert (await client.get(page_of(one))).status_code == status
    assert "/participants" not in (await client.get(f"/r/{secrets.derive('manage', one)}")).text


async def test_the_private_page_leads_to_the_list(client: httpx.AsyncClient, event: UUID) -> None:
    one = await add(event, "Aino")
    assert page_of(one) in (await client.get(f"/r/{secrets.derive('manage', one)}")).text
