"""A series of five with what hangs on its events, and ways to change one for several."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from events.core.actor import SYSTEM
from events.core.database import fetch
from events.programme.agenda import queries as agenda_queries
from events.programme.agenda.actions import ItemValues, add_item, change_item, delete_item
from events.programme.agenda.alike import AGENDA
from events.programme.agenda.rules import ItemView
from events.programme.arrivals.actions import ARRIVALS, write_arrival
from events.programme.counterparts.actions import done_alike
from events.programme.queries import EventView
from events.programme.series.actions import repeat
from events.programme.series.queries import Scope, series_of
from tests.factories import NOW, insert, make_event
from tests.programme.agenda.test_agenda import make_item
from tests.programme.series.test_series import START, TUESDAYS

Told = tuple[int, int]
"""In how many other events something was changed, and in how many something was kept."""


async def series_with_agenda(*, online: bool = False) -> list[EventView]:
    """Five drafts but for the first, each with a talk at the start and a workshop of ten an hour later."""
    event = await make_event(starts_at=START, ends_at=START + timedelta(hours=4), slug="kokous", online=online)
    at = {"starts_at": START, "ends_at": START + timedelta(hours=1)}
    await make_item(event, "Talk", **at)
    at = {name: moment + timedelta(hours=1) for name, moment in at.items()}
    await make_item(event, "Workshop", sign_up=True, capacity=10, **at)
    return await series_of((await repeat(event, TUESDAYS, actor=SYSTEM, now=NOW)).series)


async def items(event: EventView) -> list[ItemView]:
    return await agenda_queries.agenda(event.id)


async def item(event: EventView, title: str) -> ItemView:
    return next(each for each in await items(event) if each.titles["en"] == title)


def values(view: ItemView, **changes: Any) -> ItemValues:
    """What an item is, as staff want it, with something else."""
    names = {field.name for field in structs.fields(ItemValues)}
    return ItemValues(**{**{name: getattr(view, name) for name in names}, **changes})


async def change(event: EventView, title: str, scope: Scope = Scope.ALL, **changes: Any) -> Told:
    known = await item(event, title)
    async with done_alike(event.id, AGENDA, scope, actor=SYSTEM, now=NOW) as alike:
        await change_item(event.id, known.id, values(known, **changes), actor=SYSTEM, now=NOW)
    return alike.others, alike.kept


async def delete(event: EventView, title: str, scope: Scope = Scope.ALL) -> Told:
    known = await item(event, title)
    async with done_alike(event.id, AGENDA, scope, actor=SYSTEM, now=NOW) as alike:
        await delete_item(event.id, known.id, actor=SYSTEM, now=NOW)
    return alike.others, alike.kept


async def add(event: EventView, title: str, scope: Scope = Scope.ALL, **more: Any) -> Told:
    new = ItemValues(
        **{
            "titles": {"en": title},
            "starts_at": event.starts_at + timedelta(hours=2),
            "ends_at": event.starts_at + timedelta(hours=3),
            **more,
        }
    )
    async with done_alike(event.id, AGENDA, scope, actor=SYSTEM, now=NOW) as alike:
        await add_item(event.id, new, actor=SYSTEM, now=NOW)
    return alike.others, alike.kept


async def write(event: EventView, texts: Mapping[str, str], scope: Scope = Scope.ALL) -> Told:
    async with done_alike(event.id, ARRIVALS, scope, actor=SYSTEM, now=NOW) as alike:
        await write_arrival(event.id, event.sites[0].id, texts, actor=SYSTEM, now=NOW)
    return alike.others, alike.kept


async def sign_up(registration: UUID, wanted: UUID) -> None:
    """Someone has a place in an item, counted where there is a limit."""
    await insert("registration_item", registration=registration, item=wanted)
    await fetch("UPDATE agenda_item SET taken = taken + 1 WHERE id = $1 AND capacity IS NOT NULL RETURNING id", wanted)


async def titles(events: Sequence[EventView]) -> list[list[str]]:
    return [[each.titles["en"] for each in await items(event)] for event in events]
