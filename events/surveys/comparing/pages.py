"""The page on which one question is compared over events, and its files."""

from typing import Any

from litestar import Response, get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core.errors import NotFound
from events.core.file_types import MEDIA_TYPES
from events.core.web import AnyRequest, page
from events.surveys.comparing.files import csv_file, xlsx_file
from events.surveys.comparing.making import comparison, form_of
from events.surveys.comparing.tables import apart, tables
from events.surveys.results.charts import heat_map

PATH = "/staff/surveys/compare"
GUARDS = [Requires(Action.SEE_SURVEY_RESULTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def compare(request: AnyRequest) -> Template:
    """One question over the events whose results one may see, by event, series, theme or month."""
    form = await form_of(request.query_params, actor_of(request))
    context: dict[str, Any] = {"form": form, "made": None, "tables": [], "heat": []}
    if not form.validate():
        return page(request, "surveys/compare.html", status=422, **context)
    made = await comparison(form, actor_of(request))
    if made:
        shown = tables(made, form.by_name)
        heat = [await heat_map(table.heat, shares=True) if table.heat else "" for table in shown]
        several = apart() if len(made.totals) > 1 else ""
        context |= {"made": made, "tables": shown, "heat": heat, "query": request.url.query, "several": several}
    return page(request, "surveys/compare.html", **context)


@get([f"{PATH}.{kind}" for kind in ("csv", "xlsx")], guards=GUARDS, include_in_schema=False)
async def download(request: AnyRequest) -> Response[bytes]:
    """The same as a file; NotFound where there is nothing to show."""
    form = await form_of(request.query_params, actor_of(request))
    made = await comparison(form, actor_of(request)) if form.validate() else None
    if made is None:
        raise NotFound
    kind, shown = request.url.path.rpartition(".")[2], tables(made, form.by_name)
    content = csv_file(made, shown) if kind == "csv" else xlsx_file(made, shown, form.about)
    headers = {
        "content-disposition": f'attachment; filename="surveys-compared.{kind}"',
    }
    return Response(content, headers=headers, media_type=MEDIA_TYPES[kind])


ROUTES: list[ControllerRouterHandler] = [compare, download]
