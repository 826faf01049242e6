import re
from html import unescape
from uuid import UUID

import httpx
import pytest

from events.checkin import actions as core
from events.core import clock, database
from events.core.actor import SYSTEM
from tests.checkin.doors import slug_of
from tests.checkin.meetings.reports import AFTER, SAMPLE, attended, meeting, registered, teams
from tests.checkin.meetings.test_reading import ZOOM
from tests.factories import make_staff, sign_in

TEAMS = teams("Aino Esimerkki, 9:00:00, 10:00:00, aino@x.example, ", "Uusi Ihminen (Guest), 9:00:00, 9:30:00, , ")


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser of someone who may reconcile."""
    await sign_in(client, await make_staff("organiser"))
    return client


def fields(html: str) -> dict[str, str | list[str]]:
    """What the form of a page would send as it stands, without its buttons."""
    form = html[html.index('<form method="post" action="/staff/events/') :].split("</form>", maxsplit=1)[0]
    sent: dict[str, str | list[str]] = {}
    for tag, text in re.findall(r"<((?:input|textarea)\b[^>]*)>([^<]*)", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        value = unescape(text if tag.startswith("textarea") else attributes.get("value", ""))
        before = sent.get(attributes["name"])
        if before is None:
            sent[attributes["name"]] = value
        else:
            sent[attributes["name"]] = [*(before if isinstance(before, list) else [before]), value]
    return sent


async def look(browser: httpx.AsyncClient, event: UUID, *reports: str | bytes, minimum: str = "5") -> httpx.Response:
    """Choose files and look at them."""
    files = [("file", (f"r{n}.csv", report, "text/csv")) for n, report in enumerate(reports)]
    path = f"/staff/events/{await slug_of(event)}/meeting"
    with clock.at(AFTER):
        return await browser.post(path, data={"minimum": minimum}, files=files)


async def send(
    browser: httpx.AsyncClient, event: UUID, sent: dict[str, str | list[str]], **more: str
) -> httpx.Response:
    with clock.at(AFTER):
        return await browser.post(f"/staff/events/{await slug_of(event)}/meeting", data={**sent, **more})


async def test_who_that_is_is_asked_with_all_that_the_name_said(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    looked = await look(organiser, event, teams("iPhone (Matti), 9:00:00, 10:00:00, ,"))
    assert "Who is iPhone (Matti)?" in looked.text
    await send(organiser, event, fields(looked.text), deed="confirm")
    again = await look(organiser, event, teams("Someone Else, 9:00:00, 10:00:00, ,"))
    assert "Who is iPhone (Matti)?" in again.text, "also of what was read before"


async def test_from_the_file_to_the_attendance_in_two_steps(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    looked = await look(organiser, event, TEAMS)
    assert looked.status_code == 200
    assert "60 minutes" in looked.text
    assert "Not decided" in looked.text
    assert await attended(aino) == ("unknown", "", None), "nothing is written before it is confirmed"
    assert await database.fetchval("SELECT count(*) FROM meeting_report") == 0
    done = await send(organiser, event, fields(looked.text), deed="confirm")
    assert done.status_code == 303
    page = await organiser.get(done.headers["location"])
    assert "1 person came to be known as attended" in page.text
    assert "1 name is not decided yet" in page.text
    assert await attended(aino) == ("attended", "meeting_report", 60)
    attendance = await organiser.get(f"/staff/events/{await slug_of(event)}/attendance")
    assert "report of the online meeting, 60 minutes" in attendance.text
    assert "/meeting" in attendance.text


async def test_all_who_are_not_found_become_walk_ins_by_one_click(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    looked = await look(organiser, event, TEAMS)
    chosen = await send(organiser, event, fields(looked.text), deed="walk_in_all")
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    done = await send(organiser, event, fields(chosen.text), deed="confirm")
    assert "walk_ins=2" in done.headers["location"]
    again = await send(organiser, event, fields(chosen.text), deed="confirm")
    assert "walk_ins" not in again.headers["location"]
    assert await database.fetchval("SELECT count(*) FROM registration") == 2


async def test_a_mistake_is_told_beside_its_row_and_nothing_typed_is_lost(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    looked = await look(organiser, event, TEAMS)
    (code,) = re.findall(r'name="fate-(\w+)" value="open" checked', looked.text)[:1]
    typed = {f"fate-{code}": "people", f"people-{code}": "Nobody <Here>", f"organisation-{code}": "Kunta & Co"}
    answer = await send(organiser, event, fields(looked.text), deed="confirm", minimum="7", **typed)
    assert answer.status_code == 422
    assert "Nobody called Nobody &lt;Here&gt; is registered" in answer.text
    kept = fields(answer.text)
    assert kept[f"people-{code}"] == "Nobody <Here>"
    assert kept[f"organisation-{code}"] == "Kunta & Co"
    assert kept[f"fate-{code}"] == "people"
    assert kept["minimum"] == "7"
    assert kept["content"] == fields(looked.text)["content"]


@pytest.mark.parametrize("minimum", ["", "-1", "x", "²", "601", "9" * 40, "5.5"])
async def test_a_minimum_that_is_no_number_is_told_beside_it(organiser: httpx.AsyncClient, minimum: str) -> None:
    event = await meeting()
    first = await look(organiser, event, TEAMS, minimum=minimum)
    assert first.status_code == 422
    assert "from 0 to 600" in first.text
    looked = await look(organiser, event, TEAMS)
    answer = await send(organiser, event, fields(looked.text), deed="confirm", minimum=minimum)
    assert answer.status_code == 422
    assert fields(answer.text)["minimum"] == minimum
    assert await database.fetchval("SELECT count(*) FROM meeting_report") == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "r0.csv: The file is empty"),
        (b"\n", "The file is empty"),
        (b"PK\x03\x04word/document.xml", "no attendance report"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 300, "no attendance report"),
        (b"Nimi;Organisaatio\nAino;Konepaja\n", "no attendance report"),
        (b"\xff\xfe" + b"\xd8\x00" * 50, "no attendance report"),
        (b"x" * 10_000_000, "larger than 2 MB"),
    ],
    ids=lambda value: str(value[:20]),
)
async def test_what_is_no_report_gets_a_clear_answer(organiser: httpx.AsyncClient, content: bytes, words: str) -> None:
    answer = await look(organiser, await meeting(), content, minimum="17")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="17"' in answer.text


async def test_without_a_file_one_is_asked_for(organiser: httpx.AsyncClient) -> None:
    assert "Choose a file" in (await look(organiser, await meeting())).text


async def test_of_several_files_the_one_that_is_no_report_is_named(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    answer = await look(organiser, event, TEAMS, "a,b\n1,2\n")
    assert "r1.csv: This is no attendance report" in answer.text
    assert (await look(organiser, event, *[TEAMS] * 11)).status_code == 422


async def test_teams_and_zoom_are_joined_in_one_look(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    looked = await look(organiser, event, TEAMS, ZOOM)
    assert "waiting room" in looked.text
    await send(organiser, event, fields(looked.text), deed="confirm")
    assert await attended(aino) == ("attended", "meeting_report", 72), "9:00:00–10:02:15 and 10:10–10:20"


async def test_the_sample_goes_through(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    looked = await look(organiser, event, SAMPLE.read_bytes())
    assert looked.text.count('<div class="card">') == 43
    chosen = await send(organiser, event, fields(looked.text), deed="walk_in_all")
    done = await send(organiser, event, fields(chosen.text), deed="confirm")
    assert "walk_ins=43" in done.headers["location"]
    assert await database.fetchval("SELECT sum(minutes) FROM attendance") == 4119, "rounded one by one"


async def test_the_report_of_another_day_is_warned_about(organiser: httpx.AsyncClient) -> None:
    looked = await look(organiser, await meeting(), TEAMS.replace("2022-12-08", "2022-11-08"))
    assert "held at another time" in looked.text
    assert "held at another time" not in (await look(organiser, await meeting(), TEAMS)).text


async def test_what_was_imported_can_be_looked_at_again_without_a_file(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    aino = await registered(event, "Aino Esimerkki", "aino@x.example")
    looked = await look(organiser, event, TEAMS)
    await send(organiser, event, fields(looked.text), deed="confirm")
    again = await send(organiser, event, {"stored": "1", "minimum": "61"})
    assert "too short a time" in again.text
    await send(organiser, event, fields(again.text), deed="confirm")
    assert (await attended(aino))[0] == "unknown"


async def test_a_closed_event_says_so(organiser: httpx.AsyncClient) -> None:
    event = await meeting()
    await core.reconcile(event, actor=SYSTEM, now=AFTER)
    assert "Open it again" in (await organiser.get(f"/staff/events/{await slug_of(event)}/meeting")).text
    answer = await look(organiser, event, TEAMS)
    assert answer.status_code == 409
    assert "is closed" in answer.text


async def test_only_who_may_reconcile_sees_the_page(client: httpx.AsyncClient) -> None:
    event = await meeting()
    path = f"/staff/events/{await slug_of(event)}/meeting"
    assert (await client.get(path)).status_code == 401
    for staff in (await make_staff("door"), await make_staff("organiser", kind="region", resource="01")):
        await sign_in(client, staff)
        assert (await client.get(path)).status_code == 404
        assert (await look(client, event, TEAMS)).status_code == 404


async def test_who_was_there_counts_although_the_places_had_run_out(organiser: httpx.AsyncClient) -> None:
    event = await meeting(waiting_list="none")
    await database.execute("UPDATE site SET capacity = 0 WHERE event = $1", event)
    looked = await look(organiser, event, TEAMS)
    chosen = await send(organiser, event, fields(looked.text), deed="walk_in_all")
    answer = await send(organiser, event, fields(chosen.text), deed="confirm")
    assert answer.status_code == 303
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 0
    assert await database.fetchval("SELECT count(*) FROM attendance WHERE state = 'attended'") > 0


HOSTILE = [
    teams("=HYPERLINK(1), 9:00:00, 10:00:00, , ", f"{'x' * 5000}, 9:00:00, 10:00:00, {'y' * 500}@x.example, "),
    teams("💥 <script>\u202e, 9:00:00, 10:00:00, user_x.example#EXT#@y.example, ", ", 9:00:00, 10:00:00, a@b, "),
    TEAMS.replace("2022-12-08 10", "9999-12-31 23").replace("2022-12-08 9:0", "0001-01-01 0:0"),
    TEAMS.replace("2022-12-08 10", "2089-12-31 23"),
    ZOOM.replace(",63,", f",{'9' * 30},").replace("12/08/2022", "12/31/9999"),
    "Name,Duration\n" + "".join(f"P{n} Q,{n}\n" for n in range(120)),
    "Name,Duration\nA B," + "9" * 40,
]


@pytest.mark.parametrize("report", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_a_report_holds_the_answer_is_no_failure(organiser: httpx.AsyncClient, report: str) -> None:
    event = await meeting()
    looked = await look(organiser, event, report)
    assert looked.status_code in {200, 422}
    assert "<script>\u202e" not in looked.text
    chosen = await send(organiser, event, fields(looked.text), deed="walk_in_all")
    answer = await send(organiser, event, fields(chosen.text), deed="confirm")
    assert answer.status_code in {303, 422}


@pytest.mark.parametrize(
    "typed",
    [
        {"fate-": "walk_in"},
        {"fate-x": "match.no-uuid", "fate-y": "²", "fate-z": "people", "people-z": "x"},
        {"content": "no base 64"},
        {"content": "AAAA", "name": "x"},
        {"deed": "no such deed"},
        {"stored": "1", "looked": "1", "deed": "confirm"},
    ],
)
async def test_whatever_a_form_holds_the_answer_is_no_failure(
    organiser: httpx.AsyncClient, typed: dict[str, str | list[str]]
) -> None:
    event = await meeting()
    sent = fields((await look(organiser, event, TEAMS)).text)
    assert (await send(organiser, event, {**sent, "deed": "confirm", **typed})).status_code < 500


@pytest.mark.parametrize("name", ["", "x" * 150, "x " * 90])
async def test_a_walk_in_needs_a_name_that_can_be_kept(organiser: httpx.AsyncClient, name: str) -> None:
    event = await meeting()
    sent = fields((await look(organiser, event, TEAMS)).text)
    (code,) = [field.removeprefix("fate-") for field in sent if field.startswith("fate-")][:1]
    chosen = {f"fate-{code}": "walk_in", f"name-{code}": name}
    answer = await send(organiser, event, {**sent, **chosen}, deed="confirm")
    assert answer.status_code == 422
    assert fields(answer.text)[f"name-{code}"] == name.strip()
