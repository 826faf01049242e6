"""What is done to accounts: inviting, giving and taking rights, switching off and on, and tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit, granting, links, queries, sessions
from events.accounts.granting import Place, in_regions
from events.accounts.queries import StaffView
from events.accounts.rules import Action, may
from events.accounts.tables import Digest, LinkPurpose, Role, Scope
from events.core import database, jobs, secrets
from events.core.actor import SYSTEM, Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound, require
from events.core.i18n import DEFAULT_LANGUAGE, LANGUAGES
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason


class Invited(Struct, frozen=True):
    """Who was invited; `known` when the address had an account already, which now has the role too."""

    staff_id: UUID
    known: bool


async def add_staff(
    email: str,
    role: Role,
    regions: Sequence[str] = (),
    *,
    name: str = "",
    language: str = DEFAULT_LANGUAGE,
    until: datetime | None = None,
    actor: Actor = SYSTEM,
    now: datetime,
) -> UUID:
    """Make an account with a role in these regions (everywhere when none is given) and send nothing; returns its id.

    An address that has an account gets the role too. Raises NotFound for an unknown region, NotAllowed when the actor
    may not.
    """
    async with transaction():
        staff_id, _known = await _account(email, name, language, actor=actor, now=now)
        await _give(staff_id, role, in_regions(regions), until=until, actor=actor, now=now)
    return staff_id


async def invite(
    email: str,
    role: Role,
    places: Sequence[Place],
    *,
    name: str,
    language: str,
    until: datetime | None,
    actor: Actor,
    now: datetime,
    next_path: str = "",
) -> Invited:
    """Make an account (or find it) with a role in these places, and write to it.

    Who has never come gets a link to choose a password, which leads on to `next_path`, anybody else the news that they
    may do more. Raises NotAllowed when the actor has no such rights there, Conflict when the account is switched off.
    """
    async with transaction():
        staff_id, known = await _account(email, name, language, actor=actor, now=now)
        given = await _give(staff_id, role, places, until=until, actor=actor, now=now)
        staff = await queries.member(staff_id)
        if not staff.active:
            raise Conflict(_("This account is switched off. Switch it on first."), code="inactive")
        if staff.invited:
            await _owe_invitation(staff, now, next_path)
        else:
            await ledger.add(Reason.INVITATION_STAFF, _recipient(staff), "staff_grant", given[0], now=now)
    jobs.nudge("mail.deliver")
    return Invited(staff_id, known)


async def grant(
    staff_id: UUID, role: Role, places: Sequence[Place], *, until: datetime | None, actor: Actor, now: datetime
) -> None:
    """Give a role in these places; raises NotAllowed for one's own account or rights that one has not oneself."""
    granting.refuse_oneself(actor, staff_id)
    async with transaction():
        await _give(staff_id, role, places, until=until, actor=actor, now=now)


async def take(staff_id: UUID, grant_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a right away; raises NotFound, or NotAllowed for one's own or a right that one has not oneself there."""
    granting.refuse_oneself(actor, staff_id)
    async with transaction():
        actor = await granting.in_office(actor, staff_id)
        staff = await queries.member(staff_id)
        held = next((held for held in staff.grants if held.id == grant_id), None)
        if held is None:
            raise NotFound
        require(allowed=queries.takeable(actor, held, now))
        await database.execute("DELETE FROM staff_grant WHERE id = $1", grant_id)
        await audit.record(
            actor, "staff.grant_taken", "staff", staff_id, now, role=held.role, kind=held.kind, id=held.resource_id
        )


async def switch(staff_id: UUID, *, on: bool, actor: Actor, now: datetime) -> None:
    """Switch an account off, which ends its sessions and links, or on again.

    Raises NotAllowed for one's own account and for someone with rights that the actor has not.
    """
    granting.refuse_oneself(actor, staff_id)
    async with transaction():
        actor = await granting.in_office(actor, staff_id)
        require(allowed=queries.manageable(actor, await queries.member(staff_id), now))
        await database.execute("UPDATE staff SET active = $2 WHERE id = $1", staff_id, on)
        if not on:
            await sessions.end_all(staff_id, now=now)
            await links.withdraw(staff_id, now=now)
        await audit.record(actor, "staff.switched_on" if on else "staff.switched_off", "staff", staff_id, now)


async def invite_again(staff_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send a new invitation to someone who has not come yet; the earlier link ends.

    Raises NotAllowed for someone with rights that the actor has not, Conflict for who has come already or is switched
    off.
    """
    async with transaction():
        actor = await granting.in_office(actor, staff_id)
        staff = await queries.member(staff_id)
        require(allowed=queries.manageable(actor, staff, now))
        if not staff.invited or not staff.active:
            raise Conflict
        await _owe_invitation(staff, now)
        await audit.record(actor, "staff.invited_again", "staff", staff_id, now)
    jobs.nudge("mail.deliver")


async def sign_in_link(staff_id: UUID, *, now: datetime) -> str:
    """Make a one-time link of someone and return its path; it holds for ten minutes."""
    async with transaction():
        link = await links.make(staff_id, LinkPurpose.SIGN_IN, now=now)
        await audit.record(SYSTEM, "staff.link_made", "staff", staff_id, now)
    return links.path_of(link, LinkPurpose.SIGN_IN)


async def edit_own(name: str, language: str, digest: Digest, *, actor: Actor, now: datetime) -> None:
    """Change the actor's own name, the language of their mails, and how often they get a summary."""
    async with transaction():
        sql = "UPDATE staff SET name = $2, language = $3, digest = $4 WHERE id = $1"
        await database.execute(sql, actor.id, name, language, digest.value)
        await audit.record(actor, "staff.edited", "staff", actor.id or "", now, fields=["name", "language", "digest"])


async def add_token(name: str, scope: Scope, event_id: UUID | None = None, *, actor: Actor, now: datetime) -> str:
    """Make an API token, maybe for one event alone, and return its text: the only time that it can be read."""
    require(allowed=may(actor, Action.MANAGE_TOKENS, now=now))
    token, identity = secrets.new_secret(), uuid4()
    async with transaction():
        await database.execute(
            "INSERT INTO api_token (id, name, token_hash, scope, event_id, created_by, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            identity,
            name,
            secrets.digest(token),
            scope.value,
            event_id,
            actor.id,
            now,
        )
        await audit.record(actor, "token.added", "api_token", identity, now, scope=scope, event=event_id)
    return token


async def revoke_token(token_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Make a token useless; raises NotFound when it is unknown or revoked already."""
    require(allowed=may(actor, Action.MANAGE_TOKENS, now=now))
    async with transaction():
        if not await database.execute(
            "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", token_id, now
        ):
            raise NotFound
        await audit.record(actor, "token.revoked", "api_token", token_id, now)


async def expire(now: datetime) -> int:
    """Delete sessions and links a month after their end and the audit trail after a year; returns how many rows."""
    month, year = now - timedelta(days=30), now - timedelta(days=366)
    async with transaction():
        return (
            await database.execute("DELETE FROM session WHERE least(expires_at, revoked_at) < $1", month)
            + await database.execute("DELETE FROM sign_in_link WHERE expires_at < $1", month)
            + await database.execute("DELETE FROM audit WHERE at < $1", year)
        )


async def _account(email: str, name: str, language: str, *, actor: Actor, now: datetime) -> tuple[UUID, bool]:
    address = email.strip().lower()
    made = await database.fetchval(
        "INSERT INTO staff (id, email, name, language, created_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (email) DO NOTHING RETURNING id",
        uuid4(),
        address,
        name,
        language if language in LANGUAGES else DEFAULT_LANGUAGE,
        now,
    )
    if made is None:
        return await database.fetchval("SELECT id FROM staff WHERE email = $1", address), True
    await audit.record(actor, "staff.added", "staff", made, now)
    return made, False


async def _give(
    staff_id: UUID, role: Role, places: Sequence[Place], *, until: datetime | None, actor: Actor, now: datetime
) -> list[UUID]:
    granting.refuse_oneself(actor, staff_id)
    known = {code for code, _name in await queries.region_names()}
    if not all(place.id in known for place in places if place.kind == "region"):
        raise NotFound(_("There is no such region."))
    actor = await granting.in_office(actor, staff_id)
    return await granting.give(staff_id, role, places, until=until, actor=actor, now=now)


async def _owe_invitation(staff: StaffView, now: datetime, next_path: str = "") -> None:
    await links.withdraw(staff.id, now=now, purpose=LinkPurpose.INVITATION)
    link = await links.make(staff.id, LinkPurpose.INVITATION, now=now, next_path=next_path)
    await ledger.add(Reason.INVITATION_STAFF, _recipient(staff), "sign_in_link", link, now=now)


def _recipient(staff: StaffView) -> Recipient:
    return Recipient(staff.email, staff.name, staff.language)
