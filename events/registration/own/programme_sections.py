"""What the page of one's registration says of the programme: the meeting, materials, items to sign up for."""

from datetime import datetime
from typing import Any

from events.core.forms import BaseForm
from events.core.http import CONTENT_SECURITY_POLICY
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.items.chosen import agenda_lines, spoken_lines
from events.registration.items.forms import items_form_of
from events.registration.own.joining import meeting
from events.registration.queries import RegistrationView


def letting_join(url: str) -> dict[str, str]:
    """Return the headers with which a page may send a form that leads to the meeting, none without a link.

    The rule holds for each redirect on the way too, and Teams, Zoom and short links lead from host to host: it is any.
    """
    if not url:
        return {}
    allowed = "form-action 'self' https: http:"
    return {"content-security-policy": CONTENT_SECURITY_POLICY.replace("form-action 'self'", allowed)}


async def own_programme(
    event: EventView, registration: RegistrationView, now: datetime, items_form: BaseForm | None
) -> dict[str, Any]:
    """Return what the page of one's registration says of the programme."""
    return {
        "meeting": meeting(event, registration, now),
        "items_form": items_form or await items_form_of(event, registration),
        "spoken": [] if registration.gone else await spoken_lines(event, registration.id),
        "agenda": await agenda_lines(event, registration.site, registration.id),
        "arrival": (await programme.arrivals(event.id))[registration.site],
        "materials": await programme.materials_for(event.id, await queries.circle(registration), now),
    }
