"""The questions on a page: what its template takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.accounts.guards import actor_of
from events.core import clock
from events.core.forms import BaseForm, FormData
from events.core.web import AnyRequest
from events.programme.queries import EventView
from events.registration.places import place_names
from events.registration.queries import RegistrationView
from events.registration.questions import health, queries, rules
from events.registration.questions.asked import Asked, Value, in_words
from events.registration.questions.forms import asking, conditions, in_its_language, present
from events.registration.rules import holds_place


async def questions_shown(event: EventView, questions: Sequence[Asked], *, later: bool = False) -> dict[str, Any]:
    """Return what `registration/_questions.html` needs beside the form.

    `later`: who registers now may get no place, and then chooses later what has a limit.
    """
    return {
        "questions": questions,
        "conditions": conditions(questions, await place_names(event)),
        "kept_until": rules.kept_until(event.ends_at, event.zone),
        "choosing_later": later,
    }


async def own_questions(
    event: EventView, registration: RegistrationView, answers_form: BaseForm | None = None
) -> dict[str, Any]:
    """Return the questions on the page of one's own registration, with what was answered and what is missing."""
    questions = await queries.of_event(event.id)
    both = await queries.of_registration(registration.id)
    given, placed = both.all, holds_place(registration.state)
    return {
        **await questions_shown(event, questions, later=not placed),
        "answers_form": answers_form or own_form(questions, given),
        "answered": _in_words(questions, given),
        "of_health": _of_health(questions, both.health),
        "missing": placed and bool(rules.lacking(questions, given, registration.site)),
    }


async def staff_answers(
    request: AnyRequest, event: EventView, registration: RegistrationView, *, sees_health: bool
) -> dict[str, Any]:
    """Return what someone answered, for a member of staff; of health when it is asked for (`?health=1`), and noted.

    `questions` are those that staff answer for someone, in `staff_form`.
    """
    questions = await queries.of_event(event.id)
    given = await queries.of_registration(registration.id)
    answerable = rules.for_another(questions)
    opened = sees_health and bool(given.health) and request.query_params.get("health") == "1"
    if opened:
        await health.note_seen(event.id, registration.id, actor=actor_of(request), now=clock.now())
    return {
        **await questions_shown(event, answerable, later=not holds_place(registration.state)),
        "left_to_person": len(answerable) < len(questions),
        "answered": _in_words(questions, given.answers),
        "health_answered": _of_health(questions, given.health) if opened else [],
        "health_closed": sees_health and bool(given.health) and not opened,
    }


async def staff_form(registration: RegistrationView, sent: FormData | None = None) -> BaseForm:
    """Return the form in which staff change what someone answered, without what is personal."""
    questions = rules.for_another(await queries.of_event(registration.event))
    return own_form(questions, (await queries.of_registration(registration.id)).answers, sent)


def _in_words(questions: Sequence[Asked], answers: Mapping[str, Value]) -> list[tuple[str, str]]:
    return [
        (in_its_language(each.label), in_words(each, answers[each.code])) for each in questions if each.code in answers
    ]


def _of_health(questions: Sequence[Asked], answers: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """Return code, question and answer of what was said of health."""
    return [(each.code, *_in_words([each], answers)[0]) for each in questions if each.code in answers]


def own_form(questions: Sequence[Asked], given: Any, sent: FormData | None = None) -> BaseForm:
    """Return the form of one's answers, filled in with those there are or with what was sent."""
    return asking(BaseForm, questions, holding=given)(sent, data=present(questions, given))
