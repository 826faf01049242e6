"""Surveys of the events of a series: what a copy took along can be carried to its counterparts."""

from collections.abc import Sequence

from events.core import database
from events.programme.counterparts.actions import Part
from events.programme.counterparts.rules import Change
from events.programme.queries import EventView
from events.surveys import rules
from events.surveys.tables import Survey, SurveyQuestion


async def _require_unanswered(event: EventView, changes: Sequence[Change]) -> None:
    """Raise Conflict where a survey was answered already: each event then goes on with its own."""
    if changes:
        answers = await database.fetchval("SELECT coalesce(sum(answered), 0) FROM survey WHERE event = $1", event.id)
        rules.require_unanswered(int(answers))


SURVEYS = Part((Survey, SurveyQuestion), check=_require_unanswered)
