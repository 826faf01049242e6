"""The columns of the list of registrations: what they are called, how they sort, what stands in their cells.

Beside those that every event has there is one for what is signed up for within it and one for each question it asks;
health stays out of lists and files.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import gettext as _
from events.core.text import sort_sql
from events.network import queries as network
from events.network.words import TYPES
from events.programme.queries import EventView
from events.registration.items.chosen import items_of
from events.registration.places import place_names
from events.registration.questions import queries as questions
from events.registration.questions.asked import Asked, in_words
from events.registration.questions.queries import Given
from events.registration.staff.filters import ATTENDANCE, SOURCES
from events.registration.tables import RegistrationRole, State
from events.registration.words import attendance_words, role_words, source_words, state_words


class Line(Struct, frozen=True, kw_only=True):
    """A registration in the list; `attendance` is "" while nothing can be known of it.

    `unreachable` says that mail to the person's address comes back.
    """

    id: UUID
    given_name: str
    family_name: str
    email: str
    unreachable: bool
    organisation: str
    organisation_type: str
    municipality: str
    region: str
    country: str
    site: UUID
    state: str
    role: str
    number: int
    ticket_code: str
    language: str
    source: str
    registered_at: datetime
    attendance: str
    first_entry_at: datetime | None
    listed: bool
    tags: list[str]
    notes: list[str]
    registered_by: str
    cancel_reason: str

    @property
    def name(self) -> str:
        """The whole name, "" of who was erased."""
        return f"{self.given_name} {self.family_name}".strip()


class Words:
    """What codes are called in the present language, looked up once for a whole list."""

    def __init__(
        self, zone: str, places: Mapping[UUID, str], towns: Mapping[str, str], regions: Mapping[str, str]
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.places, self.towns, self.regions = places, towns, regions
        self.states = {state.value: state_words(state) for state in State}
        self.roles = {role.value: role_words(role) for role in RegistrationRole}
        self.sources = {source: source_words(source) for source in SOURCES}
        self.attendance = {"": "", **{state: attendance_words(state) for state in ATTENDANCE}}
        self.types = {code: str(name) for code, name in TYPES.items()}
        self.listed = {True: _("Yes"), False: _("No")}
        self.answers: Mapping[UUID, Given] = {}
        self.items: Mapping[UUID, list[str]] = {}

    def moment(self, at: datetime | None) -> str:
        """Return a moment as spreadsheets sort it, in the event's zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if at else ""


async def words_for(event: EventView) -> Words:
    """Look up what the codes of an event's registrations are called."""
    towns = {town.code: town.name for town in await network.municipalities()}
    regions = {region.code: region.name for region in await network.regions()}
    return Words(event.zone, await place_names(event), towns, regions)


class Column(Struct, frozen=True):
    """One column: its heading, the SQL it is sorted by ("" when it cannot be), and a cell as it goes into a file."""

    heading: Callable[[], str]
    cell: Callable[[Line, Words], str | int]
    sort: str = ""


Columns = Mapping[str, Column]

ANSWER = "answer."
"""Begins the name of a column of answers; the question's code follows."""

COLUMNS: Columns = {
    "email": Column(lambda: _("E-mail"), lambda line, _words: line.email, "person.email"),
    "organisation": Column(
        lambda: _("Organisation"), lambda line, _words: line.organisation, sort_sql("organisation.name")
    ),
    "type": Column(
        lambda: _("Type of organisation"),
        lambda line, words: words.types[line.organisation_type] if line.organisation else "",
        "organisation.type",
    ),
    "municipality": Column(lambda: _("Municipality"), lambda line, words: words.towns.get(line.municipality, "")),
    "region": Column(
        lambda: _("Region"), lambda line, words: words.regions.get(line.region, ""), "municipality.region"
    ),
    "country": Column(lambda: _("Country"), lambda line, _words: line.country, "registration.country"),
    "site": Column(lambda: _("Place"), lambda line, words: words.places.get(line.site, ""), "registration.site"),
    "state": Column(lambda: _("State"), lambda line, words: words.states[line.state], "registration.state"),
    "number": Column(lambda: _("Number in line"), lambda line, _words: line.number, "registration.number"),
    "role": Column(lambda: _("Role"), lambda line, words: words.roles[line.role], "registration.role"),
    "tags": Column(lambda: _("Tags"), lambda line, _words: ", ".join(line.tags)),
    "notes": Column(lambda: _("Notes"), lambda line, _words: " | ".join(line.notes)),
    "attendance": Column(
        lambda: _("Attendance"), lambda line, words: words.attendance[line.attendance], "attendance.state"
    ),
    "arrived": Column(
        lambda: _("Came in"), lambda line, words: words.moment(line.first_entry_at), "attendance.first_entry_at"
    ),
    "listed": Column(lambda: _("On the participants’ list"), lambda line, words: words.listed[line.listed]),
    "code": Column(lambda: _("Short code"), lambda line, _words: line.ticket_code, "registration.ticket_code"),
    "language": Column(
        lambda: _("Language"), lambda line, _words: LANGUAGE_NAMES.get(line.language, ""), "registration.language"
    ),
    "registered": Column(
        lambda: _("Registered on"), lambda line, words: words.moment(line.registered_at), "registration.registered_at"
    ),
    "source": Column(
        lambda: _("Source"), lambda line, words: words.sources.get(line.source, line.source), "registration.source"
    ),
    "registered_by": Column(lambda: _("Registered by"), lambda line, _words: line.registered_by),
    "cancel_reason": Column(lambda: _("Reason for cancelling"), lambda line, _words: line.cancel_reason),
}
"""The columns of every event beside the name, in their order."""

USUAL = ("organisation", "site", "state", "role", "tags", "registered")
"""The columns of who has chosen none."""

NAME = "name"
_BY: Mapping[str, tuple[str, ...]] = {
    NAME: (sort_sql("person.family_name"), sort_sql("person.given_name")),
    **{name: (column.sort,) for name, column in COLUMNS.items() if column.sort},
}
SORTABLE = tuple(_BY)


def order_by(sort: str) -> str:
    """Return the ORDER BY of a list; without a column those with a place come first, then the line in its order."""
    keys = _BY.get(sort.removeprefix("-"))
    if keys is None:
        return "ORDER BY registration.state = 'waitlisted', registration.number, registration.id"
    direction = "DESC NULLS LAST" if sort.startswith("-") else "NULLS LAST"
    return f"ORDER BY {', '.join(f'{key} {direction}' for key in keys)}, registration.id"


ITEMS = "items"
_ITEMS_COLUMN = Column(lambda: _("Signed up for"), lambda line, words: "; ".join(words.items.get(line.id, ())))


async def columns_for(event_id: UUID) -> Columns:
    """Return the columns of an event's list: those of every event, what is signed up for in it, what it asks."""
    items = {ITEMS: _ITEMS_COLUMN} if await database.fetchval(_SIGNED_UP_FOR, event_id) else {}
    asked = [question for question in await questions.of_event(event_id) if not question.health]
    return {**COLUMNS, **items, **{f"{ANSWER}{question.code}": _answer_column(question) for question in asked}}


_SIGNED_UP_FOR = "SELECT EXISTS (SELECT FROM agenda_item WHERE event = $1 AND sign_up)"


def _answer_column(question: Asked) -> Column:
    def cell(line: Line, words: Words) -> str:
        value = words.answers.get(line.id, Given()).answers.get(question.code)
        return "" if value is None else in_words(question, value)

    return Column(lambda: question.label[0], cell)


async def with_choices(
    words: Words, event_id: UUID, columns: Collection[str], registrations: Collection[UUID] | None = None
) -> Words:
    """Look up the answers and items of these registrations (of all without), where a column shows any."""
    if any(name.startswith(ANSWER) for name in columns):
        words.answers = await questions.answers_of(event_id, registrations)
    if ITEMS in columns:
        words.items = await items_of(event_id, registrations)
    return words


def file_rows(lines: Sequence[Line], columns: Sequence[Column], words: Words) -> list[list[str | int]]:
    """Return the rows of a file: family name, given name, then the columns."""
    cells = [column.cell for column in columns]
    return [[line.family_name, line.given_name, *(cell(line, words) for cell in cells)] for line in lines]


def headings(columns: Sequence[Column]) -> list[str]:
    """Return the headings of a file."""
    return [_("Family name"), _("Given name"), *(column.heading() for column in columns)]


async def remembered(staff: UUID | None, columns: Columns) -> tuple[str, ...]:
    """Return the columns that a member of staff chose last, of those there are, else the usual ones."""
    chosen = await database.fetchval("SELECT columns FROM list_columns WHERE staff = $1", staff)
    return tuple(name for name in chosen or () if name in columns) or USUAL


async def remember(staff: UUID, columns: Sequence[str]) -> None:
    """Keep which columns a member of staff chose."""
    await database.execute(
        "INSERT INTO list_columns (staff, columns) VALUES ($1, $2)"
        " ON CONFLICT (staff) DO UPDATE SET columns = excluded.columns",
        staff,
        list(columns),
    )
