"""Reads of arrival cards: how one gets to each site of an event, and in."""

from urllib.parse import urlencode
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, pick
from events.core.remembering import remembered
from events.programme.tables import SiteMode
from events.programme.words import ARRIVAL


class ArrivalView(Struct, frozen=True, kw_only=True):
    """What is known of arriving at a site; `town` is the Finnish name of its municipality, for maps."""

    site: UUID
    mode: str
    address: str
    town: str
    host: str
    map_url: str
    phone: str
    door: str
    texts: dict[str, dict[str, str]]

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """What there is to say, as (label, text, language of the text), in the order of the way."""
        picked = [(str(label), *pick(self.texts[name])) for name, label in ARRIVAL.items()]
        return [line for line in picked if line[1]]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.lines or self.phone)

    @property
    def map_link(self) -> str:
        """The address of a map, as given or of the street address; "" for an online site or none that is known."""
        if self.map_url or not self.address or self.mode == SiteMode.ONLINE:
            return self.map_url
        query = ", ".join(part for part in (self.address, self.town) if part)
        return f"https://www.openstreetmap.org/search?{urlencode({'query': query})}"


_SELECT = f"""
SELECT site.id AS site, site.mode, site.address, coalesce(municipality.name_fi, '') AS town,
    {", ".join(f"coalesce({name}, '') AS {name}" for name in ("host", "map_url", "phone", "door"))},
    {", ".join(f"coalesce({name}_{code}, '') AS {name}_{code}" for name in ARRIVAL for code in LANGUAGES)}
FROM site LEFT JOIN arrival ON arrival.site = site.id LEFT JOIN municipality ON municipality.code = site.municipality
"""


@remembered(lambda event_id: event_id)
async def arrivals(event_id: UUID) -> dict[UUID, ArrivalView]:
    """Return the arrival card of every site of an event, empty where nothing was written."""
    rows = await database.fetch(f"{_SELECT} WHERE site.event = $1", event_id)
    return {row["site"]: _view(row) for row in rows}


def _view(row: asyncpg.Record) -> ArrivalView:
    values = dict(row)
    texts = {name: {code: values.pop(f"{name}_{code}") for code in LANGUAGES} for name in ARRIVAL}
    return ArrivalView(**values, texts=texts)
