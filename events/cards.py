"""The cards of the start page of staff: every feature names its own, here they come together."""

from collections.abc import Sequence

from events.core.cards import CardMaker
from events.outreach import cards as outreach
from events.programme import overview as programme

CARDS: Sequence[CardMaker] = (*outreach.CARDS, *programme.CARDS)
