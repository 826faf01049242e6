"""Agendas of the demo: the roadshow's tracks with who signed up and who speaks, and the meetings of its series."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct

from events.core import database
from events.core.actor import SYSTEM
from events.demo.rows import copy_rows
from events.programme.agenda.actions import ItemValues, add_item
from events.programme.agenda.alike import AGENDA
from events.programme.counterparts.actions import done_alike
from events.programme.materials.actions import MATERIALS, Source, Told, add_material
from events.programme.materials.tables import Audience
from events.programme.series.queries import Scope
from events.registration.items.speaking import let_speak

ON_TRACK_A = 9
"""How many signed up for the first track, which is not full; the second is."""


class Item(Struct, frozen=True):
    """An item in minutes from the start; titles in Finnish, Swedish and English; `capacity` of one signed up for."""

    begin: int
    end: int
    kind: str
    titles: tuple[str, str, str]
    room: str = ""
    speakers: str = ""
    capacity: int | None = None


TALK, TRACK_A, TRACK_B = "Mitä tekoäly tekee tuotannossa jo nyt", "Rata A", "Rata B"

_ROADSHOW = (
    Item(0, 30, "break", ("Aamukahvi", "Morgonkaffe", "Morning coffee"), "Aula"),
    Item(
        30,
        90,
        "talk",
        (TALK, "Vad AI redan gör i produktionen", "What AI already does in production"),
        "Sali",
        "Taina Tuottaja, Esimerkkipaja Oy",
    ),
    Item(
        90,
        180,
        "workshop",
        (
            "Työpaja: laatukuvista oppiva malli",
            "Workshop: en modell som lär av kvalitetsbilder",
            "Workshop: a model that learns from pictures",
        ),
        TRACK_A,
        capacity=12,
    ),
    Item(
        90,
        180,
        "workshop",
        ("Työpaja: huollon ennakointi", "Workshop: att förutse underhåll", "Workshop: foreseeing maintenance"),
        TRACK_B,
        "Siiri Suunnittelija, Mallikone Oy",
        capacity=8,
    ),
    Item(180, 225, "break", ("Lounas", "Lunch", "Lunch"), "Aula"),
    Item(225, 300, "visit", ("Kierros tuotannossa", "Rundtur i produktionen", "A tour of the shop floor")),
    Item(300, 360, "discussion", ("Sovitut kokeilut", "Överenskomna försök", "Experiments agreed on"), "Sali"),
)
_MEETING = (
    Item(0, 10, "discussion", ("Avaus ja edellisen kokouksen asiat", "Öppning", "Opening and the last meeting")),
    Item(10, 40, "discussion", ("Alueiden kuulumiset", "Nytt från regionerna", "News from the regions")),
    Item(40, 75, "talk", ("Päivän asia ja keskustelu", "Dagens ärende", "The matter of the day")),
)
_NEXT_STEPS = Item(75, 90, "discussion", ("Seuraavat askeleet", "Nästa steg", "Next steps"))

_SIGN_UP = """
INSERT INTO registration_item (id, registration, item)
SELECT gen_random_uuid(), id, CASE WHEN number <= capacity THEN $2::uuid ELSE $3::uuid END
FROM (SELECT id, row_number() OVER (ORDER BY number, id) AS number FROM registration
    WHERE site = $1 AND state = 'confirmed') AS placed
CROSS JOIN (SELECT capacity FROM agenda_item WHERE id = $2) AS full_one
WHERE number <= capacity + $4
"""

_COUNT = """
UPDATE agenda_item SET taken = (SELECT count(*) FROM registration_item WHERE item = agenda_item.id)
WHERE event = $1 AND capacity IS NOT NULL
"""

_LIKELY_SPEAKERS = """
SELECT id FROM registration WHERE event = $1 AND state = $2 ORDER BY role <> 'speaker', number, id LIMIT 2
"""


async def add_tracks(event: UUID, starts_at: datetime, now: datetime) -> None:
    """Give the roadshow its agenda: one track is full, one has places; of its speakers one has cancelled."""
    site = await database.fetchval("SELECT id FROM site WHERE event = $1 ORDER BY position LIMIT 1", event)
    rows = list(_rows(event, starts_at, _ROADSHOW, site))
    await copy_rows("agenda_item", rows)
    of_room = {row["room"]: row["id"] for row in rows if row["sign_up"]}
    await database.execute(_SIGN_UP, site, of_room[TRACK_B], of_room[TRACK_A], ON_TRACK_A)
    await database.execute(_COUNT, event)
    talk = next(row["id"] for row in rows if row["title_fi"] == TALK)
    speakers = [row["id"] for row in await database.fetch(_LIKELY_SPEAKERS, event, "confirmed")]
    for item, registration in zip((talk, of_room[TRACK_A]), speakers, strict=True):
        await let_speak(event, item, registration, as_speaker=True, actor=SYSTEM, now=now)
    gone = await database.fetch(_LIKELY_SPEAKERS, event, "cancelled")
    await copy_rows("speaker", [{"id": uuid4(), "registration": row["id"], "item": talk} for row in gone[:1]])


async def add_meeting_agenda(event: UUID, starts_at: datetime) -> None:
    """Give a meeting that is going to be held again and again its agenda."""
    await copy_rows("agenda_item", list(_rows(event, starts_at, _MEETING, None)))


async def add_to_all(event: UUID, starts_at: datetime, now: datetime) -> None:
    """Add an item and a link to all meetings of the series at once, as one does when it was forgotten."""
    values = ItemValues(
        titles=dict(zip(("fi", "sv", "en"), _NEXT_STEPS.titles, strict=True)),
        starts_at=starts_at + timedelta(minutes=_NEXT_STEPS.begin),
        ends_at=starts_at + timedelta(minutes=_NEXT_STEPS.end),
        kind=_NEXT_STEPS.kind,
    )
    async with done_alike(event, AGENDA, Scope.ALL, actor=SYSTEM, now=now):
        await add_item(event, values, actor=SYSTEM, now=now)
    rules = Source(url="https://aineistot.sixnet.example/pelisaannot")
    told = Told({"fi": "Pelisäännöt", "sv": "Spelregler", "en": "Rules of play"}, Audience.REGISTERED)
    async with done_alike(event, MATERIALS, Scope.ALL, actor=SYSTEM, now=now):
        await add_material(event, rules, told, actor=SYSTEM, now=now)


async def let_one_speak_at_the_meeting(now: datetime) -> None:
    """Let someone registered speak at the first meeting of the series."""
    row = await database.fetchrow(
        "SELECT agenda_item.id, event FROM agenda_item JOIN event ON event.id = agenda_item.event"
        " WHERE series IS NOT NULL AND agenda_item.kind = 'talk' ORDER BY event.starts_at LIMIT 1"
    )
    if row is None:
        raise RuntimeError("the series of the demo has no agenda")
    speakers = await database.fetch(_LIKELY_SPEAKERS, row["event"], "confirmed")
    await let_speak(row["event"], row["id"], speakers[0]["id"], as_speaker=True, actor=SYSTEM, now=now)


def _rows(event: UUID, starts_at: datetime, items: Iterable[Item], site: UUID | None) -> Iterable[dict[str, Any]]:
    for item in items:
        yield {
            "id": uuid4(),
            "event": event,
            "kind": item.kind,
            "room": item.room,
            "speakers": item.speakers,
            **{f"title_{code}": title for code, title in zip(("fi", "sv", "en"), item.titles, strict=True)},
            "starts_at": starts_at + timedelta(minutes=item.begin),
            "ends_at": starts_at + timedelta(minutes=item.end),
            "site": site if item.capacity else None,
            "sign_up": item.capacity is not None,
            "capacity": item.capacity,
        }
