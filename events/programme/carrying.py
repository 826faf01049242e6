"""What an edit of one event of a series asks of another: each takes over what it still had in common with it.

So a field that someone changed by hand in one of them is kept there. Times move by the same distance on the wall's
clock. Pure functions.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, Struct, structs

from events.programme import rules
from events.programme.editing import EventChanges
from events.programme.queries import EventView, SiteView
from events.programme.sites import OWN, NewSite

_TIMES = ("starts_at", "ends_at", "zone")
_ACCESS = ("access", "access_code", "named_organisations", "named_regions")
"""What says together who may register: half of it would let in nobody, or anybody."""


class Carried(Struct, frozen=True):
    """What an edit of one event asks of another, and whether that keeps something that was changed by hand."""

    changes: EventChanges
    kept: bool


def carried_over(event: EventView, changes: EventChanges, other: EventView) -> Carried:
    """Return what `changes` of `event`, as it was before them, ask of `other`.

    Raises ValueError when the clocks skip the time that `other` would move to.
    """
    asked: dict[str, Any] = {}
    kept = False
    for name, value in structs.asdict(changes).items():
        if value is UNSET or name in {*_TIMES, *_ACCESS}:
            continue
        old, theirs = getattr(event, name), getattr(other, name)
        wanted, differs = _merged(name, value, event, other)
        if wanted != theirs or name == "sites":
            asked[name] = wanted
        kept |= differs and value != old
    if any(_asks(event, changes, name) for name in _TIMES):
        times = _moved_alike(event, changes, other)
        asked |= times
        kept |= not times
    if any(_asks(event, changes, name) for name in _ACCESS):
        access = _same_access(event, changes, other)
        asked |= access
        kept |= not access and any(_asks(other, changes, name) for name in _ACCESS)
    return Carried(EventChanges(**asked), kept)


def _asks(event: EventView, changes: EventChanges, name: str) -> bool:
    value = getattr(changes, name)
    return value is not UNSET and value != getattr(event, name)


def _merged(name: str, value: Any, event: EventView, other: EventView) -> tuple[Any, bool]:
    """Return what one field becomes in `other`, and whether that keeps something of its own."""
    old, theirs = getattr(event, name), getattr(other, name)
    if name == "sites":
        return merged_sites(event.sites, value, other.sites)
    if isinstance(value, dict):
        merged = {
            code: _one(old.get(code, ""), value.get(code, ""), theirs.get(code, "")) for code in {*value, *theirs}
        }
        return {code: text for code, text in merged.items() if text}, any(
            theirs.get(code, "") not in {old.get(code, ""), value.get(code, "")} for code in merged
        )
    if isinstance(value, datetime) or isinstance(old, datetime):
        return _merged_moment(value, old, theirs, event, other)
    return _one(old, value, theirs), theirs not in (old, value)


def _one(old: Any, new: Any, theirs: Any) -> Any:
    """The rule of it all: who still has the old value gets the new one, who changed it by hand keeps theirs."""
    return new if theirs == old else theirs


def _merged_moment(
    value: datetime | None, old: datetime | None, theirs: datetime | None, event: EventView, other: EventView
) -> tuple[datetime | None, bool]:
    """Compare moments by their distance from the start: registration closes two days before each of them."""
    before, wanted, has = (_distance(moment, of) for moment, of in ((old, event), (value, event), (theirs, other)))
    if has != before or wanted == before:
        return theirs, has not in (before, wanted)
    if wanted is None:
        return None, False
    local = rules.wall_clock(other.starts_at, other.zone) + wanted
    return rules.to_utc(local.date(), local.time(), other.zone), False


def _distance(moment: datetime | None, event: EventView) -> timedelta | None:
    if moment is None:
        return None
    return rules.wall_clock(moment, event.zone) - rules.wall_clock(event.starts_at, event.zone)


def _moved_alike(event: EventView, changes: EventChanges, other: EventView) -> dict[str, Any]:
    """Return the new times of `other`, none when it was moved by hand."""
    if _place_in_series(event) != _place_in_series(other):
        return {}
    zone = event.zone if changes.zone is UNSET else changes.zone
    times: dict[str, Any] = {"zone": zone}
    for name in ("starts_at", "ends_at"):
        old, theirs = getattr(event, name), getattr(other, name)
        new = old if getattr(changes, name) is UNSET else getattr(changes, name)
        distance = rules.wall_clock(new, zone) - rules.wall_clock(old, event.zone)
        local = rules.wall_clock(theirs, other.zone) + distance
        times[name] = rules.to_utc(local.date(), local.time(), zone)
    return times


def _same_access(event: EventView, changes: EventChanges, other: EventView) -> dict[str, Any]:
    """Return who may register for `other`, nothing when that was changed by hand."""
    if any(getattr(event, name) != getattr(other, name) for name in _ACCESS):
        return {}
    return {name: value for name in _ACCESS if (value := getattr(changes, name)) is not UNSET}


def _place_in_series(event: EventView) -> tuple[object, ...]:
    """What events of a series have in common until one is moved: zone, time of day, length, days from its day."""
    start, end = (rules.wall_clock(moment, event.zone) for moment in (event.starts_at, event.ends_at))
    return event.zone, start.time(), end - start, event.series_day and (start.date() - event.series_day)


def merged_sites(
    old: Sequence[SiteView], wanted: Sequence[NewSite], theirs: Sequence[SiteView]
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
            merged = {name: _one(getattr(mine, name), getattr(site, name), getattr(partner, name)) for name in OWN}
            kept |= any(
                getattr(site, name) != getattr(mine, name) and merged[name] != getattr(site, name) for name in OWN
            )
            sites.append(NewSite(id=partner.id, **merged))
    paired = {site.id for site in sites}
    removed = {partner.id for identity, partner in partners.items() if _same(before[identity], partner)}
    own = [site for site in theirs if site.id not in paired | removed]
    sites += [NewSite(id=site.id, **{name: getattr(site, name) for name in OWN}) for site in own]
    return sites, kept or any(partner.id not in removed for partner in partners.values())


def _same(one: SiteView, other: SiteView) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in OWN)
