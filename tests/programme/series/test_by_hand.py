"""What was changed by hand in one event of a series is remembered, kept by edits of several, and given up when asked."""

from datetime import timedelta
from typing import Any

import asyncpg
from httpx import AsyncClient

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import execute
from events.programme.by_hand import said, site_mark
from events.programme.editing import EventChanges
from events.programme.queries import EventView
from events.programme.series.editing import edit_in_series
from events.programme.series.queries import Scope
from events.programme.sites import NewSite
from tests.factories import NOW, make_staff, sign_in
from tests.programme.series.test_series import START, again, edit, local, series


async def edit_all(event: EventView, **changes: Any) -> tuple[int, int]:
    """Change all, also what was changed by hand."""
    asked = EventChanges(**changes)
    done = await edit_in_series(event.id, asked, Scope.ALL, actor=SYSTEM, now=NOW, by_hand_too=True)
    return done.others, done.kept


async def test_what_an_edit_of_several_made_different_is_not_taken_for_changed_by_hand(db: asyncpg.Connection) -> None:
    events = await series()
    await edit(events[2], Scope.FOLLOWING, contact_name="B")
    assert await edit(events[0], Scope.ALL, contact_name="C") == (4, 0, 0)
    assert {(await again(event)).contact_name for event in events} == {"C"}


async def test_what_was_set_to_the_old_value_by_hand_is_kept_too(db: asyncpg.Connection) -> None:
    events = await series()
    await edit(events[1], Scope.THIS, contact_name="A")
    await edit(events[1], Scope.THIS, contact_name="")
    assert await edit(events[0], Scope.ALL, contact_name="C") == (3, 1, 0)
    assert (await again(events[1])).contact_name == "", "it says what the others said, and was meant"


async def test_what_was_changed_by_hand_is_given_up_only_when_that_is_asked(db: asyncpg.Connection) -> None:
    events = await series()
    await edit(events[1], Scope.THIS, contact_name="Own", titles={**events[1].titles, "sv": "Egen"})
    assert set((await again(events[1])).by_hand) == {"contact_name", "titles.sv"}
    assert await edit_all(events[0], contact_name="C") == (4, 0)
    now = await again(events[1])
    assert (now.contact_name, now.titles["sv"]) == ("C", "Egen"), "what the edit is not about stays"
    assert now.by_hand == ["titles.sv"]
    assert await edit(events[0], Scope.ALL, contact_name="D") == (4, 0, 0), "it goes along again"


async def test_an_event_moved_by_hand_comes_back_to_its_day(db: asyncpg.Connection) -> None:
    events = await series()
    moved = events[2].starts_at + timedelta(days=1, hours=3)
    await edit(events[2], Scope.THIS, starts_at=moved, ends_at=moved + timedelta(hours=1))
    later = {"starts_at": START + timedelta(hours=1), "ends_at": START + timedelta(hours=3)}
    assert await edit_all(events[0], **later) == (4, 0)
    now = [await again(event) for event in events]
    assert local(now) == ["22.09. 10:00", "06.10. 10:00", "20.10. 10:00", "03.11. 10:00", "17.11. 10:00"]
    assert {event.ends_at - event.starts_at for event in now} == {timedelta(hours=2)}
    assert now[2].by_hand == []


async def test_sites_are_marked_field_by_field(db: asyncpg.Connection) -> None:
    events = await series()
    own, site = events[1].sites[0], events[0].sites[0]
    theirs = NewSite(id=own.id, mode="venue", name="Oma sali", municipality=own.municipality, capacity=own.capacity)
    await edit(events[1], Scope.THIS, sites=[theirs])
    assert (await again(events[1])).by_hand == [site_mark(own.origin, "name")]
    wanted = NewSite(id=site.id, mode="venue", name="Nokia Arena", municipality="837", capacity=70)
    assert await edit_all(events[0], sites=[wanted]) == (4, 0)
    changed = (await again(events[1])).sites[0]
    assert (changed.name, changed.capacity) == ("Nokia Arena", 70)


async def test_an_event_alone_has_no_marks(db: asyncpg.Connection) -> None:
    events = await series()
    await execute("UPDATE event SET series = NULL WHERE id = $1", events[1].id)
    await edit(events[1], Scope.THIS, contact_name="A")
    assert (await again(events[1])).by_hand == []


def test_marks_are_said_on_the_card_that_they_belong_to() -> None:
    marks = ["titles.sv", "contact_name", "sites.0.name", "sites.0.capacity"]
    assert [len(said(marks, card)) for card in ("texts", "contact", "sites", "times")] == [1, 1, 1, 0]


async def test_the_page_names_the_events_and_what_was_changed_by_hand_before_saving(client: AsyncClient) -> None:
    events = await series()
    await edit(events[1], Scope.THIS, contact_name="Own")
    await execute("UPDATE event SET state = 'cancelled' WHERE id = $1", events[2].id)
    await sign_in(client, await make_staff("admin"))
    path = "/staff/events/kokous/edit/contact"
    with clock.at(NOW):
        shown = (await client.get(path)).text
        assert "6 October 2026" in shown
        assert "changed by hand: Contact person" in shown
        assert "20 October 2026" not in shown, "what is cancelled stays as it is"
        assert "changed by hand: " not in (await client.get("/staff/events/kokous/edit/times")).text
        sent = {"languages": ["fi"], "contact_name": "New", "contact_email": "", "scope": "all", "version": "0"}
        assert (await client.post(path, data=sent)).status_code == 303
        assert (await again(events[1])).contact_name == "Own"
        insisting = {**sent, "contact_name": "Newer", "version": "1", "by_hand_too": "1"}
        assert (await client.post(path, data=insisting)).status_code == 303
    assert (await again(events[1])).contact_name == "Newer"
