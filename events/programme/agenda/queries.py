"""Reads of the agenda, and of what people were told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec

from events.core import database
from events.core.i18n import LANGUAGES
from events.core.remembering import remembered
from events.programme.agenda.differences import Difference, Span, Told, differences, lines, told
from events.programme.agenda.rules import ItemView, Speaking


class EventLike(Protocol):
    """What the reads ask of an event."""

    @property
    def id(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


_TEXTS = ", ".join(f"title_{code}, description_{code}" for code in LANGUAGES)
_SELECT = f"""
SELECT agenda_item.id, event, site, room, starts_at, ends_at, kind, {_TEXTS}, speakers, sign_up, capacity,
    (SELECT count(*) FROM registration_item WHERE item = agenda_item.id)::int AS signed,
    (SELECT coalesce(json_agg(json_build_object('registration', registration.id, 'state', registration.state,
        'name', trim(given_name || ' ' || family_name), 'organisation', coalesce(organisation.name, ''))
        ORDER BY added_at, speaker.id), '[]')
     FROM speaker JOIN registration ON registration.id = speaker.registration
     JOIN person ON person.id = registration.person
     LEFT JOIN organisation ON organisation.id = registration.organisation
     WHERE speaker.item = agenda_item.id) AS registered
FROM agenda_item
"""


@remembered(lambda event_id: event_id)
async def agenda(event_id: UUID) -> list[ItemView]:
    """Return the items of an event by the hour."""
    rows = await database.fetch(f"{_SELECT} WHERE event = $1 ORDER BY starts_at, ends_at, room, id", event_id)
    return [_view(row) for row in rows]


async def item(event_id: UUID, item_id: UUID) -> ItemView | None:
    """Return an item of an event."""
    row = await database.fetchrow(f"{_SELECT} WHERE event = $1 AND id = $2", event_id, item_id)
    return _view(row) if row else None


async def signed_up(item_id: UUID) -> list[str]:
    """Return the names of those who signed up for an item, in the order of the alphabet of their family names."""
    rows = await database.fetch(
        "SELECT trim(given_name || ' ' || family_name) AS name FROM registration_item"
        " JOIN registration ON registration.id = registration_item.registration"
        " JOIN person ON person.id = registration.person WHERE item = $1 ORDER BY family_name, given_name",
        item_id,
    )
    return [row["name"] for row in rows]


async def last_turn(event_id: UUID) -> int:
    """Return how often people were told of a changed agenda; also 0 where it was never changed."""
    turn: int = await database.fetchval("SELECT coalesce(max(turn), 0) FROM agenda_telling WHERE event = $1", event_id)
    return turn


async def untold(event: EventLike) -> list[Difference]:
    """Return what has changed in the agenda since people were last told, by the hour."""
    known = await _told(event.id, await last_turn(event.id))
    span = Span(event.starts_at, event.zone)
    return [] if known is None else differences(known, [told(item, span) for item in await agenda(event.id)])


async def told_lines(event: EventLike, turn: int, places: Mapping[UUID, str]) -> list[str]:
    """Return what the `turn`-th telling was about, in the present language."""
    before, after = await _told(event.id, turn - 1), await _told(event.id, turn)
    return lines(differences(before or [], after or []), Span(event.starts_at, event.zone), places)


async def reminded_lines(
    event: EventLike, registration_id: UUID, message_id: UUID, places: Mapping[UUID, str]
) -> list[str]:
    """Return what a reminder says of a changed agenda: what was left to the next one since the person registered."""
    rows = await database.fetch(_LEFT_TO_REMINDER, event.id, registration_id, message_id)
    return [line for row in rows for line in await told_lines(event, row["turn"], places)]


async def item_lines(event: EventLike, notice_id: UUID, places: Mapping[UUID, str]) -> list[str]:
    """Return what became of an item that someone had signed up for; none when it is as they knew it."""
    row = await database.fetchrow(
        "SELECT item, before FROM item_notice WHERE id = $1 AND event = $2", notice_id, event.id
    )
    if row is None:
        return []
    span, known = Span(event.starts_at, event.zone), await item(event.id, row["item"])
    before = msgspec.json.decode(row["before"], type=Told)
    after = [told(known, span)] if known else []
    return lines(differences([before], after), span, places)


_LEFT_TO_REMINDER = """
SELECT turn FROM agenda_telling JOIN message ON message.id = $3 JOIN registration ON registration.id = $2
WHERE agenda_telling.event = $1 AND way = 'reminder' AND told_at > registered_at AND told_at <= message.created_at
  AND NOT EXISTS (
    SELECT FROM message AS other WHERE other.subject_kind = 'registration' AND other.subject_id = $2
    AND other.reason = 'reminder' AND other.id <> $3 AND other.state <> 'dropped'
    AND other.created_at > told_at AND other.created_at < message.created_at)
ORDER BY turn
"""


async def _told(event_id: UUID, turn: int) -> list[Told] | None:
    items = await database.fetchval("SELECT items FROM agenda_telling WHERE event = $1 AND turn = $2", event_id, turn)
    return None if items is None else msgspec.json.decode(items, type=list[Told])


def _view(row: asyncpg.Record) -> ItemView:
    values = dict(row)
    for many, one in (("titles", "title"), ("descriptions", "description")):
        texts = {code: values.pop(f"{one}_{code}") for code in LANGUAGES}
        values[many] = {code: text for code, text in texts.items() if text}
    values["speakers"] = values["speakers"].splitlines()
    values["registered"] = msgspec.json.decode(values["registered"], type=list[Speaking])
    return ItemView(**values)
