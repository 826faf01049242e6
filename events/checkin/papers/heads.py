"""What stands on every paper of an event: its title, its time and the marks of its projects."""

from typing import Any
from uuid import UUID

from events.core.errors import NotFound
from events.core.i18n import format_span, language
from events.network import queries as network
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration.places import place_names


async def event_behind(event_id: UUID) -> EventView:
    """Return the event that a paper is of; raises NotFound when it is gone meanwhile."""
    event = await programme.by_id(event_id)
    if event is None:
        raise NotFound
    return event


def head(event: EventView, title: str) -> dict[str, Any]:
    """Return what each template needs: the document's title and language, the event's title and time."""
    return {
        "title": f"{title}: {event.title}",
        "language": language(),
        "event": {
            "title": event.title,
            "language": event.title_language,
            "when": format_span(event.starts_at, event.ends_at, event.zone),
        },
    }


async def about(event: EventView) -> list[str]:
    """Return the lines that say when and where the event is, and whom one may ask."""
    places = list(dict.fromkeys((await place_names(event)).values()))
    contact = ", ".join(part for part in (event.contact_name, event.contact_email) if part)
    when = format_span(event.starts_at, event.ends_at, event.zone)
    return [line for line in (when, *places[:3], contact) if line]


async def marks(event: EventView) -> list[dict[str, Any]]:
    """Return the marks of the event's projects, as the funders ask."""
    emblems = await network.emblems(event.projects)
    return [
        {
            "name": project.name,
            "name_language": project.name_language,
            "statement": project.statement[0],
            "language": project.statement[1],
            # typst reads images as bytes, and JSON has only numbers for them
            "emblem": list(emblems[project.code][0]) if project.code in emblems else [],
            "alt": project.emblem_alt,
        }
        for project in await network.projects(event.projects)
    ]
