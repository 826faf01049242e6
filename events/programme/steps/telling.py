"""What an organiser says beside the mails about a change or a cancellation, or that they shall not be written.

It holds for everything that is changed inside the block, as a language does: one edit may go on to a whole series.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct


class Telling(Struct, frozen=True):
    """`words` stand in the mail, "" for none; `silent`: nobody is written to."""

    words: str = ""
    silent: bool = False


_NOTHING = Telling()
_present: ContextVar[Telling] = ContextVar("telling", default=_NOTHING)


@contextmanager
def telling(words: str = "", *, silent: bool = False) -> Iterator[None]:
    """Let those whom a change concerns be told it with these words, or not at all."""
    token = _present.set(Telling(words, silent))
    try:
        yield
    finally:
        _present.reset(token)


def present() -> Telling:
    """Return what is to be said; nothing beside the mail itself unless a block says otherwise."""
    return _present.get()
