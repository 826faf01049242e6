"""New materials: whom a press tells of which, once, and what the letter says."""

from datetime import timedelta
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
from events.programme.actions import copy_event
from events.programme.materials.telling import News, news, tell_materials
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.test_letters import letters

BEFORE = NOW - timedelta(days=1)


async def make_link(event: UUID, title: str = "Slides", **columns: object) -> UUID:
    given = {"url": "https://video.example/1", "title_en": title, "created_at": NOW, **columns}
    return await insert("material", event=event, **given)


async def make_reader(event: UUID, name: str = "Aino", **columns: object) -> UUID:
    given = {"language": "en", "registered_at": BEFORE, **columns}
    return await make_registration(event, person=await make_person(name), **given)


async def found(event: UUID) -> News | None:
    view = await queries.by_id(event)
    assert view
    return await news(view, NOW)


async def tell(event: UUID) -> int:
    known = await found(event)
    chosen = [each.id for each in known.materials] if known else []
    return await tell_materials(event, chosen, actor=SYSTEM, now=NOW)


async def owed() -> list[str]:
    rows = await fetch("SELECT recipient FROM message WHERE reason = 'materials' AND state = 'queued'")
    return sorted(row["recipient"].partition(".")[0] for row in rows)


async def test_a_press_tells_once_and_the_letter_names_what_is_new(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    await make_link(event)
    assert await tell(event) == 1
    assert await tell(event) == 0, "pressing twice tells nothing new"
    letter = (await letters())["materials"]
    assert letter
    assert letter.subject.startswith("New materials: ")
    assert letter.calendar is None
    for part in (letter.text, letter.html):
        assert "Slides" in part
        assert "#materials" in part
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'material.told'") == 1


async def test_only_whom_a_material_concerns_hears_of_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event, "Waiting", state="waitlisted")
    await make_reader(event, "Gone", state="cancelled")
    await make_reader(event, "Late", registered_at=NOW)
    await make_reader(event, "Absent")
    came = await make_reader(event, "Came")
    await execute("INSERT INTO attendance (registration, state, source) VALUES ($1, 'attended', 'desk')", came)
    await make_link(event, audience="attended")
    assert await tell(event) == 1
    assert await owed() == ["came"]


async def test_what_is_not_yet_visible_is_told_of_when_it_is(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    link = await make_link(event, visible_from=NOW + timedelta(hours=1))
    assert await found(event) is None
    await execute("UPDATE material SET visible_from = $2 WHERE id = $1", link, NOW - timedelta(hours=1))
    assert await tell(event) == 1


async def test_each_press_writes_a_letter_of_its_own(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    await make_link(event, "Slides")
    await tell(event)
    await make_link(event, "Recording", url="https://video.example/2")
    await tell(event)
    written = await fetch("SELECT occurrence FROM message WHERE reason = 'materials'")
    assert len(written) == 2
    texts = await _texts()
    assert ["Slides" in text for text in texts] == [True, False]
    assert ["Recording" in text for text in texts] == [False, True]


async def _texts() -> list[str]:
    """Return what is sent, in the order in which it was owed."""
    with clock.at(NOW):
        claimed = await claim(NOW)
        composed = [await compose(each.owed, COMPOSERS) for each in claimed]
    texts = [letter.text for letter in composed if letter]
    return sorted(texts, key=lambda text: "Recording" in text)


async def test_a_letter_names_nothing_that_was_taken_away_meanwhile(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    await make_link(event)
    await tell(event)
    await execute("DELETE FROM material")
    assert (await letters())["materials"] is None


async def test_a_draft_and_a_cancelled_event_tell_nobody(db: asyncpg.Connection) -> None:
    for state in ("draft", "cancelled"):
        event = await make_event(slug=state, state=state)
        await make_reader(event, state.title())
        link = await make_link(event)
        assert await found(event) is None
        with pytest.raises(Conflict):
            await tell_materials(event, [link], actor=SYSTEM, now=NOW)


async def test_a_copy_of_an_event_has_told_nobody(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_reader(event)
    await make_link(event)
    await tell(event)
    await copy_event(event, NOW + timedelta(days=60), actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT count(*) FROM material WHERE telling IS NULL") == 1


async def test_the_page_says_whom_a_press_reaches_and_tells_of_what_it_showed(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_reader(event)
    shown = await make_link(event)
    await sign_in(client, await make_staff("admin"))
    path = "/staff/events/paja/materials"
    with clock.at(NOW):
        answer = await client.get(path)
        assert "Tell the participants (1 person)" in " ".join(answer.text.split()).replace("</button> (", " (")
        await make_link(event, "Added meanwhile", url="https://video.example/2")
        told = await client.post(f"{path}/tell", data={"material": [str(shown), "rubbish"]})
        assert told.headers["location"] == f"{path}?written=1"
        assert "1 person is written to." in (await client.get(told.headers["location"])).text
        assert "Added meanwhile" in (await client.get(path)).text
        again = await client.post(f"{path}/tell", data={"material": str(shown)})
        assert "There was nothing new to tell" in (await client.get(again.headers["location"])).text
    untold = await fetch("SELECT title_en FROM material WHERE telling IS NULL")
    assert [row["title_en"] for row in untold] == ["Added meanwhile"]


async def test_who_may_not_edit_the_event_tells_nobody(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_reader(event)
    link = await make_link(event)
    await sign_in(client, await make_staff("viewer"))
    with clock.at(NOW):
        answer = await client.post("/staff/events/paja/materials/tell", data={"material": str(link)})
    assert answer.status_code in {403, 404}
    assert await owed() == []
