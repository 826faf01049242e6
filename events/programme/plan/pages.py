"""The yearly clock: themes or regions by quarter, what is planned for them, and planned entries becoming events."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import structs

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, reach
from events.core import clock
from events.core.errors import Conflict, Invalid, NotAllowed, NotFound
from events.core.forms import FormData, add_error, read_form
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page, see_other, told_number
from events.network import queries as network
from events.network.queries import Named
from events.programme import rules
from events.programme.cards import allowed_regions
from events.programme.fields import YEARS
from events.programme.plan import queries as plan_queries
from events.programme.plan.actions import add_entry, change_entry, make_planned_event, remove_entry
from events.programme.plan.forms import NONE, EntryForm, RegionForm, quarter_names
from events.programme.plan.queries import QUARTERS, Entry, may_make, may_plan
from events.programme.staff_pages import EVENTS

CLOCK = "/staff/clock"
ENTRY = f"{CLOCK}/{{identity:uuid}}"
GUARDS = [Requires(Action.PLAN_YEAR)]
VIEWS = ("themes", "regions")


@get(CLOCK, guards=GUARDS, include_in_schema=False)
async def clock_page(request: AnyRequest) -> Template:
    """A year by quarter, for each theme or region."""
    now, actor, query = clock.now(), actor_of(request), request.query_params
    year = _year(request)
    view = query.get("view", "") if query.get("view", "") in VIEWS else VIEWS[0]
    projects = await network.projects()
    project = next((each.code for each in projects if each.code == query.get("project", "")), "")
    themes = view == "themes"
    found = await plan_queries.items(year, project, actor=actor, now=now)
    names = await (network.themes() if themes else network.regions())
    everywhere, regions, _events = reach(actor, Action.PLAN_YEAR, now=now)
    open_to = {each.code for each in names if everywhere or (regions if themes else each.code in regions)}
    return page(
        request,
        "programme/staff_clock.html",
        year=year,
        years=YEARS,
        view=view,
        project=project,
        projects=projects,
        quarters=quarter_names(),
        rows=plan_queries.grid(found, names, view, _("Without a theme") if themes else _("Without a region")),
        open_to=open_to,
        saved=query.get("saved", ""),
    )


@get(f"{CLOCK}/new", guards=GUARDS, include_in_schema=False)
async def new_entry_page(request: AnyRequest) -> Template:
    """Plan something; the cell one came from is filled in."""
    query = request.query_params
    quarter = told_number(query.get("quarter", ""))
    cell = {
        "year": _year(request),
        "quarter": quarter if quarter in QUARTERS else QUARTERS[0],
        **{name: query.get(name, "") for name in ("theme", "region", "project")},
    }
    form = await _form(request, None, cell)
    return page(request, "programme/staff_plan.html", form=form, entry=None)


@post(f"{CLOCK}/new", guards=GUARDS, include_in_schema=False)
async def plan_it(request: AnyRequest) -> Template | Redirect:
    """Add an entry to the plan."""
    form = await _form(request, await read_form(request), {})
    if form.validate():
        try:
            await add_entry(form.entry(), actor=actor_of(request), now=clock.now())
            return see_other(_back(form))
        except Invalid as error:
            _attach(form, error)
    return page(request, "programme/staff_plan.html", status=form.status, form=form, entry=None)


@get(ENTRY, guards=GUARDS, include_in_schema=False)
async def entry_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """Change or remove what is planned."""
    entry = await _mine(request, identity)
    form = await _form(request, None, structs.asdict(entry))
    return _entry_page(request, form, entry)


@post(ENTRY, guards=GUARDS, include_in_schema=False)
async def save_entry(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Save what is planned."""
    sent, entry = await read_form(request), await _mine(request, identity)
    form = await _form(request, sent, structs.asdict(entry))
    if form.validate():
        try:
            await change_entry(identity, form.entry(), actor=actor_of(request), now=clock.now())
            return see_other(_back(form))
        except Invalid as error:
            _attach(form, error)
        except Conflict as error:
            form.form_errors.append(error.message)
    return _entry_page(request, form, entry, form.status)


@post(f"{ENTRY}/remove", guards=GUARDS, include_in_schema=False)
async def remove_it(request: AnyRequest, identity: FromPath[UUID]) -> Redirect:
    """Take an entry out of the plan."""
    entry = await _mine(request, identity)
    await remove_entry(identity, actor=actor_of(request), now=clock.now())
    return see_other(f"{CLOCK}?year={entry.year}&saved=removed")


@get(f"{ENTRY}/event", guards=GUARDS, include_in_schema=False)
async def region_page(request: AnyRequest, identity: FromPath[UUID]) -> Template:
    """In which region an event is held that was planned for none."""
    entry, regions = await _plannable(request, identity)
    return page(request, "programme/staff_plan_region.html", entry=entry, form=RegionForm(None, regions=regions))


@post(f"{ENTRY}/event", guards=GUARDS, include_in_schema=False)
async def make_it_an_event(request: AnyRequest, identity: FromPath[UUID]) -> Template | Redirect:
    """Make a draft of what is planned and ask for its date; one click where the region is known."""
    sent, (entry, regions) = await read_form(request), await _plannable(request, identity)
    region = regions[0].code if len(regions) == 1 else None
    if entry.region is None and region is None:
        if "region" not in sent:
            return see_other(f"{CLOCK}/{identity}/event")
        form = RegionForm(sent, regions=regions)
        if not form.validate():
            return page(request, "programme/staff_plan_region.html", status=form.status, entry=entry, form=form)
        region = form.region.data
    created = await make_planned_event(identity, region=region, actor=actor_of(request), now=clock.now())
    return see_other(f"{EVENTS}/{created.slug}/edit/times")


def _entry_page(request: AnyRequest, form: EntryForm, entry: Entry, status: int = 200) -> Template:
    make = may_make(actor_of(request), entry.region, clock.now())
    return page(request, "programme/staff_plan.html", status=status, form=form, entry=entry, may_make=make)


def _year(request: AnyRequest) -> int:
    asked = told_number(request.query_params.get("year", ""))
    return asked if asked in YEARS else rules.to_local(clock.now(), rules.ZONE).year


def _back(form: EntryForm) -> str:
    view = "themes" if form.theme.data else "regions"
    return f"{CLOCK}?year={form.year.data}&view={view}&saved=entry"


def _attach(form: EntryForm, error: Invalid) -> None:
    for name, messages in error.errors.items():
        for message in messages:
            add_error(form[name], message)


async def _mine(request: AnyRequest, identity: UUID) -> Entry:
    """Return an entry that the actor may change; raises NotFound for any other."""
    entry = await plan_queries.entry(identity)
    if entry is None or not may_plan(actor_of(request), entry.region, clock.now()):
        raise NotFound
    return entry


async def _plannable(request: AnyRequest, identity: UUID) -> tuple[Entry, list[Named]]:
    """Return an entry and the regions in which the actor may make an event of it; raises NotFound when in none."""
    entry = await plan_queries.entry(identity)
    regions = await allowed_regions(actor_of(request), clock.now())
    if entry is None or not regions or (entry.region and entry.region not in {each.code for each in regions}):
        raise NotFound
    return entry, regions


async def _form(request: AnyRequest, sent: FormData | None, data: dict[str, Any]) -> EntryForm:
    everywhere, codes, _events = reach(actor_of(request), Action.PLAN_YEAR, now=clock.now())
    regions = [(each.code, each.name) for each in await network.regions() if everywhere or each.code in codes]
    if not regions:
        raise NotAllowed
    return EntryForm(
        sent,
        data={name: "" if value is None else value for name, value in data.items()},
        regions=[NONE, *regions] if everywhere else regions,
        themes=await network.themes(),
        projects=[(each.code, each.name) for each in await network.projects()],
    )


ROUTES: list[ControllerRouterHandler] = [
    *(clock_page, new_entry_page, plan_it, entry_page, save_entry, remove_it, region_page, make_it_an_event),
]
