from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import fetchval
from events.core.errors import Invalid, NotAllowed, NotFound
from events.network import organisations
from events.network.matching import match_organisation
from events.network.organisations import OrganisationValues, save, suggest
from tests.factories import NOW, make_staff, sign_in


async def make(name: str, **values: object) -> UUID:
    return await save(None, OrganisationValues(name=name, **values), actor=SYSTEM, now=NOW)  # type: ignore[arg-type]


async def names(words: str) -> list[str]:
    return [suggestion.name for suggestion in await suggest(words)]


async def test_an_organisation_is_suggested_by_name_alias_and_domain(db: asyncpg.Connection) -> None:
    await make("Konepaja Rautanen Oy", municipality="109", aliases=["KR-Group"], domains=["rautanen.example"])
    assert await names("kone") == ["Konepaja Rautanen Oy"]
    assert await names("rauta") == ["Konepaja Rautanen Oy"]
    assert await names("kr-g") == ["Konepaja Rautanen Oy"]
    assert await names("rautanen.ex") == ["Konepaja Rautanen Oy"]
    assert await names("somebody@rautanen.example") == ["Konepaja Rautanen Oy"]
    assert await names("tanen") == []
    suggestion = (await suggest("kone"))[0]
    assert (suggestion.municipality, suggestion.municipality_name, suggestion.asks_size) == ("109", "Hämeenlinna", True)


async def test_sole_traders_and_too_few_letters_suggest_nothing(db: asyncpg.Connection) -> None:
    await make("Tmi Aino Esimerkki", sole_trader=True, domains=["aino.example"])
    for words in ("tmi", "aino", "aino.example", "@aino.example"):
        assert await names(words) == [], words
    await make("AA Oy")
    assert [await names(words) for words in ("a", "%", "_", " ", "")] == [[], [], [], [], []]


async def test_no_more_than_eight_are_suggested_those_that_begin_so_first(db: asyncpg.Connection) -> None:
    for number in range(10):
        await make(f"Alfa {number} Konepaja")
    await make("Konepaja Öberg")
    assert (await names("konepaja"))[0] == "Konepaja Öberg"
    assert len(await names("konepaja")) == 8


async def test_a_new_name_keeps_the_old_one_as_an_alias(db: asyncpg.Connection) -> None:
    identity = await make("Vanha Konepaja Oy", aliases=["VK"])
    await save(identity, OrganisationValues(name="Uusi Konepaja Oy", aliases=["VK"]), actor=SYSTEM, now=NOW)
    known = await organisations.by_id(identity)
    assert known is not None
    assert (known.name, known.aliases) == ("Uusi Konepaja Oy", ["VK", "Vanha Konepaja Oy"])
    found = await match_organisation("vanha konepaja")
    assert found is not None
    assert found.id == identity
    await save(identity, OrganisationValues(name="Uusi Konepaja Oy"), actor=SYSTEM, now=NOW)
    assert await match_organisation("VK") is None


async def test_names_and_business_ids_belong_to_one_organisation(db: asyncpg.Connection) -> None:
    await make("Eka Oy", business_id="2252888-5", aliases=["Ykkönen"])
    for values, field in (
        (OrganisationValues(name="EKA"), "name"),
        (OrganisationValues(name="ykkonen"), "name"),
        (OrganisationValues(name="Toka", aliases=["Eka"]), "aliases"),
        (OrganisationValues(name="Toka", business_id="2252888-5"), "business_id"),
    ):
        with pytest.raises(Invalid) as refused:
            await save(None, values, actor=SYSTEM, now=NOW)
        assert list(refused.value.errors) == [field]


async def test_only_those_who_keep_the_register_change_it(db: asyncpg.Connection) -> None:
    organiser = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser"),))
    with pytest.raises(NotAllowed):
        await save(None, OrganisationValues(name="Eka"), actor=organiser, now=NOW)
    with pytest.raises(NotFound):
        await save(uuid4(), OrganisationValues(name="Eka"), actor=SYSTEM, now=NOW)


async def test_suggestions_are_limited_per_visitor(client: AsyncClient) -> None:
    statuses = {(await client.get("/organisations/suggest?q=%00%ED")).status_code for _ in range(60)}
    assert statuses == {200}
    assert (await client.get("/organisations/suggest?q=aa")).status_code == 429


async def test_the_register_is_kept_in_the_browser(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator"))
    form = {
        "name": "Konepaja Oy",
        "business_id": "22528885",
        "type": "company",
        "size_class": "small",
        "municipality": "837",
        "domains": "Konepaja.example\n\n",
        "aliases": "KP",
    }
    assert (await client.post("/staff/organisations/new", data=form)).status_code == 303
    identity = await fetchval("SELECT id FROM organisation WHERE business_id = '2252888-5'")
    text = (await client.get("/staff/organisations?q=kp")).text
    assert "Konepaja Oy" in text
    assert 'value="2252888-5"' in (await client.get(f"/staff/organisations/{identity}")).text
    answer = await client.post(f"/staff/organisations/{identity}", data={**form, "name": "Toinen"})
    assert answer.status_code == 303
    assert await fetchval("SELECT count(*) FROM audit WHERE subject_kind = 'organisation'") == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"business_id": "2252888-4"}, "business_id"),
        ({"domains": "gmail.com"}, "domains"),
        ({"domains": "not a domain"}, "domains"),
        ({"type": "municipality", "size_class": "small"}, "size_class"),
        ({"municipality": "999"}, "municipality"),
        ({"aliases": "x" * 201}, "aliases"),
    ],
)
async def test_a_wrong_value_is_said_beside_its_field(client: AsyncClient, change: dict[str, str], field: str) -> None:
    await sign_in(client, await make_staff("coordinator"))
    form = {"name": "Konepaja Oy", "type": "company", "size_class": "unknown"}
    answer = await client.post("/staff/organisations/new", data={**form, **change})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


async def test_the_register_is_sorted_as_finns_and_swedes_do(db: asyncpg.Connection) -> None:
    for name in ("Örn Ab", "Åström Oy", "Zeta Oy", "Ärjä Oy", "Éclair Oy", "Firma Oy"):
        await make(name)
    found, total = await organisations.search("", page=1)
    assert [known.name for known in found] == ["Éclair Oy", "Firma Oy", "Zeta Oy", "Åström Oy", "Ärjä Oy", "Örn Ab"]
    assert total == 6


async def test_a_name_with_its_legal_form_is_found(db: asyncpg.Connection) -> None:
    await make("Konepaja Rautanen Oy")
    assert await names("Konepaja Rautanen Oy") == ["Konepaja Rautanen Oy"]
