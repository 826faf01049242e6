"""The steps of the funnel open to the events that they are the sum of."""

import re

import asyncpg
import pytest
from httpx import AsyncClient

from events.checkin.actions.closing import reconcile
from events.core import database
from events.core.actor import SYSTEM
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.steps import PEOPLE, step
from events.reports.filters import Filters, Reach
from tests.factories import insert, make_staff, sign_in
from tests.reports.dashboard.test_turnout import NOW, held
from tests.reports.test_pages import get


async def made() -> None:
    """Six registered, two of them did not come; three invited, one of them not any more; two answers."""
    event = await held([True, True, False, True, False, True], ["participant"] * 6)
    for number, state in enumerate(["sent", "yes", "withdrawn"]):
        await insert(
            "invitation", event=event, email=f"v{number}@paja.example", state=state, token_hash=bytes([number])
        )
    await insert("survey", event=event, answered=2)
    await insert("survey", event=event, kind="own", answered=1)
    await reconcile(event, actor=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    "wanted", [Filters(), Filters(region="06"), Filters(kind="meeting"), Filters(theme="low-carbon")]
)
async def test_the_events_of_a_step_add_up_to_it(db: asyncpg.Connection, wanted: Filters) -> None:
    await made()
    funnel = (await dashboard(wanted, now=NOW)).funnel
    for name in PEOPLE:
        lines = await step(wanted, Reach(), name)
        assert (None if lines is None else sum(line.number for line in lines)) == getattr(funnel, name), name


async def test_a_step_opens_to_its_people_and_answers_to_results_alone(client: AsyncClient) -> None:
    await made()
    await sign_in(client, await make_staff("coordinator"))
    slug = await database.fetchval("SELECT slug FROM event")
    places = {"invited": "invitations", "registered": "attendance", "no_shows": "attendance", "answered": "survey"}
    for name, place in places.items():
        opened = await get(client, "/staff/reports/steps", step=name, series="")
        link = re.search(rf'href="(/staff/events/{slug}/{place}[^"]*)"', opened.text)
        assert link, name
        assert (await client.get(link[1])).status_code == 200
        assert ("open to no persons" in opened.text) == (name == "answered")
    assert "Registered: 6<" in (await get(client, "/staff/reports/steps", step="registered")).text
    assert (await get(client, "/staff/reports/steps", step="other")).status_code == 404


async def test_a_list_of_another_count_is_not_called_by_the_number(client: AsyncClient) -> None:
    """The attendance page lists all who did not come, also where the number is of some."""
    await made()
    await database.execute("UPDATE turnout SET number = 1 WHERE step = 'absent'")
    number = await database.fetchval("SELECT sum(number) FROM turnout WHERE step = 'absent'")
    await sign_in(client, await make_staff("coordinator"))
    for query in ({}, {"mode": "venue"}):
        opened = (await get(client, "/staff/reports/steps", step="no_shows", **query)).text
        assert f"Did not come: {number}<" in opened
        (link,) = re.findall(r'<a href="/staff/events/[^"]*show=no_show">(.*?)</a>', opened)
        assert link.startswith("All who did not come")
        assert "Each list is of its whole event" in opened
