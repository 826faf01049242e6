"""Whom an audience means: filters that are combined, groups that are joined, and nobody twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.core import database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict
from events.outreach.audiences import queries
from events.outreach.audiences.rules import Audience, Group, parse, read_audience
from events.outreach.audiences.selecting import reach_of
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff
from tests.outreach.audiences.people import (
    EVERYBODY,
    about,
    agree,
    attended,
    guest,
    invited,
    meant,
    member,
    theme_group,
    write,
)

EVERYWHERE = reach_of(SYSTEM, NOW)


async def test_region_type_and_size_are_of_the_organisation_or_the_participation(db: asyncpg.Connection) -> None:
    company = await insert(
        "organisation", name="Yritys", folded="yritys", type="company", size_class="small", municipality="091"
    )
    town = await insert("organisation", name="Kaupunki", folded="kaupunki", type="municipality", municipality="837")
    await guest("Aino", organisation=company, municipality="091")
    await guest("Ville", organisation=town)
    await guest("Outi", municipality="091")
    assert await meant(Group(region=("01",))) == ["aino", "outi"]
    assert await meant(Group(region=("01",), type=("company",))) == ["aino"]
    assert await meant(Group(type=("municipality",))) == ["ville"]
    assert await meant(Group(size=("small", "micro"))) == ["aino"]
    assert await meant(Group(type=("unknown",))) == ["aino", "outi", "ville"], "their person has no organisation"


async def test_the_event_they_took_part_in(db: asyncpg.Connection) -> None:
    series = await insert("series", rule="")
    steel = await about(await make_event(series=series), "steel")
    wood = await about(await make_event(kind="meeting", starts_at=NOW - timedelta(days=400)), "wood")
    aino, _ville = await guest("Aino", steel), await guest("Ville", wood)
    await guest("Outi", steel, state="cancelled")
    await attended(aino)
    assert await meant(Group(theme=("steel",))) == ["aino"]
    assert await meant(Group(theme=("wood", "steel"))) == ["aino", "ville"]
    assert await meant(Group(kind=("meeting",))) == ["ville"]
    assert await meant(Group(series=series)) == ["aino"]
    assert await meant(Group(event=wood)) == ["ville"]
    assert await meant(Group(part="attended")) == ["aino"]
    assert await meant(Group(part="attended", theme=("wood",))) == []
    assert await meant(Group(part="never")) == ["outi", "ville"]
    assert await meant(Group(until="2026-01-01")) == ["ville"]
    assert await meant(Group(since="2026-01-01", part="registered")) == ["aino"]


async def test_members_of_a_theme_are_of_the_theme_and_a_group_can_be_chosen(db: asyncpg.Connection) -> None:
    group = await theme_group()
    await member(group, "Aino")
    await member(group, "Outi", ends_on=(NOW - timedelta(days=1)).date())
    await about(await make_event(), "steel")
    steel = Audience(groups=(Group(theme=("steel",)),), about=("steel",))
    assert await meant(steel) == ["aino"]
    assert await meant(Audience(groups=(Group(group=group),), about=("steel",))) == ["aino"]
    assert await meant(Audience(groups=(Group(group=group),), about=("wood",))) == [], "not what the group is about"
    assert await meant(Audience(groups=(Group(theme=("steel",), part="registered"),), about=("steel",))) == []


async def test_who_was_invited_and_has_not_answered(db: asyncpg.Connection) -> None:
    event = await make_event()
    await invited(event, "Aino")
    await invited(event, "Later", state="later", language="sv")
    await invited(event, "No", state="no")
    await invited(event, "Gone", state="withdrawn")
    await invited(event, "Left")
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('left@yritys.example', 'unsubscribed')")
    await make_registration(event, person=await make_person("Yes", email="yes@yritys.example"))
    await invited(event, "Yes")
    assert await meant(Group(invited=event)) == ["aino", "later"]
    assert await meant(Group(invited=event, language=("sv",))) == ["later"]
    await database.execute("UPDATE event SET starts_at = $1 WHERE id = $2", NOW - timedelta(hours=1), event)
    assert await meant(Group(invited=event)) == []


async def test_groups_that_overlap_and_people_of_one_address_get_one_letter(db: asyncpg.Connection) -> None:
    steel, wood = await about(await make_event(), "steel"), await about(await make_event(), "wood")
    both = await guest("Aino", steel, email="aino@yritys.example")
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", both)
    await make_registration(wood, person=person)
    await guest("Toinen", wood, email="aino@yritys.example")
    await guest("Iso", wood, email="AINO@yritys.example")
    await invited(wood, "Aino")
    joined = Audience(groups=(Group(theme=("steel",)), Group(theme=("wood",)), Group(invited=wood)))
    assert await meant(joined) == ["aino"]
    assert (await queries.count(joined, EVERYWHERE, NOW)).people == 1


async def test_who_is_excluded_gets_none_whoever_else_has_their_address(db: asyncpg.Connection) -> None:
    coming, group = await make_event(), await theme_group()
    await guest("Aino", email="aino@yritys.example")
    await make_registration(coming, person=await make_person("Toinen", email="aino@yritys.example"))
    ville = await guest("Ville")
    await guest("Outi")
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", ville)
    await insert("group_member", theme_group=group, person=person, starts_on=NOW.date())
    assert await meant(Audience(everybody=True, but_event=coming)) == ["outi", "ville"]
    assert await meant(Audience(everybody=True, but_event=coming, but_group=group)) == ["outi"]


async def test_who_is_left_out_tells_nothing_of_events_and_groups_elsewhere(db: asyncpg.Connection) -> None:
    own, elsewhere = await make_event(host_region="06"), await make_event(host_region="01")
    group = await theme_group(region="01")
    registration = await guest("Aino", own)
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    await make_registration(elsewhere, person=person)
    await insert("group_member", theme_group=group, person=person, starts_on=NOW.date())
    author = await make_staff("organiser", kind="region", resource="06")
    organiser = Actor(ActorKind.STAFF, author, grants=(Grant("organiser", "region", "06"),))
    mine = Group(event=own)
    for out in ({"but_event": elsewhere}, {"but_group": group}):
        assert await meant(Audience(groups=(mine,), **out), actor=organiser) == ["aino"]
    assert await meant(Audience(groups=(mine,), but_event=elsewhere)) == []


async def test_nobody_is_meant_by_a_group_without_a_choice(db: asyncpg.Connection) -> None:
    await guest("Aino")
    assert not read_audience([("1-region", ""), ("1-part", "x")]).is_set
    assert await meant(EVERYBODY) == ["aino"]


async def test_it_is_said_how_many_and_who_is_left_out_and_why(db: asyncpg.Connection) -> None:
    event = await make_event()
    await guest("Aino")
    await guest("Åsa", language="sv")
    await guest("Ei", agreed=False)
    for name, table, columns in (
        ("Left", "suppression", "(address, reason) VALUES ($1, 'unsubscribed')"),
        ("Bounced", "unreachable", "(address, status) VALUES ($1, '5.1.1')"),
        ("Refused", "refused_theme", "(id, address, theme) VALUES (gen_random_uuid(), $1, 'steel')"),
    ):
        await guest(name, event, email=f"{name}@yritys.example".lower())
        await database.execute(f"INSERT INTO {table} {columns}", f"{name}@yritys.example".lower())
    await make_registration(event, person=await make_person("Kaisa", email=None))
    count = await queries.count(Audience(everybody=True, about=("steel",)), EVERYWHERE, NOW)
    assert (count.people, count.languages) == (2, {"fi": 1, "sv": 1})
    assert sorted(count.sample) == ["Aino Esimerkki", "Åsa Esimerkki"]
    assert count.left_out == {"no_consent": 1, "unsubscribed": 1, "refused": 1, "unreachable": 1, "no_address": 1}
    assert (await queries.count(EVERYBODY, EVERYWHERE, NOW)).people == 3, "of no theme everybody hears"


async def test_an_organiser_reaches_the_people_of_their_own_events_alone(db: asyncpg.Connection) -> None:
    here, there = await make_event(), await make_event(host_region="01")
    await about(there, "steel")
    await guest("Aino", here)
    ville = await guest("Ville", there)
    await attended(ville)
    await member(await theme_group("wood"), "Outi")
    await member(await theme_group("wood", "01"), "Muualla")
    await invited(there, "Kutsuttu")
    organiser = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "region", "06"),))
    within = reach_of(organiser, NOW)
    for wanted, people in (
        (EVERYBODY, 1),
        (Audience(groups=(Group(theme=("steel",)),)), 0),
        (Audience(groups=(Group(part="attended"),)), 0),
        (Audience(groups=(Group(event=there),)), 0),
        (Audience(groups=(Group(invited=there),)), 0),
        (Audience(groups=(Group(theme=("wood",)),), about=("wood",)), 1),
        (Audience(groups=(Group(region=("06",)),)), 1),
    ):
        assert (await queries.count(wanted, within, NOW)).people == people, wanted
    by_event = reach_of(Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "event", str(there)),)), NOW)
    assert (await queries.count(EVERYBODY, by_event, NOW)).people == 1
    assert [event.id for event in await queries.events(by_event)] == [there]


async def test_who_agreed_again_elsewhere_or_withdrew_last(db: asyncpg.Connection) -> None:
    """The last word counts, at whichever event it was said; what nobody confirmed was said by nobody."""
    first = await guest("Aino", agreed=False)
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", first)
    second = await make_registration(await make_event(), person=person)
    await agree(first, given_at=NOW - timedelta(days=9))
    assert await meant(EVERYBODY) == ["aino"]
    await agree(second, given_at=NOW - timedelta(days=8), withdrawn_at=NOW - timedelta(days=7))
    assert await meant(EVERYBODY) == []
    await agree(second, given_at=NOW - timedelta(days=6))
    assert await meant(EVERYBODY) == ["aino"]
    await database.execute("UPDATE event SET address_hours = 24")
    assert await meant(EVERYBODY) == []
    await database.execute("UPDATE registration SET address_confirmed = true")
    assert await meant(EVERYBODY) == ["aino"]


_HOSTILE = st.lists(
    st.tuples(
        st.sampled_from(
            [f"{n}-{name}" for n in (0, 1, 6, 7, "x") for name in Group.__struct_fields__]
            + list(Audience.__struct_fields__)
        ),
        st.one_of(st.text(max_size=50), st.sampled_from(["06", "steel", "1", "fi", "2026-01-01", "0" * 32])),
    ),
    max_size=12,
)


@given(_HOSTILE)
def test_whatever_stands_in_the_address_an_audience_comes_of_it(pairs: list[tuple[str, str]]) -> None:
    read = read_audience(pairs)
    assert parse(read.query()) == read


@pytest.mark.parametrize(
    "pairs",
    [
        [("1-region", "' OR true --")],
        [("1-event", "{}"), ("1-since", "99999-01-01"), ("1-until", "2026-02-30")],
        [("1-theme", "x" * 41), ("1-part", "dropped"), ("but_event", "0")],
        [("groups", "[]"), ("1-language", "xx"), ("2-type", "army")],
        [("1-since", "0000-00-00"), ("1-since", "20260101")],
    ],
)
def test_what_cannot_be_a_value_is_left_out(pairs: Any) -> None:
    assert not read_audience(pairs).is_set


async def test_codes_that_nobody_knows_mean_nobody(db: asyncpg.Connection) -> None:
    await guest("Aino")
    assert await meant(Group(region=("zz",), since="0001-01-01", until="9999-12-31", event=uuid4())) == []
    assert await meant(Group(since="0001-01-01")) == ["aino"]


async def test_a_letter_for_nobody_is_not_written(db: asyncpg.Connection) -> None:

    with pytest.raises(Conflict):
        await write(Audience())
