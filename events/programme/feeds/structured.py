"""An event as schema.org describes it, for search engines."""

import json
from typing import Any

from markupsafe import Markup

from events.core.assets import asset_url
from events.core.links import absolute
from events.core.markdown import plain_text
from events.programme import rules
from events.programme.presentation import Card, Place
from events.programme.queries import EventView
from events.programme.rules import Openness
from events.programme.tables import EventState

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
        "eventStatus": f"https://schema.org/{_status(event)}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "inLanguage": event.languages,
        "isAccessibleForFree": True,
        "location": [_location(place, url) for place in card.places],
        "image": absolute(asset_url("share.png")),
        "organizer": {"@type": "Organization", "name": "SIXNET", "url": absolute("/")},
    }
    if description := event.description[0]:
        described["description"] = plain_text(description)
    if event.previous_starts_at and event.state != EventState.CANCELLED:
        described["previousStartDate"] = rules.to_local(event.previous_starts_at, event.zone).isoformat()
    if card.openness in _AVAILABILITY:
        described["offers"] = _offer(card, f"{url}/register")
    limits = [place.site.capacity for place in card.places]
    if None not in limits:
        described["maximumAttendeeCapacity"] = sum(limit for limit in limits if limit is not None)
        described["remainingAttendeeCapacity"] = card.left
    return described


def _status(event: EventView) -> str:
    if event.state == EventState.CANCELLED:
        return "EventCancelled"
    return "EventRescheduled" if event.previous_starts_at else "EventScheduled"


def _offer(card: Card, url: str) -> dict[str, Any]:
    opens = card.event.registration_opens_at or card.event.published_at
    offer = {
        "@type": "Offer",
        "price": 0,
        "priceCurrency": "EUR",
        "url": url,
        "availability": f"https://schema.org/{_AVAILABILITY[Openness(card.openness)]}",
        "validThrough": rules.closes_at(card.event).isoformat(),
    }
    return offer | ({"validFrom": opens.isoformat()} if opens else {})


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
