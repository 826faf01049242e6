"""What waits for an answer, for the start page of staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.cards import Card, CardMaker
from events.core.i18n import format_date, format_datetime, ngettext
from events.core.i18n import gettext as _
from events.messaging import queries as messages
from events.outreach.reminders import queries as reminder_queries

LATE = timedelta(minutes=10)
"""A mail that is tried again for the first time is no trouble yet."""


async def feedback(actor: Actor, now: datetime) -> list[Card]:
    """Open cases of accessibility feedback, with the day by which the first must be answered."""
    if not may(actor, Action.ANSWER_FEEDBACK, now=now):
        return []
    row = await database.fetchrow("SELECT count(*)::int, min(due_at) FROM feedback WHERE closed_at IS NULL")
    if not row or not row["count"]:
        return []
    title = ngettext("%(n)s piece of feedback to answer", "%(n)s pieces of feedback to answer", row["count"])
    return [Card(title, "/staff/feedback", (_("Answer by %(day)s", day=format_date(row["min"])),), urgent=True)]


async def late_mail(actor: Actor, now: datetime) -> list[Card]:
    """Messages that should have left a while ago, for whoever can look what holds them up."""
    if not may(actor, Action.SEE_MAILBOX, now=now):
        return []
    late, since = await messages.late_since(now - LATE)
    if not late or since is None:
        return []
    title = ngettext("%(n)s message is late", "%(n)s messages are late", late)
    line = _("The first has been due since %(time)s.", time=format_datetime(since))
    return [Card(title, "/staff/mailbox", (line,), urgent=True)]


async def reminders(actor: Actor, now: datetime) -> list[Card]:
    """Reminders whose time had passed when they, or their event, were last changed: somebody must decide on each."""
    found = [
        each
        for each in await reminder_queries.asking(now)
        if may(actor, Action.EDIT_EVENTS, now=now, event_id=each.event, region=each.host_region, group=each.theme_group)
    ]
    if not found:
        return []
    title = ngettext("%(n)s reminder asks before it goes out", "%(n)s reminders ask before they go out", len(found))
    people = sum(each.people for each in found)
    line = ngettext("%(n)s message would be sent.", "%(n)s messages would be sent.", people)
    return [Card(title, f"/staff/events/{found[0].slug}/reminders", (line,), urgent=True)]


CARDS: Sequence[CardMaker] = (feedback, late_mail, reminders)
