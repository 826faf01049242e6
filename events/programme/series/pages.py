"""Pages of series: repeating an event, the events of a series, taking one, the following or all away."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other, told_number
from events.programme import presentation, rules
from events.programme.queries import EventView
from events.programme.series import recurrence
from events.programme.series.actions import Removal, forecast, new_starts, remove, repeat, together
from events.programme.series.queries import Scope, series_of, series_view
from events.programme.series.repeat_form import RepeatForm
from events.programme.staff_pages import EVENTS, editable
from events.programme.steps.telling import telling
from events.programme.time_forms import CancelForm

SERIES = "/staff/series"
GUARDS = [Requires(Action.EDIT_EVENTS)]


class Choice(Struct, frozen=True):
    """A way to take events away and what it would do."""

    scope: str
    does: Removal


@get(f"{EVENTS}/{{slug:str}}/repeat", guards=GUARDS, include_in_schema=False)
async def repeat_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """How often the event is held again."""
    event = await editable(request, slug)
    return await _repeat_template(request, event, RepeatForm(None, first=_day(event), data=await _beginning(event)))


@post(f"{EVENTS}/{{slug:str}}/repeat", guards=GUARDS, include_in_schema=False)
async def repeat_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Show the dates; make the drafts once exactly these have been seen."""
    sent, event = await read_form(request), await editable(request, slug)
    form = RepeatForm(sent, first=_day(event), data=await _beginning(event))
    if not form.validate():
        return await _repeat_template(request, event, form, form.status)
    try:
        starts = new_starts(event, form.plan, await together(event))
        dates = " ".join(day.isoformat() for day, _moment in starts)
        if form.seen.data == dates and "make" in sent:
            done = await repeat(event.id, form.plan, actor=actor_of(request), now=clock.now())
            return see_other(f"{SERIES}/{done.series}?made={done.made}")
    except Invalid as error:
        form.form_errors.extend(message for messages in error.errors.values() for message in messages)
        return await _repeat_template(request, event, form, 422)
    form.seen.data = dates
    return await _repeat_template(request, event, form, starts=[moment for _day, moment in starts])


@get(f"{SERIES}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def series_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """The events of a series."""
    now, query = clock.now(), request.query_params
    events, series = await series_for(request, identity), await series_view(identity)
    if series is None:
        raise NotFound
    coming = [event for event in events if event.ends_at > now]
    return page(
        request,
        "programme/staff_series.html",
        cards=await presentation.cards(events, now),
        first=events[0],
        last=events[-1],
        words=recurrence.words(series.rule),
        drafts=sum(event.state == "draft" for event in coming),
        removable=next((event for event in coming if event.state != "cancelled"), None),
        done={name: told_number(query.get(name, "")) for name in ("made", "published", "deleted", "cancelled", "told")},
    )


@get(f"{EVENTS}/{{slug:str}}/remove", guards=GUARDS, include_in_schema=False)
async def remove_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What is taken away, and to how many people that is told."""
    return await _remove_template(request, await _in_series(request, slug), CancelForm(), Scope.THIS)


@post(f"{EVENTS}/{{slug:str}}/remove", guards=GUARDS, include_in_schema=False)
async def remove_them(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Cancel and delete what was chosen, with what is said to those who had registered."""
    sent, event = await read_form(request), await _in_series(request, slug)
    scope = sent.text("scope")
    if scope not in set(Scope):
        return see_other(f"{EVENTS}/{slug}/remove")
    form = CancelForm(sent)
    if not form.validate():
        return await _remove_template(request, event, form, Scope(scope), form.status)
    with telling(form.words.data or ""):
        done = await remove(event.id, Scope(scope), actor=actor_of(request), now=clock.now())
    left = await series_of(event.series) if event.series else []
    if not any(_may_edit(request, other) for other in left):
        return see_other(EVENTS)
    return see_other(f"{SERIES}/{event.series}?deleted={done.deleted}&cancelled={done.cancelled}&told={done.told}")


async def _remove_template(
    request: AnyRequest, event: EventView, form: CancelForm, chosen: Scope, status: int = 200
) -> Template:
    actor, now = actor_of(request), clock.now()
    choices = [Choice(scope.value, await forecast(event, scope, actor=actor, now=now)) for scope in Scope]
    return page(
        request,
        "programme/staff_remove.html",
        status=status,
        event=event,
        choices=choices,
        chosen=chosen.value,
        form=form,
    )


async def _in_series(request: AnyRequest, slug: str) -> EventView:
    event = await editable(request, slug)
    if event.series is None:
        raise NotFound
    return event


async def series_for(request: AnyRequest, identity: UUID) -> list[EventView]:
    """Return those events of a series that the actor may edit; raises NotFound when there is none."""
    events = [event for event in await series_of(identity) if _may_edit(request, event)]
    if not events:
        raise NotFound
    return events


def _may_edit(request: AnyRequest, event: EventView) -> bool:
    return may(actor_of(request), Action.EDIT_EVENTS, now=clock.now(), event_id=event.id, region=event.host_region)


def _day(event: EventView) -> date:
    """Return the day on which an event begins, by its own clock."""
    return rules.to_local(event.starts_at, event.zone).date()


async def _beginning(event: EventView) -> dict[str, Any]:
    """Return what the form proposes: the event's own weekday, and which of the month it is."""
    day = _day(event)
    weekday = recurrence.WEEKDAYS[day.weekday()]
    series = await series_view(event.series) if event.series else None
    return {
        "how": "months",
        "every": 1,
        "weekdays": [weekday],
        "weekday": weekday,
        "position": [recurrence.position_in_month(day)],
        "month_day": day.day,
        "skipped": [],
        "left_out": "\n".join(f"{left:%-d.%-m.%Y}" for left in series.left_out) if series else "",
    }


async def _repeat_template(
    request: AnyRequest, event: EventView, form: RepeatForm, status: int = 200, *, starts: Any = ()
) -> Template:
    words = recurrence.words(form.plan.rule)
    return page(
        request, "programme/staff_repeat.html", status=status, event=event, form=form, starts=starts, words=words
    )


ROUTES: list[ControllerRouterHandler] = [
    *(repeat_page, repeat_it, series_page, remove_page, remove_them),
]
