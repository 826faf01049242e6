"""The event and survey behind a page, for those who may build it."""

from uuid import UUID

from events.accounts.guards import actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import FormData
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.programme.queries import EventView
from events.surveys import queries
from events.surveys.queries import SurveyView

SURVEYS = "/staff/events/{slug:str}/survey"
ONE = f"{SURVEYS}/{{which:str}}"


async def event_for(request: AnyRequest, slug: str) -> EventView:
    """Return the event of a slug; raises NotFound when there is none that the actor may edit."""
    event, actor = await programme.by_slug(slug), actor_of(request)
    if event is None or not may(
        actor, Action.EDIT_EVENTS, now=clock.now(), event_id=event.id, region=event.host_region
    ):
        raise NotFound
    return event


async def survey_for(request: AnyRequest, slug: str, which: str) -> tuple[EventView, SurveyView]:
    """Return a survey of an event, by what addresses call it, and the event; raises NotFound as `event_for`."""
    event = await event_for(request, slug)
    return event, await present(event.id, which)


async def present(event: UUID, which: str) -> SurveyView:
    """Return a survey as it stands now; raises NotFound."""
    survey = await queries.survey_of(event, which)
    if survey is None:
        raise NotFound
    return survey


def version_in(sent: FormData) -> int:
    """Return the version of the survey that a page showed; −1, which no survey has, for what is no number."""
    text = sent.text("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004


def path_of(event: EventView, survey: SurveyView) -> str:
    """Return where a survey is built."""
    return f"/staff/events/{event.slug}/survey/{survey.which}"
