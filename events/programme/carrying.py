"""What an edit of one event of a series asks of another: all that was not changed by hand there.

Times move by the same distance on the wall's clock. Pure functions.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, Struct, structs

from events.programme import rules
from events.programme.by_hand import ACCESS, TIMES, site_mark
from events.programme.editing import EventChanges
from events.programme.queries import EventView, SiteView
from events.programme.sites import OWN, NewSite


class Carried(Struct, frozen=True):
    """What an edit of one event asks of another, and whether that keeps something that was changed by hand."""

    changes: EventChanges
    kept: bool


def carried_over(event: EventView, changes: EventChanges, other: EventView, *, by_hand_too: bool = False) -> Carried:
    """Return what `changes` of `event`, as it was before them, ask of `other`; `by_hand_too`: of all that is there.

    Raises ValueError when the clocks skip the time that `other` would move to.
    """
    marks = frozenset() if by_hand_too else frozenset(other.by_hand)
    asked: dict[str, Any] = {}
    kept = False
    for name in structs.asdict(changes):
        if name in {*TIMES, *ACCESS} or not _asks(event, changes, name):
            continue
        wanted, keeps = _wanted(name, getattr(changes, name), event, other, marks)
        asked[name] = wanted
        kept |= keeps
    if any(_asks(event, changes, name) for name in TIMES):
        kept |= "times" in marks
        if "times" not in marks:
            asked |= _placed_alike(event, changes, other) if "times" in other.by_hand else _moved(event, changes, other)
    if any(_asks(event, changes, name) for name in ACCESS):
        access = {name: changes.after(event, name) for name in ACCESS}
        differs = any(getattr(other, name) != value for name, value in access.items())
        kept |= "access" in marks and differs
        asked |= {} if "access" in marks else access
    return Carried(EventChanges(**asked), kept)


def _asks(event: EventView, changes: EventChanges, name: str) -> bool:
    value = getattr(changes, name)
    return value is not UNSET and (name == "sites" or value != getattr(event, name))


def _wanted(name: str, value: Any, event: EventView, other: EventView, marks: Collection[str]) -> tuple[Any, bool]:
    """Return what one field becomes in `other`, and whether that keeps something of its own."""
    old, theirs = getattr(event, name), getattr(other, name)
    if name == "sites":
        return merged_sites(event.sites, value, other.sites, marks)
    if isinstance(value, dict):
        return _texts(name, old, value, theirs, marks)
    if isinstance(value, datetime) or isinstance(old, datetime):
        value = _as_far_from_the_start(value, event, other)
    return (theirs, theirs != value) if name in marks else (value, False)


def _texts(
    name: str, old: dict[str, str], value: dict[str, str], theirs: dict[str, str], marks: Collection[str]
) -> tuple[dict[str, str], bool]:
    changed = {code for code in {*old, *value} if old.get(code, "") != value.get(code, "")}
    kept = {code for code in changed if f"{name}.{code}" in marks}
    merged = theirs | {code: value.get(code, "") for code in changed - kept}
    differs = any(theirs.get(code, "") != value.get(code, "") for code in kept)
    return {code: text for code, text in merged.items() if text}, differs


def _as_far_from_the_start(value: datetime | None, event: EventView, other: EventView) -> datetime | None:
    """Return the moment of `other` that is as far from its start: registration closes two days before each of them."""
    if value is None:
        return None
    distance = rules.wall_clock(value, event.zone) - rules.wall_clock(event.starts_at, event.zone)
    local = rules.wall_clock(other.starts_at, other.zone) + distance
    return rules.to_utc(local.date(), local.time(), other.zone)


def _moved(event: EventView, changes: EventChanges, other: EventView) -> dict[str, Any]:
    """Return the times of `other`, moved by as much as those of `event`."""
    zone = changes.after(event, "zone")
    times: dict[str, Any] = {"zone": zone}
    for name in ("starts_at", "ends_at"):
        new, old = changes.after(event, name), getattr(event, name)
        distance = rules.wall_clock(new, zone) - rules.wall_clock(old, event.zone)
        local = rules.wall_clock(getattr(other, name), other.zone) + distance
        times[name] = rules.to_utc(local.date(), local.time(), zone)
    return times


def _placed_alike(event: EventView, changes: EventChanges, other: EventView) -> dict[str, Any]:
    """Return the times of `other`, which was moved by hand, as they are at `event` counted from the series' day."""
    if event.series_day is None or other.series_day is None:
        return _moved(event, changes, other)
    zone = changes.after(event, "zone")
    start, end = (rules.wall_clock(changes.after(event, name), zone) for name in ("starts_at", "ends_at"))
    distance: timedelta = other.series_day - event.series_day
    return {
        "zone": zone,
        "starts_at": rules.to_utc((start + distance).date(), start.time(), zone),
        "ends_at": rules.to_utc((end + distance).date(), end.time(), zone),
    }


def merged_sites(
    old: Sequence[SiteView], wanted: Sequence[NewSite], theirs: Sequence[SiteView], marks: Collection[str]
) -> tuple[list[NewSite], bool]:
    """Return the sites of another event after the same edit, and whether something of its own was kept."""
    of_origin = {site.origin: site for site in theirs}
    partners = {mine.id: of_origin[mine.origin] for mine in old if mine.origin in of_origin}
    before = {site.id: site for site in old}
    sites, kept = [], False
    for site in wanted:
        mine = before.get(site.id) if site.id else None
        partner = partners.pop(mine.id, None) if mine else None
        if mine is None:
            sites.append(structs.replace(site, id=None))
        elif partner is not None:
            merged, keeps = _merged_site(mine, site, partner, marks)
            kept |= keeps
            sites.append(merged)
    paired = {site.id for site in sites}
    removed = {partner.id for partner in partners.values() if not _marked(partner, marks)}
    own = [site for site in theirs if site.id not in paired | removed]
    sites += [NewSite(id=site.id, **{name: getattr(site, name) for name in OWN}) for site in own]
    return sites, kept or any(partner.id not in removed for partner in partners.values())


def _merged_site(mine: SiteView, site: NewSite, partner: SiteView, marks: Collection[str]) -> tuple[NewSite, bool]:
    """Return what `site`, which was `mine`, becomes at its counterpart, and whether that keeps something."""
    values, kept = {name: getattr(partner, name) for name in OWN}, False
    for name in OWN:
        value = getattr(site, name)
        if value == getattr(mine, name):
            continue
        if site_mark(mine.origin, name) in marks:
            kept |= values[name] != value
        else:
            values[name] = value
    return NewSite(id=partner.id, **values), kept


def _marked(site: SiteView, marks: Collection[str]) -> bool:
    """Say whether anything at a site was changed by hand."""
    return any(mark.startswith(site_mark(site.origin)) for mark in marks)
