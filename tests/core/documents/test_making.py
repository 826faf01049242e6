import os
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core import database, files
from events.core.documents import actions, queries
from events.core.documents.actions import LASTS, LEASE, MAX_TRIES, PAUSE, ask, expire, forget, make_at_once, make_due
from events.core.documents.shapes import Task, Tell
from events.core.errors import Conflict
from events.core.i18n import in_language, language
from tests.core.documents.making import SUBJECT, kinds, row, spell, staff, wanted
from tests.factories import NOW
from workers.due import due_jobs
from workers.expiry import expire as expire_all

LATER = NOW + LEASE


async def content(document: UUID) -> bytes:
    stored = (await row(document))["stored"]
    return b"".join([piece async for piece in await files.read(stored)])


async def file_names() -> set[str]:
    return {path.name for path in files._folder().glob("*")}


async def test_what_is_asked_for_is_due_and_made_in_the_language_it_was_asked_in(db: asyncpg.Connection) -> None:
    async def greet(task: Task, tell: Tell, now: datetime) -> bytes:
        return language().encode()

    with in_language("sv"):
        document = await ask(wanted(), actor=staff(), now=NOW)
    assert "documents.make" in await due_jobs(NOW)
    assert await make_due(kinds(greet), now=NOW)
    assert await content(document) == b"sv"
    assert not await make_due(kinds(greet), now=NOW)
    assert "documents.make" not in await due_jobs(NOW + LASTS)


async def test_how_far_it_is_can_be_seen_meanwhile(db: asyncpg.Connection) -> None:
    document, seen = await ask(wanted(), actor=staff(), now=NOW), []

    async def watched(task: Task, tell: Tell, now: datetime) -> bytes:
        for done in (1, 2):
            await tell(done)
            seen.append((await row(document))["done"])
        return b"x"

    await make_due(kinds(watched), now=NOW)
    assert seen == [1, 2]
    made = await row(document)
    assert (made["state"], made["done"], made["total"], made["size"]) == ("ready", 3, 3, 1)


async def test_a_short_one_is_made_at_once_and_is_nobody_elses_meanwhile(db: asyncpg.Connection) -> None:
    async def alone(task: Task, tell: Tell, now: datetime) -> bytes:
        assert not await make_due(kinds(), now=NOW)
        return b"at once"

    document = await make_at_once(wanted(), kinds(alone), actor=staff(), now=NOW)
    assert await content(document) == b"at once"


async def test_what_fails_at_once_is_made_by_a_worker(db: asyncpg.Connection) -> None:
    document = await make_at_once(wanted(), kinds(fail), actor=staff(), now=NOW)
    assert (await row(document))["state"] == "waiting"
    assert await make_due(kinds(), now=NOW + 2 * PAUSE)
    assert await content(document) == b"abc"


async def fail(task: Task, tell: Tell, now: datetime) -> bytes:
    raise RuntimeError("no ink")


async def test_what_keeps_failing_is_put_aside_with_a_plain_message(db: asyncpg.Connection) -> None:
    with in_language("en"):
        document = await ask(wanted(), actor=staff(), now=NOW)
    for number in range(MAX_TRIES):
        assert await make_due(kinds(fail), now=NOW + 2 * number * PAUSE)
        assert not await make_due(kinds(fail), now=NOW + 2 * number * PAUSE), "there is a pause between tries"
    put_aside = await row(document)
    assert put_aside["state"] == "failed"
    assert put_aside["words"].startswith("It could not be made after several tries.")
    assert not await make_due(kinds(fail), now=NOW + LASTS)


async def test_what_no_further_try_mends_fails_with_its_own_words(db: asyncpg.Connection) -> None:
    async def refuse(task: Task, tell: Tell, now: datetime) -> bytes:
        raise Conflict("Nobody is left.")

    document = await ask(wanted(), actor=staff(), now=NOW)
    await make_due(kinds(refuse), now=NOW)
    assert (await row(document))["words"] == "Nobody is left."


async def die(document: UUID, now: datetime) -> Task:
    """Take a document in hand and never be heard of again."""
    taken: list[Task] = []

    class Killed(BaseException):
        pass

    async def killed(task: Task, tell: Tell, now: datetime) -> bytes:
        taken.append(task)
        raise Killed

    with pytest.raises(Killed):
        await make_due(kinds(killed), now=now)
    assert taken[0].id == document
    return taken[0]


async def test_another_goes_on_when_the_lease_of_a_dead_maker_is_over(db: asyncpg.Connection) -> None:
    document = await ask(wanted(), actor=staff(), now=NOW)
    await die(document, NOW)
    assert not await make_due(kinds(), now=LATER - timedelta(seconds=1))
    assert "documents.make" in await due_jobs(LATER)
    assert await make_due(kinds(), now=LATER)
    assert await content(document) == b"abc"


async def test_one_that_kills_its_makers_is_put_aside(db: asyncpg.Connection) -> None:
    document = await ask(wanted(), actor=staff(), now=NOW)
    for number in range(MAX_TRIES):
        await die(document, NOW + number * LEASE)
    assert await make_due(kinds(), now=NOW + MAX_TRIES * LEASE)
    assert (await row(document))["state"] == "failed"


async def slow_and_quick() -> tuple[str, set[str]]:
    """Two makers of one document, the first so slow that its lease runs out; what is kept, and which files are new."""
    before = await file_names()
    document = await ask(wanted(), actor=staff(), now=NOW)

    async def slow(task: Task, tell: Tell, now: datetime) -> bytes:
        await make_due(kinds(), now=LATER)
        return b"too late"

    await make_due(kinds(slow), now=NOW)
    return (await content(document)).decode(), await file_names() - before


async def test_who_lost_the_lease_neither_writes_nor_leaves_a_file(db: asyncpg.Connection) -> None:
    kept, new = await slow_and_quick()
    assert (kept, len(new)) == ("abc", 1)


async def test_without_counting_the_tries_who_lost_the_lease_would_write(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = actions._READY.replace("AND state = 'making' AND tries = $2", "AND $2::int IS NOT NULL")
    assert unguarded != actions._READY
    monkeypatch.setattr(actions, "_READY", unguarded)
    kept, new = await slow_and_quick()
    assert (kept, len(new)) == ("too late", 2)


async def test_who_lost_the_lease_stops_at_the_next_step(db: asyncpg.Connection) -> None:
    await ask(wanted(), actor=staff(), now=NOW)
    steps: list[int] = []

    async def slow(task: Task, tell: Tell, now: datetime) -> bytes:
        await make_due(kinds(), now=LATER)
        steps.append(1)
        await tell(1)
        steps.append(2)
        return b""

    assert await make_due(kinds(slow), now=NOW)
    assert steps == [1]


async def test_a_document_about_what_is_erased_goes_with_its_file_even_while_it_is_made(db: asyncpg.Connection) -> None:
    before = await file_names()
    ready = await make_at_once(wanted(), kinds(), actor=staff(), now=NOW)
    other = await make_at_once(wanted(subject_id=uuid4()), kinds(), actor=staff(), now=NOW)
    forgotten: list[str] = []

    async def meanwhile(task: Task, tell: Tell, now: datetime) -> bytes:
        forgotten.extend(await forget("event", [SUBJECT]))
        return b"a name that must go"

    made = await make_at_once(wanted(), kinds(meanwhile), actor=staff(), now=NOW)
    await files.delete(forgotten)
    assert (await row(ready), await row(made)) == ({}, {})
    assert await file_names() - before == {(await row(other))["stored"]}


async def test_after_a_day_it_is_gone(db: asyncpg.Connection) -> None:
    document = await make_at_once(wanted(), kinds(spell), actor=staff(), now=NOW)
    stored = (await row(document))["stored"]
    assert await expire(NOW + LASTS - timedelta(seconds=1)) == []
    assert await expire(NOW + LASTS) == [stored]
    await files.delete([stored, "was never there"])
    with pytest.raises(FileNotFoundError):
        await files.read(stored)


async def test_it_expires_by_the_tick_and_lost_files_are_not_its_own(db: asyncpg.Connection) -> None:
    now = await database.fetchval("SELECT now()")
    await expire_all(now)
    document = await make_at_once(wanted(), kinds(), actor=staff(), now=now)
    old = (now - timedelta(days=3)).timestamp()
    os.utime(files._folder() / (await row(document))["stored"], (old, old))
    assert "data.expire" not in await due_jobs(now + timedelta(hours=1))
    await expire_all(now + timedelta(hours=1))
    assert await content(document) == b"abc"
    assert "data.expire" in await due_jobs(now + LASTS)
    await expire_all(now + LASTS)
    assert await row(document) == {}


@pytest.mark.parametrize("end", ["made", "failed", "forgotten", "expired"])
async def test_what_it_is_made_of_goes_with_it(db: asyncpg.Connection, end: str) -> None:
    async def read_it(task: Task, tell: Tell, now: datetime) -> bytes:
        if end == "failed":
            raise Conflict("No.")
        return task.content.upper()

    document = await ask(wanted(content=b"names"), actor=staff(), now=NOW)
    given = (await row(document))["given"]
    assert await files.content(given) == b"names"
    assert given in await queries.stored_files()
    if end == "forgotten":
        await files.delete(await forget("event", [SUBJECT]))
    elif end == "expired":
        await files.delete(await expire(NOW + LASTS))
    else:
        await make_due(kinds(read_it), now=NOW)
    assert given not in await file_names()
    if end == "made":
        assert await content(document) == b"NAMES"


async def test_who_begins_again_knows_what_was_told_and_of_no_step_that_was_undone(db: asyncpg.Connection) -> None:
    document = await ask(wanted(content=b"x"), actor=staff(), now=NOW)
    known: list[tuple[int, dict[str, str]]] = []

    async def work(task: Task, tell: Tell, now: datetime) -> bytes:
        known.append((task.done, task.so_far))
        if task.tries > 1:
            return task.content
        await tell(1, {"a": "first"})
        await tell(2, {"b": "second"})
        async with database.transaction():
            await tell(3, {"c": "third"})
            raise RuntimeError("killed in the middle of the third")

    await make_due(kinds(work), now=NOW)
    await make_due(kinds(work), now=NOW + 2 * PAUSE)
    assert known == [(0, {}), (2, {"a": "first", "b": "second"})]
    assert await content(document) == b"x"
