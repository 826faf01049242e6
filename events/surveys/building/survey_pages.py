"""The surveys of an event for who builds them: which there are, by name or not, the open link and its poster."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.checkin.papers.actions import order_poster
from events.core import clock, last_days
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import BaseForm, read_form
from events.core.i18n import by_column
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import AnyRequest, page, see_other
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, read_told, told_of
from events.surveys import queries, rules
from events.surveys.building import settling
from events.surveys.building.alike import Asking, carried
from events.surveys.building.pages import GUARDS
from events.surveys.building.reach import ONE, SURVEYS, event_for, path_of, present, survey_for, version_in
from events.surveys.building.series import asking_page, meant, offer
from events.surveys.building.settings_forms import LinkForm, SurveyForm
from events.surveys.queries import SurveyView
from events.surveys.sending.forms import SendingForm, audience_words, sending_form
from events.surveys.sending.queries import sending_of
from events.surveys.tables import SurveyKind

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Days outside are slips, and near the ends of the calendar no zone can reckon with them."""


@get(f"{SURVEYS}/questions", guards=GUARDS, include_in_schema=False)
async def surveys_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """The surveys of the event, and a form for one more."""
    return await _overview(request, await event_for(request, slug), SurveyForm())


@post(f"{SURVEYS}/questions", guards=GUARDS, include_in_schema=False)
async def add_survey(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Make a survey of the event's own."""
    event = await event_for(request, slug)
    sent = await read_form(request)
    form = SurveyForm(sent)
    if not form.validate():
        return await _overview(request, event, form, status=form.status)
    try:
        async with carried(event, "", **meant(request, sent)) as alike:
            identity = await settling.add_own(event.id, form.names, actor=actor_of(request), now=clock.now())
    except Asking as asking:
        return await asking_page(request, event, sent, asking)
    except (Invalid, Conflict) as error:
        _say(form, error)
        return await _overview(request, event, form, status=error.status)
    told = told_of(alike)
    return see_other(f"/staff/events/{event.slug}/survey/{identity}/questions{f'?saved=1{told}' if told else ''}")


@get(f"{ONE}/settings", guards=GUARDS, include_in_schema=False)
async def settings_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template:
    """What the survey is called, whether answers are kept by name, and its open link."""
    event, survey = await survey_for(request, slug, which)
    return await settings_view(request, event, survey)


@post(f"{ONE}/settings", guards=GUARDS, include_in_schema=False)
async def settle(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Change the name and how answers are kept."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    form = SurveyForm(sent)
    if not form.validate():
        return await settings_view(request, event, survey, form, status=form.status)
    named = form.named.data
    about: dict[str, Any] = {"version": version_in(sent), "actor": actor_of(request), "now": clock.now()}
    try:
        async with carried(event, which, **meant(request, sent), questions=named) as alike:
            await settling.settle(event.id, which, names=form.names, named=named, **about)
    except Asking as asking:
        return await asking_page(request, event, sent, asking)
    except (Invalid, Conflict) as error:
        _say(form, error)
        return await settings_view(request, event, await present(event.id, which), form, status=error.status)
    return see_other(f"{path_of(event, survey)}/settings?saved=1{told_of(alike)}")


@post(f"{ONE}/link", guards=GUARDS, include_in_schema=False)
async def change_link(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Open the link until a day, or withdraw it (`withdraw`)."""
    event, survey = await survey_for(request, slug, which)
    sent = await read_form(request)
    form = LinkForm(sent)
    about: dict[str, Any] = {"version": version_in(sent), "actor": actor_of(request), "now": clock.now()}
    try:
        if "withdraw" in sent:
            await settling.withdraw_link(event.id, which, **about)
        elif form.validate():
            await settling.open_link(event.id, which, closes_at=_end_of(form.closes_on.data, event.zone), **about)
        else:
            return await settings_view(request, event, survey, link_form=form, status=form.status)
    except (Invalid, Conflict) as error:
        _say(form, error)
        return await settings_view(request, event, await present(event.id, which), link_form=form, status=error.status)
    return see_other(f"{path_of(event, survey)}/settings?saved=1#link")


@post(f"{ONE}/poster", guards=GUARDS, include_in_schema=False)
async def poster(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Redirect:
    """Have a poster made whose code is the open link."""
    event, survey = await survey_for(request, slug, which)
    link = _link(survey)
    if not link:
        raise NotFound
    instruction = _("Read the code with your phone and tell us how it was")
    if survey.kind is SurveyKind.OWN:
        instruction = _("Read the code with your phone and answer: %(survey)s", survey=survey.name[0])
    document = await order_poster(event, link, instruction, actor=actor_of(request), now=clock.now())
    return see_other(f"/staff/documents/{document}")


@get(f"{ONE}/remove", guards=GUARDS, include_in_schema=False)
async def remove_page(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template:
    """Ask whether a survey of the event's own shall go."""
    event, survey = await survey_for(request, slug, which)
    if survey.kind != "own":
        raise NotFound
    return await _removal(request, event, survey)


@post(f"{ONE}/remove", guards=GUARDS, include_in_schema=False)
async def remove(request: AnyRequest, slug: FromPath[str], which: FromPath[str]) -> Template | Redirect:
    """Remove a survey of the event's own that nobody was asked to answer."""
    event, survey = await survey_for(request, slug, which)
    sent, actor, now = await read_form(request), actor_of(request), clock.now()
    try:
        async with carried(event, which, **meant(request, sent)) as alike:
            await settling.remove_own(event.id, which, version=version_in(sent), actor=actor, now=now)
    except Asking as asking:
        return await asking_page(request, event, sent, asking, back=f"{path_of(event, survey)}/remove")
    except Conflict as conflict:
        return await _removal(request, event, await present(event.id, which), conflict.message)
    return see_other(f"/staff/events/{event.slug}/survey/questions?saved=1{told_of(alike)}")


async def _removal(request: AnyRequest, event: EventView, survey: SurveyView, refusal: str = "") -> Template:
    form = ScopeForm()
    context: dict[str, Any] = {"event": event, "survey": survey, "refusal": refusal, "form": form}
    context["together"] = await offer(request, event, survey, form)
    return page(request, "surveys/survey_remove.html", status=409 if refusal else 200, **context)


async def _overview(request: AnyRequest, event: EventView, form: SurveyForm, *, status: int = 200) -> Template:
    surveys = await queries.surveys_of(event.id)
    asked = {each.which: rules.answered_of(await queries.questions_of(each.id, each.kind)) for each in surveys}
    return page(
        request,
        "surveys/surveys.html",
        status=status,
        event=event,
        surveys=surveys,
        asked=asked,
        form=form,
        together=await offer(request, event, None, form),
        saved=request.query_params.get("saved", ""),
        told=read_told(request),
    )


async def settings_view(
    request: AnyRequest,
    event: EventView,
    survey: SurveyView,
    form: SurveyForm | None = None,
    *,
    link_form: LinkForm | None = None,
    sending: SendingForm | None = None,
    status: int = 200,
) -> Template:
    """Show the settings of a survey, with what was sent of one of its forms."""
    plan, now = await sending_of(event.id, survey.which), clock.now()
    sending = sending or sending_form(plan, survey.kind)
    form = form or SurveyForm(data={**by_column("name", survey.names), "named": survey.named})
    link_form = link_form or LinkForm(data={"closes_on": _last_day(event, survey)})
    form.version.data = link_form.version.data = sending.version.data = survey.version
    sending.scope.id = "sending-scope"
    await offer(request, event, survey, sending)
    return page(
        request,
        "surveys/settings.html",
        status=status,
        event=event,
        survey=survey,
        form=form,
        link_form=link_form,
        sending=sending,
        plan=plan,
        asks=plan.asks(now),
        audience=audience_words(plan.sending.audience),
        now=now,
        link=_link(survey),
        saved=request.query_params.get("saved", ""),
        together=await offer(request, event, survey, form),
        told=read_told(request),
    )


def _link(survey: SurveyView) -> str:
    if survey.id is None or not survey.link_open:
        return ""
    return absolute(f"/s/{queries.link_token(survey.id, survey.link_generation)}")


def _last_day(event: EventView, survey: SurveyView) -> date:
    end = survey.link_closes_at or max(event.ends_at, clock.now()) + timedelta(days=14)
    return last_days.last_before(end, event.zone)


def _end_of(day: date, zone: str) -> datetime:
    """Return the midnight that ends a day. Raises Invalid for one that no survey lasts to."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid({"closes_on": [_("Choose a day to come.")]})
    return last_days.end_of(day, zone)


def _say(form: BaseForm, error: Invalid | Conflict) -> None:
    if isinstance(error, Conflict):
        form.form_errors.append(error.message)
    else:
        form.show(error.errors)


ROUTES: list[ControllerRouterHandler] = [
    *(surveys_page, add_survey, settings_page, settle, change_link, poster, remove_page, remove),
]
