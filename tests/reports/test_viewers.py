"""What a viewer can reach: every route is known here, every link leads somewhere, and nobody is named."""

import html
import io
import re
import zipfile
from urllib.parse import urldefrag, urljoin, urlsplit

from httpx import AsyncClient, Response
from litestar import Litestar

from events.accounts.guards import Requires
from events.accounts.rules import PERMISSIONS, SCOPES, Action
from events.accounts.tables import Role, Scope
from events.core import clock, database
from events.demo.load import load
from tests.conftest import browser
from tests.factories import make_staff, sign_in

SURVEYS = "tests/surveys/results, tests/surveys/comparing"
REPORTS = "tests/reports/test_attack.py"
NETWORK = "tests/reports/effect/test_attack.py"
FROZEN = "tests/reports/funder/test_attack.py"
OWN = "no figures: one's own account and documents, the guide, what is next"
NAMES = "no figures: what the names of figures mean, which reports there are"

REACHED = {
    "/staff": OWN,
    "/staff/guide": OWN,
    "/staff/guide/{written:str}/{name:str}": OWN,
    "/staff/account": OWN,
    "/staff/account/password": OWN,
    "/staff/account/sessions/{session_id:uuid}/revoke": OWN,
    "/staff/account/sessions/revoke-others": OWN,
    "/staff/documents/{document_id:uuid}": OWN,
    "/staff/documents/{document_id:uuid}/progress": OWN,
    "/staff/documents/{document_id:uuid}/file": OWN,
    "/staff/events/{slug:str}/survey": SURVEYS,
    "/staff/events/{slug:str}/survey/live": SURVEYS,
    **{f"/staff/events/{{slug:str}}/survey/results.{kind}": SURVEYS for kind in ("xlsx", "pdf")},
    "/staff/surveys/compare": SURVEYS,
    **{f"/staff/surveys/compare.{kind}": SURVEYS for kind in ("xlsx", "csv")},
    "/staff/reports/participation": REPORTS,
    **{f"/staff/reports/participation.{kind}": REPORTS for kind in ("csv", "xlsx", "pdf", "json")},
    "/staff/reports": REPORTS,
    "/staff/reports/dashboard/{part}.csv": REPORTS,
    **{f"/staff/reports/dashboard.{kind}": REPORTS for kind in ("xlsx", "json")},
    "/staff/reports/network": NETWORK,
    **{f"/staff/reports/network.{kind}": NETWORK for kind in ("csv", "xlsx", "json")},
    "/staff/reports/dictionary": NAMES,
    "/staff/reports/funder": NAMES,
    "/staff/reports/funder/{report_id:uuid}": FROZEN,
    "/staff/reports/funder/{report_id:uuid}/filing": FROZEN,
    "/staff/reports/funder/{report_id:uuid}/files/{revision:int}": FROZEN,
    "/staff/reports/funder/{report_id:uuid}/revisions/{revision:int}": FROZEN,
    "/staff/reports/funder/{report_id:uuid}/revisions/{revision:int}/report.json": FROZEN,
    "/api/v1/events/{slug:str}/survey": SURVEYS,
    "/api/v1/surveys/compare": SURVEYS,
    "/api/v1/reports/participation": REPORTS,
    "/api/v1/reports/dashboard": REPORTS,
    "/api/v1/reports/network": NETWORK,
    "/api/v1/reports/dictionary": NAMES,
    "/api/v1/reports/funder": NAMES,
    "/api/v1/reports/funder/{report_id:uuid}/{revision:int}": FROZEN,
}
"""Route → which tests attack what it shows. A new one stands here once they do."""


def reached(app: Litestar, actions: frozenset[Action]) -> set[str]:
    """Every guarded route that lets in who has some rights, the parts of the dashboard as one."""
    return {
        re.sub(r"(?<=/dashboard/)\w+(?=\.csv)", "{part}", route.path)
        for route in app.routes
        for handler in route.route_handlers
        if (guards := [each for each in handler.resolve_guards() if isinstance(each, Requires)])
        and all(each.action in actions for each in guards)
    }


def test_every_route_that_a_viewer_reaches_is_attacked(app: Litestar) -> None:
    assert reached(app, PERMISSIONS[Role.VIEWER]) == set(REACHED)


def test_a_program_that_reads_reports_reaches_no_more_than_a_viewer_in_the_api(app: Litestar) -> None:
    found = {path for path in reached(app, SCOPES[Scope.REPORTS]) if path.startswith("/api/")}
    assert found == {path for path in REACHED if path.startswith("/api/")}


LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
MOST_OF_ONE_PATH = 6
"""Addresses of one path with different parameters: a page of figures leads to itself with each filter."""


def words_of(answer: Response) -> str:
    """What can be read in an answer: pages and data as they are, the sheets of a workbook; of others nothing."""
    kind = answer.headers.get("content-type", "")
    if kind.endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return answer.text if kind.startswith(("text/", "application/json")) else ""


async def crawled(client: AsyncClient, start: str) -> dict[str, tuple[int, str]]:
    """Follow every link from a page, in the service and below /staff: address → status and text."""
    found: dict[str, tuple[int, str]] = {}
    left, seen = [start], {start: 1}
    while left:
        address = left.pop(0)
        answer = await client.get(address, follow_redirects=True)
        found[address] = answer.status_code, words_of(answer)
        if not (urlsplit(address).path.startswith("/staff") and "text/html" in answer.headers.get("content-type", "")):
            continue
        for href in LINK.findall(answer.text):
            to = urldefrag(urljoin(address, html.unescape(href)))[0]
            path = urlsplit(to).path
            if to.startswith("/") and to not in found and to not in left and seen.get(path, 0) < MOST_OF_ONE_PATH:
                seen[path] = seen.get(path, 0) + 1
                left.append(to)
    return found


async def test_every_link_that_a_viewer_sees_opens_and_names_nobody(committed_db: str, app: Litestar) -> None:
    await load(clock.now())
    async with browser(app) as client:
        await sign_in(client, await database.fetchval("SELECT id FROM staff WHERE email = 'viewer@sixnet.example'"))
        found = await crawled(client, "/staff/")
        await sign_in(client, await make_staff("coordinator"))
        rows = (await client.get("/staff/reports/participation/rows")).text
    assert {address: status for address, (status, _text) in found.items() if status != 200} == {}
    pages = {urlsplit(address).path for address in found}
    assert {"/staff/reports", "/staff/reports/network", "/staff/reports/funder", "/staff/surveys/compare"} <= pages
    assert [path for path in pages if re.fullmatch(r"/staff/events/[^/]+/survey", path)]
    people = await database.fetch("SELECT given_name || ' ' || family_name AS name, email FROM person")
    known = ({row["email"] for row in people} | {row["name"] for row in people}) - {None}
    inside = {address: text for address, (_status, text) in found.items() if address.startswith("/staff")}
    assert {address: name for address, text in inside.items() for name in known if name in text} == {}
    assert [name for name in known if name in rows], "or no page would name them"
