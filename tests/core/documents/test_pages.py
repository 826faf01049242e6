from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from events.core import clock, database
from events.core.actor import Actor
from events.core.documents.actions import LASTS, ask, make_at_once, make_due
from events.core.documents.shapes import Kind, Shown, Task, Tell
from events.core.errors import Conflict
from tests.core.documents.making import everyone, kinds, spell, staff, wanted
from tests.factories import NOW, make_staff, sign_in


@pytest.fixture(autouse=True)
def known(app: Litestar) -> Iterator[None]:
    before = app.state.documents
    app.state.documents = kinds()
    yield
    app.state.documents = before


@pytest.fixture
async def aino(client: httpx.AsyncClient) -> UUID:
    identity = await make_staff("viewer")
    await sign_in(client, identity)
    return identity


async def get(client: httpx.AsyncClient, document: UUID, part: str = "", at: datetime = NOW) -> httpx.Response:
    with clock.at(at):
        return await client.get(f"/staff/documents/{document}{part}")


async def test_who_asked_sees_how_far_it_is_then_gets_the_file(client: httpx.AsyncClient, aino: UUID) -> None:
    document = await ask(wanted(), actor=staff(aino), now=NOW)
    waiting = (await get(client, document)).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
    assert "/file" not in waiting
    assert (await get(client, document, "/file")).status_code == 404
    await make_due(kinds(), now=NOW)
    ready = (await get(client, document)).text
    assert f"/staff/documents/{document}/file" in ready
    assert "refresh" not in ready
    file = await get(client, document, "/file")
    assert (file.content, file.headers["content-type"]) == (b"abc", "application/pdf")
    assert "list.pdf" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "private, no-store"


async def test_the_script_is_told_how_far_it_is(client: httpx.AsyncClient, aino: UUID) -> None:
    document = await ask(wanted(), actor=staff(aino), now=NOW)
    told = []

    async def watched(task: Task, tell: Tell, now: datetime) -> bytes:
        await tell(2)
        told.append((await get(client, document, "/progress")).json())
        assert 'max="3" value="2"' in (await get(client, document)).text
        return b"x"

    await make_due(kinds(watched), now=NOW)
    assert told == [{"state": "making", "done": 2, "total": 3}]
    assert (await get(client, document, "/progress")).json()["state"] == "ready"


async def test_another_person_does_not_find_it(client: httpx.AsyncClient, aino: UUID) -> None:
    mine = await make_at_once(wanted(), kinds(), actor=staff(aino), now=NOW)
    others = await make_at_once(wanted(), kinds(), actor=staff(await make_staff("admin")), now=NOW)
    for part in ("", "/progress", "/file"):
        assert (await get(client, mine, part)).status_code == 200
        assert (await get(client, others, part)).status_code == 404


async def test_an_expired_one_is_not_found_though_its_row_is_still_there(client: httpx.AsyncClient, aino: UUID) -> None:
    document = await make_at_once(wanted(), kinds(), actor=staff(aino), now=NOW)
    assert (await get(client, document, "/file", at=NOW + LASTS - timedelta(seconds=1))).status_code == 200
    assert (await get(client, document, "/file", at=NOW + LASTS)).status_code == 404


async def test_who_may_not_see_what_it_is_about_any_more_does_not_get_it(
    client: httpx.AsyncClient, app: Litestar, aino: UUID
) -> None:
    document = await make_at_once(wanted(), kinds(), actor=staff(aino), now=NOW)

    async def nobody(actor: Actor, subject: UUID, now: datetime) -> bool:
        return False

    app.state.documents = kinds(spell, nobody)
    assert (await get(client, document, "/file")).status_code == 404
    app.state.documents = {"other": Kind(spell, everyone)}
    assert (await get(client, document, "/file")).status_code == 404


async def test_a_failure_is_told_with_the_way_back(client: httpx.AsyncClient, aino: UUID) -> None:
    async def refuse(task: Task, tell: Tell, now: datetime) -> bytes:
        raise Conflict("Nobody is <left>.")

    document = await make_at_once(wanted(back="/staff/events"), kinds(refuse), actor=staff(aino), now=NOW)
    text = (await get(client, document)).text
    assert "Nobody is &lt;left&gt;." in text
    assert 'href="/staff/events"' in text


async def test_a_file_that_is_lost_is_not_found(client: httpx.AsyncClient, aino: UUID) -> None:
    document = await make_at_once(wanted(), kinds(), actor=staff(aino), now=NOW)
    await database.execute("UPDATE document SET stored = 'gone' WHERE id = $1", document)
    assert (await get(client, document, "/file")).status_code == 404


async def test_what_work_came_to_is_shown_and_is_no_file(client: httpx.AsyncClient, app: Litestar, aino: UUID) -> None:
    shown: list[bytes] = []

    async def context(subject: UUID, content: bytes) -> dict[str, object]:
        shown.append(content)
        return {}

    work = {"list": Kind(spell, everyone, shown=Shown("core/document.html", context))}
    app.state.documents = work
    document = await ask(wanted(), actor=staff(aino), now=NOW)
    assert "The work is being done." in (await get(client, document)).text
    await make_due(work, now=NOW)
    assert (await get(client, document)).status_code == 200
    assert shown == [b"abc"]
    assert (await get(client, document, "/file")).status_code == 404
    assert (await get(client, document, "/progress")).json()["state"] == "ready"
