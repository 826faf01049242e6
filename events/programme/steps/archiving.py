"""Archiving: an event of which nothing is left to do leaves the lists; its page stays and reports count it."""

from datetime import datetime
from uuid import UUID

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.programme import rules
from events.programme.actions import editable


async def archive(event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take an event out of the lists. Archiving twice changes nothing.

    Raises NotFound, Conflict while the event is neither reconciled nor cancelled.
    """
    async with transaction():
        event = await editable(event_id, actor, now)
        if event.archived_at is not None:
            return
        if not rules.may_archive(event):
            raise Conflict(
                _("Only an event whose attendance is closed, or that was cancelled, can be archived."),
                code="not_archivable",
            )
        await database.execute("UPDATE event SET archived_at = $2, version = version + 1 WHERE id = $1", event_id, now)
        await audit.record(actor, "event.archived", "event", event_id, now)


async def bring_back(event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let an archived event stand in the lists again; of another one this changes nothing. Raises NotFound."""
    async with transaction():
        await editable(event_id, actor, now)
        changed = await database.execute(
            "UPDATE event SET archived_at = NULL, version = version + 1 WHERE id = $1 AND archived_at IS NOT NULL",
            event_id,
        )
        if changed:
            await audit.record(actor, "event.brought_back", "event", event_id, now)
