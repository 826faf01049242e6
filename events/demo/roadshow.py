"""The demo's roadshow day: one event in three towns and online, with everything an event can be furnished with."""

from datetime import datetime, timedelta
from importlib.resources import files as resources
from uuid import UUID, uuid4

from events.core import database, files
from events.demo.agenda import add_tracks
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
    await _add_arrivals(event["id"])
    await add_tracks(event["id"], event["starts_at"], now)
    await _add_materials(event["id"], event["ends_at"], now)


async def _add_arrivals(event: UUID) -> None:
    sites = await database.fetch("SELECT id, mode FROM site WHERE event = $1 ORDER BY position", event)
    pairs = zip(sites, _EACH, strict=True)
    cards = [_ONLINE if site["mode"] == "online" else {**_VENUE, **extra} for site, extra in pairs]
    names = sorted({name for card in cards for name in card})
    rows = [{name: card.get(name, "") for name in names} for card in cards]
    await copy_rows(
        "arrival", [{"id": uuid4(), "site": site["id"], **row} for site, row in zip(sites, rows, strict=True)]
    )


_VENUE = {
    "phone": "+358 00 000 0000",
    "door": "Pääovi",
    "instructions_fi": "Asemalta kävelee kymmenen minuuttia; bussi pysähtyy portilla.",
    "instructions_sv": "Tio minuters promenad från stationen; bussen stannar vid grinden.",
    "instructions_en": "Ten minutes on foot from the station; the bus stops at the gate.",
    "parking_fi": "Vieraspaikat portin vasemmalla puolella, kiekko kahdeksi tunniksi.",
    "parking_sv": "Besöksplatser till vänster om grinden, parkeringsskiva för två timmar.",
    "parking_en": "Visitors’ places left of the gate, two hours with a disc.",
    "accessibility_fi": "Sisäänkäynti on tasolla, hissi kaikkiin kerroksiin, induktiosilmukka salissa.",
    "accessibility_sv": "Ingång i markplan, hiss till alla våningar, hörslinga i salen.",
    "accessibility_en": "Level entrance, a lift to every floor, an induction loop in the hall.",
}
_ONLINE = {
    "phone": "+358 00 000 0001",
    "instructions_fi": "Verkkohuone avautuu vartin ennen alkua. Kerro nimessäsi myös organisaatiosi.",
    "instructions_sv": "Mötesrummet öppnas en kvart före start. Ange även din organisation i namnet.",
    "instructions_en": "The room opens a quarter of an hour before. Please add your organisation to your name.",
}
_EACH: tuple[dict[str, str], ...] = (
    {"host": "Kehräämön yrityspalvelut", "entrance_fi": "Pihan puoli, ovi B", "entrance_sv": "Gårdssidan, dörr B"},
    {"host": "Satamakonttori Oy", "entrance_fi": "Laiturin puoli, 2. kerros", "entrance_sv": "Kajsidan, våning 2"},
    {
        "host": "Linnoituksen yrityshautomo",
        "entrance_fi": "Portti 3, punainen rakennus",
        "map_url": "https://kartta.sixnet.example/linnoitus",
    },
    {},
)


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
