"""Reads of the agenda."""

from uuid import UUID

import asyncpg
import msgspec

from events.core import database
from events.core.i18n import LANGUAGES
from events.programme.agenda.rules import ItemView, Speaking

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


def _view(row: asyncpg.Record) -> ItemView:
    values = dict(row)
    for many, one in (("titles", "title"), ("descriptions", "description")):
        texts = {code: values.pop(f"{one}_{code}") for code in LANGUAGES}
        values[many] = {code: text for code, text in texts.items() if text}
    values["speakers"] = values["speakers"].splitlines()
    values["registered"] = msgspec.json.decode(values["registered"], type=list[Speaking])
    return ItemView(**values)
