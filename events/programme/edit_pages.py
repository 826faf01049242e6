"""Pages that change an event: its cards, copying, deleting a draft."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.core import clock
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other
from events.programme import by_hand, presentation, queries, rules
from events.programme.actions import copy_event, deletable, delete_draft
from events.programme.cards import CARDS, EditCard, EditContext, attach
from events.programme.editing import Stale
from events.programme.queries import EventView
from events.programme.scopes import offer_scopes
from events.programme.series.editing import edit_in_series
from events.programme.series.queries import Scope, reached, series_of
from events.programme.staff_pages import EVENTS, editable
from events.programme.steps import duties, standing
from events.programme.steps.telling import telling
from events.programme.time_forms import CopyForm, TellingForm

EVENT = f"{EVENTS}/{{slug:str}}"
GUARDS = [Requires(Action.EDIT_EVENTS)]
_TELLING = frozenset({"times", "sites"})
"""Cards of which a change is told to those who count on it."""


class Other(Struct, frozen=True):
    """Another event of a series, and what of a card was changed by hand there."""

    event: EventView
    by_hand: list[str]


@get(f"{EVENT}/edit/{{card:str}}", guards=GUARDS, include_in_schema=False)
async def edit_page(request: AnyRequest, slug: FromPath[str], card: FromPath[str]) -> Template:
    """The form of one card."""
    event, chosen = await editable(request, slug), _card(card)
    form = await chosen.make(EditContext(event, None, actor_of(request), clock.now()))
    form.version.data = str(event.version)
    return await _edit_template(request, event, card, form)


@post(f"{EVENT}/edit/{{card:str}}", guards=GUARDS, include_in_schema=False)
async def save_card(request: AnyRequest, slug: FromPath[str], card: FromPath[str]) -> Template | Redirect:
    """Save one card; who was overtaken by someone else keeps what was typed and is told."""
    sent, event, chosen = await read_form(request), await editable(request, slug), _card(card)
    form = await chosen.make(EditContext(event, sent, actor_of(request), clock.now()))
    if not form.validate():
        return await _edit_template(request, event, card, form, form.status)
    seen = form.version.data or ""
    try:
        with _telling(form):
            edited = await edit_in_series(
                event.id,
                chosen.changes(form),
                Scope(form.scope.data),
                actor=actor_of(request),
                now=clock.now(),
                version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,  # noqa: PLR2004
                by_hand_too=form.by_hand_too.data,
            )
    except Invalid as error:
        attach(form, error.errors)
        return await _edit_template(request, event, card, form, 422)
    except Stale as error:
        current = await queries.by_id(event.id) or event
        form.version.data = str(current.version)
        form.form_errors.append(error.message)
        return await _edit_template(request, current, card, form, 409, stale=True)
    except Conflict as error:
        form.form_errors.append(error.message)
        return await _edit_template(request, event, card, form, 409)
    saved = "kind" if edited.own.followed_kind else "moved" if edited.own.moved else card
    others = f"&others={edited.others}&kept={edited.kept}" if edited.others or edited.kept else ""
    # Back to the card, unless there is something to tell above all of them.
    part = "" if others or edited.told or saved == "kind" else f"#{card}"
    return see_other(f"{EVENTS}/{event.slug}?saved={saved}&told={edited.told}{others}{part}")


@get(f"{EVENT}/copy", guards=GUARDS, include_in_schema=False)
async def copy_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """When the copy takes place."""
    event = await editable(request, slug)
    start = rules.to_local(event.starts_at, event.zone)
    form = CopyForm(None, zone=event.zone, data={"starts": start.time()})
    return page(request, "programme/staff_copy.html", event=event, form=form)


@post(f"{EVENT}/copy", guards=GUARDS, include_in_schema=False)
async def copy_it(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Make a draft like this event."""
    sent, event = await read_form(request), await editable(request, slug)
    form = CopyForm(sent, zone=event.zone)
    if not form.validate() or form.starts_at is None:
        return page(request, "programme/staff_copy.html", status=form.status, event=event, form=form)
    created = await copy_event(
        event.id,
        form.starts_at,
        actor=actor_of(request),
        now=clock.now(),
        without_files=form.without_files.data,
    )
    return see_other(f"{EVENTS}/{created.slug}")


@get(f"{EVENT}/delete", guards=GUARDS, include_in_schema=False)
async def delete_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """What goes with the draft."""
    event, now = await editable(request, slug), clock.now()
    await deletable(event.id, actor_of(request), now)
    return page(request, "programme/staff_delete.html", event=event, card=await presentation.card(event, now))


@post(f"{EVENT}/delete", guards=GUARDS, include_in_schema=False)
async def delete_it(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Delete a draft that nobody has registered for."""
    event = await editable(request, slug)
    await delete_draft(event.id, actor=actor_of(request), now=clock.now())
    return see_other(EVENTS)


def _telling(form: Any) -> AbstractContextManager[None]:
    """Let what the form says to people, or that they are not written to, hold for what is changed by it."""
    return telling(form.words.data or "", silent=form.silent.data) if isinstance(form, TellingForm) else nullcontext()


def _card(name: str) -> EditCard:
    if name not in CARDS:
        raise NotFound
    return CARDS[name]


async def _edit_template(
    request: AnyRequest, event: EventView, card: str, form: Any, status: int = 200, *, stale: bool = False
) -> Template:
    """Show the form; where saving may write to people, say to how many."""
    tells = card in _TELLING and event.state == "published" and clock.now() < event.ends_at
    return page(
        request,
        "programme/staff_edit.html",
        status=status,
        event=event,
        card=card,
        heading=str(CARDS[card].title),
        form=form,
        told=await duties.reached(event.id, states=duties.REGISTERED) if tells and card == "times" else 0,
        touched=await standing.changing_sites(event) if tells and card == "sites" else [],
        asked=await duties.reached(event.id, states=(duties.INVITED,)) if tells else 0,
        stale=stale,
        closed={str(site.id) for site in event.sites if site.closed},
        together=await offer_scopes(form, event, actor_of(request), clock.now(), tells=card in _TELLING),
        others=await _others(event, card, actor_of(request)),
    )


async def _others(event: EventView, card: str, actor: Actor) -> list[Other]:
    """Return the other events of the series that an edit may reach, by their start."""
    events = await series_of(event.series) if event.series else []
    return [
        Other(other, by_hand.said(other.by_hand, card))
        for other in reached(events, event, Scope.ALL, actor, clock.now())
        if other.id != event.id
    ]


ROUTES: list[ControllerRouterHandler] = [
    *(edit_page, save_card, copy_page, copy_it, delete_page, delete_it),
]
