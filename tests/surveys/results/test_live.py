"""The page of results hears of answers as they come."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.core import clock, database, live
from events.core.actor import SYSTEM
from events.core.live import Live
from events.programme import queries as programme
from events.surveys.actions import submit
from events.surveys.queries import surveys_of
from events.surveys.results import pages
from events.surveys.results.showing import Asked
from tests.factories import make_staff, sign_in
from tests.surveys.asking import ANSWER, MORNING, asked


async def _asked_for(event: UUID) -> Asked:
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    found = await programme.by_slug(slug)
    assert found is not None
    surveys = await surveys_of(event)
    return Asked(event=found, surveys=surveys, survey=surveys[0], by=None, tag="")


async def test_an_answer_changes_the_page_in_its_language_and_says_no_more_than_may_be_shown(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL", 0.02)
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    monkeypatch.setattr(pages, "_counts", Live(pages.counts))
    event, links = await asked(7)
    wanted = await _asked_for(event)
    assert wanted.survey.id is not None
    stream: Any = pages._told(wanted, wanted.survey.id, SYSTEM, "fi")
    async with asyncio.timeout(20):
        assert "0 vastausta" in str((await anext(stream)).data)
        for link in links[:6]:
            await submit(link, ANSWER, MORNING)
        while "6 vastausta –" not in (told := str((await anext(stream)).data)):
            pass
    await stream.aclose()
    assert "1 vastaus on laskettu mukaan" in told
    assert "<p>5 vastausta · " in told
    assert "<p>6 vastausta · " not in told


async def test_the_page_is_live_while_answers_may_come_and_for_who_may_see_it(client: AsyncClient) -> None:
    event, _links = await asked(1)
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    address = f"/staff/events/{slug}/survey"
    assert (await client.get(f"{address}/live")).status_code == 401
    await sign_in(client, await make_staff("viewer"))
    with clock.at(MORNING):
        page = (await client.get(f"{address}?by=site")).text
        assert f'data-board="{address}/live?of=feedback&amp;by=site"' in page
        assert "data-board-pause" in page
    with clock.at(MORNING.replace(month=12)):
        assert "data-board=" not in (await client.get(address)).text
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    assert (await client.get(f"{address}/live")).status_code == 404
