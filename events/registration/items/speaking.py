"""Who of those registered speaks in an item of the agenda: said by staff."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.programme.actions import editable
from events.registration.actions import set_role
from events.registration.held import hold, require_staff
from events.registration.rules import GONE
from events.registration.tables import RegistrationRole


async def let_speak(
    event_id: UUID, item_id: UUID, registration_id: UUID, *, as_speaker: bool, actor: Actor, now: datetime
) -> None:
    """Let someone registered speak in an item, and `as_speaker` take part in that role.

    Saying it twice changes nothing. Nobody is written to: it stands behind their private link, and in the letters that
    follow. Raises NotFound, and Conflict ("gone") for a registration that is no longer in force.
    """
    async with transaction():
        await _hold(event_id, item_id, registration_id, actor, now)
        if await database.fetchval("SELECT state FROM registration WHERE id = $1", registration_id) in GONE:
            raise Conflict(_("This registration is no longer in force."), code="gone")
        added = await database.execute(
            "INSERT INTO speaker (id, registration, item, added_at) VALUES (gen_random_uuid(), $1, $2, $3)"
            " ON CONFLICT (registration, item) DO NOTHING",
            *(registration_id, item_id, now),
        )
        if as_speaker:
            await set_role(registration_id, RegistrationRole.SPEAKER, actor=actor, now=now)
        if added:
            await _hear_of_it(registration_id)
            await audit.record(actor, "agenda.speaker_added", "event", event_id, now, item=item_id, of=registration_id)


async def take_speaker_out(
    event_id: UUID, item_id: UUID, registration_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """Let someone not speak in an item after all; the role at the event stays. Raises NotFound."""
    async with transaction():
        await _hold(event_id, item_id, registration_id, actor, now)
        removed = await database.execute(
            "DELETE FROM speaker WHERE registration = $1 AND item = $2", registration_id, item_id
        )
        if removed:
            await _hear_of_it(registration_id)
            await audit.record(
                actor, "agenda.speaker_removed", "event", event_id, now, item=item_id, of=registration_id
            )


async def _hold(event_id: UUID, item_id: UUID, registration_id: UUID, actor: Actor, now: datetime) -> None:
    """Lock the event, then the registration with its site, as everybody does; raises NotFound."""
    await editable(event_id, actor, now)
    held = await hold(registration_id)
    require_staff(held, actor, now)
    known = await database.fetchval("SELECT true FROM agenda_item WHERE id = $1 AND event = $2", item_id, event_id)
    if held.event != event_id or not known:
        raise NotFound


async def _hear_of_it(registration_id: UUID) -> None:
    """Let the person's calendar entry hear of a change."""
    await database.execute("UPDATE registration SET revision = revision + 1 WHERE id = $1", registration_id)
