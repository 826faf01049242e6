"""Whoever locks several sites or registrations does so in the order of their ids: two at once never wait crosswise.

Each pair is held up at its first lock and let go together. With the order switched off both hold what the other wants.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import database
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Unavailable
from events.programme.actions import EventChanges, edit_event, editable
from events.programme.sites import NewSite
from events.registration import registering, transferring
from events.registration.actions import cancel, move_site, transfer
from events.registration.imports import actions as importing
from events.registration.imports import writing
from events.registration.line import lock_sites_of
from events.registration.new_registration import NewRegistration
from events.registration.own import data as own_data
from events.registration.public import receipts
from events.registration.questions import building, queries
from events.registration.questions.building import NewQuestion
from events.registration.questions.tables import QuestionKind
from tests.factories import NOW, make_event, make_person, make_registration
from tests.registration.test_races import WAITING
from tests.registration.test_register import someone

CROSSWISE = (asyncpg.DeadlockDetectedError, Unavailable)

both_ways = pytest.mark.parametrize("ordered", [True, False])


async def no_order(_them: object) -> None:
    """Lock nothing beforehand."""


async def let_go_together(lock: str, *deeds: Callable[[], Awaitable[object]]) -> list[Exception]:
    """Begin one deed after the other while others hold what `lock` locks; returns which of them waited crosswise."""
    running: list[asyncio.Future[object]] = []
    async with asyncio.timeout(60), database.pool_connection() as holder:
        async with holder.transaction():
            await holder.execute(lock)
            for deed in deeds:
                running.append(asyncio.ensure_future(deed()))
                while await database.fetchval(WAITING) < len(running):  # noqa: ASYNC110 - the server alone knows
                    await asyncio.sleep(0.01)
        done = await asyncio.gather(*running, return_exceptions=True)
    failed = [each for each in done if isinstance(each, Exception)]
    assert all(isinstance(each, CROSSWISE) for each in failed), failed
    return failed


async def make_sites(*, capacity: int = 5) -> tuple[UUID, UUID, UUID]:
    """Make an event with two sites; returns it with them in the order of their ids, the first of the event last."""
    event = await make_event(capacity=capacity, online=True)
    low, high = sorted([uuid4(), uuid4()])
    await database.execute("UPDATE site SET id = $2 WHERE event = $1 AND position = 0", event, high)
    await database.execute("UPDATE site SET id = $2 WHERE event = $1 AND position = 1", event, low)
    return event, low, high


def participant(registration: UUID) -> Actor:
    return Actor(ActorKind.PARTICIPANT, registration)


@both_ways
async def test_two_who_erase_themselves_at_the_same_events(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    if not ordered:
        monkeypatch.setattr(own_data, "lock_together", no_order)
        by_event, by_id = "ORDER BY registration.event, registration.id", "ORDER BY registration.id"
        assert by_event in own_data._COMING
        monkeypatch.setattr(own_data, "_COMING", own_data._COMING.replace(by_event, by_id))
    events, people = [await make_event(), await make_event()], [await make_person(name) for name in ("Aino", "Eino")]
    for order, person in zip((events, events[::-1]), people, strict=True):
        for number, event in enumerate(order):
            await make_registration(event, person=person, id=UUID(int=people.index(person) * 10 + number + 1))
    deeds = [lambda one=one: own_data.erase(UUID(int=one), actor=SYSTEM, now=NOW) for one in (1, 11)]
    failed = await let_go_together("SELECT FROM site FOR UPDATE", *deeds)
    assert bool(failed) is not ordered
    assert await database.fetchval("SELECT count(*) FROM person WHERE erased_at IS NOT NULL") == 2 - len(failed)
    assert await database.fetchval("SELECT sum(taken) FROM site") == 2 * len(failed)


@both_ways
async def test_mending_an_address_after_a_move_while_someone_else_moves(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    if not ordered:
        monkeypatch.setattr(receipts, "lock_sites_of", no_order)
    event, low, high = await make_sites()
    new = someone(1, site=low)
    made = await registering.register(event, new, actor=SYSTEM, now=NOW)
    receipt = await receipts.by_token(receipts.token_of(await receipts.give(event, new, made, now=NOW)), NOW)
    assert receipt
    await move_site(made.id, high, actor=SYSTEM, now=NOW)
    there = await registering.register(event, someone(1, email="there@b.example", site=low), actor=SYSTEM, now=NOW)
    await cancel(there.id, actor=SYSTEM, now=NOW)
    other = await registering.register(event, someone(2, site=low), actor=SYSTEM, now=NOW)
    failed = await let_go_together(
        "SELECT FROM person WHERE email = 'there@b.example' FOR UPDATE",  # met after cancelling, before the new place
        lambda: receipts.mend_address(receipt, "there@b.example", now=NOW),
        lambda: move_site(other.id, high, actor=SYSTEM, now=NOW),
    )
    assert bool(failed) is not ordered
    if ordered:
        rows = await database.fetch("SELECT id, state FROM registration ORDER BY registered_at, number")
        assert {row["id"]: row["state"] for row in rows} == {
            made.id: "cancelled",
            there.id: "confirmed",
            other.id: "confirmed",
        }


@both_ways
async def test_two_who_hand_their_places_to_each_other(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    if not ordered:
        monkeypatch.setattr(transferring, "lock_together", no_order)
    event, low, high = await make_sites()
    people = [NewRegistration(given_name=name, email=f"{name.lower()}@a.example") for name in ("Aino", "Eino")]
    made = [
        await registering.register(
            event, NewRegistration(given_name=one.given_name, email=one.email, site=site), actor=SYSTEM, now=NOW
        )
        for one, site in zip(people, (low, high), strict=True)
    ]
    failed = await let_go_together(
        "SELECT FROM registration FOR UPDATE",
        lambda: transfer(made[0].id, people[1], actor=participant(made[0].id), now=NOW),
        lambda: transfer(made[1].id, people[0], actor=participant(made[1].id), now=NOW),
    )
    assert bool(failed) is not ordered
    reason = "SELECT count(*) FROM message WHERE reason = 'not_transferred'"
    assert await database.fetchval(reason) == 2 - len(failed)


async def sites_first(event_id: UUID, actor: Actor, now: datetime) -> Sequence[Any]:
    """As it was: the sites, then the event."""
    await lock_sites_of(event_id)
    await editable(event_id, actor, now)
    return await queries.of_event(event_id)


@both_ways
async def test_one_builds_questions_while_another_edits_the_sites(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    if not ordered:
        monkeypatch.setattr(building, "_hold", sites_first)
    event = await make_event()
    site = await database.fetchval("SELECT id FROM site")
    question = NewQuestion(kind=QuestionKind.SHORT, labels={"fi": "Miksi?"})
    changes = EventChanges(sites=[NewSite(id=site, mode="venue", name="Tampere-talo", capacity=7)])
    failed = await let_go_together(
        "SELECT FROM event FOR NO KEY UPDATE",
        lambda: edit_event(event, changes, actor=SYSTEM, now=NOW),
        lambda: building.add_question(event, question, actor=SYSTEM, now=NOW),
    )
    assert bool(failed) is not ordered


@both_ways
async def test_rows_of_an_import_go_to_several_sites_while_someone_moves(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    """If they waited crosswise, either who moves would be told to try again or the rows be taken one by one."""
    if not ordered:
        monkeypatch.setattr(registering, "lock_sites_of", no_order)
    event, low, high = await make_sites()
    other = await registering.register(event, someone(2, site=low), actor=SYSTEM, now=NOW)
    await make_person("Toka", email="toka@a.example")
    one_by_one = []

    async def together(*args: Any, **named: Any) -> Any:
        made = await registering.register_together(*args, **named)
        one_by_one.append(made is None)
        return made

    monkeypatch.setattr(writing, "register_together", together)
    rows = "Nimi;Sähköposti;Osallistuu\nEka Esimerkki;eka@a.example;x\nToka Esimerkki;toka@a.example;etänä\n"
    failed = await let_go_together(
        "SELECT FROM person WHERE email = 'toka@a.example' FOR UPDATE",  # met after the first row has its place
        lambda: importing.import_participants(rows.encode(), event, actor=SYSTEM, now=NOW),
        lambda: move_site(other.id, high, actor=SYSTEM, now=NOW),
    )
    assert (bool(failed) or any(one_by_one)) is not ordered
    assert await database.fetchval("SELECT sum(taken) FROM site") == 3
