"""What figures open down to, for who may see persons: their rows, and the persons or organisations behind them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts import audit
from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.file_types import MEDIA_TYPES
from events.core.i18n import gettext as _
from events.core.web import AnyRequest, page
from events.reports import rows_file, words
from events.reports.access import reach_of, rows_are_fewer
from events.reports.called import called
from events.reports.dashboard.parts import BREAKS
from events.reports.filters import Reach, parse_filters
from events.reports.pages import PATH, given
from events.reports.rows import Behind, Rows, rows
from events.reports.who import Kind, who

BACK = {"dashboard": "/staff/reports", "report": PATH}
"""Pages whose figures open down to rows, by the name that leads back."""

_LISTS: dict[str, Kind] = {"persons": "persons", "organisations": "organisations"}


@get(f"{PATH}/rows", guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False)
async def show_rows(request: AnyRequest) -> Template:
    """The participations behind a figure, with their persons, page after page."""
    filters, reach, behind = await parse_filters(given(request)), _reach(request), _behind(request)
    after = _id(request, "after")
    found = await rows(filters, reach, behind, after=after)
    kept = _kept(request)
    return page(
        request,
        "reports/rows.html",
        found=found,
        of_what=[*_whose(behind, found), *await called(filters, behind)],
        words=words,
        regions=await words.cell_names("region"),
        fewer=rows_are_fewer(actor_of(request), clock.now()),
        first=f"{PATH}/rows?{urlencode(kept)}" if after else "",
        next=f"{PATH}/rows?{urlencode({**kept, 'after': str(found.next)})}" if found.next else "",
        kept=urlencode(kept),
        **_way_back(request),
    )


@get([f"{PATH}/{kind}" for kind in _LISTS], guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False)
async def show_who(request: AnyRequest) -> Template:
    """The persons, or organisations, behind a figure; each opens its own participations among the figure's."""
    kind = _LISTS[request.url.path.rpartition("/")[2]]
    filters, reach, behind = await parse_filters(given(request)), _reach(request), _behind(request)
    after = _id(request, "after")
    found = await who(filters, reach, behind, kind, after=after)
    kept = {name: value for name, value in _kept(request).items() if name not in {"person", "organisation"}}
    return page(
        request,
        "reports/who.html",
        kind=kind,
        found=found,
        of_what=await called(filters, behind),
        words=words,
        one=f"{PATH}/rows?{urlencode({**kept, 'list': kind})}&{kind.removesuffix('s')}=",
        all=f"{PATH}/rows?{urlencode(kept)}",
        fewer=rows_are_fewer(actor_of(request), clock.now()),
        first=f"{PATH}/{kind}?{urlencode(kept)}" if after else "",
        next=f"{PATH}/{kind}?{urlencode({**kept, 'after': str(found.next)})}" if found.next else "",
        **_way_back(request),
    )


@get(
    [f"{PATH}/rows.csv", f"{PATH}/rows.xlsx"], guards=[Requires(Action.SEE_PERSONS_IN_REPORTS)], include_in_schema=False
)
async def rows_as_file(request: AnyRequest) -> Stream:
    """All of the participations behind a figure as a file, made on disk and sent in pieces."""
    kind = request.url.path.rpartition(".")[2]
    filters, reach, behind = await parse_filters(given(request)), _reach(request), _behind(request)
    told = {"format": kind, "filters": sorted(given(request))}
    await audit.record(actor_of(request), "participations.exported", "report", "participation", clock.now(), **told)
    write = rows_file.csv_file if kind == "csv" else rows_file.xlsx_file
    return Stream(
        write(filters, reach, behind),
        media_type=MEDIA_TYPES[kind],
        headers={"content-disposition": f'attachment; filename="participations.{kind}"'},
    )


def _reach(request: AnyRequest) -> Reach:
    return reach_of(actor_of(request), Action.SEE_PERSONS_IN_REPORTS, clock.now())


def _behind(request: AnyRequest) -> Behind:
    asked = request.query_params
    return Behind(
        by=asked.get("by", ""),
        cell=asked.get("cell", ""),
        person=_id(request, "person"),
        organisation=_id(request, "organisation"),
    )


def _id(request: AnyRequest, name: str) -> UUID | None:
    """Return an id in the address; what is none finds nothing."""
    asked = request.query_params.get(name, "")
    if not asked:
        return None
    try:
        return UUID(asked)
    except ValueError:
        return UUID(int=0)


def _whose(behind: Behind, found: Rows) -> list[tuple[str, str]]:
    """Return whose rows they are where they are of one alone, from the rows that the reader may see."""
    if behind.person is None and behind.organisation is None:
        return []
    row = found.rows[0] if found.rows else None
    if behind.person:
        name = f"{row.given_name} {row.family_name}".strip() if row else ""
    else:
        name = row.organisation if row else ""
    return [("", name or _("Deleted"))]


def _kept(request: AnyRequest) -> dict[str, str]:
    """Return what stands in the address of the page, but for where it begins."""
    asked = request.query_params
    beside = {name: asked[name] for name in ("by", "cell", "person", "organisation") if asked.get(name)}
    beside |= {"back": asked["back"]} if asked.get("back") in BACK else {}
    return {**given(request), **beside, **({"list": asked["list"]} if asked.get("list") in _LISTS else {})}


def _way_back(request: AnyRequest) -> dict[str, Any]:
    """Return the page that the figure stands on, and the list that led to the rows of one."""
    kept = _kept(request)
    where = kept.get("back", "report")
    report = f"{BACK[where]}?{urlencode(given(request))}#{_table(where, kept.get('by', ''))}"
    among = {name: value for name, value in kept.items() if name not in {"list", "person", "organisation"}}
    back_to_list = f"{PATH}/{kept['list']}?{urlencode(among)}" if "list" in kept else ""
    return {"back": report, "back_to_list": back_to_list, "listed": kept.get("list", "")}


def _table(page: str, by: str) -> str:
    """Return where on its page the table stands from which one came."""
    if page == "dashboard":
        names = {break_down: name for name, break_down in BREAKS.items()}
        return {**names, "region": "regions", "heat": "heat"}.get(by, "totals")
    return "events" if by == "event" else f"by-{by}" if by in words.BREAK_DOWNS else "figures"


ROUTES: list[ControllerRouterHandler] = [show_rows, show_who, rows_as_file]
