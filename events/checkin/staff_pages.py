"""The attendance of an event: who came, as far as is known, and closing it."""

from datetime import datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import actions, rules, staff_queries
from events.checkin.closing import open_ends
from events.checkin.closing.deeds import deeds
from events.checkin.staff_queries import Unregistered
from events.checkin.tables import AttendanceState
from events.checkin.walk_in.actions import settle
from events.core import clock
from events.core.errors import BadRequest, Conflict
from events.core.forms import FormData, read_form
from events.core.web import AnyRequest, page, see_other, told_number
from events.network import queries as network
from events.programme.queries import EventView

PATH = "/staff/events/{slug:str}/attendance"
GUARDS = [Requires(Action.RECONCILE)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def attendance_page(
    request: AnyRequest,
    slug: FromPath[str],
    *,
    show: FromQuery[str] = "all",
    q: FromQuery[str] = "",
    number: FromQuery[int] = 1,
    saved: FromQuery[str] = "",
) -> Template:
    """Everyone who is expected or came, with the buttons to mark them."""
    event = await _event(request, slug)
    return await _page(request, event, show=show, words=q, number=number, saved=saved)


@post(f"{PATH}/mark", guards=GUARDS, include_in_schema=False)
async def mark(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Mark one person: the button's name is the state, its value the registration. With `do` all that are chosen."""
    event, form = await _event(request, slug), await read_form(request)
    try:
        return await (_mark_chosen if "do" in form else _mark_one)(request, event, form)
    except Conflict as conflict:  # closed meanwhile
        return await _page(request, event, refusal=conflict.message)


async def _mark_one(request: AnyRequest, event: EventView, form: FormData) -> Redirect:
    marked = [(state, value) for state in AttendanceState for value in form.getlist(state.value)]
    try:
        ((state, value),) = marked
        registration = UUID(value)
    except ValueError as error:
        raise BadRequest from error
    await actions.mark([registration], state, actor=actor_of(request), now=clock.now())
    return see_other(f"{_back(event, form)}#r-{registration}")


async def _mark_chosen(request: AnyRequest, event: EventView, form: FormData) -> Redirect:
    """Mark those who are ticked, or with `every` all whom the list shows."""
    try:
        state, chosen = AttendanceState(form.text("do")), [UUID(value) for value in form.getlist("chosen")]
    except ValueError as error:
        raise BadRequest from error
    if "every" in form:
        shown, _tally = await staff_queries.attendees(event.id, show=form.text("show"), words=form.text("q"))
        chosen = [each.id for each in shown]
    if not chosen:
        return see_other(_back(event, form, saved="none"))
    marked = await actions.mark(chosen, state, actor=actor_of(request), now=clock.now())
    return see_other(_back(event, form, saved="marked", told=str(marked)))


@post(f"{PATH}/undo", guards=GUARDS, include_in_schema=False)
async def undo(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Take back what was marked by one press."""
    event, form = await _event(request, slug), await read_form(request)
    try:
        batch = UUID(form.text("batch"))
    except ValueError as error:
        raise BadRequest from error
    try:
        undone, left = await actions.undo(batch, event.id, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _page(request, event, refusal=conflict.message)
    return see_other(_back(event, form, saved="undone", told=str(undone), left=str(left)))


@post(f"{PATH}/came", guards=GUARDS, include_in_schema=False)
async def came(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Register and mark someone who was expected: the button's name says by what they are known."""
    event, form = await _event(request, slug), await read_form(request)
    deeds = {"invitation": actions.invited_came, "member": actions.member_came}
    try:
        ((name, value),) = [(name, value) for name in deeds for value in form.getlist(name)]
        identity = UUID(value)
    except ValueError as error:
        raise BadRequest from error
    try:
        registration = await deeds[name](event.id, identity, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _page(request, event, refusal=conflict.message)
    return see_other(f"{_back(event, form)}#r-{registration}")


@post(f"{PATH}/rest", guards=GUARDS, include_in_schema=False)
async def mark_rest(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Mark everyone of whom nothing is known."""
    event, form = await _event(request, slug), await read_form(request)
    try:
        state = AttendanceState(form.get("state", [""])[0])
    except ValueError as error:
        raise BadRequest from error
    try:
        marked = await actions.mark_rest(event.id, state, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:  # closed meanwhile
        return await _page(request, event, refusal=conflict.message)
    return see_other(_back(event, form, saved="marked", told=str(marked)))


@post(f"{PATH}/late", guards=GUARDS, include_in_schema=False)
async def settle_late(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Register someone of whom a door told too late (`let_in`), or put them aside (`dismiss`)."""
    event, form = await _event(request, slug), await read_form(request)
    deed: Literal["let_in", "dismiss"] = "let_in" if "let_in" in form else "dismiss"
    try:
        nonce = UUID(form.text(deed))
    except ValueError as error:
        raise BadRequest from error
    try:
        await settle(nonce, event.id, deed, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _page(request, event, refusal=conflict.message)
    return see_other(_back(event, form, saved="marked"))


@post(f"{PATH}/close", guards=GUARDS, include_in_schema=False)
async def close(request: AnyRequest, slug: FromPath[str]) -> Redirect | Template:
    """Reconcile the event; what still stands against it is said on the page."""
    event = await _event(request, slug)
    try:
        await actions.reconcile(event.id, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _page(request, event, show="unknown", error=conflict.message)
    return see_other(_back(event, FormData(), saved="closed"))


@post(f"{PATH}/open", guards=GUARDS, include_in_schema=False)
async def open_again(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Open the attendance again."""
    event = await _event(request, slug)
    await actions.reopen(event.id, actor=actor_of(request), now=clock.now())
    return see_other(_back(event, FormData(), saved="opened"))


async def _event(request: AnyRequest, slug: str) -> EventView:
    return await staff_queries.event_to_reconcile(slug, actor_of(request), clock.now())


async def _page(
    request: AnyRequest,
    event: EventView,
    *,
    show: str = "all",
    words: str = "",
    number: int = 1,
    saved: str = "",
    error: str = "",
    refusal: str = "",
) -> Template:
    now, show = clock.now(), show if show in staff_queries.SHOWS else "all"
    people, tally = await staff_queries.attendees(event.id, show=show, words=words)
    pages = max(1, -(-len(people) // staff_queries.PAGE_SIZE))
    number = min(max(1, number), pages)
    first = (number - 1) * staff_queries.PAGE_SIZE
    return page(
        request,
        "checkin/attendance.html",
        status=409 if error or refusal else 200,
        event=event,
        people=people[first : first + staff_queries.PAGE_SIZE],
        tally=tally,
        unregistered=await _unregistered(event, words, now) if show in {"all", "unknown"} else [],
        refused=await staff_queries.refused(event.id),
        conflicts=await open_ends.conflicts(event.id),
        deeds=await deeds(event.id),
        late=await open_ends.late(event.id),
        projects=await network.projects(event.projects),
        why_open=rules.why_open(state=event.state, ends_at=event.ends_at, unknown=tally.unknown, now=now),
        show=show,
        words=words,
        number=number,
        pages=pages,
        matching=len(people),
        saved=saved,
        told={name: told_number(request.query_params.get(name, "")) for name in ("told", "left")},
        error=error,
        refusal=refusal,
    )


async def _unregistered(event: EventView, words: str, now: datetime) -> list[Unregistered]:
    """Return who may have come without registering; before the event begins, and once it is closed, nobody."""
    open_now = event.state == "published" and event.starts_at <= now and event.reconciled_at is None
    return await staff_queries.unregistered(event.id, words=words) if open_now else []


def _back(event: EventView, form: FormData, **more: str) -> str:
    kept = {name: form.get(name, [""])[0] for name in ("show", "q", "number")}
    query = urlencode({name: value for name, value in {**kept, **more}.items() if value})
    return f"/staff/events/{event.slug}/attendance" + (f"?{query}" if query else "")


ROUTES: list[ControllerRouterHandler] = [
    attendance_page,
    mark,
    undo,
    came,
    mark_rest,
    settle_late,
    close,
    open_again,
]
