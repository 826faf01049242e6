"""What a letter says of new materials."""

from uuid import UUID

from events.core import clock
from events.core.i18n import format_size
from events.messaging.letter import Owed
from events.programme.materials.queries import told_in
from events.registration.queries import RegistrationView, circle


async def material_news(registration: RegistrationView, owed: Owed) -> list[str]:
    """Return the materials of a telling that someone may open as things stand, line by line."""
    reader, now = await circle(registration), clock.now()
    told = [each for each in await told_in(registration.event, UUID(owed.occurrence)) if each.may_open(reader, now)]
    return [
        f"{each.title[0]} ({each.ending}, {format_size(each.size)})" if each.size else each.title[0] for each in told
    ]
