"""A question of the bank takes the bank's newest words, as long as nobody has answered it in others."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from httpx import AsyncClient

from events.core import database
from events.core.actor import SYSTEM
from events.core.errors import Conflict, NotFound
from events.surveys.building import bank, renewing
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.surveys.building.making import add, asked_in, change, question, texts
from tests.surveys.building.test_series import agreed, all_codes, series

HERE = "/staff/events/paja/survey/feedback/questions"


async def reworded(event: UUID) -> str:
    """A question that a survey took from the bank, where it is worded anew since: another label, one option more."""
    key = await bank.add_to_bank(question("one", "Trust", "more", "less"), actor=SYSTEM, now=NOW)
    await bank.take(event, "feedback", key, version=None, actor=SYSTEM, now=NOW)
    await word_anew(key, 1)
    return key


async def word_anew(key: str, version: int, **changes: Any) -> None:
    there = await bank.banked_one(key)
    same = question("one", "", "same").options
    new: dict[str, Any] = {"labels": texts("Confidence"), "options": [*there.options, *same], **changes}
    await bank.change_in_bank(key, msgspec.structs.replace(there, **new), version=version, actor=SYSTEM, now=NOW)


async def take(event: UUID, code: str) -> None:
    await renewing.take_newest(event, "feedback", code, version=None, actor=SYSTEM, now=NOW)


async def test_it_takes_the_words_and_keeps_what_is_the_surveys_own(db: asyncpg.Connection) -> None:
    event = await make_event()
    key = await reworded(event)
    taken = (await asked_in(event, "feedback"))[-1]
    await change(event, "feedback", key, msgspec.structs.replace(taken, required=True, shown_if=["contacts=0"]))
    await take(event, key)
    now = (await asked_in(event, "feedback"))[-1]
    assert (now.labels["en"], now.codes, now.bank_version) == ("Confidence en", ["more-en", "less-en", "same-en"], 2)
    assert (now.code, now.bank, now.required, list(now.shown_if)) == (key, key, True, ["contacts=0"])
    with pytest.raises(NotFound):
        await take(event, key)


async def test_once_answered_it_says_why_not_and_changes_nothing(db: asyncpg.Connection) -> None:
    event = await make_event()
    key = await reworded(event)
    await database.execute("UPDATE survey SET answered = 1")
    with pytest.raises(Conflict) as refused:
        await take(event, key)
    assert refused.value.code == "answered"
    assert (await asked_in(event, "feedback"))[-1].labels["en"] == "Trust en"


async def test_what_a_condition_asks_about_stays(db: asyncpg.Connection) -> None:
    event = await make_event()
    key = await reworded(event)
    await add(event, "feedback", question("text", "Why", shown_if=[f"{key}=less-en"]))
    first = (await bank.banked_one(key)).options
    await word_anew(key, 2, options=[first[0], first[2]])
    with pytest.raises(Conflict) as refused:
        await take(event, key)
    assert refused.value.code == "depended_on"


@pytest.mark.parametrize("why", ["own words", "retired", "only saved again"])
async def test_nothing_newer_is_offered_where_there_is_none(db: asyncpg.Connection, why: str) -> None:
    event = await make_event()
    key = await reworded(event)
    if why == "own words":
        ours = msgspec.structs.replace((await asked_in(event, "feedback"))[-1], bank="", bank_version=0)
        await change(event, "feedback", key, ours)
    elif why == "retired":
        await bank.retire(key, actor=SYSTEM, now=NOW)
    else:
        await take(event, key)
        await word_anew(key, 2, options=(await bank.banked_one(key)).options)
    assert await renewing.newest(await asked_in(event, "feedback")) == {}


async def test_words_of_a_template_that_were_written_out_can_be_taken_anew_too(db: asyncpg.Connection) -> None:
    event = await make_event()
    await add(event, "feedback", question("text", "More"))
    assert await renewing.newest(await asked_in(event, "feedback")) == {}
    await database.execute("UPDATE survey_question SET label_en = 'As of last year' WHERE code = 'usefulness'")
    assert list(await renewing.newest(await asked_in(event, "feedback"))) == ["usefulness"]
    await take(event, "usefulness")
    assert (await asked_in(event, "feedback"))[0].labels["en"] == "How useful was the event for your work?"


async def test_the_pages_show_what_is_new_and_a_button_until_there_are_answers(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("coordinator"))
    event = await make_event(slug="paja")
    key = await reworded(event)
    assert "Newer wording in the bank: Trust en" in (await client.get(f"{HERE}?lang=en")).text
    assert "See what is new" in (await client.get(f"{HERE}/{key}")).text
    shown = (await client.get(f"{HERE}/{key}/newest")).text
    for words in (
        "<del>Trust en</del>",
        "<ins>Confidence en</ins>",
        '<del lang="fi">Trust fi</del>',
        "less en · same en",
    ):
        assert words in shown
    await database.execute("UPDATE survey SET answered = 1")
    shown = (await client.get(f"{HERE}/{key}/newest")).text
    assert "would not compare" in shown
    assert "Take the newest wording" not in shown
    refused = await client.post(f"{HERE}/{key}/newest", data={"version": "1"})
    assert (refused.status_code, "would not compare" in refused.text) == (409, True)
    await database.execute("UPDATE survey SET answered = 0")
    assert (await client.post(f"{HERE}/{key}/newest", data={"version": "0"})).status_code == 409
    assert (await client.post(f"{HERE}/{key}/newest", data={"version": "1"})).status_code == 303
    assert (await client.get(f"{HERE}/{key}/newest")).status_code == 404
    assert (await client.get(f"{HERE}/usefulness/newest")).status_code == 404


async def test_a_series_takes_it_together(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("admin"))
    events = await series()
    key = await bank.add_to_bank(question("one", "Trust", "more", "less"), actor=SYSTEM, now=NOW)
    path = "/staff/events/kokous/survey/feedback/questions"
    await agreed(client, f"{path}/bank", {"add": key, "version": "0", "scope": "all"})
    await word_anew(key, 1)
    await database.execute("UPDATE survey SET answered = 1 WHERE event = $1", events[2].id)
    text = await agreed(client, f"{path}/{key}/newest", {"version": "1", "scope": "all"})
    assert "this and 3 other events" in text
    versions = await database.fetch(
        "SELECT bank_version FROM survey_question JOIN survey ON survey.id = survey JOIN event ON event.id = event"
        " WHERE code = $1 ORDER BY starts_at",
        key,
    )
    assert [row["bank_version"] for row in versions] == [2, 2, 1, 2, 2]
    assert [found[-1] for found in await all_codes(events)] == [key] * 5


async def test_limits_that_the_bank_gave_a_number_are_taken_too(db: asyncpg.Connection) -> None:
    event = await make_event()
    key = await bank.add_to_bank(question("number", "Hours"), actor=SYSTEM, now=NOW)
    await bank.take(event, "feedback", key, version=None, actor=SYSTEM, now=NOW)
    await word_anew(key, 1, labels=texts("Hours"), options=(), least=0)
    await take(event, key)
    assert (await asked_in(event, "feedback"))[-1].least == 0
