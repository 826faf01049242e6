import csv
import io
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import database
from tests.factories import fund, make_event, make_person, make_registration, make_staff, sign_in


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    """An event with one place of two taken, seen by an organiser of its region."""
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return await make_event(slug=f"paja-{uuid4().hex[:6]}", capacity=2)


async def path_of(event: UUID, registration: UUID | None = None) -> str:
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return f"/staff/events/{slug}/registrations" + (f"/{registration}" if registration else "")


async def state_of(registration: UUID) -> str:
    return str(await database.fetchval("SELECT state FROM registration WHERE id = $1", registration))


async def add(event: UUID, given_name: str, **columns: object) -> UUID:
    return await make_registration(event, person=await make_person(given_name), **columns)


async def test_the_list_carries_the_marks_of_the_events_project(client: httpx.AsyncClient, event: UUID) -> None:
    await fund(event)
    text = (await client.get(await path_of(event))).text
    assert 'alt="Emblem of the European Union"' in text
    assert '<span lang="fi">Euroopan unionin osarahoittama</span>' in text


async def test_the_list_is_filtered_by_what_stands_in_the_address(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "Aino")
    await add(event, "Eino", state="waitlisted")
    await add(event, "Oiva", role="speaker")
    path = await path_of(event)
    for query, names in (
        ("", {"Aino", "Eino", "Oiva"}),
        ("?state=waitlisted", {"Eino"}),
        ("?role=speaker", {"Oiva"}),
        ("?q=aino", {"Aino"}),
        ("?q=oiva.", {"Oiva"}),
        ("?state=nonsense&site=nonsense", set()),
    ):
        page = (await client.get(path + query)).text
        assert {name for name in ("Aino", "Eino", "Oiva") if f", {name}</a>" in page} == names, query


async def test_a_long_list_has_pages(client: httpx.AsyncClient, event: UUID) -> None:
    await database.execute("UPDATE site SET capacity = NULL")
    for number in range(51):
        await add(event, f"Person{number:03}")
    path = await path_of(event)
    assert "Person050" not in (await client.get(path)).text
    assert "Person050" in (await client.get(f"{path}?page=2")).text


async def test_staff_approve_decline_cancel_give_places_and_set_roles(client: httpx.AsyncClient, event: UUID) -> None:
    approved, declined = [await add(event, name, state="awaiting_approval") for name in ("Aino", "Eino")]
    waiting, going = await add(event, "Oiva", state="waitlisted"), await add(event, "Tuula")
    for registration, deed, state in (
        (declined, "decline", "declined"),
        (waiting, "place", "confirmed"),
        (going, "cancel", "cancelled"),
        (approved, "approve", "confirmed"),
    ):
        path = await path_of(event, registration)
        assert f'value="{deed}"' in (await client.get(path)).text
        assert (await client.post(path, data={"do": deed})).status_code == 303
        assert await state_of(registration) == state
    await client.post(await path_of(event, approved), data={"do": "role", "role": "speaker"})
    assert await database.fetchval("SELECT role FROM registration WHERE id = $1", approved) == "speaker"
    actions = await database.fetch("SELECT action FROM audit WHERE actor_kind = 'staff' ORDER BY id")
    assert [row["action"] for row in actions] == [
        "registration.declined",
        "registration.place_given",
        "registration.cancelled",
        "registration.approved",
        "registration.role_set",
    ]


async def test_one_comes_back_to_the_list_as_it_was(client: httpx.AsyncClient, event: UUID) -> None:
    registration = await add(event, "Aino", state="awaiting_approval")
    data = {"do": "approve", "list": "state=awaiting_approval&q=aino+e&evil=%2F%2Fevil.example"}
    answer = await client.post(await path_of(event, registration), data=data)
    assert answer.headers["location"] == f"{await path_of(event)}?q=aino+e&state=awaiting_approval&saved=1"


async def test_what_cannot_be_done_any_more_is_said(client: httpx.AsyncClient, event: UUID) -> None:
    path = await path_of(event, await add(event, "Aino"))
    answer = await client.post(path, data={"do": "approve"})
    assert answer.status_code == 409
    assert "does not await approval" in answer.text
    for data in ({"do": "explode"}, {}, {"do": "role", "role": "king"}):
        assert (await client.post(path, data=data)).status_code == 400


async def test_the_file_holds_the_list_and_no_formula(client: httpx.AsyncClient, event: UUID) -> None:
    await make_registration(event, person=await make_person("=1+1", "@SUM(1)"))
    await add(event, "Eino", state="waitlisted")
    answer = await client.get(f"{await path_of(event)}.csv?state=confirmed")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    heads, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert (heads[0], row[0], row[1]) == ("Family name", "'@SUM(1)", "'=1+1")
    assert dict(zip(heads, row, strict=True))["Municipality"] == "Tampere"


async def test_other_regions_do_not_see_the_list(client: httpx.AsyncClient, event: UUID) -> None:
    registration = await add(event, "Aino")
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    for path in (await path_of(event), f"{await path_of(event)}.csv", await path_of(event, registration)):
        assert (await client.get(path)).status_code == 404
    assert (await client.post(await path_of(event, registration), data={"do": "cancel"})).status_code == 404
    assert await state_of(registration) == "confirmed"


async def test_a_registration_of_another_event_is_not_reached_by_this_one(
    client: httpx.AsyncClient, event: UUID
) -> None:
    other = await add(await make_event(host_region="17"), "Aino")
    assert (await client.get(await path_of(event, other))).status_code == 404
    assert (await client.post(await path_of(event, other), data={"do": "cancel"})).status_code == 404


async def test_staff_see_to_whom_mail_does_not_come_and_where_to_mend_it(
    client: httpx.AsyncClient, event: UUID
) -> None:
    registration = await add(event, "Aino", state="confirmed")
    path = await path_of(event)
    said = "Mail does not reach this address"
    for each in (path, f"{path}/{registration}"):
        assert said not in (await client.get(each)).text
    await database.execute(
        "INSERT INTO unreachable (address, status) SELECT email, '5.1.1' FROM person WHERE email <> ''"
    )
    assert said in (await client.get(path)).text
    page = (await client.get(f"{path}/{registration}")).text
    assert said in page
    assert f'href="{path}/{registration}/details"' in page
    await database.execute("UPDATE person SET email = 'uusi@yritys.example'")
    assert said not in (await client.get(path)).text
