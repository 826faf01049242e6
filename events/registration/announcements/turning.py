"""Pausing, going on with and stopping what goes out, as a button of its page asks."""

from datetime import datetime
from uuid import UUID

from events.core.actor import Actor
from events.core.errors import BadRequest, Conflict
from events.core.forms import FormData
from events.registration.announcements.actions import pause, resume, stop

_DEEDS = {"pause": pause, "resume": resume, "stop": stop}


async def turn(identity: UUID, sent: FormData, *, actor: Actor, now: datetime) -> str:
    """Do what the pressed button is called; returns its name, or "stale" where the mail stands otherwise by now.

    Raises BadRequest for no button that there is, NotFound.
    """
    wanted = next((name for name in _DEEDS if name in sent), "")
    if not wanted:
        raise BadRequest
    try:
        await _DEEDS[wanted](identity, actor=actor, now=now)
    except Conflict:
        return "stale"
    return wanted
