"""Surveys as people build them, for tests."""

from typing import Any
from uuid import UUID

from events.core.actor import SYSTEM
from events.surveys.asked import Choice, Question
from events.surveys.building import actions, settling
from events.surveys.queries import questions_of, survey_of
from events.surveys.tables import QuestionKind
from tests.factories import NOW


def texts(text: str) -> dict[str, str]:
    return {"fi": f"{text} fi", "sv": f"{text} sv", "en": f"{text} en"}


def question(kind: str, label: str = "Question", *options: str, rows: tuple[str, ...] = (), **more: Any) -> Question:
    """A question as a form would hand it on: without codes."""
    return Question(
        kind=QuestionKind(kind),
        labels=texts(label),
        options=[Choice("", texts(option)) for option in options],
        rows=[Choice("", texts(row)) for row in rows],
        **more,
    )


async def own_survey(event: UUID, *questions: Question) -> str:
    """Make a survey of an event's own that asks these; returns what addresses call it."""
    which = str(await settling.add_own(event, texts("Kysely"), actor=SYSTEM, now=NOW))
    for each in questions:
        await add(event, which, each)
    return which


async def add(event: UUID, which: str, new: Question, version: int | None = None) -> str:
    return await actions.add_question(event, which, new, version=version, actor=SYSTEM, now=NOW)


async def change(event: UUID, which: str, code: str, new: Question, version: int | None = None) -> None:
    await actions.change_question(event, which, code, new, version=version, actor=SYSTEM, now=NOW)


async def asked_in(event: UUID, which: str) -> list[Question]:
    survey = await survey_of(event, which)
    assert survey is not None
    return await questions_of(survey.id, survey.kind)


async def codes(event: UUID, which: str = "feedback") -> list[str]:
    return [each.code for each in await asked_in(event, which)]
