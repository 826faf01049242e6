"""The registrations of an event for its staff: the list, one of them, and what can be done with it."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor
from events.core.errors import BadRequest, Conflict, NotFound
from events.core.forms import read_form
from events.core.i18n import gettext as _
from events.core.text import harmless_cell
from events.core.web import AnyRequest, page, page_number, see_other
from events.network import queries as network
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import actions, staff_queries
from events.registration.places import place_names
from events.registration.questions.sections import staff_answers
from events.registration.staff_queries import Line, read_filters
from events.registration.tables import RegistrationRole, State
from events.registration.words import role_words, source_words, state_words


class Deed(Protocol):
    """What staff may do to a registration by one button."""

    async def __call__(self, registration_id: UUID, /, *, actor: Actor, now: datetime) -> object:
        """Do it."""


PATH = "/staff/events/{slug:str}/registrations"
SEE = [Requires(Action.SEE_REGISTRATIONS)]
EDIT = [Requires(Action.EDIT_REGISTRATIONS)]
_DEEDS: Mapping[str, Deed] = {
    "approve": actions.approve,
    "decline": actions.decline,
    "place": actions.give_place,
    "cancel": actions.cancel,
}

CHUNK = 500
"""Lines of a CSV file that are made at a time."""


@get(PATH, guards=SEE, include_in_schema=False)
async def registrations_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Who has registered, by state, role, site and words."""
    event = await _event(request, slug, Action.SEE_REGISTRATIONS)
    filters, number = read_filters(request.query_params), page_number(request)
    found = await staff_queries.found(event.id, filters, page=number)
    return page(
        request,
        "registration/staff_list.html",
        headers={"cache-control": "no-store"},
        event=event,
        found=found,
        filters=filters,
        query=urlencode(filters.query()),
        number=number,
        pages=-(-found.total // staff_queries.PAGE_SIZE),
        places=await place_names(event),
        projects=await network.projects(event.projects),
        states=[(state.value, state_words(state)) for state in State if found.states.get(state)],
        roles=[(role.value, role_words(role)) for role in RegistrationRole],
        role_words=role_words,
        may_edit=_may(request, event, Action.EDIT_REGISTRATIONS),
        saved=request.query_params.get("saved", ""),
    )


@get(f"{PATH}.csv", guards=SEE, include_in_schema=False)
async def registrations_csv(request: AnyRequest, slug: FromPath[str]) -> Stream:
    """The same list as a file for spreadsheets: semicolons, UTF-8 with its mark, no cell that runs as a formula."""
    event = await _event(request, slug, Action.SEE_REGISTRATIONS)
    filters = read_filters(request.query_params)
    lines = await staff_queries.every(event.id, filters)
    towns = await network.municipality_names(line.municipality for line in lines)
    return Stream(
        _csv(lines, event, await place_names(event), towns),
        media_type="text/csv",
        headers={
            "content-disposition": f'attachment; filename="{event.slug}-registrations.csv"',
            "cache-control": "no-store",
        },
    )


@get(f"{PATH}/{{registration_id:uuid}}", guards=SEE, include_in_schema=False)
async def registration_page(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Template:
    """One registration with what can be done."""
    event = await _event(request, slug, Action.SEE_REGISTRATIONS)
    return await _one(request, event, registration_id)


@post(f"{PATH}/{{registration_id:uuid}}", guards=EDIT, include_in_schema=False)
async def act(request: AnyRequest, slug: FromPath[str], registration_id: FromPath[UUID]) -> Redirect | Template:
    """Approve, decline, give a place, cancel or set the role: the button's name says which."""
    event = await _event(request, slug, Action.EDIT_REGISTRATIONS)
    if await staff_queries.one(event.id, registration_id) is None:
        raise NotFound
    form, actor, now = await read_form(request), actor_of(request), clock.now()
    wanted = form.get("do", [""])[0]
    try:
        if wanted == "role":
            role = RegistrationRole(form.get("role", [""])[0])
            await actions.set_role(registration_id, role, actor=actor, now=now)
        else:
            await _DEEDS[wanted](registration_id, actor=actor, now=now)
    except Conflict as conflict:
        return await _one(request, event, registration_id, refusal=conflict.message)
    except (KeyError, ValueError) as error:
        raise BadRequest from error
    if "list" in form:
        return see_other(f"/staff/events/{event.slug}/registrations?{_kept(form.get('list', [''])[0])}")
    return see_other(f"/staff/events/{event.slug}/registrations/{registration_id}?saved=1")


def _kept(query: str) -> str:
    """Return the filters of the list one came from, read anew: what comes in a form is not led to as it is."""
    return urlencode({**read_filters(dict(parse_qsl(query))).query(), "saved": "1"})


async def _one(request: AnyRequest, event: EventView, registration_id: UUID, refusal: str = "") -> Template:
    line = await staff_queries.one(event.id, registration_id)
    if line is None:
        raise NotFound
    towns = await network.municipality_names([line.municipality])
    sees_health = _may(request, event, Action.SEE_HEALTH)
    return page(
        request,
        "registration/staff_one.html",
        status=409 if refusal else 200,
        headers={"cache-control": "no-store"},
        event=event,
        line=line,
        place=(await place_names(event))[line.site],
        town=towns.get(line.municipality, ""),
        roles=[(role.value, role_words(role)) for role in RegistrationRole],
        role_words=role_words,
        source=source_words(line.source),
        may_edit=_may(request, event, Action.EDIT_REGISTRATIONS),
        refusal=refusal,
        saved=request.query_params.get("saved", ""),
        **await staff_answers(request, event, registration_id, sees_health=sees_health),
    )


def _csv(lines: list[Line], event: EventView, places: Mapping[UUID, str], towns: Mapping[str, str]) -> Iterator[bytes]:
    zone = ZoneInfo(event.zone)
    yield "\ufeff".encode()
    yield _rows(
        [
            [
                *(_("Family name"), _("Given name"), _("E-mail"), _("Organisation"), _("Municipality"), _("Country")),
                *(_("Place"), _("State"), _("Number in line"), _("Role")),
                *(_("Language"), _("Registered on"), _("Source")),
            ]
        ]
    )
    for first in range(0, len(lines), CHUNK):
        yield _rows(
            [
                [
                    *(line.family_name, line.given_name, line.email, line.organisation),
                    *(towns.get(line.municipality, ""), line.country, places.get(line.site, "")),
                    *(state_words(line.state), str(line.number), role_words(line.role), line.language),
                    *(f"{line.registered_at.astimezone(zone):%Y-%m-%d %H:%M}", source_words(line.source)),
                ]
                for line in lines[first : first + CHUNK]
            ]
        )


def _rows(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([[harmless_cell(cell) for cell in row] for row in rows])
    return buffer.getvalue().encode()


async def _event(request: AnyRequest, slug: str, action: Action) -> EventView:
    event = await programme.by_slug(slug)
    if event is None or not _may(request, event, action):
        raise NotFound
    return event


def _may(request: AnyRequest, event: EventView, action: Action) -> bool:
    return may(actor_of(request), action, now=clock.now(), event_id=event.id, region=event.host_region)


ROUTES: list[ControllerRouterHandler] = [registrations_page, registrations_csv, registration_page, act]
