"""Staff, what they may do, how they sign in, and the trail of what they did."""

from enum import StrEnum

from piccolo.columns import JSONB, UUID, BigSerial, Boolean, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.column_types import Bytea
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class Role(StrEnum):
    """What a member of staff is, on everything, on a region, on an event or on a theme group."""

    ADMIN = "admin"
    COORDINATOR = "coordinator"
    ORGANISER = "organiser"
    CHAIR = "chair"
    DOOR = "door"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What an API token opens."""

    PROGRAMME = "programme"
    REGISTRATION = "registration"
    CHECKIN = "checkin"
    REPORTS = "reports"
    ALL = "all"


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"


class Digest(StrEnum):
    """How often someone gets a summary of what happened at their events."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class Staff(Table, tablename="staff", db=DB):
    """Someone who signs in."""

    id = UUID(primary_key=True)
    email = Varchar(length=254, unique=True)
    name = Varchar(length=200, default="")
    language = Varchar(length=2, default="fi")
    digest = Varchar(length=10, choices=Digest, default=Digest.NONE)
    password_hash = Varchar(length=200, default=None, null=True)
    active = Boolean(default=True)
    created_at = Timestamptz(default=TimestamptzNow())


class StaffGrant(Table, tablename="staff_grant", db=DB):
    """A role on a resource: kind "all", "region" (its code), "event" or "group" (their ids)."""

    id = UUID(primary_key=True)
    staff = ForeignKey(references=Staff, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=20, choices=Role)
    resource_kind = Varchar(length=10, default="all")
    resource_id = Varchar(length=40, default="")
    until = Timestamptz(default=None, null=True)
    granted_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())

    staff_grant_once = Unique([staff, role, resource_kind, resource_id])


class Session(Table, tablename="session", db=DB):
    """A signed-in browser; the cookie's token is stored hashed."""

    id = UUID(primary_key=True)
    staff = ForeignKey(references=Staff, null=False, on_delete=OnDelete.cascade, index=True)
    token_hash = Bytea(unique=True)
    device = Varchar(length=200, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class SignInLink(Table, tablename="sign_in_link", db=DB):
    """A one-time link; its secret is derived from the row's id and stored hashed; `next_path` is where it leads."""

    id = UUID(primary_key=True)
    purpose = Varchar(length=20, choices=LinkPurpose, default=LinkPurpose.SIGN_IN)
    next_path = Varchar(length=300, default="")
    staff = ForeignKey(references=Staff, null=False, on_delete=OnDelete.cascade, index=True)
    token_hash = Bytea(unique=True)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)


class ApiToken(Table, tablename="api_token", db=DB):
    """A key for programs, shown once; `event_id` narrows it to one event."""

    id = UUID(primary_key=True)
    name = Varchar(length=100)
    token_hash = Bytea(unique=True)
    scope = Varchar(length=20, choices=Scope)
    event_id = UUID(default=None, null=True)
    created_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=TimestamptzNow())
    used_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)


class Audit(Table, tablename="audit", db=DB):
    """Who did what to which thing; written in the transaction of the change, never changed."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=TimestamptzNow())
    actor_kind = Varchar(length=20)
    actor_id = UUID(default=None, null=True)
    action = Varchar(length=60)
    subject_kind = Varchar(length=30)
    subject_id = Text()
    detail = JSONB(default="{}")


declare(
    Staff,
    *("language", "digest"),
    email=Personal(Kept.ACCOUNT, "signing in"),
    name=Personal(Kept.ACCOUNT, "shown to colleagues"),
    password_hash=Personal(Kept.ACCOUNT, "signing in"),
)
declare(StaffGrant, "role", "resource_kind", "resource_id")
declare(Session, "token_hash", device=Personal(Kept.SECURITY, "recognising one's own sessions"))
declare(SignInLink, "purpose", "next_path", "token_hash")
declare(ApiToken, "name", "token_hash", "scope")
declare(
    Audit,
    "actor_kind",
    "action",
    "subject_kind",
    "subject_id",
    detail=Personal(Kept.SECURITY, "what was changed; ids and field names, no contact data"),
)
