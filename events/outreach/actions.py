"""Taking feedback on accessibility and answering it; publishing the privacy notice."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.errors import Conflict, NotFound, require
from events.core.i18n import gettext as _
from events.core.retention import months
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.outreach import queries
from events.outreach.audiences import actions as audiences
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


async def expire(now: datetime) -> int:
    """Delete cases and letters to groups that are over for as long as the data of events are kept; returns how many."""
    cases = await database.execute(
        "DELETE FROM feedback WHERE closed_at + make_interval(months => $2::int) <= $1", now, months()
    )
    return cases + await audiences.expire(now)


class NoticeOvertaken(Conflict):
    """Someone else has published a version since the form was opened."""

    code = "overtaken"

    def default_message(self) -> str:
        return _("Someone else has published a version since you opened the page. Nothing has been published yet.")


async def publish_notice(texts: Mapping[str, str], *, after: int, actor: Actor, now: datetime) -> int:
    """Make these texts (by language) the privacy notice in force; returns its version.

    `after` is the version that its writer saw. Raises NotAllowed, NoticeOvertaken, or Conflict when nothing is new.
    """
    require(allowed=may(actor, Action.PUBLISH_NOTICE, now=now))
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE notice IN SHARE ROW EXCLUSIVE MODE")
        last = (await queries.notices())[0]
        if last.version != after:
            raise NoticeOvertaken
        if last.texts == texts:
            raise Conflict(_("These are the words of the version in force."), code="unchanged")
        await connection.execute(
            "INSERT INTO notice (version, text_fi, text_sv, text_en, published_at, published_by)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *(after + 1, texts["fi"], texts["sv"], texts["en"], now, actor.id),
        )
        await audit.record(actor, "notice.published", "notice", str(after + 1), now)
    return after + 1


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
