"""What is shown of two that may be one, side by side, and of the merges that were done."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.core.i18n import LANGUAGE_NAMES, format_date, format_number
from events.core.i18n import gettext as _
from events.core.text import fold
from events.network import queries
from events.network.doubles import Pair, Reason
from events.network.matching import organisation_key
from events.network.register_tables import RegisterKind
from events.network.words import SIZES, TYPES

MERGES_SHOWN = 20
"""Merges on one page."""


class Side(Struct, frozen=True, kw_only=True):
    """One of two: its name, what is known of it in words, and how much speaks for keeping it.

    `identified`: it has a business ID or an address.
    """

    id: UUID
    name: str
    facts: dict[str, str]
    identified: bool
    registrations: int
    since: datetime


class Comparison(Struct, frozen=True):
    """Two that may be one, first the one that is proposed to stay; `either`: the other could stay as well."""

    sides: tuple[Side, Side]
    reasons: list[str]
    either: bool


class Merge(Struct, frozen=True, kw_only=True):
    """A merge that was done; `rows` counts what it moved."""

    id: UUID
    gone: str
    stays: str
    by: str
    merged_at: datetime
    undone_at: datetime | None
    rows: int


class Merges(Struct, frozen=True):
    """A page of the merges that were done, its number and how many there are, and how many merges fit a search."""

    items: list[Merge]
    total: int
    number: int
    pages: int


_ORGANISATIONS = """
SELECT organisation.*,
    ARRAY(SELECT alias.name FROM organisation_alias AS alias WHERE alias.organisation = organisation.id
          AND alias.folded <> organisation.folded ORDER BY alias.name) AS aliases,
    (SELECT count(*) FROM person WHERE person.organisation = organisation.id AND merged_into IS NULL) AS people,
    (SELECT count(*) FROM registration WHERE registration.organisation = organisation.id) AS registrations,
    (SELECT count(*) FROM participation JOIN organisation AS named ON named.id = participation.organisation
     WHERE coalesce(named.merged_into, named.id) = organisation.id) AS participations
FROM organisation WHERE id = ANY($1)
"""

_PERSONS = """
SELECT person.*, trim(given_name || ' ' || family_name) AS name, organisation.name AS organisation_name,
    (SELECT count(*) FROM registration WHERE registration.person = person.id) AS registrations,
    (SELECT count(*) FROM participation JOIN person AS met ON met.id = participation.person
     WHERE coalesce(met.merged_into, met.id) = person.id) AS participations
FROM person LEFT JOIN organisation ON organisation.id = person.organisation WHERE person.id = ANY($1)
"""

_NAMES: Mapping[RegisterKind, str] = {
    RegisterKind.ORGANISATION: "name",
    RegisterKind.PERSON: "trim(given_name || ' ' || family_name)",
}


async def compared(kind: RegisterKind, pairs: list[Pair]) -> list[Comparison]:
    """Return what is known of both sides of each pair."""
    sql = _ORGANISATIONS if kind is RegisterKind.ORGANISATION else _PERSONS
    rows = await database.fetch(sql, [identity for pair in pairs for identity in (pair.one, pair.other)])
    if kind is RegisterKind.ORGANISATION:
        towns = await queries.municipality_names(row["municipality"] for row in rows)
        sides = {row["id"]: _organisation(row, towns) for row in rows}
    else:
        sides = {row["id"]: _person(row) for row in rows}
    return [_comparison(kind, pair, sides) for pair in pairs if {pair.one, pair.other} <= sides.keys()]


async def merges(kind: RegisterKind, words: str = "", *, page: int = 1) -> Merges:
    """Return a page of the merges, the newest first; a page beyond the last is the last.

    All `words` stand in the names of the two, whatever their case, accents and the form of the company.
    """
    patterns = [f"%{word}%" for word in _looked_for(kind, words)] if words else None
    total = await database.fetchval(f"SELECT count(*) {_MERGES.format(kind=kind)}", kind.value, patterns)
    pages = max(1, -(-total // MERGES_SHOWN))
    number = min(page, pages)
    rows = await database.fetch(
        f"""SELECT register_merge.id, merged_at, undone_at, coalesce(nullif(staff.name, ''), staff.email, '') AS by,
            (SELECT {_NAMES[kind]} FROM {kind} WHERE {kind}.id = register_merge.gone) AS gone,
            (SELECT {_NAMES[kind]} FROM {kind} WHERE {kind}.id = register_merge.stays) AS stays,
            (SELECT coalesce(sum(jsonb_array_length(ids)), 0)::int
             FROM jsonb_each(moved -> 'rows') AS part (of, ids)) AS rows
        {_MERGES.format(kind=kind)} ORDER BY merged_at DESC, register_merge.id
        LIMIT {MERGES_SHOWN} OFFSET {(number - 1) * MERGES_SHOWN}""",
        kind.value,
        patterns,
    )
    items = [msgspec.convert({**row, "gone": row["gone"] or "–", "stays": row["stays"] or "–"}, Merge) for row in rows]
    return Merges(items, total, number, pages)


_MERGES = """
FROM register_merge LEFT JOIN staff ON staff.id = merged_by
LEFT JOIN {kind} AS one ON one.id = register_merge.gone LEFT JOIN {kind} AS other ON other.id = register_merge.stays
WHERE register_merge.kind = $1
    AND ($2::text[] IS NULL OR concat(one.folded, ' ', other.folded) LIKE ALL($2))
"""


def _looked_for(kind: RegisterKind, words: str) -> list[str]:
    """Return the words of a search as the register folds names; what holds no letter fits nothing."""
    folded = fold(words)
    if kind is RegisterKind.ORGANISATION:  # the register keeps names without Oy and Ab
        folded = organisation_key(words) or folded
    return folded.split() or ["\\%"]


def _comparison(kind: RegisterKind, pair: Pair, sides: Mapping[UUID, Side]) -> Comparison:
    """Propose that the one with an identifier stays, then the one with more registrations, then the older one."""
    first, second = sorted(
        (sides[pair.one], sides[pair.other]),
        key=lambda side: (side.identified, side.registrations, -side.since.timestamp()),
        reverse=True,
    )
    either = kind is RegisterKind.ORGANISATION or second.identified or not first.identified
    return Comparison((first, second), [_reason(reason) for reason in pair.reasons], either)


def _organisation(row: asyncpg.Record, towns: Mapping[str, str]) -> Side:
    facts = {
        _("Business ID"): row["business_id"] or "",
        _("Type"): str(TYPES[row["type"]]),
        _("Size"): str(SIZES[row["size_class"]]),
        _("Municipality"): towns.get(row["municipality"], ""),
        _("Other names"): ", ".join(row["aliases"]),
        _("E-mail domains"): ", ".join(row["domains"]),
        _("People"): format_number(row["people"]),
    }
    return _side(row, facts, identified=bool(row["business_id"]))


def _person(row: asyncpg.Record) -> Side:
    facts = {
        _("E-mail"): row["email"] or "",
        _("Organisation"): row["organisation_name"] or "",
        _("Language"): LANGUAGE_NAMES.get(row["language"], ""),
    }
    return _side(row, facts, identified=bool(row["email"]))


def _side(row: asyncpg.Record, facts: dict[str, str], *, identified: bool) -> Side:
    counts = {
        _("Registrations"): format_number(row["registrations"]),
        _("Participations"): format_number(row["participations"]),
        _("Known since"): format_date(row["created_at"], style="short"),
    }
    return Side(
        id=row["id"],
        name=row["name"],
        facts=facts | counts,
        identified=identified,
        registrations=row["registrations"],
        since=row["created_at"],
    )


def _reason(reason: Reason) -> str:
    alike = format_number(round(reason.likeness * 100))
    words: Mapping[str, str] = {
        "name": _("The names are %(n)s %% alike", n=alike),
        "alias": _("Another name, %(name)s, is %(n)s %% alike", name=reason.what, n=alike),
        "domain": _("Same e-mail domain: %(domain)s", domain=reason.what),
        "register": _("In the business register one is called as the other: %(name)s", name=reason.what),
        "address": _("Same address, and the names are %(n)s %% alike", n=alike),
        "organisation": _("Same name and organisation"),
        "host": _("Same name and e-mail domain"),
    }
    return words[reason.by]
