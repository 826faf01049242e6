import re

import httpx
import pytest

from events.core import clock, database
from events.messaging.letter import Owed
from events.registration.public import receipts
from events.registration.public.colleagues_letter import compose_group
from tests.registration.public.test_pages import FORM, answer_of, make_open, reasons, send, states

BERT = {
    "colleagues-0-given_name": "Bert",
    "colleagues-0-family_name": "Exempel",
    "colleagues-0-email": "bert@yritys.example",
    "colleagues-0-organisation": "Yritys Oy",
    "colleagues-0-municipality": "837",
}
CILLA = {name.replace("-0-", "-1-"): value for name, value in BERT.items()} | {
    "colleagues-1-given_name": "Cilla",
    "colleagues-1-email": "cilla@yritys.example",
}
TOKEN = re.compile(r"/r/([a-z0-9]{26}){1,2}")


def alike(page: str, slug: str) -> str:
    """A page without what differs from event to event: slug, secrets, moments."""
    return re.sub('datetime="[^"]*"', "", TOKEN.sub("/r/…", page.replace(slug, "…")))


async def test_a_button_adds_a_row_for_a_colleague_and_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    page = await client.post(f"/events/{slug}/register", data={**FORM, **BERT, "add_colleague": "1"})
    assert page.status_code == 200
    assert 'value="Bert"' in page.text
    row = re.search(r'<input[^>]*name="colleagues-1-organisation"[^>]*>', page.text)
    assert row
    assert 'value="Yritys Oy"' in row[0]
    assert await states() == []
    page = await client.post(f"/events/{slug}/register", data={**FORM, **BERT, **CILLA, "remove_colleague": "0"})
    assert 'value="Bert"' not in page.text
    assert 'value="Cilla"' in page.text


@pytest.mark.parametrize("number", ["7", "x", "-1", ""])
async def test_a_row_that_is_not_there_is_not_taken_out(client: httpx.AsyncClient, number: str) -> None:
    page = await client.post(f"/events/{await make_open()}/register", data={**FORM, **BERT, "remove_colleague": number})
    assert page.status_code == 200
    assert 'value="Bert"' in page.text


async def test_each_gets_a_registration_and_the_last_ones_wait(client: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=2)
    path = await answer_of(client, slug, **BERT, **CILLA)
    assert await states() == ["confirmed", "confirmed", "waitlisted"]
    page = (await client.get(path)).text
    assert "Bert Exempel: Has a place" in page
    assert "Cilla Exempel: On the waiting list (position 1)" in page
    assert await reasons() == ["confirmation", "confirmation", "group", "waiting"]
    rows = await database.fetch("SELECT registered_by FROM registration ORDER BY number")
    first = await database.fetchval("SELECT id FROM registration WHERE number = 1")
    assert [row["registered_by"] for row in rows] == [None, first, first]


async def test_one_error_keeps_all_from_being_registered_and_stands_beside_its_field(
    client: httpx.AsyncClient,
) -> None:
    slug = await make_open()
    sent = await send(client, slug, **{**BERT, "colleagues-0-email": "bert"})
    assert sent.status_code == 422
    assert 'id="colleagues-0-email-error"' in sent.text
    assert 'href="#colleagues-0-email"' in sent.text
    assert await states() == []


async def test_a_colleague_without_a_place_keeps_all_from_being_registered(client: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=1, waiting_list="none")
    sent = await send(client, slug, **BERT)
    assert sent.status_code == 422
    assert 'id="colleagues-0-given_name-error"' in sent.text
    assert await states() == []
    limited = await make_open(per_organisation=1)
    sent = await send(client, limited, **BERT)
    assert 'id="colleagues-0-organisation-error"' in sent.text
    assert await states() == []


async def test_the_same_person_does_not_stand_there_twice(client: httpx.AsyncClient) -> None:
    twice = {**BERT, "colleagues-0-given_name": FORM["given_name"], "colleagues-0-family_name": FORM["family_name"]}
    sent = await send(client, await make_open(), **{**twice, "colleagues-0-email": FORM["email"]})
    assert sent.status_code == 422
    assert "stands here twice" in sent.text


async def test_a_form_that_is_sent_twice_registers_its_people_once(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    first, again = [await client.get(await answer_of(client, slug, **BERT, form_id="ab" * 16)) for _ in range(2)]
    assert TOKEN.sub("/r/…", first.text) == TOKEN.sub("/r/…", again.text)
    assert await states() == ["confirmed", "confirmed"]


async def test_a_colleague_who_is_registered_already_looks_like_a_new_one(client: httpx.AsyncClient) -> None:
    known, new = await make_open(), await make_open()
    await answer_of(client, known, given_name="Bert", family_name="Exempel", email="bert@yritys.example")
    pages = [(await client.get(await answer_of(client, slug, **BERT))).text for slug in (known, new)]
    assert alike(pages[0], known) == alike(pages[1], new)
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'already_registered'") == 1
    assert await database.fetchval("SELECT count(*) FROM registration WHERE registered_by IS NOT NULL") == 1


async def test_who_registers_others_without_taking_part_is_named_to_them(client: httpx.AsyncClient) -> None:
    await answer_of(client, await make_open(), **BERT, registrar="Siiri Sihteeri")
    names = await database.fetch("SELECT registered_by_name FROM registration")
    assert {row["registered_by_name"] for row in names} == {"Siiri Sihteeri"}


async def test_the_summary_says_what_came_of_each(client: httpx.AsyncClient) -> None:
    path = await answer_of(client, await make_open(capacity=1), **BERT)
    receipt = await receipts.by_token(path.rpartition("/")[2], clock.now())
    assert receipt
    row = await database.fetchrow("SELECT * FROM message WHERE reason = 'group'")
    assert row
    assert row["subject_id"] == receipt.id
    letter = await compose_group(Owed(**{name: row[name] for name in Owed.__struct_fields__}))
    assert letter
    for text in (letter.text, letter.html):
        assert "Aino Esimerkki" in text
        assert "Bert Exempel" in text


async def test_an_assistant_registers_ten_colleagues_with_one_address(client: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=None)
    rows = {name.replace("-0-", f"-{number}-"): value for number in range(10) for name, value in {**BERT}.items()} | {
        f"colleagues-{number}-given_name": f"Bert {chr(65 + number)}" for number in range(10)
    }
    await answer_of(client, slug, **rows)
    assert await states() == ["confirmed"] * 11


async def test_who_has_sent_too_much_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    slug = await make_open(capacity=None)
    for number in range(10):
        await answer_of(client, slug, given_name=f"Aino {chr(65 + number)}")
    refused = await send(client, slug, given_name="Aino Yksitoista")
    assert refused.status_code == 429
    assert 'value="Aino Yksitoista"' in refused.text


async def test_a_long_name_of_who_registers_others_is_refused_beside_its_field(client: httpx.AsyncClient) -> None:
    refused = await send(client, await make_open(), registrar="x" * 8000, **BERT)
    assert refused.status_code == 422
    assert 'href="#registrar"' in refused.text
