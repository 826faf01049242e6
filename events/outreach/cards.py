"""What waits for an answer, for the start page of staff."""

from collections.abc import Sequence
from datetime import datetime

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.cards import Card, CardMaker
from events.core.i18n import format_date, ngettext
from events.core.i18n import gettext as _


async def feedback(actor: Actor, now: datetime) -> list[Card]:
    """Open cases of accessibility feedback, with the day by which the first must be answered."""
    if not may(actor, Action.ANSWER_FEEDBACK, now=now):
        return []
    row = await database.fetchrow("SELECT count(*)::int, min(due_at) FROM feedback WHERE closed_at IS NULL")
    if not row or not row["count"]:
        return []
    title = ngettext("%(n)s piece of feedback to answer", "%(n)s pieces of feedback to answer", row["count"])
    return [Card(title, "/staff/feedback", (_("Answer by %(day)s", day=format_date(row["min"])),), urgent=True)]


CARDS: Sequence[CardMaker] = (feedback,)
