"""Items chosen with the registration: both or neither for who gets a place at once, chosen later by everybody else."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.core.actor import ANONYMOUS, SYSTEM
from events.core.database import fetch, fetchval
from events.core.errors import Invalid
from events.core.idempotency import repeatable
from events.registration.actions import cancel
from events.registration.items.chosen import own_items
from events.registration.queries import Registered
from events.registration.questions import queries as questions
from events.registration.questions.answering import Entered, register_answering
from events.registration.registering import NOT_REPEATABLE, register
from events.registration.tables import State
from tests.factories import NOW, make_event
from tests.programme.agenda.test_agenda import make_item
from tests.registration.items.test_signing_up import COUNTED, make_wide, workshop
from tests.registration.questions.making import make_question, taken
from tests.registration.test_register import someone

MADE = "SELECT (SELECT count(*) FROM registration) + (SELECT count(*) FROM message) + (SELECT sum(taken) FROM site)"


async def sign_up(event: UUID, number: int = 0, *items: UUID, **fields: Any) -> Registered:
    mark = fields.pop("mark", NOT_REPEATABLE)
    new = someone(number, items=frozenset(items), **fields)
    return await register(event, new, actor=ANONYMOUS, now=NOW, mark=mark)


async def test_who_gets_a_place_at_once_has_the_items_with_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    first, second = await workshop(event), await workshop(event, at=60)
    made = await sign_up(event, 0, first, second)
    assert await own_items(made.id) == {first, second}
    assert await fetchval(COUNTED) == 0
    assert await fetchval("SELECT revision FROM registration") == 0, "the first letter says all of it"


async def test_a_full_item_leaves_no_registration(db: asyncpg.Connection) -> None:
    event = await make_event()
    full, free = await workshop(event, capacity=1), await workshop(event, at=60)
    await sign_up(event, 0, full)
    before = await fetchval(MADE)
    with pytest.raises(Invalid) as refused:
        await sign_up(event, 1, full, free)
    assert refused.value.errors == {"items": ["Täynnä: Workshop. Valitse jokin muu."]}
    assert await fetchval(MADE) == before
    assert await fetchval(COUNTED) == 0
    assert (await sign_up(event, 1, free)).state is State.CONFIRMED


@pytest.mark.parametrize("capacity", [5, 0])
async def test_what_nobody_can_have_is_refused_with_a_place_and_without(db: asyncpg.Connection, capacity: int) -> None:
    event = await make_event(capacity=capacity, online=True)
    online = await fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    elsewhere = await workshop(event, site=online)
    plain, foreign = await make_item(event, at=200), await workshop(await make_event())
    one, other = await workshop(event), await workshop(event, at=15)
    for items in ([elsewhere], [plain], [foreign], [one, other]):
        with pytest.raises(Invalid) as refused:
            await sign_up(event, 0, *items)
        assert list(refused.value.errors) == ["items"]
    assert await fetchval("SELECT count(*) FROM registration") == 0


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"capacity": 0}, State.WAITLISTED),
        ({"needs_approval": True}, State.AWAITING_APPROVAL),
        ({"address_hours": 3}, State.AWAITING_ADDRESS),
    ],
)
async def test_who_has_no_place_for_sure_yet_chooses_later(
    db: asyncpg.Connection, columns: dict[str, Any], state: State
) -> None:
    event = await make_event(**columns)
    made = await sign_up(event, 0, await workshop(event))
    assert made.state is state
    assert await own_items(made.id) == frozenset()
    assert await fetchval("SELECT taken FROM agenda_item") == 0


async def test_a_repeated_key_takes_a_place_once(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event, capacity=1)
    mark = repeatable("registration:test", "key-1", someone(items=frozenset({item})))
    first, again = [await sign_up(event, 0, item, mark=mark) for _ in range(2)]
    assert (first.id, first.repeated, again.repeated) == (again.id, False, True)
    assert await own_items(first.id) == {item}
    assert await fetchval(COUNTED) == 0


async def test_who_is_registered_already_keeps_what_they_have(db: asyncpg.Connection) -> None:
    event = await make_event()
    mine, other = await workshop(event), await workshop(event, at=60)
    made = await sign_up(event, 0, mine)
    assert (await sign_up(event, 0, other)).already
    assert await own_items(made.id) == {mine}


async def test_who_comes_again_after_cancelling_has_what_they_choose_now(db: asyncpg.Connection) -> None:
    event = await make_event()
    before, now = await workshop(event), await workshop(event, at=60)
    made = await sign_up(event, 0, before)
    await cancel(made.id, actor=SYSTEM, now=NOW)
    assert (await sign_up(event, 0, now)).id == made.id
    assert await own_items(made.id) == {now}
    assert await fetchval(COUNTED) == 0


@pytest.mark.parametrize("columns", [{"access": "code", "access_code": "Paja"}, {"per_organisation": 3}])
async def test_where_not_everybody_may_register_items_are_chosen_too(
    db: asyncpg.Connection, columns: dict[str, Any]
) -> None:
    event = await make_event(**columns)
    item = await workshop(event)
    made = await sign_up(event, 0, item, code="paja", organisation="Yritys Oy")
    assert await own_items(made.id) == {item}


async def test_items_and_answers_hold_together_or_not_at_all(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event)
    await make_question(event, "bus", "one", ("early", 1), "late")
    asked = await questions.of_event(event)

    async def answering(number: int) -> Registered:
        new = someone(number, items=frozenset({item}))
        return await register_answering(event, asked, new, Entered({"bus": "early"}), actor=ANONYMOUS, now=NOW)

    assert await own_items((await answering(0)).id) == {item}
    with pytest.raises(Invalid) as refused:
        await answering(1)
    assert list(refused.value.errors) == ["answers.bus"]
    assert (await taken("early"), await fetchval("SELECT taken FROM agenda_item")) == (1, 1)
    assert await fetchval("SELECT count(*) FROM registration") == 1


async def test_who_signs_up_for_nothing_costs_no_further_statement(db: asyncpg.Connection) -> None:
    event = await make_event()
    item = await workshop(event)
    seen: list[str] = []

    def log(record: asyncpg.connection.LoggedQuery) -> None:
        if "SAVEPOINT" not in record.query:
            seen.append(record.query)

    with db.query_logger(log):
        await sign_up(event)
    assert len(seen) == 1
    assert "INSERT INTO registration" in seen[0]
    with db.query_logger(log):
        await sign_up(event, 1, item)
    assert len(seen) > 2


async def rush() -> list[Registered | BaseException]:
    """Let fifty people register at ten sites at once, all with the same item of five places."""
    event, sites, item = await make_wide()
    crowd = (sign_up(event, number, item, site=sites[number % 10]) for number in range(50))
    return await asyncio.gather(*crowd, return_exceptions=True)


async def test_fifty_who_register_at_once_for_five_places_are_five_with_and_none_without(committed_db: str) -> None:
    ended = await rush()
    assert sum(isinstance(end, Registered) for end in ended) == 5
    assert sum(isinstance(end, Invalid) for end in ended) == 45
    assert await fetchval("SELECT count(*) FROM registration_item") == 5
    assert [row["taken"] for row in await fetch("SELECT sum(taken) AS taken FROM site")] == [5]
    assert await fetchval(COUNTED) == 0


@pytest.mark.usefixtures("look_only")
async def test_without_the_counter_more_than_five_are_registered_for_it(committed_db: str) -> None:
    await rush()
    assert await fetchval("SELECT count(*) FROM registration_item") > 5
