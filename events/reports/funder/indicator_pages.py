"""Staff pages of a project's indicators, in the order of its funder's form."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import actor_of
from events.core import clock
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.i18n import by_column
from events.core.web import AnyRequest, page, see_other
from events.reports.funder import actions, queries
from events.reports.funder.forms import IndicatorForm
from events.reports.funder.pages import EDITS
from events.reports.funder.queries import IndicatorView, ProjectHead
from events.reports.funder.words import PARTS, RULES

INDICATORS = "/staff/reports/indicators/{project_id:uuid}"


@get(INDICATORS, guards=EDITS, include_in_schema=False)
async def indicators_page(request: AnyRequest, project_id: FromPath[UUID]) -> Template:
    """The indicators of a project in the order of its form."""
    return await _indicators(request, project_id)


@get(f"{INDICATORS}/new", guards=EDITS, include_in_schema=False)
async def new_indicator_page(request: AnyRequest, project_id: FromPath[UUID]) -> Template:
    """A new indicator."""
    return await _indicator(request, project_id, IndicatorForm(), None)


@post(f"{INDICATORS}/new", guards=EDITS, include_in_schema=False)
async def add_indicator(request: AnyRequest, project_id: FromPath[UUID]) -> Template | Redirect:
    """Add an indicator."""
    return await _save_indicator(request, project_id, None)


@get(f"{INDICATORS}/{{indicator_id:uuid}}", guards=EDITS, include_in_schema=False)
async def indicator_page(request: AnyRequest, project_id: FromPath[UUID], indicator_id: FromPath[UUID]) -> Template:
    """One indicator."""
    indicator = await _known_indicator(project_id, indicator_id)
    return await _indicator(request, project_id, IndicatorForm(None, data=_indicator_data(indicator)), indicator)


@post(f"{INDICATORS}/{{indicator_id:uuid}}", guards=EDITS, include_in_schema=False)
async def change_indicator(
    request: AnyRequest, project_id: FromPath[UUID], indicator_id: FromPath[UUID]
) -> Template | Redirect:
    """Change an indicator."""
    return await _save_indicator(request, project_id, await _known_indicator(project_id, indicator_id))


@post(f"{INDICATORS}/{{indicator_id:uuid}}/move", guards=EDITS, include_in_schema=False)
async def move_indicator(request: AnyRequest, project_id: FromPath[UUID], indicator_id: FromPath[UUID]) -> Redirect:
    """Move an indicator up or down."""
    up = (await read_form(request)).text("way") == "up"
    await actions.move_indicator(project_id, indicator_id, up=up, actor=actor_of(request), now=clock.now())
    return see_other(INDICATORS.replace("{project_id:uuid}", str(project_id)))


@get(f"{INDICATORS}/{{indicator_id:uuid}}/remove", guards=EDITS, include_in_schema=False)
async def removal_page(request: AnyRequest, project_id: FromPath[UUID], indicator_id: FromPath[UUID]) -> Template:
    """Ask whether an indicator shall go."""
    project, indicator = await _project(request, project_id), await _known_indicator(project_id, indicator_id)
    return page(request, "reports/funder/indicator_remove.html", project=project, indicator=indicator)


@post(f"{INDICATORS}/{{indicator_id:uuid}}/remove", guards=EDITS, include_in_schema=False)
async def remove_indicator(request: AnyRequest, project_id: FromPath[UUID], indicator_id: FromPath[UUID]) -> Redirect:
    """Remove an indicator."""
    await actions.remove_indicator(project_id, indicator_id, actor=actor_of(request), now=clock.now())
    return see_other(INDICATORS.replace("{project_id:uuid}", str(project_id)))


async def _indicators(request: AnyRequest, project_id: UUID) -> Template:
    return page(
        request,
        "reports/funder/indicators.html",
        project=await _project(request, project_id),
        indicators=await queries.indicators(project_id),
        rules=RULES,
        parts=PARTS,
        saved="saved" in request.query_params,
    )


async def _indicator(
    request: AnyRequest, project_id: UUID, form: IndicatorForm, known_as: IndicatorView | None, status: int = 200
) -> Template:
    project = await _project(request, project_id)
    return page(request, "reports/funder/indicator.html", status=status, project=project, form=form, indicator=known_as)


async def _save_indicator(request: AnyRequest, project_id: UUID, known_as: IndicatorView | None) -> Template | Redirect:
    form = IndicatorForm(await read_form(request))
    if form.validate():
        identity = known_as.id if known_as else None
        try:
            await actions.save_indicator(project_id, identity, form.values, actor=actor_of(request), now=clock.now())
        except Invalid as error:
            form.show(error.errors)
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            return see_other(f"{INDICATORS.replace('{project_id:uuid}', str(project_id))}?saved=1")
    return await _indicator(request, project_id, form, known_as, form.status)


async def _known_indicator(project_id: UUID, indicator_id: UUID) -> IndicatorView:
    indicator = await queries.indicator(project_id, indicator_id)
    if indicator is None:
        raise NotFound
    return indicator


def _indicator_data(indicator: IndicatorView) -> dict[str, Any]:
    data: dict[str, Any] = {"code": indicator.code, "rule": indicator.rule.value, "part": indicator.part}
    data["target"] = indicator.target
    for one, texts in (("name", indicator.names), ("note", indicator.notes), ("unit", indicator.units)):
        data |= by_column(one, texts)
    return data


async def _project(request: AnyRequest, project_id: UUID) -> ProjectHead:
    project = await queries.project(project_id)
    if project is None or not actions.may_edit(actor_of(request), clock.now()):
        raise NotFound
    return project


ROUTES: list[ControllerRouterHandler] = [
    *(indicators_page, new_indicator_page, add_indicator, indicator_page, change_indicator),
    *(move_indicator, removal_page, remove_indicator),
]
