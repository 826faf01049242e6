"""Arrival cards and materials changed for one event of a series, for the following ones, or for all."""

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.checkin.settings.actions import DOORS
from events.core.actor import SYSTEM
from events.core.copying import COPIED
from events.core.database import execute, fetch, fetchval
from events.core.errors import Invalid
from events.programme.agenda.alike import AGENDA
from events.programme.arrivals.actions import ARRIVALS
from events.programme.arrivals.queries import arrivals
from events.programme.counterparts.actions import done_alike
from events.programme.counterparts.queries import counterparts
from events.programme.materials.actions import MATERIALS, Source, Told, add_material, change_material, delete_material
from events.programme.materials.queries import MaterialView, materials
from events.programme.materials.tables import Audience
from events.programme.queries import EventView
from events.programme.reminders.actions import REMINDERS
from events.programme.series.queries import Scope
from events.registration.questions.alike import QUESTIONS
from events.surveys.building.alike import SURVEYS
from tests.factories import NOW
from tests.programme.counterparts.making import delete, item, series_with_agenda, write

OF_THE_EVENT_ITSELF = {"event", "event_project", "event_theme", "site"}
"""Changed by the cards of an event, whose edits `series.editing` carries."""


def test_whatever_a_copy_takes_along_can_be_changed_for_a_whole_series() -> None:
    carried = (AGENDA, ARRIVALS, DOORS, MATERIALS, QUESTIONS, REMINDERS, SURVEYS)
    parts = [table for part in carried for table in part.names]
    assert sorted(parts) == sorted(set(COPIED) - OF_THE_EVENT_ITSELF)


def test_what_rows_are_known_again_by_is_there() -> None:
    for name, copied in COPIED.items():
        named = {*copied.alike, *(column for columns in copied.bound for column in columns)}
        assert named <= set(copied.columns) - copied.left, name


async def texts(events: list[EventView], name: str) -> list[str]:
    return [getattr((await arrivals(event.id))[event.sites[0].id], name) for event in events]


async def test_a_card_is_written_for_all_and_keeps_what_stands_there_by_hand(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await write(events[1], {"phone": "1"}, Scope.THIS)
    assert await write(events[0], {"phone": "2", "door": "A"}) == (4, 1)
    assert await texts(events, "phone") == ["2", "1", "2", "2", "2"]
    assert await write(events[0], {"phone": "2", "door": "B", "host": "C"}) == (4, 0)
    assert await texts(events, "door") == ["B"] * 5
    assert await texts(events, "host") == ["C"] * 5
    assert await write(events[4], {}, Scope.FOLLOWING) == (0, 0)


async def test_a_card_written_before_reaches_events_that_have_none(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await write(events[0], {"phone": "1"}, Scope.THIS)
    assert await write(events[0], {"phone": "2", "door": "A"}) == (4, 4), "the others never had that number"
    assert await texts(events, "phone") == ["2", "", "", "", ""]
    assert await texts(events, "door") == ["A"] * 5


async def test_an_event_without_the_site_is_passed_over(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await execute("UPDATE site SET origin = gen_random_uuid() WHERE event = $1", events[2].id)
    assert await write(events[0], {"phone": "1"}) == (3, 0)
    assert len(await counterparts("site", events[0].sites[0].id)) == 4


LINK = Source(url="https://slides.example/1")


def told(title: str = "Slides", **more: Any) -> Told:
    return Told(**{"titles": {"fi": title}, "audience": Audience.EVERYONE, **more})


async def add(event: EventView, source: Source = LINK, scope: Scope = Scope.ALL, **more: Any) -> UUID:
    async with done_alike(event.id, MATERIALS, scope, actor=SYSTEM, now=NOW):
        return await add_material(event.id, source, told(**more), actor=SYSTEM, now=NOW)


async def change(event: EventView, material: UUID, what: Told) -> tuple[int, int]:
    async with done_alike(event.id, MATERIALS, Scope.ALL, actor=SYSTEM, now=NOW) as alike:
        await change_material(event.id, material, what, actor=SYSTEM, now=NOW)
    return alike.others, alike.kept


async def of_each(events: list[EventView]) -> list[list[MaterialView]]:
    return [await materials(event.id) for event in events]


async def test_a_material_is_added_to_all_from_as_long_after_each_start(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await add(events[0], visible_from=events[0].ends_at + timedelta(days=1), item=(await item(events[0], "Talk")).id)
    for event, found in zip(events, await of_each(events), strict=True):
        (material,) = found
        assert (material.url, material.visible_from) == (LINK.url, event.ends_at + timedelta(days=1))
        assert material.item == (await item(event, "Talk")).id


async def test_a_material_is_changed_for_all_but_where_it_was_by_hand(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    material = await add(events[0])
    await execute("UPDATE material SET title_fi = 'Omat' WHERE event = $1", events[1].id)
    assert await change(events[0], material, told("Kalvot", audience=Audience.REGISTERED)) == (4, 1)
    found = [(only.titles["fi"], only.audience) for (only,) in await of_each(events)]
    assert found == [("Kalvot", "registered"), ("Omat", "registered"), *[("Kalvot", "registered")] * 3]


async def test_a_material_is_deleted_from_all(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    material = await add(events[0])
    async with done_alike(events[0].id, MATERIALS, Scope.ALL, actor=SYSTEM, now=NOW) as alike:
        await delete_material(events[0].id, material, actor=SYSTEM, now=NOW)
    assert (alike.others, await fetchval("SELECT count(*) FROM material")) == (4, 0)


async def test_a_material_of_an_item_that_is_missing_somewhere_is_added_nowhere(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    await delete(events[3], "Talk", Scope.THIS)
    with pytest.raises(Invalid) as refused:
        await add(events[0], item=(await item(events[0], "Talk")).id)
    assert "2026" in refused.value.errors[""][0]
    assert await fetchval("SELECT count(*) FROM material") == 0


async def test_what_went_wrong_in_the_event_itself_changes_none(db: asyncpg.Connection) -> None:
    events = await series_with_agenda()
    with pytest.raises(RuntimeError):
        async with done_alike(events[0].id, MATERIALS, Scope.ALL, actor=SYSTEM, now=NOW):
            await add_material(events[0].id, LINK, told(), actor=SYSTEM, now=NOW)
            raise RuntimeError
    assert await fetchval("SELECT count(*) FROM material") == 0


async def test_events_made_before_are_paired_once_by_what_they_had_in_common(db: asyncpg.Connection) -> None:
    events = await series_with_agenda(online=True)
    await add(events[0])
    question = {"kind": "short", "code": "why"}
    for event in events:
        await _insert_question(event, question)
    tables = ("site", "agenda_item", "material", "question")
    paired = [await fetch(f"SELECT origin, array_agg(event) FROM {table} GROUP BY 1") for table in tables]
    for table in tables:
        await execute(f"UPDATE {table} SET origin = gen_random_uuid()")
    for feature in ("programme", "registration"):
        for statement in _migration(feature).FORWARDS:
            await execute(statement)
    counted = [await fetchval(f"SELECT count(DISTINCT origin) FROM {table}") for table in tables]
    assert counted == [2, 2, 1, 1]
    assert [len(rows) for rows in paired[:3]] == counted[:3]


def _migration(feature: str) -> Any:
    return import_module(f"events.{feature}.piccolo_migrations.{feature}_2026_11_28t15_30_00_000000")


async def _insert_question(event: EventView, columns: Mapping[str, str]) -> None:
    await execute(
        "INSERT INTO question (id, event, kind, code) VALUES (gen_random_uuid(), $1, $2, $3)",
        *(event.id, columns["kind"], columns["code"]),
    )
