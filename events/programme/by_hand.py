"""What was changed by hand in one event of a series: remembered by marks, so that an edit of several can keep it.

A mark names a field as `EventChanges` does, a text with its language ("titles.fi"), what stands at a site with the
site's origin ("sites.<origin>.capacity"; without a field: that the site was taken away). Times, and who may register,
hold together: they are one mark each. Pure functions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from events.core.i18n import LANGUAGE_NAMES
from events.core.i18n import lazy_gettext as _l
from events.programme.queries import SiteView
from events.programme.sites import OWN, NewSite

TIMES = ("starts_at", "ends_at", "zone")
ACCESS = ("access", "access_code", "named_organisations", "named_regions")
"""What says together who may register: half of it would let in nobody, or anybody."""

FIELDS: Mapping[str, Mapping[str, object]] = {
    "texts": {"titles": _l("Title"), "descriptions": _l("Description")},
    "times": {"times": _l("Time")},
    "sites": {"sites": _l("Sites and places")},
    "registration": {
        "registration_opens_at": _l("Registration opens"),
        "registration_closes_at": _l("Registration closes"),
        "waiting_list": _l("When a site is full"),
        "offer_hours": _l("Hours to accept an offered place"),
        "needs_approval": _l("We approve each registration before it counts"),
        "address_hours": _l("Hours to confirm the e-mail address"),
    },
    "access": {"access": _l("Who may register"), "per_organisation": _l("Most places for one organisation")},
    "subject": {
        "kind": _l("Kind of event"),
        "host_region": _l("Host region"),
        "projects": _l("Counts for these projects"),
        "themes": _l("Themes"),
        "company_specific": _l("For single companies: aid to each that takes part (de minimis)"),
        "aid_value": _l("Worth to each company, in euros"),
    },
    "contact": {
        "languages": _l("Languages spoken"),
        "contact_name": _l("Contact person"),
        "contact_email": _l("Contact person’s e-mail address"),
    },
    "follow-up": {
        "invitation_reminders": _l("Reminders to those who have not answered their invitation"),
        "survey_enabled": _l("Ask for feedback after the event"),
        "materials": _l("Words for afterwards"),
    },
}
"""What each card of an event's page holds, and what it is called."""


def group(name: str) -> str:
    """Return the mark, or the begin of the marks, of a field."""
    return "times" if name in TIMES else "access" if name in ACCESS else name


def marks_of(event: Any, changes: Any, changed: Iterable[str]) -> set[str]:
    """Return the marks of an edit: of `event` as it was before, the `changes` asked for, the names of what changed."""
    found: set[str] = set()
    for name in changed:
        value = getattr(changes, name)
        if name == "sites":
            found |= _of_sites(event.sites, value)
        elif isinstance(value, dict):
            old = getattr(event, name)
            found |= {f"{name}.{code}" for code in {*old, *value} if old.get(code, "") != value.get(code, "")}
        else:
            found.add(group(name))
    return found


def _of_sites(before: Sequence[SiteView], wanted: Sequence[NewSite]) -> set[str]:
    after = {site.id: site for site in wanted}
    found = set()
    for site in before:
        if site.id not in after:
            found.add(site_mark(site.origin))
        else:
            new = after[site.id]
            found |= {site_mark(site.origin, name) for name in OWN if getattr(site, name) != getattr(new, name)}
    return found


def site_mark(origin: UUID, name: str = "") -> str:
    """Return the mark of what stands at a site, or that it was taken away."""
    return f"sites.{origin}.{name}" if name else f"sites.{origin}"


def said(marks: Collection[str], card: str) -> list[str]:
    """Name what of a card was changed by hand, in the present language."""
    labels = FIELDS.get(card, {})
    found = {}
    for mark in sorted(marks):
        name, _dot, rest = mark.partition(".")
        if name in labels:
            language = LANGUAGE_NAMES.get(rest, "")
            found[f"{labels[name]} ({language})" if language else str(labels[name])] = True
    return list(found)
