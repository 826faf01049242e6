"""Letters to groups: by what right they go out, to each address once, and how they end."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from events.letters import COMPOSERS
from events.messaging import delivery
from events.messaging.actions import unsubscribe
from events.messaging.delivery import claim
from events.outreach import actions as outreach
from events.outreach.audiences import actions, queries
from events.outreach.audiences.rules import Audience, Group
from events.registration.announcements import actions as announcements
from events.registration.announcements import queries as written
from events.registration.own.data import erase
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.outreach.audiences.people import (
    EVERYBODY,
    about,
    attended,
    guest,
    invited,
    letter,
    meant,
    member,
    recipients,
    theme_group,
    write,
)
from workers.due import due_jobs

LATER = NOW + timedelta(hours=1)


async def states() -> dict[str, str]:
    rows = await database.fetch("SELECT recipient, state FROM message WHERE reason = 'news'")
    return {row["recipient"].partition(".")[0].partition("@")[0]: row["state"] for row in rows}


async def deliver() -> None:
    with clock.at(NOW):
        while await delivery.deliver_due(COMPOSERS, now=NOW):
            pass


async def withdraw(of: str) -> None:
    await database.execute(
        "UPDATE consent SET withdrawn_at = $2 FROM registration JOIN person ON person.id = registration.person"
        " WHERE consent.registration = registration.id AND given_name = $1",
        *(of, NOW + timedelta(minutes=1)),
    )


async def test_it_has_a_link_that_ends_such_letters_and_says_why_one_gets_it(db: asyncpg.Connection) -> None:
    await guest("Aino")
    await write(EVERYBODY)
    with clock.at(NOW):
        made = await letter("aino")
    assert made is not None
    assert made.subject == "Uutisia, Aino"
    assert "Hei Aino Esimerkki!" in made.text
    assert "http://testserver/" in made.text
    assert made.unsubscribe in made.text
    assert f'href="{made.unsubscribe}"' in made.html
    assert "suostuit" in made.text


async def test_all_of_it_is_in_the_language_of_what_is_written(db: asyncpg.Connection) -> None:
    await guest("Åsa")
    await write(EVERYBODY)
    await database.execute("UPDATE message SET language = 'sv'")
    with clock.at(NOW):
        made = await letter("åsa")
    assert made is not None
    assert made.language == "fi"
    assert '<html lang="fi">' in made.html
    for body in (made.text, made.html):
        assert "suostuit" in body
        assert "tähän osoitteeseen" in body


async def test_who_answers_it_writes_to_its_author(db: asyncpg.Connection) -> None:
    await guest("Aino")
    author = await make_staff("coordinator", email="kirjoittaja@sixnet.example")
    everywhere = Actor(ActorKind.STAFF, author, grants=(Grant("coordinator", "all", ""),))
    await write(EVERYBODY, actor=everywhere)
    with clock.at(NOW):
        made = await letter("aino")
    assert made is not None
    assert made.reply_to == "kirjoittaja@sixnet.example"


async def test_who_was_invited_gets_the_link_to_answer(db: asyncpg.Connection) -> None:
    event = await make_event()
    invitation = await invited(event, "Aino")
    await write(Group(invited=event))
    with clock.at(NOW):
        made = await letter("aino")
        assert made is not None
        assert "/i/" in made.text
        await database.execute("UPDATE invitation SET state = 'no' WHERE id = $1", invitation)
        assert await letter("aino") is None, "who said no meanwhile is left in peace"


async def test_consent_that_is_withdrawn_before_the_time_leaves_one_out(db: asyncpg.Connection) -> None:
    await guest("Aino")
    await guest("Ville")
    await write(EVERYBODY, send_at=LATER)
    assert await recipients() == []
    await withdraw("Aino")
    await guest("Outi")
    assert "announcements.send" in await due_jobs(LATER)
    await actions.send_due(LATER)
    assert await recipients() == ["outi", "ville"]


async def test_whatever_ends_the_right_before_it_leaves_stops_it(db: asyncpg.Connection) -> None:
    event = await about(await make_event(), "steel")
    names = ("Aino", "Withdrew", "Left", "Refused", "Erased", "Bounced")
    made = {name: await guest(name, event, email=f"{name}@yritys.example".lower()) for name in names}
    group = await theme_group()
    membership = await member(group, "Member")
    await write(Audience(everybody=True, about=("steel",)))
    assert len(await recipients()) == len(names) + 1
    await withdraw("Withdrew")
    await unsubscribe("left@yritys.example", now=NOW)
    await database.execute("INSERT INTO refused_theme VALUES (gen_random_uuid(), 'refused@yritys.example', 'steel')")
    await database.execute("INSERT INTO unreachable (address, status) VALUES ('bounced@yritys.example', '5.1.1')")
    await erase(made["Erased"], actor=SYSTEM, now=NOW)
    await database.execute("DELETE FROM group_member WHERE id = $1", membership)
    await deliver()
    found = await states()
    assert found.pop("aino") == "sent"
    assert set(found.values()) == {"dropped"}
    assert not any(name in found for name in ("erased@yritys", "erased@"))


async def test_who_unsubscribes_while_the_message_is_in_hand_gets_it_no_more(db: asyncpg.Connection) -> None:
    await guest("Aino")
    await write(EVERYBODY)
    (claimed,) = await claim(NOW)
    assert not claimed.suppressed
    await database.execute(
        "INSERT INTO suppression (address, reason) VALUES ($1, 'unsubscribed')", claimed.owed.recipient
    )
    with clock.at(NOW):
        assert await delivery.compose(claimed.owed, COMPOSERS) is None


async def test_an_erased_guest_without_a_person_is_forgotten_too(db: asyncpg.Connection) -> None:
    event = await make_event()
    await invited(event, "Aino")
    await write(Group(invited=event))
    registration = await guest("Aino", email="aino@yritys.example")
    await erase(registration, actor=SYSTEM, now=NOW)
    row = await database.fetchrow("SELECT recipient, recipient_name, state FROM message WHERE reason = 'news'")
    assert row is not None
    assert tuple(row) == ("erased", "", "dropped")


TICKS = 6


async def two_ticks(owe: Any = None) -> int:
    """Several senders at once; returns how many letters are owed to one person."""
    await guest("Aino")
    await write(EVERYBODY, send_at=LATER)
    await asyncio.gather(*(actions.send_due(LATER) for _tick in range(TICKS)), return_exceptions=True)
    return len(await recipients())


async def test_two_ticks_at_once_owe_one_letter(committed_db: str) -> None:
    assert await two_ticks() == 1


async def test_without_the_lock_and_the_ledger_two_ticks_owe_more(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the row is not held, and the ledger lets the same letter in twice."""
    monkeypatch.setattr(announcements, "_HOLD", announcements._HOLD.replace(" FOR UPDATE", ""))
    loose = actions._OWE.replace("ON CONFLICT (recipient, reason, subject_kind, subject_id, occurrence) DO NOTHING", "")
    monkeypatch.setattr(actions, "_OWE", loose.replace("'0'", "gen_random_uuid()::text || pg_sleep(0.3)::text"))
    assert await two_ticks() > 1


async def test_a_second_sending_of_the_form_is_no_second_letter(db: asyncpg.Connection) -> None:
    await guest("Aino")
    identity = uuid4()
    for _again in range(2):
        await write(EVERYBODY, identity=identity)
    assert await recipients() == ["aino"]


async def test_it_is_paused_gone_on_with_and_stopped(db: asyncpg.Connection) -> None:
    await guest("Aino")
    await guest("Ville")
    identity = await write(EVERYBODY)
    await announcements.pause(identity, actor=SYSTEM, now=NOW)
    await deliver()
    assert set((await states()).values()) == {"queued"}
    await announcements.resume(identity, actor=SYSTEM, now=NOW)
    await database.execute("UPDATE message SET state = 'sent' WHERE recipient LIKE 'aino%'")
    await announcements.stop(identity, actor=SYSTEM, now=NOW)
    assert await states() == {"aino": "sent", "ville": "dropped"}
    rows = await database.fetch("SELECT action, subject_kind FROM audit ORDER BY id")
    assert [row["action"] for row in rows] == ["letter.made", "letter.paused", "letter.sending", "letter.stopped"]
    assert {row["subject_kind"] for row in rows} == {"announcement"}


async def organiser(region: str = "06") -> Actor:
    staff = await make_staff("organiser", kind="region", resource=region)
    return Actor(ActorKind.STAFF, staff, grants=(Grant("organiser", "region", region),))


async def test_what_the_author_may_reach_when_it_goes_out_is_what_counts(db: asyncpg.Connection) -> None:
    here, there = await make_event(), await make_event(host_region="01")
    await guest("Aino", here)
    await guest("Ville", there)
    author = await organiser()
    assert await meant(EVERYBODY, actor=author) == ["aino"]
    await database.execute("DELETE FROM message")
    await write(EVERYBODY, actor=author, send_at=LATER)
    await database.execute("DELETE FROM staff_grant")
    await actions.send_due(LATER)
    assert await recipients() == []


async def test_a_letter_of_someone_else_is_not_there(db: asyncpg.Connection) -> None:
    author, colleague = await organiser(), await organiser()
    identity = await write(EVERYBODY, actor=author, send_at=LATER)
    viewer = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("viewer"), Grant("door", "region", "06")))
    for stranger in (colleague, viewer):
        for deed in (announcements.pause, announcements.resume, announcements.stop):
            with pytest.raises(NotFound):
                await deed(identity, actor=stranger, now=NOW)
    for wrong in (viewer, Actor(ActorKind.STAFF, uuid4(), grants=(Grant("chair", "group", str(uuid4())),))):
        with pytest.raises(NotFound):
            await write(EVERYBODY, actor=wrong)
    with pytest.raises(Conflict):
        await announcements.pause(identity, actor=author, now=NOW)
    await announcements.stop(identity, actor=author, now=NOW)
    assert [view.id for view in await written.to_groups(author.id)] == [identity]
    assert await written.to_groups(colleague.id) == []


async def test_it_is_deleted_when_its_time_is_over(db: asyncpg.Connection) -> None:
    await guest("Aino")
    await write(EVERYBODY)
    assert await outreach.expire(NOW + timedelta(days=300)) == 0
    assert await database.fetchval("SELECT count(*) FROM announcement") == 1
    assert await outreach.expire(NOW + timedelta(days=365 * 20)) == 1
    assert await database.fetchval("SELECT count(*) FROM announcement") == 0


async def mailed(name: str, *, language: str = "en", **more: Any) -> tuple[str, str]:
    """Someone with a letter: their address, and the path that ends such letters."""
    await guest(name, language=language)
    await write(Audience(everybody=True, **more))
    with clock.at(NOW):
        made = await letter(name.lower())
    assert made is not None
    return str(await database.fetchval("SELECT recipient FROM message")), made.unsubscribe.removeprefix(
        "http://testserver"
    )


async def test_opening_the_link_changes_nothing_and_one_click_of_a_mail_program_ends_all(
    client: httpx.AsyncClient,
) -> None:
    address, path = await mailed("Aino")
    assert (await client.get(path)).status_code == 200
    assert await database.fetchval("SELECT count(*) FROM suppression") == 0
    headers = {"sec-fetch-site": "", "content-type": "application/x-www-form-urlencoded"}
    for _twice in range(2):
        answer = await client.post(path, content=b"List-Unsubscribe=One-Click", headers=headers, follow_redirects=False)
        assert answer.status_code == 200
    row = await database.fetchrow("SELECT address, reason FROM suppression")
    assert row is not None
    assert tuple(row) == (address, "unsubscribed")
    assert await states() == {"aino": "dropped"}
    assert await database.fetchval("SELECT withdrawn_at IS NOT NULL FROM consent")
    assert await queries.count(EVERYBODY, actions.reach_of(SYSTEM, NOW), NOW) == queries.Count(
        {}, [], {"unsubscribed": 1}
    )


async def test_one_can_stop_the_themes_of_a_letter_alone(client: httpx.AsyncClient) -> None:
    await about(await make_event(), "steel", "wood")
    _address, path = await mailed("Aino", about=("steel",))
    assert "Stop only those on: steel" in (await client.get(path)).text
    answer = await client.post(path, data={"what": "themes"})
    assert "None at all?" in answer.text
    await database.execute("DELETE FROM message")
    assert await meant(Audience(everybody=True, about=("steel",))) == []
    assert await meant(Audience(everybody=True, about=("steel", "wood"))) == ["aino"]


@pytest.mark.parametrize("token", ["", "x" * 26, "ä", "%00", "'--"])
async def test_a_link_that_was_made_up_is_not_there(client: httpx.AsyncClient, token: str) -> None:
    _address, path = await mailed("Aino")
    for made_up in (f"{path.rpartition('/')[0]}/{token}", f"/unsubscribe/{uuid4()}/{path.rpartition('/')[2]}"):
        assert (await client.get(made_up)).status_code == 404
        assert (await client.post(made_up, data={"what": "all"})).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM suppression") == 0


async def test_mail_about_ones_own_registrations_goes_on(db: asyncpg.Connection) -> None:
    registration = await guest("Aino", email="aino@yritys.example")
    await attended(registration)
    await unsubscribe("aino@yritys.example", now=NOW)
    event: UUID = await database.fetchval("SELECT event FROM registration WHERE id = $1", registration)
    texts = {"subject_fi": "Sali", "body_fi": "vaihtui"}
    await announcements.announce(uuid4(), event, texts, chosen="", send_at=NOW, actor=SYSTEM, now=NOW)
    await deliver()
    assert await database.fetchval("SELECT state FROM message WHERE reason = 'announcement'") == "sent"


async def test_who_has_unsubscribed_is_sent_no_letter_again_and_one_sent_again_counts_once(
    client: httpx.AsyncClient,
) -> None:
    await sign_in(client, await make_staff("admin"))
    for name in ("Aino", "Eero"):
        await guest(name)
    identity = await write(EVERYBODY)
    await deliver()
    rows = await database.fetch("SELECT id, recipient FROM message WHERE reason = 'news' ORDER BY recipient")
    with clock.at(LATER):
        await unsubscribe(rows[0]["recipient"], now=LATER)
        refused, sent = [await client.post(f"/staff/mailbox/{row['id']}/again", data={"number": "1"}) for row in rows]
    assert refused.status_code == 409
    assert "gets no such letters any more" in refused.text
    assert sent.status_code == 303
    found = await written.by_id(identity)
    assert found is not None
    assert sum(found.counts.values()) == 2
    assert found.counts["queued"] == 1, "where the last sending stands"


async def test_a_letter_that_has_nothing_left_to_say_is_not_sent_again(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    await guest("Aino")
    await write(EVERYBODY)
    await deliver()
    await withdraw("Aino")
    message = await database.fetchval("SELECT id FROM message WHERE reason = 'news'")
    with clock.at(NOW + timedelta(minutes=2)):
        answer = await client.post(f"/staff/mailbox/{message}/again", data={"number": "1"})
    assert answer.status_code == 409
    assert "There is nothing left to say" in answer.text
