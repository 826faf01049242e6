"""What the columns of a report are: by their headings, and where the language is unknown by what stands in them."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from events.checkin.meetings.moments import read_moment, read_seconds
from events.checkin.meetings.tables import MeetingRole
from events.core.text import fold

# Folded; a heading is recognised when one of these stands in it, the first field that fits takes it.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e mail", "sahkoposti", "e post"),
    "join": ("join", "liitty", "anslut", "gick med"),
    "leave": ("leave", "left", "poistu", "lahtenyt", "lamna"),
    "duration": ("duration", "kesto", "varaktighet", "langd"),
    "waiting": ("waiting room", "odotushuone", "vantrum"),
    "role": ("role", "rooli", "roll"),
}
_NAMES = ("name", "full name", "nimi", "koko nimi", "namn", "fullstandigt namn", "display name", "participant name")

ROLES: Mapping[str, MeetingRole] = {
    "attendee": MeetingRole.ATTENDEE,
    "presenter": MeetingRole.PRESENTER,
    "organizer": MeetingRole.ORGANISER,
    "organiser": MeetingRole.ORGANISER,
    "co organizer": MeetingRole.ORGANISER,
    "host": MeetingRole.ORGANISER,
    "osallistuja": MeetingRole.ATTENDEE,
    "esittaja": MeetingRole.PRESENTER,
    "jarjestaja": MeetingRole.ORGANISER,
    "apujarjestaja": MeetingRole.ORGANISER,
    "deltagare": MeetingRole.ATTENDEE,
    "presentator": MeetingRole.PRESENTER,
    "foredragshallare": MeetingRole.PRESENTER,
    "organisator": MeetingRole.ORGANISER,
    "arrangor": MeetingRole.ORGANISER,
    "medorganisator": MeetingRole.ORGANISER,
}
"""Roles of a meeting, folded, as its organiser's language calls them; what is unknown is an attendee."""

YES = frozenset({"yes", "kylla", "ja"})


class Columns(Struct, frozen=True):
    """At which place of a row each field stands."""

    at: Mapping[str, int]

    def get(self, row: Sequence[str], field: str) -> str:
        """Return a cell's text, "" for none."""
        place = self.at.get(field)
        return row[place] if place is not None and place < len(row) else ""


def by_words(header: Sequence[str]) -> Columns | None:
    """Recognise columns by their headings; None when they are not those of people in a meeting."""
    at: dict[str, int] = {}
    for place, cell in enumerate(header):
        words = fold(cell)
        if "name" not in at and (words in _NAMES or words.startswith(("name ", "nimi ", "namn "))):
            at["name"] = place
            continue
        field = next((field for field, known in _WORDS.items() if any(word in words for word in known)), None)
        if field:
            at.setdefault(field, place)
    return Columns(at) if _complete(at) else None


def by_content(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns | None:
    """Recognise the columns of a report in an unknown language: by moments, lengths of time and addresses in them."""

    def holding(what: Callable[[str], object]) -> list[int]:
        columns = [[row[place] for row in rows if place < len(row) and row[place]] for place in range(len(header))]
        return [place for place, cells in enumerate(columns) if cells and all(what(cell) for cell in cells)]

    moments = holding(lambda cell: read_moment(cell, month_first=True) or read_moment(cell, month_first=False))
    lengths = holding(lambda cell: read_seconds(cell) is not None)
    addresses = holding(lambda cell: "@" in cell)
    roles = holding(lambda cell: fold(cell) in ROLES)
    taken = {*moments, *lengths, *addresses, *roles}
    names = [place for place in range(len(header)) if place not in taken]
    fields = {
        "name": names[:1],
        "join": moments[:1],
        "leave": moments[1:2],
        "duration": lengths[:1],
        "email": addresses[:1],
        "role": roles[:1],
    }
    at = {field: places[0] for field, places in fields.items() if places}
    return Columns(at) if _complete(at) and "join" in at else None


def _complete(at: Mapping[str, int]) -> bool:
    return "name" in at and ("duration" in at or {"join", "leave"} <= at.keys())
