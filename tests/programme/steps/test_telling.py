"""What an organiser says beside the mails about a change or a cancellation, and that a slip is mended in silence."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import httpx
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import fetchrow, fetchval
from events.programme.actions import cancel_event, copy_event
from events.programme.steps.telling import present, telling
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in

HERE = "/staff/events/paja"
TIMES = {"day": "2026-10-02", "starts": "9.00", "ends": "15.00", "zone": "Europe/Helsinki", "version": "0"}


@pytest.fixture
async def organiser(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def get(client: AsyncClient, path: str) -> httpx.Response:
    with clock.at(NOW):
        return await client.get(path)


async def post(client: AsyncClient, path: str, data: Mapping[str, Any]) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=dict(data))


async def owed() -> int:
    return int(await fetchval("SELECT count(*) FROM message WHERE reason = 'event_changed'"))


async def test_what_is_said_of_a_new_time_is_kept_for_the_mail(organiser: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_registration(event)
    assert 'name="words"' in (await get(organiser, f"{HERE}/edit/times")).text
    answer = await post(organiser, f"{HERE}/edit/times", {**TIMES, "words": "The hall was\nbooked twice."})
    assert answer.headers["location"].endswith("told=1")
    assert await fetchval("SELECT change_words FROM event") == "The hall was\nbooked twice."
    await post(organiser, f"{HERE}/edit/times", {**TIMES, "starts": "9.30", "version": "1"})
    assert await fetchval("SELECT change_words FROM event") == "", "of this change nothing was said"
    assert await owed() == 2


async def test_a_slip_is_mended_without_a_mail(organiser: AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_registration(event)
    answer = await post(organiser, f"{HERE}/edit/times", {**TIMES, "silent": "y"})
    assert answer.headers["location"].endswith("told=0#times")
    row = await fetchrow("SELECT sequence, start_revision FROM event")
    assert row is not None
    assert tuple(row) == (1, 1), "feeds and reminders follow all the same"
    assert await owed() == 0
    assert await fetchval("SELECT detail->>'silent' FROM audit WHERE action = 'event.edited'") == "true"


async def test_words_that_would_reach_nobody_are_refused_and_kept(organiser: AsyncClient) -> None:
    await make_registration(await make_event(slug="paja"))
    refused = await post(organiser, f"{HERE}/edit/times", {**TIMES, "silent": "y", "words": "Sorry"})
    assert refused.status_code == 422
    assert "What you say would reach nobody." in refused.text
    assert ">Sorry</textarea>" in refused.text.replace("\r\n", "")
    assert (await post(organiser, f"{HERE}/edit/times", {**TIMES, "words": "x" * 2001})).status_code == 422
    assert await fetchval("SELECT version FROM event") == 0


async def test_nobody_is_asked_what_to_say_where_nobody_is_told(organiser: AsyncClient) -> None:
    await make_event(slug="paja")
    assert 'name="words"' not in (await get(organiser, f"{HERE}/edit/times")).text
    assert 'name="words"' not in (await get(organiser, f"{HERE}/cancel")).text
    assert 'name="silent"' not in (await get(organiser, f"{HERE}/edit/texts")).text


async def test_why_an_event_is_cancelled_is_kept_for_the_mail(organiser: AsyncClient) -> None:
    await make_registration(await make_event(slug="paja"))
    assert 'name="words"' in (await get(organiser, f"{HERE}/cancel")).text
    refused = await post(organiser, f"{HERE}/cancel", {"words": "x" * 2001})
    assert refused.status_code == 422
    assert "x" * 2001 in refused.text
    assert await fetchval("SELECT state FROM event") == "published"
    assert (await post(organiser, f"{HERE}/cancel", {"words": "The speaker is ill."})).status_code == 303
    assert await fetchval("SELECT cancel_words FROM event") == "The speaker is ill."


async def test_a_copy_says_nothing_of_what_became_of_its_model(db: asyncpg.Connection) -> None:
    event = await make_event(change_words="Moved")
    with telling("Called off"):
        await cancel_event(event, actor=SYSTEM, now=NOW)
    copy = await copy_event(event, NOW, actor=SYSTEM, now=NOW)
    row = await fetchrow("SELECT change_words, cancel_words FROM event WHERE id = $1", copy.id)
    assert row is not None
    assert tuple(row) == ("", "")


def test_what_is_said_holds_inside_its_block_alone() -> None:
    with telling("One", silent=True):
        assert (present().words, present().silent) == ("One", True)
    assert (present().words, present().silent) == ("", False)
