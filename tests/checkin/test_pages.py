from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from events.core import clock, secrets
from tests.checkin.doors import attendance, scans, slug_of, ticket
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in


@pytest.fixture
async def door(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser of someone who may stand at every door."""
    await sign_in(client, await make_staff("door"))
    return client


async def scan(door: httpx.AsyncClient, slug: str, secret: str, **fields: str) -> httpx.Response:
    defaults = {"nonce": str(uuid4()), "door": "Front", "kind": "entry", "force": ""}
    return await door.post(f"/door/{slug}", data={**defaults, "secret": secret, **fields})


async def test_todays_event_comes_first(door: httpx.AsyncClient) -> None:
    for days, title in ((3, "In three days"), (0, "Now"), (-2, "Two days ago"), (200, "Far ahead")):
        start = NOW + timedelta(days=days)
        await make_event(title_en=title, starts_at=start, ends_at=start + timedelta(hours=2))
    with clock.at(NOW):
        html = (await door.get("/door")).text
    assert 0 < html.index("Now") < html.index("In three days") < html.index("Two days ago")
    assert "Far ahead" not in html


async def test_today_is_meant_in_the_events_own_zone(door: httpx.AsyncClient) -> None:
    start = NOW.replace(hour=22)  # the next day in Finland
    slug = await slug_of(await make_event(starts_at=start, ends_at=start + timedelta(hours=2)))
    with clock.at(NOW.replace(hour=20)):
        assert "not today" in (await door.get(f"/door/{slug}")).text
    with clock.at(NOW.replace(hour=21)):
        assert "not today" not in (await door.get(f"/door/{slug}")).text


async def test_the_door_is_for_those_who_may_check_in(client: httpx.AsyncClient) -> None:
    slug = await slug_of(await make_event())
    paths = ("", "/people?q=ab", "/count", "/live")
    for path in paths:
        assert (await client.get(f"/door/{slug}{path}")).status_code == 401
    await sign_in(client, await make_staff("door", kind="region", resource="01"))
    for path in paths:
        assert (await client.get(f"/door/{slug}{path}")).status_code == 404
    assert (await scan(client, slug, "x")).status_code == 404
    await sign_in(client, await make_staff("viewer"))
    assert (await client.get("/door")).status_code == 404


async def test_the_door_may_run_its_reader_and_use_the_camera_and_is_kept_nowhere(door: httpx.AsyncClient) -> None:
    answer = await door.get(f"/door/{await slug_of(await make_event())}")
    assert "script-src 'self' 'wasm-unsafe-eval'" in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "wasm-unsafe-eval" not in (await door.get("/")).headers["content-security-policy"]


async def test_without_script_a_typed_code_is_checked(door: httpx.AsyncClient) -> None:
    event = await make_event()
    registration = await make_registration(event, person=await make_person("Väinö", "Ääninen"))
    slug = await slug_of(event)
    with clock.at(NOW):
        first = await scan(door, slug, secrets.short_code(registration).lower())
        second = await scan(door, slug, ticket(registration))
    assert "Welcome" in first.text
    assert "Väinö Ääninen" in first.text
    assert "Already inside" in second.text
    assert "First used at 12:00, Front" in second.text


async def test_sending_the_form_again_changes_nothing(door: httpx.AsyncClient) -> None:
    event = await make_event()
    registration = await make_registration(event)
    for _ in range(2):
        answer = await scan(door, await slug_of(event), ticket(registration), nonce="form")
        assert 'data-key="ok"' in answer.text
    assert await scans(registration) == 1


async def test_an_entry_is_undone_and_a_refused_one_let_in(door: httpx.AsyncClient) -> None:
    event = await make_event()
    waiting = await make_registration(event, state="waitlisted")
    slug = await slug_of(event)
    assert "On the waiting list" in (await scan(door, slug, ticket(waiting))).text
    assert "Welcome" in (await scan(door, slug, ticket(waiting), force="1")).text
    assert "Entry undone" in (await scan(door, slug, ticket(waiting), kind="undo")).text
    assert (await attendance(waiting))[0] == "unknown"


async def test_an_empty_code_is_answered_beside_its_field(door: httpx.AsyncClient) -> None:
    answer = await scan(door, await slug_of(await make_event()), "")
    assert answer.status_code == 422
    assert 'aria-describedby="secret-error"' in answer.text


@pytest.mark.parametrize("words", ["vaino", "VÄINÖ ään", "aaninen väi", "sorv", "väinö sorvi"])
async def test_a_name_is_found_without_its_dots_and_with_its_organisation(door: httpx.AsyncClient, words: str) -> None:
    event = await make_event()
    organisation = await insert("organisation", name="Sorvi & Terä Oy", folded="sorvi tera oy")
    registration = await make_registration(
        event, person=await make_person("Väinö", "Ääninen"), organisation=organisation
    )
    await make_registration(event, person=await make_person("Someone", "Else"))
    await make_registration(await make_event(), person=await make_person("Väinö", "Ääninen"), organisation=organisation)
    found = (await door.get(f"/door/{await slug_of(event)}/people", params={"q": words})).json()
    assert [(each["name"], each["organisation"], each["site"]) for each in found] == [
        ("Väinö Ääninen", "Sorvi & Terä Oy", "Tampere-talo")
    ]
    assert found[0]["code"] == secrets.short_code(registration)


@pytest.mark.parametrize("words", ["", " ", "v", "ä.", "%", "__"])
async def test_the_door_cannot_browse_everyone(door: httpx.AsyncClient, words: str) -> None:
    event = await make_event()
    await make_registration(event, person=await make_person("Väinö", "Ääninen"))
    assert (await door.get(f"/door/{await slug_of(event)}/people", params={"q": words})).json() == []


async def test_who_has_cancelled_stands_last_and_is_said_to_have(door: httpx.AsyncClient) -> None:
    event = await make_event()
    for name, state in (("Aino", "cancelled"), ("Öyvind", "confirmed"), ("Zacharias", "waitlisted")):
        await make_registration(event, person=await make_person(name, "Sama"), state=state)
    html = (await door.get(f"/door/{await slug_of(event)}", params={"q": "sama"})).text
    found = html[html.index('<ul class="found"') :]
    assert found.index("Zacharias") < found.index("Öyvind") < found.index("Aino")
    assert "On the waiting list" in found[: found.index("</ul>")]


async def test_the_count_is_of_those_expected_and_those_let_in_by_hand(door: httpx.AsyncClient) -> None:
    event = await make_event()
    slug = await slug_of(event)
    come, waiting = await make_registration(event), await make_registration(event, state="waitlisted")
    await make_registration(event)
    await scan(door, slug, ticket(come))
    assert (await door.get(f"/door/{slug}/count")).json() == {"arrived": 1, "expected": 2}
    await scan(door, slug, ticket(waiting), force="1")
    assert (await door.get(f"/door/{slug}/count")).json() == {"arrived": 2, "expected": 3}
