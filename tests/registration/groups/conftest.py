"""A theme group as the tests of its meetings and members begin with it."""

from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest

from events.core import database
from tests.factories import insert, make_person

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
async def group(client: httpx.AsyncClient) -> UUID:
    """A group of eight; one left, one has no address, nobody was ever at an event."""
    theme = await database.fetchval("SELECT code FROM theme ORDER BY code LIMIT 1")
    group = await insert("theme_group", theme=theme, region="06", name_fi="Ryhmä", join_url="https://meet.example/g")
    for number in range(8):
        person = await make_person(f"Jäsen{number}", email=f"m{number}@yritys.example")
        await insert("group_member", theme_group=group, person=person, starts_on=date(2020, 1, 1))
    await insert("group_member", theme_group=group, person=await make_person("Mykkä", email=None), starts_on=NOW.date())
    left = {"starts_on": date(2020, 1, 1), "ends_on": date(2021, 1, 1)}
    await insert("group_member", theme_group=group, person=await make_person("Entinen"), **left)
    return group
