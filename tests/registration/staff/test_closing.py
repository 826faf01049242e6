"""Closing a site: everybody there is moved as far as there is room, or cancelled; nobody comes to it any more."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import ANONYMOUS, SYSTEM
from events.core.errors import Conflict, Invalid, NotFound
from events.messaging.webhooks.ledger import Forms
from events.programme import queries as programme
from events.programme import rules
from events.registration import hot_path
from events.registration.actions import approve, give_place, move_site
from events.registration.line import fill_all
from events.registration.parameters import AT_THE_DOOR
from events.registration.registering import register
from events.registration.staff.closing import Closed, close_site, reopen_site
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.public.test_pages import FORM
from tests.registration.test_register import someone

EXPECTED_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def make_roadshow(*, room: int | None, **columns: object) -> tuple[UUID, UUID, UUID]:
    """An event with two towns: the first to be closed, the second with so much room."""
    event = await make_event(slug="kiertue", capacity=2, **columns)
    first = await database.fetchval("SELECT id FROM site WHERE event = $1", event)
    other = await insert("site", event=event, mode="venue", name="Kehräämö", position=1, capacity=room)
    return event, first, other


async def make_there(event: UUID, name: str, **columns: object) -> UUID:
    return await make_registration(event, person=await make_person(name), **columns)


async def close(event: UUID, site: UUID, to: UUID | None, seen: int, message: str = "") -> Closed:
    return await close_site(event, site, to=to, message=message, seen=seen, actor=SYSTEM, now=NOW)


async def standing() -> list[tuple[str, str, str]]:
    rows = await database.fetch(
        "SELECT given_name, state, site.name FROM registration JOIN person ON person.id = person"
        " JOIN site ON site.id = site ORDER BY given_name"
    )
    return [(row["given_name"], row["state"], row["name"]) for row in rows]


async def counters(site: UUID) -> tuple[int, int]:
    row = await database.fetchrow("SELECT taken, waiting FROM site WHERE id = $1", site)
    assert row
    return row["taken"], row["waiting"]


async def test_all_are_moved_with_a_letter_and_a_row_of_the_trail_each(db: asyncpg.Connection) -> None:
    event, first, other = await make_roadshow(room=None)
    aino = await make_there(event, "Aino")
    await make_there(event, "Bo")
    await make_there(event, "Carita", state="waitlisted")
    await make_there(event, "Daniel", state="cancelled")
    assert await close(event, first, other, 3) == Closed(3, 0, 0)
    assert await standing() == [
        ("Aino", "confirmed", "Kehräämö"),
        ("Bo", "confirmed", "Kehräämö"),
        ("Carita", "confirmed", "Kehräämö"),
        ("Daniel", "cancelled", "Tampere-talo"),
    ]
    assert (await counters(first), await counters(other)) == ((0, 0), (3, 0))
    reasons = await database.fetch("SELECT reason FROM message ORDER BY reason")
    assert [row["reason"] for row in reasons] == ["changed", "changed", "confirmation"]
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'registration.moved'") == 3
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'site.closed'") == 1
    assert await database.fetchval("SELECT revision FROM registration WHERE id = $1", aino) == 1, "its calendar hears"


async def test_whoever_finds_no_room_stays_where_they_are_and_hears_nothing(db: asyncpg.Connection) -> None:
    event, first, other = await make_roadshow(room=1)
    await make_there(event, "Aino")
    await make_there(event, "Bo")
    await make_there(event, "Carita", state="waitlisted")
    assert await close(event, first, other, 3) == Closed(1, 0, 2)
    assert await standing() == [
        ("Aino", "confirmed", "Kehräämö"),
        ("Bo", "confirmed", "Tampere-talo"),
        ("Carita", "waitlisted", "Tampere-talo"),
    ]
    assert await database.fetchval("SELECT count(*) FROM message") == 1
    await database.execute("UPDATE site SET capacity = 5 WHERE id = $1", first)
    assert await fill_all(NOW) == 0, "no place at a closed site goes to its line"
    assert await close(event, first, None, 2, "We come in spring.") == Closed(0, 2, 0)
    words = await database.fetch("SELECT parting_words FROM registration WHERE state = 'cancelled'")
    assert [row["parting_words"] for row in words] == ["We come in spring."] * 2
    assert (await counters(first), await counters(other)) == ((0, 0), (1, 0))


async def test_a_place_that_is_given_up_at_a_closed_site_is_not_passed_on(db: asyncpg.Connection) -> None:
    event, first, _other = await make_roadshow(room=0)
    await make_there(event, "Aino")
    await make_there(event, "Bo")
    await make_there(event, "Carita", state="waitlisted")
    assert await close(event, first, None, 3) == Closed(0, 3, 0)
    assert {state for _name, state, _site in await standing()} == {"cancelled"}


async def test_nobody_comes_to_a_closed_site_in_any_way(db: asyncpg.Connection) -> None:
    event, first, other = await make_roadshow(room=0)
    waiting = await make_there(event, "Aino", state="waitlisted")
    asking = await make_there(event, "Bo", state="awaiting_approval")
    elsewhere = await make_there(event, "Carita", site=other, state="waitlisted")
    assert await close(event, first, other, 2) == Closed(1, 0, 1), "who awaits approval needs no room to be moved"
    await database.execute("UPDATE registration SET site = $2 WHERE id = $1", asking, first)
    with pytest.raises(Invalid):
        await register(event, someone(1, site=first), actor=ANONYMOUS, now=NOW)
    made = await register(event, someone(2), actor=ANONYMOUS, now=NOW)
    assert await database.fetchval("SELECT site FROM registration WHERE id = $1", made.id) == other
    for refused in (
        give_place(waiting, actor=SYSTEM, now=NOW),
        approve(asking, actor=SYSTEM, now=NOW),
        move_site(elsewhere, first, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(Conflict):
            await refused


async def test_a_closed_site_is_no_longer_offered_and_can_be_opened_again(client: AsyncClient) -> None:
    event, first, _other = await make_roadshow(room=5)
    await close(event, first, None, 0)
    with clock.at(NOW):
        for path in ("/events/kiertue", "/events/kiertue/register", "/api/v1/events", "/calendar.ics"):
            assert "Tampere-talo" not in (await client.get(path)).text, path
    view = await programme.by_id(event)
    assert view
    assert rules.openness(view, NOW) == "open"
    await reopen_site(event, first, actor=SYSTEM, now=NOW)
    with clock.at(NOW):
        assert "Tampere-talo" in (await client.get("/events/kiertue")).text


async def test_who_is_left_there_keeps_their_page_and_may_move_elsewhere_alone(client: AsyncClient) -> None:
    event, first, other = await make_roadshow(room=0)
    left = await make_there(event, "Aino")
    assert await close(event, first, other, 1) == Closed(0, 0, 1)
    with clock.at(NOW):
        shown = await client.get(mailed_link(left))
    assert shown.status_code == 200
    assert "Tampere-talo" in shown.text
    late = await make_registration(event, person=await make_person("Bo"), site=other, state="waitlisted")
    with clock.at(NOW):
        assert f'value="{first}"' not in (await client.get(mailed_link(late))).text


async def test_whose_form_was_open_meanwhile_is_told_so_and_goes_nowhere_else_unasked(client: AsyncClient) -> None:
    event, first, other = await make_roadshow(room=5)
    await close(event, first, None, 0)
    with clock.at(NOW):
        answer = await client.post("/events/kiertue/register", data={**FORM, "site": str(first)})
        assert answer.status_code == 422
        assert "is not open any more" in answer.text
        assert f'name="site" value="{other}"' in answer.text
        assert await database.fetchval("SELECT count(*) FROM registration") == 0
        again = await client.post("/events/kiertue/register", data={**FORM, "site": str(other)})
    assert again.status_code == 303
    assert await database.fetchval("SELECT site FROM registration") == other


async def test_who_stands_at_the_door_of_a_closed_site_is_let_in(db: asyncpg.Connection) -> None:
    event, first, other = await make_roadshow(room=5)
    await close(event, first, other, 0)
    made = await register(event, someone(1, site=first), actor=SYSTEM, now=NOW, source=AT_THE_DOOR, any_time=True)
    assert await database.fetchval("SELECT site FROM registration WHERE id = $1", made.id) == first


async def test_the_last_open_site_is_not_closed_and_none_of_an_event_that_is_over(db: asyncpg.Connection) -> None:
    event, first, other = await make_roadshow(room=5)
    with pytest.raises(Invalid):
        await close(event, first, first, 0)
    await close(event, first, None, 0)
    with pytest.raises(Conflict) as refused:
        await close(event, other, None, 0)
    assert refused.value.code == "last_site"
    with pytest.raises(NotFound):
        await close(event, UUID(int=1), None, 0)
    await database.execute("UPDATE event SET state = 'cancelled'")
    with pytest.raises(Conflict) as refused:
        await close(event, first, None, 0)
    assert refused.value.code == "over"


async def test_the_page_says_whom_it_concerns_before_and_who_is_left(client: AsyncClient) -> None:
    event, first, other = await make_roadshow(room=1)
    await make_there(event, "Aino")
    await make_there(event, "Bo")
    await sign_in(client, await make_staff("admin"))
    path = f"/staff/events/kiertue/sites/{first}/close"
    with clock.at(NOW):
        assert path in (await client.get("/staff/events/kiertue")).text
        shown = (await client.get(path)).text
        assert "It concerns 2 people." in shown
        assert "1 place left" in shown
        asked = {"how": "move", "site": str(other), "seen": "1", "message": ""}
        stale = await client.post(path, data=asked)
        assert stale.status_code == 409
        assert 'name="seen" type="hidden" value="2"' in stale.text
        assert (await client.post(path, data={**asked, "how": ""})).status_code == 422
        done = await client.post(path, data={**asked, "seen": "2"})
        assert done.headers["location"] == f"{path}?moved=1&cancelled=0"
        left = (await client.get(done.headers["location"])).text
        assert "Still registered there" in left
        assert "Bo Esimerkki" in left
        assert "Aino" not in left
        assert (await client.post(path, data={"how": "cancel", "seen": "1"})).status_code == 303
        assert (await client.post(path.replace("/close", "/open"))).status_code == 303


async def test_who_may_not_edit_registrations_closes_nothing(client: AsyncClient) -> None:
    event, first, _other = await make_roadshow(room=1)
    await sign_in(client, await make_staff("organiser", kind="region", resource="01"))
    with clock.at(NOW):
        for path in (f"/staff/events/kiertue/sites/{first}/close", f"/staff/events/kiertue/sites/{first}/open"):
            assert (await client.post(path, data={"how": "cancel", "seen": "0"})).status_code == 404
    view = await programme.by_id(event)
    assert view
    assert not any(site.closed for site in view.sites)


async def _until_waiting(number: int) -> None:
    for _again in range(500):
        if await database.fetchval(EXPECTED_WAITING) >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for the site")


@pytest.mark.parametrize("guarded", [True, False])
async def test_who_registers_while_the_site_is_closed_is_refused(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    event, first, other = await make_roadshow(room=None)
    if not guarded:
        guarded_form, guard = hot_path.BY_ID.plain, "FROM placed WHERE closed_at IS NULL OR $4"
        assert guarded_form.count(guard) == 1
        unguarded = guarded_form.replace(guard, "FROM placed")
        monkeypatch.setattr(hot_path, "BY_ID", Forms(unguarded, unguarded))
    await make_there(event, "Aino")
    holder = await asyncpg.connect(committed_db)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM site WHERE id = $1 FOR UPDATE", first)
            closing = asyncio.create_task(close(event, first, other, 1))
            await _until_waiting(1)
            late = asyncio.create_task(register(event, someone(1, site=first), actor=ANONYMOUS, now=NOW))
            await _until_waiting(2)
        done, came = await asyncio.gather(closing, late, return_exceptions=True)
    finally:
        await holder.close()
    assert done == Closed(1, 0, 0)
    left = await database.fetchval("SELECT count(*) FROM registration WHERE site = $1", first)
    if guarded:
        assert isinstance(came, Invalid)
        assert left == 0
        assert await database.fetchval("SELECT count(*) FROM person") == 1, "nothing of it is left behind"
    else:
        assert left == 1


async def test_who_registered_just_before_is_seen_before_anything_is_done(committed_db: str) -> None:
    event, first, other = await make_roadshow(room=None)
    holder = await asyncpg.connect(committed_db)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM site WHERE id = $1 FOR UPDATE", first)
            early = asyncio.create_task(register(event, someone(1, site=first), actor=ANONYMOUS, now=NOW))
            await _until_waiting(1)
            closing = asyncio.create_task(close(event, first, other, 0))
            await _until_waiting(2)
        came, done = await asyncio.gather(early, closing, return_exceptions=True)
    finally:
        await holder.close()
    assert isinstance(done, Conflict)
    assert not isinstance(came, BaseException)
    assert await database.fetchval("SELECT closed_at FROM site WHERE id = $1", first) is None
    assert await close(event, first, other, 1) == Closed(1, 0, 0)
