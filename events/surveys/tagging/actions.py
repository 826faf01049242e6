"""Giving free texts tags and taking them away.

Nothing is kept of when or by whom beside a tag; the trail says that somebody sorted the texts of a survey, not which.
"""

from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.surveys.tagging.queries import known_tags
from events.surveys.tagging.rules import as_known


async def add_tag(
    survey: UUID, question: str, text_hash: bytes, tag: str, *, event: UUID, actor: Actor, now: datetime
) -> str:
    """Give a text a tag, in the spelling that the survey has already; returns it. Twice is as once."""
    async with database.transaction():
        await database.execute("SELECT FROM survey WHERE id = $1 FOR UPDATE", survey)
        spelt = as_known(tag, await known_tags(survey))
        added = await database.execute(
            "INSERT INTO survey_tag (id, survey, question, text_hash, tag) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (survey, question, text_hash, tag) DO NOTHING",
            *(uuid4(), survey, question, text_hash, spelt),
        )
        if added:
            await audit.record(actor, "survey.text_tagged", "survey", survey, now, event=event)
    return spelt


async def remove_tag(
    survey: UUID, question: str, text_hash: bytes, tag: str, *, event: UUID, actor: Actor, now: datetime
) -> None:
    """Take a tag from a text; one that is not there is no error."""
    async with database.transaction():
        removed = await database.execute(
            "DELETE FROM survey_tag WHERE survey = $1 AND question = $2 AND text_hash = $3 AND tag = $4",
            *(survey, question, text_hash, tag),
        )
        if removed:
            await audit.record(actor, "survey.text_untagged", "survey", survey, now, event=event)
