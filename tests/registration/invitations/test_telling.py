"""Who was invited and has not answered hears of a cancellation and of a new time, like those who are registered."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from msgspec import UNSET

from events.core import clock, database
from events.core.actor import SYSTEM
from events.programme import queries as programme
from events.programme.actions import EventChanges, NewSite, cancel_event, edit_event
from events.registration.invitations.actions import invite, withdraw
from events.registration.invitations.guests import Guest
from events.registration.invitations.tables import InvitationState
from tests.factories import make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.test_letters import letters

TOLD = ["later@yritys.example", "sent@yritys.example"]


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    """Of seven invited two have not answered; one left the list, one is registered by the public form."""
    start = clock.now() + timedelta(days=9)
    event = await make_event(slug="paja", starts_at=start, ends_at=start + timedelta(hours=2))
    names = ("sent", "later", "yes", "no", "here", "left", "gone")
    await invite(event, [Guest(f"{each}@yritys.example", "", "en") for each in names], actor=SYSTEM, now=clock.now())
    for name in ("later", "yes", "no"):
        await database.execute(f"UPDATE invitation SET state = '{name}' WHERE email = '{name}@yritys.example'")
    await make_registration(event, person=await make_person(email="here@yritys.example"))
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('left@yritys.example', 'unsubscribed')")
    gone = await database.fetchval("SELECT id FROM invitation WHERE email = 'gone@yritys.example'")
    await withdraw(gone, actor=SYSTEM, now=clock.now())
    await database.execute("DELETE FROM message")
    return event


async def told(reason: str) -> list[str]:
    rows = await database.fetch("SELECT recipient FROM message WHERE reason = $1 ORDER BY recipient", reason)
    return [row[0] for row in rows]


async def test_a_cancellation_is_told_to_who_has_not_answered(client: httpx.AsyncClient, event: UUID) -> None:
    await sign_in(client, await make_staff())
    page = (await client.get("/staff/events/paja/cancel")).text
    assert "3 people will be written to." in page
    assert "2 of them were invited and have not answered yet." in page
    assert await cancel_event(event, actor=SYSTEM, now=clock.now()) == 3
    assert await told("invitation_cancelled") == TOLD
    assert await told("event_cancelled") == ["here@yritys.example"]
    letter = (await letters(clock.now()))["invitation_cancelled"]
    assert letter
    assert letter.subject.startswith("The event is cancelled: Test workshop, ")
    assert "The event to which you were invited has been cancelled." in letter.text
    assert "I am coming" not in letter.text + letter.html
    assert letter.calendar is None


@pytest.mark.parametrize("what", ["time", "place"])
async def test_a_move_is_told_with_the_link_to_answer(client: httpx.AsyncClient, event: UUID, what: str) -> None:
    await sign_in(client, await make_staff())
    asked = "2 people have not answered the invitation yet and are written to as well."
    for card in ("times", "sites"):
        assert asked in (await client.get(f"/staff/events/paja/edit/{card}")).text
    before = await programme.by_id(event)
    assert before
    site = NewSite(id=before.sites[0].id, mode="venue", name="Kehräämö", municipality="837", capacity=50)
    changes = EventChanges(
        starts_at=before.starts_at - timedelta(hours=1) if what == "time" else UNSET,
        sites=[site] if what == "place" else UNSET,
    )
    assert (await edit_event(event, changes, actor=SYSTEM, now=clock.now())).told == 3
    assert await told("invitation_changed") == TOLD
    letter = (await letters(clock.now()))["invitation_changed"]
    assert letter
    assert letter.subject.startswith("The event has changed: Test workshop, ")
    assert "I am coming" in letter.text
    assert "http://testserver/i/" in letter.text
    assert ("Kehräämö" in letter.text) == (what == "place")


async def test_who_answers_before_the_letter_leaves_gets_none(client: httpx.AsyncClient, event: UUID) -> None:
    await cancel_event(event, actor=SYSTEM, now=clock.now())
    await database.execute("UPDATE invitation SET state = $1", InvitationState.NO.value)
    assert (await letters(clock.now()))["invitation_cancelled"] is None


async def test_other_changes_are_told_to_nobody_who_was_invited(client: httpx.AsyncClient, event: UUID) -> None:
    changes = EventChanges(titles={"fi": "Toinen"})
    assert (await edit_event(event, changes, actor=SYSTEM, now=clock.now())).told == 0
    assert await told("invitation_changed") == []
