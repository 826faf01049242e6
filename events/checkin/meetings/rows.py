"""One name in the reports: what is known of it, what was chosen for it, and whom that means."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from events.checkin.meetings import rules
from events.checkin.meetings.choices import Choice, code_of
from events.checkin.meetings.matching import Known, named
from events.checkin.meetings.names import MeetingName, name_key
from events.checkin.meetings.queries import Stored
from events.checkin.meetings.reading import Join
from events.checkin.meetings.tables import Fate, MeetingRole
from events.core.i18n import gettext as _
from events.core.text import split_name
from events.registration.tables import RegistrationRole

LONGEST_NAME = 100
"""Signs of the given names together, and of the family name."""


class NewPerson(Struct, frozen=True):
    """Someone whom the import registers."""

    name: str
    organisation: str = ""
    email: str | None = None


class Row(Struct, kw_only=True):
    """Someone whom the reports name: what is known of them, what was chosen, and what comes of it.

    `by` says how `registrations` are known: "email", "name" or "hand". `fresh` are times that were not imported before,
    each with the digest of its report. `news`: something is known that was not before.
    """

    identity: str
    name: MeetingName
    email: str
    role: MeetingRole
    stays: list[rules.Stay]
    fresh: list[tuple[bytes, Join]] = field(default_factory=list)
    stored: Stored | None = None
    auto: UUID | None = None
    by: str = ""
    candidates: list[Known] = field(default_factory=list)
    choice: Choice = field(default_factory=Choice)
    registrations: list[UUID] = field(default_factory=list)
    new_people: list[NewPerson] = field(default_factory=list)
    suggested_role: RegistrationRole | None = None
    error: str = ""

    @property
    def code(self) -> str:
        """The short name of the row in the form."""
        return code_of(self.identity)

    @property
    def seconds(self) -> int:
        """How long this name was there."""
        return rules.presence(self.stays)

    @property
    def minutes(self) -> int:
        """How many minutes this name was there."""
        return rules.minutes(self.seconds)

    @property
    def by_hand(self) -> bool:
        """Say whether a person decided otherwise than it is found automatically."""
        found = [self.auto] if self.auto else []
        return self.choice.fate in {Fate.NOBODY, Fate.WALK_IN} or self.registrations != found

    @property
    def news(self) -> bool:
        """Say whether the import brings something of this person that was not stored before."""
        return bool(self.fresh) or self.stored is None or list(self.stored.registrations) != self.registrations


def usual(
    row: Row, known: Mapping[UUID, Known], called: Mapping[UUID, str], *, organisation: str, telling: bool
) -> Choice:
    """Return what becomes of a row of which nothing is chosen: what was decided by hand before, else what is found.

    `telling`: being a presenter means something. A role is suggested once; whoever did not want it is not asked again.
    """
    role = row.stored is None and (telling or row.role is MeetingRole.ORGANISER)
    start = Choice(name=row.name.shown, organisation=organisation, role=role)
    if row.stored and row.stored.by_hand:
        there = [one for one in row.stored.registrations if one in known]
        fate = row.stored.fate if there or row.stored.fate in {Fate.NOBODY, Fate.WALK_IN} else Fate.OPEN
        return replace(
            start,
            fate=fate,
            registration=there[0] if fate is Fate.MATCH else None,
            people="\n".join(called[one] for one in there) if fate is Fate.PEOPLE else "",
        )
    if row.auto:
        return replace(start, fate=Fate.MATCH, registration=row.auto)
    return start


def resolve(row: Row, known: Sequence[Known], by_id: Mapping[UUID, Known]) -> None:
    """Find whom the choice of a row names; what cannot be done is said in its `error`."""
    choice = row.choice
    if choice.fate is Fate.MATCH and choice.registration is not None and choice.registration in by_id:
        row.registrations = [choice.registration]
        row.by = row.by if choice.registration == row.auto else "hand"
    elif choice.fate is Fate.WALK_IN:
        _add_new(row, NewPerson(choice.name, choice.organisation, row.email or None), by_id)
        row.error = _wrong_name(choice.name)
    elif choice.fate is Fate.PEOPLE:
        _resolve_people(row, known, by_id)
        row.by = "hand"
    if choice.fate in {Fate.OPEN, Fate.NOBODY, Fate.WALK_IN}:
        row.by = ""
    if len(row.registrations) + len(row.new_people) == 1:
        now = by_id[row.registrations[0]].role if row.registrations else RegistrationRole.PARTICIPANT
        row.suggested_role = rules.suggested_role(row.role, now)


def _wrong_name(name: str) -> str:
    if max(map(len, split_name(name))) > LONGEST_NAME:
        return _("The name is too long.")
    return "" if name else _("Give the name of the person.")


def _add_new(row: Row, person: NewPerson, by_id: Mapping[UUID, Known]) -> None:
    """Take someone for new, unless this very row has registered them before: the form was sent twice."""
    made = [by_id[one] for one in (row.stored.registrations if row.stored else ()) if one in by_id]
    again = next((one.id for one in made if one.walked_in and one.key == name_key(person.name)), None)
    if again is None:
        row.new_people.append(person)
    elif again not in row.registrations:
        row.registrations.append(again)


def _resolve_people(row: Row, known: Sequence[Known], by_id: Mapping[UUID, Known]) -> None:
    lines = [line.strip() for line in row.choice.people.splitlines() if line.strip()]
    if not lines:
        row.error = _("Name the people, one on each line.")
    for line in lines:
        if line.startswith("+"):
            name, _comma, organisation = (part.strip() for part in line[1:].partition(","))
            _add_new(row, NewPerson(name, organisation[:200]), by_id)
            row.error = row.error or _wrong_name(name)
            continue
        found = named(line, known)
        if len(found) == 1:
            row.registrations += [found[0].id] if found[0].id not in row.registrations else []
        elif found:
            row.error = _("Several people are called %(name)s. Write the address instead.", name=line)
        else:
            row.error = _("Nobody called %(name)s is registered. Write + before the name of someone new.", name=line)


def usual_walk_in(choice: Choice) -> Choice:
    """Return a choice made into that of a walk-in."""
    return Choice(fate=Fate.WALK_IN, name=choice.name, organisation=choice.organisation, role=choice.role)
