from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import fetch, fetchval
from events.core.errors import Conflict, Invalid, NotAllowed, NotFound
from events.programme import queries
from events.programme.actions import (
    EventChanges,
    NewEvent,
    NewSite,
    cancel_event,
    copy_event,
    create_event,
    delete_draft,
    edit_event,
    publish,
)
from events.programme.editing import Stale
from events.programme.queries import EventView
from tests.factories import NOW, make_event, make_person, make_registration

VENUE = NewSite(mode="venue", name="Verkatehdas", municipality="109", capacity=40)


def new_event(**values: object) -> NewEvent:
    defaults: dict[str, object] = {
        "kind": "workshop",
        "titles": {"fi": "Älykäs paja"},
        "starts_at": NOW + timedelta(days=20),
        "ends_at": NOW + timedelta(days=20, hours=4),
        "host_region": "05",
        "sites": (VENUE,),
    }
    return NewEvent(**{**defaults, **values})  # type: ignore[arg-type]


async def event_of(identity: UUID) -> EventView:
    event = await queries.by_id(identity)
    assert event is not None
    return event


async def messages(reason: str) -> list[asyncpg.Record]:
    return await fetch("SELECT * FROM message WHERE reason = $1 AND state = 'queued' ORDER BY recipient", reason)


def organiser(kind: str, resource: str) -> Actor:
    return Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", kind, resource),))


def before_the_start(event: EventView) -> list[int]:
    return [int((event.starts_at - due).total_seconds() // 60) for due in event.reminders]


async def test_a_new_event_is_a_draft_with_the_defaults_of_its_kind(db: asyncpg.Connection) -> None:
    workshop = await create_event(new_event(projects=("SIXNET",), themes=("low-carbon",)), actor=SYSTEM, now=NOW)
    meeting = await create_event(new_event(kind="meeting"), actor=SYSTEM, now=NOW)
    event = await event_of(workshop.id)
    assert (event.slug, event.state) == ("alykas-paja-2026-09-21", "draft")
    assert (event.projects, event.themes, event.sites[0].capacity) == (["SIXNET"], ["low-carbon"], 40)
    assert (before_the_start(event), event.survey_enabled) == ([7 * 1440, 1440], True)
    other = await event_of(meeting.id)
    assert (before_the_start(other), other.survey_enabled) == ([1440, 60], False)
    assert other.slug == "alykas-paja-2026-09-21-2"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": NOW}, "ends_at"),
        ({"sites": ()}, "sites"),
        ({"titles": {"fi": ""}}, "titles"),
        ({"projects": ("Tuntematon",)}, "projects"),
        ({"themes": ("unknown",)}, "themes"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    db: asyncpg.Connection, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await create_event(new_event(**change), actor=SYSTEM, now=NOW)
    assert list(refused.value.errors) == [field]


async def test_an_organiser_works_in_their_own_region_only(db: asyncpg.Connection) -> None:
    actor = organiser("region", "05")
    mine = await create_event(new_event(), actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        await create_event(new_event(host_region="06"), actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        await edit_event(mine.id, EventChanges(host_region="06"), actor=actor, now=NOW)
    other = await make_event(host_region="06")
    for work in (
        publish(other, actor=actor, now=NOW),
        cancel_event(other, actor=actor, now=NOW),
        edit_event(other, EventChanges(titles={"fi": "Oma"}), actor=actor, now=NOW),
        copy_event(other, NOW, actor=actor, now=NOW),
    ):
        with pytest.raises(NotFound):
            await work


async def test_publishing_twice_changes_nothing_and_a_cancelled_event_stays_cancelled(db: asyncpg.Connection) -> None:
    event = await make_event(state="draft")
    assert await publish(event, actor=SYSTEM, now=NOW)
    assert not await publish(event, actor=SYSTEM, now=NOW)
    await cancel_event(event, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        await publish(event, actor=SYSTEM, now=NOW)
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'event.published'") == 1


async def test_cancelling_writes_once_to_everyone_who_counts_on_the_event(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=2)
    for state in ("confirmed", "confirmed", "waitlisted", "cancelled"):
        await make_registration(event, state=state, language="sv")
    await make_registration(await make_event(), state="confirmed")
    nobody = await make_person(email=None)
    await make_registration(event, person=nobody, state="awaiting_approval")
    assert await cancel_event(event, actor=SYSTEM, now=NOW) == 3
    assert await cancel_event(event, actor=SYSTEM, now=NOW) == 0
    owed = await messages("event_cancelled")
    assert len(owed) == 3
    registrations = await fetch("SELECT id FROM registration WHERE event = $1", event)
    assert {row["subject_id"] for row in owed} <= {row["id"] for row in registrations}
    assert {(row["subject_kind"], row["language"], row["occurrence"]) for row in owed} == {("registration", "sv", "1")}
    assert all(row["message_id"] == f"<{row['id'].hex}@sixnet>" for row in owed)
    assert (await event_of(event)).sequence == 1


async def test_a_draft_and_a_held_event_cannot_be_cancelled(db: asyncpg.Connection) -> None:
    with pytest.raises(Conflict):
        await cancel_event(await make_event(state="draft"), actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        await cancel_event(await make_event(), actor=SYSTEM, now=NOW + timedelta(days=40))


async def test_moving_an_event_tells_all_who_count_on_it_and_raises_both_counters(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=1)
    there = [await make_registration(event, state=state) for state in ("confirmed", "waitlisted", "awaiting_approval")]
    for state in ("cancelled", "declined"):
        await make_registration(event, state=state)
    before = await event_of(event)
    moved = EventChanges(starts_at=before.starts_at + timedelta(hours=1))
    assert (await edit_event(event, moved, actor=SYSTEM, now=NOW)).told == 3
    assert (await edit_event(event, moved, actor=SYSTEM, now=NOW)).changed == []
    assert {row["subject_id"] for row in await messages("event_changed")} == set(there)
    after = await event_of(event)
    assert (after.sequence, after.start_revision, after.version) == (1, 1, 1)


async def test_a_queued_reminder_of_the_old_time_is_given_up(db: asyncpg.Connection) -> None:
    event = await make_event()
    registration = await make_registration(event)
    await db.execute(
        "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, message_id)"
        " VALUES (gen_random_uuid(), 'a@b.example', 'reminder', 'registration', $1, '<x>')",
        registration,
    )
    await edit_event(event, EventChanges(starts_at=NOW + timedelta(days=29)), actor=SYSTEM, now=NOW)
    assert await messages("reminder") == []


async def test_a_new_place_is_told_to_those_who_go_there(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    venue, online = (await event_of(event)).sites
    there = await make_registration(event, site=venue.id)
    await make_registration(event, site=online.id)
    sites = [
        NewSite(id=venue.id, mode="venue", name="Nokia Arena", municipality="837", capacity=50),
        NewSite(id=online.id, mode="online", join_url=online.join_url),
    ]
    assert (await edit_event(event, EventChanges(sites=sites), actor=SYSTEM, now=NOW)).told == 1
    assert [row["subject_id"] for row in await messages("event_changed")] == [there]


async def test_words_and_drafts_are_changed_without_a_letter(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_registration(event)
    edited = await edit_event(event, EventChanges(titles={"fi": "Uusi nimi"}), actor=SYSTEM, now=NOW)
    assert (edited.changed, edited.told) == (["titles"], 0)
    assert (await event_of(event)).titles == {"fi": "Uusi nimi"}
    draft = await make_event(state="draft")
    edited = await edit_event(draft, EventChanges(ends_at=NOW + timedelta(days=31)), actor=SYSTEM, now=NOW)
    assert (edited.told, (await event_of(draft)).sequence) == (0, 0)


@pytest.mark.parametrize(
    ("set_by_hand", "followed"),
    [({}, True), ({"survey_enabled": False}, False)],
)
async def test_another_kind_brings_its_defaults_where_nothing_was_changed_by_hand(
    db: asyncpg.Connection, set_by_hand: dict[str, object], *, followed: bool
) -> None:
    made = await create_event(new_event(kind="workshop"), actor=SYSTEM, now=NOW)
    await edit_event(made.id, EventChanges(**set_by_hand), actor=SYSTEM, now=NOW)  # type: ignore[arg-type]
    edited = await edit_event(made.id, EventChanges(kind="meeting"), actor=SYSTEM, now=NOW)
    assert edited.followed_kind is followed
    event = await event_of(made.id)
    assert (before_the_start(event), event.survey_enabled) == ([1440, 60], False)


async def test_a_survey_that_was_asked_for_stays_with_another_kind(db: asyncpg.Connection) -> None:
    made = await create_event(new_event(kind="meeting", survey_enabled=True), actor=SYSTEM, now=NOW)
    await edit_event(made.id, EventChanges(kind="workshop"), actor=SYSTEM, now=NOW)
    event = await event_of(made.id)
    assert (before_the_start(event), event.survey_enabled) == ([7 * 1440, 1440], True)
    edited = await edit_event(made.id, EventChanges(kind="experience_exchange"), actor=SYSTEM, now=NOW)
    assert (edited.changed, edited.followed_kind) == (["kind"], False)


async def test_who_saves_on_top_of_a_newer_version_is_told(db: asyncpg.Connection) -> None:
    event = await make_event()
    await edit_event(event, EventChanges(titles={"fi": "Ensin"}), actor=SYSTEM, now=NOW, version=0)
    with pytest.raises(Stale):
        await edit_event(event, EventChanges(titles={"fi": "Sitten"}), actor=SYSTEM, now=NOW, version=0)
    assert (await event_of(event)).titles == {"fi": "Ensin"}


async def test_capacity_cannot_fall_below_the_places_taken(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=5)
    await make_registration(event)
    await make_registration(event)
    site = (await event_of(event)).sites[0]
    smaller = NewSite(id=site.id, mode="venue", name="Tampere-talo", municipality="837", capacity=1)
    with pytest.raises(Invalid) as refused:
        await edit_event(event, EventChanges(sites=[smaller]), actor=SYSTEM, now=NOW)
    assert "2" in refused.value.errors["sites-0-capacity"][0]
    fitting = NewSite(id=site.id, mode="venue", name="Tampere-talo", municipality="837", capacity=2)
    assert (await edit_event(event, EventChanges(sites=[fitting]), actor=SYSTEM, now=NOW)).changed == ["sites"]


async def test_a_site_goes_only_while_nobody_registered_for_it(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    venue, online = (await event_of(event)).sites
    await make_registration(event, site=venue.id, state="cancelled")
    only_online = [NewSite(id=online.id, mode="online", join_url=online.join_url)]
    with pytest.raises(Invalid):
        await edit_event(event, EventChanges(sites=only_online), actor=SYSTEM, now=NOW)
    only_venue = [NewSite(id=venue.id, mode="venue", name="Tampere-talo", municipality="837", capacity=50)]
    await edit_event(event, EventChanges(sites=only_venue), actor=SYSTEM, now=NOW)
    assert [site.id for site in (await event_of(event)).sites] == [venue.id]


async def test_a_copy_is_a_draft_as_long_by_the_clock_as_its_model(db: asyncpg.Connection) -> None:
    event = await make_event(online=True, starts_at=NOW, ends_at=NOW + timedelta(hours=6))
    await make_registration(event)
    winter = NOW + timedelta(days=60)
    copied = await event_of((await copy_event(event, winter, actor=SYSTEM, now=NOW)).id)
    assert (copied.state, copied.starts_at, copied.ends_at) == ("draft", winter, winter + timedelta(hours=6))
    assert [(site.capacity, site.taken) for site in copied.sites] == [(50, 0), (None, 0)]


async def test_only_a_draft_without_people_is_deleted(db: asyncpg.Connection) -> None:
    draft = await make_event(state="draft")
    await delete_draft(draft, actor=SYSTEM, now=NOW)
    assert await queries.by_id(draft) is None
    with pytest.raises(Conflict):
        await delete_draft(await make_event(), actor=SYSTEM, now=NOW)


async def test_what_is_reconciled_keeps_its_times(db: asyncpg.Connection) -> None:
    event = await make_event(reconciled_at=NOW)
    with pytest.raises(Conflict):
        await edit_event(event, EventChanges(ends_at=NOW + timedelta(days=40)), actor=SYSTEM, now=NOW)
    await edit_event(event, EventChanges(materials="[Kalvot](https://kalvot.example)"), actor=SYSTEM, now=NOW)
