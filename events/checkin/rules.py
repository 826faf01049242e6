"""What all readings of one ticket add up to, and what may be closed; pure functions (design.md §2, "scan").

The outcome does not depend on the order in which readings reach the server: doors without network upload late, twice,
and in any order (facts/domain.md, "Tickets and the door").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from events.checkin.tables import AttendanceSource, AttendanceState, ScanResult, ScanType
from events.registration.tables import State

REASONS: Mapping[State, str] = {
    State.CONFIRMED: "",
    State.WAITLISTED: "waitlisted",
    State.CANCELLED: "cancelled",
    State.DECLINED: "cancelled",
    State.AWAITING_APPROVAL: "not_confirmed",
    State.AWAITING_ADDRESS: "not_confirmed",
    State.OFFERED: "not_confirmed",
}
"""Why a door refuses a registration in a state; "" means that it does not."""

Stay = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as the rules see it.

    `order` is the moment that decides what came first: the server's clock for a door that asked the server, the
    corrected device clock for a door without network. `at` is the moment shown to people. `admitted` says whether that
    door let the person in.
    """

    nonce: UUID
    type: ScanType
    order: datetime
    at: datetime
    door: str
    admitted: bool = True
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the readings of one ticket say together.

    `first` and `last` are the first and the latest entry that count, `verdicts` what each reading was, and `conflicts`
    pairs of (the entry that counts, another door's entry while the person was inside). `stays` are pairs of when the
    person came in and went out, None where nobody saw them come or go.
    """

    inside: bool
    first: Reading | None
    last: Reading | None
    verdicts: Mapping[UUID, ScanResult]
    conflicts: tuple[tuple[Reading, Reading], ...]
    stays: tuple[Stay, ...] = ()


def outcome(readings: Iterable[Reading]) -> Outcome:
    """Return what readings of one ticket say, in whatever order and however often each is given.

    The first entry counts, later ones while the person is inside are duplicates; when another door has let the same
    ticket in without knowing, they are a conflict. An undo takes back the latest entry before it.
    """
    ordered = sorted({reading.nonce: reading for reading in readings}.values(), key=_order)
    undone = _undone(ordered)
    verdicts: dict[UUID, ScanResult] = {}
    conflicts: list[tuple[Reading, Reading]] = []
    inside: Reading | None = None
    entries: list[Reading] = []
    stays: list[Stay] = []
    for reading in ordered:
        if reading.nonce in undone or reading.type is ScanType.UNDO:
            taken_back = reading.type is ScanType.ENTRY or reading.nonce in undone.values()
            verdicts[reading.nonce] = ScanResult.OK if taken_back else ScanResult.DUPLICATE
            continue
        verdict = verdicts[reading.nonce] = _verdict(reading, inside)
        if verdict is ScanResult.CONFLICT and inside is not None:
            conflicts.append((inside, reading))
        if verdict is ScanResult.OK and reading.type is ScanType.EXIT:
            inside = None
            stays[-1] = (stays[-1][0], reading.at)
        elif reading.type is ScanType.EXIT and not stays:
            stays.append((None, reading.at))  # whose coming nobody saw: waved through, and marked at the desk
        elif verdict is ScanResult.OK and inside is None:
            inside = reading
            entries.append(reading)
            stays.append((reading.at, None))
    first, last = (entries[0], entries[-1]) if entries else (None, None)
    return Outcome(inside is not None, first, last, verdicts, tuple(conflicts), tuple(stays))


def minutes_there(stays: Iterable[Stay], starts_at: datetime, ends_at: datetime) -> int:
    """Return how many minutes of an event someone was there; what nobody saw reaches to its beginning or end.

    Doors' clocks differ, so that stays may overlap: no moment counts twice.
    """
    there, counted = timedelta(), starts_at
    for entry_at, exit_at in sorted((entry or starts_at, exit_at or ends_at) for entry, exit_at in stays):
        begin, end = max(entry_at, counted), min(exit_at, ends_at)
        if end > begin:
            there, counted = there + (end - begin), end
    return round(there / timedelta(minutes=1))


def _order(reading: Reading) -> tuple[datetime, int, UUID]:
    # of one moment: whoever is undone or goes out has come in before
    return reading.order, list(ScanType).index(reading.type), reading.nonce


def _undone(ordered: Sequence[Reading]) -> dict[UUID, UUID]:
    """Return entry → the undo that took it back: of the undo's own door if there is one, else the latest of any."""
    standing: list[Reading] = []
    undone: dict[UUID, UUID] = {}
    for reading in ordered:
        if reading.type is ScanType.ENTRY and reading.admitted:
            standing.append(reading)
        elif reading.type is ScanType.UNDO and standing:
            own = [entry for entry in standing if entry.door == reading.door]
            taken_back = (own or standing)[-1]
            standing.remove(taken_back)
            undone[taken_back.nonce] = reading.nonce
    return undone


def _verdict(reading: Reading, inside: Reading | None) -> ScanResult:
    if reading.type is ScanType.EXIT:
        return ScanResult.DUPLICATE if inside is None else ScanResult.OK
    if not reading.admitted:
        return ScanResult.DUPLICATE
    if inside is None or reading.forced:
        return ScanResult.OK
    return ScanResult.DUPLICATE if inside.door == reading.door else ScanResult.CONFLICT


def answer_to(new: Reading, before: Outcome, after: Outcome) -> ScanResult:
    """Return what the door hears about `new`.

    That is its verdict, unless it pushes back an entry that was told "ok" before: then it hears what that one has
    become, so that of all readings of one entry exactly one is ever answered "ok".
    """
    for nonce, verdict in before.verdicts.items():
        if verdict is ScanResult.OK and after.verdicts[nonce] in {ScanResult.DUPLICATE, ScanResult.CONFLICT}:
            return after.verdicts[nonce]
    return after.verdicts[new.nonce]


def attendance_after(
    state: AttendanceState, source: AttendanceSource, last_entry: UUID | None, scans: Outcome
) -> tuple[AttendanceState, AttendanceSource]:
    """Return what is known of someone's attendance once `scans` are counted.

    `last_entry` is the entry that was counted before. What a person at the desk has said stands until an entry comes in
    that they did not know of.
    """
    if scans.last is not None and scans.last.nonce != last_entry:
        return AttendanceState.ATTENDED, AttendanceSource.SCAN
    if scans.last is None and source is AttendanceSource.SCAN:
        return AttendanceState.UNKNOWN, AttendanceSource.SCAN
    return state, source


def happened_at(device_at: datetime, sent_at: datetime | None, received_at: datetime) -> datetime:
    """Return when a reading happened by the server's clock.

    `sent_at` is what the device's clock said when it sent the reading: the difference to `received_at` is how wrong
    that clock is. Without it the device is believed; nothing happens after it was heard of.
    """
    try:
        corrected = device_at + (received_at - sent_at) if sent_at else device_at
    except OverflowError:  # a clock thousands of years off
        return received_at
    return min(corrected, received_at)


def why_open(*, state: str, ends_at: datetime, unknown: int, now: datetime) -> str:
    """Say why an event cannot be reconciled yet: "not_held", "not_ended" or "unknown"; "" when it can.

    A forgotten check-in must not become a zero: nobody may be left whose attendance is not known.
    """
    if state != "published":
        return "not_held"
    if ends_at > now:
        return "not_ended"
    return "unknown" if unknown else ""
