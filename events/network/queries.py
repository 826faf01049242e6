"""Reads of the network: regions, municipalities and themes by their names in the present language."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGES, language, pick
from events.core.remembering import remembered
from events.core.text import slugify, sort_key
from events.network import doubles


class Named(Struct, frozen=True):
    """Something with a code and a name in the present language."""

    code: str
    name: str


class ProjectView(Struct, frozen=True, kw_only=True):
    """A project with its names and marks per language; `emblem_hash` is "" when it has no emblem."""

    id: UUID
    code: str
    names: dict[str, str]
    funder: str
    statements: dict[str, str]
    emblem_alts: dict[str, str]
    emblem_hash: str

    @property
    def name(self) -> str:
        """The name in the present language, or the first there is."""
        return pick(self.names)[0] or self.code

    @property
    def name_language(self) -> str:
        """The language of the name."""
        return pick(self.names)[1]

    @property
    def statement(self) -> tuple[str, str]:
        """The statement that the funder asks for, and its language."""
        return pick(self.statements)

    @property
    def emblem_url(self) -> str:
        """Where the emblem is served, or ""; the address changes with the picture, so it may be kept for ever."""
        return f"/projects/{slugify(self.code)}/emblem?v={self.emblem_hash}" if self.emblem_hash else ""

    @property
    def emblem_alt(self) -> str:
        """What the emblem says to who cannot see it."""
        return pick(self.emblem_alts)[0] or self.funder

    @property
    def emblem_alt_language(self) -> str:
        """The language of what the emblem says."""
        return pick(self.emblem_alts)[1]

    @property
    def has_marks(self) -> bool:
        """Whether its events can carry what the funder asks for: an emblem and a statement."""
        return bool(self.emblem_hash and self.statements)


_PROJECTS = """
SELECT id, code, name_fi, name_sv, name_en, funder, statement_fi, statement_sv, statement_en,
       emblem_alt_fi, emblem_alt_sv, emblem_alt_en, left(encode(sha256(emblem), 'hex'), 12) AS emblem_hash
FROM project
"""


async def projects(codes: Iterable[str] | None = None) -> list[ProjectView]:
    """The projects of these codes, or all of them, by code."""
    rows = await database.fetch(
        f"{_PROJECTS} WHERE $1::text[] IS NULL OR code = ANY($1)", None if codes is None else list(codes)
    )
    views = []
    for row in rows:
        values = dict(row) | {"emblem_hash": row["emblem_hash"] or ""}
        for many, one in (("names", "name"), ("statements", "statement"), ("emblem_alts", "emblem_alt")):
            values[many] = {code: row[f"{one}_{code}"] for code in LANGUAGES if row[f"{one}_{code}"]}
        views.append(msgspec.convert(values, ProjectView))
    return sorted(views, key=lambda view: sort_key(view.code))


@remembered(lambda code: code)
async def emblem(code: str) -> tuple[bytes, str] | None:
    """Return a project's emblem and its media type."""
    row = await database.fetchrow("SELECT emblem, emblem_type FROM project WHERE code = $1", code)
    return (row["emblem"], row["emblem_type"]) if row and row["emblem"] else None


async def emblems(codes: Iterable[str]) -> dict[str, tuple[bytes, str]]:
    """Return the emblems of some projects by code, each with its media type."""
    rows = await database.fetch("SELECT code, emblem, emblem_type FROM project WHERE code = ANY($1)", list(codes))
    return {row["code"]: (row["emblem"], row["emblem_type"]) for row in rows if row["emblem"]}


async def regions() -> list[Named]:
    """All regions by name."""
    rows = await database.fetch("SELECT code, name_fi, name_sv, name_en FROM region")
    return _by_name([Named(row["code"], row[f"name_{language()}"]) for row in rows])


async def municipalities() -> list[Named]:
    """All municipalities by name; English uses the Finnish names."""
    column = "name_sv" if language() == "sv" else "name_fi"
    rows = await database.fetch("SELECT code, name_fi, name_sv FROM municipality")
    return _by_name([Named(row["code"], row[column]) for row in rows])


async def municipality_names(codes: Iterable[str | None]) -> dict[str, str]:
    """The names of some municipalities by code."""
    column = "name_sv" if language() == "sv" else "name_fi"
    wanted = [code for code in codes if code]
    rows = await database.fetch(f"SELECT code, {column} AS name FROM municipality WHERE code = ANY($1)", wanted)
    return {row["code"]: row["name"] for row in rows}


async def organisation_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of some organisations by id; of a merged one that of the organisation it is now."""
    rows = await database.fetch(
        "SELECT asked.id, present.name FROM organisation AS asked"
        " JOIN organisation AS present ON present.id = coalesce(asked.merged_into, asked.id) WHERE asked.id = ANY($1)",
        list(ids),
    )
    return {row["id"]: row["name"] for row in rows}


async def themes() -> list[Named]:
    """All themes by name."""
    rows = await database.fetch("SELECT code, name_fi, name_sv, name_en FROM theme")
    return _by_name([Named(row["code"], row[f"name_{language()}"]) for row in rows])


def _by_name(items: list[Named]) -> list[Named]:
    return sorted(items, key=lambda item: sort_key(item.name))


class GroupView(Struct, frozen=True, kw_only=True):
    """A theme group; `members` counts those of today, `project` is the code of what its meetings count for."""

    id: UUID
    theme: str
    region: str
    names: dict[str, str]
    join_url: str
    project: str | None
    members: int

    @property
    def name(self) -> str:
        """The name in the present language, or the first there is."""
        return pick(self.names)[0]


_GROUPS = """
SELECT id, theme, region, name_fi, name_sv, name_en, join_url,
    (SELECT code FROM project WHERE project.id = theme_group.project) AS project,
    (SELECT count(*)::int FROM group_member WHERE group_member.theme_group = theme_group.id
     AND starts_on <= $1 AND (ends_on IS NULL OR ends_on >= $1)) AS members
FROM theme_group
"""


async def groups(today: date) -> list[GroupView]:
    """All theme groups by name."""
    rows = await database.fetch(_GROUPS, today)
    return sorted((_group(row) for row in rows), key=lambda group: sort_key(group.name))


async def group(group_id: UUID, today: date) -> GroupView | None:
    """Return a theme group."""
    row = await database.fetchrow(f"{_GROUPS} WHERE id = $2", today, group_id)
    return _group(row) if row else None


def _group(row: asyncpg.Record) -> GroupView:
    values = dict(row)
    values["names"] = {code: values[f"name_{code}"] for code in LANGUAGES if values[f"name_{code}"]}
    return msgspec.convert(values, GroupView)


class MemberView(Struct, frozen=True, kw_only=True):
    """Someone's time in a theme group; an erased person has neither name nor membership."""

    id: UUID
    person: UUID
    name: str
    email: str | None
    language: str
    organisation: str
    chair: bool
    starts_on: date
    ends_on: date | None


async def members(group_id: UUID, on: date | None = None) -> list[MemberView]:
    """Return the members of a day, or everyone who ever was one: the chair first, then by name."""
    rows = await database.fetch(
        "SELECT group_member.id, person.id AS person, trim(given_name || ' ' || family_name) AS name, email, language,"
        " coalesce(organisation.name, '') AS organisation, chair, starts_on, ends_on FROM group_member"
        " JOIN person ON person.id = group_member.person"
        " LEFT JOIN organisation ON organisation.id = group_member.organisation WHERE theme_group = $1"
        " AND ($2::date IS NULL OR (starts_on <= $2 AND (ends_on IS NULL OR ends_on >= $2)))",
        *(group_id, on),
    )
    found = [MemberView(**row) for row in rows]
    return sorted(found, key=lambda each: (each.ends_on is not None, not each.chair, sort_key(each.name)))


_PERSONS_STATE = """
SELECT current_database() || ' ' || concat_ws(' ',
    (SELECT sum(hash_record_extended(ROW(id, xmin, ctid), 0)) FROM person),
    (SELECT sum(hash_record_extended(ROW(id, xmin, ctid), 0)) FROM told_apart))
"""

_likely: dict[str, list[UUID]] = {}


async def likely_doubles() -> tuple[str, list[UUID]]:
    """Return all persons of whom the queue of doubles asks whether two are one, and what stands for that state.

    Call it in a snapshot. They are kept, by each process, until a person changes or two are told apart.
    """
    state = str(await database.fetchval(_PERSONS_STATE))
    if state not in _likely:
        found = await doubles.persons_in_pairs()
        _likely.clear()
        _likely[state] = found
    return state, _likely[state]
