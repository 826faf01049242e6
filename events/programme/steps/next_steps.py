"""What an event waits for from its organisers: the line its staff page opens on."""

from datetime import datetime, timedelta

from msgspec import Struct

from events.core.i18n import gettext as _
from events.core.i18n import ngettext
from events.programme import rules
from events.programme.queries import EventView
from events.programme.steps.registered import Counts
from events.programme.tables import SiteMode, WaitingList

BEFORE_THE_DOOR = timedelta(hours=3)
"""How long before the start the door becomes the next thing."""


class Step(Struct, frozen=True):
    """Something to do: what is said of it, what the button says, and where it leads."""

    words: str
    button: str
    path: str


def next_steps(event: EventView, counts: Counts, now: datetime) -> list[Step]:
    """Return what is to be done now, the most urgent first; empty when nothing is."""
    here = f"/staff/events/{event.slug}"
    phase = rules.phase(event, now)
    if phase == "draft":
        return [Step(_("Not published yet"), _("Publish"), f"{here}/publish")]
    if phase == "held":
        return [_after(counts, here)]
    if rules.may_archive(event):
        return [Step(_("Can be archived"), _("Archive the event"), f"{here}/archive")]
    if phase != "published":
        return []
    steps = []
    if counts.awaiting_approval:
        words = ngettext("%(n)s to approve", "%(n)s to approve", counts.awaiting_approval)
        steps.append(Step(words, _("Approve"), f"{here}/registrations?state=awaiting_approval"))
    if any(site.mode == SiteMode.ONLINE and not site.join_url for site in event.open_sites):
        steps.append(Step(_("The link of the online meeting is missing"), _("Add the link"), f"{here}/edit/sites"))
    free = any(site.capacity is None or site.taken < site.capacity for site in event.open_sites)
    if counts.waitlisted and event.waiting_list == WaitingList.BY_HAND and free:
        words = ngettext(
            "%(n)s waiting while places are free", "%(n)s waiting while places are free", counts.waitlisted
        )
        steps.append(Step(words, _("Choose who gets a place"), f"{here}/registrations?state=waitlisted"))
    if now >= event.starts_at - BEFORE_THE_DOOR:
        words = ngettext("%(n)s not checked in yet", "%(n)s not checked in yet", counts.unmarked)
        steps.append(Step(words, _("Open check-in"), f"/door/?event={event.slug}"))
    return steps


def _after(counts: Counts, here: str) -> Step:
    if counts.unmarked:
        words = ngettext("%(n)s without attendance", "%(n)s without attendance", counts.unmarked)
        return Step(words, _("Mark attendance"), f"{here}/attendance")
    return Step(_("The event has been held."), _("Close the attendance"), f"{here}/attendance")
