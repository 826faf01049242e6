"""For which events of a series a change of a survey is, and the page that says what comes of it before it is done."""

from typing import Any

from litestar.response import Template

from events.accounts.guards import actor_of
from events.core import clock
from events.core.forms import LANGUAGE_FIELD, FormData
from events.core.web import AnyRequest, page
from events.programme.counterparts.queries import counterparts
from events.programme.queries import EventView
from events.programme.scopes import ScopeForm, offer_scopes, read_scope
from events.programme.series.queries import Scope, series_of
from events.surveys.building.alike import Asking, digest
from events.surveys.queries import SurveyView

AGREED = "agreed"
"""Under this name the page of what comes of a change sends back what it showed."""


async def offer(request: AnyRequest, event: EventView, survey: SurveyView | None, form: ScopeForm) -> bool:
    """Let a form ask for which events of the series it is; False where there is no other that has the survey."""
    among = await counterparts("survey", survey.id) if survey and survey.id and survey.kind == "own" else None
    return await offer_scopes(form, event, actor_of(request), clock.now(), among=among)


def meant(request: AnyRequest, sent: FormData) -> dict[str, Any]:
    """Return what `carried` needs to know of a request. Raises BadRequest for a scope that no page offers."""
    seen = "" if LANGUAGE_FIELD in sent else sent.text(AGREED)
    return {"scope": read_scope(sent), "agreed": seen, "actor": actor_of(request), "now": clock.now()}


async def asking_page(
    request: AnyRequest, event: EventView, sent: FormData, asking: Asking, *, back: str = ""
) -> Template:
    """Show which events are changed and which are left alone; `back` leads away, "" to the form with all that it held.

    What was sent goes along, so that agreeing sends it again.
    """
    alike, scope = asking.alike, read_scope(sent)
    named = {event.id, *(each.id for each in (*alike.changed, *alike.by_hand, *(each for each, _why in alike.refused)))}
    ids = {each.id for each in alike.meant}
    return page(
        request,
        "surveys/alike.html",
        event=event,
        alike=alike,
        same=[each for each in alike.meant if each.id not in named],
        beyond=[each for each in await _series(event, scope) if each.id not in {event.id, *ids}],
        fields=[
            (name, value)
            for name, values in sent.items()
            if name not in {AGREED, LANGUAGE_FIELD}
            for value in values
            if isinstance(value, str)
        ],
        agreed=digest(alike),
        action=request.url.path,
        back=back,
    )


async def _series(event: EventView, scope: Scope) -> list[EventView]:
    events = await series_of(event.series) if event.series else []
    return [each for each in events if scope == Scope.ALL or each.starts_at >= event.starts_at]
