import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import ANONYMOUS, Actor, ActorKind
from events.core.errors import Conflict, Invalid, NotFound
from events.registration import consents, queries
from events.registration.actions import cancel, transfer
from events.registration.admission import NotAdmitted, OrganisationFull
from events.registration.own import data as own_data
from events.registration.registering import register
from events.registration.tables import ConsentKind, State
from tests.factories import NOW, mailed_link, make_event, make_person, make_registration
from tests.registration.line_machine import look
from tests.registration.public.test_colleagues import alike
from tests.registration.public.test_pages import answer_of, make_open, own_path, reasons, states
from tests.registration.test_letters import letters
from tests.registration.test_register import sign_up, someone


def me(identity: UUID) -> Actor:
    return Actor(ActorKind.PARTICIPANT, identity)


async def give(identity: UUID, number: int, **fields: object) -> None:
    await transfer(identity, someone(number, **fields), actor=me(identity), now=NOW)


async def of(number: int) -> asyncpg.Record:
    row = await database.fetchrow(
        "SELECT registration.* FROM registration JOIN person ON person.id = registration.person WHERE email = $1",
        someone(number).email,
    )
    assert row
    return row


async def test_a_place_goes_over_past_the_line_and_both_are_told(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    mine = await sign_up(event, 1)
    await sign_up(event, 2)
    await give(mine.id, 3, organisation="Yritys Oy")
    assert [(await of(number))["state"] for number in (1, 2, 3)] == ["cancelled", "waitlisted", "confirmed"]
    theirs = await of(3)
    assert (await of(1))["transferred_to"] == theirs["id"]
    view = await queries.by_id(theirs["id"])
    assert view
    assert view.registered_by == "Aino Esimerkki 1"
    assert await queries.by_ticket(view.ticket_path.rpartition("/")[2])
    assert await queries.by_manage_token(view.manage_path.rpartition("/")[2])
    await look(event)
    rows = await database.fetch("SELECT reason, recipient FROM message WHERE state = 'queued' ORDER BY recipient")
    assert [(row["reason"], row["recipient"]) for row in rows] == [
        ("cancelled", "aino1@yritys.example"),
        ("waiting", "aino2@yritys.example"),
        ("confirmation", "aino3@yritys.example"),
    ]


async def test_who_had_cancelled_can_take_a_place_over_with_a_new_ticket(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=2)
    mine, before = await sign_up(event, 1), await sign_up(event, 2)
    await cancel(before.id, actor=me(before.id), now=NOW)
    await give(mine.id, 2)
    theirs = await of(2)
    assert (theirs["id"], theirs["state"], theirs["ticket_generation"]) == (before.id, "confirmed", 1)
    await give(theirs["id"], 1)
    assert ((await of(1))["state"], (await of(1))["transferred_to"]) == ("confirmed", None)
    await look(event)


async def test_what_the_colleague_once_agreed_to_does_not_come_back_with_the_place(db: asyncpg.Connection) -> None:
    event = await make_event()
    mine = await sign_up(event, 1)
    agreed = someone(2, consents={ConsentKind.PARTICIPANT_LIST: "Yes"})
    theirs = await register(event, agreed, actor=ANONYMOUS, now=NOW)
    await cancel(theirs.id, actor=me(theirs.id), now=NOW)
    await give(mine.id, 2)
    assert (await of(2))["state"] == "confirmed"
    assert await consents.given(theirs.id) == {}


async def test_the_place_of_a_cancelled_event_is_nobodys_to_give(db: asyncpg.Connection) -> None:
    event = await make_event()
    mine = await sign_up(event, 1)
    await database.execute("UPDATE event SET state = 'cancelled' WHERE id = $1", event)
    with pytest.raises(Conflict):
        await give(mine.id, 2)


async def test_for_who_is_registered_already_nothing_changes_and_the_letter_says_it(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=2)
    mine, theirs = await sign_up(event, 1), await sign_up(event, 2)
    await give(mine.id, 2)
    assert [(await of(number))["state"] for number in (1, 2)] == ["confirmed", "confirmed"]
    row = await database.fetchrow("SELECT recipient, subject_id FROM message WHERE reason = 'not_transferred'")
    assert row
    assert tuple(row) == ("aino1@yritys.example", mine.id)
    assert (await of(2))["revision"] == 0
    assert theirs.state is State.CONFIRMED


async def test_only_a_confirmed_place_of_ones_own_goes_over_and_to_someone_else(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    mine, waiting = await sign_up(event, 1), await sign_up(event, 2)
    with pytest.raises(Conflict):
        await give(waiting.id, 3)
    with pytest.raises(Invalid):
        await give(mine.id, 1)
    with pytest.raises(NotFound):
        await transfer(mine.id, someone(3), actor=me(waiting.id), now=NOW)


async def test_an_event_that_asks_for_it_asks_the_colleague_to_confirm_the_address(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1, address_hours=3)
    mine = await sign_up(event, 1)
    await database.execute("UPDATE registration SET state = 'confirmed' WHERE id = $1", mine.id)
    await give(mine.id, 2)
    theirs = await of(2)
    assert theirs["state"] == "awaiting_address"
    assert theirs["deadline"] is not None


async def test_a_place_goes_to_no_one_whom_the_event_is_not_for(db: asyncpg.Connection) -> None:
    event = await make_event(access="named", named_regions=["06"], per_organisation=1)
    mine = await sign_up(event, 1, municipality="837", organisation="Yritys Oy")
    await sign_up(event, 2, municipality="837", organisation="Muu Oy", email="aino2@muu.example")
    with pytest.raises(NotAdmitted):
        await give(mine.id, 3, municipality="091")
    with pytest.raises(OrganisationFull):
        await give(mine.id, 3, municipality="837", organisation="Muu Oy", email="aino3@muu.example")
    await give(mine.id, 3, municipality="837", organisation="Yritys Oy")


async def test_a_colleague_who_registers_at_the_same_moment_has_one_registration(committed_db: str) -> None:
    event = await make_event(capacity=3, online=True)
    mine = await sign_up(event, 1)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND position = 1", event)
    new = someone(2, site=online)
    for _ in range(5):
        answers = await asyncio.gather(
            give(mine.id, 2), register(event, new, actor=ANONYMOUS, now=NOW), return_exceptions=True
        )
        assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Conflict)]
    assert await database.fetchval("SELECT count(*) FROM registration") == 2
    await look_unlimited(event)


async def look_unlimited(event: UUID) -> None:
    await database.execute("UPDATE site SET capacity = 50 WHERE event = $1", event)
    await look(event)


NEW = {"given_name": "Bert", "family_name": "Exempel", "email": "bert@yritys.example", "municipality": "837"}


async def test_the_answer_looks_alike_whether_or_not_the_colleague_is_registered(client: httpx.AsyncClient) -> None:
    pages = []
    for known in (True, False):
        slug = await make_open()
        holder = f"aino{known:d}@yritys.example"
        mine = await own_path(client, slug, email=holder)
        if known:
            await answer_of(client, slug, given_name="Bert", family_name="Exempel", email=NEW["email"])
        sent = await client.post(f"{mine}/transfer", data=NEW)
        pages.append((sent.status_code, alike(sent.text, slug)))
        await database.execute("DELETE FROM message")
    assert pages[0] == pages[1]
    assert pages[0][0] == 200


async def test_opening_the_page_changes_nothing_and_errors_stand_beside_their_fields(
    client: httpx.AsyncClient,
) -> None:
    mine = await own_path(client, await make_open())
    assert "Hand the place over" in (await client.get(f"{mine}/transfer")).text
    sent = await client.post(f"{mine}/transfer", data={**NEW, "email": "bert"})
    assert sent.status_code == 422
    assert 'id="email-error"' in sent.text
    assert await states() == ["confirmed"]


async def test_a_reason_for_cancelling_is_kept_exported_and_forgotten(client: httpx.AsyncClient) -> None:
    mine = await own_path(client, await make_open())
    await client.post(f"{mine}/cancel", data={"reason": "  Flunssa  "})
    row = await database.fetchrow("SELECT id, cancel_reason FROM registration")
    assert row
    assert row["cancel_reason"] == "Flunssa"
    assert (await own_data.everything(row["id"], by_mail=True))["registrations"][0][
        "reason_for_cancelling"
    ] == "Flunssa"
    await client.post(f"{mine}/erase")
    assert await database.fetchval("SELECT cancel_reason FROM registration") == ""


async def test_who_has_left_or_is_too_late_is_not_asked_whether_to_cancel(client: httpx.AsyncClient) -> None:
    mine = await own_path(client, await make_open())
    assert "Cancel your registration?" in (await client.get(f"{mine}/cancel")).text
    begins = await database.fetchval("SELECT starts_at FROM event")
    with clock.at(begins + timedelta(hours=1)):
        late = await client.get(f"{mine}/cancel")
    assert (late.status_code, late.headers["location"]) == (303, mine)
    await client.post(f"{mine}/cancel")
    again = await client.get(f"{mine}/cancel")
    assert (again.status_code, again.headers["location"]) == (303, mine)
    assert 'in force. <a href="' in (await client.get(mine)).text


async def test_ones_ticket_is_sent_again_to_ones_own_address(client: httpx.AsyncClient) -> None:
    mine = await own_path(client, await make_open())
    for _ in range(3):
        assert (await client.post(f"{mine}/resend")).status_code == 303
    assert await reasons() == ["confirmation", "confirmation"]


async def test_a_lost_link_goes_to_the_address_that_is_registered_and_the_page_tells_nobody(
    client: httpx.AsyncClient,
) -> None:
    slug = await make_open()
    await answer_of(client, slug)
    pages = []
    for email in ("aino@yritys.example", "muu@yritys.example"):
        sent = await client.post(f"/events/{slug}/resend", data={"email": email})
        pages.append(sent.text.replace(email, "…"))
    assert pages[0] == pages[1]
    assert await reasons() == ["confirmation", "confirmation"]
    assert await database.fetchval("SELECT count(DISTINCT recipient) FROM message") == 1


@pytest.mark.parametrize(
    ("state", "more", "reason"),
    [
        ("cancelled", {}, "cancelled"),
        ("declined", {}, "cancelled"),
        ("cancelled", {"deadline": NOW}, "lapsed"),
    ],
)
async def test_whose_registration_is_gone_gets_their_link_at_their_address_alone(
    client: httpx.AsyncClient, state: str, more: dict[str, Any], reason: str
) -> None:
    event = await make_event(slug="paja")
    person = await make_person(email="aino@yritys.example")
    registration = await make_registration(event, person=person, state=state, language="en", **more)
    with clock.at(NOW):
        pages = [
            (await client.post("/events/paja/resend", data={"email": email})).text.replace(email, "…")
            for email in ("aino@yritys.example", "muu@yritys.example")
        ]
    assert pages[0] == pages[1]
    assert await database.fetchval("SELECT array_agg(recipient) FROM message") == ["aino@yritys.example"]
    written = await letters(NOW)
    assert list(written) == [reason]
    letter = written[reason]
    assert letter
    assert mailed_link(registration) in letter.text
    assert mailed_link(registration) in letter.html
    with clock.at(NOW):
        assert (await client.get(mailed_link(registration))).status_code == 200


async def test_links_are_not_asked_for_ever(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    answers = [await client.post(f"/events/{slug}/resend", data={"email": "muu@yritys.example"}) for _ in range(6)]
    assert [answer.status_code for answer in answers][-1] == 429
