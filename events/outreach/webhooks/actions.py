"""What is done to endpoints: adding, changing, a new secret, off and on, a test, sending again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound, require
from events.core.i18n import gettext as _
from events.messaging.webhooks import ledger, rules
from events.messaging.webhooks.tables import Happening

SUBJECT = "webhook"


async def add(
    url: str, description: str, kinds: Sequence[Happening], *, actor: Actor, now: datetime
) -> tuple[UUID, str]:
    """Let another system be told of these kinds from now on; returns the endpoint's id and its secret.

    Raises Invalid for an address that nothing is sent to, NotAllowed.
    """
    _require(actor, now)
    _check(url)
    identity = uuid4()
    async with transaction():
        await database.execute(
            "INSERT INTO webhook_endpoint (id, url, description, kinds, created_at) VALUES ($1, $2, $3, $4, $5)",
            *(identity, url, description, [kind.value for kind in kinds], now),
        )
        await audit.record(actor, "webhook.added", SUBJECT, identity, now, kinds=list(kinds))
    return identity, rules.secret(identity, 0)


async def change(
    identity: UUID, url: str, description: str, kinds: Sequence[Happening], *, actor: Actor, now: datetime
) -> None:
    """Change where an endpoint is and what it is told of; what it is owed already goes to the new address.

    Raises as `add`, and NotFound.
    """
    _require(actor, now)
    _check(url)
    async with transaction():
        await _touch(
            "UPDATE webhook_endpoint SET url = $2, description = $3, kinds = $4 WHERE id = $1",
            *(identity, url, description, [kind.value for kind in kinds]),
        )
        await audit.record(actor, "webhook.changed", SUBJECT, identity, now, kinds=list(kinds))


async def rotate(identity: UUID, *, actor: Actor, now: datetime) -> str:
    """Give an endpoint a new secret and return it; the one before signs as well for `rules.OLD_SECRET_LASTS`."""
    _require(actor, now)
    async with transaction():
        generation = await database.fetchval(
            "UPDATE webhook_endpoint SET generation = generation + 1, rotated_at = $2 WHERE id = $1"
            " RETURNING generation",
            *(identity, now),
        )
        if generation is None:
            raise NotFound
        await audit.record(actor, "webhook.secret_changed", SUBJECT, identity, now)
    return rules.secret(identity, generation)


async def switch_off(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Tell an endpoint nothing any more; what it was still owed is given up. Twice changes nothing."""
    _require(actor, now)
    async with transaction():
        off = await database.execute(
            "UPDATE webhook_endpoint SET switched_off_at = $2 WHERE id = $1 AND switched_off_at IS NULL",
            *(identity, now),
        )
        if off:
            await ledger.drop_all(identity, now=now)
            await audit.record(actor, "webhook.switched_off", SUBJECT, identity, now)


async def switch_on(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Tell an endpoint again, of what happens from now on; twice changes nothing."""
    _require(actor, now)
    async with transaction():
        on = await database.execute(
            "UPDATE webhook_endpoint SET switched_off_at = NULL, gone = false"
            " WHERE id = $1 AND switched_off_at IS NOT NULL",
            identity,
        )
        if on:
            await audit.record(actor, "webhook.switched_on", SUBJECT, identity, now)


async def test(identity: UUID, *, actor: Actor, now: datetime) -> None:
    """Send an endpoint something that tells of nothing; raises Conflict where it is switched off."""
    _require(actor, now)
    async with transaction():
        await _require_on(identity)
        await ledger.add_test(identity, now=now)
        await audit.record(actor, "webhook.tested", SUBJECT, identity, now)


async def send_again(identity: UUID, delivery: UUID, *, actor: Actor, now: datetime) -> None:
    """Send the same delivery once more at once, under the same id, with all its tries before it.

    One in hand just now stays as it is. Raises NotFound, Conflict where the endpoint is switched off.
    """
    _require(actor, now)
    async with transaction():
        await _require_on(identity)
        found = await database.fetchval(
            "SELECT state FROM webhook_delivery WHERE id = $2 AND endpoint = $1 FOR UPDATE", identity, delivery
        )
        if found is None:
            raise NotFound
        await database.execute(
            "UPDATE webhook_delivery SET state = 'queued', tries = 0, due_at = $2, finished_at = NULL"
            " WHERE id = $1 AND state <> 'sending'",
            *(delivery, now),
        )
        await audit.record(actor, "webhook.sent_again", SUBJECT, identity, now, delivery=delivery)
    jobs.nudge(ledger.JOB)


def _require(actor: Actor, now: datetime) -> None:
    require(allowed=may(actor, Action.MANAGE_WEBHOOKS, now=now))


def _check(url: str) -> None:
    if not rules.is_possible(url):
        raise Invalid({"url": [_("Nothing can be sent to this address.")]})


async def _require_on(identity: UUID) -> None:
    row = await database.fetchrow("SELECT switched_off_at FROM webhook_endpoint WHERE id = $1 FOR SHARE", identity)
    if row is None:
        raise NotFound
    if row["switched_off_at"] is not None:
        raise Conflict(_("The endpoint is switched off."), code="switched_off")


async def _touch(statement: str, *values: object) -> None:
    if not await database.execute(statement, *values):
        raise NotFound
