"""Staff pages of theme groups: the list, and what one is. Its members and meetings stand in registration."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from wtforms import SelectChoice, SelectField, StringField, URLField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may, reach
from events.core import clock
from events.core.errors import NotFound
from events.core.forms import BaseForm, FormData, read_form
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.web import AnyRequest, page, see_other
from events.network import queries
from events.network.groups.actions import GroupValues, save_group
from events.network.queries import GroupView, Named

PATH = "/staff/groups"
ONE = f"{PATH}/{{identity:uuid}}"
GUARDS = [Requires(Action.LEAD_GROUPS)]


class GroupForm(BaseForm):
    """What a group is."""

    name_fi = StringField(_l("Name in Finnish"), [DataRequired(_l("Give the name in Finnish.")), Length(max=200)])
    name_sv = StringField(_l("Name in Swedish"), [Length(max=200)])
    name_en = StringField(_l("Name in English"), [Length(max=200)])
    theme = SelectField(_l("Theme"))
    region = SelectField(_l("Region that hosts its meetings"))
    project = SelectField(_l("Project for which its meetings count"))
    join_url = URLField(
        _l("Link to the online meeting"),
        [Optional(), Length(max=500), Regexp("^https://", message=_l("Write a link that begins with https://."))],
        description=_l("For the first meeting; every other takes the link of the one before."),
    )


def today() -> date:
    """Return the present day in Finland, by which members come and go."""
    return clock.now().astimezone(ZoneInfo(clock.FINLAND)).date()


@get(PATH, guards=GUARDS, include_in_schema=False)
async def groups_page(request: AnyRequest) -> Template:
    """The groups that the actor leads."""
    found = [group for group in await queries.groups(today()) if _leads(request, group)]
    themes = {theme.code: theme.name for theme in await queries.themes()}
    may_add = bool(await _regions(request))
    return page(request, "network/groups.html", groups=found, themes=themes, may_add=may_add)


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_group_page(request: AnyRequest) -> Template:
    """A new group."""
    await _require_region(request)
    return page(request, "network/group.html", form=await _form(request, None, None), group=None)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def make_group(request: AnyRequest) -> Template | Redirect:
    """Make a group; its members come next."""
    await _require_region(request)
    return await _save(request, None)


@get(f"{ONE}/edit", guards=GUARDS, include_in_schema=False)
async def edit_group_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """What a group is called, and where it meets."""
    group = await _led(request, identity)
    return page(request, "network/group.html", form=await _form(request, None, group), group=group)


@post(f"{ONE}/edit", guards=GUARDS, include_in_schema=False)
async def change_group(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Change a group."""
    return await _save(request, await _led(request, identity))


async def _save(request: AnyRequest, group: GroupView | None) -> Template | Redirect:
    form = await _form(request, await read_form(request), group)
    if form.validate():
        kept = {"theme": group.theme, "region": group.region, "project": group.project or ""} if group else {}
        names = GroupValues.__struct_fields__
        values = GroupValues(**{name: form[name].data or "" if name in form else kept[name] for name in names})
        saved = await save_group(group.id if group else None, values, actor=actor_of(request), now=clock.now())
        return see_other(f"{PATH}/{saved}?saved=changed" if group else f"{PATH}/{saved}/members")
    return page(request, "network/group.html", status=form.status, form=form, group=group)


async def _form(request: AnyRequest, sent: FormData | None, group: GroupView | None) -> GroupForm:
    data: dict[str, str | None] = {} if group is None else {f"name_{code}": name for code, name in group.names.items()}
    if group is not None:
        data |= {"theme": group.theme, "region": group.region, "project": group.project, "join_url": group.join_url}
    form = GroupForm(sent, data=data)
    if group is not None and not may(actor_of(request), Action.LEAD_GROUPS, now=clock.now(), region=group.region):
        del form.theme, form.region, form.project
        return form
    regions = await _regions(request)
    form.theme.choices = [SelectChoice(theme.code, theme.name) for theme in await queries.themes()]
    projects = [SelectChoice(project.code, project.name) for project in await queries.projects()]
    form.project.choices = [SelectChoice("", _("No project")), *projects]
    form.region.choices = [SelectChoice(region.code, region.name) for region in regions]
    return form


async def _regions(request: AnyRequest) -> list[Named]:
    """Return the regions in which the actor leads groups: of a group's own chair none."""
    everywhere, codes, _events = reach(actor_of(request), Action.LEAD_GROUPS, now=clock.now())
    return [region for region in await queries.regions() if everywhere or region.code in codes]


async def _require_region(request: AnyRequest) -> None:
    """Raise NotFound for who leads groups but makes none."""
    if not await _regions(request):
        raise NotFound


async def _led(request: AnyRequest, identity: UUID) -> GroupView:
    group = await queries.group(identity, today())
    if group is None or not _leads(request, group):
        raise NotFound
    return group


def _leads(request: AnyRequest, group: GroupView) -> bool:
    return may(actor_of(request), Action.LEAD_GROUPS, now=clock.now(), region=group.region, group=group.id)


ROUTES: list[ControllerRouterHandler] = [groups_page, new_group_page, make_group, edit_group_page, change_group]
