import re
import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import structs

from events.core import database
from events.core.actor import SYSTEM
from events.core.errors import Conflict, Invalid
from events.programme.actions import copy_event
from events.registration.questions import queries
from events.registration.questions.answering import Entered, change_answers
from events.registration.questions.asked import Asked
from events.registration.questions.building import (
    NewOption,
    NewQuestion,
    add_question,
    change_question,
    order_questions,
    remove_question,
)
from events.registration.questions.tables import QuestionKind
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.registration.questions.making import make_question, taken
from tests.registration.questions.test_answering import person, sign_up


def choice(*options: NewOption, **fields: object) -> NewQuestion:
    return NewQuestion(kind=QuestionKind.ONE, labels={"en": "Bus"}, options=options, **fields)  # type: ignore[arg-type]


def option(code: str, capacity: int | None = None) -> NewOption:
    return NewOption(code=code, labels={"en": code or "New"}, capacity=capacity)


async def asked(event: UUID) -> list[Asked]:
    return await queries.of_event(event)


async def change(event: UUID, new: NewQuestion) -> None:
    question = (await asked(event))[0]
    await change_question(event, question.id, new, actor=SYSTEM, now=NOW)


async def test_codes_come_from_the_text_and_stay(db: asyncpg.Connection) -> None:
    event = await make_event()
    for _again in range(2):
        await add_question(event, choice(option(""), option("")), actor=SYSTEM, now=NOW)
    await change(event, NewQuestion(kind=QuestionKind.SHORT, labels={"en": "Coach"}))
    assert [each.code for each in await asked(event)] == ["bus", "bus-2"]


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewQuestion(kind=QuestionKind.SHORT, labels={}), "label_fi"),
        (choice(option("early")), "options"),
        (choice(option("early"), NewOption(labels={})), "options-1-label_fi"),
        (NewQuestion(kind=QuestionKind.SHORT, labels={"fi": "A"}, health=True, required=True), "health"),
        (NewQuestion(kind=QuestionKind.CONSENT, labels={"fi": "A"}, health=True), "health"),
    ],
)
async def test_what_does_not_hold_is_said_beside_its_field(
    db: asyncpg.Connection, new: NewQuestion, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await add_question(await make_event(), new, actor=SYSTEM, now=NOW)
    assert list(refused.value.errors) == [field]


async def test_a_limit_set_later_counts_those_who_have_chosen_already(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "one", "early", "late")
    first = await sign_up(event, 1, bus="early")
    await sign_up(event, 2, bus="early")
    with pytest.raises(Invalid) as refused:
        await change(event, choice(option("early", 1), option("late")))
    assert list(refused.value.errors) == ["options-0-capacity"]
    await change(event, choice(option("early", 2), option("late")))
    assert await taken("early") == 2
    await change_answers(first.id, Entered({"bus": "late"}), actor=person(first), now=NOW)
    assert await taken("early") == 1
    await change(event, choice(option("early"), option("late")))
    assert await taken("early") == 0


async def test_what_was_answered_is_not_changed_away(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "bus", "one", "early", "late")
    await sign_up(event, bus="early")
    for new in (
        choice(option("late"), option("later")),
        choice(option("early"), option("late"), health=True),
        NewQuestion(kind=QuestionKind.SHORT, labels={"fi": "Bussi"}),
    ):
        with pytest.raises(Conflict) as refused:
            await change(event, new)
        assert refused.value.code == "answered"
    await change(event, choice(option("early"), option(""), required=True))
    assert [each.code for each in (await asked(event))[0].options] == ["early", "new"]


async def test_a_question_goes_with_as_many_answers_as_were_said(db: asyncpg.Connection) -> None:
    event = await make_event()
    question = await make_question(event, "why")
    await sign_up(event, why="Because")
    with pytest.raises(Conflict):
        await remove_question(event, question, answers=0, actor=SYSTEM, now=NOW)
    await remove_question(event, question, answers=1, actor=SYSTEM, now=NOW)
    assert await database.fetchval("SELECT count(*) FROM registration_answer") == 0


async def test_a_condition_keeps_what_it_asks_about_before_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    first = await make_question(event, "lunch", "yes_no")
    second = await make_question(event, "dish", shown_if=["lunch=yes"])
    third = await make_question(event, "why")
    for refused in (
        order_questions(event, [second, first, third], actor=SYSTEM, now=NOW),
        remove_question(event, first, answers=0, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(Conflict):
            await refused
    await order_questions(event, [third, first], actor=SYSTEM, now=NOW)
    assert [each.code for each in await asked(event)] == ["why", "lunch", "dish"]


async def test_a_copy_asks_the_same_at_its_own_sites(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = "SELECT id FROM site WHERE event = $1 AND mode = 'online'"
    await make_question(event, "bus", "one", ("early", 3), "late", required=True)
    await make_question(event, "camera", shown_if=["bus=early"], shown_at=[await database.fetchval(online, event)])
    await sign_up(event, bus="early")
    copy = (await copy_event(event, NOW + timedelta(days=90), actor=SYSTEM, now=NOW)).id
    bus, camera = await asked(copy)
    assert [(each.code, each.capacity, each.taken) for each in bus.options] == [("early", 3, 0), ("late", None, 0)]
    assert (camera.shown_if, camera.shown_at) == (["bus=early"], [await database.fetchval(online, copy)])


def test_the_service_copies_an_event_and_its_sites_before_its_questions() -> None:
    """What is imported first declares first; in another process than that of the tests this is the service's order."""
    said = "import events.app; from events.core.copying import COPIED; print(*COPIED)"
    order = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert order.index("event") < order.index("site") < order.index("question") < order.index("question_site")


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


FORM = {"kind": "one", "label_en": "How do you come?", "options-0-label_en": "By bus", "options-0-capacity": "2"}
HERE = "/staff/events/paja/questions"


async def test_a_question_is_built_changed_and_moved_in_the_browser(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    assert 'name="options-1-label_fi"' in (await organiser.get(f"{HERE}/new?kind=one")).text
    refused = await organiser.post(f"{HERE}/new", data=FORM)
    assert (refused.status_code, "Write at least two options." in refused.text) == (422, True)
    made = await organiser.post(f"{HERE}/new", data={**FORM, "options-1-label_en": "On foot"})
    assert made.headers["location"] == f"{HERE}?saved=1#question-how-do-you-come"
    await make_question(event, "why")
    first, second = await asked(event)
    edit = (await organiser.get(f"{HERE}/{second.id}")).text
    assert 'value="how-do-you-come=by-bus"' in edit
    assert "How do you come? On foot" in edit
    await organiser.post(
        f"{HERE}/{second.id}", data={"kind": "long", "label_fi": "Miksi", "shown_if": "how-do-you-come=by-bus"}
    )
    assert [(each.kind, list(each.shown_if)) for each in await asked(event)][1] == ("long", ["how-do-you-come=by-bus"])
    stuck = await organiser.post(f"{HERE}/order", data={"up": str(second.id)})
    assert (stuck.status_code, "must stand after" in stuck.text) == (409, True)
    await organiser.post(f"{HERE}/{second.id}", data={"kind": "long", "label_fi": "Miksi"})
    dragged = await organiser.post(f"{HERE}/order", data={"order": f"{second.id} {first.id}", "moved": str(second.id)})
    assert dragged.headers["location"].endswith("#question-why")
    assert [each.code for each in await asked(event)] == ["why", "how-do-you-come"]
    last = await organiser.post(f"{HERE}/order", data={"down": str(second.id), "order": ""})
    assert last.headers["location"].endswith("#up-why")
    assert [each.code for each in await asked(event)] == ["how-do-you-come", "why"]
    preview = (await organiser.get(f"{HERE}/preview")).text
    assert 'data-question="why"' in preview
    removal = await organiser.get(f"{HERE}/{second.id}/remove")
    assert "Nobody has answered it." in removal.text
    await organiser.post(f"{HERE}/{second.id}/remove", data={"answers": "0"})
    assert [each.code for each in await asked(event)] == ["how-do-you-come"]


async def test_the_bank_keeps_a_question_for_the_events_of_its_region(organiser: httpx.AsyncClient) -> None:
    event, other = await make_event(slug="paja"), await make_event(slug="verstas")
    question = await make_question(event, "bus", "one", ("early", 3), "late", help_fi="Ohje")
    await organiser.post(f"{HERE}/bank", data={"keep": str(question)})
    template = await database.fetchval("SELECT id FROM question_template WHERE region = '06'")
    page = (await organiser.get("/staff/events/verstas/questions")).text
    assert str(template) in page
    await organiser.post("/staff/events/verstas/questions/bank", data={"add": str(template)})
    (copied,) = await asked(other)
    assert [(each.code, each.capacity) for each in copied.options] == [("early", 3), ("late", None)]
    await organiser.post(f"{HERE}/bank", data={"drop": str(template)})
    assert await database.fetchval("SELECT count(*) FROM question_template") == 0


async def test_a_stranger_to_the_event_builds_nothing(client: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    question = await make_question(event, "why")
    await sign_in(client, await make_staff("organiser", kind="region", resource="14"))
    for path in ("", "/new", "/preview", f"/{question}", f"/{question}/remove"):
        assert (await client.get(f"{HERE}{path}")).status_code == 404, path
    assert (await client.post(f"{HERE}/new", data=FORM)).status_code == 404
    assert (await client.post(f"{HERE}/bank", data={"keep": str(question)})).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"up": "x"}, {"order": "x y"}, {"order": "\u202e"}])
async def test_an_order_that_makes_no_sense_changes_nothing(organiser: httpx.AsyncClient, sent: dict[str, str]) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "why")
    assert (await organiser.post(f"{HERE}/order", data=sent)).status_code == 303
    assert [each.code for each in await asked(event)] == ["why"]


async def test_what_is_asked_because_of_an_answer_about_health_is_about_health(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_question(event, "diet", "one", "vegan", "other", health=True)
    detail = NewQuestion(kind=QuestionKind.SHORT, labels={"en": "What then?"}, shown_if=["diet=other"])
    with pytest.raises(Invalid) as refused:
        await add_question(event, detail, actor=SYSTEM, now=NOW)
    assert list(refused.value.errors) == ["health"]
    assert await add_question(event, structs.replace(detail, health=True), actor=SYSTEM, now=NOW)


def three_options(question: Asked) -> dict[str, str]:
    sent = {"kind": "one", "label_en": "Bus"}
    for number, each in enumerate(question.options):
        texts = {f"options-{number}-label_{code}": text for code, text in each.labels.items()}
        sent |= {f"options-{number}-code": each.code, **texts}
    return sent


async def test_options_are_moved_without_saving_and_saved_in_their_order(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "bus", "one", "a", "b", "c")
    (question,) = await asked(event)
    sent = {**three_options(question), "options-3-label_en": "Typed just now", "options-3-capacity": "many"}
    moved = await organiser.post(f"{HERE}/{question.id}", data={**sent, "option_up": "options-3"})
    assert moved.status_code == 200
    assert [each.code for each in (await asked(event))[0].options] == ["a", "b", "c"]
    fields = dict(re.findall(r'name="(options-\d+-(?:label_en|capacity|code))"[^>]*?value="([^"]*)"', moved.text))
    assert (fields["options-2-label_en"], fields["options-2-capacity"]) == ("Typed just now", "many")
    assert (fields["options-3-label_en"], fields["options-3-code"]) == ("c en", "c")
    assert re.search(r'name="option_up" value="options-2"[^>]*autofocus', moved.text)
    saved = await organiser.post(f"{HERE}/{question.id}", data={**sent, **swapped(sent), "options-3-capacity": ""})
    assert saved.status_code == 303
    assert [each.code for each in (await asked(event))[0].options] == ["b", "a", "c", "typed-just-now"]


def swapped(sent: dict[str, str]) -> dict[str, str]:
    """Return the first two options in each other's place."""
    pairs = {"options-0": "options-1", "options-1": "options-0"}
    return {pairs[name[:9]] + name[9:]: text for name, text in sent.items() if name[:9] in pairs}


@pytest.mark.parametrize("pressed", ["", "options-77", "options-0-code", "x", "options-99999999999999999999"])
async def test_an_option_that_is_not_there_is_not_moved(organiser: httpx.AsyncClient, pressed: str) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "bus", "one", "a", "b")
    (question,) = await asked(event)
    answer = await organiser.post(f"{HERE}/{question.id}", data={**three_options(question), "option_up": pressed})
    assert answer.status_code in {200, 303}
    assert [each.code for each in (await asked(event))[0].options] == ["a", "b"]


async def test_the_first_option_stays_the_first_and_its_way_back_is_proposed(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await make_question(event, "bus", "one", "a", "b")
    (question,) = await asked(event)
    answer = await organiser.post(f"{HERE}/{question.id}", data={**three_options(question), "option_up": "options-0"})
    assert re.search(r'name="option_down" value="options-0"[^>]*autofocus', answer.text)


async def test_a_question_of_the_bank_is_changed_where_events_ask_it_as_before(organiser: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    question = await make_question(event, "bus", "one", ("early", 3), "late", help_fi="Ohje")
    await organiser.post(f"{HERE}/bank", data={"keep": str(question)})
    template = await database.fetchval("SELECT id FROM question_template")
    path = f"{HERE}/bank/{template}"
    assert path in (await organiser.get(HERE)).text
    page = (await organiser.get(path)).text
    assert 'value="early"' in page
    assert "Ohje" in page
    sent = {
        "kind": "one",
        "label_fi": "",
        "label_sv": "",
        "label_en": "Coach",
        "options-0-code": "late",
        "options-0-label_en": "Late",
    }
    refused = await organiser.post(path, data=sent)
    assert (refused.status_code, "Write at least two options." in refused.text) == (422, True)
    assert 'value="Coach"' in refused.text
    sent |= {
        "options-0-capacity": "",
        "options-1-code": "",
        "options-1-label_en": "Very late",
        "options-1-capacity": "5",
    }
    assert (await organiser.post(path, data=sent)).headers["location"] == f"{HERE}?saved=1#bank"
    await organiser.post(f"{HERE}/bank", data={"add": str(template)})
    before, after = await asked(event)
    assert [each.code for each in before.options] == ["early", "late"]
    assert after.label[0] == "Coach"
    assert [(each.code, each.capacity) for each in after.options] == [("late", None), ("very-late", 5)]


async def test_the_networks_question_is_changed_by_those_alone_who_may_edit_every_event(
    organiser: httpx.AsyncClient,
) -> None:
    await make_event(slug="paja")
    template = await insert("question_template", kind="short", label_en="Why?", options="[]")
    path = f"{HERE}/bank/{template}"
    assert f"{path}" not in (await organiser.get(HERE)).text
    assert (await organiser.get(path)).status_code == 404
    assert (await organiser.post(path, data={"kind": "short", "label_en": "Mine"})).status_code == 404
    await sign_in(organiser, await make_staff("admin"))
    assert (await organiser.post(path, data={"kind": "short", "label_en": "Ours"})).status_code == 303
    assert await database.fetchval("SELECT label_en FROM question_template") == "Ours"
