"""Coming events as an Atom feed (RFC 4287), for readers of news and for other sites."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from events.core.i18n import format_span, language
from events.core.i18n import gettext as _
from events.core.links import absolute
from events.core.markdown import plain_text
from events.programme.presentation import Card
from events.programme.queries import EventView

CONTENT_TYPE = "application/atom+xml"
LIMIT = 100
NAMESPACE = "http://www.w3.org/2005/Atom"

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold at all, escaped or not."""


def feed(cards: Iterable[Card], *, path: str, page: str, now: datetime) -> bytes:
    """Return a feed in the present language that stands at `path` and belongs to the list at `page`.

    The entry changed last comes first. An event keeps its id for ever, one for each language.
    """
    ordered = sorted(cards, key=lambda card: updated(card.event), reverse=True)
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": language()})
    _add(root, "id", absolute(path))
    _add(root, "title", _("SIXNET events"))
    _add(root, "updated", (updated(ordered[0].event) if ordered else now).isoformat())
    SubElement(root, "link", rel="self", type=CONTENT_TYPE, href=absolute(path))
    SubElement(root, "link", rel="alternate", type="text/html", href=absolute(page))
    _add(SubElement(root, "author"), "name", "SIXNET")
    for card in ordered:
        _add_entry(root, card)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def updated(event: EventView) -> datetime:
    """Return when an event last changed for its readers."""
    moments = (event.published_at, event.changed_at, event.cancelled_at)
    return max((moment for moment in moments if moment is not None), default=event.starts_at)


def _add_entry(root: Element, card: Card) -> None:
    event = card.event
    entry = SubElement(root, "entry", {"xml:lang": event.title_language})
    title = f"{_('Event cancelled')}: {event.title}" if event.state == "cancelled" else event.title
    _add(entry, "id", f"urn:uuid:{uuid5(event.id, language())}")
    _add(entry, "title", title)
    _add(entry, "updated", updated(event).isoformat())
    if event.published_at:
        _add(entry, "published", event.published_at.isoformat())
    SubElement(entry, "link", rel="alternate", type="text/html", href=absolute(f"/events/{event.slug}"))
    for theme in event.themes or [event.kind]:
        SubElement(entry, "category", term=theme)
    when = f"{format_span(event.starts_at, event.ends_at, event.zone)}, {card.where}"
    _add(entry, "summary", f"{when}\n\n{plain_text(event.description[0])}".strip())


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("", text)
