import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from events.checkin import actions
from events.checkin.board import pages
from events.checkin.board.queries import Arrivals, arrivals
from events.checkin.tables import AttendanceState
from events.core import clock, database, live
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.core.live import Live
from tests.checkin.doors import scanned, slug_of, ticket
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in


async def come(registration: object, slug: str, minute: int, door: str = "Front") -> None:
    at = NOW + timedelta(minutes=minute)
    await actions.redeem(scanned(ticket(registration), slug, minute, door=door), actor=SYSTEM, now=at)  # type: ignore[arg-type]


async def test_the_board_counts_by_site_and_quarter_and_names_the_last_ones(db: asyncpg.Connection) -> None:
    event = await make_event(online=True, starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    slug = await slug_of(event)
    first, second, third, absent = [
        await make_registration(event, person=await make_person(name)) for name in ("Aino", "Ville", "Åsa", "Outi")
    ]
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    await database.execute("UPDATE registration SET site = $2 WHERE id = $1", absent, online)
    for registration, minute in ((first, -20), (second, 0), (third, 29)):
        await come(registration, slug, minute)
    (seen,) = (await arrivals([event])).values()
    assert (seen.arrived, seen.expected) == (3, 4)
    assert [(site.arrived, site.expected) for site in seen.sites] == [(3, 3), (0, 1)]
    assert [each.name.split()[0] for each in seen.latest] == ["Åsa", "Ville", "Aino"]
    assert seen.latest[0].door == "Front"
    assert [(q.begins_at - NOW, q.arrived) for q in seen.timeline] == [
        (timedelta(minutes=-30), 1), (timedelta(minutes=-15), 0), (timedelta(), 1), (timedelta(minutes=15), 1),
    ]  # fmt: skip


async def test_who_is_marked_as_not_come_and_who_was_let_in_without_a_place_count_rightly(
    db: asyncpg.Connection,
) -> None:
    event = await make_event()
    slug = await slug_of(event)
    came, waits = await make_registration(event), await make_registration(event, state="waitlisted")
    await come(came, slug, 0)
    await actions.redeem(scanned(ticket(waits), slug, 1, force=True), actor=SYSTEM, now=NOW)
    (seen,) = (await arrivals([event])).values()
    assert (seen.arrived, seen.expected) == (2, 2)
    await actions.mark([came], AttendanceState.NO_SHOW, actor=SYSTEM, now=NOW)
    (seen,) = (await arrivals([event])).values()
    assert (seen.arrived, seen.expected, len(seen.latest)) == (1, 2, 1)


async def test_an_event_without_anybody_has_an_empty_board(db: asyncpg.Connection) -> None:
    event = await make_event(online=False)
    (seen,) = (await arrivals([event])).values()
    assert (seen.arrived, seen.expected, seen.timeline, seen.latest) == (0, 0, [], [])
    assert Arrivals().expected == 0


async def test_the_page_shows_names_or_none(client: httpx.AsyncClient) -> None:
    event = await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    slug = await slug_of(event)
    await come(await make_registration(event, person=await make_person("Aino")), slug, 0)
    await sign_in(client, await make_staff("door"))
    with clock.at(NOW):
        shown = (await client.get(f"/door/{slug}/board")).text
        hidden = (await client.get(f"/door/{slug}/board?names=no")).text
    assert "Aino Esimerkki" in shown
    assert "Aino" not in hidden
    assert "/board/live?names=no" in hidden


async def test_the_board_is_for_those_who_may_check_in(client: httpx.AsyncClient) -> None:
    slug = await slug_of(await make_event())
    for path in ("board", "board/live"):
        assert (await client.get(f"/door/{slug}/{path}")).status_code == 401
    await sign_in(client, await make_staff("door", kind="region", resource="01"))
    for path in ("board", "board/live"):
        assert (await client.get(f"/door/{slug}/{path}")).status_code == 404


async def test_the_stream_tells_in_the_pages_language_and_ends_after_a_while(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL", 0.02)
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    monkeypatch.setattr(pages, "_arrivals", Live(arrivals))  # a server that has stopped in this process closed its own
    event = await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    door_event = await _door_event(event)
    stream = pages._told(door_event, "fi", names=True)
    async with asyncio.timeout(10):
        assert "Saapunut" in str((await anext(stream)).data)
        await come(await make_registration(event, person=await make_person("Aino")), door_event.slug, 0)
        while "Aino" not in str((await anext(stream)).data):
            pass
    await stream.aclose()  # type: ignore[attr-defined]
    monkeypatch.setattr(live, "LONGEST", 0.2)
    async with asyncio.timeout(10):
        assert [message async for message in pages._told(door_event, "sv", names=True)]


async def _door_event(event: object) -> pages.DoorEvent:
    with in_language("fi"):
        return await pages.queries.door_event(await slug_of(event), SYSTEM, NOW)  # type: ignore[arg-type]


async def test_an_erased_person_has_no_name_on_the_board(client: httpx.AsyncClient) -> None:
    event = await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    person = await insert("person", given_name="", family_name="", folded="", erased_at=NOW)
    await come(await make_registration(event, person=person), await slug_of(event), 0)
    await sign_in(client, await make_staff("door"))
    assert "(erased)" in (await client.get(f"/door/{await slug_of(event)}/board")).text


async def test_the_board_can_be_paused_with_a_script_and_without(client: httpx.AsyncClient) -> None:
    slug = await slug_of(await make_event(starts_at=NOW, ends_at=NOW + timedelta(hours=2)))
    await sign_in(client, await make_staff("admin"))
    with clock.at(NOW):
        shown = (await client.get(f"/door/{slug}/board?names=no")).text
        still = (await client.get(f"/door/{slug}/board?names=no&still=yes")).text
    assert "data-board-pause" in shown
    assert "?names=no&amp;still=yes" in shown
    assert "http-equiv" in shown
    assert "http-equiv" not in still
    assert 'board?names=no">Go on updating' in still
