"""For which events of a series a change is: as every form asks it, and as it says beforehand how many those are."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import RadioField

from events.core.actor import Actor
from events.core.errors import BadRequest, Invalid
from events.core.forms import BaseForm, FormData, choices
from events.core.i18n import lazy_gettext as _l
from events.core.i18n import ngettext
from events.core.web import AnyRequest, told_number
from events.programme.counterparts.actions import Alike
from events.programme.queries import EventView
from events.programme.series.queries import Scope, reached, series_of
from events.programme.steps import duties
from events.programme.words import SCOPES


class ScopeForm(BaseForm):
    """Asks for which events of a series a change is; where there is but one, it is for that."""

    scope = RadioField(_l("Which events of the series"), default=Scope.THIS.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope.choices = choices((scope, str(name)) for scope, name in SCOPES.items())


async def offer_scopes(
    form: ScopeForm,
    event: EventView,
    actor: Actor,
    now: datetime,
    *,
    among: Collection[UUID] | None = None,
    tells: bool = False,
) -> bool:
    """Say beside each choice for how many events it is; False, and nothing to choose, where there is no other.

    `among` are the events that have what is to be changed (None: all). Where a change `tells` people, it is said too
    how many messages it may cause.
    """
    events = await series_of(event.series) if event.series else []
    meant = [each for each in events if among is None or each.id in among]
    labels = []
    for scope, name in SCOPES.items():
        found = reached(meant, event, Scope(scope), actor, now)
        told = sum([await duties.reached(each.id, states=duties.EVERYONE) for each in found]) if tells else 0
        counted = [ngettext("%(n)s event", "%(n)s events", len(found))]
        if told:
            counted.append(ngettext("%(n)s message", "%(n)s messages", told))
        labels.append((scope, f"{name} ({', '.join(counted)})"))
    form.scope.choices = choices(labels)
    return any(other.id != event.id for other in reached(meant, event, Scope.ALL, actor, now))


def told_of(alike: Alike, scope: Scope = Scope.THIS) -> str:
    """Return what a redirect leaves in the address for the next page to tell, "" for an event alone.

    `scope` is proposed there again, for those who change one thing after the other.
    """
    told = f"&others={alike.others}&kept={alike.kept}" if alike.others or alike.kept else ""
    return f"{told}&scope={scope}" if scope != Scope.THIS else told


def read_told(request: AnyRequest) -> dict[str, int]:
    """Return what the redirect of a change left for this page to tell."""
    return {name: told_number(request.query_params.get(name, "")) for name in ("others", "kept")}


def scopes_again(request: AnyRequest, field_id: str = "scope") -> ScopeForm:
    """Return the form of a page that is nothing but buttons, with the scope of the last one pressed."""
    asked = request.query_params.get("scope", "")
    form = ScopeForm(data={"scope": asked if asked in set(Scope) else Scope.THIS.value})
    form.scope.id = field_id
    return form


def refused_by(invalid: Invalid) -> str:
    """Return what another event of a series refuses, for a page that has no field to say it beside."""
    return " ".join(message for messages in invalid.errors.values() for message in messages)


def read_scope(sent: FormData) -> Scope:
    """Return what a form that is nothing but buttons says; raises BadRequest for what none of ours sends."""
    try:
        return Scope(sent.text("scope") or Scope.THIS)
    except ValueError as error:
        raise BadRequest from error
