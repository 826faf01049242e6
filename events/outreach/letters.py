"""The letter that answers feedback."""

from collections.abc import Mapping

from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.outreach import queries
from events.outreach.audiences import letters as audiences
from events.outreach.digest.letters import compose_digest


async def compose_feedback(owed: Owed) -> Letter | None:
    """Write the answer to a case of accessibility feedback; None when there is none."""
    case = await queries.case(owed.subject_id)
    if case is None or not case.answer:
        return None
    context = {"case": case, "statement": absolute("/accessibility")}
    return Letter(
        subject=_("Answer to your feedback on accessibility"),
        text=render("mail/feedback.txt", **context),
        html=render("mail/feedback.html", **context),
    )


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.FEEDBACK: compose_feedback,
    Reason.DIGEST: compose_digest,
    **audiences.COMPOSERS,
}
