"""One-time links: the secret is derived from the row's id, stored is its hash, one conditional UPDATE uses it up."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts.lasting import INVITATION_LASTS, SIGN_IN_LINK_LASTS
from events.accounts.rules import START
from events.accounts.tables import LinkPurpose
from events.core import database, secrets

_LASTS = {LinkPurpose.SIGN_IN: SIGN_IN_LINK_LASTS, LinkPurpose.INVITATION: INVITATION_LASTS}
_PATHS = {LinkPurpose.SIGN_IN: "/staff/sign-in/", LinkPurpose.INVITATION: "/staff/invitation/"}

LONGEST_PATH = 300
"""Signs of a path that a link can lead to; a longer one is forgotten."""

# The member of staff is locked before the link, as everywhere: whoever deactivates them does so in that order too.
_USE = """
WITH owner AS (
    SELECT staff.id FROM staff JOIN sign_in_link ON sign_in_link.staff = staff.id
    WHERE sign_in_link.token_hash = $1 AND staff.active FOR NO KEY UPDATE OF staff
)
UPDATE sign_in_link AS link SET used_at = $3
FROM owner
WHERE link.staff = owner.id AND link.token_hash = $1 AND link.purpose = $2
  AND link.used_at IS NULL AND link.expires_at > $3
RETURNING link.staff, link.next_path
"""


class Opened(Struct, frozen=True):
    """Whose link it is, and where it leads."""

    staff_id: UUID
    next_path: str


async def make(staff_id: UUID, purpose: LinkPurpose, *, now: datetime, next_path: str = "") -> UUID:
    """Store a link of a member of staff and return its id; `path_of` says where it is opened."""
    link = uuid4()
    await database.execute(
        "INSERT INTO sign_in_link (id, staff, purpose, next_path, token_hash, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        link,
        staff_id,
        purpose.value,
        next_path if len(next_path) <= LONGEST_PATH else "",
        secrets.digest(_secret(link, purpose)),
        now + _LASTS[purpose],
    )
    return link


def path_of(link: UUID, purpose: LinkPurpose) -> str:
    """Return the path with the secret; never stored, never logged."""
    return _PATHS[purpose] + _secret(link, purpose)


async def look(secret: str, purpose: LinkPurpose, *, now: datetime) -> Opened | None:
    """Say whose link it is without using it up; None when it is unknown, used, past its time or of someone inactive."""
    row = await database.fetchrow(
        "SELECT staff, next_path FROM sign_in_link AS link JOIN staff ON staff.id = link.staff AND staff.active"
        " WHERE link.token_hash = $1 AND link.purpose = $2 AND link.used_at IS NULL AND link.expires_at > $3",
        secrets.digest(secret),
        purpose.value,
        now,
    )
    return Opened(*row) if row else None


async def use(secret: str, purpose: LinkPurpose, *, now: datetime) -> Opened | None:
    """Use a link up; of several at once one gets it and the others None."""
    row = await database.fetchrow(_USE, secrets.digest(secret), purpose.value, now)
    return Opened(*row) if row else None


async def withdraw(staff_id: UUID, *, now: datetime, purpose: LinkPurpose | None = None) -> int:
    """Make the unused links of someone (of one purpose) useless; returns how many there were."""
    return await database.execute(
        "UPDATE sign_in_link SET used_at = $2"
        " WHERE staff = $1 AND used_at IS NULL AND ($3::text IS NULL OR purpose = $3)",
        staff_id,
        now,
        purpose.value if purpose else None,
    )


def local_path(wanted: str) -> str:
    """Return `wanted` when it is a path of this service, else the start page of staff: no open redirect."""
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return START
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return START
    return START if parts.scheme or parts.netloc or parts.path.startswith("/staff/sign-") else wanted


def _secret(link: UUID, purpose: LinkPurpose) -> str:
    return secrets.derive("sign-in" if purpose is LinkPurpose.SIGN_IN else "invitation", link)
