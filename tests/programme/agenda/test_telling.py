"""A changed agenda: what staff see of it, whom a press tells, and who is told in any case."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchval
from events.core.errors import Conflict
from events.letters import COMPOSERS
from events.messaging.delivery import claim, compose
from events.programme import queries
from events.programme.actions import EventChanges, edit_event
from events.programme.agenda.actions import ItemValues, add_item, change_item, delete_item, move_item
from events.programme.agenda.queries import untold
from events.programme.agenda.telling import GRACE, tell_agenda
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.programme.agenda.test_agenda import START, make_item
from tests.programme.counterparts.making import change, item, series_with_agenda
from tests.registration.test_letters import entry, letters


async def make_reader(event: UUID, name: str = "Aino", **columns: Any) -> UUID:
    return await make_registration(event, person=await make_person(name), **{"language": "en", **columns})


def values(title: str = "Talk", *, at: int = 0, minutes: int = 30, **more: Any) -> ItemValues:
    begun = START + timedelta(minutes=at)
    return ItemValues(titles={"en": title}, starts_at=begun, ends_at=begun + timedelta(minutes=minutes), **more)


async def sequence(event: UUID) -> int:
    found: int = await fetchval("SELECT sequence FROM event WHERE id = $1", event)
    return found


async def tell(event: UUID, *, with_reminder: bool = False) -> int:
    seen = await sequence(event)
    return await tell_agenda(event, seen=seen, with_reminder=with_reminder, actor=SYSTEM, now=NOW)


async def owed() -> list[str]:
    rows = await fetch("SELECT recipient FROM message WHERE reason = 'event_changed' AND state = 'queued'")
    return sorted(row["recipient"].partition(".")[0] for row in rows)


async def test_a_press_tells_everyone_once_what_has_changed_and_renews_the_calendar(db: asyncpg.Connection) -> None:
    event = await make_event()
    made, gone = await make_item(event, "Talk"), await make_item(event, "Lunch", at=60)
    await make_reader(event)
    await make_reader(event, "Bo", state="waitlisted")
    await make_reader(event, "Carita", state="cancelled")
    await change_item(event, made, values(at=30), actor=SYSTEM, now=NOW)
    await delete_item(event, gone, actor=SYSTEM, now=NOW)
    await add_item(event, values("Visit", at=120), actor=SYSTEM, now=NOW)
    assert await owed() == []
    assert await tell(event) == 2
    assert await tell(event) == 0, "pressing twice tells nothing new"
    assert await owed() == ["aino", "bo"]
    await execute("DELETE FROM message WHERE recipient LIKE 'bo.%'")
    letter = (await letters())["event_changed"]
    assert letter
    for part in (letter.text, letter.html):
        assert "The agenda of the event has changed:" in part
        assert "Moved: Talk, Thursday, 1 October 2026 12:30–13:00 (it was Thursday, 1 October 2026 12:00–12:30)" in part
        assert "Left out: Lunch" in part
        assert "New: Visit" in part
    method, calendar = entry(letter)
    (put,) = calendar.walk("VEVENT")
    assert (method, put["sequence"]) == ("REQUEST", 3)
    assert "Visit" in put["description"]


async def test_each_press_tells_of_what_came_after_the_one_before(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    await add_item(event, values("First"), actor=SYSTEM, now=NOW)
    await tell(event)
    await add_item(event, values("Second", at=60), actor=SYSTEM, now=NOW)
    await tell(event)
    rows = await fetch("SELECT occurrence FROM message ORDER BY occurrence")
    assert [row["occurrence"] for row in rows] == ["1:1:agenda", "2:2:agenda"]
    await execute("DELETE FROM message WHERE occurrence = '2:2:agenda'")
    letter = (await letters())["event_changed"]
    assert letter
    assert "New: First" in letter.text
    assert "New: Second" not in letter.text


async def test_what_is_undone_or_moves_along_with_the_event_is_no_change(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await make_item(event, "Talk", at=15)
    await change_item(event, made, values(at=45), actor=SYSTEM, now=NOW)
    view = await queries.by_id(event)
    assert view
    assert len(await untold(view)) == 1
    await change_item(event, made, values(at=15), actor=SYSTEM, now=NOW)
    assert await untold(view) == []
    assert await tell(event) == 0
    later = START + timedelta(days=40, hours=2)
    await edit_event(event, EventChanges(starts_at=later, ends_at=later + timedelta(hours=6)), actor=SYSTEM, now=NOW)
    view = await queries.by_id(event)
    assert view
    assert await untold(view) == []


async def test_a_draft_and_what_was_held_have_nobody_to_tell(db: asyncpg.Connection) -> None:
    draft = await make_event(state="draft")
    await add_item(draft, values(), actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT count(*) FROM agenda_telling") == 0
    with pytest.raises(Conflict):
        await tell(draft)


async def test_who_signed_up_is_told_in_any_case_once_for_all_that_was_done_to_the_item(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await make_item(event, "Visit", at=60, sign_up=True)
    registration = await make_reader(event)
    await make_reader(event, "Bo")
    await insert("registration_item", registration=registration, item=made)
    await move_item(event, made, earlier=True, actor=SYSTEM, now=NOW)
    assert await owed() == [], "nothing stands before it to change places with"
    await change_item(event, made, values("Visit", at=60, sign_up=True, speakers=["Bo"]), actor=SYSTEM, now=NOW)
    assert await owed() == [], "who speaks is no other place or hour"
    await change_item(event, made, values("Visit", at=90, sign_up=True), actor=SYSTEM, now=NOW)
    await delete_item(event, made, actor=SYSTEM, now=NOW + GRACE / 2)
    assert await owed() == ["aino"]
    assert "event_changed" not in await letters(NOW), "it waits: more may follow"
    letter = (await letters(NOW + GRACE))["event_changed"]
    assert letter
    assert "Something that you had signed up for, or where you speak, has changed:" in letter.text
    assert "Left out: Visit" in letter.text


async def test_who_speaks_in_an_item_is_told_too(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await make_item(event, "Talk", at=60)
    registration = await make_reader(event)
    await insert("speaker", registration=registration, item=made)
    await make_reader(event, "Bo")
    await change_item(event, made, values(at=90), actor=SYSTEM, now=NOW)
    assert await owed() == ["aino"]
    letter = (await letters(NOW + GRACE))["event_changed"]
    assert letter
    assert "Moved: Talk" in letter.text


async def test_an_item_moved_back_in_time_is_not_told(db: asyncpg.Connection) -> None:
    event = await make_event()
    made = await make_item(event, "Visit", at=60, sign_up=True)
    await insert("registration_item", registration=await make_reader(event), item=made)
    for at in (90, 60):
        await change_item(event, made, values("Visit", at=at, sign_up=True), actor=SYSTEM, now=NOW)
    assert (await letters(NOW + GRACE))["event_changed"] is None


_REMIND = """
INSERT INTO message (id, recipient, reason, subject_kind, subject_id, occurrence, language, due_at, message_id,
    created_at)
SELECT gen_random_uuid(), person.email, 'reminder', 'registration', registration.id, $1, 'en', $2, '<x@sixnet>', $2
FROM registration JOIN person ON person.id = registration.person
"""


async def test_what_is_left_to_the_reminder_stands_in_the_next_one_alone(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_reader(event, registered_at=NOW - timedelta(days=1))
    await make_reader(event, "Bo", registered_at=NOW + timedelta(days=1))
    await add_item(event, values("Visit"), actor=SYSTEM, now=NOW)
    assert await tell(event, with_reminder=True) == 0
    assert await owed() == []
    said = {}
    for days, occurrence in ((2, "1440:0"), (3, "60:0")):
        at = NOW + timedelta(days=days)
        await execute(_REMIND, occurrence, at)
        for claimed in await claim(at):
            with clock.at(at):
                letter = await compose(claimed.owed, COMPOSERS)
            assert letter
            known = claimed.owed.subject_id == registration
            said[known, occurrence] = ("New: Visit" in letter.text, letter.calendar is not None)
        await execute("UPDATE message SET state = 'sent', finished_at = $1", at)
    assert said == {
        (True, "1440:0"): (True, True),
        (True, "60:0"): (False, False),
        (False, "1440:0"): (False, False),
        (False, "60:0"): (False, False),
    }


async def test_the_page_counts_before_and_refuses_what_was_not_seen(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_reader(event)
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        assert "Tell the participants" not in (await client.get("/staff/events/paja/agenda")).text
        await add_item(event, values("Visit"), actor=SYSTEM, now=NOW)
        shown = (await client.get("/staff/events/paja/agenda")).text
        assert "New: Visit" in shown
        assert "Tell the participants (1 person)" in shown
        assert "With the next reminder" in shown
        seen = await sequence(event)
        await add_item(event, values("Lunch", at=60), actor=SYSTEM, now=NOW)
        stale = await client.post("/staff/events/paja/agenda/tell", data={"seen": str(seen)})
        assert stale.status_code == 409
        assert "New: Lunch" in stale.text
        assert await owed() == []
        done = await client.post("/staff/events/paja/agenda/tell", data={"seen": str(seen + 1)})
        assert done.headers["location"] == "/staff/events/paja/agenda?written=1"
        assert "Tell the participants" not in (await client.get(done.headers["location"])).text
        assert (await client.post("/staff/events/paja/agenda/tell", data={"seen": "x"})).status_code == 400


async def test_who_may_not_edit_the_event_tells_nobody(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await add_item(event, values(), actor=SYSTEM, now=NOW)
    await sign_in(client, await make_staff("organiser", kind="region", resource="01"))
    with clock.at(NOW):
        assert (await client.post("/staff/events/paja/agenda/tell", data={"seen": "1"})).status_code == 404
    assert await owed() == []


async def test_a_change_for_a_whole_series_tells_who_signed_up_at_each_of_its_events(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    other = events[2]
    await execute("UPDATE event SET state = 'published' WHERE id = $1", other.id)
    await insert("registration_item", registration=await make_reader(other.id), item=(await item(other, "Workshop")).id)
    known = await item(events[0], "Workshop")
    assert await change(events[0], "Workshop", starts_at=known.starts_at + timedelta(minutes=30)) == (4, 0)
    assert await owed() == ["aino"]
    assert len(await untold(other)) == 1


async def test_the_page_of_an_item_says_who_is_told_before_it_is_moved_or_left_out(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    made = await make_item(event, "Visit", sign_up=True)
    await insert("registration_item", registration=await make_reader(event), item=made)
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        shown = (await client.get(f"/staff/events/paja/agenda/{made}")).text
        assert shown.count("1 person has signed up for it and is told when it moves or is left out") == 2
        await execute("UPDATE event SET state = 'draft'")
        shown = (await client.get(f"/staff/events/paja/agenda/{made}")).text
    assert "1 person has signed up for it and is not written to." in shown
