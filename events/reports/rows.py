"""The rows behind a figure: which participations, of whom, for those who may see persons."""

from datetime import date

import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import pick
from events.reports import words
from events.reports.counting import found as counting
from events.reports.filters import Filters, Reach

PAGE = 200
"""Rows of one page."""


class ParticipationRow(Struct, frozen=True, kw_only=True):
    """One participation with its person; names are empty once the person or the event's data were deleted."""

    held_on: date
    slug: str
    title_fi: str
    title_sv: str
    title_en: str
    given_name: str
    family_name: str
    organisation: str
    role: str
    region: str
    minutes: int

    @property
    def title(self) -> tuple[str, str]:
        """The event's title and its language."""
        return pick({"fi": self.title_fi, "sv": self.title_sv, "en": self.title_en})

    @property
    def role_name(self) -> str:
        """The role in the present language."""
        return str(words.ROLES.get(self.role, self.role))


_SELECT = """
SELECT shown.held_on, event.slug, event.title_fi, event.title_sv, event.title_en, shown.minutes, shown.role,
    shown.region, person.given_name, person.family_name, coalesce(organisation.name, '') AS organisation,
    count(*) OVER () AS total
FROM shown
JOIN event ON event.id = shown.event
JOIN registration ON registration.id = shown.registration
JOIN person ON person.id = registration.person
LEFT JOIN organisation ON organisation.id = shown.organisation
ORDER BY shown.held_on, event.slug, person.folded, shown.id LIMIT $16 OFFSET $17
"""

_COLUMN = {
    **{name: f"{name}::text" for name in (*counting.DIMENSIONS, "site_mode")},
    "event": "(SELECT event.slug FROM event WHERE event.id = counted.event)",
    **{name: cell for name, (cell, _join) in counting.OVERLAPPING.items()},
    "heat": f"{counting.OVERLAPPING['theme'][0]} || ',' || region",
}

_JOIN = {
    **{name: join for name, (_cell, join) in counting.OVERLAPPING.items()},
    "heat": counting.OVERLAPPING["theme"][1],
}

_SEEN = {
    f"{seen}_{whom}s": f"{whom} {test} ({counting.EARLIER} SELECT {whom} FROM counted WHERE {whom} IS NOT NULL)"
    for seen, test in (("new", "NOT IN"), ("returning", "IN"))
    for whom in ("person", "organisation")
}
"""Rows of who came for the first time in the period, or had come before it, by the same filters without the period."""


async def rows(
    filters: Filters, reach: Reach, *, by: str = "", cell: str = "", page: int = 1
) -> tuple[list[ParticipationRow], int]:
    """Return one page of the rows behind a figure, and how many there are.

    `by` and `cell` name a cell of a break-down, `by` "event" an event by its slug, "role" and "kind" what was not
    counted for that reason; "heat" is a theme and a region with a comma between; "new_persons",
    "returning_organisations" and the like need no cell; with neither, all that counts. An unknown `by` has no rows.
    """
    source = source_of(by)
    if source is None:
        return [], 0
    found = await database.fetch(
        f"{counting.FOUND}, shown AS ({source} $15::text) {_SELECT}",
        *counting.arguments(filters, reach),
        cell.replace("-", "") if by == "month" else cell,
        PAGE,
        (page - 1) * PAGE,
    )
    return [msgspec.convert(dict(row), ParticipationRow) for row in found], found[0]["total"] if found else 0


def source_of(by: str) -> str | None:
    """Return the SELECT of the rows of a break-down, but for the cell that ends it; None for an unknown break-down."""
    if not by:
        return "SELECT counted.* FROM counted WHERE '' ="
    if by in {"role", "kind"}:
        column = "role" if by == "role" else "event_kind"
        return f"SELECT found.* FROM found WHERE why = '{by}' AND {column} ="
    if by in _SEEN:
        return f"SELECT counted.* FROM counted WHERE {_SEEN[by]} AND '' ="
    if by not in _COLUMN:
        return None
    return f"SELECT counted.* FROM counted {_JOIN.get(by, '')} WHERE {_COLUMN[by]} ="
