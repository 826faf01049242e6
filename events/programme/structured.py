"""An event as schema.org describes it, for search engines."""

import json
from typing import Any

from markupsafe import Markup

from events.core.links import absolute
from events.core.markdown import plain_text
from events.programme import rules
from events.programme.presentation import Card, Place
from events.programme.rules import Openness

_STATUS = {"cancelled": "EventCancelled"}
_AVAILABILITY = {
    Openness.OPEN: "InStock",
    Openness.WAITING: "SoldOut",
    Openness.FULL: "SoldOut",
    Openness.NOT_YET: "PreOrder",
}


def json_ld(card: Card) -> Markup:
    """Return the JSON-LD of an event; `<` is escaped, so that no text can end the script element."""
    return Markup(  # noqa: S704 - JSON with every < escaped
        json.dumps(describe(card), ensure_ascii=False).replace("<", "\\u003c")
    )


def describe(card: Card) -> dict[str, Any]:
    """Return an event by the words of https://schema.org/Event; the link to an online meeting is not given away."""
    event = card.event
    url = absolute(f"/events/{event.slug}")
    online = [place.online for place in card.places]
    mode = "Mixed" if any(online) and not all(online) else "Online" if any(online) else "Offline"
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "url": url,
        "startDate": rules.to_local(event.starts_at, event.zone).isoformat(),
        "endDate": rules.to_local(event.ends_at, event.zone).isoformat(),
        "eventStatus": f"https://schema.org/{_STATUS.get(event.state, 'EventScheduled')}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "inLanguage": event.languages,
        "isAccessibleForFree": True,
        "location": [_location(place, url) for place in card.places],
        "organizer": {"@type": "Organization", "name": "SIXNET", "url": absolute("/")},
    }
    if description := event.description[0]:
        described["description"] = plain_text(description)
    if card.openness in _AVAILABILITY:
        described["offers"] = {
            "@type": "Offer",
            "price": 0,
            "priceCurrency": "EUR",
            "url": f"{url}/register",
            "availability": f"https://schema.org/{_AVAILABILITY[Openness(card.openness)]}",
        }
    return described


def _location(place: Place, url: str) -> dict[str, Any]:
    if place.online:
        return {"@type": "VirtualLocation", "url": url}
    address = {
        "@type": "PostalAddress",
        "streetAddress": place.site.address,
        "addressLocality": place.town,
        "addressCountry": "FI",
    }
    return {"@type": "Place", "name": place.name, "address": {key: value for key, value in address.items() if value}}
