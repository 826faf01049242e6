"""Surveys changed for several events of a series at once: what is answered or changed by hand is left alone."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import SYSTEM
from events.programme.queries import EventView
from events.programme.series.actions import repeat
from events.programme.series.queries import series_of
from events.surveys.building import bank
from events.surveys.queries import surveys_of
from events.surveys.tables import SurveyKind
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.programme.series.test_series import START, TUESDAYS
from tests.surveys.building.making import add, asked_in, change, codes, own_survey, question

HERE = "/staff/events/kokous/survey"
FEEDBACK = f"{HERE}/feedback/questions"
MORE = {"kind": "text", "label_en": "More", "version": "0", "scope": "all"}
KEPT = "Something else stands there than stood here before: it is kept."
USEFUL = {"own_words": "y", "kind": "scale", "label_en": "Useful?", "low": "1", "high": "5"}
TEMPLATE = ["usefulness", "recommend", "contacts", "next", "comments"]


async def series() -> list[EventView]:
    event = await make_event(slug="kokous", starts_at=START, ends_at=START + timedelta(hours=2))
    return await series_of((await repeat(event, TUESDAYS, actor=SYSTEM, now=NOW)).series)


@pytest.fixture
async def events(client: AsyncClient) -> list[EventView]:
    await sign_in(client, await make_staff("admin"))
    return await series()


async def post(client: AsyncClient, path: str, data: Mapping[str, Any]) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=dict(data))


async def get(client: AsyncClient, path: str) -> str:
    with clock.at(NOW):
        return (await client.get(path)).text


def agreeing(text: str) -> dict[str, Any]:
    """What the page of what comes of a change sends when its button is pressed."""
    form = text[text.index('<form id="alike"') :]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


async def agreed(client: AsyncClient, path: str, data: Mapping[str, Any]) -> str:
    """Press a button, agree to what the page says comes of it, and return that page."""
    asked = await post(client, path, data)
    assert asked.status_code == 200, asked.text
    assert "Nothing is saved yet" in asked.text
    done = await post(client, path, agreeing(asked.text))
    assert done.status_code == 303, done.text
    return asked.text


def left_alone(text: str) -> list[str]:
    """The reasons that the page gives, in its order."""
    return [
        re.sub(r"<[^>]*>", "", each).split(": ", 1)[1]
        for each in re.findall(r"<li>(<a[^>]*>[^<]*</a>: [^<]*)</li>", text)
    ]


async def all_codes(events: Sequence[EventView], which: str = "feedback") -> list[list[str]]:
    return [await codes(event.id, which) for event in events]


async def own(event: EventView) -> str:
    return next(each.which for each in await surveys_of(event.id) if each.kind is SurveyKind.OWN)


async def answer(event: EventView, kind: str = "feedback") -> None:
    await add(event.id, kind, question("text", "By hand"))
    await database.execute("UPDATE survey SET answered = 1, pool = '[{}]' WHERE event = $1", event.id)


async def test_a_question_goes_to_all_only_after_it_was_seen_where_it_goes(
    client: AsyncClient, events: list[EventView]
) -> None:
    assert "All events of the series (5 events)" in await get(client, f"{FEEDBACK}/new")
    asked = await post(client, f"{FEEDBACK}/new", MORE)
    assert "Change it in this and 4 other events" in asked.text
    assert await all_codes(events) == [TEMPLATE] * 5
    assert await database.fetchval("SELECT count(*) FROM survey") == 0, "nothing is left of what was only tried"
    done = await post(client, f"{FEEDBACK}/new", agreeing(asked.text))
    assert "4 other events of the series were changed alike" in await get(client, done.headers["location"])
    assert await all_codes(events) == [[*TEMPLATE, "more"]] * 5


async def test_what_is_answered_or_changed_by_hand_is_left_alone_and_said_so(
    client: AsyncClient, events: list[EventView]
) -> None:
    await answer(events[1])
    mended = question("scale", "By hand", low=1, high=5)
    await change(events[2].id, "feedback", "usefulness", mended)
    await database.execute("UPDATE event SET state = 'cancelled' WHERE id = $1", events[4].id)
    worded = await post(client, f"{FEEDBACK}/usefulness", {**USEFUL, "version": "0"})
    assert worded.status_code == 303
    again = {**USEFUL, "label_en": "Of use?", "version": "1", "scope": "all"}
    text = await agreed(client, f"{FEEDBACK}/usefulness", again)
    assert left_alone(text) == [KEPT, KEPT, KEPT, "Over, cancelled, closed, or not yours to change."]
    assert "None of the others" in text, "who worded it here alone before has changed the others' words by hand"
    assert (await asked_in(events[2].id, "feedback"))[0].labels["en"] == "By hand en"


async def test_a_question_of_the_bank_is_worded_anew_for_the_whole_series(
    client: AsyncClient, events: list[EventView]
) -> None:
    ticked = {"own_words": "y", "required": "y", "version": "0", "scope": "all"}
    form = await post(client, f"{FEEDBACK}/usefulness", ticked)
    assert form.status_code == 200
    assert '<option selected value="all">' in form.text or re.search(
        r'value="all"[^>]*checked|checked[^>]*value="all"', form.text
    )
    assert await database.fetchval("SELECT count(*) FROM survey") == 0, "nothing leaves the bank before it has words"
    await agreed(client, f"{FEEDBACK}/usefulness", {**USEFUL, "required": "y", "version": "0", "scope": "all"})
    asked = [(await asked_in(event.id, "feedback"))[0] for event in events]
    assert {(each.labels["en"], each.bank, each.required) for each in asked} == {("Useful?", "", True)}
    later = {**USEFUL, "label_en": "Was it of use?", "version": "1", "scope": "all"}
    assert "Change it in this and 4 other events" in await agreed(client, f"{FEEDBACK}/usefulness", later)


async def test_an_answer_keeps_its_questions(client: AsyncClient, events: list[EventView]) -> None:
    await answer(events[1])
    text = await agreed(client, f"{FEEDBACK}/comments/remove", {"version": "0", "scope": "all"})
    assert left_alone(text) == ["Answers have come already."]
    short = [code for code in TEMPLATE if code != "comments"]
    assert await all_codes(events) == [short, [*TEMPLATE, "by-hand-en"], short, short, short]


async def test_who_is_left_alone_goes_on_with_the_template(client: AsyncClient, events: list[EventView]) -> None:
    await agreed(client, f"{FEEDBACK}/usefulness", {"required": "y", "version": "0", "scope": "following"})
    await database.execute("DELETE FROM survey WHERE event = $1", events[3].id)
    await post(client, f"{FEEDBACK}/usefulness", {"version": "1", "scope": "this"})
    await agreed(client, f"{FEEDBACK}/usefulness", {"required": "y", "version": "2", "scope": "all"})
    assert await database.fetchval("SELECT count(*) FROM survey WHERE event = $1", events[3].id) == 1
    text = await agreed(client, f"{FEEDBACK}/usefulness", {**USEFUL, "version": "3", "scope": "all"})
    assert "Change it in this and 4 other events" in text
    await database.execute("DELETE FROM survey WHERE event = $1", events[3].id)
    text = await agreed(
        client,
        f"{FEEDBACK}/usefulness",
        {"kind": "scale", "label_en": "U?", "low": "1", "high": "5", "version": "4", "scope": "all"},
    )
    assert left_alone(text) == [KEPT]
    assert await database.fetchval("SELECT count(*) FROM survey WHERE event = $1", events[3].id) == 0


async def test_an_answer_that_comes_between_looking_and_agreeing_is_asked_about_again(
    client: AsyncClient, events: list[EventView]
) -> None:
    await add(events[1].id, "feedback", question("text", "Other"))
    asked = await post(client, f"{FEEDBACK}/comments/remove", {"version": "0", "scope": "all"})
    assert "this and 4 other events" in asked.text
    await database.execute("UPDATE survey SET answered = 1 WHERE event = $1", events[1].id)
    again = await post(client, f"{FEEDBACK}/comments/remove", agreeing(asked.text))
    assert again.status_code == 200
    assert left_alone(again.text) == ["Answers have come already."]
    assert await codes(events[0].id) == TEMPLATE, "nothing was done yet, here neither"
    assert (await post(client, f"{FEEDBACK}/comments/remove", agreeing(again.text))).status_code == 303
    assert "comments" in await codes(events[1].id)
    assert "comments" not in await codes(events[2].id)


async def test_a_survey_is_made_named_sent_and_removed_for_all(client: AsyncClient, events: list[EventView]) -> None:
    text = await agreed(client, f"{HERE}/questions", {"name_en": "Lunch", "scope": "all"})
    assert "this and 4 other events" in text
    which = await own(events[0])
    assert {await own(event) for event in events} > {which}
    await agreed(client, f"{HERE}/{which}/settings", {"name_en": "Food", "named": "y", "version": "0", "scope": "all"})
    rows = await database.fetch("SELECT DISTINCT name_en, named FROM survey")
    assert [tuple(row) for row in rows] == [("Food", True)]
    await agreed(client, f"{HERE}/{which}/questions/new", {**MORE, "version": "1"})
    sent = {"sends": "y", "months": "0", "days": "3", "local_time": "9:00", "audience": "all"}
    sent |= {"remind_after": "2", "open_for": "9", "version": "2", "scope": "all"}
    await agreed(client, f"{HERE}/{which}/sending", sent)
    rows = await database.fetch("SELECT DISTINCT sends, days, open_for, sending_set_at FROM survey")
    assert [tuple(row) for row in rows] == [(True, 3, 9, NOW)]
    await database.execute(
        "UPDATE survey SET link_hash = 'x'::bytea, link_closes_at = $2 WHERE event = $1", events[3].id, NOW
    )
    text = await agreed(client, f"{HERE}/{which}/remove", {"version": "3", "scope": "all"})
    assert left_alone(text) == ["People have been asked already."]
    assert [row["event"] for row in await database.fetch("SELECT event FROM survey")] == [events[3].id]


async def test_going_back_to_the_template_leaves_alone_what_has_more(
    client: AsyncClient, events: list[EventView]
) -> None:
    await agreed(client, f"{FEEDBACK}/new", MORE)
    await add(events[2].id, "feedback", question("text", "By hand"))
    text = await agreed(client, f"{FEEDBACK}/again", {"version": "1", "scope": "all"})
    assert left_alone(text) == ["It was changed by hand."]
    assert await all_codes(events) == [
        TEMPLATE,
        TEMPLATE,
        [*TEMPLATE, "more", "by-hand-en"],
        TEMPLATE,
        TEMPLATE,
    ]


async def test_an_order_is_asked_about_only_where_an_event_is_left_alone(
    client: AsyncClient, events: list[EventView]
) -> None:
    moved = await post(client, f"{FEEDBACK}/order", {"up": "recommend", "version": "0", "scope": "all"})
    assert moved.status_code == 303
    assert [found[:2] for found in await all_codes(events)] == [["recommend", "usefulness"]] * 5
    await post(
        client, f"/staff/events/{events[1].slug}/survey/feedback/questions/order", {"up": "next", "version": "1"}
    )
    text = await agreed(client, f"{FEEDBACK}/order", {"up": "comments", "version": "1", "scope": "all"})
    assert left_alone(text) == [KEPT]


async def test_a_question_of_the_bank_is_taken_and_kept_for_all(client: AsyncClient, events: list[EventView]) -> None:
    key = await bank.add_to_bank(question("number", "Cups"), actor=SYSTEM, now=NOW)
    await agreed(client, f"{FEEDBACK}/bank", {"add": key, "version": "0", "scope": "all"})
    assert [found[-1] for found in await all_codes(events)] == [key] * 5
    await agreed(client, f"{FEEDBACK}/new", {**MORE, "version": "1"})
    await agreed(client, f"{FEEDBACK}/bank", {"keep": "more", "version": "2", "scope": "all"})
    assert await database.fetchval("SELECT count(*) FROM survey_question WHERE bank = 'more'") == 5


async def test_a_condition_that_would_hang_in_the_air_leaves_an_event_alone(
    client: AsyncClient, events: list[EventView]
) -> None:
    await post(client, f"/staff/events/{events[1].slug}/survey/feedback/questions/contacts/remove", {"version": "0"})
    shown = (await asked_in(events[0].id, "feedback"))[2]
    condition = f"contacts={shown.codes[0]}"
    text = await agreed(client, f"{FEEDBACK}/new", {**MORE, "shown_if": condition})
    assert len(left_alone(text)) == 1
    assert "must stand after the question that shows it" in left_alone(text)[0]
    assert "more" not in await codes(events[1].id)


async def test_a_page_open_at_another_event_is_told_that_its_survey_has_changed(
    client: AsyncClient, events: list[EventView]
) -> None:
    await agreed(client, f"{FEEDBACK}/new", MORE)
    other = f"/staff/events/{events[1].slug}/survey/feedback/questions/new"
    assert (await post(client, other, {**MORE, "scope": "this"})).status_code == 409


async def test_back_shows_the_form_with_all_that_was_typed(client: AsyncClient, events: list[EventView]) -> None:
    asked = await post(client, f"{FEEDBACK}/new", {**MORE, "label_en": "Typed <b>"})
    back = await post(client, f"{FEEDBACK}/new", {**agreeing(asked.text), "_language": "en"})
    assert 'value="Typed &lt;b&gt;"' in back.text
    assert 'value="all"' in back.text


@pytest.mark.parametrize("path", ["new", "order", "bank", "again", "comments/remove"])
async def test_a_scope_that_no_page_offers_is_refused(client: AsyncClient, events: list[EventView], path: str) -> None:
    sent = await post(client, f"{FEEDBACK}/{path}", {**MORE, "scope": "everything"})
    assert sent.status_code in {400, 422}
    assert await database.fetchval("SELECT count(*) FROM survey") == 0


async def test_a_survey_that_was_made_here_alone_is_nothing_to_the_others(
    client: AsyncClient, events: list[EventView]
) -> None:
    which = await own_survey(events[0].id, question("text", "Here"))
    assert "All events of the series" not in await get(client, f"{HERE}/{which}/questions/new")
    text = await agreed(client, f"{HERE}/{which}/questions/new", {**MORE, "version": "1"})
    assert left_alone(text) == ["There is nothing of this to change."] * 4
