"""An event that is nowhere, to show by it how letters and papers look."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.core.clock import FINLAND
from events.core.i18n import LANGUAGES, in_language
from events.core.i18n import gettext as _
from events.programme.queries import EventView, SiteView


def made_up_event(now: datetime) -> EventView:
    """Return an event in two weeks, at a venue, with a title in each language."""
    starts_at = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=14)
    titles = {}
    for code in LANGUAGES:
        with in_language(code):
            titles[code] = _("Example workshop")
    site = SiteView(UUID(int=0), "venue", _("Example hall"), "Esimerkkikatu 1", None, "", 30, 12, 0, UUID(int=0))
    return EventView(
        **_plain(),
        titles=titles,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        published_at=now,
        changed_at=now,
        sites=[site],
    )


def _plain() -> dict[str, Any]:
    """Return what is the same at every time."""
    nothing = (
        *("registration_opens_at", "registration_closes_at", "address_hours", "per_organisation", "cancelled_at"),
        *("reconciled_at", "archived_at", "previous_starts_at", "series", "series_day", "theme_group"),
        "aid_value",
    )
    none_of = ("named_organisations", "named_regions", "reminders", "by_hand", "invitation_reminders", "themes")
    return {
        **dict.fromkeys(nothing),
        **{name: [] for name in (*none_of, "projects", "regions")},
        **dict.fromkeys(("access_code", "materials", "change_words", "cancel_words"), ""),
        **dict.fromkeys(("sequence", "start_revision", "version"), 0),
        "id": UUID(int=0),
        "slug": "example",
        "kind": "workshop",
        "state": "published",
        "descriptions": {},
        "zone": FINLAND,
        "host_region": "06",
        "languages": [*LANGUAGES],
        "waiting_list": "automatic",
        "needs_approval": False,
        "offer_hours": 24,
        "access": "open",
        "contact_name": "Anna Esimerkki",
        "contact_email": "anna@esimerkki.example",
        "survey_enabled": True,
        "company_specific": False,
    }
