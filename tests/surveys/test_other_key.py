"""After the secret key was changed, surveys whose answers wait sealed under the former one lose nothing, and say so."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.commands.delivery import answers as doctors_words
from events.core import clock, database
from events.core.settings import get_settings
from events.surveys.actions import submit
from events.surveys.groups import actions as groups
from events.surveys.sending.actions import remind_due
from events.surveys.waiting import OtherKey, stuck
from tests.factories import make_staff, sign_in
from tests.surveys.asking import MORNING, asked, kept, marked, waiting

FORM = {"answers.comments": "What I typed"}


@pytest.fixture
def change_key(monkeypatch: pytest.MonkeyPatch) -> Any:
    def change(key: str) -> None:
        monkeypatch.setattr(get_settings(), "secret_key", key)

    return change


@pytest.fixture
async def links(db: object) -> list[str]:
    """Eight are asked, of whom one has answered."""
    _event, links = await asked(8, slug="paja")
    await submit(links[0], {"comments": "First"}, MORNING)
    return links


async def test_who_answers_is_told_and_loses_neither_words_nor_link(
    client: AsyncClient, links: list[str], change_key: Any
) -> None:
    former = get_settings().secret_key
    change_key("another key " * 4)
    with clock.at(MORNING):
        page = await client.get(f"/s/{links[1]}")
        assert page.status_code == 503
        assert "takes no answers at the moment" in page.text
        assert page.headers["retry-after"]
        answer = await client.post(f"/s/{links[1]}", data=FORM)
        assert answer.status_code == 503
        assert "Nothing has been lost" in answer.text
        assert "What I typed" in answer.text
        assert await marked() == 1
        change_key(former)
        assert (await client.get(f"/s/{links[1]}")).status_code == 200
        assert (await client.post(f"/s/{links[1]}", data=FORM)).status_code == 303
    assert sorted(each["comments"] for each in await waiting()) == ["First", "What I typed"]


async def test_staff_and_doctor_are_told_of_it(client: AsyncClient, links: list[str], change_key: Any) -> None:
    await sign_in(client, await make_staff("coordinator"))
    with clock.at(MORNING):
        assert await doctors_words(MORNING) == []
        assert "another secret key" not in (await client.get("/staff/events/paja/survey")).text
        former = get_settings().secret_key
        change_key("another key " * 4)
        (finding,) = await doctors_words(MORNING)
        assert "1 answers to surveys were sealed under another secret key (paja)" in finding.text
        change_key(former)
        await database.execute("UPDATE survey SET waiting = $1", bytes(60))
        page = (await client.get("/staff/events/paja/survey")).text
    assert "1 answer waits that was sealed under another secret key" in page


async def test_a_survey_of_which_none_wait_goes_on_under_the_new_key(links: list[str], change_key: Any) -> None:
    await database.execute("UPDATE survey SET waits = 0")
    change_key("another key " * 4)
    await submit(links[1], {"comments": "Second"}, MORNING)
    assert [each["comments"] for each in await kept()] == ["Second"]


async def test_nobody_is_bothered_with_answers_that_would_never_be_counted(links: list[str], change_key: Any) -> None:
    change_key("another key " * 4)
    assert len(await stuck(MORNING)) == 1
    assert await stuck(MORNING + timedelta(days=90)) == [], "it has closed with fewer than five"


async def test_its_reminder_waits_and_holds_up_no_other(
    db: object, links: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _event, others = await asked(3, slug="other")
    await submit(others[0], {"comments": "x"}, MORNING)
    await database.execute("UPDATE survey SET sends = true, remind_after = 3, sending_chosen = true")
    first = await database.fetchval("SELECT survey.id FROM survey JOIN event ON event.id = event WHERE slug = 'paja'")
    genuine = groups.opened

    def other_key(survey: UUID, sealed: bytes) -> Any:
        if survey == first:
            raise OtherKey
        return genuine(survey, sealed)

    later = MORNING + timedelta(days=4)
    with monkeypatch.context() as wrong:
        wrong.setattr(groups, "opened", other_key)
        assert await remind_due(later) in {2, 3}, "the other event's people"
    assert await remind_due(later) >= 7, "those of the first, once the key is right again"
