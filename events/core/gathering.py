"""Doing together what many ask for at the same moment: one statement and one commit for all who wait."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from events.core.database import in_transaction

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Gathering(Generic[Question, Answer]):
    """Lets `work` answer questions: at once while few are under way, together those that came meanwhile.

    `work` takes questions and returns an answer for each, in their order; an exception among the answers is raised for
    its question alone, one that it raises for all of them. It runs in no caller's transaction or language. Nobody waits
    for company: a question goes as soon as fewer than `abreast` batches are under way.
    """

    def __init__(
        self, work: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]], *, most: int, abreast: int
    ) -> None:
        self._work = work
        self._most = most
        self._abreast = abreast
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line[Question, Answer]] = WeakKeyDictionary()

    async def ask(self, question: Question) -> Answer:
        """Return what `work` answers; inside a transaction it is asked there, alone."""
        if in_transaction():
            (answer,) = await self._work([question])
            if isinstance(answer, Exception):
                raise answer
            return answer
        loop = asyncio.get_running_loop()
        line = self._of_loop.setdefault(loop, _Line())
        future: asyncio.Future[Answer] = loop.create_future()
        line.waiting.append((question, future))
        if len(line.under_way) < self._abreast:
            self._go(line)
        return await future

    def _go(self, line: "_Line[Question, Answer]") -> None:
        batch = [line.waiting.popleft() for _ in range(min(len(line.waiting), self._most))]
        task = asyncio.get_running_loop().create_task(self._settle(batch), context=Context())
        line.under_way.add(task)
        task.add_done_callback(lambda done: self._next(line, done))

    def _next(self, line: "_Line[Question, Answer]", done: "asyncio.Task[None]") -> None:
        line.under_way.discard(done)
        if line.waiting:
            self._go(line)

    async def _settle(self, batch: "Sequence[tuple[Question, asyncio.Future[Answer]]]") -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._work([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():  # whoever asked has left
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)


class _Line(Generic[Question, Answer]):
    """Who waits and what is under way on one event loop."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Question, asyncio.Future[Answer]]] = deque()
        self.under_way: set[asyncio.Task[None]] = set()
