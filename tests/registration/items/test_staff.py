"""What staff see and change of what people signed up for, and what is held about it."""

import csv
import io
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.actor import Actor, ActorKind
from events.registration.items.chosen import own_items
from events.registration.own import data as own_data
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.items.test_signing_up import COUNTED, choose, workshop


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> UUID:
    staff = await make_staff("organiser", kind="region", resource="06", name="Oona Organiser")
    await sign_in(client, staff)
    return staff


@pytest.fixture
async def event(staff: UUID) -> UUID:
    return await make_event(slug=f"paja-{uuid4().hex[:6]}")


@pytest.fixture
async def registration(event: UUID) -> UUID:
    return await make_registration(event, person=await make_person("Aino"))


async def list_of(event: UUID) -> str:
    return f"/staff/events/{await database.fetchval('SELECT slug FROM event WHERE id = $1', event)}/registrations"


async def test_staff_see_and_change_what_someone_signed_up_for(
    client: httpx.AsyncClient, event: UUID, registration: UUID, staff: UUID
) -> None:
    one = f"{await list_of(event)}/{registration}"
    page = await client.get(one)
    assert (page.status_code, "Signed up for" in page.text) == (200, False)
    left, right = await workshop(event, "Left"), await workshop(event, "Right", at=60)
    await choose(registration, left)
    assert "Left, 4 places left" in (await client.get(one)).text
    changed = await client.post(f"{one}/items", data={"items": str(right)})
    assert changed.headers["location"] == f"{one}?saved=1#items-of-one"
    assert await own_items(registration) == {right}
    row = await database.fetchrow(
        "SELECT * FROM audit WHERE action = 'registration.items_chosen' ORDER BY id DESC LIMIT 1"
    )
    assert row
    assert (row["actor_id"], row["subject_id"]) == (staff, str(registration))
    assert "Changed what someone signed up for" in (await client.get(one)).text
    await client.post(f"{one}/items", data={})
    assert await own_items(registration) == frozenset()
    assert await database.fetchval(COUNTED) == 0


async def test_what_cannot_be_had_is_said_beside_the_field(
    client: httpx.AsyncClient, event: UUID, registration: UUID
) -> None:
    one = f"{await list_of(event)}/{registration}"
    assert (await client.post(f"{one}/items", data={"items": str(uuid4())})).status_code == 404
    items = [await workshop(event, "Left"), await workshop(event, "Right", at=15)]
    refused = await client.post(f"{one}/items", data={"items": [str(item) for item in items]})
    assert refused.status_code == 422
    assert "Left and Right are at the same time" in refused.text
    assert (await client.post(f"{one}/items", data={"items": "x"})).status_code == 422
    assert await own_items(registration) == frozenset()


async def test_who_has_no_place_is_signed_up_for_nothing(client: httpx.AsyncClient, event: UUID) -> None:
    item = await workshop(event)
    waiting = await make_registration(event, state="waitlisted")
    one = f"{await list_of(event)}/{waiting}"
    page = await client.get(one)
    assert (page.status_code, 'name="items"' in page.text) == (200, False)
    refused = await client.post(f"{one}/items", data={"items": str(item)})
    assert refused.status_code == 409
    assert "Items are chosen once there is a place for sure." in refused.text


async def test_who_may_only_look_sees_it_and_others_do_not(
    client: httpx.AsyncClient, event: UUID, registration: UUID
) -> None:
    item = await workshop(event, "Left")
    await choose(registration, item)
    one = f"{await list_of(event)}/{registration}"
    await sign_in(client, await make_staff("door", kind="event", resource=str(event)))
    assert (await client.post(f"{one}/items", data={})).status_code == 404
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    assert (await client.post(f"{one}/items", data={})).status_code == 404
    assert await own_items(registration) == {item}


async def test_items_are_a_column_of_the_list_and_of_its_files(
    client: httpx.AsyncClient, event: UUID, registration: UUID
) -> None:
    here = await list_of(event)
    page = await client.get(here)
    assert (page.status_code, 'value="items"' in page.text) == (200, False)
    late, early = await workshop(event, "Late", at=60), await workshop(event, "=Early")
    await choose(registration, late, early)
    await make_registration(event, person=await make_person("Eino"))
    assert "=Early; Late" not in (await client.get(here)).text
    assert "=Early; Late" in (await client.get(f"{here}?columns=items")).text
    answer = await client.get(f"{here}.csv?columns=items&sort=name")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == ["Family name", "Given name", "Signed up for"]
    assert [row[1:] for row in rows[1:]] == [["Aino", "'=Early; Late"], ["Eino", ""]]
    workbook = (await client.get(f"{here}.xlsx?q=aino")).content
    heads, row = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert (heads[-1], row[-1]) == ("Signed up for", "=Early; Late")


async def test_ones_own_data_hold_what_was_signed_up_for(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    await choose(registration, await workshop(event, "Workshop", title_fi="Paja"))
    (held,) = (await own_data.everything(registration, by_mail=True))["registrations"]
    assert held["signed_up_for"] == [{"title": "Paja", "starts_at": "2026-10-01T09:00:00+00:00"}]


@pytest.mark.parametrize("days", [30, -30])
async def test_erasing_someone_gives_their_items_back(db: asyncpg.Connection, days: int) -> None:
    event = await make_event()
    registration, other = await make_registration(event), await make_registration(event)
    item = await workshop(event)
    await choose(registration, item)
    await choose(other, item)
    await database.execute("UPDATE event SET starts_at = starts_at + make_interval(days => $1)", days - 30)
    await own_data.erase(registration, actor=Actor(ActorKind.PARTICIPANT, registration, by_mail=True), now=NOW)
    assert (await own_data.everything(registration, by_mail=True))["registrations"][0]["signed_up_for"] == []
    assert await own_items(other) == {item}
    assert await database.fetchval(COUNTED) == 0
