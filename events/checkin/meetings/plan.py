"""What an import would do, row by row: the same is shown before and done after."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from events.checkin.meetings import queries, rules
from events.checkin.meetings.choices import Choice
from events.checkin.meetings.matching import Known, by_email, by_name, candidates, labels
from events.checkin.meetings.names import identity, read_name
from events.checkin.meetings.queries import Stored
from events.checkin.meetings.reading import Join, Report
from events.checkin.meetings.rows import Row, resolve, usual, usual_walk_in
from events.checkin.meetings.tables import Fate, MeetingRole
from events.checkin.tables import AttendanceState
from events.core.text import sort_key

USUAL_MINIMUM = 5
"""Minutes from which someone counts unless the organiser chooses otherwise: who looks in by mistake is gone by then."""


class Plan(Struct, kw_only=True):
    """What an import would do: rows by name, registrations by id, for how many seconds the person of each was there."""

    rows: list[Row]
    known: Mapping[UUID, Known]
    labels: Mapping[UUID, str]
    minimum: int
    again: list[str]
    seconds: dict[UUID, int] = field(default_factory=dict)

    @property
    def errors(self) -> list[Row]:
        """The rows that cannot be done as they were chosen."""
        return [row for row in self.rows if row.error]

    def enough(self, seconds: int) -> bool:
        """Say whether so long a time counts."""
        return seconds > 0 and seconds >= self.minimum * 60

    def counted(self) -> dict[UUID, int]:
        """Return the registrations whose persons were there long enough, with their minutes."""
        return {one: rules.minutes(total) for one, total in self.seconds.items() if self.enough(total)}

    def news(self) -> set[UUID]:
        """Return the registrations of which something is told that was not known before."""
        return {one for row in self.rows if row.news for one in row.registrations}

    def before(self) -> set[UUID]:
        """Return the registrations that were meant by what was imported before."""
        return {one for row in self.rows if row.stored for one in row.stored.registrations}

    def marks(self, news: Collection[UUID]) -> dict[UUID, int]:
        """Return whose attendance or minutes would change, and the minutes; of `news` something new is told."""
        found = {}
        for one, total in self.counted().items():
            present = self.known[one]
            if present.attendance is AttendanceState.ATTENDED:
                changes = present.minutes != total
            else:
                changes = rules.may_say_attended(present.attendance, present.source, news=one in news)
            if changes:
                found[one] = total
        return found

    def undecided(self, row: Row) -> bool:
        """Say whether somebody must decide who it is: not of whom would not count anyway."""
        return row.choice.fate is Fate.OPEN and self.enough(row.seconds)

    def outcomes(self) -> dict[str, str]:
        """Name what comes of each row, by its code.

        One of error, open, nobody, short, walk_in, stands, overrides, new, minutes, known: the report `overrides` that
        someone was marked as not come, or this `stands` because a person knew of it.
        """
        counted, marks = self.counted(), self.marks(self.news())
        return {row.code: self._outcome(row, counted, marks) for row in self.rows}

    def _outcome(self, row: Row, counted: Collection[UUID], marks: Collection[UUID]) -> str:
        if row.error or row.choice.fate is Fate.NOBODY or self.undecided(row):
            return "error" if row.error else row.choice.fate.value
        own = [one for one in row.registrations if one in counted]
        if not own and not (row.new_people and self.enough(row.seconds)):
            return "short"
        if row.new_people:
            return "walk_in"
        states = {self.known[one].attendance for one in own}
        changes = any(one in marks for one in own)
        if AttendanceState.NO_SHOW in states:
            return "overrides" if changes else "stands"
        if not changes:
            return "known"
        return "new" if AttendanceState.UNKNOWN in states else "minutes"

    def options(self, row: Row) -> list[Known]:
        """Return whom a row may be, to choose from: who was found or chosen first, then the likeliest."""
        first = [one for one in (row.auto, row.choice.registration) if one in self.known]
        ids = dict.fromkeys([*first, *(each.id for each in row.candidates)])
        return [self.known[one] for one in ids if one is not None]


async def make_plan(
    event: UUID,
    reports: Sequence[Report],
    *,
    minimum: int,
    choices: Mapping[str, Choice] | None = None,
    walk_in_all: bool = False,
) -> Plan:
    """Join what reports tell with what was imported before, match it, and apply what was chosen.

    Without a choice a row becomes what was decided before, or what is found automatically. `walk_in_all`: who is not
    found becomes a walk-in.
    """
    known = await queries.known(event)
    by_id = {each.id: each for each in known}
    done = {each.digest for each in await queries.imported(event)}
    rows = _rows(await queries.stored(event), [report for report in reports if report.digest not in done])
    _match(rows, known)
    organisations = await queries.organisations_at([row.email for row in rows])
    called = labels(known)
    telling = rules.presenters_tell([row.role for row in rows])
    for row in rows:
        untouched = usual(row, by_id, called, organisation=organisations.get(row.email, ""), telling=telling)
        row.choice = (choices or {}).get(row.code, untouched)
        long = row.seconds > 0 and row.seconds >= minimum * 60
        if walk_in_all and long and row.choice.fate is Fate.OPEN and not row.candidates and not row.name.room:
            row.choice = usual_walk_in(row.choice)
        resolve(row, known, by_id)
    plan = Plan(
        rows=rows,
        known=by_id,
        labels=called,
        minimum=minimum,
        again=[report.filename for report in reports if report.digest in done],
    )
    stays: dict[UUID, list[rules.Stay]] = {}
    for row in rows:
        for one in row.registrations:
            stays.setdefault(one, []).extend(row.stays)
    plan.seconds = {one: rules.presence(each) for one, each in stays.items()}
    return plan


def _rows(stored: Mapping[str, Stored], reports: Sequence[Report]) -> list[Row]:
    rows = {
        each.identity: Row(
            identity=each.identity,
            name=read_name(each.name),
            email=each.email,
            role=each.role,
            stays=each.stays,
            stored=each,
        )
        for each in stored.values()
    }
    order = list(MeetingRole)
    for report in reports:
        for join in report.joins:
            name = read_name(join.name)
            key = identity(join.email, name)
            row = rows.get(key)
            if row is None:
                row = rows[key] = Row(identity=key, name=name, email=join.email, role=join.role, stays=[])
            row.role = max(row.role, join.role, key=order.index)
            _add(row, report.digest, join)
    return sorted(rows.values(), key=lambda row: (sort_key(row.name.shown), row.identity))


def _add(row: Row, digest: bytes, join: Join) -> None:
    times = (join.joined, join.left, join.seconds)
    before = row.stored.joins if row.stored else ()
    if times in before or any(times == (old.joined, old.left, old.seconds) for _digest, old in row.fresh):
        return
    row.fresh.append((digest, join))
    row.stays.append(rules.stay(*times))


def _match(rows: Sequence[Row], known: Sequence[Known]) -> None:
    """Match by address first, all of them, then by name; a name alone is not certain where an address spoke."""
    for row in rows:
        found = by_email(row.email, row.name, known)
        row.auto, row.by = found.registration, found.by
    taken = {row.auto for row in rows if row.auto}
    for row in rows:
        if row.auto is None:
            found = by_name(row.email, row.name, known, taken)
            row.auto, row.by = found.registration, found.by
    taken = {row.auto for row in rows if row.auto}
    for row in rows:
        if row.auto:
            continue
        joins: list[datetime] = [each.span[0] for each in row.stays if each.span != rules.EVER]
        row.candidates = candidates(row.name, joins, known, taken)
