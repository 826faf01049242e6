"""Reads of the programme."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.core.errors import NotFound
from events.core.i18n import LANGUAGES, pick
from events.core.remembering import remembered
from events.network import queries as network
from events.programme.agenda.queries import agenda
from events.programme.arrivals.queries import ArrivalView, arrivals
from events.programme.materials.queries import MaterialView, material, materials_for
from events.programme.materials.tables import Audience
from events.programme.reminders.rules import EVERYBODY, IN_FORCE, MOMENTS, occurrence_sql
from events.programme.tables import Access, EventState

__all__ = [
    "ArrivalView",
    "Audience",
    "EventView",
    "MaterialView",
    "SiteView",
    "agenda",
    "arrivals",
    "by_id",
    "by_slug",
    "event_view",
    "locked",
    "material",
    "materials_for",
]


class SiteView(Struct, frozen=True):
    """Where one attends and how full it is; `capacity` None means without limit.

    `origin` is the same at its counterparts in the other events of a series. Nobody comes to one that is `closed`.
    """

    id: UUID
    mode: str
    name: str
    address: str
    municipality: str | None
    join_url: str
    capacity: int | None
    taken: int
    waiting: int
    origin: UUID
    closed: bool = False

    @property
    def left(self) -> int | None:
        """Places left, or None without limit; nobody gets one while others wait."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


class EventView(Struct, frozen=True, kw_only=True):
    """An event with its sites, themes and projects; times are aware and in UTC.

    `regions` are those in which it is held: first its host's, then those of its venues. `reminders` are the moments at
    which everybody who has a place is reminded before the start, `reminded` those of them that had their turn.
    """

    id: UUID
    slug: str
    kind: str
    state: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    zone: str
    host_region: str
    regions: list[str]
    languages: list[str]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    waiting_list: str
    needs_approval: bool
    offer_hours: int
    address_hours: int | None
    access: str
    access_code: str
    named_organisations: list[UUID]
    named_regions: list[str]
    per_organisation: int | None
    contact_name: str
    contact_email: str
    reminders: list[datetime]
    reminded: list[datetime] = []
    survey_enabled: bool
    sequence: int
    start_revision: int
    version: int
    materials: str
    published_at: datetime | None
    cancelled_at: datetime | None
    reconciled_at: datetime | None
    archived_at: datetime | None
    changed_at: datetime | None
    previous_starts_at: datetime | None
    series: UUID | None
    series_day: date | None
    by_hand: list[str]
    theme_group: UUID | None
    invitation_reminders: list[int]
    change_words: str
    cancel_words: str
    company_specific: bool
    aid_value: int | None
    sites: list[SiteView]
    themes: list[str]
    projects: list[str]

    @property
    def title(self) -> str:
        """The title in the present language, or the first there is."""
        return pick(self.titles)[0]

    @property
    def title_language(self) -> str:
        """The language of `title`, for its `lang` attribute."""
        return pick(self.titles)[1]

    @property
    def where(self) -> dict[str, Any]:
        """What a right must reach to hold for this event: `may(actor, action, now=now, **event.where)`."""
        return {"event_id": self.id, "region": self.host_region, "group": self.theme_group}

    @property
    def open_sites(self) -> list[SiteView]:
        """The sites to which one can still come."""
        return [site for site in self.sites if not site.closed]

    @property
    def listed(self) -> bool:
        """Whether front page, feeds and API list it once it is published: a group's meeting only where it is open."""
        return self.theme_group is None or self.access != Access.INVITED

    @property
    def description(self) -> tuple[str, str]:
        """The Markdown description in the present language, or the first there is, and its language."""
        return pick(self.descriptions)


REGIONS = """
SELECT event.host_region AS region
UNION SELECT municipality.region FROM site JOIN municipality ON municipality.code = site.municipality
WHERE site.event = event.id
"""
"""The regions in which `event` is held."""

_REMINDERS = f"""
SELECT due_at FROM ({IN_FORCE}) AS rule {MOMENTS} WHERE {EVERYBODY} AND due_at < event.starts_at ORDER BY due_at
"""

# What has gone out belongs to a feature above this one: so it is SQL here.
_REMINDED = f"""
SELECT due_at FROM ({IN_FORCE}) AS rule {MOMENTS}
JOIN reminder_run AS run ON run.event = event.id AND run.occurrence = {occurrence_sql("rule", "event")}
WHERE {EVERYBODY} AND due_at < event.starts_at
"""

SELECT_EVENT = f"""
SELECT event.*,
    ARRAY(SELECT region FROM ({REGIONS}) AS held ORDER BY region <> event.host_region, region) AS regions,
    (SELECT coalesce(json_agg(json_build_object(
        'id', site.id, 'mode', site.mode, 'name', site.name, 'address', site.address,
        'municipality', site.municipality, 'join_url', site.join_url, 'capacity', site.capacity,
        'taken', site.taken, 'waiting', site.waiting, 'origin', site.origin,
        'closed', site.closed_at IS NOT NULL) ORDER BY site.position, site.id), '[]')
     FROM site WHERE site.event = event.id) AS sites,
    ARRAY(SELECT theme FROM event_theme WHERE event_theme.event = event.id ORDER BY theme) AS themes,
    ARRAY(SELECT project.code FROM event_project JOIN project ON project.id = event_project.project
          WHERE event_project.event = event.id ORDER BY project.code) AS projects,
    ARRAY({_REMINDERS}) AS reminders, ARRAY({_REMINDED}) AS reminded
FROM event
"""


_SLUG = re.compile(r"[a-z0-9-]{1,120}")


async def by_slug(slug: str) -> EventView | None:
    """Return the event of a slug, in whatever state."""
    if not _SLUG.fullmatch(slug):
        return None
    row = await database.fetchrow(f"{SELECT_EVENT} WHERE slug = $1", slug)
    return event_view(row) if row else None


@remembered(lambda event_id: event_id)
async def by_id(event_id: UUID) -> EventView | None:
    """Return an event, in whatever state."""
    row = await database.fetchrow(f"{SELECT_EVENT} WHERE id = $1", event_id)
    return event_view(row) if row else None


async def by_ids(event_ids: Iterable[UUID]) -> dict[UUID, EventView]:
    """Return some events, in whatever state, by their ids."""
    rows = await database.fetch(f"{SELECT_EVENT} WHERE event.id = ANY($1)", list(event_ids))
    return {row["id"]: event_view(row) for row in rows}


async def locked(event_id: UUID) -> EventView | None:
    """Return an event and keep others from changing it until the transaction ends; registering goes on meanwhile."""
    row = await database.fetchrow(f"{SELECT_EVENT} WHERE event.id = $1 FOR NO KEY UPDATE OF event", event_id)
    return event_view(row) if row else None


async def announced(slug: str) -> EventView:
    """Return an event that everybody may know of, be it cancelled since; raises NotFound."""
    event = await by_slug(slug)
    if event is None or event.state == EventState.DRAFT:
        raise NotFound
    return event


def event_view(row: asyncpg.Record) -> EventView:
    """Turn a row of `SELECT_EVENT` into an EventView."""
    values = dict(row)
    for many, one in (("titles", "title"), ("descriptions", "description")):
        values[many] = {code: values[f"{one}_{code}"] for code in LANGUAGES if values[f"{one}_{code}"]}
    values["sites"] = msgspec.json.decode(values["sites"])
    return msgspec.convert(values, EventView)


async def invited_from(event: EventView) -> list[str]:
    """Return the names of the organisations and regions that an event is for; of an event for everybody none."""
    if event.access != Access.NAMED:
        return []
    organisations = await network.organisation_names(event.named_organisations)
    regions = [region.name for region in await network.regions() if region.code in event.named_regions]
    return [
        *dict.fromkeys(organisations[each] for each in event.named_organisations if each in organisations),
        *regions,
    ]
