"""What was handed in stays: frozen once, the same for ever, corrected by a new revision alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from babel.support import NullTranslations, Translations

from events.core import database
from events.core.actor import SYSTEM
from events.core.errors import Conflict, Invalid, NotAllowed
from events.core.i18n import gettext
from events.registration.own.data import erase
from events.reports.funder import actions, freezing, queries, work
from events.reports.funder.tables import Rule
from tests.reports.funder.made import NOW, STAFF, VIEWER, indicator, make_report


async def freeze(report: UUID, seen: int = 0, why: str = "") -> int:
    return await freezing.freeze(report, seen=seen, why=why, actor=STAFF, now=NOW)


async def files(report: UUID, revision: int) -> dict[str, bytes]:
    """Every file of a revision, in each language, whole and without small groups."""
    made = {}
    for language in ("fi", "sv", "en"):
        for whole in (True, False):
            view = await freezing.frozen(report, revision, language, whole=whole)
            for kind in work.FORMATS:
                made[f"{language} {whole} {kind}"] = await work.file(view, kind)
    return made


async def test_everybody_erased_it_comes_out_again_byte_for_byte(db: asyncpg.Connection) -> None:
    head = await make_report()
    await freeze(head.id)
    before = await files(head.id, 1)
    for row in await database.fetch("SELECT id FROM registration"):
        await erase(row["id"], actor=SYSTEM, now=NOW)
    await database.execute("UPDATE event SET title_fi = 'Muu', title_sv = 'Annan', title_en = 'Other'")
    await database.execute("UPDATE project SET name_fi = 'Muu', statement_fi = 'Muu', emblem = NULL")
    await actions.save_indicator(head.project, None, indicator(Rule.PERSONS), actor=STAFF, now=NOW)
    assert await database.fetchval("SELECT count(*) FROM person WHERE erased_at IS NULL AND folded <> ''") == 0
    assert await files(head.id, 1) == before
    assert all(content for content in before.values())


async def test_whatever_words_the_service_has_by_then_it_comes_out_in_its_own(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await make_report()
    await freeze(head.id)
    await database.execute("UPDATE participation SET minutes = 90")
    await freeze(head.id, seen=1, why="Kesto")
    before = await files(head.id, 2)
    monkeypatch.setattr(NullTranslations, "gettext", lambda _self, message: f"Muu: {message}")
    monkeypatch.setattr(Translations, "gettext", lambda _self, message: f"Muu: {message}")
    assert gettext("Event") == "Muu: Event"
    assert [name for name, content in (await files(head.id, 2)).items() if content != before[name]] == []


async def test_a_frozen_revision_cannot_be_changed_in_the_database_either(db: asyncpg.Connection) -> None:
    head = await make_report()
    await freeze(head.id)
    for statement in ("UPDATE frozen_report SET why = 'x'", "DELETE FROM frozen_report", "TRUNCATE frozen_report"):
        with pytest.raises(asyncpg.RaiseError, match="neither changed nor deleted"):
            async with database.transaction():
                await database.execute(statement)


async def test_a_correction_is_a_new_revision_that_says_what_changed_and_why(db: asyncpg.Connection) -> None:
    head = await make_report()
    await freeze(head.id)
    with pytest.raises(Invalid):
        await freeze(head.id, seen=1)
    await database.execute(
        "DELETE FROM participation WHERE id = (SELECT id FROM participation WHERE event_kind = 'meeting' LIMIT 1)"
    )
    await freeze(head.id, seen=1, why="Tuplakirjaus")
    one, two = [await freezing.frozen(head.id, number, "en", whole=True) for number in (1, 2)]
    assert one.changes == []
    changed = {change.key: (change.before, change.after) for change in two.changes}
    assert changed["total:participations"] == (14, 13)
    assert two.why == "Tuplakirjaus"
    assert one.input_hash != two.input_hash
    (latest, _first) = await queries.revisions(head.id)
    assert latest.why == "Tuplakirjaus"
    assert any(change.key.startswith("indicator:") for change in latest.changes)


async def test_the_same_input_has_the_same_digest_and_no_difference(db: asyncpg.Connection) -> None:
    head = await make_report()
    await freeze(head.id)
    await freeze(head.id, seen=1, why="Sama")
    one, two = [await freezing.frozen(head.id, number, "fi", whole=True) for number in (1, 2)]
    assert (one.input_hash, two.changes) == (two.input_hash, [])


async def test_who_has_not_seen_the_last_revision_freezes_nothing(db: asyncpg.Connection) -> None:
    head = await make_report()
    await freeze(head.id)
    with pytest.raises(Conflict):
        await freeze(head.id)
    assert await database.fetchval("SELECT count(*) FROM frozen_report") == 1


async def test_viewers_freeze_nothing(db: asyncpg.Connection) -> None:
    head = await make_report()
    with pytest.raises(NotAllowed):
        await freezing.freeze(head.id, seen=0, why="", actor=VIEWER, now=NOW)


async def twice_at_once(report: UUID, monkeypatch: pytest.MonkeyPatch) -> list[int | BaseException]:
    """Freeze a report twice; both have counted before either writes."""
    both, compared = asyncio.Barrier(2), freezing._compared

    async def compared_together(*given: Any) -> Any:
        made = await compared(*given)
        await both.wait()
        return made

    monkeypatch.setattr(freezing, "_compared", compared_together)
    return await asyncio.gather(freeze(report), freeze(report), return_exceptions=True)


async def test_frozen_twice_at_once_there_is_one_revision(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head = await make_report()
    done = await twice_at_once(head.id, monkeypatch)
    assert sorted(str(each) for each in done if each == 1) == ["1"]
    assert [type(each) for each in done if each != 1] == [Conflict]
    assert await database.fetchval("SELECT count(*) FROM frozen_report") == 1


@contextmanager
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def nothing(_locked: UUID) -> None:
        await asyncio.sleep(0)

    with monkeypatch.context() as patched:
        patched.setattr(freezing, "lock_report", nothing)
        patched.setattr(freezing, "lock_project", nothing)
        yield


async def test_without_lock_and_constraint_there_would_be_two(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await make_report()
    await database.execute("ALTER TABLE frozen_report DROP CONSTRAINT frozen_report_revision_once")
    both, insert = asyncio.Barrier(2), freezing._insert

    async def insert_together(*given: object) -> None:
        await both.wait()
        await insert(*given)

    monkeypatch.setattr(freezing, "_insert", insert_together)
    with unguarded(monkeypatch):
        done = await asyncio.gather(freeze(head.id), freeze(head.id), return_exceptions=True)
    assert done == [1, 1]
    assert await database.fetchval("SELECT count(*) FROM frozen_report WHERE revision = 1") == 2
