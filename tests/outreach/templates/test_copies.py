"""The words that letters have at one event go along with its copies, and are then the copy's own."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from events.core import database
from events.core.actor import SYSTEM
from events.core.i18n import in_language
from events.messaging.templates.queries import in_force
from events.messaging.templates.shapes import Words
from events.messaging.templates.tables import NETWORK
from events.outreach.templates import actions, queries
from events.outreach.templates.shapes import Scope
from events.programme import queries as programme
from events.programme.actions import copy_event, delete_draft
from events.programme.series.actions import repeat
from events.programme.series.queries import series_of
from events.wording import WORDING
from tests.factories import NOW, make_event
from tests.programme.series.test_series import START, TUESDAYS

CONFIRMATION = WORDING.templates["confirmation"]
FIRST, SECOND = Words("First", "One {manage}"), Words("Second", "Two {manage}")


async def scope_of(event: UUID) -> Scope:
    found = await programme.by_id(event)
    assert found is not None
    return Scope(found)


async def keep(event: UUID | None, words: Words | None, after: int = 0, language: str = "en") -> None:
    scope = Scope(None) if event is None else await scope_of(event)
    await actions.write(scope, CONFIRMATION, language, words, after=after, actor=SYSTEM, now=NOW)


async def subject(event: UUID, language: str = "en") -> str:
    with in_language(language):
        return (await in_force(CONFIRMATION, event)).subject


async def copied(event: UUID) -> UUID:
    return (await copy_event(event, NOW + timedelta(days=90), actor=SYSTEM, now=NOW)).id


async def test_a_copy_has_the_words_that_stand_there_now(db: asyncpg.Connection) -> None:
    event, other = await make_event(), await make_event()
    await keep(event, FIRST)
    await keep(event, SECOND, after=1)
    await keep(event, FIRST, language="sv")
    await keep(event, None, after=1, language="sv")
    await keep(other, FIRST, language="fi")
    copy = await copied(event)
    with in_language("fi"):
        built_in = CONFIRMATION.built_in.subject
    assert (await subject(copy), await subject(copy, "fi")) == ("Second", built_in)
    versions = await queries.versions(await scope_of(copy), CONFIRMATION, "en")
    assert [(each.version, each.words) for each in versions] == [(1, SECOND)]
    assert await queries.versions(await scope_of(copy), CONFIRMATION, "sv") == []


async def test_what_is_changed_in_the_copy_changes_its_model_in_nothing(db: asyncpg.Connection) -> None:
    event = await make_event()
    await keep(event, FIRST)
    copy = await copied(event)
    await keep(copy, SECOND, after=1)
    assert (await subject(event), await subject(copy)) == ("First", "Second")
    await keep(copy, None, after=2)
    with in_language("en"):
        assert await subject(copy) == CONFIRMATION.built_in.subject


async def test_every_event_of_a_series_has_them(db: asyncpg.Connection) -> None:
    event = await make_event(starts_at=START, ends_at=START + timedelta(hours=2))
    await keep(event, FIRST)
    series = await series_of((await repeat(event, TUESDAYS, actor=SYSTEM, now=NOW)).series)
    assert len(series) > 1
    assert {await subject(each.id) for each in series} == {"First"}


async def test_a_copy_tells_as_its_model_does_that_the_words_below_have_changed(db: asyncpg.Connection) -> None:
    event = await make_event()
    await keep(event, FIRST)
    await keep(None, SECOND)
    copy = await copied(event)
    state = (await queries.states(await scope_of(copy), {"confirmation": CONFIRMATION}))["confirmation"]["en"]
    assert (state.own, state.overtaken) == (True, True)
    assert await database.fetchval("SELECT count(*) FROM message_template WHERE basis = ''") == 0


async def test_the_words_of_a_draft_are_deleted_with_it_and_no_others(db: asyncpg.Connection) -> None:
    draft, other = await make_event(state="draft"), await make_event()
    for event in (draft, other, None):
        await keep(event, FIRST)
    await keep(draft, SECOND, after=1)
    await delete_draft(draft, actor=SYSTEM, now=NOW)
    kept = await database.fetch("SELECT scope_id FROM message_template WHERE template = 'confirmation'")
    assert {row["scope_id"] for row in kept} == {other, NETWORK}
