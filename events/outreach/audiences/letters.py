"""The letter that staff write to a group: with a link that ends such letters, and written only as long as it may be."""

from collections.abc import Mapping
from uuid import UUID

from events.core import clock, secrets
from events.core.i18n import gettext as _
from events.core.i18n import in_language, language
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.outreach.audiences import queries
from events.outreach.audiences.queries import Ground
from events.outreach.audiences.rules import parse
from events.registration.announcements import queries as announcements
from events.registration.announcements.letters import is_stopped, parts
from events.registration.announcements.queries import AnnouncementView
from events.registration.invitations import queries as invitations


async def compose_news(owed: Owed) -> Letter | None:
    """Write a letter to one of its people; None when it was stopped, or the recipient agrees no more."""
    found = await announcements.to_write(owed.subject_id)
    if found is None or found.event is not None or is_stopped(found):
        return None
    ground = await queries.ground(owed.id, parse(found.chosen), clock.now())
    if ground is None:
        return None
    return await _write(found, owed, ground)


async def compose_test(owed: Owed) -> Letter | None:
    """Write a letter to its author, with words that stand for anybody."""
    found = await announcements.to_write(owed.subject_id)
    return await _write(found, owed, None) if found else None


async def values(
    given: str = "Maija", name: str = "Maija Meikäläinen", invitation: UUID | None = None
) -> Mapping[str, str]:
    """Return what stands for the placeholders of someone, maybe invited, or sample words."""
    view = await invitations.by_id(invitation) if invitation else None
    coming = absolute("/")
    return {"given_name": given, "name": name, "events": coming, "link": absolute(view.path) if view else coming}


async def _write(found: AnnouncementView, owed: Owed, ground: Ground | None) -> Letter:
    with in_language(found.spoken(language())):
        whose = (ground.given_name, owed.recipient_name, ground.invitation) if ground else ()
        made = parts(found, await values(*whose))
        unsubscribe = absolute(unsubscribe_path(owed.id)) if ground else ""
        context = {"parts": made, "why": _why(ground), "unsubscribe": unsubscribe}
        return Letter(
            subject=made.subject,
            text=render("mail/news.txt", **context),
            html=render("mail/news.html", **context),
            reply_to=found.contact_email,
            unsubscribe=unsubscribe,
        )


def _why(ground: Ground | None) -> str:
    if ground and ground.agreed:
        return _("You get this letter because you agreed to news about SIXNET’s events.")
    if ground and ground.member:
        return _("You get this letter because you are a member of a theme group of SIXNET.")
    if ground:
        return _("You get this letter because you were invited and have not answered yet.")
    return _("Here a letter says why one gets it, and holds the link by which one gets no more.")


def unsubscribe_path(message: UUID) -> str:
    """Return the path of the link that ends such letters to the address of a message."""
    return f"/unsubscribe/{message}/{secrets.derive('unsubscribe', message)}"


COMPOSERS: Mapping[Reason, Compose] = {Reason.NEWS: compose_news, Reason.NEWS_TEST: compose_test}
