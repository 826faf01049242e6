"""Reading one row of a programme: pure, every reason why it cannot be taken at once."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from events.core.i18n import gettext as _
from events.core.text import clean_line, fold
from events.programme import rules
from events.programme.actions import NewEvent
from events.programme.sites import NewSite

KINDS = {
    "meeting": ("meeting", "kokous", "tapaaminen", "möte"),
    "workshop": ("workshop", "työpaja", "verkstad"),
    "experience_exchange": ("experience exchange", "kokemustenvaihto", "erfarenhetsutbyte"),
}
PUBLISHED = ("published", "julkaistu", "publicerad")
DRAFT = ("draft", "luonnos", "utkast", "")
FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y %H.%M")
LONGEST = 200
LARGEST = 1_000_000


class Codes(Struct, frozen=True):
    """Folded names and codes → the code they stand for."""

    regions: Mapping[str, str]
    municipalities: Mapping[str, str]
    themes: Mapping[str, str]
    projects: Mapping[str, str]


class Wanted(Struct, frozen=True):
    """The event of a row, and whether it is to be published."""

    event: NewEvent
    publish: bool


def read_row(cells: Mapping[str, str], codes: Codes) -> tuple[Wanted | None, list[str]]:
    """Return the event of a row and no reasons, or None and every reason against it."""
    reasons: list[str] = []
    titles = {code: _title(cells[f"title_{code}"], reasons) for code in ("fi", "sv", "en")}
    if not cells["title_fi"]:
        reasons.append(_("The Finnish title is missing."))
    kind = next((kind for kind, words in KINDS.items() if fold(cells["kind"]) in map(fold, words)), None)
    if kind is None:
        reasons.append(_("Unknown kind of event: %(word)s.", word=cells["kind"] or "–"))
    starts, ends = _moment(cells["starts"], reasons), _moment(cells["ends"], reasons)
    if starts and ends and ends <= starts:
        reasons.append(_("The event must end after it starts."))
    region = codes.regions.get(fold(_region_code(cells["region"])))
    if region is None:
        reasons.append(_("Unknown region: %(word)s.", word=cells["region"] or "–"))
    before = len(reasons)
    sites = _sites(cells, codes, reasons)
    if not sites and len(reasons) == before:
        reasons.append(_("The event has no places: both capacities are empty."))
    projects = _listed(cells["project"], codes.projects, _("Unknown project: %(word)s."), reasons)
    themes = _listed(cells["themes"], codes.themes, _("Unknown theme: %(word)s."), reasons)
    status = fold(cells["status"])
    if status not in {*PUBLISHED, *DRAFT}:
        reasons.append(_("Unknown status: %(word)s.", word=cells["status"]))
    if reasons or not (kind and starts and ends and region):
        return None, reasons
    event = NewEvent(
        kind=kind,
        titles={code: title for code, title in titles.items() if title},
        starts_at=starts,
        ends_at=ends,
        host_region=region,
        sites=sites,
        projects=projects,
        themes=themes,
    )
    return Wanted(event, status in PUBLISHED), []


def _title(text: str, reasons: list[str]) -> str:
    title = clean_line(text)
    if len(title) > LONGEST:
        reasons.append(_("The title is longer than %(length)s signs.", length=LONGEST))
    return title


def _moment(text: str, reasons: list[str]) -> datetime | None:
    """Read a Finnish local time."""
    for pattern in FORMATS:
        try:
            local = datetime.strptime(text, pattern).replace(tzinfo=ZoneInfo(rules.ZONE))
        except ValueError:
            continue
        try:
            return rules.to_utc(local.date(), local.time(), rules.ZONE)
        except ValueError:
            reasons.append(_("This time does not exist, the clocks go forward then: %(word)s.", word=text))
            return None
    reasons.append(_("Impossible date or time: %(word)s.", word=text or "–"))
    return None


def _region_code(text: str) -> str:
    """Give a code back the zero that spreadsheets take away."""
    return text.zfill(2) if text.isdecimal() else text


def _sites(cells: Mapping[str, str], codes: Codes, reasons: list[str]) -> tuple[NewSite, ...]:
    """An empty capacity means that there is no such site (design.md §6)."""
    sites = []
    places = _capacity(cells["capacity"], reasons)
    if places is not None:
        venue = clean_line(cells["venue"])[:LONGEST]
        sites.append(
            NewSite(mode="venue", name=venue, municipality=codes.municipalities.get(fold(venue)), capacity=places)
        )
    online = _capacity(cells["online_capacity"], reasons)
    if online is not None:
        sites.append(NewSite(mode="online", capacity=online))
    return tuple(sites)


def _capacity(text: str, reasons: list[str]) -> int | None:
    if not text:
        return None
    if text.isdecimal() and len(text) < len(str(LARGEST)):
        return int(text)
    reasons.append(_("Impossible number of places: %(word)s.", word=text))
    return None


def _listed(text: str, known: Mapping[str, str], message: str, reasons: list[str]) -> tuple[str, ...]:
    """Read names with semicolons (or, when there are none, commas) between them."""
    found = []
    for word in text.split(";" if ";" in text else ","):
        if not word.strip():
            continue
        code = known.get(fold(word))
        if code is None:
            reasons.append(message % {"word": word.strip()})
        else:
            found.append(code)
    return tuple(dict.fromkeys(found))
