"""Items of the agenda with places of their own: chosen by who has a place, never oversold, given back."""

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, secrets
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.database import fetch, fetchval
from events.core.errors import Conflict, Invalid
from events.programme.agenda.actions import ItemValues, change_item
from events.registration.actions import cancel, move_site
from events.registration.items.chosen import own_items
from events.registration.items.signing_up import choose_items
from events.registration.new_registration import NewRegistration
from events.registration.transferring import transfer
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in
from tests.programme.agenda.test_agenda import START, make_item

COUNTED = "SELECT count(*) FROM agenda_item WHERE taken <> (SELECT count(*) FROM registration_item WHERE item = agenda_item.id)"


async def choose(registration: UUID, *items: UUID) -> None:
    await choose_items(registration, items, actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)


async def workshop(
    event: UUID, title: str = "Workshop", *, at: int = 0, capacity: int | None = 5, **more: object
) -> UUID:
    return await make_item(event, title, at=at, sign_up=True, capacity=capacity, **more)


async def test_choosing_takes_places_and_gives_back_what_is_not_wanted(db: asyncpg.Connection) -> None:
    event = await make_event()
    first, second = await workshop(event), await workshop(event, at=60)
    registration = await make_registration(event)
    await choose(registration, first)
    await choose(registration, second)
    await choose(registration, second)
    assert await own_items(registration) == {second}
    assert [row["taken"] for row in await fetch("SELECT taken FROM agenda_item ORDER BY starts_at")] == [0, 1]
    assert await fetchval("SELECT revision FROM registration") == 2, "its calendar entry hears of each change"


async def test_items_at_the_same_time_are_refused(db: asyncpg.Connection) -> None:
    event = await make_event()
    items = [await workshop(event), await workshop(event, at=15), await workshop(event, at=30)]
    registration = await make_registration(event)
    with pytest.raises(Invalid) as refused:
        await choose(registration, items[0], items[1])
    assert list(refused.value.errors) == ["items"]
    assert await own_items(registration) == frozenset()
    await choose(registration, items[0], items[2])
    assert await fetchval(COUNTED) == 0


async def test_a_full_item_is_refused_and_nothing_else_changes(db: asyncpg.Connection) -> None:
    event = await make_event()
    full, free = await workshop(event, capacity=1), await workshop(event, at=60)
    await choose(await make_registration(event), full)
    late = await make_registration(event)
    with pytest.raises(Invalid):
        await choose(late, full, free)
    assert await own_items(late) == frozenset()
    assert await fetchval(COUNTED) == 0


@pytest.mark.parametrize("state", ["waitlisted", "awaiting_approval", "offered", "cancelled"])
async def test_who_has_no_place_holds_no_item(db: asyncpg.Connection, state: str) -> None:
    event = await make_event()
    item = await workshop(event)
    with pytest.raises(Conflict):
        await choose(await make_registration(event, state=state), item)
    assert await fetchval("SELECT taken FROM agenda_item") == 0


async def test_an_item_of_another_event_or_site_is_refused(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = await fetchval("SELECT id FROM site WHERE mode = 'online'")
    registration = await make_registration(event)
    plain = await make_item(event, at=200)
    for item in (await workshop(event, site=online), await workshop(await make_event()), plain):
        with pytest.raises(Invalid):
            await choose(registration, item)


async def test_who_leaves_gives_the_items_back(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event, capacity=1)
    registration = await make_registration(event)
    await choose(registration, item)
    await cancel(registration, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT taken FROM agenda_item") == 0
    assert await fetchval("SELECT count(*) FROM registration_item") == 0


async def test_who_moves_keeps_what_takes_place_there_too(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    venue, online = [row["id"] for row in await fetch("SELECT id FROM site ORDER BY position")]
    here, everywhere = await workshop(event, site=venue), await workshop(event, at=60)
    registration = await make_registration(event)
    await choose(registration, here, everywhere)
    await move_site(registration, online, actor=SYSTEM, now=NOW)
    assert await own_items(registration) == {everywhere}
    assert await fetchval(COUNTED) == 0


async def test_a_limit_set_later_counts_those_who_signed_up_before(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event, capacity=None)
    for _each in range(2):
        await choose(await make_registration(event), item)
    limited = ItemValues(
        titles={"en": "Workshop"}, starts_at=START, ends_at=START + timedelta(hours=1), sign_up=True, capacity=2
    )
    await change_item(event, item, limited, actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        await choose(await make_registration(event), item)
    with pytest.raises(Invalid):
        await change_item(event, item, ItemValues(**{**_fields(limited), "capacity": 1}), actor=SYSTEM, now=NOW)


def _fields(values: ItemValues) -> dict[str, object]:
    return {name: getattr(values, name) for name in values.__struct_fields__}


async def test_the_private_page_signs_up_and_says_what_is_wrong_beside_it(client: AsyncClient) -> None:
    client.cookies.set("language", "en")
    event = await make_event(slug="paja")
    first, second = await workshop(event, "Left"), await workshop(event, "Right")
    registration = await make_registration(event)
    path = f"/r/{secrets.derive('manage', registration)}"
    with clock.at(NOW):
        assert "Left, 5 places left" in (await client.get(path)).text
        refused = await client.post(f"{path}/items", data={"items": [str(first), str(second)]})
        assert refused.status_code == 422
        assert "are at the same time: choose one of them" in refused.text
        assert refused.text.count("checked") >= 2, "what was ticked stays ticked"
        assert (await client.post(f"{path}/items", data={"items": str(first)})).status_code == 303
        assert (await client.post(f"{path}/items", data={"items": "x"})).status_code == 422
        assert "12:00–12:30 Left ✓" in (await client.get(path)).text
        await sign_in(client, await make_staff("admin"))
        assert "1 / 5" in (await client.get("/staff/events/paja/agenda")).text
        assert "Aino Esimerkki" in (await client.get(f"/staff/events/paja/agenda/{first}")).text


async def make_wide() -> tuple[UUID, list[UUID], UUID]:
    """An event at ten sites, each with a line of its own, and one item of five places at all of them."""
    event = await make_event()
    for position in range(1, 10):
        await insert("site", event=event, mode="venue", name=f"Sali {position}", position=position)
    sites = [row["id"] for row in await fetch("SELECT id FROM site ORDER BY position")]
    return event, sites, await workshop(event)


async def rush() -> int:
    """Let fifty people at ten sites choose one item of five places at once; returns how many got it."""
    event, sites, item = await make_wide()
    people = [await make_registration(event, site=sites[number % 10]) for number in range(50)]

    async def one(registration: UUID) -> None:
        with contextlib.suppress(Invalid):
            await choose(registration, item)

    await asyncio.gather(*(one(registration) for registration in people))
    got: int = await fetchval("SELECT count(*) FROM registration_item")
    return got


async def test_fifty_at_once_get_five_places(committed_db: str) -> None:
    assert await rush() == 5
    assert await fetchval(COUNTED) == 0


@pytest.mark.usefixtures("look_only")
async def test_without_the_counter_fifty_at_once_get_more(committed_db: str) -> None:
    assert await rush() > 5


async def test_items_go_along_with_a_place_that_is_handed_over(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event)
    registration = await make_registration(event)
    await choose(registration, item)
    colleague = NewRegistration(given_name="Bo", family_name="Exempel", email="bo@foretag.example", municipality="837")
    await transfer(registration, colleague, actor=Actor(ActorKind.PARTICIPANT, registration), now=NOW)
    assert await own_items(registration) == frozenset()
    assert await fetchval("SELECT count(*) FROM registration_item") == 1
    assert await fetchval(COUNTED) == 0
