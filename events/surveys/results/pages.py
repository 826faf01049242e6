"""The results of an event's surveys, for staff: the page, what it hears while answers come, and its files."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage, Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock, database
from events.core.actor import Actor
from events.core.errors import NotFound
from events.core.file_types import MEDIA_TYPES
from events.core.i18n import in_language, language
from events.core.live import Live
from events.core.web import AnyRequest, page, render
from events.surveys.results.files import pdf_file, xlsx_file
from events.surveys.results.parted import names_of
from events.surveys.results.showing import Asked, asked_for, changing, look
from events.surveys.sending.queries import sending_of
from events.surveys.tables import SurveyKind
from events.surveys.tagging.forms import TextTagForm
from events.surveys.tagging.queries import known_tags
from events.surveys.waiting import stuck

GUARDS = [Requires(Action.SEE_SURVEY_RESULTS)]
PATH = "/staff/events/{slug:str}/survey"


class Count(Struct, frozen=True):
    """What tells that a page of results is out of date: answers in all, and those that are not shown yet."""

    answered: int
    unshown: int


async def counts(surveys: Collection[UUID]) -> Mapping[UUID, Count]:
    """Return how many answers surveys have."""
    rows = await database.fetch("SELECT id, answered, waits FROM survey WHERE id = ANY($1)", list(surveys))
    return {row["id"]: Count(row["answered"], row["waits"]) for row in rows}


_counts = Live(counts)


@get(PATH, guards=GUARDS, include_in_schema=False)
async def show_results(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What was answered to one survey (`of`), from five answers on; free texts for who may see who took part."""
    return await results_page(request, await asked_for(request, slug))


async def results_page(
    request: AnyRequest, asked: Asked, *, form: TextTagForm | None = None, status: int = 200
) -> Template:
    """Answer with the page, maybe with the form of a tag that does not hold."""
    event, actor, now = asked.event, actor_of(request), clock.now()
    plan = await sending_of(event.id, asked.survey.which)
    shown = await changing(asked, actor, now)
    return page(
        request,
        "surveys/results.html",
        status=status,
        path=request.url.path.removesuffix("/tags"),
        **shown,
        surveys=[survey for survey in asked.surveys if survey.id or survey.kind is SurveyKind.FEEDBACK],
        builds=may(actor, Action.EDIT_EVENTS, now=now, event_id=event.id, region=event.host_region),
        goes_out=(plan.begins_at or plan.due_at) if plan.active else None,
        parts=names_of(),
        known=await known_tags(asked.survey.id) if shown["may_tag"] else [],
        form=form or TextTagForm(),
        live=_is_open(asked, now),
        stuck=await stuck(now, asked.survey.id) if asked.survey.id else [],
    )


@get(f"{PATH}/live", guards=GUARDS, include_in_schema=False)
async def results_live(request: AnyRequest, slug: FromPath[str]) -> ServerSentEvent:
    """The part of the page that changes, in its language, whenever an answer has come."""
    asked = await asked_for(request, slug)
    if asked.survey.id is None:
        raise NotFound
    headers = {"x-accel-buffering": "no"}
    return ServerSentEvent(_told(asked, asked.survey.id, actor_of(request), language()), headers=headers)


async def _told(asked: Asked, survey: UUID, actor: Actor, code: str) -> AsyncIterator[ServerSentEventMessage]:
    async for seen in _counts.follow(survey):
        if seen is None:
            yield ServerSentEventMessage(comment="alive")
            continue
        with in_language(code):  # a stream outlives the request whose language this was
            part = render("surveys/_results.html", **await changing(asked, actor, clock.now()))
        yield ServerSentEventMessage(event="board", data=msgspec.json.encode(part).decode())


def _is_open(asked: Asked, now: Any) -> bool:
    """Whether answers may still come."""
    survey = asked.survey
    ends = [survey.closes_at, survey.link_closes_at if survey.link_open else None]
    return survey.id is not None and any(end is not None and end > now for end in ends)


@get([f"{PATH}/results.{kind}" for kind in ("xlsx", "pdf")], guards=GUARDS, include_in_schema=False)
async def download(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The same as a file: a workbook with all break-downs, a PDF with the one that is asked for."""
    asked = await asked_for(request, slug)
    kind = request.url.path.rpartition(".")[2]
    seen = await look(asked, actor_of(request), clock.now(), every_part=kind == "xlsx")
    content = xlsx_file(seen.made) if kind == "xlsx" else await pdf_file(seen.made)
    headers = {
        "content-disposition": f'attachment; filename="{slug}-survey.{kind}"',
    }
    return Response(content, headers=headers, media_type=MEDIA_TYPES[kind])


ROUTES: list[ControllerRouterHandler] = [show_results, results_live, download]
