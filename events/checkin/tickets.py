"""Which ticket a reading is of, and at which event: the part of the SQL that every path of the door shares."""

import re
from datetime import datetime
from uuid import UUID, uuid5

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from events.accounts.rules import Action, reach
from events.checkin.shapes import Answer, Holder, Scanned, WalkedIn
from events.checkin.tables import ScanResult
from events.core import secrets
from events.core.actor import Actor
from events.core.errors import Conflict
from events.core.i18n import LANGUAGES, pick
from events.core.i18n import gettext as _

_GAPS = re.compile(r"[\s\-]+")
_NONCES = UUID("6f1f2ac4-5a3f-4a56-9d0c-5b8f1b0f6c5e")

FIND = """
WITH asked AS (
    SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::boolean[]), (SELECT $3::text[]), (SELECT $4::text[]),
            (SELECT $5::uuid[]), (SELECT $6::bytea[]), (SELECT $7::text[]))
        WITH ORDINALITY AS asked (slug, everywhere, regions, events, nonce, digest, code, row)
), ticket AS (
    SELECT asked.row, asked.nonce, asked.digest, here.id AS event, found.id, found.event AS belongs,
        found.event = here.id AS right_event, found.person, found.organisation, found.site,
        coalesce(found.ticket_hash, asked.digest) AS ticket_hash,
        CASE WHEN found.id IS NULL AND EXISTS (SELECT FROM revoked_ticket WHERE ticket_hash = asked.digest)
                THEN 'revoked'
             WHEN found.id IS NULL THEN 'unknown'
             WHEN found.event <> here.id THEN 'wrong_event'
             WHEN found.state = 'confirmed' THEN ''
             WHEN found.state = 'waitlisted' THEN 'waitlisted'
             WHEN found.state IN ('cancelled', 'declined') THEN 'cancelled'
             ELSE 'not_confirmed' END AS reason
    FROM asked JOIN event AS here ON here.slug = asked.slug
        AND (asked.everywhere OR here.host_region = ANY(string_to_array(asked.regions, ' '))
            OR here.id = ANY(string_to_array(asked.events, ' ')::uuid[]))
    LEFT JOIN LATERAL (
        SELECT registration.* FROM registration WHERE asked.code = '' AND registration.ticket_hash = asked.digest
        UNION ALL
        SELECT registration.* FROM registration
        WHERE asked.code <> '' AND registration.event = here.id AND registration.ticket_code = asked.code
        LIMIT 1
    ) AS found ON true
), known AS (
    SELECT asked.row, scan.event, scan.registration, scan.ticket_hash, scan.result, scan.reason, scan.offline
    FROM asked JOIN LATERAL (SELECT * FROM scan WHERE scan.nonce = asked.nonce LIMIT 1) AS scan ON true
)"""
"""The CTEs `ticket` and `known`, with a row for each reading asked about; no row of `ticket`: no such event for its
actor. Their parameters are columns of `asked_of`. LIMIT keeps the planner, which may have seen the tables empty, from
reading all of them for a few rows. `(SELECT $1)` hides from it how many readings there are: it would find one plan
cheaper for each number and make it anew every time, which takes thrice as long as reading."""

FACTS = """
    known.event <> ticket.event
        OR (known.registration IS DISTINCT FROM ticket.id AND known.ticket_hash <> ticket.digest) AS misused,
    person.given_name, person.family_name, organisation.name AS organisation, site.name AS site, site.mode,
    belongs.title_fi, belongs.title_sv, belongs.title_en
"""
"""Columns beside `ticket` and `known` that `answer` needs."""

NAMES = """
LEFT JOIN LATERAL (SELECT * FROM attendance WHERE registration = ticket.id LIMIT 1) AS present ON true
LEFT JOIN person ON person.id = ticket.person AND ticket.right_event
LEFT JOIN organisation ON organisation.id = ticket.organisation
LEFT JOIN site ON site.id = ticket.site
LEFT JOIN event AS belongs ON belongs.id = ticket.belongs AND NOT ticket.right_event
"""


def asked_of(scan: Scanned, actor: Actor, now: datetime) -> tuple[object, ...]:
    """Return what `FIND` takes of one reading: slug, reach (everywhere, regions, events), nonce, hash, short code."""
    ticket = read(scan.secret)
    everywhere, regions, events = reach(actor, Action.CHECK_IN, now=now)
    where = (everywhere, " ".join(regions), " ".join(str(event) for event in events))
    return scan.event, *where, nonce_of(scan), ticket.digest, ticket.code or ""


class Read(Struct, frozen=True):
    """What was read: the hash to look up, and the short code when it was one."""

    digest: bytes
    code: str | None


def read(secret: str) -> Read:
    """Take the secret out of a ticket's address, or a short code as people type it: any case, with gaps."""
    text = secret.rsplit("/t/", 1)[-1].split("?", 1)[0].split("#", 1)[0]
    text = _GAPS.sub("", text).strip("/").lower()
    code = text.upper() if len(text) == secrets.CODE_LENGTH else None
    return Read(secrets.digest(text), code)


def nonce_of(scan: Scanned | WalkedIn) -> UUID:
    """Return the reading's nonce; one that is no UUID becomes one, within its event."""
    try:
        return UUID(scan.nonce)
    except ValueError:
        return uuid5(_NONCES, f"{scan.event}|{scan.nonce}")


def with_own_nonce(scan: Scanned) -> Scanned:
    """Return the reading under another nonce, always the same one: for when its own belongs to another ticket."""
    return replace(scan, nonce=str(uuid5(_NONCES, f"{scan.event}|{scan.nonce}|{scan.secret}")))


def answer(row: asyncpg.Record) -> Answer:
    """Turn a row with `result`, `reason`, `first_entry_at`, `first_door` and `FACTS` into what the door says.

    Raises Conflict ("nonce_used") when the nonce belongs to a reading of another ticket or event.
    """
    if row["misused"]:
        raise Conflict(_("This reading has the number of another one."), code="nonce_used")
    rejected = row["result"] == ScanResult.REJECTED
    holder = None
    if row["given_name"] is not None:
        holder = Holder(
            name=f"{row['given_name']} {row['family_name']}".strip(),
            organisation=row["organisation"] or "",
            site=row["site"] or (_("Online") if row["mode"] == "online" else ""),
        )
    return Answer(
        result=ScanResult(row["result"]),
        reason=row["reason"] if rejected else None,
        event=pick({code: row[f"title_{code}"] or "" for code in LANGUAGES})[0] or None,
        registration=holder,
        first_scan_at=None if rejected else row["first_entry_at"],
        first_door=None if rejected else row["first_door"],
    )
