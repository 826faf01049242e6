"""Merging organisations or persons that stand in the register twice, taking it back, and telling them apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound, require
from events.core.i18n import gettext as _
from events.network.register_tables import RegisterKind
from events.network.tables import OrganisationType, SizeClass

REFERENCES: Mapping[RegisterKind, Sequence[tuple[str, str]]] = {
    RegisterKind.ORGANISATION: (
        ("registration", "organisation"),
        ("person", "organisation"),
        ("organisation_alias", "organisation"),
        ("organisation", "merged_into"),
    ),
    RegisterKind.PERSON: (("registration", "person"), ("person", "merged_into")),
}
"""Who points at an organisation or person and is pointed anew by a merge, in the order in which others lock them too.

What was merged into one that is merged itself moves on with it, so that `merged_into` always names one that stays.
Participations are not among them: they are frozen, and reports follow `merged_into`.
"""

_UNKNOWN: Mapping[str, Any] = {
    "business_id": None,
    "municipality": None,
    "type": OrganisationType.UNKNOWN.value,
    "size_class": SizeClass.UNKNOWN.value,
    "sole_trader": False,
}
"""What stands in a fact of an organisation that nobody knows yet."""

_BOTH_COME = """
SELECT coalesce(nullif(event.title_fi, ''), nullif(event.title_en, ''), event.title_sv) AS title,
    theirs.state <> ALL('{cancelled,declined}') AS both
FROM registration AS mine
JOIN registration AS theirs ON theirs.event = mine.event AND theirs.person = $2
JOIN event ON event.id = mine.event AND event.state = 'published' AND event.ends_at > $3
WHERE mine.person = $1 AND mine.state <> ALL('{cancelled,declined}')
ORDER BY event.starts_at
"""
"""Events to come for which `gone` ($1) is registered, and `stays` ($2) was or is."""

# Of two registrations for one event each stays where it is: a registration is never lost, and never two in one.
_ALONE = "NOT EXISTS (SELECT FROM registration AS own WHERE own.event = registration.event AND own.person = $2)"


def filled(gone: Mapping[str, Any], stays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an organisation that `stays` lacks and `gone` has; only companies have a size."""
    known = {name: gone[name] for name, nothing in _UNKNOWN.items() if stays[name] == nothing and gone[name] != nothing}
    if known.get("type", stays["type"]) not in {OrganisationType.COMPANY, OrganisationType.UNKNOWN}:
        known.pop("size_class", None)
    return known


async def merge(kind: RegisterKind, gone: UUID, stays: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Let everything of `gone` belong to `stays`; returns the merge, by which `undo` takes it back.

    Raises NotAllowed, NotFound, and Conflict when either was merged meanwhile, or for persons when the address would be
    lost (code "address"), both are registered for an event to come ("both_registered"), or `stays` has cancelled for
    one for which `gone` is registered ("in_force_goes").
    """
    require(allowed=may(actor, Action.EDIT_NETWORK, now=now))
    try:
        async with transaction():
            before = await _lock(kind, gone, stays)
            if kind is RegisterKind.PERSON:
                await _refuse_person(before, gone, stays, now)
            identity = uuid4()
            moved = await _move(kind, gone, stays, before)
            await database.execute(
                "INSERT INTO register_merge (id, kind, gone, stays, moved, merged_at, merged_by)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                *(identity, kind.value, gone, stays, msgspec.json.encode(moved).decode(), now, actor.id),
            )
            await audit.record(actor, f"{kind}.merged", kind, stays, now, gone=gone, merge=identity)
    except asyncpg.DeadlockDetectedError as error:
        raise _busy() from error
    return identity


async def _lock(kind: RegisterKind, gone: UUID, stays: UUID) -> Mapping[UUID, asyncpg.Record]:
    """Lock both and whatever points at them, and return both as they are.

    Registrations first, as those do who change one; the ids in order, so that two merges never wait for each other.
    """
    for table, column in REFERENCES[kind][:2]:
        await database.execute(f"SELECT FROM {table} WHERE {column} = $1 ORDER BY id FOR NO KEY UPDATE", gone)
    rows = await database.fetch(
        f"SELECT * FROM {kind} WHERE id = ANY($1) OR merged_into = ANY($1) ORDER BY id FOR UPDATE", [gone, stays]
    )
    found = {row["id"]: row for row in rows}
    if gone == stays or not {gone, stays} <= found.keys():
        raise NotFound
    if found[gone]["merged_into"] or found[stays]["merged_into"]:
        raise Conflict(_("One of the two has been merged already."), code="merged")
    return found


async def _refuse_person(before: Mapping[UUID, asyncpg.Record], gone: UUID, stays: UUID, now: datetime) -> None:
    if before[gone]["erased_at"] or before[stays]["erased_at"]:
        raise NotFound
    if before[gone]["email"] and not before[stays]["email"]:
        raise Conflict(_("The one with an address must stay."), code="address")
    events = await database.fetch(_BOTH_COME, gone, stays, now)
    if both := [row["title"] for row in events if row["both"]]:
        raise Conflict(
            _("Both are registered for %(events)s. Cancel one of the registrations first.", events=", ".join(both)),
            code="both_registered",
        )
    if events:  # who stays would be taken as not registered, and could register a second time
        titles = ", ".join(row["title"] for row in events)
        raise Conflict(
            _("Keep the one whose registration for %(events)s is in force: the other’s is no longer.", events=titles),
            code="in_force_goes",
        )


async def _move(
    kind: RegisterKind, gone: UUID, stays: UUID, before: Mapping[UUID, asyncpg.Record]
) -> dict[str, dict[str, Any] | list[str]]:
    rows = {}
    for table, column in REFERENCES[kind]:
        alone = f" AND {_ALONE}" if (table, column) == ("registration", "person") else ""
        moved = await database.fetch(
            f"UPDATE {table} SET {column} = $2 WHERE {column} = $1{alone} RETURNING id", gone, stays
        )
        rows[f"{table}.{column}"] = [row["id"] for row in moved]
    await database.execute(f"UPDATE {kind} SET merged_into = $2 WHERE id = $1", gone, stays)
    if kind is RegisterKind.PERSON:
        names = ["organisation"] if before[stays]["organisation"] is None and before[gone]["organisation"] else []
        facts, domains = {name: before[gone][name] for name in names}, []
    else:
        facts = filled(before[gone], before[stays])
        domains = [domain for domain in before[gone]["domains"] if domain not in before[stays]["domains"]]
        if "business_id" in facts:  # it is one organisation's alone
            await database.execute("UPDATE organisation SET business_id = NULL WHERE id = $1", gone)
        await database.execute("UPDATE organisation SET domains = domains || $2 WHERE id = $1", stays, domains)
    for name, value in facts.items():
        await database.execute(f"UPDATE {kind} SET {name} = $2 WHERE id = $1", stays, value)
    return {"rows": rows, "facts": facts, "domains": domains}


async def undo(merge_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Give back what a merge moved and filled in, but for what was changed since; undoing twice changes nothing.

    Raises NotAllowed, NotFound, and Conflict when what stayed was merged itself since, or a person was erased.
    """
    require(allowed=may(actor, Action.EDIT_NETWORK, now=now))
    try:
        async with transaction():
            done = await database.fetchrow("SELECT * FROM register_merge WHERE id = $1 FOR UPDATE", merge_id)
            if done is None:
                raise NotFound
            if done["undone_at"]:
                return
            kind, moved = RegisterKind(done["kind"]), msgspec.json.decode(done["moved"])
            await _lock_merged(kind, done["gone"], done["stays"], moved["rows"])
            await _give_back(kind, done["gone"], done["stays"], moved)
            await database.execute(
                "UPDATE register_merge SET undone_at = $2, undone_by = $3 WHERE id = $1", merge_id, now, actor.id
            )
            await audit.record(
                actor, f"{kind}.merge_undone", kind, done["stays"], now, gone=done["gone"], merge=merge_id
            )
    except asyncpg.DeadlockDetectedError as error:
        raise _busy() from error


async def _lock_merged(kind: RegisterKind, gone: UUID, stays: UUID, rows_moved: Mapping[str, Sequence[str]]) -> None:
    for table, column in REFERENCES[kind][:2]:  # in the same order as a merge
        ids = rows_moved.get(f"{table}.{column}", [])
        await database.execute(f"SELECT FROM {table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids)
    rows = await database.fetch(f"SELECT * FROM {kind} WHERE id = ANY($1) ORDER BY id FOR UPDATE", [gone, stays])
    found = {row["id"]: row for row in rows}
    if not {gone, stays} <= found.keys() or (kind is RegisterKind.PERSON and found[gone]["erased_at"]):
        raise Conflict(_("This person has been erased."), code="erased")
    if found[gone]["merged_into"] != stays:
        raise Conflict(_("What stayed was merged itself since: undo that merge first."), code="merged")


async def _give_back(kind: RegisterKind, gone: UUID, stays: UUID, moved: Mapping[str, Any]) -> None:
    await database.execute(f"UPDATE {kind} SET merged_into = NULL WHERE id = $1", gone)
    for reference, ids in moved["rows"].items():
        table, _dot, column = reference.partition(".")
        await database.execute(
            f"UPDATE {table} SET {column} = $1 WHERE id = ANY($3::uuid[]) AND {column} = $2", gone, stays, ids
        )
    for name, value in moved["facts"].items():
        nothing = _UNKNOWN.get(name)
        still = await database.execute(
            f"UPDATE {kind} SET {name} = $3 WHERE id = $1 AND {name}::text = $2", stays, _text(value), nothing
        )
        if name == "business_id" and still:
            await database.execute("UPDATE organisation SET business_id = $2 WHERE id = $1", gone, value)
    if kind is RegisterKind.ORGANISATION:
        await database.execute(
            "UPDATE organisation SET domains = ARRAY(SELECT domain FROM unnest(domains) WITH ORDINALITY"
            " AS had (domain, place) WHERE domain <> ALL($2) ORDER BY place) WHERE id = $1",
            *(stays, moved["domains"]),
        )
        # it is known by its own name, even if that was taken from the other names meanwhile
        await database.execute(
            "INSERT INTO organisation_alias (id, organisation, name, folded)"
            " SELECT gen_random_uuid(), id, name, folded FROM organisation WHERE id = $1 AND folded <> ''"
            " ON CONFLICT (folded) DO NOTHING",
            gone,
        )


async def tell_apart(kind: RegisterKind, one: UUID, other: UUID, *, actor: Actor, now: datetime) -> None:
    """Remember that two are not the same, so that they are not proposed again; saying it twice changes nothing."""
    require(allowed=may(actor, Action.EDIT_NETWORK, now=now))
    async with transaction():
        known = await database.fetchval(f"SELECT count(*) FROM {kind} WHERE id = ANY($1)", [one, other])
        if known != len({one, other}) or one == other:
            raise NotFound
        told = await database.execute(
            "INSERT INTO told_apart (id, kind, one, other, told_at)"
            " VALUES (gen_random_uuid(), $1, least($2::uuid, $3::uuid), greatest($2::uuid, $3::uuid), $4)"
            " ON CONFLICT (one, other) DO NOTHING",
            *(kind.value, one, other, now),
        )
        if told:
            await audit.record(actor, f"{kind}.told_apart", kind, one, now, other=other)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _busy() -> Conflict:
    return Conflict(_("Someone is changing the same records right now. Try again."), code="busy")
