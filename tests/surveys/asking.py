"""Events that were held and surveys that were sent, for the tests of surveys."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from events.core import database, secrets
from events.surveys.sending.actions import invite_due
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


async def tokens(event: UUID) -> list[str]:
    """Return the tokens of an event's survey, as the letters derive them."""
    rows = await database.fetch(
        "SELECT asked.id FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey"
        " WHERE survey.event = $1",
        event,
    )
    return [secrets.derive("survey", row["id"]) for row in rows]
