"""Asking for the papers of an event: short ones are made at once, long ones by a worker."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, to_builtins

from events.accounts import audit
from events.checkin.papers import badges, lists, queries
from events.checkin.papers.badges import BadgesWanted
from events.checkin.papers.lists import AttendanceWanted, PosterWanted, SignsWanted
from events.checkin.papers.queries import Choice, Guest
from events.core.actor import Actor
from events.core.database import transaction
from events.core.documents.actions import ask, make_at_once
from events.core.documents.shapes import Kind, Wanted
from events.core.errors import Conflict
from events.core.i18n import format_number, ngettext
from events.core.i18n import gettext as _
from events.programme.queries import EventView

AT_ONCE: Mapping[str, int] = {"badges": 50, "signs": 50, "attendance": 500, "poster": 0}
"""People up to whom one waits for the paper; beyond, a worker makes it and the page shows how far it is.

The list to be signed draws no codes, and at the door it must be there at one press.
"""

MOST = 1000
"""People on one document: more would take the drawing process longer than it is given."""

KINDS: Mapping[str, Kind] = {
    "papers.badges": Kind(badges.make, queries.may_see),
    "papers.signs": Kind(lists.make_signs, queries.may_see),
    "papers.attendance": Kind(lists.make_attendance, queries.may_see),
    "papers.poster": Kind(lists.make_poster, queries.may_see),
}


class Look(Struct, frozen=True, kw_only=True):
    """How badges look: a size of `formats.BADGES`, on the back nothing, "name" or "event", with marks where to cut."""

    format: str
    back: str = ""
    cut: bool = True


async def order_badges(event: EventView, choice: Choice, look: Look, *, actor: Actor, now: datetime) -> UUID:
    """Have badges made; returns the document. Raises Conflict when nobody or too many are chosen."""
    chosen = await _chosen(event, choice)
    wanted = BadgesWanted(registrations=chosen, format=look.format, back=look.back, cut=look.cut)
    return await _order(event, "badges", _("Name badges"), wanted, people=len(chosen), actor=actor, now=now)


async def order_signs(event: EventView, choice: Choice, form: str, large: str, *, actor: Actor, now: datetime) -> UUID:
    """Have table signs made; returns the document. Raises Conflict when nobody or too many are chosen."""
    chosen = await _chosen(event, choice)
    wanted = SignsWanted(registrations=chosen, format=form, large=large)
    return await _order(event, "signs", _("Table signs"), wanted, people=len(chosen), actor=actor, now=now)


async def order_attendance(event: EventView, wanted: AttendanceWanted, *, actor: Actor, now: datetime) -> UUID:
    """Have the list to be signed made; returns the document. Raises Conflict for an event without a venue."""
    if not lists.venues(event):
        raise Conflict(_("The event has no venue: there is nothing to sign."))
    people = len(await queries.guests(event.id, Choice(site=wanted.site)))
    return await _order(event, "attendance", _("Attendance list"), wanted, people=people, actor=actor, now=now)


async def order_poster(event: EventView, url: str, instruction: str, *, actor: Actor, now: datetime) -> UUID:
    """Have a poster made whose code leads to `url`; returns the document."""
    return await _order(
        event, "poster", _("Poster"), PosterWanted(url=url, instruction=instruction), actor=actor, now=now
    )


async def _chosen(event: EventView, choice: Choice) -> list[UUID]:
    guests: Sequence[Guest] = await queries.guests(event.id, choice)
    if not guests:
        raise Conflict(_("Nobody fits these choices."))
    if len(guests) > MOST:
        many = ngettext("These are %(n)s person.", "These are %(n)s people.", len(guests))
        few = _("At most %(most)s go into one file: choose a place or a role.", most=format_number(MOST))
        raise Conflict(f"{many} {few}")
    return [guest.id for guest in guests]


async def _order(
    event: EventView, paper: str, title: str, parameters: Struct, *, people: int = 0, actor: Actor, now: datetime
) -> UUID:
    plain: dict[str, Any] = to_builtins(parameters)
    wanted = Wanted(
        kind=f"papers.{paper}",
        subject_kind="event",
        subject_id=event.id,
        title=f"{title}: {event.title}",
        filename=f"{event.slug}-{paper}.pdf",
        back=f"/staff/events/{event.slug}/papers",
        parameters=plain,
        total=people,
    )
    async with transaction():
        # a poster names nobody; of the others the trail tells that names left
        if people:
            await audit.record(actor, "papers.made", "event", event.id, now, paper=paper, people=people)
        if people > AT_ONCE[paper]:
            return await ask(wanted, actor=actor, now=now)
    return await make_at_once(wanted, KINDS, actor=actor, now=now)
