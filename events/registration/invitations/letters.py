"""The letters to who is invited: with a personal link to yes, no and later, and one click to be left in peace."""

from collections.abc import Callable, Mapping, Sequence

from babel.support import LazyProxy

from events.core import clock
from events.core.i18n import format_date, format_span
from events.core.i18n import gettext as _
from events.core.i18n import lazy_gettext as _l
from events.core.links import absolute
from events.core.web import render
from events.messaging.letter import Compose, Letter, Owed
from events.messaging.queries import refuses_invitations
from events.messaging.tables import Reason
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Template, Words
from events.messaging.templates.writing import greeting, put_together
from events.network import queries as network
from events.programme import queries as programme
from events.programme.queries import EventView
from events.programme.tables import EventState
from events.registration.invitations import queries as invitation_queries
from events.registration.places import place_names


def _template(name: str, title: LazyProxy, subject: Callable[[], str], *blocks: str) -> Template:
    needed = (("answers", "link"),) if "answers" in blocks else ()
    link = ("link",) if needed else ()
    inline = ("greeting", "given_name", "name", "event", "when", "day", "place", "event_link", *link)
    return Template(
        name, title, lambda: f"{subject()}: {{event}}, {{day}}", inline, ("facts", *blocks), required=needed
    )


TEMPLATES: Mapping[Reason, Template] = {
    Reason.INVITATION: _template(
        "invitation", _l("Invitation to an event"), lambda: _("Invitation"), "answers", "others"
    ),
    Reason.INVITATION_REMINDER: _template(
        "invitation_reminder",
        _l("Reminder of an invitation"),
        lambda: _("We have not heard from you yet"),
        "answers",
    ),
    Reason.INVITATION_CHANGED: _template(
        "invitation_changed",
        _l("Change of an event, to who is invited"),
        lambda: _("The event has changed"),
        "answers",
    ),
    Reason.INVITATION_CANCELLED: _template(
        "invitation_cancelled", _l("Cancelled event, to who is invited"), lambda: _("The event is cancelled")
    ),
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
    others = [
        (other, absolute(theirs.path))
        for theirs, other in await invitation_queries.along_with(invitation, event, clock.now())
        if reason is Reason.INVITATION
    ]
    whom = (invitation.given_name, invitation.name)
    return await write(TEMPLATES[reason], event, whom, absolute(invitation.path), others=others)


async def write(
    template: Template,
    event: EventView,
    whom: tuple[str, str],
    link: str,
    *,
    others: Sequence[tuple[EventView, str]] = (),
    words: Words | None = None,
) -> Letter:
    """Write to who is invited, by given and whole name and by their personal `link`; `words` are tried instead."""
    given, name = whom
    names = await place_names(event)
    place = ", ".join(dict.fromkeys(names[site.id] for site in event.open_sites))
    values = {
        "greeting": greeting(given),
        "given_name": given,
        "name": name,
        "event": event.title,
        "when": format_span(event.starts_at, event.ends_at, event.zone),
        "day": format_date(event.starts_at, event.zone),
        "place": place,
        "link": link,
        "event_link": absolute(f"/events/{event.slug}"),
    }
    context = {"event": event, "place": place, "site": None, "link": link, "others": others}
    made = put_together(template, words or await in_force(template, event.id), values, context)
    frame = {
        "event": event,
        "projects": [(project, None) for project in await network.projects(event.projects)],
        "unsubscribe": f"{link}/unsubscribe",
    }
    return Letter(
        subject=made.subject,
        text=render("mail/invitation.txt", body=made.text, **frame),
        html=render("mail/invitation.html", body=made.html, **frame),
        reply_to=event.contact_email,
        unsubscribe=f"{link}/unsubscribe",
    )


async def sample(template: Template, event: EventView, words: Words | None) -> Letter:
    """Write as to someone made up."""
    return await write(template, event, ("Maija", "Maija Meikäläinen"), absolute("/i/esimerkki"), words=words)


COMPOSERS: Mapping[Reason, Compose] = dict.fromkeys(TEMPLATES, _compose)
