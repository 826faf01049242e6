"""The pages on which items, cards, materials and questions are changed say for how many events, and for which it was."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.database import execute, fetch, fetchval
from events.programme.queries import EventView
from events.programme.series.queries import Scope
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in
from tests.programme.counterparts.making import delete, item, series_with_agenda, sign_up
from tests.registration.questions.making import make_question

HERE = "/staff/events/kokous"
ITEM = {"title_en": "Keynote", "kind": "talk", "day": "22.9.2026", "starts": "9.00", "ends": "10.00"}


@pytest.fixture
async def events(client: AsyncClient) -> list[EventView]:
    await sign_in(client, await make_staff("admin"))
    return await series_with_agenda()


async def get(client: AsyncClient, path: str) -> str:
    with clock.at(NOW):
        return (await client.get(path)).text


async def post(client: AsyncClient, path: str, data: Mapping[str, Any]) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=dict(data))


async def saved(client: AsyncClient, path: str, data: Mapping[str, Any]) -> str:
    answer = await post(client, path, data)
    assert answer.status_code == 303, answer.text
    return await get(client, answer.headers["location"])


async def test_an_item_says_for_how_many_events_and_afterwards_what_became_of_it(
    client: AsyncClient, events: list[EventView]
) -> None:
    talk = await item(events[0], "Talk")
    await execute("UPDATE agenda_item SET room = 'Oma' WHERE event = $1", events[1].id)
    await delete(events[4], "Talk", Scope.THIS)
    text = await get(client, f"{HERE}/agenda/{talk.id}")
    assert text.count("All events of the series (4 events)") == 2, "of the item, and of deleting it"
    assert text.count('id="scope-0"') == text.count('id="delete-scope-0"') == 1
    told = await saved(client, f"{HERE}/agenda/{talk.id}", {**ITEM, "room": "Sali", "scope": "all"})
    assert "3 other events of the series were changed alike." in told
    assert "In 1 of them something had been changed by hand and was kept." in told
    rooms = await fetch("SELECT room FROM agenda_item WHERE title_en = 'Keynote' ORDER BY starts_at")
    assert [row["room"] for row in rooms] == ["Sali", "Oma", "Sali", "Sali"]


async def test_a_new_item_and_its_place_in_the_order_go_to_all(client: AsyncClient, events: list[EventView]) -> None:
    assert "All events of the series (5 events)" in await get(client, f"{HERE}/agenda/new")
    lunch = {**ITEM, "title_en": "Lunch", "starts": "11.00", "ends": "11.30", "scope": "all"}
    assert "4 other events" in await saved(client, f"{HERE}/agenda/new", lunch)
    new = await item(events[0], "Lunch")
    assert "Order of the items: only here, or in the series?" in await get(client, f"{HERE}/agenda")
    text = await saved(client, f"{HERE}/agenda/{new.id}/earlier", {"scope": "all"})
    assert "4 other events" in text
    assert '<input checked id="scope-2"' in text, "who moves one item moves the next for the same events"
    assert [len(await fetch("SELECT FROM agenda_item WHERE event = $1", event.id)) for event in events] == [3] * 5


async def test_what_another_event_refuses_is_said_and_nothing_is_lost(
    client: AsyncClient, events: list[EventView]
) -> None:
    await sign_up(await make_registration(events[3].id), (await item(events[3], "Workshop")).id)
    known = await item(events[0], "Workshop")
    path = f"{HERE}/agenda/{known.id}"
    answer = await post(client, path, {**ITEM, "title_en": "Typed", "scope": "all"})
    assert answer.status_code == 422
    assert "3 November 2026: Workshop: 1 person has signed up for it." in answer.text
    assert 'value="Typed"' in answer.text
    refused = await post(client, f"{path}/delete", {"scope": "all"})
    assert refused.status_code == 409
    assert "3 November 2026: Workshop: 1 person has signed up for it." in refused.text
    assert await fetchval("SELECT count(*) FROM agenda_item WHERE title_en = 'Workshop'") == 5


@pytest.mark.parametrize("path", ["delete", "earlier", "later"])
async def test_a_scope_that_no_page_offers_is_refused(client: AsyncClient, events: list[EventView], path: str) -> None:
    known = await item(events[0], "Talk")
    assert (await post(client, f"{HERE}/agenda/{known.id}/{path}", {"scope": "everything"})).status_code == 400
    assert (await post(client, f"{HERE}/agenda/{known.id}", {**ITEM, "scope": "everything"})).status_code == 422
    assert len(await fetch("SELECT FROM agenda_item")) == 10


async def test_a_card_and_materials_go_to_all(client: AsyncClient, events: list[EventView]) -> None:
    path = f"{HERE}/sites/{events[0].sites[0].id}/arrival"
    assert "All events of the series (5 events)" in await get(client, path)
    assert "4 other events" in await saved(client, path, {"phone": "+358 0", "scope": "all"})
    link = {"url": "https://slides.example/1", "audience": "everyone", "scope": "all"}
    assert "All events of the series (5 events)" in await get(client, f"{HERE}/materials")
    assert "4 other events" in await saved(client, f"{HERE}/materials", link)
    known = await fetchval("SELECT id FROM material WHERE event = $1", events[0].id)
    text = await get(client, f"{HERE}/materials/{known}")
    assert text.count("All events of the series (5 events)") == 2
    changed = {"title_en": "Slides", "audience": "registered", "scope": "following"}
    assert "4 other events" in await saved(client, f"{HERE}/materials/{known}", changed)
    assert "4 other events" in await saved(client, f"{HERE}/materials/{known}/delete", {"scope": "all"})
    assert await fetchval("SELECT count(*) FROM material") == 0
    assert await fetchval("SELECT count(*) FROM arrival WHERE phone = '+358 0'") == 5


async def test_a_material_of_an_item_that_is_missing_elsewhere_is_refused_with_the_day(
    client: AsyncClient, events: list[EventView]
) -> None:
    await delete(events[2], "Talk", Scope.THIS)
    talk = await item(events[0], "Talk")
    link = {"url": "https://slides.example/1", "audience": "everyone", "item": str(talk.id), "scope": "all"}
    answer = await post(client, f"{HERE}/materials", link)
    assert answer.status_code == 422
    assert "20 October 2026: " in answer.text
    assert 'value="https://slides.example/1"' in answer.text


async def question_of(event: EventView, code: str = "bus") -> UUID:
    found: UUID = await fetchval("SELECT id FROM question WHERE event = $1 AND code = $2", event.id, code)
    return found


@pytest.fixture
async def asking(client: AsyncClient, events: list[EventView]) -> list[EventView]:
    """The same series, asking about a bus by now."""
    origin = (await fetch("SELECT gen_random_uuid() AS origin"))[0]["origin"]
    for event in events:
        await make_question(event.id, "bus", "one", "early", "late", origin=origin)
    return events


async def test_questions_are_added_changed_ordered_and_removed_for_all(
    client: AsyncClient, asking: list[EventView]
) -> None:
    assert "All events of the series (5 events)" in await get(client, f"{HERE}/questions/new?kind=short")
    new = {"kind": "short", "label_en": "Why", "scope": "all"}
    assert "4 other events" in await saved(client, f"{HERE}/questions/new", new)
    bus = await question_of(asking[0])
    assert "All events of the series (5 events)" in await get(client, f"{HERE}/questions/{bus}")
    assert "4 other events" in await saved(client, f"{HERE}/questions/order", {"down": str(bus), "scope": "all"})
    why = await question_of(asking[0], "why")
    changed = {"kind": "long", "label_en": "Why not", "scope": "following"}
    assert "4 other events" in await saved(client, f"{HERE}/questions/{why}", changed)
    assert "All events of the series (5 events)" in await get(client, f"{HERE}/questions/{why}/remove")
    gone = {"answers": "0", "scope": "all"}
    assert "4 other events" in await saved(client, f"{HERE}/questions/{why}/remove", gone)
    assert await fetchval("SELECT count(*) FROM question") == 5


async def test_a_question_of_the_bank_goes_to_all(client: AsyncClient, asking: list[EventView]) -> None:
    template = await insert("question_template", kind="short", label_en="Diet", label_fi="Ruoka")
    assert 'id="bank-scope-2"' in await get(client, f"{HERE}/questions")
    assert "4 other events" in await saved(client, f"{HERE}/questions/bank", {"add": str(template), "scope": "all"})
    assert await fetchval("SELECT count(*) FROM question WHERE code = 'diet'") == 5


async def test_an_answer_elsewhere_is_said_on_the_page_of_the_question(
    client: AsyncClient, asking: list[EventView]
) -> None:
    registration = await make_registration(asking[1].id)
    theirs = await question_of(asking[1])
    await insert("registration_answer", registration=registration, question=theirs, value='"early"')
    bus = await question_of(asking[0])
    words = "6 October 2026: 1 has answered so already"
    answer = await post(client, f"{HERE}/questions/{bus}/remove", {"answers": "0", "scope": "all"})
    assert (answer.status_code, words in answer.text) == (409, True)
    answer = await post(client, f"{HERE}/questions/{bus}", {"kind": "short", "label_en": "Bus", "scope": "all"})
    assert (answer.status_code, words in answer.text) == (422, True)


async def test_an_event_alone_is_asked_nothing(client: AsyncClient) -> None:
    event = await make_event(slug="kokous")
    await sign_in(client, await make_staff("admin"))
    site = await fetchval("SELECT id FROM site WHERE event = $1", event)
    for page in ("agenda", "agenda/new", "materials", f"sites/{site}/arrival", "questions", "questions/new"):
        assert 'name="scope"' not in await get(client, f"{HERE}/{page}"), page
