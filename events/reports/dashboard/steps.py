"""The steps of the funnel event by event: the numbers that add up to each, with where its people or answers stand."""

from collections.abc import Mapping
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from events.core.i18n import lazy_gettext as _
from events.core.replica import snapshot
from events.reports.counting import found, passes
from events.reports.counting.choice import Choice, choose
from events.reports.dashboard.figures import ANSWERED_BY_EVENT
from events.reports.dashboard.turnout import says_of_participants, turnout_by_event
from events.reports.filters import Filters, Reach
from events.reports.participation import event_line
from events.reports.shapes import EventLine
from events.reports.words import Words

PEOPLE: Mapping[str, str] = {
    "invited": "/staff/events/{}/invitations",
    "registered": "/staff/events/{}/attendance?show=all",
    "no_shows": "/staff/events/{}/attendance?show=no_show",
    "answered": "/staff/events/{}/survey",
}
"""Step → where an event's people of it stand; of the answers, which have no people, their results."""

LISTS: Mapping[str, Words] = {
    "invited": _("All invitations"),
    "registered": _("The whole attendance"),
    "no_shows": _("All who did not come"),
    "answered": _("Results of the survey"),
}
"""Step → what stands there: all of the event, not those alone that are counted."""


class StepLine(Struct, frozen=True):
    """What an event has of a step."""

    event: EventLine
    number: int
    url: str


async def step(filters: Filters, reach: Reach, name: str) -> list[StepLine] | None:
    """Return the events of a step (a name of `PEOPLE`) that have any, by day; None where the filters tell nothing."""
    async with snapshot() as connection:
        await connection.execute(passes.SETTINGS)
        choice = await choose(connection, filters, reach)
        if name in {"invited", "answered"} and says_of_participants(filters):
            return None
        if name == "answered":
            rows = await connection.fetch(ANSWERED_BY_EVENT, *found.arguments(filters, reach))
            numbers = {row["event"]: row["most"] for row in rows}
        else:
            numbers = await _turned_out(connection, choice, name)
        named = await connection.fetch(found.EVENTS, [event for event, number in numbers.items() if number])
    return [StepLine(event_line(row), numbers[row["id"]], PEOPLE[name].format(row["slug"])) for row in named]


async def _turned_out(connection: Connection, choice: Choice, name: str) -> dict[UUID, int]:
    by_event = await turnout_by_event(connection, choice)
    if name == "invited":
        return {event: each.invited or 0 for event, each in by_event.items()}
    numbers = {event: each.no_shows for event, each in by_event.items()}
    if name == "registered":
        made = passes.rows(choice, choice.period.start)
        for row in await made.fetch(connection, passes.by_event(made)):
            numbers[row["event"]] = numbers.get(row["event"], 0) + row["participations"]
    return numbers
