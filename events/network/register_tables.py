"""Keeping the register of organisations and persons clean: merges, what was told apart, look-ups of business IDs."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, SmallInt, Timestamptz, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from events.core.database import DB
from events.core.privacy import Kept, Personal, declare


class RegisterKind(StrEnum):
    """What the register holds that may stand in it twice."""

    ORGANISATION = "organisation"
    PERSON = "person"


class RegisterMerge(Table, tablename="register_merge", db=DB):
    """One organisation or person that was found to be another, and what an undo needs.

    `moved` holds under "rows" the ids that were pointed from `gone` to `stays`, by table.column, under "facts" what was
    filled in of `stays` that had been unknown, and under "domains" those that it got.
    """

    id = UUID(primary_key=True)
    kind = Varchar(length=12, choices=RegisterKind)
    gone = UUID(default=None)
    stays = UUID(default=None)
    moved = JSONB(default="{}")
    merged_at = Timestamptz(default=TimestamptzNow())
    merged_by = UUID(default=None, null=True)
    undone_at = Timestamptz(default=None, null=True)
    undone_by = UUID(default=None, null=True)


class ToldApart(Table, tablename="told_apart", db=DB):
    """Two organisations or persons of which someone said that they are not the same; `one` is the smaller id."""

    id = UUID(primary_key=True)
    kind = Varchar(length=12, choices=RegisterKind)
    one = UUID(default=None)
    other = UUID(default=None)
    told_at = Timestamptz(default=TimestamptzNow())

    told_apart_once = Unique([one, other])


class LookUpState(StrEnum):
    """How far the look-up of a business ID is."""

    WANTED = "wanted"
    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"


class BusinessLookUp(Table, tablename="business_look_up", db=DB):
    """What the public business register (YTJ) says of a business ID: facts to compare with what people entered."""

    business_id = Varchar(length=9, primary_key=True)
    state = Varchar(length=10, choices=LookUpState, default=LookUpState.WANTED)
    name = Varchar(length=200, default="")
    folded = Varchar(length=200, default="")
    municipality = Varchar(length=3, default="")
    form = Varchar(length=100, default="")
    sole_trader = Boolean(default=False)
    ended = Boolean(default=False)
    tries = SmallInt(default=0)
    lease_until = Timestamptz(default=None, null=True)
    looked_up_at = Timestamptz(default=None, null=True)


declare(RegisterMerge, "kind", "moved")
declare(ToldApart, "kind")
declare(
    BusinessLookUp,
    *("state", "municipality", "form"),
    business_id=Personal(Kept.ORGANISATION, "a sole trader's is personal data"),
    name=Personal(Kept.ORGANISATION, "a sole trader's name may be a person's"),
    folded=Personal(Kept.ORGANISATION, "comparing names"),
)
