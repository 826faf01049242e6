"""How many have registered for an event: whoever has not left, and how many of them wait, said alike on every page."""

from uuid import UUID

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.programme.steps.duties import REGISTERED


class Counts(Struct, frozen=True):
    """Registrations of an event by what they wait for; `registered` are all but those `gone`: cancelled or declined."""

    registered: int = 0
    gone: int = 0
    awaiting_approval: int = 0
    waitlisted: int = 0
    confirmed: int = 0
    unmarked: int = 0
    attended: int = 0


_COUNTS = """
SELECT registration.event,
    count(*) FILTER (WHERE registration.state = ANY($2)) AS registered,
    count(*) FILTER (WHERE registration.state <> ALL($2)) AS gone,
    count(*) FILTER (WHERE registration.state = 'awaiting_approval') AS awaiting_approval,
    count(*) FILTER (WHERE registration.state = 'waitlisted') AS waitlisted,
    count(*) FILTER (WHERE registration.state = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE registration.state = 'confirmed' AND coalesce(attendance.state, 'unknown') = 'unknown')
        AS unmarked,
    count(*) FILTER (WHERE attendance.state = 'attended') AS attended
FROM registration LEFT JOIN attendance ON attendance.registration = registration.id
WHERE registration.event = ANY($1) GROUP BY registration.event
"""


async def counts(events: list[UUID]) -> dict[UUID, Counts]:
    """Count the registrations of some events, in one statement over the tables of the features above."""
    rows = await database.fetch(_COUNTS, events, list(REGISTERED))
    found = {row["event"]: msgspec.convert(dict(row), Counts) for row in rows}
    return {event: found.get(event, Counts()) for event in events}


def registered_words(counted: Counts) -> str:
    """Say how many have registered, and how many of them have no place yet."""
    said = ngettext("%(n)s registered", "%(n)s registered", counted.registered)
    return ", ".join(filter(None, (said, waiting_words(counted))))


def waiting_words(counted: Counts) -> str:
    """Say how many of those who have registered wait for a place; "" when nobody does."""
    parts = [
        ngettext("%(n)s awaiting approval", "%(n)s awaiting approval", counted.awaiting_approval)
        if counted.awaiting_approval
        else "",
        ngettext("%(n)s in the queue", "%(n)s in the queue", counted.waitlisted) if counted.waitlisted else "",
    ]
    waiting = ", ".join(filter(None, parts))
    return _("of whom %(waiting)s", waiting=waiting) if waiting else ""


def gone_words(counted: Counts) -> str:
    """Say how many a list of all registrations holds beside those who have registered; "" for none."""
    if not counted.gone:
        return ""
    return ngettext(
        "The list holds %(n)s more, cancelled or declined.",
        "The list holds %(n)s more, cancelled or declined.",
        counted.gone,
    )
