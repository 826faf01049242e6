"""One invitation, one registration that stands: of the invited person, or of one in their stead."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from events.core import clock, database
from events.core.actor import ANONYMOUS, SYSTEM
from events.registration.actions import NewRegistration, cancel, register
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.actions import invite
from events.registration.invitations.answers import InvitationUsed, register_by
from events.registration.invitations.guests import Guest
from events.registration.public import receipts
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.invitations.test_invitations import AINO, ENTERED, form_of, invited, known_person

OTHER = {"given_name": "Oiva", "family_name": "Toinen", "email": "oiva@toinen.example", "municipality": "837"}


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    start = clock.now() + timedelta(days=9)
    return await make_event(slug="paja", access="invited", starts_at=start, ends_at=start + timedelta(hours=3))


async def send(client: httpx.AsyncClient, path: str, who: dict[str, str], form_id: str = "") -> int:
    data = who | {"invitation": path[3:], "form_id": form_id}
    return (await client.post("/events/paja/register", data=data)).status_code


async def names(event: UUID) -> list[str]:
    rows = await database.fetch(
        "SELECT given_name FROM registration JOIN person ON person.id = registration.person"
        " WHERE state <> 'cancelled' AND event = $1 ORDER BY given_name",
        event,
    )
    return [row["given_name"] for row in rows]


async def test_a_link_that_someone_is_registered_by_opens_no_second_registration(
    client: httpx.AsyncClient, event: UUID
) -> None:
    client.cookies.set("language", "en")
    path = await invited(event)
    assert await send(client, path, ENTERED) == 303
    assert await send(client, path, OTHER) == 409
    assert await send(client, path, ENTERED) == 409
    assert "it is for one person" in (await client.get(form_of(path))).text
    assert await names(event) == ["Eino"]


async def test_the_same_form_sent_twice_is_one_answer(client: httpx.AsyncClient, event: UUID) -> None:
    path = await invited(event)
    for _again in range(2):
        assert await send(client, path, ENTERED, "a" * 32) == 303
    assert await names(event) == ["Eino"]


async def test_once_the_registration_is_cancelled_the_link_opens_another(
    client: httpx.AsyncClient, event: UUID
) -> None:
    path = await invited(event)
    await send(client, path, ENTERED)
    await cancel(await database.fetchval("SELECT id FROM registration"), actor=SYSTEM, now=clock.now())
    assert await send(client, path, OTHER) == 303
    assert await names(event) == ["Oiva"]


async def test_whom_a_colleague_came_in_the_stead_of_does_not_come_too_and_is_told_who_it_is(
    client: httpx.AsyncClient, event: UUID
) -> None:
    client.cookies.set("language", "en")
    await known_person()
    path = await invited(event)
    await send(client, path, ENTERED)
    page = await client.get(path)
    assert "Eino Malli is registered by this invitation" in page.text
    assert (await client.post(path, data={"answer": "yes"})).status_code == 409
    assert await names(event) == ["Eino"]
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    assert "In their stead: Eino Malli" in (await client.get("/staff/events/paja/invitations")).text


async def test_where_everybody_may_register_a_used_link_leads_to_the_plain_form(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await database.execute("UPDATE event SET access = 'open'")
    path = await invited(event)
    await send(client, path, ENTERED)
    assert path[3:] not in (await client.get(form_of(path))).text.partition("<form")[2]
    refused = await client.post("/events/paja/register", data=OTHER | {"invitation": path[3:]})
    assert refused.status_code == 409
    assert 'value="Oiva"' in refused.text
    assert path[3:] not in refused.text
    assert await send(client, "/i/", OTHER) == 303
    assert await names(event) == ["Eino", "Oiva"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_of_several_who_use_one_link_at_once_one_is_registered(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    event = await make_event(access="invited")
    await invite(event, [Guest(AINO)], actor=SYSTEM, now=NOW)
    (invitation,) = await invitation_queries.of_event(event)
    if not guarded:
        monkeypatch.setattr(invitation_queries, "locked", invitation_queries.by_id)

    async def use(number: int) -> None:
        new = NewRegistration(given_name=f"Aino {number}", email=f"aino{number}@yritys.example", invited=True)

        async def make() -> UUID:
            await asyncio.sleep(0.2)
            return await receipts.give(event, new, await register(event, new, actor=ANONYMOUS, now=NOW), now=NOW)

        await register_by(invitation.path[3:], event, make, now=NOW)

    done = await asyncio.gather(*(use(number) for number in range(4)), return_exceptions=True)
    registered = await database.fetchval("SELECT count(*) FROM registration")
    if guarded:
        assert (registered, sum(isinstance(each, InvitationUsed) for each in done)) == (1, 3)
    else:
        assert registered > 1, "without the lock nobody sees that the link is used"
