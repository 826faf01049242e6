"""The letters of this feature, by reason."""

from collections.abc import Mapping, Sequence

from events.accounts import links, queries
from events.accounts.queries import GrantView
from events.accounts.rules import is_live
from events.accounts.tables import LinkPurpose, Role
from events.accounts.words import last_day, place_name, role_name
from events.core import clock, database
from events.core.actor import Grant
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.text import called
from events.core.web import SIGN_IN, render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, put_together

_LINK = """
SELECT staff FROM sign_in_link WHERE id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
"""


_LINKS = (("button", "link"),)

SIGN_IN_LETTER = Template(
    "sign_in",
    _l("Sign-in link of staff"),
    lambda: _("Your sign-in link to SIXNET"),
    ("greeting", "link"),
    ("button",),
    required=_LINKS,
    of_event=False,
)
INVITATION = Template(
    "invitation_staff",
    _l("Invitation of staff"),
    lambda: _("Your access to SIXNET"),
    ("greeting", "link"),
    ("rights", "button"),
    required=_LINKS,
    of_event=False,
)
RIGHT = Template(
    "right_given",
    _l("New right of staff"),
    lambda: _("Your access to SIXNET"),
    ("greeting", "link"),
    ("rights", "button"),
    required=_LINKS,
    of_event=False,
)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in (SIGN_IN_LETTER, INVITATION, RIGHT)}


async def compose_sign_in(owed: Owed) -> Letter | None:
    """Write the one-time link; None when it has been used or its time has run out."""
    # A letter has no `now` of its own: it is written when it is sent, and then the link must still hold.
    staff_id = await database.fetchval(_LINK, owed.subject_id, LinkPurpose.SIGN_IN.value, clock.now())
    if staff_id is None:
        return None
    url = absolute(links.path_of(owed.subject_id, LinkPurpose.SIGN_IN))
    return await _write(SIGN_IN_LETTER, (await queries.member(staff_id)).name, url)


async def compose_invitation(owed: Owed) -> Letter | None:
    """Write to someone invited, or to someone with an account who got a right; None when it was taken back since."""
    now = clock.now()
    invited = owed.subject_kind == "sign_in_link"
    if invited:
        staff_id = await database.fetchval(_LINK, owed.subject_id, LinkPurpose.INVITATION.value, now)
    else:
        staff_id = await database.fetchval("SELECT staff FROM staff_grant WHERE id = $1", owed.subject_id)
    if staff_id is None:
        return None
    staff = await queries.member(staff_id)
    rights = [_right(held) for held in staff.grants if is_live(Grant(held.role, until=held.until), now)]
    if invited:
        url = absolute(links.path_of(owed.subject_id, LinkPurpose.INVITATION))
        return await _write(INVITATION, staff.name, url, rights)
    return await _write(RIGHT, staff.name, absolute(SIGN_IN), rights)


async def sample(template: Template, words: Words | None) -> Letter:
    """Write as to someone made up."""
    return await _write(template, "Maija Meikäläinen", absolute(SIGN_IN), [role_name(Role.ORGANISER)], words)


async def _write(
    template: Template, name: str, url: str, rights: Sequence[str] = (), words: Words | None = None
) -> Letter:
    values = {"greeting": greeting(called(name)), "link": url}
    context = {"rights": rights, "button": _("Sign in"), "button_url": url}
    made = put_together(template, words or await in_force(template, None), values, context)
    return Letter(
        made.subject,
        render("mail/plain.txt", body=made.text),
        render("mail/plain.html", body=made.html, subject=made.subject),
    )


def _right(grant: GrantView) -> str:
    text = f"{role_name(grant.role)} – {place_name(grant)}"
    return f"{text}, {_('until %(day)s', day=last_day(grant.until))}" if grant.until else text


COMPOSERS: Mapping[Reason, Compose] = {
    Reason.SIGN_IN: compose_sign_in,
    Reason.INVITATION_STAFF: compose_invitation,
}
