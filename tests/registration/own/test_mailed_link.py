"""All of a person is behind the link in their mail alone; whoever types an address gets what they registered."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Conflict
from events.registration.actions import NewRegistration, register
from events.registration.details import Details, change_details
from events.registration.offers import accept_offer, confirm_address
from events.registration.tables import State
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration
from tests.registration.test_actions import ORGANISER, state_of
from tests.registration.test_letters import letters

VICTIM = "aino@kunta.example"
ENTERED = {"given_name": "Aino", "family_name": "Esimerkki", "email": VICTIM, "municipality": "837"}
MINE = {"given_name": "Mallory", "family_name": "Malli", "email": "mallory@toinen.example", "municipality": "837"}
TOKEN = "token-for-tests"


@pytest.fixture
async def victim(client: httpx.AsyncClient) -> UUID:
    """Someone with a registration elsewhere, whose details say more than anybody else should know."""
    start = clock.now() + timedelta(days=20)
    event = await make_event(slug="salainen", starts_at=start, ends_at=start + timedelta(hours=2))
    return await make_registration(event, person=await make_person(email=VICTIM))


@pytest.fixture
async def slug(victim: UUID) -> str:
    start = clock.now() + timedelta(days=30)
    await make_event(slug="paja", starts_at=start, ends_at=start + timedelta(hours=2))
    return "paja"


async def of(email: str) -> dict[str, Any]:
    row = await database.fetchrow(
        "SELECT registration.* FROM registration JOIN person ON person.id = registration.person"
        " JOIN event ON event.id = registration.event WHERE person.email = $1 AND event.slug = 'paja'",
        email,
    )
    assert row
    return dict(row)


async def by_program(client: httpx.AsyncClient, slug: str, **changes: Any) -> str:
    """Register the victim by a program and return the path of the link that it is answered."""
    await insert("api_token", name="test", token_hash=secrets.digest(TOKEN), scope="registration")
    answer = await client.post(
        f"/api/v1/events/{slug}/registrations",
        json={**ENTERED, **changes},
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["manage_url"].removeprefix("http://testserver"))


async def by_address_change(client: httpx.AsyncClient, slug: str) -> str:
    """Register, enter the victim's details instead, and return the best link one could know of by that."""
    await client.post(f"/events/{slug}/register", data=MINE)
    mine = mailed_link((await of(MINE["email"]))["id"])
    changed = await client.post(mine, data=ENTERED)
    found = re.search(r"/r/[a-z0-9]+", f"{changed.headers.get('location', '')} {changed.text}")
    return found[0] if found else mine


async def by_form(client: httpx.AsyncClient, slug: str) -> str:
    """Register the victim by the public form and return the page after it."""
    return str((await client.post(f"/events/{slug}/register", data=ENTERED)).headers["location"])


@pytest.mark.parametrize("way", [by_program, by_address_change, by_form])
async def test_no_link_that_was_not_mailed_shows_or_erases_the_other_registrations(
    client: httpx.AsyncClient, victim: UUID, slug: str, way: Any
) -> None:
    path = await way(client, slug)
    assert (await of(VICTIM))["person"] == await database.fetchval(
        "SELECT person FROM registration WHERE id=$1", victim
    )
    for page in (path, f"{path}/data.json", f"{path}/erase", f"{path}/calendar.ics"):
        assert "salainen" not in (await client.get(page)).text
        assert "calendar-feed" not in (await client.get(page)).text
    for deed in ("feed", "feed/revoke"):
        assert (await client.post(f"{path}/{deed}")).status_code == 404
    await client.post(f"{path}/erase")
    kept = await database.fetchrow(
        "SELECT person.*, state FROM registration JOIN person ON person.id = registration.person"
        " WHERE registration.id = $1",
        victim,
    )
    assert kept
    assert (kept["given_name"], kept["email"], kept["state"]) == ("Aino", VICTIM, "confirmed")
    assert (await client.get(mailed_link(victim))).status_code == 200
    assert await database.fetchval("SELECT count(*) FROM private_feed") == 0


async def test_the_link_out_of_the_letter_shows_all_and_erases_all(
    client: httpx.AsyncClient, victim: UUID, slug: str
) -> None:
    client.cookies.set("language", "en")
    await by_program(client, slug)
    letter = (await letters(clock.now()))["confirmation"]
    assert letter
    link = re.search(r"http://testserver(/r/[a-z0-9]+)", letter.text)
    assert link
    assert link[1] == mailed_link((await of(VICTIM))["id"])
    held = (await client.get(f"{link[1]}/data.json")).json()
    assert {each["event"] for each in held["registrations"]} == {"salainen", "paja"}
    assert (await client.post(f"{link[1]}/feed")).status_code == 303
    assert "calendar-feed" in (await client.get(link[1])).text
    assert "from every event" in (await client.get(f"{link[1]}/erase")).text
    await client.post(f"{link[1]}/erase")
    assert await database.fetchval("SELECT count(*) FROM person WHERE email IS NOT NULL") == 0


@pytest.mark.parametrize("proof", ["2" * 26, secrets.ALPHABET[:26]])
async def test_a_guessed_proof_opens_nothing(client: httpx.AsyncClient, victim: UUID, proof: str) -> None:
    assert (await client.get(mailed_link(victim)[:29] + proof)).status_code == 404


async def test_a_link_that_was_not_mailed_shows_and_erases_its_own_registration(
    client: httpx.AsyncClient, victim: UUID, slug: str
) -> None:
    client.cookies.set("language", "en")
    path = await by_program(client, slug, consents={"news": True})
    held = (await client.get(f"{path}/data.json")).json()
    assert [each["event"] for each in held["registrations"]] == ["paja"]
    assert held["registrations"][0]["consents"][0]["kind"] == "news"
    assert [message["reason"] for message in held["messages"]] == ["confirmation"]
    assert "calendar_feed_since" not in held
    asked = await client.get(f"{path}/erase")
    assert "from this registration" in asked.text
    done = await client.post(f"{path}/erase")
    assert "was not touched" in done.text
    assert (await client.get(path)).status_code == 404
    row = await database.fetchrow(
        "SELECT registration.state, given_name, email, erased_at FROM registration"
        " JOIN person ON person.id = registration.person JOIN event ON event.id = event WHERE slug = 'paja'"
    )
    assert row
    assert (row["state"], row["given_name"], row["email"]) == ("cancelled", "", None)
    assert row["erased_at"]
    assert await database.fetchval("SELECT count(*) FROM consent") == 0
    assert await database.fetchval("SELECT count(*) FROM site WHERE taken <> 0") == 1


async def test_who_changes_an_address_by_such_a_link_takes_nothing_else_of_the_person_along(
    client: httpx.AsyncClient, victim: UUID, slug: str
) -> None:
    """Not even of someone whose only registration it is: a member of a theme group may have none."""
    path = await by_program(client, slug)
    own = await of(VICTIM)
    person = own["person"]
    await database.execute("DELETE FROM registration WHERE id = $1", victim)
    await database.execute("UPDATE person SET created_at = now() - interval '1 year' WHERE id = $1", person)
    assert (await client.post(path, data={**ENTERED, "given_name": "Muu"})).status_code == 200
    assert (await client.get(path)).status_code == 404
    path = f"/r/{secrets.derive('manage', own['id'], 1)}"
    assert (await client.post(path, data={**ENTERED, "email": MINE["email"]})).status_code == 200
    row = await database.fetchrow("SELECT given_name, email FROM person WHERE id = $1", person)
    assert row
    assert tuple(row) == ("Aino", VICTIM)
    assert (await of(MINE["email"]))["person"] != person


async def test_an_address_is_confirmed_by_the_link_that_went_there_alone(
    client: httpx.AsyncClient, victim: UUID, slug: str
) -> None:
    client.cookies.set("language", "en")
    await database.execute("UPDATE event SET address_hours = 2 WHERE slug = 'paja'")
    path = await by_program(client, slug)
    page = await client.get(path)
    assert f"{path}/confirm" not in page.text
    assert "by the link in the mail" in page.text
    assert (await client.post(f"{path}/confirm")).status_code == 409
    registration = (await of(VICTIM))["id"]
    assert await state_of(registration) is State.AWAITING_ADDRESS
    await client.post(f"{mailed_link(registration)}/confirm")
    assert await state_of(registration) is State.CONFIRMED


def participant(registration: UUID, *, by_mail: bool = True) -> Actor:
    return Actor(ActorKind.PARTICIPANT, registration, by_mail=by_mail)


async def confirmed_at_asking_event() -> UUID:
    event = await make_event(address_hours=2)
    new = NewRegistration(given_name="Aino", family_name="Esimerkki", email=VICTIM)
    made = await register(event, new, actor=SYSTEM, now=NOW)
    await confirm_address(made.id, actor=participant(made.id), now=NOW)
    return made.id


NEW_ADDRESS = Details(given_name="Aino", family_name="Esimerkki", email="uusi@kunta.example")


async def test_where_addresses_are_confirmed_a_new_one_is_again_and_the_place_is_held(db: asyncpg.Connection) -> None:
    registration = await confirmed_at_asking_event()
    later = NOW + timedelta(hours=5)
    await change_details(registration, NEW_ADDRESS, actor=participant(registration), now=later)
    row = await database.fetchrow("SELECT state, deadline, address_confirmed FROM registration")
    assert row
    assert tuple(row) == ("awaiting_address", later + timedelta(hours=2), False)
    assert await database.fetchval("SELECT taken FROM site") == 1
    queued = await database.fetch("SELECT reason, recipient FROM message WHERE state = 'queued'")
    assert [tuple(each) for each in queued] == [("confirm_address", "uusi@kunta.example")]
    with pytest.raises(Conflict):
        await confirm_address(registration, actor=participant(registration, by_mail=False), now=later)
    await confirm_address(registration, actor=participant(registration), now=later)
    assert await state_of(registration) is State.CONFIRMED


async def test_an_address_that_staff_enter_is_vouched_for(db: asyncpg.Connection) -> None:
    registration = await confirmed_at_asking_event()
    await change_details(registration, NEW_ADDRESS, actor=ORGANISER, now=NOW)
    assert await state_of(registration) is State.CONFIRMED
    await change_details(
        registration,
        Details(given_name="Aino", family_name="Esimerkki", email="uudempi@kunta.example"),
        actor=participant(registration),
        now=NOW,
    )
    assert await state_of(registration) is State.AWAITING_ADDRESS
    await change_details(registration, NEW_ADDRESS, actor=ORGANISER, now=NOW)
    assert await state_of(registration) is State.CONFIRMED


async def test_who_accepts_an_offer_by_another_link_has_yet_to_confirm_the_address(db: asyncpg.Connection) -> None:
    event = await make_event(address_hours=2)
    registration = await make_registration(
        event, state="offered", offers=1, deadline=NOW + timedelta(hours=1), address_confirmed=False
    )
    await accept_offer(registration, actor=participant(registration, by_mail=False), now=NOW)
    assert await state_of(registration) is State.AWAITING_ADDRESS
    await confirm_address(registration, actor=participant(registration), now=NOW)
    assert await state_of(registration) is State.CONFIRMED
