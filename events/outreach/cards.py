"""What waits for an answer, for the start page of staff."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from events.accounts.rules import Action, may, may_somewhere
from events.core import database
from events.core.actor import Actor
from events.core.cards import Card, CardMaker
from events.core.i18n import format_date, format_number, ngettext
from events.core.i18n import gettext as _
from events.core.parked import parked
from events.messaging.queries import lateness
from events.messaging.words import late_words
from events.outreach.reminders import queries as reminder_queries
from events.registration.announcements import queries as announcements
from events.registration.announcements.rules import may_see_letter
from events.registration.announcements.tables import AnnouncementState


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
    """Messages that should have left a while ago, for whoever can look: do they move, and must anybody do anything."""
    if not may(actor, Action.SEE_MAILBOX, now=now):
        return []
    return [
        Card(told.title, "/staff/mailbox", told.lines, urgent=told.urgent) for told in late_words(await lateness(now))
    ]


async def parked_work(actor: Actor, now: datetime) -> list[Card]:
    """Jobs that ended their worker again and again and rest now, for whoever can look what they hold up."""
    if not may(actor, Action.SEE_MAILBOX, now=now):
        return []
    found = await parked()
    if not found:
        return []
    title = ngettext("%(n)s job is parked", "%(n)s jobs are parked", len(found))
    names = ", ".join(each.job for each in found)
    line = _("%(names)s never ended; the worker’s log says why. All else goes on.", names=names)
    return [Card(title, "/staff/mailbox", (line,), urgent=True)]


_GOING = """
SELECT DISTINCT subject_id FROM message
WHERE state IN ('queued', 'sending') AND subject_kind = 'announcement' AND reason = 'news' LIMIT 5
"""


async def letters(actor: Actor, now: datetime) -> list[Card]:
    """Letters to groups that are going out or are held, with how far each is."""
    if not may_somewhere(actor, Action.WRITE_TO_GROUPS, now=now):
        return []
    cards = []
    for row in await database.fetch(_GOING):
        found = await announcements.by_id(row["subject_id"])
        if found and await _sees(actor, found.id, now):
            paused = found.state is AnnouncementState.PAUSED
            title = _("A letter to a group is paused") if paused else _("A letter to a group is going out")
            done, whole = format_number(found.done), format_number(found.done + found.open)
            line = _("%(done)s of %(all)s", done=done, all=whole)
            cards.append(Card(title, "/staff/letters", (found.subject, line), urgent=paused))
    return cards


async def _sees(actor: Actor, letter: UUID, now: datetime) -> bool:
    author = await database.fetchval("SELECT made_by FROM announcement WHERE id = $1", letter)
    return may_see_letter(actor, author, now)


async def reminders(actor: Actor, now: datetime) -> list[Card]:
    """Reminders whose time had passed when they, or their event, were last changed: somebody must decide on each."""
    found = [
        each
        for each in await reminder_queries.asking(now)
        if may(actor, Action.EDIT_EVENTS, now=now, event_id=each.event, region=each.host_region, group=each.theme_group)
    ]
    if not found:
        return []
    title = ngettext("%(n)s reminder waits for your decision", "%(n)s reminders wait for your decision", len(found))
    why = _("Its time had passed when it, or the event, was changed. Send it now, or leave it out.")
    people = sum(each.people for each in found)
    line = ngettext("%(n)s message would be sent.", "%(n)s messages would be sent.", people)
    return [Card(title, f"/staff/events/{found[0].slug}/reminders", (why, line), urgent=True)]


CARDS: Sequence[CardMaker] = (feedback, late_mail, parked_work, letters, reminders)
