"""What becomes of a mail that arrived: a report of one that came back, or what a calendar answered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from events.messaging.bounces.actions import take_report
from events.messaging.incoming import replies
from events.messaging.incoming.replies import Reply

Answer = Callable[[Reply, datetime], Awaitable[bool]]
"""Takes in what a calendar answered, and says whether anything follows from it; it must bear the same one twice."""


async def take(raw: bytes, answer: Answer, *, now: datetime) -> int:
    """Take in a mail; returns of how many messages or entries it was. The same mail again changes nothing."""
    if reported := await take_report(raw, now=now):
        return reported
    found = await asyncio.to_thread(replies.read, raw)  # a long entry takes the parser a while
    return sum([await answer(reply, now) for reply in found])
