"""Passwords: argon2id in a bounded pool of threads, as long for an unknown account as for a known one."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from events.core.errors import Unavailable
from events.core.text import clean_line

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's parameters for argon2id: 19 MiB and some 45 ms for each password."""

NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$0YVS0mnXYh9CDbIeSNFCeA$syvFVB6G2pUHQNUgSpr+iZ64SGRO4y6CHvEp/DGiPbY"
"""The hash of a password that was thrown away: verified when the account is unknown, so that the time says nothing."""

THREADS = 2
MOST_WAITING = 32
"""Passwords being worked on or waiting for a thread; above that the answer is Unavailable instead of a long queue."""

Result = TypeVar("Result")

_waiting = 0


async def hash_password(password: str) -> str:
    """Return the hash to store; raises Unavailable when too many passwords are waiting."""
    return await _in_thread(partial(HASHER.hash, _plain(password)))


async def verify_password(stored: str | None, password: str) -> bool:
    """Say whether `password` is the one that was stored; None (no account, no password) costs the same.

    Raises Unavailable when too many passwords are waiting.
    """
    right = await _in_thread(partial(_verify, stored or NOBODY, _plain(password)))
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _plain(password: str) -> str:
    """Bring a password to one form, as keyboards of different systems compose ä and é differently."""
    return clean_line(unicodedata.normalize("NFKC", password))


@cache
def _threads() -> ThreadPoolExecutor:
    # Made at first use: a process that forks before would inherit threads that do not run.
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="password")


async def _in_thread(work: Callable[[], Result]) -> Result:
    global _waiting  # noqa: PLW0603 - counts over all requests of this process
    if _waiting >= MOST_WAITING:
        raise Unavailable
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads(), work)
    finally:
        _waiting -= 1
