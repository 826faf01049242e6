"""Reads that one piece of work asks for again and again, made once: the event of a thousand letters about it."""

from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from events.core.i18n import language

P = ParamSpec("P")
Answer = TypeVar("Answer")

_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering(memory: dict[Hashable, Any]) -> Iterator[None]:
    """Let `remembered` reads of a block answer from `memory`, and keep there what they find.

    What is kept is as old as the memory: the block must be right with things as they stood when it was made.
    """
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(
    key: Callable[P, Hashable],
) -> Callable[[Callable[P, Awaitable[Answer]]], Callable[P, Awaitable[Answer]]]:
    """Make a read one that a `remembering` block asks once for each `key` of its arguments and each language.

    Its answers are shared, so nobody may change them. Outside such a block it reads anew each time.
    """

    def decorate(read: Callable[P, Awaitable[Answer]]) -> Callable[P, Awaitable[Answer]]:
        @wraps(read)
        async def reading(*args: P.args, **kwargs: P.kwargs) -> Answer:
            memory = _memory.get()
            if memory is None:
                return await read(*args, **kwargs)
            place = (read, language(), key(*args, **kwargs))
            if place not in memory:
                memory[place] = await read(*args, **kwargs)
            answer: Answer = memory[place]
            return answer

        return reading

    return decorate
