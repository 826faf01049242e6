"""Taking feedback on accessibility and answering it."""

from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.errors import Conflict, NotFound, require
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.outreach.rules import ANSWER_WITHIN


async def give_feedback(text: str, *, page: str, email: str, language: str, now: datetime) -> datetime:
    """Open a case; returns by when it must be answered."""
    due_at = now + ANSWER_WITHIN
    await database.execute(
        "INSERT INTO feedback (id, text, page, email, language, received_at, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(uuid4(), text, page, email, language, now, due_at),
    )
    return due_at


async def answer_feedback(case_id: UUID, answer: str, *, actor: Actor, now: datetime) -> bool:
    """Close a case with an answer; returns whether it goes out by mail.

    Raises NotFound, NotAllowed, or Conflict when the case has been answered already.
    """
    require(allowed=may(actor, Action.ANSWER_FEEDBACK, now=now))
    async with database.transaction() as connection:
        case = await connection.fetchrow("SELECT * FROM feedback WHERE id = $1 FOR UPDATE", case_id)
        if case is None:
            raise NotFound
        if case["closed_at"] is not None:
            raise Conflict(_("This has been answered already."), code="already_answered")
        await connection.execute("UPDATE feedback SET answer = $2, closed_at = $3 WHERE id = $1", case_id, answer, now)
        if case["email"]:
            recipient = Recipient(case["email"], language=case["language"])
            await ledger.add(Reason.FEEDBACK, recipient, "feedback", case_id, now=now)
        await audit.record(actor, "feedback.answered", "feedback", case_id, now)
    jobs.nudge("mail.deliver")
    return bool(case["email"])
