from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.letters import COMPOSERS
from events.messaging import ledger
from events.messaging.delivery import deliver_due
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from tests import factories
from tests.factories import NOW, make_event, make_person, make_registration, make_staff
from tests.smtp import post_office

AINO = "aino@yritys.example"


async def confirmed(event: UUID, email: str = AINO, name: str = "Aino") -> UUID:
    """A registration whose confirmation is owed; returns the message."""
    registration = await make_registration(event, person=await make_person(name, email=email))
    await ledger.add(
        Reason.CONFIRMATION,
        Recipient(email, name, "en"),
        "registration",
        registration,
        now=NOW,
        occurrence="0:confirmed",
    )
    identity: UUID = await database.fetchval("SELECT id FROM message WHERE subject_id = $1", registration)
    return identity


@pytest.fixture
async def event(db: asyncpg.Connection) -> UUID:
    return await make_event(
        slug="pilotti", starts_at=clock.now() + timedelta(days=30), ends_at=clock.now() + timedelta(days=31)
    )


async def of_role(client: httpx.AsyncClient, role: str, **columns: str) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff(role, **columns))
    return client


async def press(client: httpx.AsyncClient, message: UUID, number: int, slug: str = "pilotti") -> httpx.Response:
    return await client.post(f"/staff/events/{slug}/messages/{message}/again", data={"number": str(number)})


async def occurrences() -> list[str]:
    return [row["occurrence"] for row in await database.fetch("SELECT occurrence FROM message ORDER BY occurrence")]


async def test_organisers_see_what_became_of_the_messages_of_their_event_alone(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await confirmed(event)
    await confirmed(await make_event(host_region="19"), "eero@yritys.example", "Eero")
    organiser = await of_role(client, "organiser", kind="region", resource="06")
    shown = (await organiser.get("/staff/events/pilotti/messages")).text
    assert AINO in shown
    assert "eero@" not in shown
    assert "/staff/mailbox" not in shown, "a letter holds its reader's private links"


@pytest.mark.parametrize(
    ("role", "region", "status"), [("organiser", "19", 404), ("viewer", "06", 404), ("door", "06", 404)]
)
async def test_others_do_not_see_them(
    client: httpx.AsyncClient, event: UUID, role: str, region: str, status: int
) -> None:
    message = await confirmed(event)
    someone = await of_role(client, role, kind="region", resource=region)
    assert (await someone.get("/staff/events/pilotti/messages")).status_code == status
    assert (await press(someone, message, 1)).status_code == status
    assert len(await occurrences()) == 1


async def test_messages_of_invitations_groups_and_the_event_itself_are_among_them(
    client: httpx.AsyncClient, event: UUID
) -> None:
    invitation = await factories.insert(
        "invitation", event=event, token_hash=b"x", email="i@y.example", folded="", language="fi", invited_at=NOW
    )
    await ledger.add(Reason.INVITATION, Recipient("i@y.example"), "invitation", invitation, now=NOW)
    await ledger.add(Reason.LEFT_OPEN, Recipient("o@y.example"), "event", event, now=NOW)
    shown = (await (await of_role(client, "admin")).get("/staff/events/pilotti/messages")).text
    assert "i@y.example" in shown
    assert "o@y.example" in shown


async def test_what_is_late_is_said_first_and_states_are_counted(client: httpx.AsyncClient, event: UUID) -> None:
    message = await confirmed(event)
    await database.execute("UPDATE message SET tries = 3, server_words = '451 greylisted' WHERE id = $1", message)
    admin = await of_role(client, "admin")
    for path in ("/staff/events/pilotti/messages", "/staff/mailbox"):
        shown = (await admin.get(path)).text
        assert "1 message does not go out" in shown, path
        assert "1 was tried in vain" in shown, path
        assert "451 greylisted" in shown, path
        assert f"{path}?state=queued" in shown
    await database.execute("UPDATE message SET state = 'bounced', finished_at = $1", NOW)
    shown = (await admin.get("/staff/events/pilotti/messages?state=bounced&recipient=AINO")).text
    assert AINO in shown
    assert "not go out" not in shown
    assert "Nothing found" in (await admin.get("/staff/events/pilotti/messages?state=sent")).text


async def test_a_press_sends_a_message_once_more_and_the_same_press_again_nothing(
    client: httpx.AsyncClient, event: UUID
) -> None:
    message = await confirmed(event)
    organiser = await of_role(client, "organiser", kind="region", resource="06")
    async with post_office() as post:
        await deliver_due(COMPOSERS, now=clock.now())
        assert [(await press(organiser, message, 1)).status_code for _ in range(2)] == [303, 303]
        await deliver_due(COMPOSERS, now=clock.now())
        assert post.recipients == [AINO, AINO]
        first, again = (mail for _to, mail in post.received)
        assert first["Subject"] == again["Subject"]
        assert first["Message-ID"] != again["Message-ID"]
        assert await occurrences() == ["0:confirmed", "0:confirmed~1"]
        assert 'name="number" value="2"' in (await organiser.get("/staff/events/pilotti/messages")).text
        assert (await press(organiser, message, 2)).status_code == 303
    assert await occurrences() == ["0:confirmed", "0:confirmed~1", "0:confirmed~2"]
    trail = await database.fetchval("SELECT count(*) FROM audit WHERE action = 'message.sent_again'")
    assert trail == 2


async def test_a_letter_that_says_something_by_its_occurrence_says_the_same_again(
    client: httpx.AsyncClient, event: UUID
) -> None:
    message = await confirmed(event)
    registration = await database.fetchval("SELECT subject_id FROM message WHERE id = $1", message)
    await database.execute("UPDATE message SET state = 'sent', reason = 'cancelled', finished_at = now()")
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", registration)
    await press(await of_role(client, "admin"), message, 1)
    async with post_office() as post:
        await deliver_due(COMPOSERS, now=clock.now())
    [(_to, mail)] = post.received
    assert "METHOD:CANCEL" in mail.as_bytes().decode(), "the place that was lost is taken out of the calendar again"


@pytest.mark.parametrize("number", ["0", "7", "-1", "x", "", "999999999999999999999999"])
async def test_a_number_that_no_page_has_shown_sends_nothing(
    client: httpx.AsyncClient, event: UUID, number: str
) -> None:
    message = await confirmed(event)
    await database.execute("UPDATE message SET state = 'failed', finished_at = now()")
    admin = await of_role(client, "admin")
    answer = await admin.post(f"/staff/events/pilotti/messages/{message}/again", data={"number": number})
    assert answer.status_code == 409
    assert "Open the page anew" in answer.text
    assert len(await occurrences()) == 1


async def test_what_waits_for_another_try_is_tried_at_once_and_what_is_on_its_way_is_left(
    client: httpx.AsyncClient, event: UUID
) -> None:
    message = await confirmed(event)
    admin = await of_role(client, "admin")
    assert (await press(admin, message, 1)).status_code == 409
    await database.execute("UPDATE message SET tries = 2, due_at = now() + interval '1 hour'")
    assert (await press(admin, message, 1)).status_code == 303
    assert await database.fetchval("SELECT due_at <= $1 FROM message", clock.now())
    assert len(await occurrences()) == 1


async def test_a_message_of_another_event_or_one_that_lets_in_staff_is_not_found(
    client: httpx.AsyncClient, event: UUID
) -> None:
    other = await confirmed(await make_event(), "eero@yritys.example", "Eero")
    await database.execute("UPDATE message SET state = 'sent', finished_at = now()")
    admin = await of_role(client, "admin")
    assert (await press(admin, other, 1)).status_code == 404
    assert (await admin.post(f"/staff/mailbox/{other}/again", data={"number": "1"})).status_code == 303
    await database.execute("UPDATE message SET reason = 'sign_in' WHERE id = $1", other)
    assert (await admin.post(f"/staff/mailbox/{other}/again", data={"number": "1"})).status_code == 404


async def test_of_an_erased_person_nothing_is_sent_again(client: httpx.AsyncClient, event: UUID) -> None:
    message = await confirmed(event)
    await database.execute("UPDATE message SET state = 'sent', recipient = 'erased', finished_at = now()")
    assert (await press(await of_role(client, "admin"), message, 1)).status_code == 409


async def test_who_sends_one_of_a_filtered_list_again_comes_back_to_that_list(
    client: httpx.AsyncClient, event: UUID
) -> None:
    message = await confirmed(event)
    await database.execute("UPDATE message SET state = 'failed', finished_at = now()")
    admin = await of_role(client, "admin")
    for number, here in enumerate(("/staff/events/pilotti/messages", "/staff/mailbox"), 1):
        shown = (await admin.get(f"{here}?state=failed&recipient=aino&saved=again")).text
        action = f"{here}/{message}/again?state=failed&recipient=aino"
        assert f'action="{action.replace("&", "&amp;")}"' in shown
        sent = await admin.post(action, data={"number": str(number)})
        back = httpx.URL(sent.headers["location"])
        assert back.path == here
        assert dict(back.params) == {"state": "failed", "recipient": "aino", "saved": "again"}
        assert f'action="{here}/{message}/again"' in (await admin.get(here)).text


async def test_what_mail_does_not_reach_is_not_written_to_again(client: httpx.AsyncClient, event: UUID) -> None:
    message = await confirmed(event)
    await database.execute("UPDATE message SET state = 'bounced', finished_at = now()")
    await database.execute("INSERT INTO unreachable (address, status) VALUES ($1, '5.1.1')", AINO)
    admin = await of_role(client, "admin")
    for path in ("/staff/events/pilotti/messages", "/staff/mailbox"):
        answer = await admin.post(f"{path}/{message}/again", data={"number": "1"})
        assert answer.status_code == 409
        assert "Mend it first" in answer.text
        assert "1 message<" in answer.text, "one is still at the list"
    assert len(await occurrences()) == 1
