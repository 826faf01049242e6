import re
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from events.core import clock, files
from events.core.actor import Actor, ActorKind, Grant
from events.core.database import execute, fetch, fetchval
from events.core.documents.actions import LEASE, make_due
from events.core.tabular import read_table
from events.documents import KINDS
from events.programme import queries as programme
from events.registration.imports import work
from events.registration.imports import writing as importing
from events.registration.imports.work import AT_ONCE, Parcel, order
from tests import factories
from tests.factories import NOW, make_event, make_staff
from tests.registration.imports.test_actions import AFTER, HEAD, person
from tests.registration.imports.test_pages import PAGE, carried, post

MANY = AT_ONCE + 20
GRANT = Grant("organiser", "region", "06")


def table(rows: int = MANY, attended: str = "") -> str:
    return HEAD + "".join(person(attended=attended, number=number) for number in range(1, rows + 1))


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    await make_event(slug="paja", capacity=100, online=True)
    return client


async def confirmed(client: httpx.AsyncClient, text: str, **more: str) -> httpx.Response:
    preview = await post(client, {}, file=("lista.csv", text.encode()))
    return await post(client, {**carried(preview), **more})


async def test_a_long_table_is_imported_by_a_worker_while_the_page_shows_how_far_it_is(
    organiser: httpx.AsyncClient,
) -> None:
    asked = await confirmed(organiser, table())
    assert f'max="{MANY}"' in asked.text
    assert "the work goes on" in asked.text
    assert await fetchval("SELECT count(*) FROM registration") == 0
    with clock.at(NOW):
        assert "The work is being done." in (await organiser.get(PAGE)).text
        assert await make_due(KINDS, now=NOW)
        report = await organiser.get(asked.url.path)
        assert (await organiser.get(f"{asked.url.path}/file")).status_code == 404
    assert f"{MANY} new registrations, of which 120 without a place" in re.sub(r"\s*\n\s*", "", report.text)
    assert "lista.csv" in report.text
    assert await fetchval("SELECT count(*) FROM registration") == MANY


async def test_a_row_that_cannot_be_taken_is_named_and_loses_only_itself(organiser: httpx.AsyncClient) -> None:
    asked = await confirmed(organiser, table() + "Esimerkki;Aino;kelvoton;;;;;\n")
    with clock.at(NOW):
        await make_due(KINDS, now=NOW)
        text = (await organiser.get(asked.url.path)).text
    assert f"Line {MANY + 2}: Sähköposti “kelvoton”" in text
    assert await fetchval("SELECT count(*) FROM registration") == MANY


async def test_what_is_kept_for_the_worker_holds_nothing_that_is_not_taken_and_goes_with_it(
    organiser: httpx.AsyncClient,
) -> None:
    rows = "".join(f"Aino;Esimerkki;a{number}@yritys.example;Pähkinäallergia;Soita äidille\n" for number in range(MANY))
    await confirmed(organiser, f"Etunimi;Sukunimi;Sähköposti;Erityisruokavalio;Lisätietoja\n{rows}", send="1")
    given = await fetchval("SELECT given FROM document")
    kept = await files.content(given)
    assert b"a7@yritys.example" in kept
    assert "Pähkinä".encode() not in kept
    assert "äidille".encode() not in kept
    assert msgspec.json.decode(kept, type=Parcel).send
    await make_due(KINDS, now=NOW)
    with pytest.raises(FileNotFoundError):
        await files.content(given)
    assert await fetchval("SELECT given FROM document") == ""
    assert await fetchval("SELECT count(*) FROM message") == MANY


class _Killed(BaseException):
    pass


async def staff_of_region() -> Actor:
    return Actor(ActorKind.STAFF, await make_staff("organiser", kind="region", resource="06"), "", (GRANT,))


@pytest.mark.parametrize("killed_after", [0, 1, 3])
async def test_an_import_that_is_killed_goes_on_with_nothing_doubled_and_reports_the_whole(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    event_id = await make_event(capacity=100)
    event = await programme.by_id(event_id)
    assert event is not None
    read = read_table((table(attended="x") + person(number=1)).encode())
    await order(event, read, "a.csv", answers={}, send=True, actor=await staff_of_region(), now=AFTER)
    added: list[Any] = []
    together = importing._add_together

    async def killing(*args: Any) -> Any:
        if len(added) == killed_after:
            raise _Killed
        added.append(args)
        return await together(*args)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "_add_together", killing)
        with pytest.raises(_Killed):
            await make_due(KINDS, now=AFTER)
    assert await fetchval("SELECT count(*) FROM registration") == killed_after * importing.TOGETHER
    assert await make_due(KINDS, now=AFTER + 2 * LEASE)
    stored = await fetchval("SELECT stored FROM document WHERE state = 'ready'")
    report = msgspec.json.decode(await files.content(stored), type=work.Outcome).report
    assert (report.added, report.waiting, report.attended, report.unchanged) == (MANY, 120, MANY, 0)
    assert [note.line for note in report.refused] == [MANY + 2]
    assert await fetchval("SELECT count(*) FROM registration") == MANY
    assert await fetchval("SELECT count(*) FROM message") == MANY
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'registration.made'") == MANY
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'registrations.imported'") == 1
    assert await fetchval("SELECT taken FROM site WHERE event = $1", event_id) == 100


async def test_killed_before_its_report_is_kept_it_is_noted_once(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await programme.by_id(await make_event())
    assert event is not None
    read = read_table(table(attended="x").encode())
    await order(event, read, "a.csv", answers={}, send=False, actor=await staff_of_region(), now=AFTER)

    async def killing(*_args: Any) -> Any:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(files, "put", killing)
        with pytest.raises(_Killed):
            await make_due(KINDS, now=AFTER)
    await make_due(KINDS, now=AFTER + 2 * LEASE)
    stored = await fetchval("SELECT stored FROM document WHERE state = 'ready'")
    report = msgspec.json.decode(await files.content(stored), type=work.Outcome).report
    assert (report.added, report.attended) == (MANY, MANY)
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'registrations.imported'") == 1


@pytest.mark.parametrize("change", ["UPDATE staff SET active = false", "DELETE FROM staff_grant"])
async def test_whoever_lost_the_right_meanwhile_imports_nothing(organiser: httpx.AsyncClient, change: str) -> None:
    await confirmed(organiser, table())
    await execute(change)
    await make_due(KINDS, now=NOW)
    assert await fetchval("SELECT state FROM document") == "failed"
    assert await fetchval("SELECT count(*) FROM registration") == 0


async def test_the_same_table_confirmed_twice_adds_its_people_once(organiser: httpx.AsyncClient) -> None:
    for _twice in range(2):
        await confirmed(organiser, table())
    while await make_due(KINDS, now=NOW):
        pass
    rows = await fetch("SELECT stored FROM document ORDER BY asked_at")
    assert len(rows) == 2
    assert await fetchval("SELECT count(*) FROM registration") == MANY
