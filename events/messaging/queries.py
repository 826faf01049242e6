"""The ledger as the pages of sent mail read it: of the whole network, or of one event."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database
from events.core.errors import NotFound
from events.messaging.ledger import first_occurrence
from events.messaging.letter import Owed
from events.messaging.pacing import DOMAIN
from events.messaging.rules import LATE, RANK, gets_no_invitation, is_suppressed
from events.messaging.tables import MessageState, Reason

PAGE_SIZE = 50

JUST_NOW = timedelta(minutes=5)
"""A slow server that takes only some mails lets some of them leave in this time."""


class MessageView(Struct, frozen=True):
    """A row of the ledger; `by_mail` says that a mail server took it, `finished_at` is None while it may still go.

    `sendings` is how often the same letter was owed: once, and once more for each time that staff sent it again.
    """

    owed: Owed
    state: MessageState
    due_at: datetime
    finished_at: datetime | None
    tries: int
    subject_line: str
    server_words: str
    by_mail: bool
    sendings: int


class Wanted(Struct, frozen=True):
    """Filters of the list; `recipient` is a part of the address or name, "" lets all in.

    `letter` is what the message is about: one that staff wrote to many.
    """

    state: str = ""
    reason: str = ""
    recipient: str = ""
    letter: UUID | None = None


class Found(Struct, frozen=True):
    """One page of the list, and how many messages there are over all pages."""

    items: list[MessageView]
    total: int


class Overview(Struct, frozen=True):
    """How many messages there are in each state; `parked` were tried in vain and wait for another try."""

    states: Mapping[MessageState, int]
    parked: int


_COLUMNS = (
    f"{', '.join(f'message.{name}' for name in Owed.__struct_fields__)}, state, due_at, finished_at, tries,"
    " subject_line, server_words, delivered_by_mail AS by_mail,"
    " (SELECT count(*) FROM message AS alike WHERE alike.recipient = message.recipient"
    " AND alike.reason = message.reason AND alike.subject_kind = message.subject_kind"
    " AND alike.subject_id = message.subject_id"
    f" AND {first_occurrence('alike.occurrence')} = {first_occurrence('message.occurrence')}) AS sendings"
)

# What a message is about belongs to features above this one: so it is SQL here.
_ABOUT = """
(message.subject_kind, message.subject_id) IN (
    SELECT 'event', {event} UNION ALL SELECT 'registration', id FROM registration WHERE event = {event}
    UNION ALL SELECT 'invitation', id FROM invitation WHERE event = {event}
    UNION ALL SELECT 'receipt', id FROM receipt WHERE event = {event}
    UNION ALL SELECT 'announcement', id FROM announcement WHERE event = {event} AND state <> 'test')
"""

_FILTER = """
  AND ($3 = '' OR state = $3) AND ($4 = '' OR reason = $4)
  AND ($5 = '' OR strpos(lower(recipient), lower($5)) > 0 OR strpos(lower(recipient_name), lower($5)) > 0)
  AND ($6::uuid IS NULL OR subject_id = $6)
"""

_OVERVIEW = """
SELECT state, count(*) AS n, count(*) FILTER (WHERE state = 'queued' AND tries > 0) AS parked
FROM message
"""


def _seen(event: UUID | None) -> str:
    """Return the SQL of which messages are seen: of the reasons $1, and about the event $2 when there is one.

    A condition for both cases would be planned for neither: that of an event finds its messages by what they are about.
    """
    return f"WHERE reason = ANY($1) AND {'$2::uuid IS NULL' if event is None else _ABOUT.format(event='$2::uuid')}"


async def messages(wanted: Wanted, readable: Collection[Reason], *, event: UUID | None = None, page: int = 1) -> Found:
    """Return a page (from 1) of the messages (about an event) whose reasons the reader may see, the newest first."""
    reasons = [reason.value for reason in readable]
    args = (reasons, event, wanted.state, wanted.reason, wanted.recipient, wanted.letter)
    where = _seen(event) + _FILTER
    total = await database.fetchval(f"SELECT count(*) FROM message {where}", *args)
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM message {where} ORDER BY created_at DESC, id LIMIT {PAGE_SIZE} OFFSET $7",
        *args,
        (page - 1) * PAGE_SIZE,
    )
    return Found([_view(row) for row in rows], total)


async def message(identity: UUID, readable: Collection[Reason], *, event: UUID | None = None) -> MessageView:
    """Return one message; raises NotFound when there is none (about the event), or none that the reader may see."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM message {_seen(event)} AND id = $3",
        [reason.value for reason in readable],
        event,
        identity,
    )
    if row is None:
        raise NotFound
    return _view(row)


class Lateness(Struct, frozen=True):
    """Of the messages that have been owed for longer than `rules.LATE`: how many wait for nothing but their turn.

    The first of these since `since`; `awaited` are those that somebody sits waiting for. `paced` wait for their
    recipients' servers: for the pace of a domain, or for another try. `left` is how many that were as late have left
    just now, whatever they were about.
    """

    late: int
    awaited: int
    since: datetime | None
    paced: int
    left: int

    @property
    def stuck(self) -> int:
        """How many of them do not move: those that somebody waits for overtake all others, so they never only queue."""
        return self.awaited or (0 if self.left else self.late)


# A try in vain moves the due moment on, and so from one pause to the next; what is held by hand is due in years.
_MOVED_ON = """(
    due_at >= {now}::timestamptz - {late}::interval AND due_at < {now}::timestamptz + interval '1 day'
    AND created_at < {now}::timestamptz - {late}::interval
    AND (state = 'queued' AND tries > 0 OR state = 'sending' AND tries > 1))"""

_LATE = f"""
WITH waiting AS (
    SELECT least(due_at, CASE WHEN {_MOVED_ON.format(now="$3", late="$4")} THEN created_at END) AS due_at,
        {RANK} = 0 AS awaited,
        {DOMAIN} IN (SELECT domain FROM mail_domain) OR NOT $5 AND {_MOVED_ON.format(now="$3", late="$4")} AS paced
    FROM message {{seen}} AND state IN ('queued', 'sending')
        AND (due_at < $3::timestamptz - $4::interval OR {_MOVED_ON.format(now="$3", late="$4")}))
SELECT count(*) FILTER (WHERE NOT paced)::int AS late, count(*) FILTER (WHERE awaited AND NOT paced)::int AS awaited,
    min(due_at) FILTER (WHERE NOT paced) AS since, count(*) FILTER (WHERE paced)::int AS paced
FROM waiting
"""

# One mailbox that is full is nobody's trouble here; a mail server that takes nothing for several domains is.
_REFUSES = f"""
WITH moved AS (
    SELECT {DOMAIN} AS domain, created_at FROM message
    WHERE state IN ('queued', 'sending') AND {_MOVED_ON.format(now="$1", late="$2")})
SELECT count(DISTINCT domain) > 1 AND NOT EXISTS (
    SELECT FROM message WHERE state = 'sent' AND finished_at > (SELECT max(created_at) FROM moved)) FROM moved
"""

# Of those that were late themselves: a confirmation that leaves at once says nothing of a letter that is stuck.
_LEFT = """
SELECT count(*)::int FROM message
WHERE state = 'sent' AND finished_at > $1::timestamptz - $3::interval AND due_at < $1::timestamptz - $2::interval
"""


async def lateness(now: datetime, readable: Collection[Reason] = tuple(Reason), event: UUID | None = None) -> Lateness:
    """Return what is late at `now` (of some reasons, about an event), and whether mail moves."""
    refuses = await database.fetchval(_REFUSES, now, LATE)
    reasons = [reason.value for reason in readable]
    row = await database.fetchrow(_LATE.format(seen=_seen(event)), reasons, event, now, LATE, refuses)
    if row is None:
        raise RuntimeError("a count has one row")
    left = await database.fetchval(_LEFT, now, LATE, JUST_NOW) if row["late"] else 0
    return Lateness(**row, left=left)


async def is_written_to(address: str, reason: str) -> bool:
    """Say whether an address still gets letters of a reason: its owner may have unsubscribed."""
    refused: bool = await database.fetchval(f"SELECT {is_suppressed('$1::varchar', '$2::varchar')}", address, reason)
    return not refused


async def is_reached(address: str) -> bool:
    """Say whether mail reaches an address, as far as is known."""
    reached: bool = await database.fetchval("SELECT NOT EXISTS (SELECT FROM unreachable WHERE address = $1)", address)
    return reached


async def refuses_invitations(address: str, event_id: UUID) -> bool:
    """Say whether an address gets no invitation to an event, however it came to that."""
    refuses: bool = await database.fetchval(
        f"SELECT {gets_no_invitation('$1::varchar', '$2::uuid')}", address, event_id
    )
    return refuses


async def overview(readable: Collection[Reason], *, event: UUID | None = None) -> Overview:
    """Return where messages stand, all or those about an event."""
    rows = await database.fetch(
        f"{_OVERVIEW} {_seen(event)} GROUP BY state", [reason.value for reason in readable], event
    )
    return Overview(
        states={MessageState(row["state"]): row["n"] for row in rows},
        parked=sum(row["parked"] for row in rows),
    )


def _view(row: asyncpg.Record) -> MessageView:
    values = dict(row)
    owed = Owed(**{name: values.pop(name) for name in Owed.__struct_fields__})
    return MessageView(owed=owed, **{**values, "state": MessageState(values["state"])})
