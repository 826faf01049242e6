"""Theme groups: making and changing one, and who belongs to it from when to when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

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


class NewMember(Struct, frozen=True, kw_only=True):
    """Who joins: clean text and a normal address."""

    given_name: str
    family_name: str
    email: str
    organisation: str
    language: str
    chair: bool
    starts_on: date


async def save_group(group_id: UUID | None, values: GroupValues, *, actor: Actor, now: datetime) -> UUID:
    """Make a group, or change one. Raises NotFound, NotAllowed for a region in which the actor leads no groups."""
    require(allowed=may(actor, Action.LEAD_GROUPS, now=now, region=values.region))
    columns: dict[str, Any] = structs.asdict(values)
    async with transaction():
        columns["project"] = await database.fetchval("SELECT id FROM project WHERE code = $1", values.project)
        if group_id is None:
            saved = await _insert("theme_group", columns)
        else:
            await led_group(group_id, actor, now)
            saved = group_id
            assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 2))
            await database.execute(f"UPDATE theme_group SET {assignments} WHERE id = $1", saved, *columns.values())
        await audit.record(actor, "group.changed" if group_id else "group.created", "group", saved, now)
    return saved


async def add_member(group_id: UUID, new: NewMember, *, actor: Actor, now: datetime) -> UUID:
    """Let someone join, known or not. Raises NotFound, and Invalid for who is a member already."""
    async with transaction():
        await led_group(group_id, actor, now)
        name = f"{new.given_name} {new.family_name}"
        organisation = await recognise_organisation(new.organisation, email=new.email, person=name, vouched=True)
        person = await _person(new, organisation)
        already = await database.fetchval(
            "SELECT EXISTS (SELECT FROM group_member WHERE theme_group = $1 AND person = $2"
            " AND (ends_on IS NULL OR ends_on >= $3))",
            *(group_id, person, new.starts_on),
        )
        if already:
            raise Invalid({"email": [_("This person is a member already.")]})
        values = {"organisation": organisation, "chair": new.chair, "starts_on": new.starts_on}
        member = await _insert("group_member", {"theme_group": group_id, "person": person, **values})
        await audit.record(actor, "group.member_added", "group", group_id, now, person=person)
    return member


async def end_membership(member_id: UUID, last_day: date, *, actor: Actor, now: datetime) -> None:
    """Let someone be a member until a day; what they took part in stays. Raises NotFound, Invalid before the first."""
    async with transaction():
        row = await database.fetchrow("SELECT theme_group, starts_on FROM group_member WHERE id = $1", member_id)
        if row is None:
            raise NotFound
        await led_group(row["theme_group"], actor, now)
        if last_day < row["starts_on"]:
            raise Invalid({"": [_("The last day cannot be before the first.")]})
        await database.execute("UPDATE group_member SET ends_on = $2 WHERE id = $1", member_id, last_day)
        await audit.record(actor, "group.member_left", "group", row["theme_group"], now)


async def led_group(group_id: UUID, actor: Actor, now: datetime) -> None:
    """Lock a group that the actor leads; raises NotFound for any other."""
    region = await database.fetchval("SELECT region FROM theme_group WHERE id = $1 FOR UPDATE", group_id)
    if region is None or not may(actor, Action.LEAD_GROUPS, now=now, region=region):
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
