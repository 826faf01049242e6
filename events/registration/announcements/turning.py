"""Pausing, going on with, stopping and taking back what goes out, as a button of its page asks."""

from datetime import datetime

from events.core.actor import Actor
from events.core.errors import BadRequest, Conflict
from events.core.forms import FormData
from events.registration.announcements.actions import pause, resume, stop, take_back
from events.registration.announcements.queries import AnnouncementView

_DEEDS = {"pause": pause, "resume": resume, "stop": stop, "change": take_back}


async def turn(found: AnnouncementView, sent: FormData, here: str, *, actor: Actor, now: datetime) -> str:
    """Do what the pressed button is called; returns where one goes from there, of the pages under the path `here`.

    That is the mail's own page, which says so where it stands otherwise by now; for one that was taken back, the form.
    Raises BadRequest for no button that there is, NotFound.
    """
    wanted = next((name for name in _DEEDS if name in sent), "")
    if not wanted:
        raise BadRequest
    try:
        await _DEEDS[wanted](found.id, actor=actor, now=now)
    except Conflict:
        return f"{here}/{found.id}?saved=stale"
    return f"{here}/new?{found.chosen}&like={found.id}" if wanted == "change" else f"{here}/{found.id}"
