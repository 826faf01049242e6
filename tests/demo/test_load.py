"""The demo programme, loaded into a database of the test's own."""

import time as clocks
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import ServiceError
from events.demo.load import load
from events.demo.plan import HELSINKI
from events.outreach.reminders.actions import queue_due_reminders
from events.outreach.reminders.queries import of_event
from events.registration.invitations.queries import of_event as invitations_to
from events.reports.dashboard.figures import dashboard
from events.reports.filters import Filters
from events.reports.funder.evidence.queries import invited as invited_by_name
from events.surveys.comparing.queries import Narrowed, compared, series_names
from events.surveys.groups.queries import told_apart
from events.surveys.groups.rules import By
from events.surveys.results.parted import parted
from events.surveys.sending.actions import invite_due
from events.surveys.tables import SurveyKind
from events.surveys.templates import template
from tests.conftest import clone, drop
from tests.factories import make_event
from workers.due import due_jobs

NOW = clock.now()

COUNTERS = """
SELECT count(*) FROM site
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state IN ('confirmed', 'offered', 'awaiting_address')) AS taken,
           count(*) FILTER (WHERE state = 'waitlisted') AS waiting
    FROM registration WHERE registration.site = site.id
) AS counted ON true
WHERE (site.taken, site.waiting) <> (counted.taken, counted.waiting)
"""


@pytest.fixture(scope="module")
async def loaded(cluster: str, template_db: str) -> AsyncIterator[str]:
    """The URL of a database with the demo programme in it, for tests that only look."""
    url = await clone(cluster, template_db)
    async with database.pooled(url, size=2):
        await load(NOW)
    yield url
    await drop(cluster, url)


@pytest.fixture
async def demo(loaded: str) -> AsyncIterator[None]:
    async with database.pooled(loaded, size=2):
        yield


async def test_the_demo_loads_in_seconds_and_only_once(committed_db: str) -> None:
    begun = clocks.process_time()
    assert await load(NOW)
    assert clocks.process_time() - begun < 5
    events = await database.fetchval("SELECT count(*) FROM event")
    assert events > 25
    assert not await load(NOW)
    assert await database.fetchval("SELECT count(*) FROM event") == events
    assert await database.fetchval(COUNTERS) == 0
    await database.execute("UPDATE site SET taken = taken - 1 WHERE taken > 1")
    assert await database.fetchval(COUNTERS) > 0, "the question can be answered with yes"


async def test_the_demo_begins_with_no_mail_to_send(demo: None) -> None:
    assert await database.fetchval("SELECT count(*) FROM message") > 500
    assert "mail.deliver" not in await due_jobs(NOW)
    assert await queue_due_reminders(NOW) + await invite_due(NOW) == 0
    assert await database.fetchval("SELECT count(*) FROM message WHERE state <> 'sent'") == 0
    assert await database.fetchval("SELECT count(*) FROM message WHERE subject_line = ''") == 0


async def test_whoever_the_demo_counts_as_invited_stands_on_the_page_of_invitations(demo: None) -> None:
    counted = await database.fetch("SELECT event, number FROM turnout WHERE step = 'invited' ORDER BY event")
    assert len(counted) > 10
    for row in counted:
        assert len(await invitations_to(row["event"])) == row["number"] == await invited_by_name(row["event"])


async def test_reminders_of_the_demo_went_out_in_time(committed_db: str) -> None:
    wednesday = NOW + timedelta(days=(2 - NOW.weekday()) % 7)  # the next event is on a working day, not always today
    await load(wednesday)
    events = await database.fetch("SELECT DISTINCT event FROM reminder_run")
    found = [each for row in events for each in await of_event(row["event"], wednesday)]
    assert sum(each.counts.get("sent", 0) for each in found) > 20
    assert [each.late_at for each in found if each.late_at] == []


async def test_every_address_of_the_demo_is_one_that_cannot_exist(demo: None) -> None:
    addresses = await database.fetch(
        "SELECT email FROM person UNION SELECT email FROM staff UNION SELECT email FROM feedback"
        " UNION SELECT contact_email FROM event UNION SELECT recipient FROM message"
    )
    assert len(addresses) > 300
    assert [row[0] for row in addresses if row[0] and not row[0].endswith(".example")] == []


async def test_scans_and_attendance_of_the_demo_agree(demo: None) -> None:
    scanned = await database.fetch("SELECT registration FROM scan ORDER BY 1")
    seen = await database.fetch("SELECT registration FROM attendance WHERE inside ORDER BY 1")
    assert scanned == seen
    assert scanned


@pytest.mark.parametrize("hour", [time(0, 10), time(6, 6), time(8, 45), time(13, 20), time(23, 50)])
async def test_nobody_of_the_demo_has_come_in_the_future(committed_db: str, hour: time) -> None:
    now = datetime.combine(NOW.astimezone(HELSINKI).date(), hour, HELSINKI)
    assert await load(now)
    late = await database.fetchval(
        "SELECT (SELECT count(*) FROM scan WHERE greatest(device_at, happened_at, received_at) > $1)"
        " + (SELECT count(*) FROM attendance WHERE greatest(first_entry_at, changed_at) > $1)"
        " + (SELECT count(*) FROM attendance JOIN registration ON registration.id = attendance.registration"
        "    JOIN event ON event.id = registration.event WHERE starts_at > $1 + interval '30 minutes')"
        " + (SELECT count(*) FROM participation JOIN event ON event.id = participation.event WHERE ends_at > $1)",
        now,
    )
    assert late == 0
    come = await database.fetchval(
        "SELECT count(*) FROM attendance JOIN registration ON registration.id = attendance.registration"
        " JOIN event ON event.id = registration.event WHERE title_en = 'Open factory day'"
    )
    assert bool(come) is (hour > time(8, 30)), "who is there before the doors open?"


async def test_history_stands_at_its_dates_and_every_kind_of_event_is_there(demo: None) -> None:
    (history,) = await database.fetch("SELECT * FROM event WHERE starts_at = '2022-09-22 06:00+00'")
    assert history["title_fi"] == "SIXNET-roadshow: yhteiskehittämisen työpaja, Hämeenlinna"
    states = {row[0] for row in await database.fetch("SELECT DISTINCT state FROM event")}
    assert states == {"draft", "published", "cancelled"}
    assert await database.fetchval("SELECT count(DISTINCT kind) FROM event") == 3
    assert await database.fetchval("SELECT count(*) FROM site WHERE waiting > 0 AND taken = capacity") >= 2
    assert await database.fetchval("SELECT count(*) FROM registration WHERE state = 'awaiting_approval'") > 0
    assert await database.fetchval("SELECT count(*) FROM answer") > 50


async def test_the_demo_is_never_loaded_beside_a_programme_of_ones_own(committed_db: str) -> None:
    await make_event()
    with pytest.raises(ServiceError, match="--data-dir"):
        await load(NOW)
    assert await database.fetchval("SELECT count(*) FROM staff") == 0


async def test_tracks_of_the_demo_have_people_and_one_is_full(demo: None) -> None:
    rows = await database.fetch(
        "SELECT taken, capacity, (SELECT count(*) FROM registration_item WHERE item = agenda_item.id) AS signed"
        " FROM agenda_item WHERE capacity IS NOT NULL ORDER BY room"
    )
    assert [tuple(row) for row in rows] == [(9, 12, 9), (8, 8, 8)]


async def test_speakers_of_the_demo_are_registered_and_one_is_missing(demo: None) -> None:
    states = await database.fetch(
        "SELECT state, role FROM speaker JOIN registration ON registration.id = speaker.registration ORDER BY state"
    )
    assert [row["state"] for row in states] == ["cancelled", "confirmed", "confirmed", "confirmed"]
    assert {row["role"] for row in states if row["state"] == "confirmed"} == {"speaker"}


async def test_the_series_of_the_demo_carries_its_agenda(demo: None) -> None:
    counted = await database.fetch(
        "SELECT count(*) AS n, count(DISTINCT agenda_item.event) AS events FROM agenda_item"
        " JOIN event ON event.id = agenda_item.event WHERE series IS NOT NULL GROUP BY origin"
    )
    assert [tuple(row) for row in counted] == [(6, 6)] * 4
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'series.carried'") == 10


async def test_the_chair_of_the_demo_leads_a_group_that_has_met_and_meets_again(demo: None) -> None:
    led = "SELECT resource_id::uuid FROM staff_grant WHERE role = 'chair' AND resource_kind = 'group'"
    held = await database.fetch(f"SELECT starts_at > $1 AS coming FROM event WHERE theme_group = ({led})", NOW)
    assert {row["coming"] for row in held} == {True, False}


async def test_one_workshop_has_a_survey_of_its_own_with_enough_answers_to_see(demo: None) -> None:
    row = await database.fetchrow(
        "SELECT answered, bit_count(marks) AS marked,"
        " jsonb_array_length(pool) + (SELECT count(*) FROM answer WHERE survey = survey.id) AS given"
        " FROM survey WHERE kind = 'own'"
    )
    assert row["answered"] == row["marked"] == row["given"] > 10


async def test_the_demo_tells_what_came_of_its_events(demo: None) -> None:
    made = await compared("impact_project", "event", Narrowed(), actor=SYSTEM, now=NOW)
    assert made is not None
    three, six = made.totals
    assert three.surveys + six.surveys >= 6
    shares = [dict(each.result.counts)["Kyllä"] / each.result.n for each in (three, six)]
    assert 0 < shares[0] < shares[1] < 1 / 2, "with time plans become projects"
    regions = await compared("impact_regions", "event", Narrowed(), actor=SYSTEM, now=NOW)
    assert regions is not None
    assert all(told.result.n < each.result.n for told, each in zip(regions.totals, made.totals, strict=True)), (
        "of nothing that came about nobody is asked with whom"
    )


async def test_some_surveys_of_the_demo_are_told_apart_by_two_groups(demo: None) -> None:
    surveys = await database.fetch("SELECT id, event FROM survey WHERE labelled > 0")
    shown = 0
    for survey in surveys:
        for by in By:
            made = parted(await told_apart(survey["event"], survey["id"], by), template(SurveyKind.FEEDBACK))
            shown += any(len(table.rows) > 3 for table in made.tables.values())
    assert shown >= 3


async def test_one_event_of_the_demo_is_told_apart_by_language_and_by_region(demo: None) -> None:
    row = await database.fetchrow(
        "SELECT survey.id, survey.event FROM survey JOIN event ON event.id = survey.event"
        " WHERE survey.kind = 'feedback' AND title_en LIKE '%energy storage in production'"
    )
    questions = template(SurveyKind.FEEDBACK)
    shown = {}
    for by in (By.LANGUAGE, By.REGION):
        made = parted(await told_apart(row["event"], row["id"], by), questions)
        lines = made.tables["usefulness"].lines
        assert all(line.counted[0].n for line in lines), "each group has enough answers to be shown"
        shown[by] = {line.code for line in lines}
    assert shown == {By.LANGUAGE: {"fi", "sv", "rest", "all"}, By.REGION: {"06", "15", "rest", "all"}}


async def test_a_series_of_the_demo_is_compared_event_by_event(demo: None) -> None:
    (series,) = await series_names(SYSTEM, NOW)
    made = await compared("usefulness", "event", Narrowed(series=series), actor=SYSTEM, now=NOW)
    assert made is not None
    assert len(made.groups) >= 2
    assert all(each.result.n >= 20 for each in made.groups)


async def test_the_dashboard_of_the_demo_has_something_in_each_part(demo: None) -> None:
    made = await dashboard(Filters(start=(NOW - timedelta(days=365)).date(), end=NOW.date()), now=NOW)
    funnel = made.funnel
    steps = [funnel.invited, funnel.registered, funnel.attended, funnel.answered]
    assert all(steps)
    assert steps == sorted(set(steps), key=lambda number: -(number or 0))
    assert 0.02 < (funnel.no_show_rate or 0) < 0.3
    assert sum(bool(tile.cell.participations) for tile in made.regions) >= 10
    assert all([made.heat, made.change, made.not_reconciled])
    assert made.persons
    assert made.persons.returning
