"""The settings page: when a survey goes out, to whom, and what it says before it does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database
from tests.factories import make_person, make_staff, sign_in
from tests.surveys.asking import END, attended, held_event

HERE = "/staff/events/paja/survey"
SENT = {
    "sends": "y",
    "months": "3",
    "days": "0",
    "local_time": "9:00",
    "audience": "all",
    "remind_after": "7",
    "open_for": "21",
    "version": "0",
}
LATE = END + timedelta(days=120)


@pytest.fixture
async def event(client: AsyncClient) -> Any:
    event = await held_event(slug="paja")
    await sign_in(client, await make_staff("coordinator"))
    for each in range(3):
        await attended(event, person=await make_person(f"Osallistuja{each}"))
    return event


async def test_the_page_says_whom_and_when_and_keeps_what_is_chosen(client: AsyncClient, event: UUID) -> None:
    with clock.at(END - timedelta(days=2)):
        shown = (await client.get(f"{HERE}/impact_3/settings?lang=en")).text
        assert "It is not sent by itself." in shown
        saved = await client.post(f"{HERE}/impact_3/sending", data=SENT)
        assert saved.headers["location"] == f"{HERE}/impact_3/settings?saved=1#sending"
        shown = (await client.get(f"{HERE}/impact_3/settings?lang=en")).text
    for words in (
        "Goes out on",
        "22 December 2026",
        "Everybody who had a place",
        "3 persons as it stands now",
        "Reminder",
    ):
        assert words in shown


async def test_one_whose_time_has_passed_has_a_button(client: AsyncClient, event: UUID) -> None:
    with clock.at(LATE):
        await sign_in(client, await make_staff("coordinator"))
        await client.post(f"{HERE}/impact_3/sending", data=SENT)
        shown = (await client.get(f"{HERE}/impact_3/settings?lang=en")).text
        assert "Its time has passed" in shown
        assert "3 persons would be asked." in shown
        assert (await client.post(f"{HERE}/impact_3/sending", data={"late": "1", "version": "1"})).status_code == 303
        assert (await client.post(f"{HERE}/impact_3/sending", data={"late": "1", "version": "2"})).status_code == 409
    assert await database.fetchval("SELECT released_at FROM survey WHERE kind = 'impact_3'") == LATE


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": "13"},
        {"days": "-1"},
        {"local_time": "25:00"},
        {"audience": "nobody"},
        {"audience": ""},
        {"remind_after": "21"},
        {"open_for": "0"},
        {"months": "9" * 30},
        {"days": "viisi"},
    ],
)
async def test_what_does_not_hold_is_refused_and_kept(client: AsyncClient, event: UUID, wrong: dict[str, str]) -> None:
    refused = await client.post(f"{HERE}/impact_6/sending", data={**SENT, **wrong})
    assert refused.status_code == 422
    assert await database.fetchval("SELECT count(*) FROM survey") == 0


async def test_who_comes_second_is_told(client: AsyncClient, event: UUID, db: asyncpg.Connection) -> None:
    assert (await client.post(f"{HERE}/feedback/sending", data=SENT)).status_code == 303
    refused = await client.post(f"{HERE}/feedback/sending", data={**SENT, "open_for": "17"})
    assert refused.status_code == 409
    assert 'value="17"' in refused.text


async def test_feedback_is_switched_on_with_the_event(client: AsyncClient, event: UUID) -> None:
    shown = (await client.get(f"{HERE}/feedback/settings?lang=en")).text
    assert 'name="sends"' not in shown
    await database.execute("UPDATE event SET survey_enabled = false")
    assert "Feedback is switched on among the details" in (await client.get(f"{HERE}/feedback/settings?lang=en")).text


async def test_others_do_not_find_it(client: AsyncClient, event: UUID) -> None:
    await sign_in(client, await make_staff("coordinator", kind="region", resource="02"))
    assert (await client.post(f"{HERE}/feedback/sending", data=SENT)).status_code == 404
    assert (await client.post("/staff/events/muu/survey/feedback/sending", data=SENT)).status_code == 404
