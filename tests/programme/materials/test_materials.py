"""Materials: who may open them and from when, what is taken, and that no file is shown inside a page."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock, files, secrets
from events.core.actor import SYSTEM
from events.core.database import execute, fetch, fetchrow, fetchval
from events.programme.actions import copy_event
from events.programme.materials import pages as material_pages
from tests.core.test_files import PDF
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in
from tests.programme.agenda.test_agenda import make_item


@pytest.fixture
async def event(client: AsyncClient) -> UUID:
    return await make_event(slug="paja")


async def kept(event: UUID, **columns: Any) -> UUID:
    stored = await files.put(io.BytesIO(PDF))
    given = {"filename": "Kalvot ä.pdf", "media_type": "application/pdf", "size": stored.size, "title_fi": "Kalvot"}
    return await insert("material", event=event, stored=stored.name, **{**given, **columns})


async def get(client: AsyncClient, path: str, *, later: timedelta = timedelta()) -> httpx.Response:
    with clock.at(NOW + later):
        return await client.get(path)


async def test_a_file_is_handed_out_to_be_saved_and_never_shown(client: AsyncClient, event: UUID) -> None:
    material = await kept(event)
    answer = await get(client, f"/events/paja/materials/{material}")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Kalvot _.pdf\"; filename*=UTF-8''Kalvot%20%C3%A4.pdf"
    )
    assert f"/events/paja/materials/{material}" in (await get(client, "/events/paja")).text


async def test_each_circle_opens_its_own_and_what_lies_around_it(client: AsyncClient, event: UUID) -> None:
    circles = ("everyone", "registered", "attended")
    ids = {circle: await kept(event, audience=circle) for circle in circles}
    waiting, confirmed, came = [
        await make_registration(event, state=state) for state in ("waitlisted", "confirmed", "confirmed")
    ]
    await execute("INSERT INTO attendance (registration, state, source) VALUES ($1, 'attended', 'desk')", came)
    readers = {
        "/events/paja": 1,
        f"/r/{secrets.derive('manage', waiting)}": 1,
        f"/r/{secrets.derive('manage', confirmed)}": 2,
        f"/r/{secrets.derive('manage', came)}": 3,
    }
    for path, circles_open in readers.items():
        opened = [(await get(client, f"{path}/materials/{ids[circle]}")).status_code for circle in circles]
        assert opened == [200] * circles_open + [404] * (3 - circles_open)
        shown = (await get(client, path)).text
        assert [f"/materials/{ids[circle]}" in shown for circle in circles] == [code == 200 for code in opened]


async def test_a_material_appears_when_its_time_has_come(client: AsyncClient, event: UUID) -> None:
    material = await kept(event, visible_from=NOW + timedelta(days=1))
    path = f"/events/paja/materials/{material}"
    assert (await get(client, path)).status_code == 404
    assert (await get(client, path, later=timedelta(days=1))).status_code == 200
    await sign_in(client, await make_staff("admin"))
    assert (await get(client, path)).status_code == 200, "its organisers open it before"


async def test_a_material_is_not_opened_by_way_of_another_event(client: AsyncClient, event: UUID) -> None:
    other = await make_registration(await make_event(slug="muu"))
    material = await kept(event, audience="registered")
    assert (await get(client, f"/events/muu/materials/{await kept(event)}")).status_code == 404
    assert (await get(client, f"/r/{secrets.derive('manage', other)}/materials/{material}")).status_code == 404


async def test_a_lost_file_is_not_found_instead_of_a_failure(client: AsyncClient, event: UUID) -> None:
    material = await kept(event)
    await execute("UPDATE material SET stored = 'f00d'")
    assert (await get(client, f"/events/paja/materials/{material}")).status_code == 404


@pytest.fixture
async def staff(client: AsyncClient, event: UUID) -> AsyncClient:
    await sign_in(client, await make_staff("admin"))
    return client


async def send(client: AsyncClient, content: bytes | None = None, **data: str) -> httpx.Response:
    sent = {"file": ("Kalvot.pdf", content)} if content is not None else None
    with clock.at(NOW):
        return await client.post(
            "/staff/events/paja/materials", data={"audience": "everyone", "title_en": "Slides", **data}, files=sent
        )


async def test_staff_add_a_file_and_a_link(staff: AsyncClient) -> None:
    assert (await send(staff, PDF, visible_day="2026-10-02", visible_time="8.00")).status_code == 303
    assert (await send(staff, url="https://video.example/1", audience="registered")).status_code == 303
    file, link = await fetch("SELECT * FROM material ORDER BY created_at, url")
    assert (file["filename"], file["media_type"], file["size"]) == ("Kalvot.pdf", "application/pdf", len(PDF))
    assert file["visible_from"].isoformat() == "2026-10-02T05:00:00+00:00"
    assert b"".join([piece async for piece in await files.read(file["stored"])]) == PDF
    assert (link["url"], link["stored"], link["audience"]) == ("https://video.example/1", "", "registered")
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'material.added'") == 2


@pytest.mark.parametrize(
    ("content", "data", "said"),
    [
        (None, {}, "Choose a file, or write a link."),
        (b"<html>", {}, "Files of this kind are not taken."),
        (b"", {}, "Files of this kind are not taken."),
        (PDF, {"url": "https://video.example/1"}, "Either a file or a link"),
        (None, {"url": "javascript:alert(1)"}, "beginning with https://"),
        (PDF, {"visible_day": "2026-10-02"}, "Give a time."),
        (PDF, {"audience": "nobody"}, "Not a valid choice"),
        (None, {"file": "no file at all"}, "Choose a file, or write a link."),
    ],
)
async def test_what_is_not_taken_is_said_beside_its_field(
    staff: AsyncClient, content: bytes | None, data: dict[str, str], said: str
) -> None:
    answer = await send(staff, content, **data)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Slides"' in answer.text
    assert await fetchval("SELECT count(*) FROM material") == 0


async def test_a_file_that_is_too_large_is_refused_beside_its_field(
    staff: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material_pages, "MAX_FILE", len(PDF))
    assert (await send(staff, PDF)).status_code == 303
    answer = await send(staff, PDF + b"!")
    assert answer.status_code == 422
    assert "larger than 50 MB" in answer.text


async def test_staff_change_and_delete_a_material(staff: AsyncClient, event: UUID) -> None:
    path = f"/staff/events/paja/materials/{await kept(event)}"
    assert 'value="Kalvot"' in (await get(staff, path)).text
    with clock.at(NOW):
        assert (await staff.post(path, data={"audience": "attended", "title_sv": "Bilder"})).status_code == 303
    row = await fetchrow("SELECT title_fi, title_sv, audience, filename FROM material")
    assert row is not None
    assert tuple(row) == ("", "Bilder", "attended", "Kalvot ä.pdf")
    with clock.at(NOW):
        assert (await staff.post(f"{path}/delete")).status_code == 303
        assert (await staff.post(f"{path}/delete")).status_code == 404
        assert (await staff.get(path)).status_code == 404


async def test_those_who_may_not_edit_the_event_find_no_materials_page(client: AsyncClient, event: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    material = await kept(event, audience="attended")
    for path in ("/staff/events/paja/materials", f"/staff/events/paja/materials/{material}"):
        assert (await get(client, path)).status_code == 404
    assert (await get(client, f"/events/paja/materials/{material}")).status_code == 404


@pytest.mark.parametrize("without_files", [False, True])
async def test_a_copy_takes_files_along_unless_they_shall_stay(event: UUID, *, without_files: bool) -> None:
    item = await make_item(event)
    await kept(event, item=item)
    await insert("material", event=event, url="https://video.example/1")
    copied = await copy_event(event, NOW, actor=SYSTEM, now=NOW, without_files=without_files)
    rows = await fetch("SELECT stored, item FROM material WHERE event = $1 ORDER BY stored DESC", copied.id)
    assert [bool(row["stored"]) for row in rows] == [False] if without_files else [True, False]
    items = [row["id"] for row in await fetch("SELECT id FROM agenda_item WHERE event = $1", copied.id)]
    assert [row["item"] for row in rows if row["stored"]] == ([] if without_files else items)
    model = [row["stored"] for row in await fetch("SELECT stored FROM material WHERE event = $1", event)]
    assert {row["stored"] for row in rows} <= set(model), "a copy names the same file"
