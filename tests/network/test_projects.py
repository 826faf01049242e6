from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from events.core.database import fetchrow, fetchval
from events.core.errors import Invalid
from events.core.i18n import in_language
from events.network import queries
from events.network.projects import MAX_EMBLEM, read_emblem
from tests.factories import insert, make_event, make_staff, sign_in

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
FORM = {
    "code": "Uusi hanke",
    "name_fi": "Uusi hanke",
    "funder": "Pirkanmaan liitto",
    "instrument": "AKKE",
    "starts_on": "2026-01-01",
    "ends_on": "31.12.2027",
    "target_regions": ["06", "05"],
    "counted_roles": ["participant"],
    "counted_kinds": ["workshop", "meeting"],
    "statement_fi": "Euroopan unionin osarahoittama",
    "statement_sv": "Medfinansieras av Europeiska unionen",
    "emblem_alt_fi": "EU:n lippu",
    "target_participations": "500",
}


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("coordinator"))
    return client


async def test_a_project_and_its_emblem_are_saved_and_shown(coordinator: AsyncClient) -> None:
    answer = await coordinator.post("/staff/projects/new", data=FORM, files={"emblem": ("eu.png", PNG)})
    assert answer.status_code == 303
    row = await fetchrow("SELECT * FROM project WHERE code = 'Uusi hanke'")
    assert row is not None
    assert (row["target_regions"], row["counted_roles"], row["counted_kinds"]) == (
        ["05", "06"],
        ["participant"],
        ["meeting", "workshop"],
    )
    assert (row["targets"], row["ends_on"].isoformat()) == ('{"participations": 500}', "2027-12-31")
    event = await make_event(slug="paja")
    await insert("event_project", event=event, project=row["id"])
    text = (await coordinator.get("/events/paja", headers={"accept-language": "sv"})).text
    assert "Medfinansieras av Europeiska unionen" in text
    assert 'alt="EU:n lippu"' in text
    url = text.split('<img src="/projects/')[1].split('"')[0]
    picture = await coordinator.get(f"/projects/{url}")
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    assert picture.headers["x-content-type-options"] == "nosniff"


async def test_an_emblem_stays_until_it_is_replaced_or_removed(coordinator: AsyncClient) -> None:
    await coordinator.post("/staff/projects/new", data=FORM, files={"emblem": ("eu.png", PNG)})
    identity: UUID = await fetchval("SELECT id FROM project WHERE code = 'Uusi hanke'")
    path = f"/staff/projects/{identity}"
    assert (await coordinator.post(path, data=FORM, files={"emblem": ("", b"")})).status_code == 303
    assert await fetchval("SELECT emblem FROM project WHERE id = $1", identity) == PNG
    assert (await coordinator.post(path, data={**FORM, "drop_emblem": "y"})).status_code == 303
    assert await fetchval("SELECT emblem FROM project WHERE id = $1", identity) is None
    assert (await coordinator.get("/projects/uusi-hanke/emblem")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "SIXNET"}, "code"),
        ({"code": ""}, "code"),
        ({"ends_on": "2025-12-31"}, "ends_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"target_persons": "-1"}, "target_persons"),
        ({"counted_roles": "king"}, "counted_roles"),
    ],
)
async def test_a_wrong_value_is_said_beside_its_field(
    coordinator: AsyncClient, change: dict[str, str], field: str
) -> None:
    answer = await coordinator.post("/staff/projects/new", data={**FORM, **change})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", PNG + b"\0" * MAX_EMBLEM, b"RIFF0000WAVE"]
)
async def test_what_is_no_small_picture_is_no_emblem(coordinator: AsyncClient, content: bytes) -> None:
    with pytest.raises(Invalid):
        read_emblem(content)
    answer = await coordinator.post("/staff/projects/new", data=FORM, files={"emblem": ("eu.png", content)})
    assert answer.status_code == 422
    assert 'id="emblem-error"' in answer.text


async def test_the_project_with_money_of_the_union_comes_with_its_marks(db: asyncpg.Connection) -> None:
    marks = {project.code: project.has_marks for project in await queries.projects()}
    assert marks == {"SIXNET": False, "Smart Manufacturing Hub": True}
    found = await queries.emblem("Smart Manufacturing Hub")
    assert found is not None
    assert read_emblem(found[0]).media_type == found[1]


def test_a_picture_is_known_by_its_first_bytes() -> None:
    assert read_emblem(PNG).media_type == "image/png"
    assert read_emblem(b"\xff\xd8\xff\xe0").media_type == "image/jpeg"
    assert read_emblem(b"RIFF\0\0\0\0WEBPVP8 ").media_type == "image/webp"


async def test_names_follow_the_language_and_sort_as_finns_do(db: asyncpg.Connection) -> None:
    with in_language("sv"):
        regions = {region.code: region.name for region in await queries.regions()}
        towns = await queries.municipality_names(["905", None])
    assert (regions["15"], towns) == ("Österbotten", {"905": "Vasa"})
    with in_language("fi"):
        order = [town.name for town in await queries.municipalities()]
    assert order[-1] == "Äänekoski"
    assert order.index("Vöyri") > order.index("Vimpeli")
