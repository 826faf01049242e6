"""To be written to again at an address that is left in peace: asked by the private link, confirmed out of a mail.

The link alone does not prove that mail reaches the address now, nor who reads it; the button in a fresh mail does.
"""

import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from events.core import database, jobs, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.actions import hear_again
from events.messaging.ledger import Recipient
from events.messaging.rules import ERASED, UNSUBSCRIBED
from events.messaging.tables import Reason
from events.registration.held import hold

LIFE = timedelta(days=7)
"""How long the button of the mail works."""

_PURPOSE = "hear-again"

_STANDS = f"""
SELECT EXISTS (SELECT FROM unreachable WHERE address = $1) OR EXISTS (SELECT FROM refused_theme WHERE address = $1)
    OR EXISTS (SELECT FROM suppression WHERE address = $1 AND reason = '{UNSUBSCRIBED}')
"""

_AGREED = f"""
SELECT email, trim(given_name || ' ' || family_name) AS name, registration.language, person.id AS person_id
FROM registration JOIN person ON person.id = registration.person
JOIN suppression ON suppression.address = person.email AND reason = '{UNSUBSCRIBED}'
WHERE registration.id = $1 AND EXISTS (
    SELECT FROM consent WHERE registration = $1 AND kind = 'news' AND given AND withdrawn_at IS NULL)
"""

_ASKED = (
    "SELECT recipient, language, created_at FROM message WHERE id = $1 AND reason = 'hear_again' AND recipient <> $2"
)


def can_be_lifted(mail: dict[str, Any]) -> bool:
    """Say whether something stands against writing to an address, as the export tells it, that its owner may lift."""
    by_themselves = mail["not_written_to"] is not None and mail["not_written_to"]["reason"] == UNSUBSCRIBED
    return bool(mail["not_reached"] or mail["refused_themes"] or by_themselves)


def hearing_path(message: UUID) -> str:
    """Return the path of the button in a mail."""
    return f"/hear-again/{message}/{secrets.derive(_PURPOSE, message)}"


async def ask(registration_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Owe a mail whose button lets its address be written to again, at most once an hour.

    Raises NotFound for who did not come by a link out of a mail, Conflict when nothing stands against writing.
    """
    async with transaction():
        held = await hold(registration_id)
        if not actor.by_mail or actor.id != held.id or held.email is None:
            raise NotFound
        if not await database.fetchval(_STANDS, held.email):
            raise Conflict(_("Nothing stands against writing to this address."), code="stale")
        await _owe(Recipient(held.email, held.name, held.language, held.person), held.id, now)
    jobs.nudge("mail.deliver")


async def ask_who_agreed(registration_id: UUID, *, now: datetime) -> None:
    """Owe that mail to who agreed to news at a registration, though their address had unsubscribed, as `ask` does.

    That somebody typed an address does not prove that it is theirs: until they press the button nothing is lifted.
    """
    row = await database.fetchrow(_AGREED, registration_id)  # locks nothing: the caller may hold the site's row
    if row:
        await _owe(Recipient(**row), registration_id, now)
        jobs.nudge("mail.deliver")


async def _owe(recipient: Recipient, registration_id: UUID, now: datetime) -> None:
    await ledger.add(
        Reason.HEAR_AGAIN, recipient, "registration", registration_id, now=now, occurrence=f"{now:%Y%m%d%H}"
    )


async def stopped(address: str | None) -> str | None:
    """Return why an address gets no news, as the list of suppressed addresses says; None where nothing stops them."""
    reason: str | None = await database.fetchval("SELECT reason FROM suppression WHERE address = $1", address)
    return reason


class Asking(Struct, frozen=True):
    """A mail that asked: the address that it went to and asked about, and its language."""

    address: str
    language: str


async def asked_by(message: UUID, token: str, now: datetime) -> Asking:
    """Return what a mail asked; raises NotFound, also once the mail is too old."""
    if not hmac.compare_digest(token.encode(), secrets.derive(_PURPOSE, message).encode()):
        raise NotFound
    row = await database.fetchrow(_ASKED, message, ERASED)
    if row is None or now >= row["created_at"] + LIFE:
        raise NotFound
    return Asking(row["recipient"], row["language"])


async def confirm(message: UUID, token: str, *, now: datetime) -> Asking:
    """Write to the address again that a mail asked about, and return it; doing it twice changes nothing.

    Raises NotFound. News need an agreement beside: what was withdrawn stays withdrawn.
    """
    asking = await asked_by(message, token, now)
    await hear_again(asking.address)
    return asking
