"""The ledger as the mailbox page reads it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from events.core import database
from events.core.errors import NotFound
from events.messaging.letter import Owed
from events.messaging.tables import MessageState, Reason

PAGE_SIZE = 50


class MessageView(Struct, frozen=True):
    """A row of the ledger; `by_mail` says that a mail server took it, `finished_at` is None while it may still go."""

    owed: Owed
    state: MessageState
    due_at: datetime
    finished_at: datetime | None
    tries: int
    subject_line: str
    server_words: str
    by_mail: bool


class Wanted(Struct, frozen=True):
    """Filters of the list; `recipient` is a part of the address or name, "" lets all in."""

    state: str = ""
    reason: str = ""
    recipient: str = ""


class Found(Struct, frozen=True):
    """One page of the list, and how many messages there are over all pages."""

    items: list[MessageView]
    total: int


_COLUMNS = (
    f"{', '.join(Owed.__struct_fields__)}, state, due_at, finished_at, tries, subject_line, server_words,"
    " delivered_by_mail AS by_mail"
)

_WHERE = """
WHERE reason = ANY($1) AND ($2 = '' OR state = $2) AND ($3 = '' OR reason = $3)
  AND ($4 = '' OR strpos(lower(recipient), lower($4)) > 0 OR strpos(lower(recipient_name), lower($4)) > 0)
"""


async def messages(wanted: Wanted, readable: Collection[Reason], *, page: int = 1) -> Found:
    """Return a page (from 1) of the messages whose reasons the reader may see, the newest first."""
    args = ([reason.value for reason in readable], wanted.state, wanted.reason, wanted.recipient)
    total = await database.fetchval(f"SELECT count(*) FROM message {_WHERE}", *args)
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM message {_WHERE} ORDER BY created_at DESC, id LIMIT {PAGE_SIZE} OFFSET $5",
        *args,
        (page - 1) * PAGE_SIZE,
    )
    return Found([_view(row) for row in rows], total)


async def message(identity: UUID, readable: Collection[Reason]) -> MessageView:
    """Return one message; raises NotFound when there is none, or none that the reader may see."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM message WHERE id = $1 AND reason = ANY($2)",
        identity,
        [reason.value for reason in readable],
    )
    if row is None:
        raise NotFound
    return _view(row)


def _view(row: asyncpg.Record) -> MessageView:
    values = dict(row)
    owed = Owed(**{name: values.pop(name) for name in Owed.__struct_fields__})
    return MessageView(owed=owed, **{**values, "state": MessageState(values["state"])})
