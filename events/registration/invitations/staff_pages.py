"""Invitations of an event for its staff: who answered what, inviting a pasted list, sending again, withdrawing."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import BadRequest, Conflict, NotFound
from events.core.forms import read_form
from events.core.i18n import format_moment, ngettext
from events.core.i18n import gettext as _
from events.core.text import fold
from events.core.web import AnyRequest, page, see_other, told_number
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.rules import DAY
from events.registration.invitations import actions as invitations
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations import reminders as invitation_reminders
from events.registration.invitations.queries import InvitationView
from events.registration.invitations.tables import InvitationState
from events.registration.staff.files import csv_rows
from events.registration.words import answer_words

PATH = "/staff/events/{slug:str}/invitations"
GUARDS = [Requires(Action.EDIT_REGISTRATIONS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def invitations_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Who was invited and what came of it."""
    return await _list(request, await invited_event(request, slug))


@post(PATH, guards=GUARDS, include_in_schema=False)
async def act(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Remind all who have not answered, send one again or withdraw it: the button's name says which."""
    event, sent = await invited_event(request, slug), await read_form(request)
    if "remind" in sent:
        told = await invitation_reminders.remind_now(event.id, actor=actor_of(request), now=clock.now())
        return see_other(f"/staff/events/{event.slug}/invitations?saved=reminded&told={told}")
    deeds = {"again": invitations.send_again, "withdraw": invitations.withdraw}
    wanted = next((name for name in deeds if name in sent), "")
    if not wanted:
        raise BadRequest
    identity = await _invitation_of(event, sent.text(wanted))
    try:
        await deeds[wanted](identity, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _list(request, event, refusal=conflict.message)
    return see_other(f"/staff/events/{event.slug}/invitations?saved={wanted}")


@get(f"{PATH}.csv", guards=GUARDS, include_in_schema=False)
async def invitations_csv(request: AnyRequest, slug: FromPath[str]) -> Stream:
    """The same list as a file for spreadsheets."""
    event = await invited_event(request, slug)
    found = await invitation_queries.of_event(event.id)
    return Stream(
        _csv(_filtered(request, found), event.zone),
        media_type="text/csv",
        headers={
            "content-disposition": f'attachment; filename="{event.slug}-invitations.csv"',
        },
    )


async def invited_event(request: AnyRequest, slug: str) -> EventView:
    """Return an event whose registrations the actor edits; raises NotFound."""
    event = await programme.by_slug(slug)
    if event is None or not may(
        actor_of(request), Action.EDIT_REGISTRATIONS, now=clock.now(), event_id=event.id, region=event.host_region
    ):
        raise NotFound
    return event


async def _invitation_of(event: EventView, text: str) -> UUID:
    try:
        invitation = await invitation_queries.by_id(UUID(text))
    except ValueError as error:
        raise BadRequest from error
    if invitation is None or invitation.event != event.id:
        raise NotFound
    return invitation.id


def _filtered(request: AnyRequest, found: list[InvitationView]) -> list[InvitationView]:
    wanted, words = request.query_params.get("answer", ""), fold(request.query_params.get("q", "")[:100])
    return [
        each
        for each in found
        if wanted in {"", each.answer} and (not words or words in fold(f"{each.name} {each.email}"))
    ]


async def _list(request: AnyRequest, event: EventView, *, refusal: str = "") -> Template:
    found = await invitation_queries.of_event(event.id)
    query = request.query_params
    return page(
        request,
        "registration/invitations.html",
        status=409 if refusal else 200,
        event=event,
        counts=Counter(each.answer.value for each in found),
        total=len(found),
        found=_filtered(request, found),
        answers=[(state.value, answer_words(state)) for state in InvitationState],
        wanted=query.get("answer", ""),
        words=query.get("q", "")[:100],
        reminders=_when(event),
        waited_for=await invitation_reminders.waited_for(event.id),
        to_come=event.state == "published" and clock.now() < event.starts_at,
        refusal=refusal,
        saved=query.get("saved", ""),
        told=told_number(query.get("told", "")),
    )


def _when(event: EventView) -> str:
    days = sorted({minutes // DAY for minutes in event.invitation_reminders}, reverse=True)
    return ", ".join(ngettext("%(n)s day before", "%(n)s days before", count) for count in days)


def _csv(found: list[InvitationView], zone: str) -> Iterator[bytes]:
    yield "\ufeff".encode()
    headings: list[str | int] = [
        _("Name"),
        _("E-mail"),
        _("Answer"),
        _("Invited on"),
        _("Answered on"),
        _("Reminded on"),
    ]
    rows: list[list[str | int]] = [
        [
            *(each.name, each.email, answer_words(each.answer)),
            *(
                format_moment(moment, zone) if moment else ""
                for moment in (each.invited_at, each.answered_at, each.reminded_at)
            ),
        ]
        for each in found
    ]
    yield csv_rows([headings, *rows])


ROUTES: list[ControllerRouterHandler] = [invitations_page, act, invitations_csv]
