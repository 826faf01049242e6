import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from events.core import database
from events.core.gathering import Gathering


class Work:
    """Doubles numbers, slowly; remembers with how many it was asked at once."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.gate.wait()
        if 99 in numbers:
            raise RuntimeError("the whole batch")
        return [ValueError(number) if number == 13 else 2 * number for number in numbers]


async def asked(work: Work, *numbers: int, most: int = 10, abreast: int = 1) -> list[int | BaseException]:
    gathering = Gathering(work, most=most, abreast=abreast)
    asking = asyncio.gather(*(gathering.ask(number) for number in numbers), return_exceptions=True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.gate.set()
    return await asking


async def test_the_first_goes_at_once_and_those_behind_it_together() -> None:
    work = Work()
    assert await asked(work, 1, 2, 3, 4) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


async def test_no_batch_is_larger_than_it_may_be() -> None:
    work = Work()
    assert await asked(work, 1, 2, 3, 4, most=2) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3], [4]]


async def test_so_many_batches_run_beside_each_other() -> None:
    work = Work()
    await asked(work, 1, 2, 3, 4, abreast=2)
    assert work.batches == [[1], [2], [3, 4]]


async def test_an_error_of_one_is_raised_for_that_one_alone() -> None:
    first, second, third = await asked(Work(), 1, 13, 3)
    assert (first, third) == (2, 6)
    assert isinstance(second, ValueError)


async def test_what_fails_for_all_is_raised_for_all_and_the_next_are_answered() -> None:
    first, second, third = await asked(Work(), 99, 98, 1, most=1)
    assert isinstance(first, RuntimeError)
    assert (second, third) == (196, 2)


async def test_who_leaves_keeps_nobody_waiting() -> None:
    work = Work()
    gathering = Gathering(work, most=10, abreast=1)
    leaving, staying = (asyncio.create_task(gathering.ask(number)) for number in (1, 2))
    await asyncio.sleep(0)
    leaving.cancel()
    work.gate.set()
    assert await staying == 4
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_inside_a_transaction_it_is_asked_there_and_alone(db: asyncpg.Connection) -> None:
    seen = []

    async def transactions(questions: Sequence[int]) -> Sequence[bool | Exception]:
        seen.append(len(questions))
        return [database.in_transaction() for _ in questions]

    gathering = Gathering(transactions, most=10, abreast=1)
    assert [await gathering.ask(1), await gathering.ask(2)] == [True, True]
    assert seen == [1, 1]
