"""A copy takes everything along but people; what is added to the tables later cannot be forgotten."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from uuid import UUID

import asyncpg
import pytest
from piccolo import columns
from piccolo.table import Table, create_table_class

from events.core.actor import SYSTEM
from events.core.copying import COPIED, STAYING, goes_along
from events.core.database import execute, fetch, fetchrow
from events.piccolo_conf import FEATURES
from events.programme.actions import copy_event
from tests.factories import NOW, insert, make_event, make_registration

LEFT_ON_PURPOSE = {
    "event": {
        *("slug", "state", "sequence", "start_revision", "version", "series", "series_day", "by_hand"),
        *(
            "published_at",
            "cancelled_at",
            "reconciled_at",
            "archived_at",
            "changed_at",
            "previous_starts_at",
            "invites_members",
            "reminders_set_at",
            "created_at",
        ),
        *("change_words", "cancel_words"),
    },
    "event_project": {"created_at"},
    "event_theme": {"created_at"},
    "site": {"taken", "waiting", "line", "closed_at", "created_at"},
}
"""What a copy leaves behind of what was set up; whoever adds to it says why a copy should be without it."""

MADE_ANEW = {"id", "event", "starts_at", "ends_at", "registration_opens_at", "registration_closes_at"}


def test_what_a_copy_leaves_behind_is_named_here() -> None:
    ours = {name: COPIED[name].left for name in LEFT_ON_PURPOSE}
    assert ours == LEFT_ON_PURPOSE


def tables() -> Iterator[type[Table]]:
    for feature in FEATURES:
        yield from import_module(f"events.{feature}.piccolo_app").APP_CONFIG.table_classes


def undecided(every: Iterator[type[Table]]) -> set[str]:
    """The tables that hang on something a copy takes along, and do not say whether they go along too."""
    found = set()
    for table in every:
        above = {key._foreign_key_meta.resolved_references._meta.tablename for key in table._meta.foreign_key_columns}
        if above & set(COPIED) and table._meta.tablename not in {*COPIED, *STAYING}:
            found.add(table._meta.tablename)
    return found


def test_every_table_that_hangs_on_an_event_says_whether_it_goes_along() -> None:
    assert undecided(tables()) == set()


def test_a_table_that_does_not_say_would_be_found() -> None:
    event = COPIED["event"].table
    forgotten = create_table_class("Forgotten", class_members={"event": columns.ForeignKey(references=event)})
    assert undecided(iter([forgotten])) == {"forgotten"}


async def full_event() -> UUID:
    """An event in which nothing is as it is by default."""
    event = await make_event(
        online=True,
        starts_at=datetime(2026, 9, 22, 6, tzinfo=UTC),
        ends_at=datetime(2026, 9, 22, 12, tzinfo=UTC),
        registration_opens_at=datetime(2026, 9, 1, 5, tzinfo=UTC),
        registration_closes_at=datetime(2026, 9, 20, 20, 59, tzinfo=UTC),
        languages=["fi", "en"],
        needs_approval=True,
        waiting_list="by_hand",
        contact_name="Aino",
        survey_enabled=True,
        materials="Kalvot",
        description_fi="Kuvaus",
        series=await insert("series"),
        series_day=date(2026, 9, 22),
    )
    await insert("event_project", event=event, project=(await fetch("SELECT id FROM project LIMIT 1"))[0]["id"])
    await insert("event_theme", event=event, theme="low-carbon")
    await execute("UPDATE site SET address = 'Katu 1', join_url = 'https://meet.example/2' WHERE event = $1", event)
    return event


async def test_everything_that_was_set_up_goes_along(db: asyncpg.Connection) -> None:
    event = await full_event()
    await make_registration(event)
    copied = (await copy_event(event, datetime(2026, 11, 3, 7, tzinfo=UTC), actor=SYSTEM, now=NOW)).id
    for name in ("event", "event_project", "event_theme", "site"):
        key = "id" if name == "event" else "event"
        rows = f"SELECT * FROM {name} WHERE {key} = $1 ORDER BY to_jsonb({name}) ->> 'position'"
        theirs, ours = await fetch(rows, event), await fetch(rows, copied)
        assert len(theirs) == len(ours) > 0
        for before, after in zip(theirs, ours, strict=True):
            kept = set(before.keys()) - LEFT_ON_PURPOSE[name] - MADE_ANEW
            assert {column: after[column] for column in kept} == {column: before[column] for column in kept}
    row = await fetchrow("SELECT state, series, version FROM event WHERE id = $1", copied)
    assert row is not None
    assert tuple(row) == ("draft", None, 0)
    assert [site["taken"] for site in await fetch("SELECT taken FROM site WHERE event = $1", copied)] == [0, 0]
    assert await fetch("SELECT FROM registration WHERE event = $1", copied) == []


async def test_the_dates_of_registration_move_as_far_by_the_clock_on_the_wall(db: asyncpg.Connection) -> None:
    copied = await copy_event(await full_event(), datetime(2026, 11, 3, 7, tzinfo=UTC), actor=SYSTEM, now=NOW)
    row = await fetchrow("SELECT * FROM event WHERE id = $1", copied.id)
    assert row is not None
    assert row["ends_at"] == datetime(2026, 11, 3, 13, tzinfo=UTC)
    assert row["registration_opens_at"] == datetime(2026, 10, 13, 5, tzinfo=UTC), "still summer time"
    assert row["registration_closes_at"] == datetime(2026, 11, 1, 21, 59, tzinfo=UTC), "winter time"


async def test_a_table_below_another_goes_along_and_leads_to_the_copy(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a feature with tables of its own does: questions, and the options of each."""
    event_table = COPIED["event"].table
    question = create_table_class(
        "CopyQuestion", class_members={"id": columns.UUID(primary_key=True), "event": columns.ForeignKey(event_table)}
    )
    members = {
        "id": columns.UUID(primary_key=True),
        "question": columns.ForeignKey(question),
        "words": columns.Varchar(),
    }
    option = create_table_class("CopyOption", class_members=members)
    await execute("CREATE TABLE copy_question (id uuid PRIMARY KEY, event uuid REFERENCES event (id))")
    await execute("CREATE TABLE copy_option (id uuid PRIMARY KEY, question uuid REFERENCES copy_question, words text)")
    for name in ("copy_question", "copy_option"):
        monkeypatch.setitem(COPIED, name, None)  # taken out again after the test
    goes_along(question, "event")
    goes_along(option, "question")
    event = await make_event()
    first = await insert("copy_question", event=event)
    await insert("copy_option", question=first, words="Kyllä")
    await insert("copy_option", question=await insert("copy_question", event=await make_event()), words="muu")
    for days in (1, 2):
        copied = await copy_event(event, NOW + timedelta(days=days), actor=SYSTEM, now=NOW)
        rows = await fetch(
            "SELECT words FROM copy_option JOIN copy_question ON copy_question.id = question WHERE event = $1",
            copied.id,
        )
        assert [row["words"] for row in rows] == ["Kyllä"]
