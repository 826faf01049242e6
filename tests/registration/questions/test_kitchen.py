import asyncpg
import httpx
import pytest

from events.core import database
from events.core.actor import SYSTEM
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.actions import cancel
from events.registration.questions.kitchen import Kitchen, kitchen_of, mark_ordered
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.questions.making import make_question
from tests.registration.questions.test_answering import person, sign_up

HERE = "/staff/events/paja/kitchen"


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def seen(slug: str) -> Kitchen:
    event = await programme.by_slug(slug)
    assert event
    return await kitchen_of(event)


async def order(event: EventView) -> None:
    assert await mark_ordered(event, (await kitchen_of(event)).stand, actor=SYSTEM, now=NOW)


async def test_heads_and_diets_are_counted_and_what_changed_since_the_order(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", capacity=3, online=True)
    await make_question(event, "diet", "many", "vegan", "gluten", health=True, kitchen=True)
    await make_question(event, "else", health=True, kitchen=True)
    await make_question(event, "why")
    first = await sign_up(event, 1, "diet", "else", diet=["vegan", "gluten"], **{"else": "Nuts"}, why="Secret")
    await sign_up(event, 2, "diet", diet=["vegan"])
    view = await programme.by_id(event)
    assert view
    (table,) = (await kitchen_of(view)).tables
    assert [(line.words, line.count, line.ordered) for line in (table.heads, *table.questions[0].lines)] == [
        ("Henkilöt", 2, None),
        ("vegan fi", 2, None),
        ("gluten fi", 1, None),
    ]
    assert [(line.words, line.count) for line in table.questions[1].lines] == [("Nuts", 1)]
    await order(view)
    await cancel(first.id, actor=person(first), now=NOW)
    await sign_up(event, 3)
    await sign_up(event, 4)
    await sign_up(event, 5, "diet", diet=["vegan"])
    view = await programme.by_id(event)
    assert view
    after = await kitchen_of(view)
    lines = [after.tables[0].heads, *after.tables[0].questions[0].lines]
    assert [line.change for line in lines] == ["+1", "−1", "−1"]
    page = (await organiser.get(HERE)).text
    for words in ("The numbers have changed since the order", "Tampere-talo", "vegan en", "−1"):
        assert words in page
    assert "Secret" not in page
    assert "Esimerkki" not in page


async def test_the_numbers_are_marked_as_ordered_and_set_as_a_pdf(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "diet", "one", "vegan", "gluten", health=True, kitchen=True)
    await sign_up(event, 1, "diet", diet="vegan")
    stand = (await seen("paja")).stand
    assert (await organiser.post(f"{HERE}/ordered", data={"stand": stand})).status_code == 303
    assert "Nothing has changed since the order" in (await organiser.get(HERE)).text
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'kitchen.ordered'") == 1
    made = await organiser.get(f"{HERE}.pdf")
    assert made.headers["content-type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    assert b"Esimerkki" not in made.content


async def test_what_is_written_in_free_words_after_the_order_stands_out(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "else", health=True, kitchen=True)
    first = await sign_up(event, 1, "else", **{"else": "Nuts"})
    await sign_up(event, 2, "else", **{"else": "No fish"})
    view = await programme.by_slug("paja")
    assert view
    await order(view)
    assert not (await seen("paja")).changed
    await cancel(first.id, actor=person(first), now=NOW)
    await sign_up(event, 3, "else", **{"else": "Celery, anaphylaxis"})
    kitchen = await seen("paja")
    assert kitchen.changed, "as many people as before, but one of them must not eat what was ordered"
    assert [(line.words, line.count, line.change, line.new) for line in kitchen.tables[0].questions[0].lines] == [
        ("Celery, anaphylaxis", 1, "+1", True),
        ("No fish", 1, "", False),
        ("Tilauksen vastaukset, joita ei enää ole", 0, "−1", False),
    ]
    page = (await organiser.get(HERE)).text
    assert "The numbers have changed since the order" in page
    assert "New: Celery, anaphylaxis" in page


async def test_an_order_keeps_no_words_that_someone_may_take_back(db: asyncpg.Connection) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "else", health=True, kitchen=True)
    await sign_up(event, 1, "else", **{"else": "Nuts"})
    view = await programme.by_slug("paja")
    assert view
    await order(view)
    assert "Nuts" not in await database.fetchval("SELECT counts::text FROM kitchen_order")


async def test_numbers_that_changed_meanwhile_are_not_marked_unseen(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "else", health=True, kitchen=True)
    await sign_up(event, 1)
    stand = (await seen("paja")).stand
    await sign_up(event, 2, "else", **{"else": "Nuts"})
    answer = await organiser.post(f"{HERE}/ordered", data={"stand": stand})
    assert "Nothing was marked" in (await organiser.get(answer.headers["location"])).text
    assert (await seen("paja")).ordered_at is None
    for broken in ({}, {"stand": "x" * 9000}):
        await organiser.post(f"{HERE}/ordered", data=broken)
    assert (await seen("paja")).ordered_at is None


async def test_an_event_online_needs_no_kitchen(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", online=True)
    await database.execute("DELETE FROM site WHERE event = $1 AND mode = 'venue'", event)
    assert "no venue" in (await organiser.get(HERE)).text


@pytest.mark.parametrize("role", ["coordinator", "viewer", "door"])
async def test_who_need_not_know_sees_no_kitchen(client: httpx.AsyncClient, role: str) -> None:
    await make_event(slug="paja")
    await sign_in(client, await make_staff(role))
    assert (await client.get(HERE)).status_code == 404
    assert (await client.get(f"{HERE}.pdf")).status_code == 404
