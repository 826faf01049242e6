"""Mending what was entered: name, address, organisation, language."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
from msgspec import Struct

from events.core import database, feeds, jobs
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.network.matching import person_key, recognise_organisation
from events.registration import admission, queries
from events.registration.held import NEWS, Held, hold, note, require_may_edit, set_state
from events.registration.queries import Registered, RegistrationView
from events.registration.renewing import renew
from events.registration.rules import GONE, placed
from events.registration.tables import State


class Details(Struct, frozen=True, kw_only=True):
    """What one may mend: clean text, a lower-case address (None for who came without one), known codes."""

    given_name: str
    family_name: str
    email: str | None
    organisation: str = ""
    municipality: str | None = None
    country: str = "FI"
    language: str = "fi"


class AlreadyRegistered(Conflict):
    """The details are those of someone with a `registration` for the event; who may hear that, the caller settles."""

    code = "already_registered"

    def __init__(self, registration: UUID) -> None:
        super().__init__(_("This person has a registration for the event already."))
        self.registration = registration


async def change_details(
    registration_id: UUID, details: Details, *, actor: Actor, now: datetime, send: bool = True
) -> Registered:
    """Mend who takes part; returns the registration with its secrets as they are now.

    A new address means that the first letter may have gone to a stranger: ticket and private link are replaced, and
    everything goes to the new address. Where the event asks for it, its person has to confirm the new one again; what
    staff enter is vouched for. Whose link is not out of a letter changes this registration and nothing else of the
    person; another name too brings a new link to who reads the mail, for else it would tell whether someone of that
    name and address is registered. Raises AlreadyRegistered, Conflict when the organisation has all its places,
    NotAdmitted or Invalid where the event was open to them as they were, NotAllowed too late.
    """
    async with transaction():
        await admission.lock_limit(registration_id)
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state in GONE:
            raise Conflict(_("This registration has been cancelled."), code="cancelled")
        before = await queries.by_id(held.id)
        organisation = await recognise_organisation(
            details.organisation,  # by its name alone: who corrects it knows better than the domain of the address
            municipality=details.municipality,
            country=details.country,
            person=f"{details.given_name} {details.family_name}",
        )
        if actor.kind is ActorKind.PARTICIPANT:
            await admission.require_as_admitted(held.id, held.event, organisation, details.municipality)
            await admission.require_left(held.id, organisation)
        person = await _person(held, details, organisation, actor)
        await database.execute(
            "UPDATE registration SET person = $2, organisation = $3, municipality = $4, country = $5, language = $6,"
            " changed_at = $7 WHERE id = $1",
            *(held.id, person, organisation, details.municipality, details.country, details.language, now),
        )
        if person != held.person:
            await forget_if_unused(held.person, registered=held.id)
        moved = details.email != held.email
        state = await _vouch(held, actor, now) if moved else held.state
        if moved or _renamed(before, details, actor):
            await _replace_secrets(held, state, details, person, now, send=send)
        await note(held, "details_changed", actor, now, address_changed=moved, fields=_changed(before, details))
        changed = await queries.registered(held.id)
    jobs.nudge("mail.deliver")
    return changed


def _renamed(before: RegistrationView | None, details: Details, actor: Actor) -> bool:
    """Say whether another name was entered by a link that is not out of a letter."""
    if before is None or actor.kind is not ActorKind.PARTICIPANT or actor.by_mail:
        return False
    then, now = ((one.given_name, one.family_name) for one in (before, details))
    return person_key(*then) != person_key(*now)


def placed_by(held: Held, actor: Actor) -> State:
    """Return where a registration stands when `actor` has changed its address."""
    if held.state not in {State.CONFIRMED, State.AWAITING_ADDRESS}:
        return held.state
    return placed(address_hours=held.address_hours, address_confirmed=actor.vouches)


def _changed(before: RegistrationView | None, details: Details) -> list[str]:
    """Name the fields that are not what they were; the trail holds no more of them."""
    return [
        field
        for field in Details.__struct_fields__
        if (getattr(before, field, None) or "") != (getattr(details, field) or "")
    ]


async def _vouch(held: Held, actor: Actor, now: datetime) -> State:
    """Note whether the new address is known to be right, and return where the registration stands by that."""
    await database.execute("UPDATE registration SET address_confirmed = $2 WHERE id = $1", held.id, actor.vouches)
    state = placed_by(held, actor)
    if state is not held.state:
        await set_state(held, state, now)
    return state


async def _person(held: Held, details: Details, organisation: UUID | None, actor: Actor) -> UUID:
    """Return the person of these details: the same one with a mended name, or the one whose address it is."""
    folded = person_key(details.given_name, details.family_name)
    other = await database.fetchval(
        "SELECT coalesce(merged_into, id) FROM person WHERE email = $1 AND folded = $2", details.email, folded
    )
    if other and other != held.person:
        taken = await database.fetchval(
            "SELECT id FROM registration WHERE event = $1 AND person = $2", held.event, other
        )
        if taken:
            raise AlreadyRegistered(taken)
        return UUID(str(other))
    proven = actor.by_mail or actor.vouches
    alone, made_here = await database.fetchrow(_ALONE, held.person, held.id) or (False, False)
    values = (details.given_name, details.family_name, folded, details.email, details.language, organisation)
    if not proven and other and not made_here:
        return held.person
    if made_here or (proven and (alone or details.email == held.email)):
        if other:  # the spelling of a double that was merged into this person: it is theirs to take
            await database.execute(
                "UPDATE person SET email = NULL WHERE email = $1 AND folded = $2 AND merged_into = $3",
                *(details.email, folded, held.person),
            )
        await database.execute(
            "UPDATE person SET given_name = $2, family_name = $3, folded = $4, email = $5, language = $6,"
            " organisation = coalesce($7, organisation) WHERE id = $1",
            held.person,
            *values,
        )
        return held.person
    made: UUID = await database.fetchval(
        "INSERT INTO person (id, given_name, family_name, folded, email, language, organisation)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        uuid4(),
        *values,
    )
    return made


_ALONE = """
SELECT lone, lone AND person.created_at >= registration.registered_at
    AND NOT EXISTS (SELECT FROM group_member WHERE group_member.person = person.id)
    AND NOT EXISTS (SELECT FROM invitation WHERE invitation.person = person.id) AS made_here
FROM registration, person, LATERAL (SELECT
    NOT EXISTS (SELECT FROM registration AS other WHERE other.person = $1 AND other.id <> $2)
    AND NOT EXISTS (SELECT FROM person AS double WHERE double.merged_into = $1) AS lone) AS counted
WHERE registration.id = $2 AND person.id = $1
"""
"""Whether a person has no other registration, and whether nothing is known of them but by this one."""


async def forget_if_unused(person: UUID, *, registered: UUID) -> None:
    """Delete the person of a mistyped address who came with a registration, unless anything else speaks of them."""
    row = await database.fetchrow(_ALONE, person, registered)
    if row and row["made_here"]:
        with suppress(asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError):
            await database.attempt("DELETE FROM person WHERE id = $1", person)


async def _replace_secrets(
    held: Held, state: State, details: Details, person: UUID, now: datetime, *, send: bool
) -> None:
    ticket = await renew(held, link=True)
    if person == held.person:  # who could read mail at the old address could have a feed of theirs
        await feeds.revoke("person", person)
    await ledger.drop_all("registration", held.id, now=now)
    if not send or details.email is None:
        return
    name = f"{details.given_name} {details.family_name}".strip()
    recipient = Recipient(details.email, name, details.language, person)
    turn = f"{ticket}.{held.number}"
    await ledger.add(NEWS[state], recipient, "registration", held.id, now=now, occurrence=turn)
