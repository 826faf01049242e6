"""An event's reminders: who gets what and when, how each letter looks, what to do with one whose time has passed."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.errors import BadRequest, Conflict, Invalid, NotFound
from events.core.forms import read_form
from events.core.web import AnyRequest, page, see_other, told_number
from events.outreach.reminders import queries
from events.outreach.reminders.actions import decide
from events.outreach.reminders.forms import RuleForm, data_of
from events.outreach.reminders.words import when_words, whom_words
from events.programme import queries as programme
from events.programme.counterparts.actions import done_alike
from events.programme.queries import EventView
from events.programme.reminders import actions
from events.programme.reminders import queries as reminders
from events.programme.reminders.actions import REMINDERS, Stale
from events.programme.reminders.queries import RuleView
from events.programme.scopes import offer_scopes, read_scope, read_told, refused_by, scopes_again, told_of
from events.programme.series.queries import Scope
from events.registration.announcements.rules import PLACEHOLDERS
from events.registration.places import place_names
from events.registration.staff import queries as registrations

PATH = "/staff/events/{slug:str}/reminders"
RULE = f"{PATH}/{{rule_id:uuid}}"
GUARDS = [Requires(Action.EDIT_EVENTS)]


@get(PATH, guards=GUARDS, include_in_schema=False)
async def reminders_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """Every rule in force, with its moment and its people; and what is switched off."""
    return await _list(request, await event_here(request, slug))


@get(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def new_rule_page(request: AnyRequest, slug: FromPath[str]) -> Template:
    """An empty form."""
    event = await event_here(request, slug)
    return await _form_page(request, event, None, await _form(event, None, {}), 200)


@post(f"{PATH}/new", guards=GUARDS, include_in_schema=False)
async def add_rule(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Add a rule to the event."""
    return await _save(request, await event_here(request, slug), None)


@get(RULE, guards=GUARDS, include_in_schema=False)
async def rule_page(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Template:
    """A rule of the event, or a default that this event shall have otherwise."""
    event = await event_here(request, slug)
    rule = await rule_here(event, rule_id)
    return await _form_page(request, event, rule, await _form(event, None, data_of(rule)), 200)


@post(RULE, guards=GUARDS, include_in_schema=False)
async def change_rule(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Template | Redirect:
    """Save a rule; what is changed of a default holds for this event alone."""
    event = await event_here(request, slug)
    return await _save(request, event, rule_id)


@post(f"{RULE}/turn", guards=GUARDS, include_in_schema=False)
async def turn_rule(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Template | Redirect:
    """Switch a rule off or on, or remove it: the button's name says which."""
    event, sent = await event_here(request, slug), await read_form(request)
    rule, scope, actor, now = await rule_here(event, rule_id), read_scope(sent), actor_of(request), clock.now()
    if not {"on", "off", "remove"} & sent.keys():
        raise BadRequest
    try:
        async with done_alike(event.id, REMINDERS, scope, actor=actor, now=now) as alike:
            if "remove" in sent:
                await actions.remove_rule(event.id, rule.id, actor=actor, now=now)
            else:
                await actions.switch_rule(event.id, rule.id, on="on" in sent, actor=actor, now=now)
    except Invalid as invalid:
        return await _list(request, event, refusal=refused_by(invalid))
    told = "removed" if "remove" in sent and not rule.replaces else "saved"
    return see_other(f"/staff/events/{event.slug}/reminders?{told}=1{told_of(alike, scope)}")


@post(f"{PATH}/decide", guards=GUARDS, include_in_schema=False)
async def decide_page(request: AnyRequest, slug: FromPath[str]) -> Template | Redirect:
    """Send a reminder whose time has passed after all (`send`), or leave it out (`leave_out`)."""
    event, sent = await event_here(request, slug), await read_form(request)
    if not {"send", "leave_out"} & sent.keys():
        raise BadRequest
    send = "send" in sent
    try:
        told = await decide(event.id, sent.text("occurrence"), send=send, actor=actor_of(request), now=clock.now())
    except Conflict as conflict:
        return await _list(request, event, refusal=conflict.message)
    return see_other(f"/staff/events/{event.slug}/reminders?{f'sent={told}' if send else 'left=1'}")


@get(f"{RULE}/people", guards=GUARDS, include_in_schema=False)
async def people_page(request: AnyRequest, slug: FromPath[str], rule_id: FromPath[UUID]) -> Template:
    """Everybody who gets the letter of a rule as things stand."""
    event = await event_here(request, slug)
    rule, turn = await rule_here(event, rule_id), await reminders.turn(event.id, rule_id)
    if turn is None:  # switched off, or without a moment of its own
        raise NotFound
    return page(
        request,
        "outreach/reminders/people.html",
        event=event,
        when=await when_it_goes(event, rule),
        due_at=turn.due_at,
        people=await queries.recipients(turn, clock.now()),
    )


async def _save(request: AnyRequest, event: EventView, identity: UUID | None) -> Template | Redirect:
    form = await _form(event, await read_form(request), {})
    rule = await reminders.by_id(identity) if identity else None
    if rule is not None and rule.event not in {None, event.id}:
        raise NotFound
    valid, actor, now = form.validate(), actor_of(request), clock.now()
    if identity and rule is None:
        form.removed()
        return await _form_page(request, event, None, form, 409)
    if not valid:
        return await _form_page(request, event, rule, form, form.status)
    if form.asks_of_tag([*await _tags(event), rule.tag if rule else ""]):
        return await _form_page(request, event, rule, form, 200)
    try:
        async with done_alike(event.id, REMINDERS, Scope(form.scope.data), actor=actor, now=now) as alike:
            await actions.save_rule(
                event.id, identity, form.values(), actor=actor, now=now, version=form.version.data or ""
            )
    except Stale as overtaken:
        current = await reminders.standing(event.id, identity) if identity else None
        form.overtaken(overtaken.message, current)
        return await _form_page(request, event, current, form, 409)
    except Invalid as invalid:
        form.form_errors.append(refused_by(invalid))
        return await _form_page(request, event, rule, form, 422)
    return see_other(f"/staff/events/{event.slug}/reminders?saved=1{told_of(alike)}")


async def event_here(request: AnyRequest, slug: str) -> EventView:
    """Return the event of an address; raises NotFound when there is none that the actor may change."""
    event = await programme.by_slug(slug)
    if event is None or not may(actor_of(request), Action.EDIT_EVENTS, now=clock.now(), **event.where):
        raise NotFound
    return event


async def rule_here(event: EventView, rule_id: UUID) -> RuleView:
    """Return a rule that counts for an event, or would; raises NotFound when there is none."""
    rule = await reminders.by_id(rule_id)
    if rule is None or rule.event not in {None, event.id}:
        raise NotFound
    return rule


async def _items(event: EventView) -> dict[UUID | None, str]:
    return {item.id: item.title[0] for item in await programme.agenda(event.id)}


async def when_it_goes(event: EventView, rule: RuleView) -> str:
    """Say when a rule goes out in an event."""
    return when_words(rule, (await _items(event)).get(rule.agenda_item, ""))


async def _form(event: EventView, sent: object, data: dict[str, object]) -> RuleForm:
    sites = [(str(site), name) for site, name in (await place_names(event)).items()]
    items = [(str(item), title) for item, title in (await _items(event)).items()]
    return RuleForm(sent, data=data, sites=sites if len(sites) > 1 else (), items=items)


async def _tags(event: EventView) -> dict[str, str]:
    """Return the tags that somebody has at an event, as they were written, by how they are searched for."""
    return dict(await registrations.tags(event.id))


async def _form_page(
    request: AnyRequest, event: EventView, rule: RuleView | None, form: RuleForm, status: int
) -> Template:
    return page(
        request,
        "outreach/reminders/rule.html",
        status=status,
        event=event,
        rule=rule,
        form=form,
        placeholders=PLACEHOLDERS,
        tags=await _tags(event),
        together=await offer_scopes(form, event, actor_of(request), clock.now()),
    )


async def _list(request: AnyRequest, event: EventView, refusal: str = "") -> Template:
    now, form, params = clock.now(), scopes_again(request), request.query_params
    items, places = await _items(event), await place_names(event)
    found, own = await queries.of_event(event.id, now), await reminders.own(event.id)
    off, gone = [rule for rule in own if not rule.active], await queries.gone_out(event.id)
    named = [*(each.rule for each in found), *off, *(each.rule for each in gone if each.rule)]
    if event.state == "cancelled":  # nothing is to come: what had its turn before is all there is to tell
        found, off = [each for each in found if each.stage in {"sent", "left_out"}], []
    return page(
        request,
        "outreach/reminders/list.html",
        status=409 if refusal else 200,
        event=event,
        reminders=found,
        off=off,
        gone=gone,
        said={rule.id: when_words(rule, items.get(rule.agenda_item, "")) for rule in named},
        whom={r.rule.id: whom_words(r.rule, places[r.rule.site] if r.rule.site else "") for r in found},
        form=form,
        together=await offer_scopes(form, event, actor_of(request), now),
        refusal=refusal,
        saved="saved" in params,
        removed="removed" in params,
        told=read_told(request),
        left="left" in params,
        sent=told_number(params["sent"]) if "sent" in params else None,
    )


ROUTES: list[ControllerRouterHandler] = [
    *(reminders_page, new_rule_page, add_rule, rule_page, change_rule, turn_rule, decide_page),
    people_page,
]
