"""The letters of this feature, by reason."""

from collections.abc import Mapping

from events.accounts import links, queries
from events.accounts.queries import GrantView, StaffView
from events.accounts.rules import is_live
from events.accounts.tables import LinkPurpose
from events.accounts.words import last_day, place_name, role_name
from events.core import clock, database
from events.core.actor import Grant
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import SIGN_IN, render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason

_LINK = """
SELECT staff FROM sign_in_link WHERE id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
"""


async def compose_sign_in(owed: Owed) -> Letter | None:
    """Write the one-time link; None when it has been used or its time has run out."""
    # A letter has no `now` of its own: it is written when it is sent, and then the link must still hold.
    staff_id = await database.fetchval(_LINK, owed.subject_id, LinkPurpose.SIGN_IN.value, clock.now())
    if staff_id is None:
        return None
    url = absolute(links.path_of(owed.subject_id, LinkPurpose.SIGN_IN))
    subject = _("Your sign-in link to SIXNET")
    words = {"subject": subject, "greeting": _greeting(await queries.member(staff_id)), "url": url}
    return Letter(subject, render("mail/sign_in.txt", **words), render("mail/sign_in.html", **words))


async def compose_invitation(owed: Owed) -> Letter | None:
    """Write to someone invited, or to someone with an account who got a right; None when it was taken back since."""
    now = clock.now()
    if owed.subject_kind == "sign_in_link":
        staff_id = await database.fetchval(_LINK, owed.subject_id, LinkPurpose.INVITATION.value, now)
    else:
        staff_id = await database.fetchval("SELECT staff FROM staff_grant WHERE id = $1", owed.subject_id)
    if staff_id is None:
        return None
    staff = await queries.member(staff_id)
    if owed.subject_kind == "sign_in_link":
        intro = _("You have been invited to look after events in SIXNET, the network of Finland’s industrial regions:")
        how = _("Open this link to sign in. It works for seven days.")
        button, url = _("Sign in"), absolute(links.path_of(owed.subject_id, LinkPurpose.INVITATION))
    else:
        intro = _("You have been given a new right in SIXNET. Now you may act as:")
        how = _("Sign in as before:")
        button, url = _("Sign in"), absolute(SIGN_IN)
    rights = [_right(held) for held in staff.grants if is_live(Grant(held.role, until=held.until), now)]
    subject = _("Your access to SIXNET")
    words = {"subject": subject, "greeting": _greeting(staff), "intro": intro, "rights": rights, "how": how}
    words |= {"button": button, "url": url}
    return Letter(subject, render("mail/invitation_staff.txt", **words), render("mail/invitation_staff.html", **words))


def _greeting(staff: StaffView) -> str:
    return _("Hello %(name)s,", name=staff.name) if staff.name else _("Hello,")


def _right(grant: GrantView) -> str:
    text = f"{role_name(grant.role)} – {place_name(grant)}"
    return f"{text}, {_('until %(day)s', day=last_day(grant.until))}" if grant.until else text


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.SIGN_IN: compose_sign_in,
    Reason.INVITATION_STAFF: compose_invitation,
}
