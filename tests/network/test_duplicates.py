import random
import time
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.actor import SYSTEM
from events.core.database import execute, fetchval
from events.network import doubles
from events.network.matching import organisation_key
from events.network.merging import merge, tell_apart
from events.network.organisations import OrganisationValues, save
from events.network.register_tables import RegisterKind
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in

ORGANISATION, PERSON = RegisterKind.ORGANISATION, RegisterKind.PERSON
PATH = "/staff/organisations/duplicates"


async def make(name: str, **values: object) -> UUID:
    return await save(None, OrganisationValues(name=name, **values), actor=SYSTEM, now=NOW)  # type: ignore[arg-type]


async def reasons(kind: RegisterKind) -> list[str]:
    """By what pairs were found, the likeliest first."""
    found, total = await doubles.pairs(kind)
    assert total == len(found)
    return ["+".join(reason.by for reason in pair.reasons) for pair in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Konepaja Rautanen Oy", "Konepaja Rautainen"),
        ("Konepaja Rautanen Oy", "Rautanen konepaja Ab"),
        ("Kuukivi Robotiikka Oy", "Kuukivi-Robotiikka Oyj"),
        ("Mallilan kaupunki", "Mallilan kaupunkki"),
        ("Åskmoln Svets Ab", "Askmoln svetts"),
    ],
)
async def test_the_same_name_in_another_spelling_is_found(db: asyncpg.Connection, one: str, other: str) -> None:
    await make(one)
    await insert("organisation", name=other, folded=organisation_key(other))
    assert await reasons(ORGANISATION) == ["name"]


async def test_other_names_of_the_same_trade_are_left_alone(db: asyncpg.Connection) -> None:
    for name in ("Kuukivi Konepaja", "Kuparilehto Konepaja", "Kuukivi Laser", "Hallavaara Konepaja", "Konepaja"):
        await make(name)
    assert await reasons(ORGANISATION) == []


async def test_aliases_domains_and_the_business_register_tell_too(db: asyncpg.Connection) -> None:
    one = await make("Eka Oy", aliases=["Pohjolan Pumppu"], business_id="2252888-5", domains=["eka.example"])
    await make("Pohjolan Pumpput", domains=["eka.example"])
    await make("Ahjo Group")
    assert await reasons(ORGANISATION) == ["alias+domain"]
    await execute(
        "INSERT INTO business_look_up (business_id, state, name, folded)"
        " VALUES ('2252888-5', 'found', 'Ahjo Group Oy', 'ahjo group')"
    )
    assert sorted(await reasons(ORGANISATION)) == ["alias+domain", "register"]
    assert one


async def test_five_thousand_organisations_are_compared_while_one_waits(db: asyncpg.Connection) -> None:
    chance = random.Random(5)
    parts = ("kone", "rauta", "teräs", "virta", "lehto", "kivi", "salmi", "niemi", "harju", "korpi", "mäki", "koski")
    trades = ("Konepaja", "Automaatio", "Metalli", "Robotiikka", "Valimo", "Hydrauliikka", "Laser", "Engineering")
    names = {f"{''.join(chance.choices(parts, k=3))} {chance.choice(trades)} Oy" for _ in range(8000)}
    rows = [(uuid4(), name, organisation_key(name)) for name in sorted(names)[:5000]]
    await db.copy_records_to_table("organisation", columns=["id", "name", "folded"], records=rows)
    assert len(rows) == 5000
    began = time.monotonic()
    found, _total = await doubles.pairs(ORGANISATION)
    assert len(found) == doubles.SHOWN
    assert time.monotonic() - began < 15, "0.5 s on a machine at rest; every name with every other takes minutes"


async def test_two_business_ids_are_two_organisations(db: asyncpg.Connection) -> None:
    await make("Konepaja Rautanen", business_id="2252888-5")
    await make("Konepaja Rautainen", business_id="0828308-4")
    assert await reasons(ORGANISATION) == []


async def test_persons_are_found_by_address_and_by_name(db: asyncpg.Connection) -> None:
    office, other = await make("Eka Oy"), await make("Toka Oy")
    await make_person("Aino", "Virtanen", email="aino@eka.example")
    await make_person("Aino", "Virtannen", email="aino@eka.example")
    await make_person("Bertta", "Korhonen", email="info@eka.example", organisation=office)
    await make_person("Cecilia", "Berg", email="info@eka.example", organisation=office)
    assert await reasons(PERSON) == ["address"], "several may share an address"
    await make_person("Korhonen", "Bertta", email=None, organisation=office)
    await make_person("Bertta", "Korhonen", email="b@muu.example", organisation=other)
    assert sorted(await reasons(PERSON)) == ["address", "organisation"]
    await make_person("Cecilia", "Berg", email="cecilia@eka.example")
    await make_person("Eero", "Aalto", email="eero@gmail.com")
    await make_person("Eero", "Aalto", email="e.aalto@gmail.com")
    assert sorted(await reasons(PERSON)) == ["address", "host", "organisation"]
    await make_person("Aino", "", email="aino@eka.example")
    assert len(await reasons(PERSON)) == 5


async def test_what_was_told_apart_is_not_proposed_again_nor_after_a_merge(db: asyncpg.Connection) -> None:
    one, other = await make("Konepaja Rautanen"), await make("Konepaja Rautainen")
    for _ in range(2):
        await tell_apart(ORGANISATION, other, one, actor=SYSTEM, now=NOW)
    assert await reasons(ORGANISATION) == []
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'organisation.told_apart'") == 1
    stays = await make("Rautanen Group")
    await merge(ORGANISATION, one, stays, actor=SYSTEM, now=NOW)
    assert await reasons(ORGANISATION) == [], "its name is the other one's alias now"


async def test_a_coordinator_merges_with_one_click_and_takes_it_back(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator"))
    one, other = await make("Konepaja Rautanen", business_id="2252888-5"), await make("Konepaja Rautainen")
    await make_registration(await make_event(), organisation=other)
    text = (await client.get(f"{PATH}/organisations")).text
    assert text.index(f'value="{one}">Keep') < text.index(f'value="{other}">Keep'), "the identified one is proposed"
    assert "% alike" in text
    pair = {"one": str(one), "other": str(other), "stays": str(one)}
    answer = await client.post(f"{PATH}/organisations/merge", data=pair)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/organisations?saved=merged")
    assert (await client.post(f"{PATH}/organisations/merge", data=pair)).status_code == 409
    assert "Take back" in (await client.get(f"{PATH}/organisations?saved=merged")).text
    led = await client.get(f"/staff/organisations/{other}")
    assert led.headers["location"] == f"/staff/organisations/{one}"
    done = str(await fetchval("SELECT id FROM register_merge"))
    assert (await client.post(f"{PATH}/organisations/undo", data={"merge": done})).status_code == 303
    assert "Taken back on" in (await client.get(f"{PATH}/organisations")).text
    assert (await client.post(f"{PATH}/organisations/apart", data=pair)).status_code == 303
    assert "nothing stands" in (await client.get(f"{PATH}/organisations")).text.lower()


async def test_people_are_merged_on_their_own_page_and_a_refusal_says_why(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator"))
    one, other = await make_person("Aino", email="a@eka.example"), await make_person("Aina", email="a@eka.example")
    event = await make_event(starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=6))
    for person in (one, other):
        await make_registration(event, person=person)
    assert "a@eka.example" in (await client.get(f"{PATH}/people")).text
    pair = {"one": str(one), "other": str(other), "stays": str(one)}
    answer = await client.post(f"{PATH}/people/merge", data=pair)
    assert answer.status_code == 409
    assert "Both are registered for Testipaja" in answer.text


@pytest.mark.parametrize(
    "form",
    [{}, {"one": "x", "other": "y", "stays": "x"}, {"one": str(uuid4()), "other": str(uuid4()), "stays": str(uuid4())}],
)
async def test_a_broken_form_is_refused(client: AsyncClient, form: dict[str, str]) -> None:
    await sign_in(client, await make_staff("coordinator"))
    assert (await client.post(f"{PATH}/organisations/merge", data=form)).status_code == 400
    unknown = {"one": str(uuid4()), "other": str(uuid4())}
    assert (await client.post(f"{PATH}/organisations/apart", data=unknown)).status_code == 404
    assert (await client.post(f"{PATH}/nothing/merge", data=form)).status_code == 404
    assert (await client.post(f"{PATH}/people/undo", data={"merge": str(uuid4())})).status_code == 404


async def test_the_people_of_all_regions_are_shown_to_who_keeps_all_of_them(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator", kind="region", resource="06"))
    assert (await client.get(f"{PATH}/people")).status_code == 404


async def merged(name: str, into: UUID, minutes: int) -> UUID:
    gone = await insert("organisation", name=name, folded=organisation_key(name))
    return await merge(ORGANISATION, gone, into, actor=SYSTEM, now=NOW + timedelta(minutes=minutes))


async def test_every_merge_is_reached_by_page_and_found_by_name(client: AsyncClient) -> None:
    stays = await make("Rautamäen Paja Oy")
    done = [await merged(f"Pajja {number:02}", stays, number) for number in range(1, 44)]
    other = await merged("Åskmoln Svets Ab", await make("Ukkospilvi Oy"), 0)
    await sign_in(client, await make_staff("admin"))
    path = f"{PATH}/organisations"
    pages = [(await client.get(f"{path}?page={number}")).text for number in (1, 2, 3, 99)]
    shown = [[identity for identity in (*done, other) if str(identity) in text] for text in pages]
    assert [len(each) for each in shown] == [20, 20, 4, 4]
    assert shown[0] == done[23:], "the newest first"
    assert other in shown[2]
    assert f"{path}?page=2" in pages[0]
    for words, found in (
        ("pajja 07", [done[6]]),
        ("svets ab", [other]),
        ("ASKMOLN", [other]),
        ("ukkospilvi oy", [other]),
        ("%", []),
        ("pajja 99", []),
    ):
        text = (await client.get(path, params={"q": words})).text
        assert [identity for identity in (*done, other) if str(identity) in text] == found, words
    text = (await client.get(path, params={"q": "rautamäen", "page": "3"})).text
    assert str(done[0]) in text
    assert "q=rautam%C3%A4en&amp;page=2" in text
    answer = await client.post(f"{path}/undo", data={"merge": str(done[0]), "q": "rautamäen", "page": "3"})
    assert answer.headers["location"] == f"{path}?q=rautam%C3%A4en&page=3&saved=undone"
    assert "Taken back on" in (await client.get(answer.headers["location"])).text
