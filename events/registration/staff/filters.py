"""Which registrations of an event are meant, as it stands in an address: filters, order, columns."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from events.core.text import clean_line, fold
from events.network.matching import organisation_key
from events.network.tables import OrganisationType
from events.registration.tables import RegistrationRole, State

LONGEST = 100
"""Signs of a filter's text; what is longer fits nobody."""

NOWHERE = "none"
"""Stands for the region of those whose municipality is not known or abroad."""

SOURCES = ("form", "api", "import", "door", "staff")
ATTENDANCE = ("attended", "no_show", "unknown")
WITH, WITHOUT = "with", "without"
ANY, NONE = "*", "-"
"""Values of an answer's filter: whatever was answered, and nothing; no option has such a code."""

MOST_ANSWERS = 50


class Filters(Struct, frozen=True):
    """Which registrations are meant; empty means all. The names are those in the address.

    Each of `answer` is `code=value`: a question of the event, and an option's code, "yes", "no", ANY answer or NONE.
    Several of one question let through whoever fits one of them. `organisation` is a name, however it is spelled.
    """

    q: str = ""
    state: tuple[str, ...] = ()
    role: str = ""
    site: str = ""
    type: str = ""
    region: str = ""
    tag: str = ""
    note: str = ""
    attendance: str = ""
    listed: str = ""
    source: str = ""
    language: str = ""
    answer: tuple[str, ...] = ()
    item: str = ""
    organisation: str = ""
    by: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of an address that shows the same."""
        found = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            found += [(name, each) for each in ([value] if isinstance(value, str) else value) if each]
        return found


class View(Struct, frozen=True):
    """A list as it is looked at; `sort` is a column, "-" before it turns it round; `columns` () means one's own."""

    filters: Filters = Filters()
    sort: str = ""
    columns: tuple[str, ...] = ()

    def query(self, **instead: str) -> str:
        """Return the query of an address that shows the same, with some parameters replaced ("" takes one out)."""
        shown = {"sort": self.sort, "columns": ",".join(self.columns)}
        pairs = [*self.filters.pairs(), *shown.items()]
        kept = [(name, value) for name, value in pairs if value and name not in instead]
        return urlencode([*kept, *((name, value) for name, value in instead.items() if value)])

    def unfiltered(self) -> str:
        """Return the query of the same list with everybody in it."""
        return replace(self, filters=Filters()).query()

    def without(self, name: str, value: str) -> "View":
        """Return the same list with one filter less."""
        held = getattr(self.filters, name)
        left: Any = "" if isinstance(held, str) else tuple(each for each in held if each != value)
        return replace(self, filters=replace(self.filters, **{name: left}))


_KNOWN: dict[str, Iterable[str]] = {
    "role": tuple(RegistrationRole),
    "type": tuple(OrganisationType),
    "note": (WITH, WITHOUT),
    "attendance": ATTENDANCE,
    "listed": (WITH, WITHOUT),
    "source": SOURCES,
    "by": (WITH, WITHOUT),
}
_SEVERAL = ("state", "answer")


def read_view(asked: Iterable[tuple[str, str]], columns: Iterable[str]) -> View:
    """Read a list from the parameters of an address; what is unknown is left out. `columns` are those there are."""
    asked = list(asked)
    pairs = [(name, clean_line(value)[:LONGEST]) for name, value in asked if name != "columns"]
    first = dict(reversed(pairs))
    chosen = {
        name: first[name]
        for name in Filters.__struct_fields__
        if name not in _SEVERAL and first.get(name) and first[name] in (_KNOWN.get(name) or (first[name],))
    }
    states = tuple(state.value for state in State if ("state", state.value) in pairs)
    answers = tuple(dict.fromkeys(value for name, value in pairs if name == "answer" and value.partition("=")[2]))
    known, sort = {*columns, "name"}, first.get("sort", "")
    wanted = [name for key, value in asked if key == "columns" for name in value.split(",")]
    return View(
        Filters(state=states, answer=answers[:MOST_ANSWERS], **chosen),
        sort if sort.removeprefix("-") in known else "",
        tuple(name for name in dict.fromkeys(wanted) if name in known and name != "name"),
    )


_HAS_NOTE = "EXISTS (SELECT FROM registration_note WHERE registration_note.registration = registration.id)"
LISTED = (
    "EXISTS (SELECT FROM consent WHERE consent.registration = registration.id"
    " AND kind = 'participant_list' AND given AND withdrawn_at IS NULL)"
)
"""SQL: whether someone agrees now to stand on the list of participants."""

_CONDITIONS = {
    "state": "registration.state = ANY({})",
    "role": "registration.role = {}",
    "site": "registration.site::text = {}",
    "type": "coalesce(organisation.type, 'unknown') = {}",
    "region": f"coalesce(municipality.region, '{NOWHERE}') = {{}}",
    "tag": "EXISTS (SELECT FROM registration_tag AS tagged WHERE tagged.registration = registration.id"
    " AND tagged.folded = {})",
    "note": f"{_HAS_NOTE} = ({{}} = '{WITH}')",
    "attendance": "coalesce(attendance.state, 'unknown') = {}"
    " AND (registration.state = 'confirmed' OR attendance.state IS NOT NULL)",
    "listed": f"{LISTED} = ({{}} = '{WITH}')",
    "source": "registration.source = {}",
    "language": "registration.language = {}",
    "item": "EXISTS (SELECT FROM registration_item AS chosen WHERE chosen.registration = registration.id"
    " AND chosen.item::text = {})",
    "organisation": "(organisation.folded = {0}"
    " OR organisation.id IN (SELECT organisation FROM organisation_alias WHERE folded = {0}))",
    "by": f"(registration.registered_by IS NOT NULL OR registration.registered_by_name <> '') = ({{}} = '{WITH}')",
}
_ANSWERED = """
EXISTS (SELECT FROM registration_answer AS answered JOIN question ON question.id = answered.question
    WHERE answered.registration = registration.id AND question.event = $1 AND NOT question.health
    AND question.code = {code} AND ({values}::varchar[] IS NULL OR answered.value ?| {values}
        OR ('yes' = ANY({values}) AND jsonb_typeof(answered.value) = 'object')))
"""
"""SQL: whether someone answered a question, with one of these values where there are any; a consent is an object."""


def conditions(event_id: UUID, filters: Filters) -> tuple[str, list[Any]]:
    """Return the WHERE of the registrations that are meant, and the values it binds from $1 on."""
    parts, values = ["registration.event = $1"], [event_id]
    given = {name: getattr(filters, name) for name in _CONDITIONS}
    folded = {"tag": fold(filters.tag), "organisation": organisation_key(filters.organisation) or filters.organisation}
    for name, value in {**given, **folded}.items():
        if value:
            values.append(value)
            parts.append(_CONDITIONS[name].format(f"${len(values)}"))
    parts += _answers(filters.answer, values)
    if filters.q:
        parts.append(_words(filters.q, values))
    return f"WHERE {' AND '.join(parts)}", values


def _answers(answers: Iterable[str], values: list[Any]) -> list[str]:
    """Return a condition for each question that is asked about."""
    wanted: dict[str, list[str]] = {}
    for code, _sign, value in (each.partition("=") for each in answers):
        wanted.setdefault(code, []).append(value)
    parts = []
    for code, asked in wanted.items():
        values += [code, None if ANY in asked else [value for value in asked if value != NONE]]
        answered = _ANSWERED.format(code=f"${len(values) - 1}", values=f"${len(values)}")
        values += [None] if NONE in asked else []
        nothing = _ANSWERED.format(code=f"${len(values) - 2}", values=f"${len(values)}") if NONE in asked else ""
        parts.append(f"({answered} OR NOT {nothing})" if nothing else answered)
    return parts


def _words(words: str, values: list[Any]) -> str:
    """Return the condition that all words stand in name and organisation, or the whole in address or short code."""
    found = []
    if folded := fold(words).split():
        values.append([f"%{word}%" for word in folded])
        found.append(f"person.folded || ' ' || coalesce(organisation.folded, '') LIKE ALL(${len(values)})")
    if key := organisation_key(words):  # the register keeps names without Oy and Ab
        values.append(f"%{key}%")
        found.append(f"organisation.folded LIKE ${len(values)}")
    values.append(words)
    found.append(f"strpos(lower(person.email), lower(${len(values)})) > 0")
    found.append(f"registration.ticket_code = upper(${len(values)})")
    return f"({' OR '.join(found)})"
