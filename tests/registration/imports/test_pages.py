import re

import httpx
import pytest

from events.core import clock
from events.core.database import fetch, fetchval
from tests import factories
from tests.factories import NOW, make_event, make_staff
from tests.registration.imports.test_actions import HEAD, SAMPLE, person

PAGE = "/staff/events/paja/import"


async def post(client: httpx.AsyncClient, data: dict[str, str], **files: tuple[str, bytes]) -> httpx.Response:
    """Send a step; of what is asked for the page that it leads to."""
    with clock.at(NOW):
        return await client.post(PAGE, data=data, files=files or None, follow_redirects=True)


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    await make_event(slug="paja", capacity=60, online=True)
    return client


def carried(answer: httpx.Response) -> dict[str, str]:
    """The fields that the preview carries to the second step."""
    return dict(re.findall(r'type="hidden" name="(content|name)" value="([^"]*)"', answer.text))


async def test_a_file_is_looked_at_confirmed_and_reported(organiser: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        assert 'type="file"' in (await organiser.get(PAGE)).text
    preview = await post(organiser, {}, file=("lista.csv", SAMPLE.read_bytes()))
    assert preview.status_code == 200
    for shown in ("Etäyhteydellä", "left out: health data", "not taken", "(empty)", "Line 16", "Längelmäki"):
        assert shown in preview.text
    assert "123 new registrations, of which 37 without a place" in re.sub(r"\s*\n\s*", "", preview.text)
    assert await fetchval("SELECT count(*) FROM registration") == 0
    report = await post(organiser, carried(preview))
    assert "Imported" in report.text
    assert await fetchval("SELECT count(*) FROM registration") == 123
    assert await fetchval("SELECT count(*) FROM message") == 0
    again = await post(organiser, carried(preview))
    assert "The file adds nothing new" in again.text
    assert await fetchval("SELECT count(*) FROM registration") == 123


async def test_mail_goes_out_when_the_box_is_ticked(organiser: httpx.AsyncClient) -> None:
    preview = await post(organiser, {}, file=("lista.csv", (HEAD + person()).encode()))
    await post(organiser, {**carried(preview), "send": "1"})
    assert await fetchval("SELECT recipient FROM message") == "aino1@yritys.example"


async def test_a_health_column_is_not_kept_anywhere(organiser: httpx.AsyncClient) -> None:
    await post(organiser, carried(await post(organiser, {}, file=("x.csv", SAMPLE.read_bytes()))))
    tables = await fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    every = [f"SELECT coalesce(string_agg(t::text, ''), '') FROM \"{table['relname']}\" AS t" for table in tables]
    stored = "".join([await fetchval(statement) for statement in every])
    assert "tampereenyliopisto" in stored
    assert "gluteeniton" not in stored


@pytest.mark.parametrize("content", [b"", b"\x89PNG\x00", b"Kunta\nTampere\n", b"x" * (2 * 1024 * 1024 + 1)])
async def test_a_file_that_cannot_be_read_is_said_to_be(organiser: httpx.AsyncClient, content: bytes) -> None:
    answer = await post(organiser, {}, file=("x.csv", content))
    assert answer.status_code == 422
    assert "The file was not taken" in answer.text


async def test_what_the_page_carries_is_checked_again(organiser: httpx.AsyncClient) -> None:
    assert (await post(organiser, {"content": "no base64!"})).status_code == 400
    assert (await post(organiser, {"content": "S3VudGEK"})).status_code == 422


async def test_a_file_of_which_no_row_can_be_taken_says_so(organiser: httpx.AsyncClient) -> None:
    bad = person(number=2).replace("@yritys.example", "")
    refused = await post(organiser, {}, file=("x.csv", (HEAD + bad).encode()))
    assert "<h2>No row could be imported</h2>" in refused.text
    assert "adds nothing new" not in refused.text
    good = await post(organiser, {}, file=("x.csv", (HEAD + person()).encode()))
    await post(organiser, carried(good))
    known = await post(organiser, {}, file=("x.csv", (HEAD + person() + bad).encode()))
    assert "<h2>The file adds nothing new</h2>" in known.text


async def test_words_of_the_file_come_out_as_text(organiser: httpx.AsyncClient) -> None:
    row = person("<script>alert(1)</script>")
    answer = await post(organiser, {}, file=("<b>.csv", (HEAD + row).encode()))
    assert "<script>alert" not in answer.text
    assert "<b>.csv" not in answer.text


@pytest.mark.parametrize("grant", [("organiser", "region", "05"), ("viewer", "all", ""), ("door", "region", "06")])
async def test_for_others_the_page_is_not_there(client: httpx.AsyncClient, grant: tuple[str, str, str]) -> None:
    await make_event(slug="paja")
    role, kind, resource = grant
    await factories.sign_in(client, await make_staff(role, kind=kind, resource=resource))
    with clock.at(NOW):
        assert (await client.get(PAGE)).status_code == 404
    answer = await post(client, {}, file=("x.csv", (HEAD + person()).encode()))
    assert answer.status_code == 404
    assert await fetchval("SELECT count(*) FROM registration") == 0


async def test_a_draft_says_what_to_do_first(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    await make_event(slug="paja", state="draft")
    answer = await post(client, {}, file=("x.csv", (HEAD + person()).encode()))
    assert answer.status_code == 409
    assert "Publish the event first" in answer.text
