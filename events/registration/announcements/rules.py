"""What may stand in an announcement in place of what differs from person to person; pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

from msgspec.structs import replace

from events.accounts.rules import Action, may, may_somewhere
from events.core.actor import Actor
from events.core.i18n import lazy_gettext as _l
from events.messaging.templates import rules
from events.registration.rules import GONE
from events.registration.staff.filters import Filters, read_view
from events.registration.tables import State

PLACEHOLDERS: Mapping[str, object] = {
    "given_name": _l("the given name"),
    "name": _l("the whole name"),
    "event": _l("the title of the event"),
    "when": _l("when it is"),
    "place": _l("where the person takes part"),
    "link": _l("the person’s private link"),
}
"""The words in braces, each with what takes its place."""

FURTHEST = timedelta(days=730)
"""How far ahead a mail may be planned: whom it means is settled when it goes out, and 2062 is a slip for 2026."""

_LINK = "link"
LINKS = frozenset({_LINK, "events"})
"""Those that are addresses; letters to groups have "events"."""


_GREETS = re.compile(r"\{\s*(given_)?name\s*\}|[,!]\W*$")


def greets(body: str) -> bool:
    """Say whether words greet by themselves: their first line names the person, or ends as a greeting does.

    That is with a comma or an exclamation mark, in whatever language.
    """
    first = next((line for line in body.splitlines() if line.strip()), "")
    return _GREETS.search(first) is not None


def holds_link(subject: str) -> bool:
    """Say whether a subject would hold a private link: it stands in the ledger, which holds no secret."""
    return _LINK in rules.fields(subject)


def filled_subject(subject: str, values: Mapping[str, str]) -> str:
    """Put values into a subject, all but the private link."""
    return rules.filled(subject, {name: value for name, value in values.items() if name != _LINK})


def meant(chosen: str) -> Filters:
    """Return whom a query of the list of registrations means; who has gone only where it asks for them."""
    filters = read_view(parse_qsl(chosen), ()).filters
    if filters.state:
        return filters
    return replace(filters, state=tuple(state.value for state in State if state not in GONE))


def may_see_letter(actor: Actor, author: UUID | None, now: datetime) -> bool:
    """Say whether someone sees and stops a letter to a group: its author, and who writes to the whole network."""
    mine = author is not None and author == actor.id and may_somewhere(actor, Action.WRITE_TO_GROUPS, now=now)
    return mine or may(actor, Action.WRITE_TO_GROUPS, now=now)
