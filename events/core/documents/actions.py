"""Asking for documents, making them, and forgetting them.

A worker may be killed at any moment: a document is claimed by lease, its tries are counted, and after the last one it
is put aside with a plain message. Who loses the lease neither writes nor leaves a file.
"""

import io
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog

from events.core import database, files, jobs
from events.core.actor import Actor
from events.core.documents.shapes import Kind, Task, Wanted
from events.core.documents.tables import DocumentState
from events.core.errors import ServiceError
from events.core.files import KeptFile
from events.core.i18n import gettext as _
from events.core.i18n import in_language, language

LASTS = timedelta(hours=24)
"""How long a document is kept for who asked for it."""

LEASE = timedelta(minutes=2)
"""How long a document stays with who makes it, counted anew with each step it tells of."""

MAX_TRIES = 3
PAUSE = timedelta(seconds=30)
"""Between a try that failed and the next."""

_log = structlog.get_logger("events.documents")

_ASK = """
INSERT INTO document (id, staff, kind, subject_kind, subject_id, parameters, given, so_far, language, title, filename,
    back, state, done, total, tries, due_at, words, stored, media_type, size, asked_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', $8, $9, $10, $11, $12, 0, $13, $14, $15, '', '', '', 0, $16, $17)
"""

_CLAIM = """
WITH due AS (
    SELECT id FROM document WHERE state IN ('waiting', 'making') AND due_at <= $1
    ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE document SET state = 'making', due_at = $2, tries = tries + 1 FROM due WHERE document.id = due.id
RETURNING document.id, kind, subject_id, parameters, language, tries, staff, asked_at, given, done, so_far
"""

_IN_HAND = "WHERE id = $1 AND state = 'making' AND tries = $2"
"""Nobody else has claimed it since, and it has not been forgotten."""

_TELL = f"UPDATE document SET done = $3, due_at = $4, so_far = so_far || coalesce($5::jsonb, '{{}}') {_IN_HAND}"
_READY = f"""
UPDATE document SET state = 'ready', done = total, stored = $3, size = $4, media_type = $5, given = '' {_IN_HAND}
"""
_LATER = f"UPDATE document SET state = 'waiting', due_at = $3 {_IN_HAND}"
_FAILED = f"UPDATE document SET state = 'failed', words = $3, given = '' {_IN_HAND}"

# Whoever asks for a document now, or takes one in hand, waits until those whose names must go are gone.
_HOLD_UP = "LOCK TABLE document IN SHARE ROW EXCLUSIVE MODE"
_FORGET = "DELETE FROM document WHERE subject_kind = $1 AND subject_id = ANY($2) RETURNING stored, given"


class _Lost(Exception):
    """The document is in other hands, or nobody's any more."""


async def ask(wanted: Wanted, *, actor: Actor, now: datetime) -> UUID:
    """Let a worker make a document; returns its id."""
    identity, _given = await _ask(wanted, DocumentState.WAITING, now, actor=actor, now=now)
    jobs.nudge("documents.make")
    return identity


async def make_at_once(wanted: Wanted, kinds: Mapping[str, Kind], *, actor: Actor, now: datetime) -> UUID:
    """Make a short document in this process; what fails is tried again by a worker. Call it outside a transaction."""
    identity, given = await _ask(wanted, DocumentState.MAKING, now + LEASE, actor=actor, now=now)
    task = Task(
        id=identity,
        kind=wanted.kind,
        subject_id=wanted.subject_id,
        parameters=wanted.parameters,
        language=language(),
        tries=1,
        staff=actor.id,
        asked_at=now,
        content=wanted.content,
    )
    await _make(task, given, kinds, now)
    return identity


async def _ask(
    wanted: Wanted, state: DocumentState, due_at: datetime, *, actor: Actor, now: datetime
) -> tuple[UUID, str]:
    identity = uuid4()
    given = (await files.put(io.BytesIO(wanted.content))).name if wanted.content else ""
    await database.execute(
        _ASK,
        *(identity, actor.id, wanted.kind, wanted.subject_kind, wanted.subject_id),
        *(msgspec.json.encode(wanted.parameters).decode(), given, language()),
        *(wanted.title[:300], wanted.filename[:200], wanted.back, state.value, wanted.total),
        *(int(state is DocumentState.MAKING), due_at, now, now + LASTS),
    )
    return identity, given


async def make_due(kinds: Mapping[str, Kind], *, now: datetime) -> bool:
    """Make the document that has waited longest, or go on with one whose maker died; False when none is due."""
    row = await database.fetchrow(_CLAIM, now, now + LEASE)
    if row is None:
        return False
    columns = dict(row)
    given = columns.pop("given")
    decoded = {name: msgspec.json.decode(columns.pop(name)) for name in ("parameters", "so_far")}
    task = Task(**columns, **decoded)
    if task.tries > MAX_TRIES:
        await _fail(task, given, _gave_up(task))
    else:
        await _make(task, given, kinds, now)
    return True


async def _make(task: Task, given: str, kinds: Mapping[str, Kind], now: datetime) -> None:
    begun = time.monotonic()

    def present() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    async def tell(done: int, so_far: Mapping[str, Any] | None = None) -> None:
        known = None if so_far is None else msgspec.json.encode(so_far).decode()
        if not await database.execute(_TELL, task.id, task.tries, done, present() + LEASE, known):
            raise _Lost

    try:
        kind = kinds[task.kind]
        if given and not task.content:
            task = msgspec.structs.replace(task, content=await files.content(given))
        with in_language(task.language):
            content = await kind.make(task, tell, now)
        with io.BytesIO(content) if isinstance(content, bytes) else content as opened:
            kept = await files.put(opened)
        await _settle(task, given, kept, kind.media_type)
    except _Lost:
        return
    except Exception as error:  # noqa: BLE001 - one that cannot be made must not hold up the others
        await _try_again(task, given, error, present())


async def _settle(task: Task, given: str, kept: KeptFile, media_type: str) -> None:
    ready = 0
    try:
        ready = await database.execute(_READY, task.id, task.tries, kept.name, kept.size, media_type)
    finally:
        if not ready:
            await files.delete([kept.name])
    if ready:
        await files.delete([given] if given else [])


async def _try_again(task: Task, given: str, error: Exception, now: datetime) -> None:
    """Put a document back, or aside when another try would end alike or was the last."""
    final = isinstance(error, ServiceError) and error.status < 500  # noqa: PLR2004 - not our own fault
    if final:
        await _fail(task, given, str(error))
        return
    _log.error("document not made", document=str(task.id), kind=task.kind, exc_info=error)
    if task.tries >= MAX_TRIES:
        await _fail(task, given, _gave_up(task))
    else:
        await database.execute(_LATER, task.id, task.tries, now + PAUSE)


async def _fail(task: Task, given: str, words: str) -> None:
    if await database.execute(_FAILED, task.id, task.tries, words):
        await files.delete([given] if given else [])


def _gave_up(task: Task) -> str:
    with in_language(task.language):
        return _("It could not be made after several tries. The fault has been recorded; please try again later.")


async def forget(subject_kind: str, subjects: Collection[UUID]) -> list[str]:
    """Delete the documents about these subjects; returns their files, to be deleted once the transaction has committed.

    Call it last in the transaction in which names are erased: until it ends no document is asked for or taken in hand,
    so that none can be made of what is being erased.
    """
    await database.execute(_HOLD_UP)
    return _files(await database.fetch(_FORGET, subject_kind, list(subjects)))


async def expire(now: datetime) -> list[str]:
    """Delete the documents whose time is over; returns their files, to be deleted after the transaction."""
    return _files(await database.fetch("DELETE FROM document WHERE expires_at <= $1 RETURNING stored, given", now))


def _files(rows: list[asyncpg.Record]) -> list[str]:
    return [name for row in rows for name in row if name]
