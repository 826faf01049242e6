"""Four doors, two without network, many tickets: whatever the order in which readings reach us, the end is the same."""

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.checkin.rules import Outcome, Reading, happened_at, minutes_there, outcome
from events.checkin.tables import ScanResult, ScanType
from tests.factories import NOW

TICKETS, DOORS = 200, ("A", "B", "C", "D")
OFFLINE = {"C": timedelta(minutes=7), "D": timedelta(minutes=-11)}
"""The doors without network, and by how much their clocks are ahead."""

EVENT = timedelta(hours=1)

Day = dict[int, list[Reading]]


def day(chance: random.Random) -> Day:
    """Let people come to doors, some twice, some to two doors; doors without network know what they saw themselves."""
    readings: Day = {ticket: [] for ticket in range(TICKETS)}
    seen: set[tuple[str, int]] = set()
    inside: set[int] = set()
    moment = NOW
    for _ in range(TICKETS + 80):
        moment += timedelta(seconds=chance.randint(1, 20))
        ticket, door = chance.randrange(TICKETS), chance.choice(DOORS)
        if door in OFFLINE:
            admitted = (door, ticket) not in seen
            device_at = moment + OFFLINE[door]
            sent_at = NOW + timedelta(hours=9) + OFFLINE[door]
            at = happened_at(device_at, sent_at, NOW + timedelta(hours=9))
        else:
            admitted, at = ticket not in inside, moment
            inside.add(ticket)
        seen.add((door, ticket))
        nonce = UUID(int=chance.getrandbits(128))
        readings[ticket].append(Reading(nonce, ScanType.ENTRY, at, at, door, admitted=admitted))
    return readings


def busy_day(chance: random.Random) -> Day:
    """Let people also go out, be let in by hand and have their entry taken back, at every door, and come again."""
    readings: Day = {ticket: [] for ticket in range(TICKETS)}
    moment, sent = NOW, NOW + timedelta(hours=9)
    for _ in range(TICKETS * 4):
        moment += timedelta(seconds=chance.randint(0, 20))
        door = chance.choice(DOORS)
        ahead = OFFLINE.get(door, timedelta())
        at = happened_at(moment + ahead, sent + ahead, sent)
        kind = chance.choices(tuple(ScanType), (6, 3, 1))[0]
        forced = kind is ScanType.ENTRY and chance.random() < 0.1
        nonce = UUID(int=chance.getrandbits(128))
        readings[chance.randrange(TICKETS)].append(
            Reading(nonce, kind, at, at, door, admitted=forced or chance.random() < 0.8, forced=forced)
        )
    return readings


def summary(end: Outcome) -> tuple[object, ...]:
    present = minutes_there(end.stays, NOW, NOW + EVENT)
    return end.inside, end.first, end.last, dict(end.verdicts), end.conflicts, end.stays, present


def check(readings: Day, chance: random.Random, fold: Callable[[Iterable[Reading]], Outcome] = outcome) -> None:
    for scans in readings.values():
        if not scans:
            continue
        shuffled = [*scans, *chance.choices(scans, k=3)]  # uploaded again
        chance.shuffle(shuffled)
        end, other = fold(scans), fold(shuffled)
        assert summary(end) == summary(other), "the order of uploads made a difference"
        verdicts = list(end.verdicts.values())
        assert len(verdicts) == len(scans), "a reading was dropped"
        assert 0 <= minutes_there(end.stays, NOW, NOW + EVENT) <= EVENT / timedelta(minutes=1)
        if any(scan.type is not ScanType.ENTRY or scan.forced for scan in scans):
            continue  # who comes back is let in more than once
        assert verdicts.count(ScanResult.OK) == any(scan.admitted for scan in scans), "not one accepted entry"
        assert all(verdict in {ScanResult.OK, ScanResult.DUPLICATE, ScanResult.CONFLICT} for verdict in verdicts)


@settings(max_examples=1000)
@given(st.integers(0, 2**32))
def test_one_entry_a_ticket_counts_whatever_the_order_of_uploads(seed: int) -> None:
    chance = random.Random(seed)
    check(day(chance), chance)


@settings(max_examples=1000)
@given(st.integers(0, 2**32))
def test_with_exits_and_undoing_presence_is_the_same_whatever_the_order_of_uploads(seed: int) -> None:
    chance = random.Random(seed)
    check(busy_day(chance), chance)


def by_arrival(readings: Iterable[Reading]) -> Outcome:
    """What would come out if the first to be uploaded counted."""
    ordered = [
        Reading(one.nonce, one.type, NOW + timedelta(seconds=n), one.at, one.door, one.admitted, one.forced)
        for n, one in enumerate({one.nonce: one for one in readings}.values())
    ]
    return outcome(ordered)


@pytest.mark.parametrize("happens", [day, busy_day])
def test_the_simulation_finds_what_goes_by_arrival(happens: Callable[[random.Random], Day]) -> None:
    chance = random.Random(1)
    with pytest.raises(AssertionError, match="the order of uploads"):
        check(happens(chance), chance, by_arrival)
