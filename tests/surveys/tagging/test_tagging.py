"""Free texts get tags, are found by them, and no tag leads from a text to who wrote it."""

import json
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.core import database
from events.surveys.actions import seal
from events.surveys.tagging.rules import key_of
from tests.factories import make_staff, sign_in
from tests.surveys.asking import MORNING, held_event
from tests.surveys.results.test_files import sheet
from tests.surveys.test_nothing_joins import dump

PAGE = "/staff/events/paja/survey"
TEXTS = ("Cold soup", "Good talks", "Good talks", "More breaks", "No wifi", "Too short")


@pytest.fixture
async def event(client: AsyncClient) -> UUID:
    await sign_in(client, await make_staff("coordinator"))
    event = await held_event(slug="paja")
    pool = json.dumps([{"comments": text} for text in TEXTS])
    await database.execute(
        "INSERT INTO survey (id, event, pool, answered, closes_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)",
        *(event, pool, len(TEXTS), MORNING),
    )
    return event


async def tag(client: AsyncClient, text: str, **sent: str) -> int:
    data = {"question": "comments", "text": key_of(text).hex(), **sent}
    return (await client.post(f"{PAGE}/tags?of=feedback", data=data)).status_code


async def test_a_text_gets_a_tag_is_found_by_it_and_loses_it(client: AsyncClient, event: UUID) -> None:
    assert await tag(client, "Good talks", tag="Programme") == 303
    assert await tag(client, "Too short", tag=" programme ") == 303
    assert await tag(client, "Cold soup", tag="Catering") == 303
    page = (await client.get(f"{PAGE}?lang=en&tag=Programme")).text
    assert "Too short" in page
    assert "Cold soup" not in page
    assert "Programme</a> 3" in page, "equal texts count each, and the second spelling is the first"
    assert "(2 times)" in page
    assert await tag(client, "Cold soup", remove="Catering") == 303
    assert await database.fetchval("SELECT array_agg(DISTINCT tag) FROM survey_tag") == ["Programme"]
    trail = await database.fetch("SELECT action, subject_kind FROM audit WHERE action LIKE 'survey.text%' ORDER BY at")
    assert len(trail) == 4


async def test_tags_stand_in_the_workbook(client: AsyncClient, event: UUID) -> None:
    await tag(client, "Good talks", tag="Programme")
    await tag(client, "Good talks", tag="Speakers")
    file = (await client.get(f"{PAGE}/results.xlsx?lang=en")).content
    assert [row[1:] for row in sheet(file, "Free texts")].count(["Good talks", "Programme, Speakers"]) == 2
    assert [row[1:] for row in sheet(file, "Tags")] == [["Tag", "Texts"], ["Programme", 2], ["Speakers", 2]]


@pytest.mark.parametrize("sent", ["", "x" * 41])
async def test_a_tag_that_does_not_hold_is_said_beside_the_texts(client: AsyncClient, event: UUID, sent: str) -> None:
    data = {"question": "comments", "text": key_of("Cold soup").hex(), "tag": sent}
    answer = await client.post(f"{PAGE}/tags?of=feedback", data=data)
    assert answer.status_code == 422
    assert f'href="#tag-comments-{key_of("Cold soup").hex()}"' in answer.text
    assert await database.fetchval("SELECT count(*) FROM survey_tag") == 0


async def test_only_texts_that_one_may_read_get_tags(client: AsyncClient, event: UUID) -> None:
    assert await tag(client, "Nobody wrote this", tag="x") == 404
    assert (
        await client.post(f"{PAGE}/tags", data={"question": "comments", "text": "zz", "tag": "x"})
    ).status_code == 404
    await sign_in(client, await make_staff("viewer"))
    assert await tag(client, "Cold soup", tag="x") in {403, 404}
    assert "Add the tag" not in (await client.get(f"{PAGE}?lang=en")).text
    await sign_in(client, await make_staff("coordinator", kind="region", resource="02"))
    assert await tag(client, "Cold soup", tag="x") == 404


async def test_a_tag_outlasts_the_moving_of_answers_and_touches_none(client: AsyncClient, event: UUID) -> None:
    """It stands in a row of its own, without a time; neither answers nor marks are written by it."""
    before = await dump()
    await tag(client, "Cold soup", tag="Catering")
    changed = {row.table for row in await dump() ^ before} - {"session"}
    assert changed == {"survey_tag", "audit"}
    await seal(MORNING.replace(year=2027))
    assert await database.fetchval("SELECT count(*) FROM answer") == len(TEXTS)
    assert "Catering</a> 1" in (await client.get(f"{PAGE}?lang=en")).text
