from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.programme import rules
from events.programme.rules import Openness
from tests.factories import NOW


def event(**values: Any) -> Any:
    defaults = {
        "state": "published",
        "starts_at": NOW + timedelta(days=1),
        "ends_at": NOW + timedelta(days=1, hours=2),
        "registration_opens_at": None,
        "registration_closes_at": None,
        "reconciled_at": None,
        "archived_at": None,
        "waiting_list": "automatic",
        "sites": [site(capacity=1)],
    }
    return SimpleNamespace(**{**defaults, **values})


def site(capacity: int | None, taken: int = 0, waiting: int = 0) -> Any:
    return SimpleNamespace(capacity=capacity, taken=taken, waiting=waiting, closed=False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Openness.OPEN),
        ({"sites": [site(None, taken=10**6)]}, Openness.OPEN),
        ({"sites": [site(1, taken=1)]}, Openness.WAITING),
        ({"sites": [site(2, taken=1, waiting=1)]}, Openness.WAITING),
        ({"sites": [site(1, taken=1), site(1)]}, Openness.OPEN),
        ({"sites": [site(1, taken=1)], "waiting_list": "none"}, Openness.FULL),
        ({"registration_opens_at": NOW + timedelta(seconds=1)}, Openness.NOT_YET),
        ({"registration_opens_at": NOW}, Openness.OPEN),
        ({"registration_closes_at": NOW}, Openness.CLOSED),
        ({"starts_at": NOW}, Openness.CLOSED),
        ({"starts_at": NOW - timedelta(hours=1), "registration_closes_at": NOW + timedelta(hours=1)}, Openness.OPEN),
        ({"starts_at": NOW - timedelta(hours=2), "ends_at": NOW}, Openness.HELD),
        ({"state": "cancelled"}, Openness.CANCELLED),
        ({"state": "draft"}, Openness.DRAFT),
    ],
)
def test_one_may_register_while_published_open_and_with_room(values: dict[str, Any], expected: Openness) -> None:
    assert rules.openness(event(**values), NOW) is expected


def test_held_follows_from_time_and_reconciled_is_a_mark() -> None:
    held = event(starts_at=NOW - timedelta(hours=2), ends_at=NOW)
    assert rules.phase(held, NOW - timedelta(seconds=1)) == "published"
    assert rules.phase(held, NOW) == "held"
    assert rules.phase(event(reconciled_at=NOW), NOW) == "reconciled"
    assert rules.phase(event(state="cancelled", reconciled_at=NOW), NOW) == "cancelled"
    assert rules.phase(event(state="cancelled", archived_at=NOW), NOW) == "archived"


def test_the_hour_that_clocks_skip_is_refused_and_of_the_doubled_hour_the_first_is_meant() -> None:
    with pytest.raises(ValueError, match="does not exist"):
        rules.to_utc(date(2026, 3, 29), time(3, 30), "Europe/Helsinki")
    assert rules.to_utc(date(2026, 3, 29), time(3, 30), "Europe/Stockholm") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert rules.to_utc(date(2026, 10, 25), time(3, 30), "Europe/Helsinki") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(st.integers(0, 60 * 365 * 24 * 60))
def test_every_moment_comes_back_from_its_local_time(minutes: int) -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = rules.to_local(moment, "Europe/Helsinki")
    if local.fold == 0:
        assert rules.to_utc(local.date(), local.time(), "Europe/Helsinki") == moment


@pytest.mark.parametrize(
    ("titles", "slug"),
    [
        ({"fi": "Älykäs paja", "en": "Smart workshop"}, "smart-workshop-2026-09-01"),
        ({"fi": "Älykäs paja"}, "alykas-paja-2026-09-01"),
        ({"sv": "Verkstad – Åbo!"}, "verkstad-abo-2026-09-01"),
        ({"fi": "Привет"}, "event-2026-09-01"),
    ],
)
def test_a_slug_is_readable_and_plain(titles: dict[str, str], slug: str) -> None:
    assert rules.event_slug(titles, date(2026, 9, 1)) == slug


@given(st.text(max_size=300))
def test_every_title_makes_a_slug_that_is_found_again(title: str) -> None:
    from events.programme.queries import _SLUG

    assert _SLUG.fullmatch(rules.event_slug({"fi": title}, date(2026, 9, 1)))


@pytest.mark.parametrize(
    ("name", "town", "said"),
    [
        ("Tampere-talo", "Tampere", "Tampere-talo, Tampere"),
        ("Tampere-talo, Tampere", "Tampere", "Tampere-talo, Tampere"),
        ("Tampere", "Tampere", "Tampere"),
        ("Tampere-talo", "", "Tampere-talo"),
        ("", "Tampere", "Tampere"),
        ("", "", ""),
    ],
)
def test_a_venue_is_named_with_its_town_once(name: str, town: str, said: str) -> None:
    assert rules.venue_with_town(name, town) == said
