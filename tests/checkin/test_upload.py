import itertools
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.checkin import actions
from events.checkin.actions import Batch
from events.checkin.readings import readings
from events.checkin.rules import outcome
from events.checkin.tables import ScanType
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.checkin.doors import attendance, give_token, redeem, scanned, scans, slug_of, ticket
from tests.factories import NOW, make_event, make_registration

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def slug(db: asyncpg.Connection) -> str:
    return await slug_of(await make_event(capacity=None, slug="pack"))


async def register(slug: str, **columns: str) -> UUID:
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    return await make_registration(event, **columns)


async def upload(*scans: object, **batch: object) -> list[str]:
    answers = (await actions.upload(Batch(scans=list(scans), **batch), actor=SYSTEM, now=LATER)).results
    return [f"{answer.result}:{answer.reason or ''}" for answer in answers]


async def test_an_upload_answers_in_order_and_repeating_it_changes_nothing(
    client: httpx.AsyncClient, slug: str
) -> None:
    await give_token(client)
    ticket_a, ticket_b = ticket(await register(slug)), ticket(await register(slug))
    bodies = [
        {"secret": secret, "event": slug, "nonce": f"n{number}", "at": NOW.isoformat(), "door": "A"}
        for number, secret in enumerate([ticket_a, ticket_b, ticket_a, "unknown-ticket"])
    ]
    with clock.at(LATER):
        first = await client.post("/api/v1/checkin/sync", json={"scans": bodies})
        again = await client.post("/api/v1/checkin/sync", json={"scans": bodies})
    assert first.status_code == 200
    assert [each["result"] for each in first.json()["results"]] == ["ok", "ok", "duplicate", "rejected"]
    assert again.json() == first.json()
    assert await database.fetchval("SELECT count(*) FROM scan") == 4


async def test_two_doors_without_network_that_admit_one_ticket_are_a_conflict(slug: str) -> None:
    registration = await register(slug)
    late, early = (scanned(ticket(registration), slug, minute, door=str(minute)) for minute in (5, 1))
    assert await upload(late) == ["ok:"]
    assert await upload(early) == ["conflict:"]
    assert await attendance(registration) == ("attended", "scan", True, NOW + timedelta(minutes=1))
    assert await database.fetchval("SELECT conflict FROM attendance WHERE registration = $1", registration)


async def test_of_uploads_in_any_order_one_is_answered_ok(slug: str) -> None:
    for order in itertools.permutations(range(4)):
        registration = await register(slug)
        answers = [
            (await upload(scanned(ticket(registration), slug, minute // 2, door="ABAB"[minute])))[0] for minute in order
        ]
        assert answers.count("ok:") == 1
        assert set(answers) <= {"ok:", "duplicate:", "conflict:"}


async def test_who_was_let_in_without_network_was_let_in_whatever_the_state(slug: str) -> None:
    cancelled = await register(slug, state="cancelled")
    assert await upload(scanned(ticket(cancelled), slug)) == ["rejected:cancelled"]
    assert (await attendance(cancelled))[0] == "unknown"
    assert await upload(scanned(ticket(cancelled), slug, said="ok")) == ["ok:"]
    assert (await attendance(cancelled))[0] == "attended"


async def test_who_was_refused_without_network_is_on_the_list_of_refusals(slug: str) -> None:
    registration = await register(slug)
    assert await upload(scanned(ticket(registration), slug, said="rejected")) == ["rejected:refused"]
    assert (await attendance(registration))[0] == "unknown"


async def test_a_nonce_used_twice_does_not_lose_the_second_person(slug: str) -> None:
    one, two = await register(slug), await register(slug)
    both = [scanned(ticket(each), slug, nonce="same") for each in (one, two)]
    assert await upload(*both) == await upload(*both) == ["ok:", "ok:"]
    assert (await scans(one), await scans(two)) == (1, 1)


async def test_a_door_whose_clock_is_wrong_is_set_right_by_what_it_sends(slug: str) -> None:
    registration = await register(slug)
    ahead = scanned(ticket(registration), slug, minute=24 * 60)
    await upload(ahead, sent_at=ahead.at + timedelta(minutes=20))
    assert (await attendance(registration))[3] == LATER - timedelta(minutes=20)
    kept = await database.fetchrow("SELECT device_at, received_at FROM scan")
    assert kept
    assert (kept["device_at"], kept["received_at"]) == (ahead.at, LATER)


async def test_an_entry_uploaded_late_comes_before_what_the_server_has_seen(
    client: httpx.AsyncClient, slug: str
) -> None:
    registration = await register(slug)
    await give_token(client)
    with clock.at(NOW + timedelta(minutes=30)):
        seen = await redeem(client, ticket(registration), slug, at=(NOW + timedelta(minutes=30)).isoformat())
    await upload(scanned(ticket(registration), slug, minute=10, door="B"))
    assert seen.json()["result"] == "ok"
    assert (await attendance(registration))[3] == NOW + timedelta(minutes=10)


some_scans = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from("AB"),
        st.sampled_from(ScanType),
        st.sampled_from(["", "ok", "duplicate"]),
    ),
    min_size=1,
    max_size=4,
    unique=True,
)


class Done(Exception):
    pass


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some_scans)
async def test_whatever_the_order_of_uploads_the_attendance_is_the_same(
    slug: str, made: list[tuple[int, str, ScanType, str]]
) -> None:
    outcomes = set()
    for order in itertools.permutations(made):
        with pytest.raises(Done):
            async with database.transaction():
                registration = await register(slug)
                for minute, door, kind, said in (*order, order[0]):
                    nonce = f"{minute}{door}{kind}{said}"
                    scan = scanned(ticket(registration), slug, minute, nonce=nonce, door=door, type=kind, said=said)
                    await upload(scan)
                assert await scans(registration) == len(made)
                known = await attendance(registration)
                assert known[2] == outcome(await readings(registration)).inside
                outcomes.add(known)
                raise Done
    assert len(outcomes) == 1
