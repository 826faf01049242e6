"""A worker freezes: one snapshot, the whole revision or nothing of it, and one revision of two who ask at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from events.core import database
from events.core.actor import Actor, ActorKind, Grant
from events.core.documents import actions as documents
from events.core.documents.actions import LEASE, make_due
from events.core.errors import Conflict
from events.documents import KINDS
from events.reports.funder import freezing, freezing_work, queries
from events.reports.funder.freezing_work import FreezeWanted
from events.reports.funder.tables import Rule
from tests.core.documents.making import row
from tests.factories import make_staff
from tests.reports.funder.made import NOW, WORLD, make_report

AFTER_LEASE = NOW + LEASE + timedelta(minutes=10)  # the lease counts from each step, and a busy machine is slow
LOSE_ONE = "DELETE FROM participation WHERE id = (SELECT id FROM participation WHERE event_kind = 'meeting' LIMIT 1)"


async def coordinator() -> Actor:
    return Actor(ActorKind.STAFF, await make_staff("coordinator"), "Test", (Grant("coordinator"),))


async def order(report: UUID, seen: int = 0, why: str = "", *, actor: Actor | None = None) -> UUID:
    return await freezing_work.order(report, FreezeWanted(seen, why), actor=actor or await coordinator(), now=NOW)


async def kept() -> int:
    number: int = await database.fetchval("SELECT count(*) FROM frozen_report")
    return number


async def test_a_worker_freezes_what_was_asked_for_and_tells_of_each_step(committed_db: str) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    document = await order(report)
    assert await kept() == 0
    assert await make_due(KINDS, now=NOW)
    made = await row(document)
    assert (made["state"], made["done"], made["total"]) == ("ready", freezing.STEPS, freezing.STEPS)
    assert await queries.last_revision(report) == 1


async def test_asked_twice_while_it_is_under_way_it_is_the_same_work(committed_db: str) -> None:
    report, actor = (await make_report(WORLD, Rule.PERSONS)).id, await coordinator()
    assert await order(report, actor=actor) == await order(report, actor=actor)


class Killed(BaseException):
    """The end of a worker: nothing that was to come after is done."""


@pytest.mark.parametrize("step", range(1, freezing.STEPS + 1))
async def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_all(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    document = await order((await make_report(WORLD, Rule.PERSONS)).id)
    with monkeypatch.context() as patched:
        patched.setattr(documents, "_TELL", f"{documents._TELL} AND 1 / ($3::int - {step}) IS NOT NULL")
        patched.setattr(documents, "_try_again", killed)
        with pytest.raises(Killed):
            await make_due(KINDS, now=NOW)
    assert await kept() == 0
    assert await make_due(KINDS, now=AFTER_LEASE)
    assert ((await row(document))["state"], await kept()) == ("ready", 1)


async def killed(*_: object) -> None:
    raise Killed


async def killed_once_it_is_kept(document: UUID, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Kill the worker between the revision and the word that it is there; returns what the next try makes of it."""
    with monkeypatch.context() as patched:
        patched.setattr(documents, "_settle", killed)
        with pytest.raises(Killed):
            await make_due(KINDS, now=NOW)
    assert await kept() == 1
    assert await make_due(KINDS, now=AFTER_LEASE)
    return await row(document)


async def test_what_a_killed_worker_had_kept_is_found_again(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = await order((await make_report(WORLD, Rule.PERSONS)).id)
    made = await killed_once_it_is_kept(document, monkeypatch)
    assert (made["state"], await kept()) == ("ready", 1)


async def test_without_its_id_it_would_be_taken_for_somebody_elses(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await order((await make_report(WORLD, Rule.PERSONS)).id)
    monkeypatch.setattr(queries, "revision_with", nothing)
    assert (await killed_once_it_is_kept(document, monkeypatch))["state"] == "failed"


async def nothing(_identity: UUID) -> None:
    return None


async def both_at_once(report: UUID, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Let two ask and two workers freeze; both have counted before either keeps anything."""
    asked = [await order(report) for _ in range(2)]
    both, compared = asyncio.Barrier(2), freezing._compared

    async def compared_together(*given: Any) -> Any:
        made = await compared(*given)
        await both.wait()
        return made

    monkeypatch.setattr(freezing, "_compared", compared_together)
    await asyncio.gather(*(make_due(KINDS, now=NOW) for _ in asked))
    return [await row(document) for document in asked]


async def test_two_who_ask_at_once_get_one_revision(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    made = await both_at_once(report, monkeypatch)
    assert sorted(each["state"] for each in made) == ["failed", "ready"]
    assert "Katso ensin se versio" in " ".join(each["words"] for each in made)
    assert await kept() == 1


async def test_unguarded_they_would_get_two(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    await database.execute("ALTER TABLE frozen_report DROP CONSTRAINT frozen_report_revision_once")
    monkeypatch.setattr(freezing, "require_last", lambda _last, _seen: None)
    made = await both_at_once(report, monkeypatch)
    assert [each["state"] for each in made] == ["ready", "ready"]
    assert await kept() == 2


async def frozen_while_one_is_lost(report: UUID) -> set[tuple[str, int | None]]:
    """Freeze while, after the first language, a participation goes; returns digests and participations of all."""

    async def tell(done: int, so_far: Mapping[str, Any] | None = None) -> None:
        if done == 1:
            await database.execute(LOSE_ONE)

    await freezing.freeze(report, seen=0, why="", actor=await coordinator(), now=NOW, tell=tell)
    views = [
        await freezing.frozen(report, 1, code, whole=whole) for code in ("fi", "sv", "en") for whole in (True, False)
    ]
    return {(view.input_hash, view.totals.participations) for view in views}


async def test_it_is_counted_on_one_state_of_the_data(committed_db: str) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    assert len(await frozen_while_one_is_lost(report)) == 1


async def test_without_the_snapshot_languages_would_differ(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def none(**_other: bool) -> AsyncIterator[None]:
        yield

    report = (await make_report(WORLD, Rule.PERSONS)).id
    monkeypatch.setattr(freezing, "snapshot", none)
    assert len(await frozen_while_one_is_lost(report)) == 2


async def test_who_may_no_longer_freeze_does_not(committed_db: str) -> None:
    actor = await coordinator()
    document = await order((await make_report(WORLD, Rule.PERSONS)).id, actor=actor)
    await database.execute("DELETE FROM staff_grant WHERE staff = $1", actor.id)
    assert await make_due(KINDS, now=NOW)
    assert ((await row(document))["state"], await kept()) == ("failed", 0)


async def test_who_has_not_seen_the_last_revision_is_told_at_once(committed_db: str) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    await freezing.freeze(report, seen=0, why="", actor=await coordinator(), now=NOW)
    with pytest.raises(Conflict):
        await order(report)


async def test_its_page_leads_to_the_revision(committed_db: str) -> None:
    report = (await make_report(WORLD, Rule.PERSONS)).id
    document = await order(report)
    await make_due(KINDS, now=NOW)
    context = await freezing_work.shown(report, msgspec.json.encode(1))
    assert (context["revision"].revision, context["head"].id) == (1, report)
    assert KINDS[freezing_work.KIND].shown
    assert (await row(document))["stored"]
