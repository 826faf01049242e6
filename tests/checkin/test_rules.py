import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from events.checkin.rules import Outcome, Reading, attendance_after, happened_at, minutes_there, outcome, why_open
from events.checkin.tables import AttendanceSource, AttendanceState, ScanResult, ScanType

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def reading(
    minute: float, door: str = "A", kind: ScanType = ScanType.ENTRY, *, admitted: bool = True, forced: bool = False
) -> Reading:
    moment = START + timedelta(minutes=minute)
    nonce = uuid5(NAMESPACE_OID, f"{minute} {door} {kind}")
    return Reading(nonce, kind, moment, moment, door, admitted=admitted, forced=forced)


some_readings = st.lists(
    st.builds(
        reading,
        st.integers(0, 20),
        st.sampled_from("ABC"),
        st.sampled_from(ScanType),
        admitted=st.booleans(),
        forced=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda made: made.nonce,
)


@given(some_readings, st.randoms(use_true_random=False))
def test_order_of_arrival_and_repeats_change_nothing(readings: list[Reading], chance: random.Random) -> None:
    arrived = readings + chance.choices(readings, k=5) if readings else []
    chance.shuffle(arrived)
    assert outcome(arrived) == outcome(readings)


def first_to_arrive(readings: Iterable[Reading]) -> Outcome:
    """What a door would say that takes readings as they come."""
    entries = [each for each in readings if each.type is ScanType.ENTRY and each.admitted]
    verdicts = {each.nonce: ScanResult.OK if each is entries[0] else ScanResult.DUPLICATE for each in entries}
    return Outcome(bool(entries), entries[0] if entries else None, None, verdicts, ())


def test_the_property_catches_a_rule_that_depends_on_order() -> None:
    as_often = settings(max_examples=settings().max_examples)  # as the property above is tried
    find(some_readings, lambda made: first_to_arrive(made) != first_to_arrive(reversed(made)), settings=as_often)
    with pytest.raises(NoSuchExample):
        find(some_readings, lambda made: outcome(made) != outcome(reversed(made)), settings=as_often)


@given(some_readings)
def test_every_reading_gets_a_verdict_and_none_is_dropped(readings: list[Reading]) -> None:
    assert set(outcome(readings).verdicts) == {each.nonce for each in readings}


@given(some_readings)
def test_without_exit_undo_and_force_one_entry_counts(readings: list[Reading]) -> None:
    entries = [each for each in readings if each.type is ScanType.ENTRY and not each.forced]
    ok = [nonce for nonce, verdict in outcome(entries).verdicts.items() if verdict is ScanResult.OK]
    assert len(ok) == any(each.admitted for each in entries)


def test_the_earliest_entry_counts_and_the_same_door_again_is_a_duplicate() -> None:
    early, late = reading(1), reading(5)
    result = outcome([late, early])
    assert (result.inside, result.first) == (True, early)
    assert result.verdicts[late.nonce] is ScanResult.DUPLICATE


def test_two_doors_that_let_one_ticket_in_are_a_conflict() -> None:
    here, there = reading(1, "A"), reading(2, "B")
    result = outcome([there, here])
    assert result.verdicts[there.nonce] is ScanResult.CONFLICT
    assert result.conflicts == ((here, there),)


def test_a_door_that_refused_the_second_time_is_no_conflict() -> None:
    assert outcome([reading(1, "A"), reading(2, "B", admitted=False)]).conflicts == ()


def test_letting_in_by_hand_is_no_conflict() -> None:
    forced = reading(2, "B", forced=True)
    result = outcome([reading(1, "A"), forced])
    assert result.conflicts == ()
    assert result.verdicts[forced.nonce] is ScanResult.OK


def test_an_undone_entry_leaves_nobody_inside() -> None:
    result = outcome([reading(1), reading(2, kind=ScanType.UNDO)])
    assert (result.inside, result.first) == (False, None)


def test_an_undo_takes_back_its_own_doors_entry() -> None:
    other = reading(2, "B")
    result = outcome([reading(1, "A"), other, reading(3, "A", ScanType.UNDO)])
    assert result.first == other
    assert result.conflicts == ()


def test_an_undo_of_nothing_and_an_exit_from_outside_are_duplicates() -> None:
    readings = [reading(1, kind=ScanType.UNDO), reading(2, kind=ScanType.EXIT)]
    assert set(outcome(readings).verdicts.values()) == {ScanResult.DUPLICATE}


def test_who_went_out_may_come_in_again_and_the_first_entry_stays() -> None:
    first, again = reading(1), reading(3, "B")
    result = outcome([first, reading(2, kind=ScanType.EXIT), again])
    assert (result.inside, result.first, result.last) == (True, first, again)


def test_what_the_desk_says_stands_until_an_unknown_entry_comes_in() -> None:
    seen = outcome([reading(1)])
    desk = (AttendanceState.NO_SHOW, AttendanceSource.DESK)
    assert attendance_after(*desk, reading(1).nonce, seen) == desk
    assert attendance_after(*desk, None, seen) == (AttendanceState.ATTENDED, AttendanceSource.SCAN)


def test_an_undo_takes_back_only_what_scans_have_said() -> None:
    nothing = outcome([])
    by_scan = (AttendanceState.ATTENDED, AttendanceSource.SCAN)
    by_desk = (AttendanceState.ATTENDED, AttendanceSource.DESK)
    assert attendance_after(*by_scan, reading(1).nonce, nothing)[0] is AttendanceState.UNKNOWN
    assert attendance_after(*by_desk, None, nothing) == by_desk


def test_a_wrong_device_clock_is_set_right() -> None:
    fast = START + timedelta(hours=3)
    heard = START + timedelta(minutes=30)
    assert happened_at(fast, fast + timedelta(minutes=10), heard) == heard - timedelta(minutes=10)
    assert happened_at(fast, None, heard) == heard
    assert happened_at(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), heard) == heard


@pytest.mark.parametrize(
    ("state", "hours", "unknown", "why"),
    [
        ("published", -1, 0, ""),
        ("published", -1, 1, "unknown"),
        ("published", 1, 0, "not_ended"),
        ("cancelled", -1, 0, "not_held"),
        ("draft", -1, 0, "not_held"),
    ],
)
def test_an_event_is_closed_only_when_held_and_everyone_is_known(
    state: str, hours: int, unknown: int, why: str
) -> None:
    assert why_open(state=state, ends_at=START + timedelta(hours=hours), unknown=unknown, now=START) == why


def test_presence_is_what_lies_between_entries_and_exits_within_the_event() -> None:
    out = ScanType.EXIT
    stays = outcome([reading(0), reading(50, kind=out), reading(60, "B"), reading(300, kind=out)]).stays
    assert minutes_there(stays, START + timedelta(minutes=10), START + timedelta(minutes=120)) == 40 + 60
    assert minutes_there(outcome([reading(30)]).stays, START, START + timedelta(minutes=100)) == 70


@given(some_readings)
def test_nobody_is_there_longer_than_the_event_or_less_than_not_at_all(readings: list[Reading]) -> None:
    seen = outcome(readings)
    minutes = minutes_there(seen.stays, START + timedelta(minutes=3), START + timedelta(minutes=15))
    assert 0 <= minutes <= 12
    assert seen.inside == bool(seen.stays and seen.stays[-1][1] is None)
    assert [entry for entry, _exit in seen.stays if entry][:1] == ([seen.first.at] if seen.first else [])


def test_whose_coming_nobody_saw_was_there_from_the_beginning_until_they_went() -> None:
    out, when = ScanType.EXIT, (START, START + timedelta(minutes=100))
    assert minutes_there(outcome([reading(30, kind=out)]).stays, *when) == 30
    assert minutes_there(outcome([reading(30, kind=out), reading(31, kind=out)]).stays, *when) == 30, "read twice"
    assert minutes_there(outcome([reading(30, kind=out), reading(60)]).stays, *when) == 30 + 40
    assert minutes_there(outcome([reading(10), reading(11, kind=ScanType.UNDO)]).stays, *when) == 0


def test_no_moment_counts_twice_though_clocks_differ() -> None:
    stays = [(START, START + timedelta(minutes=50)), (START + timedelta(minutes=40), None)]
    assert minutes_there(stays, START, START + timedelta(minutes=60)) == 60


@pytest.mark.parametrize(
    ("starts", "hours"),
    [("2026-10-24T22:00", 12), ("2027-03-27T22:00", 10), ("2026-12-31T20:00", 11)],
    ids=["clocks go back", "clocks go forward", "over new year"],
)
def test_an_event_over_midnight_lasts_as_long_as_it_does(starts: str, hours: int) -> None:
    """From an evening in Helsinki until 9 the next morning, or 7."""
    helsinki = ZoneInfo("Europe/Helsinki")
    begin = datetime.fromisoformat(starts).replace(tzinfo=helsinki)
    end = (begin + timedelta(hours=11)).astimezone(UTC)
    came = Reading(uuid5(NAMESPACE_OID, "came"), ScanType.ENTRY, begin.astimezone(UTC), begin.astimezone(UTC), "A")
    assert minutes_there(outcome([came]).stays, begin.astimezone(UTC), end) == hours * 60
