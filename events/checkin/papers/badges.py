"""Name badges as a PDF, and one as a picture to choose its size by."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.checkin.papers import heads, queries
from events.checkin.papers.formats import BADGES, BadgeFormat
from events.checkin.papers.queries import Choice, Guest
from events.core import database, qr
from events.core.documents.shapes import Task, Tell
from events.core.drawing import pdf, png
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.network import queries as network
from events.programme.queries import EventView
from events.registration.words import role_words

TEMPLATE = "checkin/papers/badges.typ"

STEP = 25
"""Codes that are drawn between two signs of progress."""


class BadgesWanted(Struct, frozen=True, kw_only=True):
    """Whose badges, in which size, with what on the back (nothing, "name" or "event"), marks where to cut."""

    registrations: Sequence[UUID]
    format: str
    back: str = ""
    cut: bool = True


async def make(task: Task, tell: Tell, now: datetime) -> bytes:
    """Set badges on sheets or labels, and note whose were printed. Raises NotFound, DrawingFailed.

    Raises Conflict when nobody of those chosen has a place any more.
    """
    wanted = msgspec.convert(task.parameters, BadgesWanted)
    event = await heads.event_behind(task.subject_id)
    guests = await queries.guests_again(event.id, wanted.registrations)
    if not guests:
        raise Conflict(_("Nobody of those chosen has a place any more."))
    regions = await _regions()
    people: list[dict[str, str]] = []
    for some in _pieces(guests):
        codes = await asyncio.to_thread(_codes, some)
        people += [_person(guest, regions, code) for guest, code in zip(some, codes, strict=True)]
        await tell(len(people))
    form = BADGES[wanted.format]
    data = await _data(event, form, people)
    made = await pdf(TEMPLATE, {**data, "back": wanted.back, "cut": wanted.cut}, now=now, kept=False)
    await _note(guests, now)
    return made


async def example(event: EventView, form: BadgeFormat) -> bytes:
    """Draw one badge of the size as a PNG: of who stands first, with a code that opens no door."""
    found = await queries.guests(event.id, Choice())
    code = qr.svg(absolute(f"/events/{event.slug}"))
    sample = {"name": _("Maija Example"), "organisation": _("Example Ltd"), "region": "", "role": "", "code": code}
    person = _person(found[0], await _regions(), code) if found else sample
    alone = msgspec.structs.replace(form, columns=1, rows=1)
    return await png(TEMPLATE, {**await _data(event, alone, [person]), "back": "", "cut": False})


async def _data(event: EventView, form: BadgeFormat, people: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    data = heads.head(event, _("Name badges"))
    data["event"]["lines"] = await heads.about(event)
    return {
        **data,
        "format": msgspec.structs.asdict(form),
        "marks": await heads.marks(event),
        "code_alt": _("QR code of the ticket"),
        "people": people,
    }


def _person(guest: Guest, regions: Mapping[str, str], code: str) -> dict[str, str]:
    return {
        "name": guest.name,
        "organisation": guest.organisation,
        "region": regions.get(guest.region, ""),
        "role": role_words(guest.role) if guest.role else "",
        "code": code,
    }


def _codes(guests: Sequence[Guest]) -> list[str]:
    return [qr.svg(absolute(f"/t/{guest.ticket}")) for guest in guests]


def _pieces(guests: Sequence[Guest]) -> Iterator[list[Guest]]:
    rest = iter(guests)
    while some := list(islice(rest, STEP)):
        yield some


async def _regions() -> dict[str, str]:
    return {region.code: region.name for region in await network.regions()}


async def _note(guests: Sequence[Guest], now: datetime) -> None:
    await database.execute(
        "INSERT INTO badge (registration, content, printed_at) SELECT known.*, $3"
        " FROM unnest($1::uuid[], $2::bytea[]) AS known ORDER BY 1"
        " ON CONFLICT (registration) DO UPDATE SET content = excluded.content, printed_at = excluded.printed_at",
        *([guest.id for guest in guests], [guest.content for guest in guests], now),
    )
