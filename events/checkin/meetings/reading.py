"""Reading a report of Microsoft Teams or Zoom: who was in the meeting, and when (facts of the field, "the door")."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from events.checkin.meetings.headings import ROLES, YES, Columns, by_content, by_words
from events.checkin.meetings.moments import month_comes_first, read_moment, read_seconds
from events.checkin.meetings.tables import MeetingRole, ReportKind
from events.core.addresses import normal_address
from events.core.i18n import gettext as _
from events.core.tabular import Unreadable, read_rows
from events.core.text import clean_line, fold

_SECTION = re.compile(r"\d+\.\s*\S.*")
_TITLES = ("meeting title", "kokouksen otsikko", "kokouksen nimi", "motesrubrik", "motestitel", "topic", "aihe", "amne")
_SLACK = timedelta(seconds=60)
"""Zoom tells minutes: what is missing of a stay within this much is rounding."""

LONGEST = timedelta(days=30)
"""Nobody is in a meeting for longer; what says so has read its dates wrongly."""

MOST_JOINS = 5000

Rows = Sequence[Sequence[str]]


class Join(Struct, frozen=True):
    """A time in the meeting: moments in UTC, None where the report tells none, and the seconds of it."""

    name: str
    email: str
    joined: datetime | None
    left: datetime | None
    seconds: int
    role: MeetingRole = MeetingRole.ATTENDEE


class Report(Struct, frozen=True):
    """A report as it was read; `waiting` counts the times in Zoom's waiting room, which are no presence."""

    kind: ReportKind
    digest: bytes
    filename: str
    title: str
    starts: datetime | None
    ends: datetime | None
    joins: list[Join]
    waiting: int


class _Clock(Struct, frozen=True):
    """How moments of a report are meant: where, and in which order dates with slashes are written."""

    zone: ZoneInfo
    month_first: bool

    def read(self, text: str) -> datetime | None:
        moment = read_moment(clean_line(text), month_first=self.month_first)
        try:
            return moment.replace(tzinfo=self.zone).astimezone(UTC) if moment else None
        except OverflowError:
            return None


def read_report(content: bytes, filename: str, *, zone: str, near: datetime) -> Report:
    """Read a report whose moments are meant in `zone`, of a meeting held `near` some moment.

    Raises Unreadable, with what to do about it, for what is no report of a meeting.
    """
    if content[:4] == b"\xd0\xcf\x11\xe0" or content[:5] == b"%PDF-":
        raise Unreadable(_no_report())
    try:
        rows = read_rows(content)
    except Unreadable as error:
        raise Unreadable(error.message if "MB" in error.message else _no_report()) from error
    if not any(cell for row in rows for cell in row):
        raise Unreadable(_("The file is empty."))
    local = ZoneInfo(zone)
    cells = (clean_line(cell) for row in rows for cell in row)
    clock = _Clock(local, month_comes_first(cells, near.astimezone(local).replace(tzinfo=None)))
    facts, tables, numbered = _parts(rows)
    if not tables:
        raise Unreadable(_no_report())
    title, starts, ends = _about(facts, clock)
    people = _joins(tables[0], clock, starts, ends)
    times = [join for table in tables[1:] for join in _joins(table, clock, starts, ends)]
    joins = _told_once(people, times)
    if not joins:
        raise Unreadable(_("The report names nobody."))
    if len(joins) > MOST_JOINS:
        raise Unreadable(_("The table has too many rows or columns."))
    teams = numbered or "role" in tables[0][0].at
    return Report(
        kind=ReportKind.TEAMS if teams else ReportKind.ZOOM,
        digest=hashlib.sha256(content).digest(),
        filename=clean_line(filename)[:200],
        title=title[:200],
        starts=starts,
        ends=ends,
        joins=joins,
        waiting=sum(_waits(columns, row) for columns, body in tables for row in body),
    )


def _no_report() -> str:
    return _(
        "This is no attendance report of Teams and no participant report of Zoom. Download the report from the meeting"
        " as a CSV file and choose it as it is."
    )


def _parts(rows: Rows) -> tuple[list[Sequence[str]], list[tuple[Columns, Rows]], bool]:
    """Part a report into rows that tell of the meeting and tables of people; says, too, whether parts are numbered.

    What stands in the columns decides only where no heading is understood.
    """
    blocks = list(_blocks(rows))
    for look in (_by_words, _by_content):
        facts: list[Sequence[str]] = []
        tables: list[tuple[Columns, Rows]] = []
        for block, _titled in blocks:
            place, columns = look(block)
            facts += block[:place]
            if columns:
                tables.append((columns, block[place + 1 :]))
        if tables:
            break
    return facts, tables, any(titled for _block, titled in blocks)


def _by_words(block: Rows) -> tuple[int, Columns | None]:
    """Find the headings of a block: at which row, and what they mean."""
    found = ((place, columns) for place, row in enumerate(block) if (columns := by_words(row)))
    return next(found, (len(block), None))


def _by_content(block: Rows) -> tuple[int, Columns | None]:
    wide = next((place for place, row in enumerate(block) if sum(map(bool, row)) > 2), None)  # noqa: PLR2004 - headings
    columns = by_content(block[wide], block[wide + 1 :]) if wide is not None else None
    return (wide, columns) if wide is not None and columns else (len(block), None)


def _blocks(rows: Rows) -> Iterator[tuple[list[Sequence[str]], bool]]:
    """Part rows at empty ones and at titles of sections; says of each whether a numbered title stood above it."""
    block: list[Sequence[str]] = []
    titled = False
    for row in rows:
        filled = [cell for cell in row if cell]
        section = len(filled) == 1 and bool(_SECTION.fullmatch(filled[0]))
        if filled and not section:
            block.append(row)
            continue
        if block:
            yield block, titled
            block, titled = [], False
        titled = titled or section
    if block:
        yield block, titled


def _about(facts: Rows, clock: _Clock) -> tuple[str, datetime | None, datetime | None]:
    """Return title, start and end: the first two moments that stand above the tables."""
    moments = [moment for row in facts for cell in row if (moment := clock.read(cell))]
    title = ""
    for number, row in enumerate(facts):
        for place, cell in enumerate(row):
            if fold(cell) in _TITLES and not title:  # the value stands beside it (Teams) or below it (Zoom)
                below = facts[number + 1] if number + 1 < len(facts) else ()
                beside = place == 0 and sum(map(bool, row)) == 2  # noqa: PLR2004 - a word and its value
                title = row[1] if beside else below[place] if place < len(below) else ""
    start, end = [*moments[:2], *[None, None]][:2]
    return clean_line(title), start, end if start and end and start < end else None


def _joins(table: tuple[Columns, Rows], clock: _Clock, starts: datetime | None, ends: datetime | None) -> list[Join]:
    columns, rows = table
    found = []
    for row in rows:
        name = clean_line(columns.get(row, "name"))[:200]
        email = clean_line(columns.get(row, "email")).lower()
        if not (name or email) or _waits(columns, row):
            continue
        joined, left = clock.read(columns.get(row, "join")), clock.read(columns.get(row, "leave"))
        told = read_seconds(clean_line(columns.get(row, "duration")))
        joined, left, seconds = _when(joined, left, told, starts, ends)
        role = ROLES.get(fold(columns.get(row, "role")), MeetingRole.ATTENDEE)
        found.append(Join(name or email[:200], normal_address(email) or "", joined, left, seconds, role))
    return found


def _when(
    joined: datetime | None, left: datetime | None, told: int | None, starts: datetime | None, ends: datetime | None
) -> tuple[datetime | None, datetime | None, int]:
    """Make the best of what a row tells: who was there still has no leaving, who is summed up no moments at all."""
    if joined and not left:
        left = joined + timedelta(seconds=told) if told is not None else ends
    if joined and left and joined <= left <= joined + LONGEST:
        span = (left - joined) // timedelta(seconds=1)
        rounded = told is None or told == 0 or told >= span - _SLACK.total_seconds()
        return joined, left, span if rounded else told or 0
    if starts and ends and told is not None and told <= (ends - starts).total_seconds():
        return starts, ends, told
    return None, None, told or 0


def _told_once(people: list[Join], times: list[Join]) -> list[Join]:
    """Leave out who is told of more exactly below: someone who left in between and came again.

    Roles are what the table of people says; that of the times may call everyone an attendee.
    """
    own: dict[tuple[str, str], list[Join]] = {}
    for each in times:
        own.setdefault(_who(each), []).append(each)
    order = list(MeetingRole)
    roles: dict[tuple[str, str], MeetingRole] = {}
    for each in (*people, *times):
        roles[_who(each)] = max(roles.get(_who(each), order[0]), each.role, key=order.index)
    kept = [person for person in people if not _is_told_by(person, own.get(_who(person), []))]
    return [replace(each, role=roles[_who(each)]) for each in (*kept, *times)]


def _is_told_by(person: Join, times: list[Join]) -> bool:
    """Say whether times begin when a person first came and end when they last left."""
    if person.joined is None or person.left is None:
        return False
    begin, end = person.joined, person.left
    spans = [(each.joined, each.left) for each in times if each.joined and each.left]
    inside = [span for span in spans if begin - _SLACK <= span[0] and span[1] <= end + _SLACK]
    if not inside:
        return False
    return min(span[0] for span in inside) <= begin + _SLACK and max(span[1] for span in inside) >= end - _SLACK


def _who(join: Join) -> tuple[str, str]:
    return join.email, fold(join.name)


def _waits(columns: Columns, row: Sequence[str]) -> bool:
    return fold(columns.get(row, "waiting")) in YES
