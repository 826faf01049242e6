"""Choosing how people check in; the form stands on the page of an event's doors."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action
from events.checkin import queries
from events.checkin.settings import actions
from events.checkin.settings.forms import DoorSettingsForm
from events.checkin.settings.tables import Poster
from events.core import clock
from events.core.errors import BadRequest
from events.core.forms import read_form
from events.core.web import AnyRequest, see_other
from events.programme.counterparts.actions import done_alike
from events.programme.scopes import told_of
from events.programme.series.queries import Scope

PATH = "/staff/events/{slug:str}/doors/settings"
GUARDS = [Requires(Action.ADD_CO_ORGANISERS)]


@post(PATH, guards=GUARDS, include_in_schema=False)
async def change_settings(request: AnyRequest, slug: FromPath[str]) -> Redirect:
    """Save what is chosen; with `renew` make the poster's code another one instead."""
    actor, now, sent = actor_of(request), clock.now(), await read_form(request)
    event = await queries.door_event(slug, actor, now)
    if "renew" in sent:
        await actions.renew_poster(event.id, actor=actor, now=now)
        return see_other(f"/staff/events/{slug}/doors?saved=renewed#poster")
    form = DoorSettingsForm(sent)
    if not form.validate():  # there is nothing to type: whoever sends this did not use the page
        raise BadRequest
    poster = Poster(form.poster.data)
    async with done_alike(event.id, actions.DOORS, Scope(form.scope.data), actor=actor, now=now) as alike:
        await actions.choose(event.id, exits=form.exits.data, poster=poster, actor=actor, now=now)
    return see_other(f"/staff/events/{slug}/doors?saved=settings{told_of(alike)}#settings")


ROUTES: list[ControllerRouterHandler] = [change_settings]
