"""Table signs, the attendance list to be signed, and a poster with a code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.checkin.papers import heads, queries
from events.checkin.papers.formats import SIGNS
from events.checkin.papers.queries import Choice, Guest
from events.core import qr
from events.core.documents.shapes import Task, Tell
from events.core.drawing import pdf
from events.core.errors import Conflict
from events.core.i18n import format_moment, format_time
from events.core.i18n import gettext as _
from events.core.text import fold
from events.programme.queries import EventView
from events.programme.tables import SiteMode
from events.registration.places import place_names
from events.registration.words import role_words

MOST_EMPTY = 100


class SignsWanted(Struct, frozen=True, kw_only=True):
    """Whose table signs, in which size, and what stands large on them: "person" or "organisation"."""

    registrations: Sequence[UUID]
    format: str
    large: str = "person"


class AttendanceWanted(Struct, frozen=True, kw_only=True):
    """The place whose list is wanted, None for each of them, and how many rows are left empty for walk-ins."""

    site: UUID | None = None
    empty: int = 10


class PosterWanted(Struct, frozen=True, kw_only=True):
    """The address that the poster's code leads to, and what one reads below it."""

    url: str
    instruction: str


async def make_signs(task: Task, _tell: Tell, now: datetime) -> bytes:
    """Set table signs; raises Conflict when nobody of those chosen has a place any more, NotFound, DrawingFailed."""
    wanted = msgspec.convert(task.parameters, SignsWanted)
    event = await heads.event_behind(task.subject_id)
    guests = await queries.guests_again(event.id, wanted.registrations)
    signs = _of_organisations(guests) if wanted.large == "organisation" else _of_people(guests)
    if not signs:
        raise Conflict(_("Nobody of those chosen has a place any more."))
    format_ = msgspec.structs.asdict(SIGNS[wanted.format])
    data = {**heads.head(event, _("Table signs")), "format": format_, "signs": signs}
    return await pdf("checkin/papers/signs.typ", data, now=now, kept=False)


def _of_people(guests: Sequence[Guest]) -> list[dict[str, str]]:
    return [{"large": guest.name, "small": guest.organisation} for guest in guests]


def _of_organisations(guests: Sequence[Guest]) -> list[dict[str, str]]:
    names: dict[str, str] = {}
    for guest in guests:
        if guest.organisation:
            names.setdefault(fold(guest.organisation), guest.organisation)
    return [{"large": name, "small": ""} for name in names.values()]


async def make_attendance(task: Task, _tell: Tell, now: datetime) -> bytes:
    """Set the list that people sign, one for each venue, with who has a place now. Raises NotFound, DrawingFailed."""
    wanted = msgspec.convert(task.parameters, AttendanceWanted)
    event = await heads.event_behind(task.subject_id)
    names, guests = await place_names(event), await queries.guests(event.id, Choice())
    sites = [site for site in venues(event) if wanted.site in {None, site}]
    if not sites:
        raise Conflict(_("The event has no such place any more."))
    data = {
        **heads.head(event, _("Attendance list")),
        "made": _("Printed on %(when)s", when=format_moment(now, event.zone)),
        "headings": ["", _("Name"), _("Organisation"), _("Signature")],
        "marks": await heads.marks(event),
        "sites": [
            {
                "name": names[site],
                "people": [_to_sign(guest, event) for guest in guests if guest.site == site],
                "empty": wanted.empty,
            }
            for site in sites
        ],
    }
    return await pdf("checkin/papers/attendance.typ", data, now=now, kept=False)


def venues(event: EventView) -> list[UUID]:
    """Return the places where people sign: online nobody does."""
    return [site.id for site in event.sites if site.mode == SiteMode.VENUE]


def _to_sign(guest: Guest, event: EventView) -> dict[str, str]:
    entered = guest.came and guest.first_entry_at
    return {
        "name": guest.listed_name,
        "organisation": guest.organisation,
        "role": role_words(guest.role) if guest.role else "",
        "note": _("came in at %(time)s", time=format_time(entered, event.zone)) if entered else "",
    }


async def make_poster(task: Task, _tell: Tell, now: datetime) -> bytes:
    """Set the poster. Raises NotFound, DrawingFailed."""
    wanted = msgspec.convert(task.parameters, PosterWanted)
    return await poster(await heads.event_behind(task.subject_id), wanted.url, wanted.instruction, now=now)


async def poster(event: EventView, url: str, instruction: str, *, now: datetime) -> bytes:
    """Set an A4 poster whose code leads to `url`, with what to do below it. Raises DrawingFailed."""
    data: dict[str, Any] = {
        **heads.head(event, _("Poster")),
        "code": qr.svg(url),
        "code_alt": _("QR code of %(url)s", url=url),
        "url": url,
        "instruction": instruction,
        "marks": await heads.marks(event),
    }
    return await pdf("checkin/papers/poster.typ", data, now=now)
