"""Building a survey: what may change, what may not once there are answers, and who changes it at the same time."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from events.core import database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, Invalid, NotFound
from events.surveys import rules
from events.surveys.actions import submit
from events.surveys.building import actions, bank, holding, settling
from events.surveys.queries import survey_of
from events.surveys.sending.actions import invite_due
from tests.factories import NOW, make_event
from tests.surveys.asking import ANSWER, MORNING, asked, attended, held_event, kept, tokens
from tests.surveys.building.making import add, asked_in, change, codes, own_survey, question, texts

FEEDBACK = ["usefulness", "recommend", "contacts", "next", "comments"]


async def test_what_nobody_changed_asks_its_template_and_stores_nothing(db: asyncpg.Connection) -> None:
    event = await make_event()
    assert await codes(event) == FEEDBACK
    assert (await codes(event, "impact_3")) == (await codes(event, "impact_6"))
    assert len((await asked_in(event, "impact_3"))[3].options) == 19
    assert await database.fetchval("SELECT count(*) FROM survey") == 0


async def test_the_first_change_keeps_what_the_template_asked(db: asyncpg.Connection) -> None:
    event = await make_event()
    assert await add(event, "feedback", question("text", "Lunch")) == "lunch-en"
    assert await codes(event) == [*FEEDBACK, "lunch-en"]
    stored = await asked_in(event, "feedback")
    assert stored[0].labels["sv"] == "Hur nyttigt var evenemanget för ditt arbete?"
    assert {each.bank for each in stored} == {*FEEDBACK, ""}


async def test_answers_to_the_template_stay_answers_when_the_survey_is_changed(db: asyncpg.Connection) -> None:
    event, links = await asked(2)
    await submit(links[0], ANSWER, MORNING)
    await add(event, "feedback", question("one", "Food", "good", "bad"))
    await submit(links[1], {**ANSWER, "food-en": "bad-en"}, MORNING)
    pool = await kept()
    assert sorted(len(each) for each in pool) == [5, 6]


@pytest.mark.parametrize("way", ["kind", "option", "row", "scale", "remove"])
async def test_once_there_are_answers_nothing_changes_what_they_say(db: asyncpg.Connection, way: str) -> None:
    event, (link,) = await asked(1)
    await add(event, "feedback", question("one", "Food", "good", "bad"))
    await add(event, "feedback", question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")))
    await add(event, "feedback", question("scale", "Pace", low=1, high=5))
    await submit(link, ANSWER, MORNING)
    food, parts, pace = (await asked_in(event, "feedback"))[5:]
    replace = msgspec.structs.replace
    refused = {
        "kind": change(event, "feedback", "food-en", replace(food, kind="many")),
        "option": change(
            event, "feedback", "food-en", replace(food, options=[*food.options[:1], *question("one", "", "x").options])
        ),
        "row": change(event, "feedback", "parts-en", replace(parts, rows=parts.rows[1:])),
        "scale": change(event, "feedback", "pace-en", replace(pace, high=4)),
        "remove": actions.remove_question(event, "feedback", "pace-en", version=None, actor=SYSTEM, now=NOW),
    }
    with pytest.raises(Conflict) as conflict:
        await refused.pop(way)
    assert conflict.value.code == "answered"
    for left in refused.values():
        left.close()


async def test_wording_can_be_mended_after_answers_and_the_trail_tells_both(db: asyncpg.Connection) -> None:
    event, (link,) = await asked(1)
    await add(event, "feedback", question("one", "Fod", "good", "bad"))
    await submit(link, ANSWER, MORNING)
    before = (await asked_in(event, "feedback"))[5]
    more = [*before.options, *question("one", "", "so-so").options]
    await change(event, "feedback", "fod-en", msgspec.structs.replace(before, labels=texts("Food"), options=more))
    after = (await asked_in(event, "feedback"))[5]
    assert (after.label[0], [each.code for each in after.options]) == ("Food fi", ["good-en", "bad-en", "so-so-en"])
    detail = json.loads(await database.fetchval("SELECT detail FROM audit WHERE action = 'survey.question_changed'"))
    assert (detail["before"]["en"], detail["after"]["en"], detail["answers"]) == ("Fod en", "Food en", 1)


async def test_two_editors_at_once_the_second_is_told(db: asyncpg.Connection) -> None:
    event = await make_event()
    await add(event, "feedback", question("text", "First"), version=0)
    with pytest.raises(Conflict) as conflict:
        await add(event, "feedback", question("text", "Second"), version=0)
    assert conflict.value.code == "changed"
    assert await codes(event) == [*FEEDBACK, "first-en"]


async def _both_add(event: UUID) -> list[object]:
    return await asyncio.gather(
        *(add(event, "feedback", question("text", name), version=0) for name in ("First", "Second")),
        return_exceptions=True,
    )


async def test_two_editors_in_the_same_moment_leave_one_change(committed_db: str) -> None:
    event = await make_event()
    done = await _both_add(event)
    assert sorted(type(each).__name__ for each in done) == ["Conflict", "str"]
    assert len(await codes(event)) == len(FEEDBACK) + 1


async def test_without_the_version_both_editors_would_have_their_way(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(rules, "require_version", lambda *_versions: None)
    event = await make_event()
    assert {type(each).__name__ for each in await _both_add(event)} == {"str"}


async def test_conditions_ask_about_earlier_questions_alone(db: asyncpg.Connection) -> None:
    event = await make_event()
    which = await own_survey(event, question("one", "First", "a", "b"))
    await add(event, which, question("text", "Why", shown_if=["first-en=a-en"]))
    with pytest.raises(Conflict) as conflict:
        await actions.order_questions(event, which, ["why-en", "first-en"], version=None, actor=SYSTEM, now=NOW)
    assert conflict.value.code == "depended_on"
    with pytest.raises(Invalid):
        await add(event, which, question("text", "Else", shown_if=["first-en=c"]))
    with pytest.raises(Conflict):
        await actions.remove_question(event, which, "first-en", version=None, actor=SYSTEM, now=NOW)
    first = (await asked_in(event, which))[0]
    with pytest.raises(Conflict):
        changed = msgspec.structs.replace(first, options=[first.options[1], *question("one", "", "c").options])
        await change(event, which, "first-en", changed)


@pytest.mark.parametrize(
    "wrong",
    [
        question("one", "x", "single"),
        question("matrix", "x", "a", "b"),
        question("scale", "x", low=5, high=5),
        question("scale", "x", low=0, high=11),
        msgspec.structs.replace(question("text"), labels={"fi": ""}),
    ],
)
async def test_what_cannot_be_asked_is_refused(db: asyncpg.Connection, wrong: object) -> None:
    with pytest.raises(Invalid):
        await add(await make_event(), "feedback", wrong)  # type: ignore[arg-type]


async def test_the_last_question_stays_and_the_template_comes_back(db: asyncpg.Connection) -> None:
    event = await make_event()
    for code in FEEDBACK[:-1]:
        await actions.remove_question(event, "feedback", code, version=None, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        await actions.remove_question(event, "feedback", "comments", version=None, actor=SYSTEM, now=NOW)
    await actions.begin_again(event, "feedback", version=None, actor=SYSTEM, now=NOW)
    assert await codes(event) == FEEDBACK


async def test_who_may_not_edit_the_event_finds_no_survey(db: asyncpg.Connection) -> None:
    event = await make_event()
    stranger = Actor(ActorKind.STAFF, event, "x", (Grant("organiser", "region", "17"),))
    with pytest.raises(NotFound):
        await actions.add_question(event, "feedback", question("text"), version=None, actor=stranger, now=NOW)
    for which in ("own", "no-such", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            await add(event, which, question("text"))


async def test_a_question_of_the_bank_keeps_key_and_words(db: asyncpg.Connection) -> None:
    one, other = await make_event(), await make_event()
    key = await bank.add_to_bank(question("one", "Trust", "more", "less"), actor=SYSTEM, now=NOW)
    for event in (one, other):
        await bank.take(event, "feedback", key, version=None, actor=SYSTEM, now=NOW)
    taken = (await asked_in(one, "feedback"))[-1]
    await change(one, "feedback", key, msgspec.structs.replace(taken, labels=texts("Other"), required=True))
    kept = (await asked_in(one, "feedback"))[-1]
    assert (kept.label[0], kept.required, kept.bank) == ("Trust fi", True, key)
    await bank.change_in_bank(
        key, msgspec.structs.replace(taken, labels=texts("Confidence")), version=1, actor=SYSTEM, now=NOW
    )
    assert (await asked_in(one, "feedback"))[-1].label[0] == "Trust fi"
    assert (await bank.banked_one(key)).label[0] == "Confidence fi"
    with pytest.raises(Conflict):
        await bank.take(one, "feedback", key, version=None, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict, match="verrata"):
        await bank.change_in_bank(key, msgspec.structs.replace(taken, kind="many"), version=2, actor=SYSTEM, now=NOW)


async def test_own_words_take_a_question_out_of_the_comparison_and_only_without_answers(db: asyncpg.Connection) -> None:
    event, (link,) = await asked(1)
    usefulness = (await asked_in(event, "feedback"))[0]
    own = msgspec.structs.replace(usefulness, bank="", bank_version=0)
    await change(event, "feedback", "usefulness", own)
    assert (await asked_in(event, "feedback"))[0].bank == ""
    await submit(link, ANSWER, MORNING)
    recommend = (await asked_in(event, "feedback"))[1]
    with pytest.raises(Conflict):
        await change(event, "feedback", "recommend", msgspec.structs.replace(recommend, bank=""))


async def test_a_question_kept_in_the_bank_is_the_banks_from_then_on(db: asyncpg.Connection) -> None:
    event = await make_event()
    code = await add(event, "feedback", question("number", "Cups"))
    key = await bank.keep(event, "feedback", code, version=None, actor=SYSTEM, now=NOW)
    assert (await asked_in(event, "feedback"))[-1].bank == key
    with pytest.raises(Conflict):
        await bank.keep(event, "feedback", code, version=None, actor=SYSTEM, now=NOW)
    await bank.retire(key, actor=SYSTEM, now=NOW)
    with pytest.raises(NotFound):
        await bank.take(await make_event(), "feedback", key, version=None, actor=SYSTEM, now=NOW)


async def test_an_organiser_keeps_no_bank(db: asyncpg.Connection) -> None:
    event = await make_event()
    organiser = Actor(ActorKind.STAFF, event, "x", (Grant("organiser", "all", ""),))
    with pytest.raises(NotFound):
        await bank.add_to_bank(question("text"), actor=organiser, now=NOW)
    key = await bank.add_to_bank(question("text"), actor=SYSTEM, now=NOW)
    await bank.take(event, "feedback", key, version=None, actor=organiser, now=NOW)


async def _settle(event: UUID, *, named: bool) -> None:
    await settling.settle(event, "feedback", names={}, named=named, version=None, actor=SYSTEM, now=NOW)


async def test_by_name_or_not_is_fixed_once_the_first_invitation_went_out(db: asyncpg.Connection) -> None:
    event = await held_event()
    await attended(event)
    await _settle(event, named=True)
    await invite_due(MORNING)
    await _settle(event, named=True)
    with pytest.raises(Conflict) as conflict:
        await _settle(event, named=False)
    assert conflict.value.code == "begun"
    assert await tokens(event)


async def test_a_survey_that_was_built_before_the_event_closes_as_any_other(db: asyncpg.Connection) -> None:
    event = await held_event()
    await attended(event)
    await add(event, "feedback", question("text", "More"))
    await invite_due(MORNING)
    survey = await survey_of(event, "feedback")
    assert survey is not None
    assert survey.closes_at == MORNING + timedelta(days=28)


async def _change_while_answering(event: UUID, link: str) -> list[object]:
    """Remove an option while somebody answers with it: either may come first, both may not have their way."""
    food = (await asked_in(event, "feedback"))[-1]
    fewer = msgspec.structs.replace(food, options=[*food.options[:1], *question("one", "", "other").options])
    return await asyncio.gather(
        submit(link, {"food-en": "bad-en"}, MORNING),
        change(event, "feedback", "food-en", fewer),
        return_exceptions=True,
    )


async def _meaningless(event: UUID) -> int:
    """How many answers name an option that is not there."""
    there = {each.code for each in (await asked_in(event, "feedback"))[-1].options}
    pool = await kept()
    return sum(answer.get("food-en") not in there for answer in pool)


async def test_an_answer_and_a_change_in_the_same_moment_exclude_each_other(committed_db: str) -> None:
    event, links = await asked(6)
    await add(event, "feedback", question("one", "Food", "good", "bad"))
    for link in links:
        await _change_while_answering(event, link)
    assert await _meaningless(event) == 0


async def test_without_the_lock_an_answer_would_mean_nothing(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the change looks for answers before one comes, and writes after it."""
    event, (link,) = await asked(1)
    await add(event, "feedback", question("one", "Food", "good", "bad"))
    monkeypatch.setattr(holding, "_HOLD", holding._HOLD.replace(" FOR UPDATE", ""))
    writing = holding.database.execute
    answered = asyncio.Event()

    async def waiting(sql: str, *values: object) -> int:
        if "version = version + 1" in sql:
            return 0
        return await writing(sql, *values)

    real = actions.write_question

    async def late(*values: object) -> None:
        await asyncio.wait_for(answered.wait(), 10)
        await real(*values)  # type: ignore[arg-type]

    async def answer() -> None:
        await asyncio.sleep(0.1)
        await submit(link, {"food-en": "bad-en"}, MORNING)
        answered.set()

    monkeypatch.setattr(holding.database, "execute", waiting)
    monkeypatch.setattr(actions, "write_question", late)
    food = (await asked_in(event, "feedback"))[-1]
    fewer = msgspec.structs.replace(food, options=[*food.options[:1], *question("one", "", "other").options])
    await asyncio.gather(answer(), change(event, "feedback", "food-en", fewer))
    assert await _meaningless(event) == 1
