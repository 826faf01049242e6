"""Rows that tests begin with, made by plain SQL so that no test depends on a use case it does not test."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import httpx

from events.accounts.authentication import session_cookie_name
from events.accounts.passwords import hash_password
from events.core import database, secrets
from events.core.text import fold

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""The moment at which tests take place unless they say otherwise."""


async def insert(table: str, **columns: Any) -> UUID:
    """Insert a row, with a new id unless one is given; returns the id."""
    columns.setdefault("id", uuid4())
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await database.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values())
    identity: UUID = columns["id"]
    return identity


async def make_event(*, capacity: int | None = 50, online: bool = False, **columns: Any) -> UUID:
    """Insert a published event in Pirkanmaa a month ahead, with one venue (and an online site when asked)."""
    defaults: dict[str, Any] = {
        "slug": f"event-{uuid4().hex[:8]}",
        "kind": "workshop",
        "state": "published",
        "title_fi": "Testipaja",
        "title_sv": "Testverkstad",
        "title_en": "Test workshop",
        "starts_at": NOW + timedelta(days=30),
        "ends_at": NOW + timedelta(days=30, hours=6),
        "host_region": "06",
        "languages": ["fi"],
    }
    event = await insert("event", **{**defaults, **columns})
    await insert("site", event=event, mode="venue", name="Tampere-talo", municipality="837", capacity=capacity)
    if online:
        await insert("site", event=event, mode="online", name="", join_url="https://meet.example/1", position=1)
    return event


async def make_staff(
    role: str = "admin", *, kind: str = "all", resource: str = "", password: str = "", **columns: Any
) -> UUID:
    """Insert a member of staff with one role, and with a password where one is given."""
    defaults = {"email": f"{role}-{uuid4().hex[:8]}@sixnet.example", "name": f"Test {role}"}
    if password:
        defaults["password_hash"] = await hash_password(password)
    staff = await insert("staff", **{**defaults, **columns})
    await insert("staff_grant", staff=staff, role=role, resource_kind=kind, resource_id=resource)
    return staff


async def sign_in(client: httpx.AsyncClient, staff: UUID) -> None:
    """Give the browser a session of a member of staff."""
    token = secrets.new_secret()
    expires = datetime.now(UTC) + timedelta(days=365)
    await insert("session", staff=staff, token_hash=secrets.digest(token), expires_at=expires)
    client.cookies.set(session_cookie_name(), token)


async def make_person(given_name: str = "Aino", family_name: str = "Esimerkki", **columns: Any) -> UUID:
    """Insert a person with an address of their own."""
    defaults = {"email": f"{given_name.lower()}.{uuid4().hex[:6]}@yritys.example"}
    folded = fold(f"{given_name} {family_name}")
    return await insert(
        "person", given_name=given_name, family_name=family_name, folded=folded, **{**defaults, **columns}
    )


async def make_registration(event: UUID, *, person: UUID | None = None, **columns: Any) -> UUID:
    """Insert a confirmed registration with its ticket at the event's first site, and take the place."""
    identity = uuid4()
    site = await database.fetchval("SELECT id FROM site WHERE event = $1 ORDER BY position LIMIT 1", event)
    state = columns.get("state", "confirmed")
    taken = int(state in {"confirmed", "offered", "awaiting_address"})
    number = await database.fetchval(
        "UPDATE site SET line = line + 1, taken = taken + $2, waiting = waiting + $3 WHERE id = $1 RETURNING line",
        columns.get("site", site),
        taken,
        int(state == "waitlisted"),
    )
    defaults = {
        "id": identity,
        "event": event,
        "person": person or await make_person(),
        "site": site,
        "state": state,
        "number": number,
        "municipality": "837",
        "ticket_hash": secrets.digest(secrets.derive("ticket", identity)),
        "ticket_code": secrets.short_code(identity),
        "manage_hash": secrets.digest(secrets.derive("manage", identity)),
        "notice_version": 1,
    }
    return await insert("registration", **{**defaults, **columns})


def mailed_link(registration: UUID, generation: int = 0) -> str:
    """Return the private link as it stands in letters."""
    return (
        f"/r/{secrets.derive('manage', registration, generation)}{secrets.derive('mailed', registration, generation)}"
    )


async def fund(event: UUID, code: str = "SIX", **columns: Any) -> UUID:
    """Insert a project with an emblem and a Finnish statement, and hold an event under it."""
    defaults: dict[str, Any] = {
        "name_fi": "Kuusi verkkoa",
        "funder": "Euroopan unioni",
        "instrument": "EAKR",
        "starts_on": NOW.date(),
        "ends_on": NOW.date(),
        "statement_fi": "Euroopan unionin osarahoittama",
        "emblem": (files("events.network") / "data" / "eu.png").read_bytes(),
        "emblem_type": "image/png",
        "emblem_alt_en": "Emblem of the European Union",
        "counted_roles": ["participant"],
        "counted_kinds": ["meeting", "workshop"],
    }
    project = await insert("project", code=code, **{**defaults, **columns})
    await insert("event_project", event=event, project=project)
    return project
