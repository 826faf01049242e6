"""The demo's roadshow day: one event in three towns and online, with everything an event can be furnished with."""

from datetime import datetime, timedelta
from importlib.resources import files as resources
from uuid import UUID, uuid4

from events.core import database, files
from events.demo.rows import copy_rows

_WORKBOOK = "workbook.pdf"


async def add_roadshow(now: datetime) -> None:
    """Furnish the event that has several venues."""
    event = await database.fetchrow(
        "SELECT id, starts_at, ends_at FROM event"
        " WHERE (SELECT count(*) FROM site WHERE site.event = event.id AND mode = 'venue') > 1"
    )
    if event is None:
        raise RuntimeError("no event of the demo has several venues")
    await _add_materials(event["id"], event["ends_at"], now)


async def _add_materials(event: UUID, ends_at: datetime, now: datetime) -> None:
    with (resources("events.demo") / "data" / _WORKBOOK).open("rb") as content:
        kept = await files.put(content)
    workbook = {
        "title_fi": "Päivän työkirja",
        "title_sv": "Dagens arbetsbok",
        "title_en": "Workbook of the day",
        "url": "",
        "stored": kept.name,
        "filename": _WORKBOOK,
        "media_type": "application/pdf",
        "size": kept.size,
        "sha256": kept.sha256,
        "audience": "everyone",
        "visible_from": None,
    }
    recordings = {
        "title_fi": "Tallenteet",
        "title_sv": "Inspelningar",
        "title_en": "Recordings",
        "url": "https://aineistot.sixnet.example/kiertue",
        "stored": "",
        "filename": "",
        "media_type": "",
        "size": 0,
        "sha256": b"",
        "audience": "registered",
        "visible_from": ends_at + timedelta(days=1),
    }
    guide = {
        **recordings,
        "title_fi": "Ennakkotehtävä",
        "title_sv": "Förhandsuppgift",
        "title_en": "To prepare beforehand",
        "url": "https://aineistot.sixnet.example/ennakko",
        "visible_from": None,
    }
    rows = (workbook, guide, recordings)
    await copy_rows("material", [{"id": uuid4(), "event": event, "created_at": now, **row} for row in rows])
