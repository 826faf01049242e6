"""Links of small networks known by hand, and of random ones against a naive count."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from events.reports.counting.layout import AXES
from events.reports.effect.bits import UNKNOWN, WIDTH
from events.reports.effect.rules import Meeting, Network, count

PIR, EPO, UUS, ABROAD = (AXES["region"].bit(code) for code in ("06", "14", "01", "abroad"))
REGIONS = (PIR, EPO, UUS, ABROAD, UNKNOWN)
FIRST = date(2026, 1, 10)


def meeting(day: int, *members: tuple[int, int]) -> Meeting:
    """An event some days after the first; members are (organisation or -1, region)."""
    return Meeting(UUID(int=day), FIRST + timedelta(days=day), [(who << WIDTH) + region for who, region in members])


def cells(made: Network, quarter: str) -> dict[tuple[int, int], tuple[int, int]]:
    return made.quarters[quarter]


def test_three_organisations_of_one_event_are_three_links() -> None:
    made = count([meeting(0, (1, PIR), (2, PIR), (3, EPO))])
    assert cells(made, "2026-Q1") == {(PIR, PIR): (1, 0), (PIR, EPO): (2, 0)}
    assert made.pairs == 3


def test_a_pair_that_meets_twice_in_a_quarter_is_one_new_link_and_later_a_repeated_one() -> None:
    made = count([meeting(day, (1, PIR), (2, EPO)) for day in (0, 5, 100, 200)])
    assert [cells(made, quarter) for quarter in ("2026-Q1", "2026-Q2", "2026-Q3")] == [
        {(PIR, EPO): (1, 0)},
        {(PIR, EPO): (0, 1)},
        {(PIR, EPO): (0, 1)},
    ]
    assert made.pairs == 1


def test_who_met_before_the_period_meets_again_in_it() -> None:
    meetings = [meeting(0, (1, PIR), (2, EPO)), meeting(20, (1, PIR), (2, EPO), (3, EPO))]
    made = count(meetings, start=FIRST + timedelta(days=20))
    assert cells(made, "2026-Q1") == {(PIR, EPO): (1, 1), (EPO, EPO): (1, 0)}
    assert made.pairs == 3


def test_colleagues_and_people_without_an_organisation_are_no_link() -> None:
    made = count([meeting(0, (1, PIR), (1, EPO), (-1, EPO), (-1, PIR))])
    assert cells(made, "2026-Q1") == {}
    assert made.participations == {PIR: 2, EPO: 2}


def test_an_organisation_stands_where_most_of_its_people_of_the_quarter_come_from() -> None:
    made = count([meeting(0, (1, PIR), (1, EPO), (1, EPO), (2, UUS)), meeting(9, (1, PIR), (1, PIR), (3, UUS))])
    assert cells(made, "2026-Q1") == {(UUS, PIR): (2, 0)}


def test_of_equal_regions_the_first_is_taken_and_the_unknown_last() -> None:
    made = count([meeting(0, (1, EPO), (1, PIR), (2, UNKNOWN), (2, UNKNOWN), (2, ABROAD))])
    assert cells(made, "2026-Q1") == {(PIR, ABROAD): (1, 0)}


def test_an_organisation_that_moves_stands_in_its_new_region_from_the_quarter_on() -> None:
    made = count([meeting(0, (1, PIR), (2, EPO)), meeting(100, (1, UUS), (2, EPO))])
    assert cells(made, "2026-Q2") == {(UUS, EPO): (0, 1)}
    assert made.organisations[2].regions == PIR | UUS
    assert made.organisations[1].home == UUS


def test_regions_abroad_and_unknown_are_not_bridged_to() -> None:
    made = count([meeting(0, (1, PIR), (2, EPO), (3, ABROAD), (4, UNKNOWN))])
    assert {who: seen.regions for who, seen in made.organisations.items()} == {1: EPO, 2: PIR, 3: PIR | EPO, 4: 0}
    assert {seen.partners for seen in made.organisations.values()} == {3}


def test_an_event_joins_regions_by_two_different_organisations() -> None:
    [met] = count([meeting(0, (1, PIR), (2, EPO), (3, EPO))]).encounters
    assert met.joins("06", "14")
    assert met.joins("14", "14")
    assert not met.joins("06", "06")
    assert not met.joins("06", "01")


def test_nothing_is_nothing() -> None:
    made = count([])
    assert (made.quarters, made.pairs, made.organisations) == ({}, 0, {})


def naive(meetings: list[Meeting], start: date | None) -> dict[str, dict[tuple[int, int], tuple[int, int]]]:
    """Count pair by pair."""
    inside = [each for each in meetings if start is None or each.held_on >= start]
    met: set[tuple[int, int]] = set()
    for each in meetings:
        if each not in inside:
            met |= pairs(each)
    found: dict[str, dict[tuple[int, int], tuple[int, int]]] = {}
    for quarter in sorted({each.quarter for each in inside}):
        held = [each for each in inside if each.quarter == quarter]
        now = set().union(*(pairs(each) for each in held))
        homes = naive_homes(held)
        sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        for one, other in now:
            a, b = sorted((homes[one], homes[other]))
            sums[a, b][(one, other) in met] += 1
        met |= now
        found[quarter] = {cell: (new, again) for cell, (new, again) in sorted(sums.items())}
    return found


def pairs(each: Meeting) -> set[tuple[int, int]]:
    return set(combinations(sorted({code >> WIDTH for code in each.codes} - {-1}), 2))


def naive_homes(held: list[Meeting]) -> dict[int, int]:
    regions: dict[int, Counter[int]] = defaultdict(Counter)
    for each in held:
        for code in each.codes:
            regions[code >> WIDTH][code & ((1 << WIDTH) - 1)] += 1
    homes = {}
    for who, counts in regions.items():
        known = {region: number for region, number in counts.items() if region != UNKNOWN} or counts
        homes[who] = min(known, key=lambda region: (-known[region], region))
    return homes


networks = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.lists(st.tuples(st.integers(-1, 12), st.sampled_from(REGIONS)), max_size=14),
    ),
    max_size=12,
).map(lambda made: [meeting(day, *members) for day, members in sorted(made, key=lambda each: each[0])])


@given(meetings=networks, start=st.none() | st.integers(0, 300).map(lambda days: FIRST + timedelta(days=days)))
def test_links_are_what_a_naive_count_of_pairs_says(meetings: list[Meeting], start: date | None) -> None:
    made = count(meetings, start)
    assert made.quarters == naive(meetings, start)
    inside = [each for each in meetings if start is None or each.held_on >= start]
    met = set().union(*(pairs(each) for each in inside))
    assert made.pairs == len(met)
    assert {who: seen.partners for who, seen in made.organisations.items()} == {
        who: sum(who in pair for pair in met)
        for each in inside
        for who in {code >> WIDTH for code in each.codes} - {-1}
    }
    assert sum(made.participations.values()) == sum(len(each.codes) for each in inside)
    assert len(made.encounters) == len(inside)


@given(meetings=networks)
def test_a_link_is_new_once(meetings: list[Meeting]) -> None:
    made = count(meetings)
    assert sum(new for quarter in made.quarters.values() for new, _again in quarter.values()) == made.pairs
