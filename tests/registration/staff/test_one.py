from uuid import UUID, uuid4

import httpx
import pytest
from msgspec.structs import replace

from events.core import database, secrets
from events.core.actor import Actor, ActorKind
from events.messaging.delivery import compose
from events.messaging.letter import Owed
from events.messaging.tables import Reason
from events.registration import details
from events.registration.letters import COMPOSERS
from events.registration.own import data as own_data
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> UUID:
    staff = await make_staff("organiser", kind="region", resource="06", name="Oona Organiser")
    await sign_in(client, staff)
    return staff


@pytest.fixture
async def registration(staff: UUID) -> UUID:
    event = await make_event(slug=f"paja-{uuid4().hex[:6]}", capacity=5)
    return await make_registration(event, person=await make_person("Aino"))


async def path_of(registration: UUID) -> str:
    slug = await database.fetchval(
        "SELECT slug FROM event JOIN registration ON event.id = event WHERE registration.id = $1", registration
    )
    return f"/staff/events/{slug}/registrations/{registration}"


async def test_notes_are_written_shown_and_taken_away(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    for text in ("Soitti: tulee <myöhässä>.", "Saapuu junalla."):
        assert (await client.post(f"{path}/notes", data={"text": text})).status_code == 303
    page = (await client.get(path)).text
    assert "Soitti: tulee &lt;myöhässä&gt;." in page
    assert page.count("Oona Organiser") >= 2
    note = await database.fetchval("SELECT id FROM registration_note WHERE text LIKE 'Soitti%'")
    assert (await client.post(f"{path}/notes", data={"remove": str(note)})).status_code == 303
    assert "Soitti" not in (await client.get(path)).text
    rows = await database.fetch("SELECT action, detail FROM audit WHERE subject_id = $1 ORDER BY id", str(registration))
    assert [row["action"].partition(".")[2] for row in rows] == ["note_added", "note_added", "note_removed"]
    assert not any("Soitti" in row["detail"] for row in rows)


async def test_a_note_without_text_is_asked_for_again(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    for text in ("", " \n", "x" * 2001):
        answer = await client.post(f"{path}/notes", data={"text": text})
        assert answer.status_code == 422
        assert 'href="#text"' in answer.text
    assert (await client.post(f"{path}/notes", data={"remove": "x"})).status_code == 404


async def test_tags_are_put_on_and_taken_off(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    for tag in ("Bussi 1", "bussi-1", "Ääni"):
        assert (await client.post(f"{path}/tags", data={"tag": tag})).status_code == 303
    page = (await client.get(path)).text
    assert page.count('<option value="Bussi 1">') == 1
    assert 'aria-label="Remove the tag: Bussi 1"' in page
    await client.post(f"{path}/tags", data={"remove": "Bussi 1"})
    rows = await database.fetch("SELECT tag FROM registration_tag WHERE registration = $1", registration)
    assert [row["tag"] for row in rows] == ["Ääni"]
    assert (await client.post(f"{path}/tags", data={"tag": "x" * 41})).status_code == 422


async def test_notes_and_tags_of_other_regions_are_out_of_reach(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    for part, data in (("notes", {"text": "x"}), ("tags", {"tag": "x"})):
        assert (await client.post(f"{path}/{part}", data=data)).status_code == 404


async def test_what_staff_wrote_belongs_to_the_persons_data_and_goes_with_them(
    client: httpx.AsyncClient, registration: UUID
) -> None:
    path = await path_of(registration)
    await client.post(f"{path}/notes", data={"text": "Allerginen"})
    await client.post(f"{path}/tags", data={"tag": "VIP"})
    await client.post(path, data={"do": "cancel", "message": "Sairastuit."})
    held = (await own_data.everything(registration, by_mail=True))["registrations"][0]
    assert held["notes_of_staff"][0]["text"] == "Allerginen"
    assert held["tags_of_staff"] == ["VIP"]
    assert held["message_of_staff"] == "Sairastuit."
    await own_data.erase(registration, actor=Actor(ActorKind.PARTICIPANT, registration, by_mail=True), now=NOW)
    held = (await own_data.everything(registration, by_mail=True))["registrations"][0]
    assert (held["notes_of_staff"], held["tags_of_staff"], held["message_of_staff"]) == ([], [], "")


async def test_the_message_of_staff_stands_in_the_mail(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    await client.post(path, data={"do": "cancel", "message": "Sali ei riitä.\nPahoittelut <3"})
    row = await database.fetchrow("SELECT * FROM message WHERE subject_id = $1 AND reason = 'cancelled'", registration)
    assert row is not None
    letter = await compose(Owed(**{name: row[name] for name in Owed.__struct_fields__}), COMPOSERS)
    assert "Sali ei riitä.\nPahoittelut &lt;3" in (await client.get(path)).text
    assert letter is not None
    assert "Sali ei riitä.\nPahoittelut <3" in letter.text
    assert "Sali ei riitä.<br>Pahoittelut &lt;3" in letter.html


async def test_no_message_of_before_comes_with_the_persons_own_cancelling(registration: UUID) -> None:
    from events.registration import actions

    await database.execute("UPDATE registration SET parting_words = 'old' WHERE id = $1", registration)
    await actions.cancel(registration, actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)
    assert await database.fetchval("SELECT parting_words FROM registration WHERE id = $1", registration) == ""


async def test_the_history_tells_who_did_what_in_plain_words(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    event = await database.fetchval("SELECT event FROM registration WHERE id = $1", registration)
    await client.post(path, data={"do": "role", "role": "speaker"})
    await client.post(path, data={"do": "send", "turn": str(uuid4())})
    await insert(
        "scan",
        nonce=uuid4(),
        event=event,
        registration=registration,
        ticket_hash=b"x",
        door="Pääovi",
        result="ok",
        device_at=NOW,
        actor_kind="door",
    )
    await insert(
        "scan",
        nonce=uuid4(),
        event=event,
        registration=registration,
        ticket_hash=b"x",
        door="Pääovi",
        result="duplicate",
        device_at=NOW,
        actor_kind="door",
    )
    await insert(
        "message",
        recipient="a@b.example",
        reason=Reason.REMINDER,
        subject_kind="registration",
        subject_id=registration,
        state="bounced",
        message_id="<x>",
    )
    await client.post(path, data={"do": "cancel"})
    text = (await client.get(path)).text
    for words in (
        "Changed a role at an event: Participant → Speaker",
        "Sent the ticket or letter again",
        "Mail “Reminder”: Bounced",
        "Mail “Confirmation of a registration”: Not sent",
        "Came in",
        "Ticket read again at the door",
        "Cancelled a registration: Confirmed → Cancelled",
        "Oona Organiser",
        "Pääovi",
    ):
        assert words in text, words


async def test_every_action_of_the_trail_is_said_in_words(client: httpx.AsyncClient, registration: UUID) -> None:
    path = await path_of(registration)
    for action, detail in (
        ("made", '{"state": "confirmed", "source": "api"}'),
        ("moved", '{"before": "confirmed", "after": "waitlisted", "site": "gone"}'),
        ("unheard", '{"before": "x", "after": 1}'),
    ):
        await database.execute(
            "INSERT INTO audit (at, actor_kind, action, subject_kind, subject_id, detail)"
            " VALUES ($1, 'participant', $2, 'registration', $3, $4)",
            *(NOW, f"registration.{action}", str(registration), detail),
        )
    text = (await client.get(path)).text
    assert "Registered: by a program, Confirmed" in text
    assert "Moved to another place of attendance: Confirmed → On the waiting list" in text
    assert "registration.unheard</td>" in text


async def test_the_history_names_the_fields_that_the_person_mended(
    client: httpx.AsyncClient, registration: UUID
) -> None:
    me = Actor(ActorKind.PARTICIPANT, registration)
    email = await database.fetchval(
        "SELECT email FROM person JOIN registration ON person.id = person WHERE registration.id = $1", registration
    )
    mended = details.Details(given_name="Aino", family_name="Mallikas", email=email, municipality="853", language="fi")
    await details.change_details(registration, mended, actor=me, now=NOW)
    await details.change_details(registration, replace(mended, email="uusi@yritys.example"), actor=me, now=NOW)
    text = (await client.get(await path_of(registration))).text
    assert "Changed a registration’s details: Family name, Municipality</td>" in text
    assert "Changed a registration’s details: a new address, so a new ticket and link</td>" in text
    trail = await database.fetch("SELECT detail FROM audit WHERE subject_id = $1", str(registration))
    assert not any("Mallikas" in row["detail"] or "uusi@" in row["detail"] for row in trail)


async def test_a_program_that_may_register_neither_sees_nor_does_anything_on_a_page(
    client: httpx.AsyncClient, registration: UUID
) -> None:
    client.cookies.clear()
    await insert("api_token", name="Lomake", scope="registration", token_hash=secrets.digest("token"))
    path, headers = await path_of(registration), {"authorization": "Bearer token"}
    for data in ({"do": "approve"}, {"do": "cancel"}):
        answer = await client.post(path, data=data, headers=headers)
        assert answer.status_code == 404
        assert "Aino" not in answer.text
    assert await database.fetchval("SELECT state FROM registration") == "confirmed"
