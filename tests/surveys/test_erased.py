"""Who was erased says nothing by name any more, and what they said before is gone."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import SYSTEM
from events.registration.own.data import erase
from events.surveys import actions
from events.surveys.building import settling
from events.surveys.sending.actions import invite_due
from tests.surveys.asking import ANSWER, FORM, MORNING, attended, held_event, tokens


async def asked_by_name() -> tuple[UUID, str]:
    """Ask somebody a survey that keeps names; returns the registration and the token of its link."""
    event = await held_event()
    await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=MORNING)
    registration = await attended(event)
    await invite_due(MORNING)
    (token,) = await tokens(event)
    return registration, token


async def answers() -> int:
    number: int = await database.fetchval("SELECT count(*) FROM named_answer")
    return number


async def test_the_link_of_somebody_erased_opens_nothing(client: AsyncClient) -> None:
    registration, token = await asked_by_name()
    await erase(registration, actor=SYSTEM, now=MORNING)
    with clock.at(MORNING):
        assert (await client.get(f"/s/{token}")).status_code == 404
        assert (await client.post(f"/s/{token}", data=FORM)).status_code == 404
    assert await answers() == 0


async def test_an_answer_that_comes_while_its_person_is_erased_does_not_stay(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration, token = await asked_by_name()
    kept, keep = asyncio.Event(), actions._keep_by_name

    async def keep_and_wait(*given: Any) -> None:
        await keep(*given)
        kept.set()
        await asyncio.sleep(0.5)  # the erasure goes on as far as it can

    async def erase_then() -> None:
        await kept.wait()
        await erase(registration, actor=SYSTEM, now=MORNING)

    monkeypatch.setattr(actions, "_keep_by_name", keep_and_wait)
    await asyncio.gather(actions.submit(token, ANSWER, MORNING), erase_then())
    assert await answers() == 0
