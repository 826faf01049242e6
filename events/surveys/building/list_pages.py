"""All questions of a survey for who builds it: their list and order, the bank, the preview."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid
from events.core.forms import FormData, read_form
from events.core.i18n import LANGUAGES, in_language, language
from events.core.web import AnyRequest, page, render
from events.programme.queries import EventView
from events.programme.scopes import read_told, scopes_again, told_of
from events.surveys import queries, rules
from events.surveys.answering.forms import conditions, survey_form
from events.surveys.building import actions, bank, renewing
from events.surveys.building.alike import Asking, carried
from events.surveys.building.forms import KINDS
from events.surveys.building.languages import lacking
from events.surveys.building.pages import GUARDS, QUESTIONS, back
from events.surveys.building.reach import ONE, path_of, present, survey_for, version_in
from events.surveys.building.series import asking_page, meant, offer
from events.surveys.queries import SurveyView


@get(QUESTIONS, guards=GUARDS, include_in_schema=False)
async def questions_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template:
    """What the survey asks, in its order, and the ways to ask more."""
    return await _list(request, *await survey_for(request, slug, which))


@get(f"{ONE}/preview", guards=GUARDS, include_in_schema=False)
async def preview_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template:
    """The survey as participants see it, with its conditions at work."""
    event, survey = await survey_for(request, slug, which)
    questions = await queries.questions_of(survey.id, survey.kind)
    asked = request.query_params.get("language", "")
    chosen = asked if asked in LANGUAGES else language()
    with in_language(chosen):
        context = {"form": survey_form(questions), "questions": questions, "conditions": conditions(questions)}
        shown = Markup(render("surveys/preview_questions.html", survey=survey, **context))  # noqa: S704 - our own template
    return page(
        request,
        "surveys/preview.html",
        event=event,
        survey=survey,
        shown=shown,
        chosen=chosen,
        questions=questions,
        foreign=[each for each in questions if lacking(each, [chosen])],
        number=rules.answered_of(questions),
        minutes=rules.minutes(questions),
    )


@post(f"{QUESTIONS}/order", guards=GUARDS, include_in_schema=False)
async def order(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Move a question up or down by one (`up`, `down`: its code), or put all in an order (`order`: codes)."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    codes = [question.code for question in await queries.questions_of(survey.id, survey.kind)]
    way = next((way for way in ("up", "down") if sent.text(way)), "")
    moved = sent.text(way or "moved")
    wanted = list(codes)
    if way and moved in codes:
        place = codes.index(moved)
        wanted.insert(max(0, place + (-1 if way == "up" else 1)), wanted.pop(place))
    elif sent.text("order"):
        wanted = [code for code in sent.text("order").split() if code in codes]
    about = meant(request, sent)
    actor, now, scope = about["actor"], about["now"], about["scope"]
    about["agreed"] = (
        about["agreed"] or None
    )  # an order can be changed back: it is asked only if an event is left alone
    try:
        async with carried(event, which, **about, questions=True) as alike:
            await actions.order_questions(event.id, which, wanted, version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        return await _asking(request, event, survey, sent, asking)
    except Conflict as conflict:
        return await _list(request, event, await present(event.id, which), conflict.message)
    told = told_of(alike, scope)
    if moved not in codes:
        return back(event, survey, told=told)
    # Back to the button that was pressed, to be pressed again; at either end to the one for the way back.
    ends = {"up": wanted[0], "down": wanted[-1]}
    button = {"up": "down", "down": "up"}[way] if ends.get(way) == moved else way
    return back(event, survey, moved, told, part=button or "question")


@post(f"{QUESTIONS}/bank", guards=GUARDS, include_in_schema=False)
async def use_bank(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Ask a question of the bank (`add`: its key), or keep one of the survey's own in it (`keep`: its code)."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    actor, now, version = actor_of(request), clock.now(), version_in(sent)
    code, about = sent.text("keep"), meant(request, sent)
    try:
        async with carried(event, which, **about, questions=True) as alike:
            if "keep" in sent:
                await bank.keep(event.id, which, code, version=version, actor=actor, now=now)
            else:
                code = await bank.take(event.id, which, sent.text("add"), version=version, actor=actor, now=now)
    except Asking as asking:
        return await _asking(request, event, survey, sent, asking)
    except (Conflict, Invalid) as error:
        return await _list(request, event, await present(event.id, which), error.message)
    return back(event, survey, code, told_of(alike, about["scope"]))


@post(f"{QUESTIONS}/again", guards=GUARDS, include_in_schema=False)
async def begin_again(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Ask what the template asks."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    actor, now = actor_of(request), clock.now()
    try:
        async with carried(event, which, **meant(request, sent), again=True) as alike:
            await actions.begin_again(event.id, which, version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        return await _asking(request, event, survey, sent, asking)
    except Conflict as conflict:
        return await _list(request, event, await present(event.id, which), conflict.message)
    return back(event, survey, told=told_of(alike))


async def _asking(
    request: AnyRequest, event: EventView, survey: SurveyView, sent: FormData, asking: Asking
) -> Template:
    return await asking_page(request, event, sent, asking, back=f"{path_of(event, survey)}/questions")


async def _list(request: AnyRequest, event: EventView, survey: SurveyView, refusal: str = "") -> Template:
    questions, now = await queries.questions_of(survey.id, survey.kind), clock.now()
    asked = {question.bank for question in questions}
    scopes = {name: scopes_again(request, f"{name}-scope") for name in ("order", "bank", "again")}
    together = [await offer(request, event, survey, form) for form in scopes.values()]
    return page(
        request,
        "surveys/questions.html",
        status=409 if refusal else 200,
        event=event,
        survey=survey,
        questions=questions,
        conditions=conditions(questions),
        newer=await renewing.newest(questions),
        lacking={each.code: lacking(each, event.languages) for each in questions},
        kinds={kind: str(name) for kind, name in KINDS.items()},
        bank=[each for each in [*await bank.banked(), *await bank.standard()] if each.bank not in asked],
        keeps_bank=bank.may_keep(actor_of(request), now),
        number=rules.answered_of(questions),
        minutes=rules.minutes(questions),
        long=rules.minutes(questions) > rules.SHORT_ENOUGH,
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
        scopes=scopes,
        together=any(together),
        told=read_told(request),
    )


ROUTES: list[ControllerRouterHandler] = [questions_page, preview_page, order, use_bank, begin_again]
