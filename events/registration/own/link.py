"""What stands behind an address under /r/: one's own registration, or the receipt of a form just sent."""

import re
from uuid import UUID

from events.core import clock
from events.core.actor import Actor, ActorKind
from events.core.errors import Gone, NotFound
from events.core.http import speak
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import queries
from events.registration.public import receipts
from events.registration.public.receipts import Receipt
from events.registration.queries import RegistrationView

_TOKEN = re.compile("([a-z0-9]{26}){1,2}")
"""The secret, and in letters the proof that one reads the mail after it."""


async def found_by(request: AnyRequest, token: str) -> RegistrationView | Receipt:
    """Return what the secret of an address under /r/ stands for, and let its page speak the language of the letters.

    Raises NotFound, and Gone when its time is over.
    """
    if not _TOKEN.fullmatch(token):
        raise NotFound
    found = await queries.by_manage_token(token) or await receipts.by_token(token, clock.now())
    if found is None:
        raise NotFound
    speak(request.scope, found.entered.language if isinstance(found, Receipt) else found.language)
    return found if isinstance(found, Receipt) else still_kept(found)


def still_kept(registration: RegistrationView) -> RegistrationView:
    """Return a registration as long as the data of its event are kept; raises Gone from then on."""
    if registration.expired(clock.now()):
        raise Gone
    return registration


async def own_by(request: AnyRequest, token: str) -> RegistrationView:
    """Return the registration of a private link; raises NotFound, also for a receipt."""
    found = await found_by(request, token)
    if isinstance(found, Receipt):
        raise NotFound
    return found


async def mailed_by(request: AnyRequest, token: str) -> RegistrationView:
    """Return the registration of a private link out of a letter; raises NotFound for any other."""
    registration = await own_by(request, token)
    if not registration.by_mail:
        raise NotFound
    return registration


async def event_of(event_id: UUID) -> EventView:
    """Return an event; raises NotFound."""
    event = await programme.by_id(event_id)
    if event is None:
        raise NotFound
    return event


def person_of(registration: RegistrationView) -> Actor:
    """Return who acts by a private link."""
    return Actor(ActorKind.PARTICIPANT, registration.id, by_mail=registration.by_mail)
