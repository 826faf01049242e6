"""A question of a survey for who builds it: its form, and taking it away."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import BaseForm, FormData, chosen, move_option, read_form
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, told_of
from events.surveys import queries, rules
from events.surveys.asked import Question
from events.surveys.building import actions, renewing
from events.surveys.building.alike import Asking, carried
from events.surveys.building.forms import QuestionForm, TakenForm, empty, question_form, shown_if_choices, stored
from events.surveys.building.reach import ONE, path_of, present, survey_for, version_in
from events.surveys.building.series import asking_page, meant, offer
from events.surveys.queries import SurveyView

QUESTIONS = f"{ONE}/questions"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(f"{QUESTIONS}/new", guards=GUARDS, include_in_schema=False)
async def new_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template:
    """An empty question of the kind that was chosen."""
    event, survey = await survey_for(request, slug, which)
    data = {**empty(request.query_params.get("kind", "")), "version": survey.version}
    return await _page(request, event, survey, question_form(await _questions(survey), data))


@post(f"{QUESTIONS}/new", guards=GUARDS, include_in_schema=False)
async def add(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Ask a new question."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    moved = move_option(sent)
    form = question_form(await _questions(survey), {}, sent)
    if moved or "more" in sent or not form.validate():
        return await _page(request, event, survey, form, status=again(form, sent, moved), moved=moved)
    actor, now = actor_of(request), clock.now()
    try:
        async with carried(event, which, **meant(request, sent), questions=True) as alike:
            code = await actions.add_question(
                *(event.id, which, form.new()), version=version_in(sent), actor=actor, now=now
            )
    except Asking as asking:
        return await asking_page(request, event, sent, asking)
    except (Invalid, Conflict) as error:
        return await _refused(request, event, survey, form, error)
    return back(event, survey, code, told_of(alike))


@get(f"{QUESTIONS}/{{code:str}}", guards=GUARDS, include_in_schema=False)
async def edit_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]) -> Template:
    """A question as it is."""
    event, survey = await survey_for(request, slug, which)
    question, earlier = await _find(survey, code)
    return await _page(request, event, survey, _form(survey, question, earlier), question=question)


@post(f"{QUESTIONS}/{{code:str}}", guards=GUARDS, include_in_schema=False)
async def change(
    request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]
) -> Template | Redirect:
    """Ask it otherwise."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    question, earlier = await _find(survey, code)
    moved = move_option(sent)
    form = _form(survey, question, earlier, sent)
    if moved or "more" in sent or not form.validate():
        return await _page(
            request, event, survey, form, question=question, status=again(form, sent, moved), moved=moved
        )
    new, actor, now = _new(form, question), actor_of(request), clock.now()
    try:
        if isinstance(form, TakenForm) and form.own_words.data:
            worded = _to_word(form, survey, question, earlier)
            return await _page(request, event, survey, worded, question=question)
        async with carried(event, which, **meant(request, sent), questions=True) as alike:
            await actions.change_question(*(event.id, which, code, new), version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        return await asking_page(request, event, sent, asking)
    except (Invalid, Conflict) as error:
        return await _refused(request, event, survey, form, error, question=question)
    return back(event, survey, code, told_of(alike))


@get(f"{QUESTIONS}/{{code:str}}/remove", guards=GUARDS, include_in_schema=False)
async def remove_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]) -> Template:
    """Ask whether one means it."""
    event, survey = await survey_for(request, slug, which)
    return await _removal(request, event, survey, code)


@post(f"{QUESTIONS}/{{code:str}}/remove", guards=GUARDS, include_in_schema=False)
async def remove(
    request: AnyRequest, slug: FromPath[str], which: FromPath[str], code: FromPath[str]
) -> Template | Redirect:
    """Remove a question that nobody can have answered."""
    event, survey = await survey_for(request, slug, which)
    sent, actor, now = await read_form(request), actor_of(request), clock.now()
    try:
        async with carried(event, which, **meant(request, sent), questions=True) as alike:
            await actions.remove_question(*(event.id, which, code), version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        away = f"{path_of(event, survey)}/questions/{code}/remove"
        return await asking_page(request, event, sent, asking, back=away)
    except Conflict as conflict:
        return await _removal(request, event, await present(event.id, which), code, refusal=conflict.message)
    return back(event, survey, told=told_of(alike))


async def _removal(
    request: AnyRequest, event: EventView, survey: SurveyView, code: str, *, refusal: str = ""
) -> Template:
    question, _earlier = await _find(survey, code)
    form = ScopeForm()
    return page(
        request,
        "surveys/question_remove.html",
        status=409 if refusal else 200,
        form=form,
        together=await offer(request, event, survey, form),
        event=event,
        survey=survey,
        question=question,
        refusal=refusal,
    )


def _form(
    survey: SurveyView, question: Question, earlier: Sequence[Question], sent: FormData | None = None
) -> QuestionForm | TakenForm:
    data = {**stored(question), "version": survey.version}
    if not question.bank or (sent and "own_words" in sent and "kind" in sent):
        return question_form(earlier, data, sent)
    form = TakenForm(sent, data=data)
    form.shown_if.choices = shown_if_choices(earlier)
    return form


def _to_word(form: TakenForm, survey: SurveyView, question: Question, earlier: Sequence[Question]) -> QuestionForm:
    """Return the form in which a question of the bank is worded anew. Raises Conflict once there are answers.

    It leaves the bank together with its new words: left alone before, it would be another one than in the other events
    of a series, and the words would go to none of them.
    """
    rules.require_unanswered(survey.answered)
    kept = {"required": form.required.data, "shown_if": chosen(form.shown_if), "scope": form.scope.data}
    return question_form(earlier, {**stored(question), **kept, "version": survey.version})


def _new(form: QuestionForm | TakenForm, question: Question) -> Question:
    if isinstance(form, QuestionForm):
        return form.new()
    return msgspec.structs.replace(question, required=form.required.data, shown_if=chosen(form.shown_if))


async def _refused(
    request: AnyRequest,
    event: EventView,
    survey: SurveyView,
    form: QuestionForm | TakenForm,
    error: Invalid | Conflict,
    *,
    question: Question | None = None,
) -> Template:
    """Show the form again with all that was typed, at the survey's present version: pressing again means it."""
    survey = await present(event.id, survey.which)
    form.version.data = survey.version
    if isinstance(error, Conflict):
        form.form_errors.append(error.message)
    elif isinstance(form, QuestionForm):
        form.show(error.errors)
    else:
        form.form_errors.extend(message for messages in error.errors.values() for message in messages)
    return await _page(request, event, survey, form, question=question, status=error.status)


async def _page(
    request: AnyRequest,
    event: EventView,
    survey: SurveyView,
    form: ScopeForm,
    *,
    question: Question | None = None,
    status: int = 200,
    moved: tuple[str, str] | None = None,
) -> Template:
    taken = isinstance(form, TakenForm)
    context: dict[str, Any] = {
        "event": event,
        "survey": survey,
        "form": form,
        "question": question,
        "taken": taken,
        "moved": moved,
        "newer": bool(question and await renewing.newest([question])),
        "together": await offer(request, event, survey, form),
    }
    return page(request, "surveys/question_edit.html", status=status, **context)


def again(form: BaseForm, sent: FormData, moved: tuple[str, str] | None) -> int:
    """Return the status of a form that is shown again: 422 unless a button asked for no more than that."""
    return 200 if moved or "more" in sent or form.only_language_changes else 422


async def _questions(survey: SurveyView) -> list[Question]:
    return await queries.questions_of(survey.id, survey.kind)


async def _find(survey: SurveyView, code: str) -> tuple[Question, list[Question]]:
    """Return a question of a survey, and those before it; raises NotFound."""
    questions = await _questions(survey)
    for number, question in enumerate(questions):
        if question.code == code:
            return question, questions[:number]
    raise NotFound


def back(event: EventView, survey: SurveyView, code: str = "", told: str = "", *, part: str = "question") -> Redirect:
    """Lead to the list of questions, to one of them if it is named, with what that page shall tell."""
    return see_other(f"{path_of(event, survey)}/questions?saved=1{told}{f'#{part}-{code}' if code else ''}")


ROUTES: list[ControllerRouterHandler] = [new_page, add, edit_page, change, remove_page, remove]
