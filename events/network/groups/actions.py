"""Theme groups: making and changing one, and who belongs to it from when to when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from msgspec import Struct, structs

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound, require
from events.core.i18n import gettext as _
from events.network.matching import match_person, person_key, recognise_organisation


class GroupValues(Struct, frozen=True, kw_only=True):
    """What staff enter of a group: codes, names by language, where it meets online; `project` may be ""."""

    theme: str
    region: str
    name_fi: str
    name_sv: str
    name_en: str
    project: str
    join_url: str


class Membership(Struct, frozen=True, kw_only=True):
    """How someone belongs to a group: for which organisation, from which day to which (None while it goes on)."""

    organisation: str
    language: str
    chair: bool
    starts_on: date
    ends_on: date | None = None


class NewMember(Membership, frozen=True, kw_only=True):
    """Who joins: clean text and a normal address."""

    given_name: str
    family_name: str
    email: str


async def save_group(group_id: UUID | None, values: GroupValues, *, actor: Actor, now: datetime) -> UUID:
    """Make a group, or change one.

    Raises NotFound, and NotAllowed for a region in which the actor leads no groups: a group's own chair leaves theme,
    region and project as they are.
    """
    columns: dict[str, Any] = structs.asdict(values)
    async with transaction():
        settled = await _settled(group_id, actor, now) if group_id else None
        require(
            allowed=may(actor, Action.LEAD_GROUPS, now=now, region=values.region)
            if settled is None
            else settled == (values.theme, values.region, values.project)
        )
        columns["project"] = await database.fetchval("SELECT id FROM project WHERE code = $1", values.project)
        if group_id is None:
            saved = await _insert("theme_group", columns)
        else:
            saved = group_id
            assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 2))
            await database.execute(f"UPDATE theme_group SET {assignments} WHERE id = $1", saved, *columns.values())
        await audit.record(actor, "group.changed" if group_id else "group.created", "group", saved, now)
    return saved


async def _settled(group_id: UUID, actor: Actor, now: datetime) -> tuple[str, str, str] | None:
    """Lock a group that the actor leads; return theme, region and project when these are not the actor's to change."""
    await led_group(group_id, actor, now)
    row = await database.fetchrow(
        "SELECT theme, region, coalesce((SELECT code FROM project WHERE project.id = theme_group.project), '')"
        " FROM theme_group WHERE id = $1",
        group_id,
    )
    if row is None or may(actor, Action.LEAD_GROUPS, now=now, region=row["region"]):
        return None
    return tuple(row)


async def add_member(group_id: UUID, new: NewMember, *, actor: Actor, now: datetime) -> UUID:
    """Let someone join, known or not. Raises NotFound, and Invalid for who is a member already."""
    async with transaction():
        await led_group(group_id, actor, now)
        member = await _join(group_id, new, actor, now)
        if member is None:
            raise Invalid({"email": [_already()]})
    return member


async def add_members(group_id: UUID, several: Sequence[NewMember], *, actor: Actor, now: datetime) -> int:
    """Let several join; returns how many of them were no members yet. Raises NotFound."""
    async with transaction():
        await led_group(group_id, actor, now)
        joined = [await _join(group_id, new, actor, now) for new in several]
    return sum(member is not None for member in joined)


async def change_member(member_id: UUID, wanted: Membership, *, actor: Actor, now: datetime) -> None:
    """Change a membership, also one that has ended; what the member took part in stays.

    Raises NotFound, and Invalid for an end before the beginning and for days of another membership of the same person.
    """
    async with transaction():
        row = await _membership(member_id, actor, now)
        if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
            raise Invalid({"ends_on": [_("The last day cannot be before the first.")]})
        if await database.fetchval(_OVERLAPS, row["theme_group"], row["person"], *_days(wanted), member_id):
            raise Invalid({"starts_on": [_already()]})
        person = f"{row['given_name']} {row['family_name']}"
        organisation = await recognise_organisation(
            wanted.organisation, email=row["email"] or "", person=person, vouched=True
        )
        await database.execute(
            "UPDATE group_member SET organisation = $2, chair = $3, starts_on = $4, ends_on = $5 WHERE id = $1",
            *(member_id, organisation, wanted.chair, *_days(wanted)),
        )
        await database.execute("UPDATE person SET language = $2 WHERE id = $1", row["person"], wanted.language)
        await _only_chair(row["theme_group"], member_id, wanted)
        await audit.record(actor, "group.member_changed", "group", row["theme_group"], now, person=row["person"])


async def end_membership(member_id: UUID, last_day: date, *, actor: Actor, now: datetime) -> None:
    """Let someone be a member until a day; what they took part in stays. Raises NotFound, Invalid before the first."""
    async with transaction():
        row = await _membership(member_id, actor, now)
        if last_day < row["starts_on"]:
            raise Invalid({"": [_("The last day cannot be before the first.")]})
        await database.execute("UPDATE group_member SET ends_on = $2 WHERE id = $1", member_id, last_day)
        await audit.record(actor, "group.member_left", "group", row["theme_group"], now)


def _already() -> str:
    return _("This person is a member already.")


_OVERLAPS = """
SELECT EXISTS (SELECT FROM group_member WHERE theme_group = $1 AND person = $2 AND id IS DISTINCT FROM $5::uuid
    AND (ends_on IS NULL OR ends_on >= $3) AND ($4::date IS NULL OR starts_on <= $4))
"""


def _days(membership: Membership) -> tuple[date, date | None]:
    return membership.starts_on, membership.ends_on


async def _join(group_id: UUID, new: NewMember, actor: Actor, now: datetime) -> UUID | None:
    """Add a member to a group that is locked; None for who is one already."""
    name = f"{new.given_name} {new.family_name}"
    organisation = await recognise_organisation(new.organisation, email=new.email, person=name, vouched=True)
    person = await _person(new, organisation)
    if await database.fetchval(_OVERLAPS, group_id, person, *_days(new), None):
        return None
    if organisation is None:
        organisation = await database.fetchval("SELECT organisation FROM person WHERE id = $1", person)
    values = {"organisation": organisation, "chair": new.chair, "starts_on": new.starts_on, "ends_on": new.ends_on}
    member = await _insert("group_member", {"theme_group": group_id, "person": person, **values})
    await _only_chair(group_id, member, new)
    await audit.record(actor, "group.member_added", "group", group_id, now, person=person)
    return member


async def _only_chair(group_id: UUID, member_id: UUID, membership: Membership) -> None:
    """Let whoever takes the chair be the only one in it."""
    if membership.chair:
        sql = "UPDATE group_member SET chair = false WHERE theme_group = $1 AND id <> $2 AND chair"
        await database.execute(sql, group_id, member_id)


async def _membership(member_id: UUID, actor: Actor, now: datetime) -> asyncpg.Record:
    """Return a membership of a group that the actor leads, the group locked; raises NotFound."""
    group = await database.fetchval("SELECT theme_group FROM group_member WHERE id = $1", member_id)
    await led_group(group, actor, now)
    row = await database.fetchrow(_MEMBERSHIP, member_id)
    if row is None:
        raise NotFound
    return row


_MEMBERSHIP = """
SELECT theme_group, starts_on, person.id AS person, given_name, family_name, email
FROM group_member JOIN person ON person.id = group_member.person WHERE group_member.id = $1
"""


async def led_group(group_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Lock a group that the actor leads; raises NotFound for any other."""
    region = await database.fetchval("SELECT region FROM theme_group WHERE id = $1 FOR UPDATE", group_id)
    if region is None or not may(actor, Action.LEAD_GROUPS, now=now, region=region, group=group_id):
        raise NotFound


async def _person(new: NewMember, organisation: UUID | None) -> UUID:
    known = await match_person(new.email, new.given_name, new.family_name)
    if known:
        return known
    made: UUID = await database.fetchval(
        "INSERT INTO person (id, given_name, family_name, folded, email, language, organisation)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email, folded) DO UPDATE SET folded = excluded.folded"
        " RETURNING id",
        *(uuid4(), new.given_name, new.family_name, person_key(new.given_name, new.family_name)),
        *(new.email, new.language, organisation),
    )
    return made


async def _insert(table: str, columns: dict[str, Any]) -> UUID:
    identity = uuid4()
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 2))
    await database.execute(
        f"INSERT INTO {table} (id, {', '.join(columns)}) VALUES ({places})", identity, *columns.values()
    )
    return identity
