"""Organisations: reading, suggesting and editing them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database, jobs
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Invalid, NotFound, require
from events.core.i18n import gettext as _
from events.core.settings import get_settings
from events.core.text import sort_key
from events.network import queries
from events.network.matching import organisation_key

PAGE_SIZE = 50
MOST_SUGGESTED = 8
FEWEST_LETTERS = 2


class OrganisationView(Struct, frozen=True, kw_only=True):
    """An organisation of the register; `people` counts the persons who belong to it."""

    id: UUID
    name: str
    business_id: str | None
    sole_trader: bool
    type: str
    size_class: str
    municipality: str | None
    country: str
    domains: list[str]
    aliases: list[str]
    people: int


class OrganisationValues(Struct, frozen=True, kw_only=True):
    """What staff enter of an organisation."""

    name: str
    business_id: str | None = None
    sole_trader: bool = False
    type: str = "unknown"
    size_class: str = "unknown"
    municipality: str | None = None
    country: str = "FI"
    domains: Sequence[str] = ()
    aliases: Sequence[str] = ()


class Suggestion(Struct, frozen=True):
    """An organisation to choose while registering; `asks_size` says that its type or size is still to be asked."""

    name: str
    municipality: str
    municipality_name: str
    asks_size: bool


_SELECT = """
SELECT organisation.*,
    ARRAY(SELECT alias.name FROM organisation_alias AS alias WHERE alias.organisation = organisation.id
          AND alias.folded <> organisation.folded ORDER BY alias.name) AS aliases,
    (SELECT count(*) FROM person WHERE person.organisation = organisation.id AND person.erased_at IS NULL) AS people
FROM organisation
"""
_MATCHES = """
WHERE merged_into IS NULL AND ($1 = '' OR folded LIKE $1 || '%' OR folded LIKE '% ' || $1 || '%' OR business_id = $2
    OR EXISTS (SELECT FROM organisation_alias AS alias WHERE alias.organisation = organisation.id
               AND (alias.folded LIKE $1 || '%' OR alias.folded LIKE '% ' || $1 || '%'))
    OR EXISTS (SELECT FROM unnest(domains) AS domain WHERE domain LIKE $3 || '%' AND $3 <> ''))
"""


async def search(words: str, *, page: int) -> tuple[list[OrganisationView], int]:
    """Return a page of the organisations whose name, alias, domain or business ID fits, and how many there are."""
    values = _searched(words)
    # the order of å, ä and ö is not left to the server, whose collations differ
    found = await database.fetch(f"SELECT id, name FROM organisation {_MATCHES}", *values)
    found.sort(key=lambda row: sort_key(row["name"]))
    shown = [row["id"] for row in found[(page - 1) * PAGE_SIZE :][:PAGE_SIZE]]
    rows = {row["id"]: row for row in await database.fetch(f"{_SELECT} WHERE id = ANY($1)", shown)}
    return [_view(rows[identity]) for identity in shown if identity in rows], len(found)


async def by_id(identity: UUID) -> OrganisationView | None:
    """Return an organisation that was not merged into another."""
    row = await database.fetchrow(f"{_SELECT} WHERE id = $1 AND merged_into IS NULL", identity)
    return _view(row) if row else None


async def merged_into(identity: UUID) -> UUID | None:
    """Return the organisation that one was merged into, None when it was not merged or is not known."""
    stays: UUID | None = await database.fetchval("SELECT merged_into FROM organisation WHERE id = $1", identity)
    return stays


async def suggest(words: str) -> list[Suggestion]:
    """Suggest at most eight organisations by the beginning of a name, alias or e-mail domain; never a sole trader.

    Of an address the domain alone is looked at. Fewer than two letters suggest nothing.
    """
    values = _searched(words.rpartition("@")[2])
    if len(values[0]) < FEWEST_LETTERS:
        return []
    rows = await database.fetch(
        f"SELECT name, municipality, type, size_class FROM organisation {_MATCHES} AND NOT sole_trader"
        f" ORDER BY folded LIKE $1 || '%' DESC, folded, id LIMIT {MOST_SUGGESTED}",
        *values,
    )
    towns = await queries.municipality_names(row["municipality"] for row in rows)
    return [
        Suggestion(
            row["name"],
            row["municipality"] or "",
            towns.get(row["municipality"], ""),
            row["type"] == "unknown" or (row["type"] == "company" and row["size_class"] == "unknown"),
        )
        for row in rows
    ]


async def save(identity: UUID | None, values: OrganisationValues, *, actor: Actor, now: datetime) -> UUID:
    """Make an organisation, or change one; a name it had before stays among its aliases.

    Raises NotAllowed, NotFound, and Invalid when a name or the business ID belongs to another organisation.
    """
    require(allowed=may(actor, Action.EDIT_NETWORK, now=now))
    async with transaction():
        # a merge that runs at the same moment ends first, and then there is nothing left to change here
        await database.execute("SELECT FROM organisation WHERE id = $1 FOR NO KEY UPDATE", identity)
        before = await by_id(identity) if identity else None
        if identity and before is None:
            raise NotFound
        saved = identity or uuid4()
        await _refuse_taken(saved, values)
        await _write(saved, values, new=before is None)
        renamed = before is not None and before.name != values.name
        old = [before.name] if before is not None and renamed else []
        await _rename(saved, [values.name, *values.aliases, *old])
        changed = [] if before is None else [name for name in _FIELDS if getattr(before, name) != getattr(values, name)]
        action = "organisation.created" if before is None else "organisation.edited"
        await audit.record(actor, action, "organisation", saved, now, fields=changed)
    if values.business_id and get_settings().ytj_url:
        jobs.nudge("organisations.look_up")
    return saved


_FIELDS = ("name", "business_id", "sole_trader", "type", "size_class", "municipality", "country")


async def _refuse_taken(identity: UUID, values: OrganisationValues) -> None:
    errors: dict[str, list[str]] = {}
    other = await database.fetchval(
        "SELECT name FROM organisation WHERE business_id = $1 AND id <> $2", values.business_id, identity
    )
    if other:
        errors["business_id"] = [_("%(name)s has this business ID.", name=other)]
    for field, names in (("name", [values.name]), ("aliases", values.aliases)):
        rows = await database.fetch(
            "SELECT other.name FROM organisation_alias AS alias JOIN organisation AS other ON other.id = organisation"
            " WHERE alias.folded = ANY($1) AND alias.organisation <> $2"
            " UNION SELECT name FROM organisation WHERE folded = ANY($1) AND id <> $2 AND merged_into IS NULL",
            [organisation_key(name) for name in names],
            identity,
        )
        if rows:
            known = ", ".join(row["name"] for row in rows)
            errors[field] = [_("Another organisation is known by this name: %(names)s.", names=known)]
    if errors:
        raise Invalid(errors)


async def _write(identity: UUID, values: OrganisationValues, *, new: bool) -> None:
    columns = {name: getattr(values, name) for name in _FIELDS}
    columns |= {"folded": organisation_key(values.name), "domains": list(values.domains)}
    if new:
        places = ", ".join(f"${number}" for number in range(2, len(columns) + 2))
        sql = f"INSERT INTO organisation (id, {', '.join(columns)}) VALUES ($1, {places})"
    else:
        assignments = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 2))
        sql = f"UPDATE organisation SET {assignments} WHERE id = $1"
    try:
        await database.execute(sql, identity, *columns.values())
    except asyncpg.UniqueViolationError as error:  # someone else was quicker than our look
        raise Invalid({"business_id": [_("Another organisation has this business ID.")]}) from error


async def _rename(identity: UUID, names: Sequence[str]) -> None:
    """Let the organisation be known by these names alone; its own name stands among them."""
    keys = {organisation_key(name): name for name in reversed(names)}
    await database.execute(
        "DELETE FROM organisation_alias WHERE organisation = $1 AND folded <> ALL($2)", identity, list(keys)
    )
    await database.execute(
        "INSERT INTO organisation_alias (id, organisation, name, folded)"
        " SELECT gen_random_uuid(), $1, name, folded FROM unnest($2::text[], $3::text[]) AS new (name, folded)"
        " ON CONFLICT (folded) DO UPDATE SET name = excluded.name WHERE organisation_alias.organisation = $1",
        identity,
        list(keys.values()),
        list(keys),
    )


def _searched(words: str) -> tuple[str, str, str]:
    domain = "".join(sign for sign in words.lower() if sign.isalnum() or sign in ".-")
    # without legal forms, as names are kept: else a whole name that was picked from the list would find nothing
    return organisation_key(words)[:100], words.strip()[:9], domain[:100] if len(domain) >= FEWEST_LETTERS else ""


def _view(row: asyncpg.Record) -> OrganisationView:
    return msgspec.convert(dict(row), OrganisationView)
