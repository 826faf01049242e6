"""Staff pages of the projects: what they are, what counts for them, their marks."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.errors import Invalid, NotFound
from events.core.forms import FormData, by_language, read_form
from events.core.i18n import LANGUAGES
from events.core.web import AnyRequest, page, see_other
from events.network import projects, queries
from events.network.forms import ProjectForm
from events.network.projects import Emblem, ProjectValues, ProjectWhole
from events.network.words import KINDS, ROLES, TARGETS

PATH = "/staff/projects"
GUARDS = [Requires(Action.EDIT_PROJECTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def projects_page(request: AnyRequest) -> Template:
    """All projects."""
    found = [(view, await projects.whole(view.id)) for view in await queries.projects()]
    return page(request, "network/projects.html", projects=found, saved="saved" in request.query_params)


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_project_page(request: AnyRequest) -> Template:
    """A new project."""
    return await _page(request, await _form(None, None), None)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def make_project(request: AnyRequest) -> Template | Redirect:
    """Make a project."""
    return await _save(request, None)


@get(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def project_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """One project."""
    known = await _known(identity)
    return await _page(request, await _form(None, known), known)


@post(f"{PATH}/{{identity:uuid}}", guards=GUARDS, include_in_schema=False)
async def change_project(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Change a project and its emblem."""
    return await _save(request, await _known(identity))


async def _save(request: AnyRequest, known: ProjectWhole | None) -> Template | Redirect:
    sent = await read_form(request)
    form = await _form(sent, known)
    if form.validate():
        try:
            await projects.save(
                known.id if known else None,
                _values(form),
                emblem=await _emblem(sent.getlist("emblem")),
                drop_emblem=form.drop_emblem.data,
                actor=actor_of(request),
                now=clock.now(),
            )
        except Invalid as error:
            form.show(error.errors)
        else:
            return see_other(f"{PATH}?saved=1")
    return await _page(request, form, known, form.status)


async def _page(request: AnyRequest, form: ProjectForm, known: ProjectWhole | None, status: int = 200) -> Template:
    view = next(iter(await queries.projects([known.code])), None) if known else None
    return page(request, "network/project.html", status=status, form=form, project=known, view=view)


async def _known(identity: UUID) -> ProjectWhole:
    known = await projects.whole(identity)
    if known is None:
        raise NotFound
    return known


async def _emblem(files: list[Any]) -> Emblem | None:
    file = next((file for file in files if isinstance(file, UploadFile)), None)
    content = await file.read() if file else b""
    return projects.read_emblem(content) if content else None


async def _form(sent: FormData | None, known: ProjectWhole | None) -> ProjectForm:
    data: dict[str, Any] = {"counted_roles": ["participant", "speaker"], "counted_kinds": list(KINDS)}
    if known:
        names = ("code", "funder", "instrument", "starts_on", "ends_on")
        lists = ("target_regions", "counted_roles", "counted_kinds")
        data = {name: getattr(known, name) for name in names + lists}
        for one, texts in (("name", known.names), ("statement", known.statements), ("emblem_alt", known.emblem_alts)):
            data |= {f"{one}_{code}": texts[code] for code in LANGUAGES}
        data |= {f"target_{name}": number for name, number in known.targets.items() if name in TARGETS}
    return ProjectForm(sent, data=data, regions=[(region.code, region.name) for region in await queries.regions()])


def _values(form: ProjectForm) -> ProjectValues:
    targets = {name: form[f"target_{name}"].data for name in TARGETS}
    return ProjectValues(
        code=form.code.data,
        names=by_language(form, "name"),
        funder=form.funder.data,
        instrument=form.instrument.data or "",
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        target_regions=sorted(form.target_regions.data),
        counted_roles=[role for role in ROLES if role in form.counted_roles.data],
        counted_kinds=[kind for kind in KINDS if kind in form.counted_kinds.data],
        targets={name: number for name, number in targets.items() if number is not None},
        statements=by_language(form, "statement"),
        emblem_alts=by_language(form, "emblem_alt"),
    )


ROUTES: list[ControllerRouterHandler] = [
    *(projects_page, new_project_page, make_project, project_page, change_project),
]
