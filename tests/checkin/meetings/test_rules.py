from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkin.meetings import rules
from events.checkin.meetings.rules import Stay
from events.checkin.meetings.tables import MeetingRole
from events.checkin.tables import AttendanceSource, AttendanceState
from events.registration.tables import RegistrationRole
from tests.factories import NOW

SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


def moment(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


def whole(begin: int, end: int) -> Stay:
    return Stay((moment(begin), moment(end)), end - begin)


WHOLE = SPANS.map(lambda span: whole(*span))
PARTLY = st.tuples(SPANS, st.integers(0, 60)).map(
    lambda drawn: Stay((moment(drawn[0][0]), moment(drawn[0][1])), min(drawn[1], drawn[0][1] - drawn[0][0]))
)
UNTIMED = st.integers(0, 60).map(lambda seconds: Stay(rules.EVER, seconds))
ANY = st.lists(WHOLE | PARTLY | UNTIMED, max_size=8)


@given(st.lists(SPANS, max_size=8))
def test_whole_stays_add_up_to_the_seconds_they_cover(spans: list[list[int]]) -> None:
    counted = {second for begin, end in spans for second in range(begin, end)}
    assert rules.presence(whole(begin, end) for begin, end in spans) == len(counted)


@given(ANY, st.randoms())
def test_neither_order_nor_repetition_changes_anything(stays: list[Stay], random: object) -> None:
    mixed = [*stays, *stays]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert rules.presence(mixed) == rules.presence(stays)


@given(ANY)
def test_nobody_is_there_for_less_than_the_longest_or_more_than_the_sum_of_their_stays(stays: list[Stay]) -> None:
    lengths = [stay.seconds for stay in stays]
    assert max(lengths, default=0) <= rules.presence(stays) <= sum(lengths)


@given(st.lists(WHOLE | PARTLY, max_size=8))
def test_nobody_is_there_for_longer_than_the_time_their_stays_span(stays: list[Stay]) -> None:
    assert rules.presence(stays) <= rules.length(stay.span for stay in stays)


@given(ANY, WHOLE)
def test_another_whole_stay_never_makes_the_time_shorter(stays: list[Stay], more: Stay) -> None:
    assert rules.presence([*stays, more]) >= rules.presence(stays)


@given(st.lists(SPANS, max_size=8))
def test_joined_spans_do_not_touch_and_are_in_order(spans: list[list[int]]) -> None:
    joined = rules.joined((moment(begin), moment(end)) for begin, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


def test_a_part_counts_only_beyond_what_is_certain() -> None:
    partly = Stay((moment(0), moment(60)), 50)
    assert rules.presence([partly, whole(55, 120)]) == 65 + 45
    assert rules.presence([partly, Stay((moment(30), moment(90)), 20)]) == 50
    assert rules.presence([Stay(rules.EVER, 30), whole(0, 60)]) == 60
    assert rules.presence([Stay(rules.EVER, 90), whole(0, 60)]) == 90


def test_half_a_minute_is_one() -> None:
    assert [rules.minutes(seconds) for seconds in (0, 29, 30, 89, 90, 5472)] == [0, 0, 1, 1, 2, 91]


def test_organiser_and_presenter_get_a_role_and_nobody_loses_one() -> None:
    participant = RegistrationRole.PARTICIPANT
    assert rules.suggested_role(MeetingRole.ORGANISER, participant) is RegistrationRole.HOST
    assert rules.suggested_role(MeetingRole.PRESENTER, participant) is RegistrationRole.SPEAKER
    assert rules.suggested_role(MeetingRole.ATTENDEE, participant) is None
    assert rules.suggested_role(MeetingRole.PRESENTER, RegistrationRole.STAFF) is None


def test_where_everyone_is_a_presenter_it_tells_nothing() -> None:
    attendee, presenter = MeetingRole.ATTENDEE, MeetingRole.PRESENTER
    assert rules.presenters_tell([presenter])
    assert rules.presenters_tell([presenter, attendee, attendee])
    assert not rules.presenters_tell([presenter, presenter, attendee])


@pytest.mark.parametrize(
    ("state", "source", "old", "new"),
    [
        ("unknown", None, True, True),
        ("unknown", "meeting_report", True, True),
        ("unknown", "scan", True, True),
        ("unknown", "desk", False, True),
        ("no_show", "desk", False, True),
        ("no_show", "import", False, True),
        ("attended", "scan", False, False),
        ("attended", "desk", False, False),
    ],
)
def test_what_was_said_by_hand_stands_until_something_new_is_heard(
    state: str, source: str | None, old: bool, new: bool
) -> None:
    before = (AttendanceState(state), AttendanceSource(source) if source else None)
    assert rules.may_say_attended(*before, news=False) is old
    assert rules.may_say_attended(*before, news=True) is new


def test_a_report_of_another_day_is_noticed() -> None:
    event = (moment(0), moment(3600))
    assert rules.touches([], event)
    assert rules.touches([(moment(-60), moment(60))], event)
    assert not rules.touches([(moment(0) - timedelta(days=3), moment(0) - timedelta(days=2))], event)
