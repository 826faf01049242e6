"""Funder's reports as staff and viewers meet them."""

import html
import io
import re
import zipfile
from datetime import date
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from python_calamine import CalamineWorkbook

from events.core import clock, database, files
from events.core.actor import Actor, ActorKind
from events.core.documents.actions import make_due
from events.documents import KINDS
from tests.factories import insert, make_staff, sign_in
from tests.reports.funder.made import NOW, make_report
from tests.reports.test_pages import token

PATH = "/staff/reports/funder"


async def get(client: AsyncClient, path: str) -> Response:
    with clock.at(NOW):
        return await client.get(path)


async def post(client: AsyncClient, path: str, **data: object) -> Response:
    with clock.at(NOW):
        return await client.post(path, data=data)


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("coordinator"))
    return client


async def freeze(client: AsyncClient, report: str, **data: object) -> Response:
    """Have a report frozen and let a worker do it; returns the page that tells of it."""
    asked = await post(client, f"{report}/freeze", sure="on", **data)
    assert asked.status_code == 303
    assert await make_due(KINDS, now=NOW)
    return await get(client, asked.headers["location"])


async def as_viewer(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("viewer"))


async def test_a_report_is_made_edited_frozen_and_corrected(coordinator: AsyncClient) -> None:
    head = await make_report()
    made = await post(coordinator, PATH, project=head.project, starts_on="2026-04-01", ends_on="30.4.2026")
    assert made.status_code == 303
    page = made.headers["location"]
    assert "No participations" not in (await get(coordinator, page)).text
    assert (await post(coordinator, f"{page}/texts/new", body_fi="Hyvin **meni**.")).status_code == 303
    assert "<strong>meni</strong>" in (await get(coordinator, page)).text
    assert f'href="{page}/revisions/1"' in (await freeze(coordinator, page, seen=0)).text
    assert (await get(coordinator, f"{page}/revisions/1")).status_code == 200
    assert (await post(coordinator, f"{page}/freeze", seen=1)).status_code == 422
    assert (await post(coordinator, f"{page}/freeze", seen=0)).status_code == 409
    assert f'href="{page}/revisions/2"' in (await freeze(coordinator, page, seen=1, why="Korjaus")).text
    assert "Korjaus" in (await get(coordinator, f"{page}/revisions/2")).text
    assert (await get(coordinator, f"{page}/revisions/3")).status_code == 404
    actions = await database.fetch("SELECT action FROM audit WHERE subject_kind = 'funder_report'")
    assert {"report.created", "report.text_changed", "report.frozen"} <= {row["action"] for row in actions}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_page_is_there_in_each_language(coordinator: AsyncClient, language: str) -> None:
    head = await make_report()
    await freeze(coordinator, f"{PATH}/{head.id}", seen=0)
    section = await database.fetchval("SELECT id FROM funder_report_text")
    hand = await database.fetchval("SELECT id FROM indicator WHERE rule = 'by_hand'")
    for path in (
        *(PATH, f"{PATH}/{head.id}", f"{PATH}/{head.id}/revisions/1", f"{PATH}/{head.id}/filing"),
        *(f"{PATH}/{head.id}/filing?draft=1", f"{PATH}/{head.id}/texts/{section}", f"{PATH}/{head.id}/texts/new"),
        *(f"{PATH}/{head.id}/values/{hand}", f"/staff/reports/indicators/{head.project}", "/staff/reports/dictionary"),
        *(f"/staff/reports/indicators/{head.project}/{hand}", f"/staff/reports/indicators/{head.project}/new"),
    ):
        answer = await get(coordinator, f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status_code == 200, path


async def test_a_value_by_hand_needs_its_source_and_stands_with_it(coordinator: AsyncClient) -> None:
    head = await make_report()
    hand = await database.fetchval("SELECT id FROM indicator WHERE rule = 'by_hand'")
    path = f"{PATH}/{head.id}/values/{hand}"
    refused = await post(coordinator, path, value="1 234,5")
    assert refused.status_code == 422
    assert "1 234,5" in refused.text
    assert (await post(coordinator, path, value="1 234,5", source="Kirjanpito")).status_code == 303
    assert "Kirjanpito" in (await get(coordinator, f"{PATH}/{head.id}")).text
    counted = await database.fetchval("SELECT id FROM indicator WHERE rule = 'persons'")
    assert (await post(coordinator, f"{PATH}/{head.id}/values/{counted}", value="9", source="x")).status_code == 404


async def test_indicators_are_added_moved_changed_and_removed(coordinator: AsyncClient) -> None:
    head = await make_report()
    base = f"/staff/reports/indicators/{head.project}"
    wrong = await post(coordinator, f"{base}/new", name_fi="Uusi", rule="persons", part="micro")
    assert wrong.status_code == 422
    assert 'value="Uusi"' in wrong.text
    sent = {"name_fi": "Pienet", "code": "RCO01", "rule": "enterprises", "part": "small", "target": "12,5"}
    assert (await post(coordinator, f"{base}/new", **sent)).status_code == 303
    made = await database.fetchrow("SELECT id, target, position FROM indicator WHERE code = 'RCO01'")
    assert made is not None
    assert float(made["target"]) == 12.5
    assert (await post(coordinator, f"{base}/{made['id']}/move", way="up")).status_code == 303
    assert await database.fetchval("SELECT position FROM indicator WHERE id = $1", made["id"]) == made["position"] - 1
    assert (await post(coordinator, f"{base}/{made['id']}", **{**sent, "target": ""})).status_code == 303
    assert (await post(coordinator, f"{base}/{made['id']}/remove")).status_code == 303
    assert (await get(coordinator, f"{base}/{made['id']}")).status_code == 404


async def test_viewers_see_what_was_frozen_and_change_nothing(client: AsyncClient) -> None:
    head = await make_report()
    await as_viewer(client)
    assert (await get(client, f"{PATH}/{head.id}")).status_code == 404
    assert str(head.id) not in (await get(client, PATH)).text
    await sign_in(client, await make_staff("coordinator"))
    await freeze(client, f"{PATH}/{head.id}", seen=0)
    await as_viewer(client)
    assert (await get(client, f"{PATH}/{head.id}")).status_code == 200
    assert (await get(client, f"{PATH}/{head.id}/revisions/1")).status_code == 200
    for path in (f"{PATH}/{head.id}/enterprises.xlsx", f"/staff/reports/indicators/{head.project}"):
        assert (await get(client, path)).status_code == 404, path
    for path in (f"{PATH}/{head.id}/freeze", f"{PATH}/{head.id}/evidence", f"{PATH}/{head.id}/files/0"):
        assert (await post(client, path, seen=1, format="pdf", language="fi")).status_code == 404, path


async def test_a_right_in_one_region_opens_no_draft_of_the_whole(client: AsyncClient) -> None:
    """Somebody is a viewer everywhere and coordinates one region."""
    head = await make_report()
    staff = await make_staff("viewer")
    await insert("staff_grant", staff=staff, role="coordinator", resource_kind="region", resource_id="06")
    section = await database.fetchval("SELECT id FROM funder_report_text")
    await sign_in(client, staff)
    for path in ("texts/new", f"texts/{section}", f"texts/{section}/remove", "filing?draft=1", "enterprises.xlsx"):
        assert (await get(client, f"{PATH}/{head.id}/{path}")).status_code == 404, path


async def test_a_viewer_of_one_region_sees_no_report_on_whole_projects(client: AsyncClient) -> None:
    head = await make_report()
    await sign_in(client, await make_staff("coordinator"))
    await freeze(client, f"{PATH}/{head.id}", seen=0)
    await sign_in(client, await make_staff("viewer", kind="region", resource="06"))
    for path in (PATH, f"{PATH}/{head.id}", f"{PATH}/{head.id}/revisions/1"):
        assert (await get(client, path)).status_code == 404, path


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "json"])
async def test_files_are_made_by_a_worker_and_belong_to_who_asked(coordinator: AsyncClient, kind: str) -> None:
    head = await make_report()
    asked = await post(coordinator, f"{PATH}/{head.id}/files/0", format=kind, language="sv")
    assert asked.status_code == 303
    assert await make_due(KINDS, now=NOW)
    made = await get(coordinator, f"{asked.headers['location']}/file")
    assert made.status_code == 200
    assert made.content.startswith({"pdf": b"%PDF-", "xlsx": b"PK", "json": b"{"}[kind])
    if kind == "pdf":
        assert b"/StructTreeRoot" in made.content
    await sign_in(coordinator, await make_staff("coordinator"))
    assert (await get(coordinator, f"{asked.headers['location']}/file")).status_code == 404


async def test_the_list_of_enterprises_begins_with_those_without_a_business_id(coordinator: AsyncClient) -> None:
    head = await make_report()
    await database.execute(
        "UPDATE organisation SET business_id = '2252888-5' WHERE name = 'Yritys 0' AND id IN"
        " (SELECT organisation FROM participation)"
    )
    await database.execute(
        "UPDATE event SET company_specific = true, aid_value = 500 WHERE id IN"
        " (SELECT event FROM participation WHERE event_kind = 'workshop')"
    )
    answer = await get(coordinator, f"{PATH}/{head.id}/enterprises.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    enterprises, aid = (book.get_sheet_by_index(number).to_python() for number in (0, 1))
    assert [row[0] for row in enterprises[1:]] == ["", "", "", "2252888-5"]
    assert [row[4] for row in aid[1:-1]] == [500.0] * 4
    assert all(isinstance(day, date) for day in [*(row[6] for row in enterprises[1:]), *(row[3] for row in aid[1:-1])])
    assert "without a sum" in aid[-1][1]


async def test_the_filing_page_gives_each_figure_with_its_definition_and_lists_what_is_shared(
    coordinator: AsyncClient,
) -> None:
    head = await make_report()
    await database.execute("UPDATE project SET counted_kinds = '{meeting}' WHERE code = 'P2'")
    text = (await get(coordinator, f"{PATH}/{head.id}/filing")).text
    assert text.count("data-copy=") == 10  # the values of three rules are not known
    assert "Enterprises, once per project" not in text  # the name is the indicator's own
    assert "Each is counted once in the whole project" in text
    assert "P2" in text
    assert "/staff/organisations/duplicates/people" in text


async def test_the_api_gives_frozen_reports_alone(client: AsyncClient) -> None:
    head = await make_report()
    headers = await token("reports")
    assert (await client.get("/api/v1/reports/funder", headers=headers)).json() == {"items": [], "total": 0}
    await sign_in(client, await make_staff("coordinator"))
    await freeze(client, f"{PATH}/{head.id}", seen=0)
    client.cookies.clear()
    (listed,) = (await client.get("/api/v1/reports/funder", headers=headers)).json()["items"]
    assert (listed["project"], listed["revision"]) == ("P1", 1)
    made = (await client.get(f"/api/v1/reports/funder/{head.id}/1?lang=fi", headers=headers)).json()
    assert made["totals"]["participations"] == 14
    assert (await client.get(f"/api/v1/reports/funder/{head.id}/2", headers=headers)).status_code == 404
    assert (await client.get(f"/api/v1/reports/funder/{head.id}/1", headers=await token("checkin"))).status_code == 404
    names = {
        shape["id"] for shape in (await client.get("/api/v1/reports/dictionary", headers=headers)).json()["shapes"]
    }
    assert {"ParticipationReport", "FunderReportView", "Figure", "participation.csv"} <= names


async def packed(client: AsyncClient, report: UUID, language: str = "en") -> zipfile.ZipFile:
    asked = await post(client, f"{PATH}/{report}/evidence?lang={language}")
    assert await make_due(KINDS, now=NOW)
    made = await get(client, f"{asked.headers['location']}/file")
    return zipfile.ZipFile(io.BytesIO(made.content))


async def test_the_evidence_holds_each_event_and_the_digest_of_each_file(coordinator: AsyncClient) -> None:
    head = await make_report()
    event = await database.fetchval("SELECT event FROM participation LIMIT 1")
    kept = await files.put(io.BytesIO(b"slides"))
    await _materials(event, kept.name, ["../../etc/passwd", "..\\CON.txt", "a/b.pdf", "A_b.pdf", "=cmd|x.csv"])
    pack = await packed(coordinator, head.id)
    names = pack.namelist()
    assert {"contents.html", "hashes.csv"} <= set(names)
    assert sum(name.endswith("attendance-list.pdf") for name in names) == 2
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[^/\\:*?\"<>|]+(/[^/\\:*?\"<>|]+)*", name), name
        assert not any(part.startswith(".") for part in name.split("/")), name
    lines = pack.read("hashes.csv").decode().splitlines()
    assert len(lines) == len(names)  # its own line is the heading
    assert pack.testzip() is None


async def test_the_evidence_is_named_in_its_language_by_day_and_title(coordinator: AsyncClient) -> None:
    head = await make_report()
    event = await database.fetchval("SELECT event FROM participation ORDER BY held_on LIMIT 1")
    titled = "UPDATE event SET title_fi = 'Kevään työpaja', slug = 'spring-workshop-2026-01-20' WHERE id = $1"
    await database.execute(titled, event)
    kept = await files.put(io.BytesIO(b"slides"))
    await _materials(event, kept.name, ["kalvot.pdf"])
    names = (await packed(coordinator, head.id, "fi")).namelist()
    assert names[-2:] == ["sisalto.html", "hashes.csv"]
    folders = list(dict.fromkeys(name.partition("/")[0] for name in names[:-2]))
    assert folders == sorted(folders)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-kevaan-tyopaja", folders[0])
    inside = {name.partition("/")[2] for name in names if name.startswith(folders[0])}
    assert {"kutsu.pdf", "osallistujaluettelo.pdf", "aineistot/kalvot.pdf"} <= inside
    title = await database.fetchval("SELECT title FROM document WHERE kind = 'funder.evidence'")
    assert title == f"Todentamisaineisto: {head.project_code}, 10.1.2026–31.3.2026"


async def _materials(event: UUID, stored: str, names: list[str]) -> None:
    for number, name in enumerate(names):
        await insert(
            "material",
            event=event,
            origin=UUID(int=number + 1),
            stored=stored,
            filename=name,
            size=6,
            media_type="application/pdf",
            sha256=b"",
        )


@pytest.mark.parametrize("kind", [ActorKind.SYSTEM, ActorKind.PARTICIPANT])
async def test_an_erasure_takes_the_evidence_away(coordinator: AsyncClient, kind: ActorKind) -> None:
    """Of the whole person, or of one registration by a link that did not come by mail."""
    from events.registration.own.data import erase

    head = await make_report()
    asked = await post(coordinator, f"{PATH}/{head.id}/evidence")
    await make_due(KINDS, now=NOW)
    assert (await get(coordinator, asked.headers["location"])).status_code == 200
    registration = await database.fetchval("SELECT registration FROM participation LIMIT 1")
    await erase(registration, actor=Actor(kind, registration), now=NOW)
    assert (await get(coordinator, asked.headers["location"])).status_code == 404


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400000", "-9999999999", "1e-400000", "abc", "1" * 400])
async def test_whatever_stands_for_a_number_is_refused_or_kept_as_one(coordinator: AsyncClient, value: str) -> None:
    head = await make_report()
    hand = await database.fetchval("SELECT id FROM indicator WHERE rule = 'by_hand'")
    answer = await post(coordinator, f"{PATH}/{head.id}/values/{hand}", value=value, source="x")
    assert answer.status_code == (303 if value == "1e-400000" else 422)


@pytest.mark.parametrize("written", ["-4", "\N{MINUS SIGN}4", "-0,01"])
async def test_a_count_or_an_amount_is_not_below_nought(coordinator: AsyncClient, written: str) -> None:
    head = await make_report()
    hand = await database.fetchval("SELECT id FROM indicator WHERE rule = 'by_hand'")
    entered = await post(coordinator, f"{PATH}/{head.id}/values/{hand}", value=written, source="x")
    base = f"/staff/reports/indicators/{head.project}"
    wanted = await post(coordinator, f"{base}/new", name_fi="a", rule="events", target=written)
    for answer in (entered, wanted):
        assert answer.status_code == 422
        assert "Counts and amounts are 0 or more" in answer.text
    assert not await database.fetchval("SELECT count(*) FROM funder_report_value")


async def test_what_is_unfinished_is_named_and_frozen_only_by_who_says_so(coordinator: AsyncClient) -> None:
    """The world has an event of the period that is held and not reconciled; a later period is not over."""
    head = await make_report()
    page = f"{PATH}/{head.id}"
    told = await post(coordinator, f"{page}/freeze", seen=0)
    assert told.status_code == 422
    assert "Tick the box" in told.text
    assert "These events were held but are not reconciled" in told.text
    assert "The period goes on" not in told.text
    assert not await database.fetchval("SELECT count(*) FROM document")
    made = await post(coordinator, PATH, project=head.project, starts_on="2026-04-01", ends_on=f"{NOW.date()}")
    going_on = made.headers["location"]
    assert "The period goes on until 1 June 2026" in (await get(coordinator, going_on)).text
    assert (await post(coordinator, f"{going_on}/freeze", seen=0)).status_code == 422
    assert (await post(coordinator, f"{going_on}/freeze", seen=0, sure="on")).status_code == 303


async def test_a_correction_of_what_is_unfinished_is_told_all_that_is_missing_at_once(coordinator: AsyncClient) -> None:
    head = await make_report()
    await freeze(coordinator, f"{PATH}/{head.id}", seen=0)
    told = await post(coordinator, f"{PATH}/{head.id}/freeze", seen=1)
    assert told.status_code == 422
    assert "Say why it is corrected" in told.text
    assert "Tick the box" in told.text
    long = await post(coordinator, f"{PATH}/{head.id}/freeze", seen=1, why="x" * 1001)
    assert long.text.count('aria-invalid="true"') == 2


async def test_what_is_finished_is_frozen_at_one_press(coordinator: AsyncClient) -> None:
    head = await make_report()
    made = await post(coordinator, PATH, project=head.project, starts_on="2026-04-01", ends_on="30.4.2026")
    assert "Freeze all the same" not in (await get(coordinator, made.headers["location"])).text
    assert (await post(coordinator, f"{made.headers['location']}/freeze", seen=0)).status_code == 303


async def test_a_text_or_an_indicator_goes_only_after_it_was_asked(coordinator: AsyncClient) -> None:
    head = await make_report()
    page, indicators = f"{PATH}/{head.id}", f"/staff/reports/indicators/{head.project}"
    text = await database.fetchval("SELECT id FROM funder_report_text")
    indicator = await database.fetchval("SELECT id FROM indicator WHERE rule = 'persons'")
    for path, said in ((f"{page}/texts/{text}/remove", "Yhteenveto"), (f"{indicators}/{indicator}/remove", "persons")):
        assert f'<form method="post" action="{path}"' not in (await get(coordinator, page)).text
        assert said in (await get(coordinator, path)).text
        assert (await post(coordinator, path)).status_code == 303
        assert (await get(coordinator, path)).status_code == 404


async def test_a_draft_says_at_its_top_whether_it_is_what_was_frozen(coordinator: AsyncClient) -> None:
    head = await make_report()
    page = f"{PATH}/{head.id}"

    async def told() -> str:
        return (await get(coordinator, page)).text.partition('id="indicators"')[0]

    assert "nothing of it is frozen yet" in await told()
    await freeze(coordinator, page, seen=0)
    assert "The draft is as it was frozen in revision 1" in await told()
    text = await database.fetchval("SELECT id FROM funder_report_text")
    seen = version_in(await get(coordinator, f"{page}/texts/{text}"))
    saved = await post(coordinator, f"{page}/texts/{text}", body_fi="Toisin.", version=seen)
    assert saved.headers["location"] == f"{page}?saved=text#texts"
    assert "Saved" in (await get(coordinator, saved.headers["location"])).text
    assert "The draft differs from revision 1" in await told()
    assert "1 difference<" in await told()


async def test_of_two_who_edit_one_text_or_value_the_second_is_told(coordinator: AsyncClient) -> None:
    head = await make_report()
    page = f"{PATH}/{head.id}"
    text = await database.fetchval("SELECT id FROM funder_report_text")
    counted = await database.fetchval("SELECT id FROM indicator WHERE rule = 'by_hand'")
    for path, first, second in (
        (f"{page}/texts/{text}", {"body_fi": "Eka."}, {"body_fi": "Toka."}),
        (f"{page}/values/{counted}", {"value": "1", "source": "Eka"}, {"value": "2", "source": "Toka"}),
    ):
        seen = version_in(await get(coordinator, path))
        assert (await post(coordinator, path, version=seen, **first)).status_code == 303
        told = await post(coordinator, path, version=seen, **second)
        assert told.status_code == 409
        assert "Eka" in told.text
        assert "Toka" in told.text
        assert (await post(coordinator, path, version=version_in(told), **second)).status_code == 303
    assert await database.fetchval("SELECT body_fi FROM funder_report_text") == "Toka."
    assert await database.fetchval("SELECT source FROM funder_report_value") == "Toka"
    await post(coordinator, f"{page}/texts/{text}/remove")
    kept = await post(coordinator, f"{page}/texts/{text}", body_fi="Kolmas.", version="x")
    assert kept.status_code == 409
    assert "Kolmas." in kept.text
    assert f'action="{page}/texts/new"' in kept.text


def version_in(page: Response) -> str:
    found = re.search(r'name="version"[^>]*value="([^"]*)"', page.text)
    assert found
    return html.unescape(found[1])
