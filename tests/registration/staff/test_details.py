import asyncpg
import httpx
import pytest

from events.core import clock, database
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in

MENDED = {
    "given_name": "Väinö",
    "family_name": "Ääninen",
    "email": "vaino@yritys.example",
    "organisation": "Konepaja Oy",
    "municipality": "837",
}


async def test_staff_mend_somebodys_details(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event(slug="paja")
    registration = await make_registration(event)
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    here = f"/staff/events/paja/registrations/{registration}"
    with clock.at(NOW):
        assert 'value="Esimerkki"' in (await client.get(f"{here}/details")).text
        sent = await client.post(f"{here}/details", data=MENDED)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{here}?saved=1")
    row = await database.fetchrow(
        "SELECT person.email, family_name FROM registration JOIN person ON person.id = person"
    )
    assert row is not None
    assert tuple(row) == ("vaino@yritys.example", "Ääninen")


async def test_who_came_without_an_address_needs_none(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event(slug="paja")
    registration = await make_registration(event, person=await make_person(email=None))
    await sign_in(client, await make_staff())
    with clock.at(NOW):
        sent = await client.post(
            f"/staff/events/paja/registrations/{registration}/details", data={**MENDED, "email": ""}
        )
    assert sent.status_code == 303
    assert await database.fetchval("SELECT count(*) FROM message") == 0


async def test_what_does_not_hold_is_said_and_kept(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    event = await make_event(slug="paja")
    registration = await make_registration(event)
    await sign_in(client, await make_staff())
    sent = await client.post(
        f"/staff/events/paja/registrations/{registration}/details", data={**MENDED, "email": "nobody"}
    )
    assert sent.status_code == 422
    assert 'value="nobody"' in sent.text


async def test_staff_move_someone_to_another_site_or_are_told_that_it_is_full(
    client: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    event = await make_event(slug="paja", online=True, waiting_list="none")
    registration = await make_registration(event)
    online = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    await sign_in(client, await make_staff())
    here = f"/staff/events/paja/registrations/{registration}"
    await database.execute("UPDATE site SET capacity = 0 WHERE id = $1", online)
    with clock.at(NOW):
        assert (await client.post(f"{here}/site", data={"site": str(online)})).status_code == 409
        await database.execute("UPDATE site SET capacity = 1 WHERE id = $1", online)
        assert (await client.post(f"{here}/site", data={"site": str(online)})).status_code == 303
    assert await database.fetchval("SELECT site FROM registration") == online


@pytest.mark.parametrize("path", ["details", "site"])
async def test_only_who_may_edit_registrations_does_so(
    client: httpx.AsyncClient, db: asyncpg.Connection, path: str
) -> None:
    event = await make_event(slug="paja")
    registration = await make_registration(event)
    await sign_in(client, await make_staff("door"))
    assert (await client.post(f"/staff/events/paja/registrations/{registration}/{path}")).status_code == 404
