"""Handing a place over to a colleague, without anyone in line coming between."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from events.core import database, jobs, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, Unavailable
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.tables import Reason
from events.messaging.webhooks import ledger as webhooks
from events.messaging.webhooks.tables import Happening
from events.network.matching import recognise_organisation
from events.registration import admission, consents
from events.registration.held import (
    NEWS,
    Held,
    hold,
    lock_together,
    note,
    require_may_edit,
    require_takes_place,
    set_state,
    tell,
)
from events.registration.items.chosen import hand_items_over
from events.registration.line import enter, leave
from events.registration.new_registration import NewRegistration
from events.registration.questions.releasing import forget_answers
from events.registration.registering import TRIES
from events.registration.renewing import renew
from events.registration.rules import GONE
from events.registration.tables import State


async def transfer(registration_id: UUID, to: NewRegistration, *, actor: Actor, now: datetime) -> None:
    """Give a confirmed place to a colleague; both are written to, and the counters stay as they are.

    Where the colleague is registered already nothing changes and the letter alone says so: the answer looks alike.
    Raises Conflict ("not_confirmed", "organisation_full"), NotAdmitted for whom the event is not, Invalid for oneself.
    """
    async with transaction():
        await admission.lock_limit(registration_id)
        organisation = await recognise_organisation(
            to.organisation,
            email=to.email or "",
            municipality=to.municipality,
            country=to.country,
            person=to.name,
        )
        person = await _person(to, organisation)
        await lock_together([registration_id, *await _standing(registration_id, person)])
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        require_takes_place(held)
        if held.state is not State.CONFIRMED:
            raise Conflict(_("Only a confirmed place can be handed over."), code="not_confirmed")
        if person == held.person:
            raise Invalid({"email": [_("This is you. Write who comes in your place.")]})
        await admission.require_named(held.event, organisation, to.municipality)
        await admission.require_left(held.id, organisation)
        theirs = await _registration_of(held, to, person, organisation, now)
        if theirs is None:
            occurrence = f"{held.turn}:{person.hex[:12]}"
            await tell(held, Reason.NOT_TRANSFERRED, now=now, occurrence=occurrence)
            await note(held, "not_transferred", actor, now)
        else:
            await _give(held, theirs, actor, now)
            await _take(theirs, held.site, actor, now)
    jobs.nudge("mail.deliver")


async def _person(to: NewRegistration, organisation: UUID | None) -> UUID:
    person: UUID = await database.fetchval(
        "INSERT INTO person (id, given_name, family_name, folded, email, language, organisation)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email, folded) DO UPDATE SET email = excluded.email"
        " RETURNING coalesce(merged_into, id)",
        *(uuid4(), to.given_name, to.family_name, to.person_key, to.email, to.language, organisation),
    )
    return person


async def _standing(registration_id: UUID, person: UUID) -> list[UUID]:
    """Return the registration of a person for the event of another's, if there is one."""
    rows = await database.fetch(
        "SELECT id FROM registration WHERE person = $2 AND event = (SELECT event FROM registration WHERE id = $1)",
        *(registration_id, person),
    )
    return [row["id"] for row in rows]


async def _registration_of(
    held: Held, to: NewRegistration, person: UUID, organisation: UUID | None, now: datetime
) -> UUID | None:
    """Return the colleague's registration, made or found as one that is gone; None when theirs stands."""
    said = (held.site, organisation, to.municipality, to.country, held.role, to.language, held.id, now)
    for tried in range(TRIES):
        row = await database.fetchrow(_THEIRS, held.event, person)
        if row and row["state"] not in GONE:
            return None
        if row:
            await database.execute(_AGAIN, row["id"], *said)
            await consents.withdraw_all(row["id"], now=now)
            return UUID(str(row["id"]))
        made = uuid4()
        with suppress(asyncpg.UniqueViolationError):  # they registered just now, or the short code is taken
            await database.attempt(
                _NEW,
                *(made, *said, held.event, person, held.number),
                *(secrets.digest(secrets.new_secret()), secrets.short_code(made, 0, tried)),
                secrets.digest(secrets.derive("manage", made)),
            )
            return made
    raise Unavailable


async def _give(held: Held, to: UUID, actor: Actor, now: datetime) -> None:
    await set_state(held, State.CANCELLED, now)
    await database.execute("UPDATE registration SET transferred_to = $2 WHERE id = $1", held.id, to)
    await hand_items_over(held.id, to)
    await forget_answers(held.id, held.event)
    await leave(held.site, held.state)
    await ledger.drop_all("registration", held.id, now=now)
    await tell(held, Reason.CANCELLED, now=now, occurrence=f"{held.turn}:{held.state}")
    await note(held, "transferred", actor, now, to=to)


async def _take(registration_id: UUID, site: UUID, actor: Actor, now: datetime) -> None:
    theirs = await hold(registration_id)
    number = await enter(site, theirs.placed)
    await set_state(theirs, theirs.placed, now)
    await database.execute("UPDATE registration SET number = $2 WHERE id = $1", theirs.id, number)
    ticket = await renew(theirs, link=False)
    await tell(theirs, NEWS[theirs.placed], now=now, occurrence=f"{ticket}.{number}")
    await note(theirs, "taken_over", actor, now)
    await webhooks.add(
        Happening.REGISTRATION_CREATED, theirs.event, now=now, registration=theirs.id, state=theirs.placed.value
    )


_THEIRS = "SELECT id, state FROM registration WHERE event = $1 AND person = $2 FOR UPDATE"

_AGAIN = """
UPDATE registration SET site = $2, organisation = $3, municipality = $4, country = $5, role = $6, language = $7,
    registered_by = $8, registered_at = $9, changed_at = $9, registered_by_name = '', cancel_reason = '',
    transferred_to = NULL, address_confirmed = false, source = 'transfer'
WHERE id = $1
"""

_NEW = """
INSERT INTO registration (id, site, organisation, municipality, country, role, language, registered_by, registered_at,
    changed_at, event, person, number, ticket_hash, ticket_code, manage_hash, state, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, 'cancelled', 'transfer')
"""
