"""The registrations of an event for its staff: the list in pages, its columns, and the same list as a file."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts import audit
from events.accounts.guards import actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.documents.queries import own_about
from events.core.file_types import MEDIA_TYPES
from events.core.forms import read_form
from events.core.web import AnyRequest, page, page_number, see_other
from events.network import queries as network
from events.programme.queries import EventView
from events.programme.steps.registered import counts, gone_words, registered_words
from events.registration.staff import columns as staff_columns
from events.registration.staff import queries as staff_queries
from events.registration.staff.bulk import Deed
from events.registration.staff.bulk_words import deed_words
from events.registration.staff.choices import answer_choices, chips_of, choices_of
from events.registration.staff.files import csv_file, xlsx_file
from events.registration.staff.filters import read_view
from events.registration.staff.one_pages import PATH, SEE
from events.registration.staff.reach import allowed, event_for
from events.registration.tables import State

FILES = {
    "csv": (csv_file, "text/csv"),
    "xlsx": (xlsx_file, MEDIA_TYPES["xlsx"]),
}


@get(PATH, guards=SEE, include_in_schema=False)
async def registrations_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Who has registered: filtered, sorted, in pages, all by what stands in the address."""
    event = await event_for(request, slug, Action.SEE_REGISTRATIONS)
    all_columns = await staff_columns.columns_for(event.id)
    view = read_view(request.query_params.multi_items(), all_columns)
    columns = view.columns or await staff_columns.remembered(actor_of(request).id, all_columns)
    found = await staff_queries.found(event.id, view, page=page_number(request))
    states = await staff_queries.states(event.id)
    counted = (await counts([event.id]))[event.id]
    words = await staff_columns.words_for(event)
    await staff_columns.with_choices(words, event.id, columns, [line.id for line in found.items])
    choices, answers = await choices_of(event, words), await answer_choices(event.id)
    return page(
        request,
        "registration/staff_list.html",
        event=event,
        found=found,
        view=view,
        words=words,
        standing=[f"{registered_words(counted)}.", gone_words(counted)],
        states=[(state.value, words.states[state], states[state]) for state in State if states.get(state)],
        choices=choices,
        chips=chips_of(view, [*choices, *answers], words),
        answers=answers,
        organisations=await staff_queries.organisations(event.id),
        columns=columns,
        all_columns=all_columns,
        sortable=staff_columns.SORTABLE,
        deeds=[(deed.value, deed_words(deed)) for deed in Deed if deed is not Deed.MOVE or len(event.sites) > 1],
        projects=await network.projects(event.projects),
        under_way=await own_about("event", event.id, actor_of(request).id, clock.now(), kinds="registrations.bulk"),
        may_edit=allowed(request, event, Action.EDIT_REGISTRATIONS),
        saved=request.query_params.get("saved", ""),
    )


@post(f"{PATH}/columns", guards=SEE, include_in_schema=False)
async def choose_columns(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Remember the columns that were ticked, and show the list with them."""
    event = await event_for(request, slug, Action.SEE_REGISTRATIONS)
    form, actor = await read_form(request), actor_of(request)
    kept = [pair for pair in parse_qsl(form.text("list")) if pair[0] != "columns"]
    all_columns = await staff_columns.columns_for(event.id)
    view = read_view([*kept, ("columns", ",".join(form.getlist("column")))], all_columns)
    if actor.id is not None:
        await staff_columns.remember(actor.id, view.columns)
    return see_other(f"/staff/events/{event.slug}/registrations?{view.query()}")


@get([f"{PATH}.csv", f"{PATH}.xlsx"], guards=SEE, include_in_schema=False)
async def registrations_file(request: AnyRequest, slug: FromPath[str]) -> Stream:
    """The same list as a file, all of it: with the columns that the address names, else with every column."""
    event = await event_for(request, slug, Action.SEE_REGISTRATIONS)
    all_columns = await staff_columns.columns_for(event.id)
    view = read_view(request.query_params.multi_items(), all_columns)
    kind = request.url.path.rpartition(".")[2]
    columns = view.columns or tuple(all_columns)
    registrations = await staff_queries.every(event.id, view)
    await _record_export(request, event, kind, columns, len(registrations))
    words = await staff_columns.with_choices(await staff_columns.words_for(event), event.id, columns)
    write, media_type = FILES[kind]
    return Stream(
        write(registrations, [all_columns[name] for name in columns], words),
        media_type=media_type,
        headers={
            "content-disposition": f'attachment; filename="{event.slug}-registrations.{kind}"',
        },
    )


async def _record_export(request: AnyRequest, event: EventView, kind: str, columns: Sequence[str], people: int) -> None:
    """Let the trail tell that personal data left, which and how much; what was searched for may be a name."""
    filters = sorted({name for name, _value in read_view(request.query_params.multi_items(), ()).filters.pairs()})
    await audit.record(
        actor_of(request),
        "registrations.exported",
        "event",
        event.id,
        clock.now(),
        format=kind,
        people=people,
        columns=list(columns),
        filters=filters,
    )


ROUTES: list[ControllerRouterHandler] = [
    registrations_page,
    registrations_file,
    choose_columns,
]
