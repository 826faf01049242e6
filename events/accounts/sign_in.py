"""Signing in and out: by password or by a one-time link."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from events.accounts import audit, links, passwords, queries, sessions
from events.accounts.rules import is_live
from events.accounts.tables import LinkPurpose
from events.core import database, jobs
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import NotAllowed, ServiceError
from events.core.i18n import gettext as _
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason


class WrongCredentials(ServiceError):
    """Address and password do not belong together; which of the two is wrong is not said."""

    status = 422
    code = "wrong_credentials"

    def default_message(self) -> str:
        return _("The address or the password is not right.")


class LinkGone(ServiceError):
    """A one-time link that is unknown, was used, or is past its time."""

    status = 410
    code = "link_gone"

    def default_message(self) -> str:
        return _("This link has been used already or its time has run out.")


class SignedIn(Struct, frozen=True):
    """A new session: `token` is for the cookie alone, `next_path` where the link leads ("" when nowhere)."""

    staff_id: UUID
    token: str
    next_path: str = ""


async def by_password(email: str, password: str, *, device: str, replaces: str, now: datetime) -> SignedIn:
    """Open a session for an address and its password.

    Raises WrongCredentials, after the same time whether or not the address is known; NotAllowed when the password is
    right but every right has run out; Unavailable when too many passwords are being checked. The caller limits tries.
    """
    row = await database.fetchrow(
        "SELECT id, password_hash FROM staff WHERE email = $1 AND active", email.strip().lower()
    )
    stored: str | None = row["password_hash"] if row else None
    if not await passwords.verify_password(stored, password) or row is None or stored is None:
        raise WrongCredentials
    renewed = await passwords.hash_password(password) if passwords.is_outdated(stored) else stored
    async with transaction():
        if not await database.execute(
            # Still the same password and still active: what changes either waits for this row.
            "UPDATE staff SET password_hash = $2 WHERE id = $1 AND active AND password_hash = $3",
            row["id"],
            renewed,
            stored,
        ):
            raise WrongCredentials
        return await _open(row["id"], "password", device=device, replaces=replaces, now=now)


async def request_link(email: str, *, next_path: str, now: datetime) -> None:
    """Owe a sign-in link to an address, if someone active has it; the caller answers the same in every case."""
    row = await database.fetchrow(
        "SELECT id, name, email, language FROM staff WHERE email = $1 AND active", email.strip().lower()
    )
    if row is None:
        return
    async with transaction():
        await links.withdraw(row["id"], now=now, purpose=LinkPurpose.SIGN_IN)
        link = await links.make(row["id"], LinkPurpose.SIGN_IN, now=now, next_path=next_path)
        recipient = Recipient(row["email"], row["name"], row["language"])
        await ledger.add(Reason.SIGN_IN, recipient, "sign_in_link", link, now=now)
    jobs.nudge("mail.deliver")


async def by_link(secret: str, *, device: str, replaces: str, now: datetime) -> SignedIn:
    """Open a session for a one-time link; raises LinkGone, NotAllowed when every right has run out."""
    async with transaction():
        opened = await links.use(secret, LinkPurpose.SIGN_IN, now=now)
        if opened is None:
            raise LinkGone
        return await _open(
            opened.staff_id, "link", device=device, replaces=replaces, now=now, next_path=opened.next_path
        )


async def accept_invitation(secret: str, password: str, *, device: str, replaces: str, now: datetime) -> SignedIn:
    """Set the first password of someone invited and open a session; raises LinkGone or NotAllowed.

    With "" for a password none is set: who signs in by mailed links needs none.
    """
    hashed = await passwords.hash_password(password) if password else None
    async with transaction():
        opened = await links.use(secret, LinkPurpose.INVITATION, now=now)
        if opened is None:
            raise LinkGone
        await database.execute(
            "UPDATE staff SET password_hash = coalesce($2, password_hash) WHERE id = $1", opened.staff_id, hashed
        )
        await links.withdraw(opened.staff_id, now=now)
        return await _open(
            opened.staff_id, "invitation", device=device, replaces=replaces, now=now, next_path=opened.next_path
        )


async def sign_out(token: str, *, now: datetime) -> None:
    """End the session of a cookie; one that is unknown or over changes nothing."""
    async with transaction():
        staff_id = await sessions.end_by_token(token, now=now)
        if staff_id:
            await audit.record(Actor(ActorKind.STAFF, staff_id), "staff.signed_out", "staff", staff_id, now)


async def change_password(current: str, new: str, *, token: str, actor: Actor, now: datetime) -> None:
    """Set the actor's password; every other session and every open link of theirs ends.

    Raises WrongCredentials unless `current` is right; who has no password yet gives none. The caller limits the tries.
    """
    stored = await database.fetchval("SELECT password_hash FROM staff WHERE id = $1", actor.id)
    if stored and not await passwords.verify_password(stored, current):
        raise WrongCredentials(_("The present password is not right."))
    hashed = await passwords.hash_password(new)
    async with transaction():
        changed = await database.execute(
            "UPDATE staff SET password_hash = $2 WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $3",
            actor.id,
            hashed,
            stored,
        )
        if not changed or actor.id is None:
            raise WrongCredentials(_("The present password is not right."))
        await sessions.end_all(actor.id, but=token, now=now)
        await links.withdraw(actor.id, now=now)
        await audit.record(actor, "staff.password_changed", "staff", actor.id, now)


async def _open(
    staff_id: UUID, way: str, *, device: str, replaces: str, now: datetime, next_path: str = ""
) -> SignedIn:
    if not any(is_live(grant, now) for grant in await queries.grants_of(staff_id)):
        raise NotAllowed(_("Your rights in this service have ended. Ask a coordinator to renew them."))
    token = await sessions.open_session(staff_id, device=device, replaces=replaces, now=now)
    await audit.record(Actor(ActorKind.STAFF, staff_id), "staff.signed_in", "staff", staff_id, now, way=way)
    return SignedIn(staff_id, token, next_path)
