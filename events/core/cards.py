"""What the start page of staff is made of: cards from every feature, each for something that waits to be done."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from events.core.actor import Actor


class Card(Struct, frozen=True):
    """One thing to do next, with the page where it is done; `urgent` cards come first."""

    title: str
    url: str
    lines: tuple[str, ...] = ()
    urgent: bool = False


CardMaker = Callable[[Actor, datetime], Awaitable[Sequence[Card]]]
"""Makes the cards of an actor at a moment: none when nothing waits, or when it is not theirs to see."""
