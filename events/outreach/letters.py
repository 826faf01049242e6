"""The letter that answers feedback."""

from collections.abc import Mapping
from uuid import UUID

from events.core import clock
from events.core.i18n import format_date, language
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import put_together
from events.outreach import queries
from events.outreach.audiences import letters as audiences
from events.outreach.digest.letters import compose_digest
from events.outreach.queries import Case

FEEDBACK = Template(
    "feedback",
    _l("Answer to feedback"),
    lambda: _("Answer to your feedback on accessibility"),
    ("asked_on", "statement"),
    ("answer", "question"),
    required=(("answer",), ("statement",)),
    of_event=False,
)


async def compose_feedback(owed: Owed) -> Letter | None:
    """Write the answer to a case of accessibility feedback; None when there is none."""
    case = await queries.case(owed.subject_id)
    return await _write(case) if case and case.answer else None


async def sample(words: Words | None) -> Letter:
    """Write as to someone made up."""
    now, question, answer = clock.now(), _("The map cannot be read aloud."), _("We have put the address beside it.")
    return await _write(Case(UUID(int=0), question, "", "", language(), now, now, None, answer), words)


async def _write(case: Case, words: Words | None = None) -> Letter:
    values = {"asked_on": format_date(case.received_at), "statement": absolute("/accessibility")}
    made = put_together(FEEDBACK, words or await in_force(FEEDBACK, None), values, {"case": case})
    return Letter(
        subject=made.subject,
        text=render("mail/plain.txt", body=made.text),
        html=render("mail/plain.html", body=made.html, subject=made.subject),
    )


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.FEEDBACK: compose_feedback,
    Reason.DIGEST: compose_digest,
    **audiences.COMPOSERS,
}
