"""The letters to who is invited: with a personal link to yes, no and later, and one click to be left in peace."""

from collections.abc import Callable, Mapping

from events.core import clock
from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.queries import refuses_invitations
from events.messaging.tables import Reason
from events.network import queries as network
from events.programme import queries as programme
from events.programme.tables import EventState
from events.registration.invitations import queries as invitation_queries
from events.registration.places import place_names

_SUBJECTS: Mapping[Reason, Callable[[], str]] = {
    Reason.INVITATION: lambda: _("Invitation"),
    Reason.INVITATION_REMINDER: lambda: _("We have not heard from you yet"),
    Reason.INVITATION_CHANGED: lambda: _("The event has changed"),
    Reason.INVITATION_CANCELLED: lambda: _("The event is cancelled"),
}


async def _compose(owed: Owed) -> Letter | None:
    """Write to who was invited; None once that was answered or withdrawn, and when there is nothing to say any more."""
    invitation = await invitation_queries.by_id(owed.subject_id)
    event = await programme.by_id(invitation.event) if invitation else None
    if invitation is None or event is None or not invitation.open:
        return None
    reason = Reason(owed.reason)
    wanted = EventState.CANCELLED if reason is Reason.INVITATION_CANCELLED else EventState.PUBLISHED
    if event.state != wanted or clock.now() >= event.starts_at or await refuses_invitations(owed.recipient, event.id):
        return None
    names = await place_names(event)
    context = {
        "name": invitation.name,
        "event": event,
        "where": ", ".join(dict.fromkeys(names[site.id] for site in event.open_sites)),
        "reason": reason.value,
        "link": absolute(invitation.path),
        "others": [
            (other, absolute(theirs.path))
            for theirs, other in await invitation_queries.along_with(invitation, event, clock.now())
            if reason is Reason.INVITATION
        ],
        "event_url": absolute(f"/events/{event.slug}"),
        "projects": [(project, None) for project in await network.projects(event.projects)],
        "unsubscribe": absolute(f"{invitation.path}/unsubscribe"),
    }
    return Letter(
        subject=f"{_SUBJECTS[reason]()}: {event.title}, {format_date(event.starts_at, event.zone)}",
        text=render("mail/invitation.txt", **context),
        html=render("mail/invitation.html", **context),
        reply_to=event.contact_email,
        unsubscribe=absolute(f"{invitation.path}/unsubscribe"),
    )


COMPOSERS: Mapping[Reason, Compose] = dict.fromkeys(_SUBJECTS, _compose)
