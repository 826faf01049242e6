"""Which events the demo holds: the network's known history at its dates, and made-up ones around the first day."""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from events.core.clock import FINLAND
from events.core.text import fold

HELSINKI = ZoneInfo(FINLAND)
SATURDAY = 5
LAST_HOUR = 17
"""Hour at which the event of the first day begins at the latest, so that it ends on that day."""

HOURS = {"meeting": 1.5, "workshop": 6.0, "experience_exchange": 6.5}
HISTORY_CAME = (71, 58, 31, 96, 42, 47)
"""How many the demo lets come to the events of `history.csv`, in its order; the real numbers are not known."""

DEMO_PROJECT = "DEMO"
"""Its code: the same in every language, unlike its name."""


class PlannedSite(Struct, frozen=True):
    """A venue or the online site of a planned event."""

    id: UUID
    mode: str
    name: str
    municipality: str | None
    capacity: int | None


class Planned(Struct, frozen=True, kw_only=True):
    """An event with what shall have happened to it: how many registered, wait, await approval or came."""

    id: UUID
    slug: str
    kind: str
    state: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    region: str
    languages: list[str]
    waiting_list: str = "automatic"
    needs_approval: bool = False
    opens_at: datetime
    sites: list[PlannedSite]
    projects: list[str]
    themes: list[str]
    registered: int = 0
    offered: int = 0
    waiting: int = 0
    awaiting: int = 0
    came: int | None = None
    reconciled: bool = False
    under_way: bool = False
    history: bool = False
    notes: list[str] = field(default_factory=list)


def planned(now: datetime) -> list[Planned]:
    """Return every event of the demo, first the history, then those around `now`."""
    return [*_history(), *_around(now)]


def _history() -> Iterator[Planned]:
    with _data("history.csv").open(encoding="utf-8") as file:
        for row, came in zip(csv.DictReader(file), HISTORY_CAME, strict=True):
            starts_at, ends_at = (
                datetime.strptime(row[name], "%Y-%m-%d %H:%M").replace(tzinfo=HELSINKI) for name in ("starts", "ends")
            )
            titles = {code: row[f"title_{code}"] for code in ("fi", "sv", "en")}
            sites = _sites(row["venue"], _number(row["capacity"]), row["online_capacity"], TOWNS.get(row["venue"]))
            yield Planned(
                id=uuid4(),
                slug=_slug(titles, starts_at.date()),
                kind=row["kind"],
                state=row["status"],
                titles=titles,
                descriptions=_description({}, row["kind"]),
                starts_at=starts_at,
                ends_at=ends_at,
                region=row["region"],
                languages=["fi"],
                opens_at=starts_at - timedelta(days=60),
                sites=sites,
                projects=row["project"].split(";"),
                themes=row["themes"].split(";"),
                registered=_registered(came, sites),
                came=came,
                reconciled=True,
                history=True,
            )


TOWNS = {"Hämeenlinna": "109", "Jyväskylä": "179", "Tampere": "837", "Seinäjoki": "743"}
"""Municipalities of the venues in `history.csv`."""


def _around(now: datetime) -> Iterator[Planned]:
    for entry in tomllib.loads(_data("events.toml").read_text(encoding="utf-8"))["event"]:
        starts_at = _start(entry, now)
        kind, came, sites = entry["kind"], entry.get("came"), _entered_sites(entry)
        yield Planned(
            id=uuid4(),
            slug=_slug(entry["title"], starts_at.date()),
            kind=kind,
            state=entry.get("state", "published"),
            titles=entry["title"],
            # some have an agenda by the hour instead of one in words
            descriptions=entry["intro"] if entry.get("hourly") else _description(entry["intro"], kind),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=HOURS[kind]),
            region=entry["region"],
            languages=entry.get("languages", ["fi"]),
            waiting_list=entry.get("waiting_list", "automatic"),
            needs_approval=entry.get("needs_approval", False),
            opens_at=now + timedelta(days=entry["opens_in"])
            if "opens_in" in entry
            else starts_at - timedelta(days=150),
            sites=sites,
            projects=[DEMO_PROJECT],
            themes=entry["themes"],
            registered=_registered(came, sites) if came else entry.get("registered", 0),
            offered=entry.get("offered", 0),
            waiting=entry.get("waiting", 0),
            awaiting=entry.get("awaiting", 0),
            came=came,
            reconciled=came is not None,
            under_way=entry.get("under_way", False),
        )


def _start(entry: Mapping[str, Any], now: datetime) -> datetime:
    today = now.astimezone(HELSINKI).date()
    day = _workday(today + timedelta(days=entry["days"]), keep=entry["days"] in {-1, 0, 1})
    starts_at = datetime.combine(day, time.fromisoformat(entry.get("start", "09:00")), HELSINKI)
    return _begun(now, starts_at) if entry.get("under_way") else starts_at


def _entered_sites(entry: Mapping[str, Any]) -> list[PlannedSite]:
    online = "" if entry.get("unlimited_online") else entry.get("online_capacity", "none")
    sites = _sites(entry.get("venue", ""), entry.get("capacity"), online, entry.get("municipality"))
    sites[1:1] = [
        PlannedSite(uuid4(), "venue", more["name"], more["municipality"], more["capacity"])
        for more in entry.get("more_venues", ())
    ]
    return sites


def _sites(venue: str, capacity: int | None, online: Any, municipality: str | None) -> list[PlannedSite]:
    found = []
    if venue:
        found.append(PlannedSite(uuid4(), "venue", venue, municipality, capacity))
    if online not in {"none", ""} or (online == "" and not venue):
        found.append(PlannedSite(uuid4(), "online", "", None, _number(str(online))))
    return found


def _registered(came: int, sites: list[PlannedSite]) -> int:
    """How many had registered of whom `came` came: a fifth more, as far as there was room."""
    capacities = [site.capacity for site in sites]
    room = sum(capacity for capacity in capacities if capacity is not None)
    return round(came * 1.2) if None in capacities else min(room, round(came * 1.2))


def _number(text: Any) -> int | None:
    return int(text) if text not in {None, ""} else None


def _workday(day: date, *, keep: bool) -> date:
    return day if keep or day.weekday() < SATURDAY else day + timedelta(days=7 - day.weekday())


def _begun(now: datetime, earliest: datetime) -> datetime:
    """Let the event of the first day be under way whenever that is, except at night."""
    full_hour = now.astimezone(HELSINKI).replace(minute=0, second=0, microsecond=0)
    return min(max(full_hour - timedelta(hours=1), earliest), earliest.replace(hour=LAST_HOUR))


def _slug(titles: dict[str, str], day: date) -> str:
    words = fold(titles.get("en") or titles["fi"]).split()
    return f"{'-'.join(words)[:100].rstrip('-')}-{day.isoformat()}"


def _description(intro: dict[str, str], kind: str) -> dict[str, str]:
    agendas = tomllib.loads(_data("agendas.toml").read_text(encoding="utf-8"))[kind]
    codes = list(intro) or ["fi", "sv", "en"]
    return {code: f"{intro.get(code, '')}\n\n{agendas[code].strip()}".strip() + "\n" for code in codes}


def _data(name: str) -> Any:
    return files("events.demo") / "data" / name
