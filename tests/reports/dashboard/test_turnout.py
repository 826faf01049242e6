"""The funnel: who was invited, registered, came, and answered; kept as it was when the event was reconciled."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.checkin.actions.closing import reconcile, reopen
from events.core import database
from events.core.actor import SYSTEM
from events.reports.dashboard.figures import dashboard
from events.reports.dashboard.shapes import Funnel
from events.reports.filters import Filters
from tests.factories import insert
from tests.reports.test_participation import undone
from tests.reports.world import Held, Row, World, build

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOWNS = ("837", "853")
"""In regions 06 and 02."""


async def held(came: list[bool], roles: list[str]) -> UUID:
    """An event that was held and not reconciled: who came and who did not, in which roles, from two towns."""
    (event,) = await build(World([Held(reconciled=False)], [Row(0, person, None) for person in range(len(came))]))
    await database.execute("DELETE FROM participation")
    registrations = await database.fetch("SELECT registration.id FROM registration ORDER BY id")
    for place, row in enumerate(registrations):
        await database.execute(
            "UPDATE registration SET role = $2, municipality = $3 WHERE id = $1",
            row["id"],
            roles[place],
            TOWNS[place % 2],
        )
        await database.execute(
            "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, $2, 'scan', 'system')",
            row["id"],
            "attended" if came[place] else "no_show",
        )
    return event


async def funnel(**chosen: str) -> Funnel:
    return (await dashboard(Filters(**chosen), now=NOW)).funnel  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    came=st.lists(st.booleans(), min_size=1, max_size=8),
    steps=st.lists(st.sampled_from(["reconcile", "reopen", "merge", "erase", "came"]), max_size=8),
    roles=st.lists(st.sampled_from(["participant", "speaker", "project_staff"]), min_size=8, max_size=8),
)
async def test_the_turnout_cannot_drift_from_the_rows(
    db: asyncpg.Connection, came: list[bool], steps: list[str], roles: list[str]
) -> None:
    """Whatever happens in whatever order, it is what attendance said when the event was last reconciled."""
    async with undone():
        event = await held(came, roles)
        expected: tuple[int, int] | None = None
        for step in steps:
            if step == "reconcile":
                now = [] if expected is not None else await _said(event)
                await reconcile(event, actor=SYSTEM, now=NOW)
                expected = expected if expected is not None else (now.count("attended"), now.count("no_show"))
            elif step == "reopen":
                await reopen(event, actor=SYSTEM, now=NOW)
                expected = None
            else:
                await _happen(step, event)
            made = await funnel()
            assert (made.attended, made.no_shows) == (expected or (0, 0))
            assert made.registered == sum(expected or (0, 0))


async def _said(event: UUID) -> list[str]:
    rows = await database.fetch(
        "SELECT attendance.state FROM attendance JOIN registration ON registration.id = attendance.registration"
        " WHERE registration.event = $1 AND role IN ('participant', 'speaker')",
        event,
    )
    return [row["state"] for row in rows]


async def _happen(step: str, event: UUID) -> None:
    statements = {
        "merge": "UPDATE person SET merged_into = (SELECT min(id::text)::uuid FROM person WHERE merged_into IS NULL)"
        " WHERE id = (SELECT person FROM registration WHERE event = $1 ORDER BY id DESC LIMIT 1)"
        " AND id <> (SELECT min(id::text)::uuid FROM person WHERE merged_into IS NULL)",
        "erase": "UPDATE registration SET municipality = NULL, organisation = NULL WHERE event = $1",
        "came": "UPDATE attendance SET state = CASE state WHEN 'attended' THEN 'no_show' ELSE 'attended' END"
        " WHERE registration = (SELECT id FROM registration WHERE event = $1 ORDER BY id LIMIT 1)",
    }
    await database.execute(statements[step], event)


async def test_filters_on_participants_apply_to_who_did_not_come_as_they_were(db: asyncpg.Connection) -> None:
    event = await held([True, False, False, False], ["participant"] * 4)
    await reconcile(event, actor=SYSTEM, now=NOW)
    await database.execute("UPDATE registration SET municipality = NULL")
    assert [(await funnel(region=region)).no_shows for region in ("06", "02", "unknown")] == [1, 2, 0]
    assert (await funnel(kind="meeting")).no_shows == 0
    assert (await funnel()).no_show_rate == 0.75


async def test_invitations_and_answers_are_left_out_where_filters_say_nothing_of_them(db: asyncpg.Connection) -> None:
    event = await held([True], ["participant"])
    for number, state in enumerate(("sent", "yes", "withdrawn")):
        address = f"kutsu{number}@paja.example"
        await insert("invitation", event=event, email=address, state=state, token_hash=address.encode())
    await insert("survey", event=event, answered=1)
    await reconcile(event, actor=SYSTEM, now=NOW)
    whole = await funnel()
    assert (whole.invited, whole.registered, whole.attended, whole.answered) == (2, 1, 1, 1)
    narrow = await funnel(region="06")
    assert (narrow.invited, narrow.registered, narrow.answered) == (None, 1, None)


@pytest.mark.parametrize("switched", ["DISABLE", "ENABLE"])
async def test_it_is_the_trigger_that_keeps_it(db: asyncpg.Connection, switched: str) -> None:
    event = await held([False, False], ["participant", "participant"])
    await database.execute(f"ALTER TABLE event {switched} TRIGGER event_turnout")
    await reconcile(event, actor=SYSTEM, now=NOW)
    assert (await funnel()).no_shows == (2 if switched == "ENABLE" else 0)
