"""The results of a survey as JSON: what its page shows, with the same parameters."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.web import AnyRequest
from events.surveys.groups.rules import By
from events.surveys.results.shapes import SurveyResults, survey_results
from events.surveys.results.showing import asked_of, look
from events.surveys.tables import SurveyKind


@get("/api/v1/events/{slug:str}/survey", guards=[Requires(Action.SEE_SURVEY_RESULTS)], opt={"machine": True})
async def read_results(
    request: AnyRequest,
    *,
    slug: FromPath[str],
    of: Annotated[
        str, QueryParameter(description="`feedback`, `impact_3`, `impact_6`, or the id of a survey of the event's own.")
    ] = SurveyKind.FEEDBACK.value,
    by: Annotated[By | None, QueryParameter(description="Tell the answers apart by this.")] = None,
) -> SurveyResults:
    """The results of a survey of an event: the figures of its page, with the same groups hidden.

    From five answers on; of an anonymous survey they move by five answers at a time. Free texts are for staff who may
    see who took part.
    """
    actor = actor_of(request)
    seen = await look(await asked_of(slug, of, by, actor=actor), actor, clock.now())
    return survey_results(seen.made, seen.parted, seen.texts)


ROUTES: list[ControllerRouterHandler] = [read_results]
