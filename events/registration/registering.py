"""Registering: by the public form, a program, an import or a member of staff, always the same way."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg
import msgspec

from events.core import database, idempotency, jobs, secrets
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound, Unavailable
from events.core.i18n import gettext as _
from events.core.idempotency import Repeatable
from events.messaging import ledger
from events.messaging.ledger import Recipient
from events.messaging.tables import Reason
from events.messaging.webhooks import ledger as webhooks
from events.registration import admission, hot_path, queries
from events.registration.items.signing_up import sign_up_new
from events.registration.line import lock_sites_of
from events.registration.new_registration import NewRegistration
from events.registration.own.hearing_again import ask_who_agreed
from events.registration.parameters import parameters
from events.registration.queries import Registered
from events.registration.rules import CLOSED, GONE
from events.registration.tables import ConsentKind, State

TRIES = 8
"""How often a statement is run again when someone else was faster; each time the other one has come further."""

_SLUG = re.compile("[a-z0-9-]{1,120}")

NOT_REPEATABLE = Repeatable("", None)


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
    tries: int = TRIES,
) -> Registered:
    """Register a person for an event, given by id or slug, at the end of the line (design.md §5.4).

    Who is registered already stays so: `already` is set, and the address gets a letter with `send_to_known`, at most
    one a day. Who had cancelled is revived with a new ticket. Who agrees to news at an address that had unsubscribed is
    asked there by mail before any come. `any_time` ignores the registration window. Who gets a place for sure has the
    items they want with it, or neither; others choose later. Raises NotFound for no such event, Conflict ("closed",
    "full", "organisation_full", "idempotency_key_reused"), NotAdmitted where not everybody may register, Invalid for a
    site of another event, an unknown municipality or items that cannot be had, AsksQuestions where the event asks and
    the caller is `unanswered`.
    """
    if isinstance(event, str) and not _SLUG.fullmatch(event):
        raise NotFound
    asked = parameters(event, new, mark=mark, actor=actor, now=now, source=source, send=send, any_time=any_time)
    asked = asked._replace(unanswered=unanswered)
    settle = partial(_settle, new=new, mark=mark, tell_known=send and send_to_known, tries=tries)
    try:
        made = await settle(asked)
    except _Guarded as guarded:
        async with database.transaction():
            invited = new.invited or source == "invitation"
            await admission.admit(guarded.event, new, mark=mark, by_right=source == "api", invited=invited)
            made = await settle(asked._replace(admitted=True))
    if ConsentKind.NEWS in new.consents and send and (send_to_known or not made.already):
        await ask_who_agreed(made.id, now=now)
    return made


async def _settle(
    asked: hot_path.Parameters, *, new: NewRegistration, mark: Repeatable, tell_known: bool, tries: int
) -> Registered:
    """Register with what one signs up for: without any items in a single statement."""
    if not new.items:
        return await _place(asked, new, mark, tell_known=tell_known, tries=tries)
    async with database.transaction():
        made = await _place(asked, new, mark, tell_known=tell_known, tries=tries)
        if not made.already and not made.repeated:
            await sign_up_new(made.id, new.items)
    return made


async def _place(
    asked: hot_path.Parameters, new: NewRegistration, mark: Repeatable, *, tell_known: bool, tries: int
) -> Registered:
    for tried in range(tries):
        row = await _attempt(_with_ticket(asked, tried))
        if row is None:
            continue
        if row["kept_id"]:
            idempotency.require_same(mark, row["kept_hash"])
            return msgspec.structs.replace(await queries.registered(row["kept_id"]), repeated=True)
        if row["id"]:
            jobs.nudge("mail.deliver")
            _nudge_webhooks([row])
            return _registered(row, asked)
        if row["closed"] == "guarded":  # before it is looked whether they are registered: see `admission.admit`
            raise _Guarded(row["event"])
        if row["known_id"] and row["known_state"] not in GONE:
            return await _already(row["known_id"], new, asked.now, send=tell_known)
        _require_open(row)
        if row["known_id"]:
            asked = asked._replace(id=row["known_id"], ticket_generation=row["known_generation"] + 1)
    raise Unavailable


class _Guarded(Exception):
    """Not everybody may register for this event: its row must be locked before the statement is run."""

    def __init__(self, event: UUID) -> None:
        super().__init__()
        self.event = event


async def register_together(
    event: UUID, several: Sequence[NewRegistration], *, actor: Actor, now: datetime, source: str, send: bool
) -> list[Registered] | None:
    """Register several persons in their order in one transaction, at any time; None when not all of them can be.

    Whatever is not plain – no place left, someone known already, a lock that others hold crosswise – undoes all of it
    and is for `register` to settle one by one: nothing is tried again while the site's row is held.
    """
    asked = partial(
        parameters, event, mark=NOT_REPEATABLE, actor=actor, now=now, source=source, send=send, any_time=True
    )
    try:
        async with database.transaction():
            # Plans made while the tables were small would read all of what the rows before have added.
            await database.execute("DISCARD PLANS")
            if len({new.site for new in several}) > 1:
                await lock_sites_of(event)
            every = [_with_ticket(asked(new), 0) for new in several]
            rows = await _made(every)
    except (_NotPlain, asyncpg.PostgresError):
        return None
    if send:
        jobs.nudge("mail.deliver")
    _nudge_webhooks(rows)
    return [_registered(row, each) for row, each in zip(rows, every, strict=True)]


class _NotPlain(Exception):
    pass


async def _made(every: Sequence[hot_path.Parameters]) -> list[asyncpg.Record]:
    """Run the statement for each in their order; all go to the server together, and each sees those before it."""
    async with database.connection() as taken:
        rows: list[asyncpg.Record] = await taken.fetchmany(hot_path.BY_ID.telling, every)
    if len(rows) != len(every) or not all(row["id"] for row in rows):
        raise _NotPlain
    return rows


async def _attempt(asked: hot_path.Parameters) -> asyncpg.Record | None:
    """Run the statement; None when someone else was faster and it must be run again."""
    forms = hot_path.BY_ID if isinstance(asked.event, UUID) else hot_path.BY_SLUG
    form = forms.likely
    try:
        row = await database.attempt(form, *asked)
        if row and forms.undone(form, wanted=row["wanted"]):
            row = await database.attempt(forms.telling, *asked)
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


def _nudge_webhooks(rows: Sequence[asyncpg.Record]) -> None:
    if any(row["wanted"] for row in rows):
        jobs.nudge(webhooks.JOB)


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
