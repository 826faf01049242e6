"""Events that were held and surveys that were sent, for the tests of surveys."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from events.core import database, secrets
from events.surveys.rules import HAS_ANSWERED
from events.surveys.sending.actions import invite_due
from events.surveys.waiting import opened
from tests.factories import make_event, make_person, make_registration

END = datetime(2026, 9, 22, 12, 0, tzinfo=UTC)
"""15:00 in Helsinki."""

MORNING = datetime(2026, 9, 23, 6, 0, tzinfo=UTC)
"""9:00 in Helsinki of the next day."""

ANSWER = {"usefulness": "4", "recommend": "9", "contacts": "1-2", "next": "joint_project", "comments": "Kiitos!"}

FORM = {f"answers.{code}": value for code, value in ANSWER.items()}
"""The same as a browser sends it."""


async def held_event(**columns: Any) -> UUID:
    """Insert a workshop that ended at `END` and sends a survey."""
    return await make_event(
        **{"starts_at": END - timedelta(hours=6), "ends_at": END, "survey_enabled": True, **columns}
    )


async def attended(event: UUID, state: str = "attended", **columns: Any) -> UUID:
    """Register a person and say whether they attended."""
    registration = await make_registration(event, **{"language": "en", **columns})
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, $2, 'desk', 'staff')",
        *(registration, state),
    )
    return registration


async def asked(number: int, **columns: Any) -> tuple[UUID, list[str]]:
    """Hold an event and ask `number` persons by mails that left; returns the event and the tokens of their links."""
    event = await held_event(**columns)
    for each in range(number):
        await attended(event, person=await make_person(f"Osallistuja{each}"))
    await invite_due(MORNING)
    await database.execute("UPDATE message SET state = 'sent' WHERE reason = 'survey'")
    return event, await tokens(event)


async def marked() -> int:
    """Return how many of those who were asked have a mark that they have answered."""
    number: int = await database.fetchval(
        f"SELECT count(*) FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey WHERE {HAS_ANSWERED}"
    )
    return number


async def waiting() -> list[dict[str, Any]]:
    """Return the answers to surveys that results do not count yet, as who holds the key reads them."""
    rows = await database.fetch("SELECT id, waiting FROM survey")
    return [answer for row in rows for answer in opened(row["id"], row["waiting"])]


async def kept() -> list[dict[str, Any]]:
    """Return the answers in the pools of surveys, and those that wait."""
    pools = [json.loads(row["pool"]) for row in await database.fetch("SELECT pool FROM survey")]
    return [*(answer for pool in pools for answer in pool), *await waiting()]


async def tokens(event: UUID) -> list[str]:
    """Return the tokens of an event's survey, as the letters derive them."""
    rows = await database.fetch(
        "SELECT asked.id FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey"
        " WHERE survey.event = $1",
        event,
    )
    return [secrets.derive("survey", row["id"]) for row in rows]
