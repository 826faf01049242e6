import csv
import io
import json
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from events.core import database
from events.core.text import fold
from events.registration.staff.columns import COLUMNS, SORTABLE, order_by
from events.registration.staff.filters import Filters, View, read_view
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.questions.making import make_question

NAMES = ("Aino", "Eino", "Oiva")


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> UUID:
    staff = await make_staff("organiser", kind="region", resource="06")
    await sign_in(client, staff)
    return staff


@pytest.fixture
async def event(staff: UUID) -> UUID:
    """An event with a venue and an online site, held long ago for the clock of the pages."""
    return await make_event(
        slug=f"paja-{uuid4().hex[:6]}",
        online=True,
        starts_at=NOW.replace(year=2025),
        ends_at=NOW.replace(year=2025, hour=12),
    )


async def path_of(event: UUID) -> str:
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    return f"/staff/events/{slug}/registrations"


async def add(event: UUID, given_name: str, family_name: str = "Esimerkki", **columns: object) -> UUID:
    return await make_registration(event, person=await make_person(given_name, family_name), **columns)


async def organisation(name: str, kind: str = "company") -> UUID:
    return await insert("organisation", name=name, folded=fold(name.removesuffix(" Oy")), type=kind)


async def seen(client: httpx.AsyncClient, path: str) -> list[str]:
    """The given names on a page, from the top."""
    answer = await client.get(path)
    assert answer.status_code == 200, path
    places = {name: answer.text.find(f", {name}</a>") for name in NAMES}
    return [name for name, place in sorted(places.items(), key=lambda pair: pair[1]) if place >= 0]


async def test_every_filter_stands_in_the_address(client: httpx.AsyncClient, event: UUID, staff: UUID) -> None:
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    aino = await add(event, "Aino", organisation=await organisation("Rautamäen Paja Oy"), source="import")
    await add(event, "Eino", site=online, municipality="853", language="sv", state="waitlisted")
    oiva = await add(
        event, "Oiva", municipality=None, organisation=await organisation("Liitto", "association"), role="host"
    )
    await insert("registration_note", registration=aino, staff=staff, text="Soita")
    await insert("registration_tag", registration=oiva, tag="Erityis ruoka", folded="erityis ruoka")
    await insert("consent", registration=aino, kind="participant_list", text="…", language="fi")
    await database.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, 'attended', 'scan', 'system')",
        aino,
    )
    path = await path_of(event)
    for query, names in (
        ("", set(NAMES)),
        ("state=waitlisted&state=confirmed", set(NAMES)),
        ("state=waitlisted", {"Eino"}),
        ("role=host", {"Oiva"}),
        (f"site={online}", {"Eino"}),
        ("type=association", {"Oiva"}),
        ("type=unknown", {"Eino"}),
        ("region=06", {"Aino"}),
        ("region=none", {"Oiva"}),
        ("tag=Erityis-Ruoka", {"Oiva"}),
        ("note=with", {"Aino"}),
        ("note=without", {"Eino", "Oiva"}),
        ("attendance=attended", {"Aino"}),
        ("attendance=unknown", {"Oiva"}),
        ("attendance=no_show", set()),
        ("listed=with", {"Aino"}),
        ("source=import", {"Aino"}),
        ("language=sv", {"Eino"}),
        ("q=rautamaen+paja+oy", {"Aino"}),
        ("q=AINO+rautam%C3%A4en", {"Aino"}),
        ("q=oiva.", {"Oiva"}),
        ("q=@yritys.example", set(NAMES)),
        ("q=%25", set()),
        ("q=aino&state=waitlisted", set()),
    ):
        assert set(await seen(client, f"{path}?{query}")) == names, query


async def test_answers_items_organisations_and_who_registered_are_filters_too(
    client: httpx.AsyncClient, event: UUID
) -> None:
    paja = await organisation("Rautamäen Paja Oy")
    await insert("organisation_alias", organisation=paja, name="Paja", folded="paja")
    aino = await add(event, "Aino", organisation=paja)
    eino = await add(event, "Eino", registered_by=aino)
    oiva = await add(event, "Oiva", registered_by_name="Veera Vieras")
    hours = {"starts_at": NOW, "ends_at": NOW.replace(hour=12)}
    item = await insert("agenda_item", event=event, title_fi="Paja A", sign_up=True, **hours)
    await insert("registration_item", registration=eino, item=item)
    other = await make_event()
    for place, code, kind, answers in (
        (event, "track", "one", {aino: "lean", eino: "ai"}),
        (event, "days", "many", {aino: ["mon", "tue"], oiva: ["tue"]}),
        (event, "bus", "yes_no", {aino: "yes", eino: "no"}),
        (event, "rules", "consent", {eino: {"text": "yes", "language": "fi"}}),
        (event, "why", "long", {oiva: "lean"}),
        (event, "diet", "short", {aino: "Nuts"}),
        (other, "track", "one", {oiva: "lean"}),
    ):
        options = {"track": ("lean", "ai"), "days": ("mon", "tue")}.get(code, ())
        question = await make_question(place, code, kind, *options, health=code == "diet")
        for registration, value in answers.items():
            await insert("registration_answer", registration=registration, question=question, value=json.dumps(value))
    path = await path_of(event)
    for query, names in (
        ("answer=track%3Dlean", {"Aino"}),
        ("answer=track%3Dlean&answer=track%3Dai", {"Aino", "Eino"}),
        ("answer=track%3D-", {"Oiva"}),
        ("answer=track%3Dlean&answer=track%3D-", {"Aino", "Oiva"}),
        ("answer=days%3Dtue", {"Aino", "Oiva"}),
        ("answer=days%3Dtue&answer=bus%3Dyes", {"Aino"}),
        ("answer=bus%3Dno", {"Eino"}),
        ("answer=rules%3D*", {"Eino"}),
        ("answer=rules%3Dyes", {"Eino"}),
        ("answer=rules%3D-", {"Aino", "Oiva"}),
        ("answer=why%3D*", {"Oiva"}),
        ("answer=nothing%3Dx", set()),
        ("answer=nonsense", set(NAMES)),
        ("answer=diet%3D*", set()),
        (f"item={item}", {"Eino"}),
        ("organisation=rautam%C3%A4en+paja", {"Aino"}),
        ("organisation=PAJA+Oy", {"Aino"}),
        ("organisation=raut", set()),
        ("by=with", {"Eino", "Oiva"}),
        ("by=without", {"Aino"}),
    ):
        assert set(await seen(client, f"{path}?{query}")) == names, query
    text = (await client.get(f"{path}?answer=track%3Dlean&answer=why%3D-&organisation=Paja&item={item}")).text
    for words in ("track en: lean en", "why en: Not answered", "Organisation: Paja", "Signed up for: Paja A"):
        assert f"{words} <span" in text, words
    assert 'value="track=lean" checked' in text
    assert '<option value="Rautamäen Paja Oy">' in text
    assert "diet en" not in text
    chosen = (await client.get(f"{path}/chosen?do=tag&all=1&answer=days%3Dtue")).text
    assert "It concerns 2 people." in chosen


async def test_who_registered_them_and_why_they_cancelled_can_be_columns(
    client: httpx.AsyncClient, event: UUID
) -> None:
    aino = await add(event, "Aino")
    await add(event, "Eino", registered_by=aino, state="cancelled", cancel_reason="=Sairastuin")
    path = await path_of(event)
    assert "Sairastuin" not in (await client.get(path)).text
    text = (await client.get(f"{path}?columns=registered_by,cancel_reason")).text
    assert "Aino Esimerkki</td>" in text
    assert "Sairastuin" in text
    file = (await client.get(f"{path}.csv?columns=registered_by,cancel_reason&by=with")).text
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert [row[2:] for row in rows] == [["Registered by", "Reason for cancelling"], ["Aino Esimerkki", "'=Sairastuin"]]


async def test_the_short_code_finds_its_owner(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "Aino")
    code = await database.fetchval("SELECT ticket_code FROM registration WHERE id = $1", await add(event, "Eino"))
    assert await seen(client, f"{await path_of(event)}?q={code.lower()}") == ["Eino"]


async def test_what_is_on_stands_above_the_list_and_can_be_taken_off_one_by_one(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await add(event, "Aino")
    path = await path_of(event)
    text = (await client.get(f"{path}?state=confirmed&role=participant&q=aino")).text
    assert f'href="{path}?q=aino&amp;role=participant" aria-label="Remove the filter: Confirmed"' in text
    assert f'href="{path}?q=aino&amp;state=confirmed" aria-label="Remove the filter: Role: Participant"' in text
    assert f'href="{path}?state=confirmed&amp;role=participant" aria-label="Remove the filter: “aino”"' in text


async def test_when_nobody_fits_there_is_a_way_out(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "Aino")
    path = await path_of(event)
    text = (await client.get(f"{path}?q=nobody")).text
    assert f'Nobody fits this search. <a href="{path}">Show everybody</a>' in text


async def test_the_list_is_sorted_as_names_are_in_finnish(client: httpx.AsyncClient, event: UUID) -> None:
    for given, family in (("Aino", "Östman"), ("Eino", "Zeder"), ("Oiva", "Äijö")):
        await add(event, given, family)
    path = await path_of(event)
    assert await seen(client, f"{path}?sort=name") == ["Eino", "Oiva", "Aino"]
    assert await seen(client, f"{path}?sort=-name") == ["Aino", "Oiva", "Eino"]
    assert 'aria-sort="descending"' in (await client.get(f"{path}?sort=-name")).text


async def test_every_column_sorts_and_shows(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "Aino")
    path = await path_of(event)
    every = ",".join(COLUMNS)
    for name in SORTABLE:
        assert await seen(client, f"{path}?sort={name}&columns={every}") == ["Aino"], name
    assert order_by("number; DROP TABLE person") == order_by("")


async def test_pages_keep_the_filters_and_the_last_is_shown_for_one_beyond_it(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await database.execute("UPDATE site SET capacity = NULL")
    for number in range(51):
        await add(event, f"Person{number:03}")
    path = await path_of(event)
    assert f'{path}?role=participant&amp;page=2"' in (await client.get(f"{path}?role=participant")).text
    assert "Person050" in (await client.get(f"{path}?role=participant&page=99")).text


async def test_chosen_columns_stand_in_the_address_and_are_remembered_for_oneself(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await add(event, "Aino")
    path = await path_of(event)
    data = {"list": "role=participant&columns=role", "column": ["email", "source", "nonsense"]}
    answer = await client.post(f"{path}/columns", data=data)
    assert answer.headers["location"] == f"{path}?role=participant&columns=email%2Csource"
    for query in ("", "?columns=email,source"):
        text = (await client.get(path + query)).text
        assert '<td role="cell" data-label="Source">' in text
        assert '<td role="cell" data-label="Role">' not in text
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    assert '<td role="cell" data-label="Role">' in (await client.get(path)).text


async def test_the_file_holds_who_is_meant_with_the_columns_that_are_named(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await add(event, "Aino", registered_at=NOW)
    await add(event, "Eino", state="waitlisted")
    answer = await client.get(f"{await path_of(event)}.csv?state=confirmed&columns=registered,number")
    heads, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert heads == ["Family name", "Given name", "Registered on", "Number in line"]
    assert row == ["Esimerkki", "Aino", "2026-09-01 12:00", "1"]


async def test_the_workbook_holds_texts_whatever_they_look_like(client: httpx.AsyncClient, event: UUID) -> None:
    await add(event, "=1+1", "https://evil.example")
    answer = await client.get(f"{await path_of(event)}.xlsx?columns=number,state")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows == [
        ["Family name", "Given name", "Number in line", "State"],
        ["https://evil.example", "=1+1", 1.0, "Confirmed"],
    ]


async def test_taking_personal_data_along_is_noted_without_what_was_searched(
    client: httpx.AsyncClient, event: UUID, staff: UUID
) -> None:
    await add(event, "Aino")
    assert (await client.get(f"{await path_of(event)}.csv?q=aino&state=confirmed&columns=email")).status_code == 200
    row = await database.fetchrow("SELECT * FROM audit WHERE action = 'registrations.exported'")
    assert row is not None
    assert (row["actor_id"], row["subject_id"]) == (staff, str(event))
    assert json.loads(row["detail"]) == {"format": "csv", "people": 1, "columns": ["email"], "filters": ["q", "state"]}


async def test_an_export_of_thousands_has_each_once(client: httpx.AsyncClient, event: UUID) -> None:
    await database.execute("UPDATE site SET capacity = NULL")
    for number in range(501):
        await add(event, f"Person{number:03}")
    lines = (await client.get(f"{await path_of(event)}.csv?columns=number")).text.splitlines()
    assert len(lines) == len(set(lines)) == 502


async def test_answers_are_columns_of_the_list_and_of_its_files_but_not_those_of_health(
    client: httpx.AsyncClient, event: UUID
) -> None:
    registration = await add(event, "Aino")
    for code, kind, value, columns in (
        ("track", "one", "lean", {}),
        ("why", "short", "=Because", {}),
        ("diet", "short", "Nuts", {"health": True}),
    ):
        question = await make_question(event, code, kind, *(["lean"] if kind == "one" else []), **columns)
        table = "health_answer" if columns else "registration_answer"
        agreed = {"consent_text": "Yes", "consent_language": "en"} if columns else {}
        await insert(table, registration=registration, question=question, value=json.dumps(value), **agreed)
    here = await path_of(event)
    usual = (await client.get(here)).text
    assert ("track en" in usual, "lean en</td>" in usual, "diet en" in usual) == (True, False, False)
    assert "lean en</td>" in (await client.get(f"{here}?columns=answer.track")).text
    _heads, row = csv.reader(io.StringIO((await client.get(f"{here}.csv")).text), delimiter=";")
    assert row[-2:] == ["lean en", "'=Because"]
    workbook = (await client.get(f"{here}.xlsx?columns=answer.why,answer.diet")).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["Family name", "Given name", "why en"]


def test_an_address_that_is_read_and_written_stays_the_same() -> None:
    view = View(Filters(q="å b", state=("confirmed", "waitlisted"), role="host", listed="without"), "-name", ("email",))
    pairs = [("q", "å b"), ("state", "waitlisted"), ("state", "confirmed"), ("role", "host"), ("listed", "without")]
    assert read_view([*pairs, ("sort", "-name"), ("columns", "email,email,x")], COLUMNS) == view
    assert (
        view.query(sort="", page="2")
        == "q=%C3%A5+b&state=confirmed&state=waitlisted&role=host&listed=without&columns=email&page=2"
    )
    assert read_view([("role", "king"), ("sort", "x"), ("type", "x"), ("attendance", "x")], COLUMNS) == View()


async def test_no_filter_costs_a_failure(db: asyncpg.Connection, client: httpx.AsyncClient, event: UUID) -> None:
    path = await path_of(event)
    for name in (*Filters.__struct_fields__, "sort", "columns", "page"):
        for value in ("%27", "x" * 300, "%F0%9F%92%A5", "-1", "%5C", "%25%5F"):
            assert (await client.get(f"{path}?{name}={value}")).status_code == 200, (name, value)
