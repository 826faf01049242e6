"""Registering: by the public form, a program, an import or a member of staff, always the same way."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database, idempotency, jobs, secrets
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound, Unavailable
from events.core.i18n import gettext as _
from events.core.idempotency import Repeatable
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.network.matching import is_sole_trader, organisation_key, person_key, telling_domain
from events.registration import hot_path, queries
from events.registration.queries import Registered
from events.registration.rules import CLOSED, GONE
from events.registration.tables import ConsentKind, RegistrationRole, State

TRIES = 8
"""How often a statement is run again when someone else was faster; each time the other one has come further."""

_SLUG = re.compile("[a-z0-9-]{1,120}")

NOT_REPEATABLE = Repeatable("", None)


class NewRegistration(Struct, frozen=True, kw_only=True):
    """What someone says of themselves: clean text, a lower-case address, a valid business ID, known codes.

    `size` is a SizeClass and asked only of organisations about which it is not known; `consents` maps what was agreed
    to the text that was shown; `site` None is the event's first.
    """

    given_name: str
    family_name: str = ""
    email: str | None
    organisation: str = ""
    business_id: str | None = None
    size: str | None = None
    municipality: str | None = None
    country: str = "FI"
    site: UUID | None = None
    language: str = "fi"
    role: RegistrationRole = RegistrationRole.PARTICIPANT
    notice_version: int = 0
    consents: Mapping[ConsentKind, str] = {}

    @property
    def name(self) -> str:
        """The whole name as it is written in letters."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def person_key(self) -> str:
        """The form of the name by which persons of one address are told apart."""
        return person_key(self.given_name, self.family_name)


class AsksQuestions(Exception):
    """The event asks questions: read them, then register with answers (`questions.answering`)."""


async def register(
    event: UUID | str,
    new: NewRegistration,
    *,
    actor: Actor,
    now: datetime,
    source: str = "form",
    send: bool = True,
    send_to_known: bool = True,
    any_time: bool = False,
    unanswered: bool = False,
    mark: Repeatable = NOT_REPEATABLE,
) -> Registered:
    """Register a person for an event, given by id or slug, at the end of the line (design.md §5.4).

    Who is registered already stays so: `already` is set, and the address gets a letter with `send_to_known`, at most
    one a day. Who had cancelled is revived with a new ticket. `any_time` ignores the registration window. Raises
    NotFound for no such event, Conflict ("closed", "full", "idempotency_key_reused"), Invalid for a site of another
    event or an unknown municipality, AsksQuestions where the event asks and the caller is `unanswered`.
    """
    if isinstance(event, str) and not _SLUG.fullmatch(event):
        raise NotFound
    asked = _parameters(event, new, mark, actor=actor, now=now, source=source, send=send, any_time=any_time)
    asked = asked._replace(unanswered=unanswered)
    for tried in range(TRIES):
        row = await _attempt(_with_ticket(asked, tried))
        if row is None:
            continue
        if row["kept_id"]:
            idempotency.require_same(mark, row["kept_hash"])
            return msgspec.structs.replace(await queries.registered(row["kept_id"]), repeated=True)
        if row["id"]:
            jobs.nudge("mail.deliver")
            return _registered(row, asked)
        if row["known_id"] and row["known_state"] not in GONE:
            return await _already(row["known_id"], new, now, send=send and send_to_known)
        _require_open(row)
        if row["known_id"]:
            asked = asked._replace(id=row["known_id"], ticket_generation=row["known_generation"] + 1)
    raise Unavailable


async def _attempt(asked: hot_path.Parameters) -> asyncpg.Record | None:
    """Run the statement; None when someone else was faster and it must be run again."""
    statement = hot_path.BY_ID if isinstance(asked.event, UUID) else hot_path.BY_SLUG
    try:
        row = await database.attempt(statement, *asked)
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "site_never_oversold":
            raise
        raise Conflict(_("The event is full."), code="full") from error
    except asyncpg.ForeignKeyViolationError as error:
        if "municipality" not in str(error.constraint_name):
            raise
        raise Invalid({"municipality": [_("There is no such municipality.")]}) from error
    except (asyncpg.UniqueViolationError, asyncpg.NotNullViolationError, asyncpg.DeadlockDetectedError):
        return None
    if row is None:
        raise NotFound
    return row


def _with_ticket(asked: hot_path.Parameters, tried: int) -> hot_path.Parameters:
    ticket = secrets.derive("ticket", asked.id, asked.ticket_generation)
    return asked._replace(
        ticket_hash=secrets.digest(ticket),
        ticket_code=secrets.short_code(asked.id, asked.ticket_generation, tried),
        manage_hash=secrets.digest(secrets.derive("manage", asked.id)),
    )


def _require_open(row: asyncpg.Record) -> None:
    if row["closed"] == "asks":
        raise AsksQuestions
    if row["closed"]:
        raise Conflict(CLOSED[row["closed"]](), code="closed")
    if row["site"] is None:
        raise Invalid({"site": [_("The event has no such place to attend.")]})


def _registered(row: asyncpg.Record, asked: hot_path.Parameters) -> Registered:
    return Registered(
        id=row["id"],
        state=State(row["state"]),
        position=row["waiting"] if row["state"] == State.WAITLISTED else None,
        already=False,
        ticket_generation=asked.ticket_generation,
        manage_generation=row["manage_generation"],
    )


async def _already(registration_id: UUID, new: NewRegistration, now: datetime, *, send: bool) -> Registered:
    if send and new.email:
        recipient = Recipient(new.email, new.name, new.language)
        day = now.date().isoformat()
        await ledger.add(Reason.ALREADY_REGISTERED, recipient, "registration", registration_id, now=now, occurrence=day)
        jobs.nudge("mail.deliver")
    return msgspec.structs.replace(await queries.registered(registration_id), already=True)


def _parameters(
    event: UUID | str,
    new: NewRegistration,
    mark: Repeatable,
    *,
    actor: Actor,
    now: datetime,
    source: str,
    send: bool,
    any_time: bool,
) -> hot_path.Parameters:
    message, domain = uuid4(), telling_domain(new.email or "")
    return hot_path.Parameters(
        event=event,
        now=now,
        any_time=any_time,
        unanswered=False,
        id=uuid4(),
        site=new.site,
        given_name=new.given_name,
        family_name=new.family_name,
        folded=new.person_key,
        email=new.email,
        person_id=uuid4(),
        organisation=new.organisation,
        organisation_key=organisation_key(new.organisation),
        organisation_id=uuid4(),
        business_id=new.business_id,
        domain=domain,
        learn_domain=[domain] if domain else [],
        sole_trader=is_sole_trader(new.organisation, new.name),
        organisation_type=None if new.size is None else "other" if new.size == "none" else "company",
        size=new.size,
        municipality=new.municipality,
        country=new.country,
        role=new.role.value,
        language=new.language,
        notice_version=new.notice_version,
        source=source,
        ticket_hash=b"",
        ticket_code="",
        ticket_generation=0,
        manage_hash=b"",
        consent_kinds=[kind.value for kind in new.consents],
        consent_texts=list(new.consents.values()),
        send=send and new.email is not None,
        message=message,
        message_id=f"<{message.hex}@sixnet>",
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        scope=mark.scope,
        key=mark.key,
        body_hash=mark.body_hash,
    )
