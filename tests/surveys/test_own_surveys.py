"""Surveys of an event's own, answered by link or by name, through the pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from httpx import AsyncClient

from events.core import clock, database, secrets
from events.core.actor import SYSTEM, Actor, ActorKind
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import in_language
from events.registration.own import in_words
from events.registration.own.data import erase, everything
from events.surveys.actions import seal, submit
from events.surveys.answering.forms import conditions
from events.surveys.answering.pages import MOST_BY_LINK
from events.surveys.asked import Choice
from events.surveys.building import settling
from events.surveys.building.soundness import coded
from events.surveys.queries import link_token, survey_of
from events.surveys.results.queries import by_name, results
from events.surveys.sending.actions import invite_due
from tests.factories import NOW, insert, make_event, make_staff, sign_in
from tests.surveys.asking import ANSWER, FORM, MORNING, asked, attended, held_event, kept, tokens
from tests.surveys.building.making import add, own_survey, question
from tests.surveys.test_invitations import letter

CLOSES = NOW + timedelta(days=3)


async def invited(event: UUID, which: str, registration: UUID) -> str:
    """Ask someone to answer a survey that rules of sending do not know yet; returns the token of the link."""
    survey, identity = await survey_of(event, which), uuid4()
    assert survey is not None
    token = secrets.derive("survey", identity)
    place = await database.fetchval("SELECT count(*) FROM survey_invitation WHERE survey = $1", survey.id)
    columns: dict[str, Any] = {"survey": survey.id, "registration": registration, "token_hash": secrets.digest(token)}
    await insert("survey_invitation", id=identity, place=place, **columns)
    return token


async def opened(event: UUID, which: str = "feedback") -> str:
    """Open the link of a survey; returns its token."""
    await settling.open_link(event, which, closes_at=CLOSES, version=None, actor=SYSTEM, now=NOW)
    survey = await survey_of(event, which)
    assert survey is not None
    assert survey.id is not None
    return link_token(survey.id, survey.link_generation)


async def test_one_registration_answers_several_surveys_each_once(db: asyncpg.Connection) -> None:
    event, (feedback,) = await asked(1)
    registration = await database.fetchval("SELECT registration FROM survey_invitation")
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    own, impact = [await invited(event, name, registration) for name in (which, await _begun(event, "impact_3"))]
    await submit(feedback, ANSWER, MORNING)
    await submit(own, {"food-en": "good-en"}, MORNING)
    await submit(impact, {"impact_contact": "once", "impact_regions": ["06"]}, MORNING)
    with pytest.raises(Conflict):
        await submit(own, {"food-en": "bad-en"}, MORNING)
    assert await invite_due(MORNING) == 0, "who was asked for feedback is not asked again because of other surveys"
    assert [row["answered"] for row in await database.fetch("SELECT answered FROM survey")] == [1, 1, 1]


async def _begun(event: UUID, which: str) -> str:
    await add(event, which, question("text", "More"))
    return which


async def test_the_page_of_a_built_survey_asks_all_kinds_without_javascript(client: AsyncClient) -> None:
    event, _ = await asked(1)
    registration = await database.fetchval("SELECT registration FROM survey_invitation")
    which = await own_survey(
        event,
        question("section", "Head"),
        question("one", "Food", "good", "bad"),
        question("text", "Why", shown_if=["food-en=bad-en"], required=True),
        question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")),
    )
    token = await invited(event, which, registration)
    with clock.at(MORNING):
        shown = (await client.get(f"/s/{token}")).text
        assert "Only if you chose: “bad en” in the question “Food en”" in shown
        assert "3 questions, about 1 minute." in shown
        assert "<legend>talks en" in shown.replace("\n", "")
        refused = await client.post(
            f"/s/{token}", data={"answers.food-en": "bad-en", "answers.parts-en.talks-en": "good-en"}
        )
        assert refused.status_code == 422
        assert refused.text.count(" checked") == 2, "what was chosen is kept"
        assert "Answer this question." in refused.text
        sent = await client.post(
            f"/s/{token}", data={"answers.food-en": "good-en", "answers.parts-en.lunch-en": "bad-en"}
        )
    assert sent.status_code == 303
    assert await kept() == [{"food-en": "good-en", "parts-en": {"lunch-en": "bad-en"}}]


async def test_what_is_in_another_language_is_marked_and_said_once_above_the_questions(client: AsyncClient) -> None:
    event, _ = await asked(1)
    registration = await database.fetchval("SELECT registration FROM survey_invitation")
    finnish = {
        "labels": {"fi": "Ruoka <hyvä>"},
        "helps": {"fi": "Lounas"},
        "options": [Choice("", {"fi": "Maistui"}), Choice("", {"fi": "Ei"})],
    }
    parts = {"labels": {"fi": "Osat"}, "rows": [Choice("", {"fi": "Puheet"})]}
    which = await own_survey(
        event,
        msgspec.structs.replace(question("one"), **finnish),
        msgspec.structs.replace(question("text", "Why", shown_if=["ruoka-hyva=maistui"])),
        msgspec.structs.replace(question("matrix", "", "good", "bad", rows=("x",)), **parts),
    )
    token = await invited(event, which, registration)
    with clock.at(MORNING):
        shown = (await client.get(f"/s/{token}")).text
        for text in ("Ruoka &lt;hyvä&gt;", "Lounas", "Maistui", "Puheet"):
            assert f'<span lang="fi">{text}</span>' in shown, text
        assert '<legend lang="fi">Osat' in shown
        assert "“<span" in shown, "in conditions, too"
        assert shown.count("Some questions are in Finnish only.") == 1
        assert "in Swedish only" not in shown
        registered = "UPDATE registration SET language = 'fi' WHERE id = $1"
        await database.execute(registered, registration)
        assert "other-language" not in (await client.get(f"/s/{token}")).text


def test_a_condition_names_its_question_once_with_all_answers_that_show_it() -> None:
    food = coded(question("one", "Food", "good", "bad", "awful"), set())
    why = coded(question("text", "Why", shown_if=["food-en=bad-en", "food-en=awful-en"]), set())
    with in_language("en"):
        said = conditions([food, why])
    assert said == {"why-en": "Only if you chose: “bad en” or “awful en” in the question “Food en”"}


async def test_by_name_is_said_before_the_first_question_and_kept_with_the_registration(client: AsyncClient) -> None:
    event = await held_event()
    registration = await attended(event)
    await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=NOW)
    await invite_due(MORNING)
    (token,) = await tokens(event)
    written = await letter("en")
    assert written is not None
    assert "5 questions, about 1 minute. The answers are kept with your name." in written.text
    with clock.at(MORNING):
        shown = (await client.get(f"/s/{token}")).text
        assert shown.index("kept with your name") < shown.index("How useful")
        assert "are anonymous" not in shown
        assert (await client.post(f"/s/{token}", data=FORM)).status_code == 303
        assert "kept with your registration" in (await client.get(f"/s/{token}")).text
    assert await database.fetchval("SELECT pool FROM survey") == "[]"
    held = await everything(registration, by_mail=False)
    (told,) = held["registrations"][0]["surveys"]
    assert [each["answer"] for each in told["by_name"]] == [4, 9, "1-2", "joint_project", "Kiitos!"]
    with in_language("en"):
        said = str(in_words.registration(held["registrations"][0], [], in_words.Places({}, {})))
    assert "What happens next with them?, We plan a joint project" in said
    survey = await survey_of(event, "feedback")
    assert survey is not None
    assert len((await by_name(survey))[0][1]) == 5
    assert (await results(event)).answered == 1


async def test_an_answer_by_name_is_erased_with_the_registration(db: asyncpg.Connection) -> None:
    event = await held_event()
    registration = await attended(event)
    await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=NOW)
    await invite_due(MORNING)
    (token,) = await tokens(event)
    await submit(token, ANSWER, MORNING)
    await erase(registration, actor=Actor(ActorKind.PARTICIPANT, registration, ""), now=MORNING)
    assert await database.fetchval("SELECT count(*) FROM named_answer") == 0


async def test_everybody_answers_by_the_open_link_and_is_counted_apart(client: AsyncClient) -> None:
    event, links = await asked(2)
    await submit(links[0], ANSWER, MORNING)
    token = await opened(event)
    with clock.at(NOW):
        assert "the same for everybody" in (await client.get(f"/s/{token}")).text
        for _each in range(2):
            sent = await client.post(f"/s/{token}", data=FORM)
            assert sent.headers["location"] == f"/s/{token}?sent=1"
        assert "Thank you" in (await client.get(sent.headers["location"])).text
    figures = await results(event)
    assert (figures.answered, figures.by_link, figures.rate) == (3, 2, 0.5)


async def test_the_open_link_closes_at_its_day_and_can_be_withdrawn(client: AsyncClient) -> None:
    event = await make_event()
    token = await opened(event)
    with clock.at(CLOSES):
        closed = await client.get(f"/s/{token}")
        assert (closed.status_code, "has closed" in closed.text) == (410, True)
        assert (await client.post(f"/s/{token}", data=FORM)).status_code == 409
    await settling.withdraw_link(event, "feedback", version=None, actor=SYSTEM, now=NOW)
    assert (await client.get(f"/s/{token}")).status_code == 410
    assert await opened(event) != token
    with pytest.raises(NotFound):
        await submit(token, ANSWER, NOW)


NO_LONGER = "This survey can no longer be answered"
WAYS = ("The survey has closed, or its link has been taken out of use.", "Would you still like to say something?")


async def test_a_withdrawn_link_says_what_one_can_do_and_an_unknown_one_the_same(client: AsyncClient) -> None:
    event = await make_event(title_en="Workshop", contact_name="Oskari", contact_email="oskari@sixnet.example")
    tokens = [await opened(event)]
    await settling.withdraw_link(event, "feedback", version=None, actor=SYSTEM, now=NOW)
    tokens.append(await opened(event))
    await settling.withdraw_link(event, "feedback", version=None, actor=SYSTEM, now=NOW)
    for token in tokens:
        for gone in (await client.get(f"/s/{token}?lang=en"), await client.post(f"/s/{token}?lang=en", data=FORM)):
            assert gone.status_code == 410
            assert all(words in gone.text for words in (NO_LONGER, *WAYS, "Workshop", "mailto:oskari@sixnet.example"))
    unknown = await client.get("/s/23456789abcdefghjkmnpqrstu?lang=en")
    assert unknown.status_code == 404
    assert all(words in unknown.text for words in (NO_LONGER, *WAYS))
    assert "Workshop" not in unknown.text
    assert "Tähän kyselyyn ei voi enää vastata" in (await client.get(f"/s/{tokens[0]}?lang=fi")).text
    assert "Enkäten kan inte längre besvaras" in (await client.get("/s/unknown?lang=sv")).text


async def test_the_open_link_of_a_cancelled_event_says_that_it_is_over(client: AsyncClient) -> None:
    event = await make_event()
    token = await opened(event)
    await database.execute("UPDATE event SET state = 'cancelled'")
    with clock.at(NOW):
        gone = await client.get(f"/s/{token}?lang=en")
    assert (gone.status_code, NO_LONGER in gone.text) == (410, True)


async def test_a_link_that_opens_nothing_tells_nothing_of_who_answered(client: AsyncClient) -> None:
    event = await make_event()
    pages = []
    for answers in (0, 3):
        token = await opened(event)
        for _each in range(answers):
            await submit(token, ANSWER, NOW)
        await settling.withdraw_link(event, "feedback", version=None, actor=SYSTEM, now=NOW)
        pages.append((await client.get(f"/s/{token}")).text.replace(token, ""))
    assert pages[0] == pages[1]


async def test_an_open_link_and_names_exclude_each_other(db: asyncpg.Connection) -> None:
    event = await make_event()
    await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        await opened(event)
    await settling.settle(event, "feedback", names={}, named=False, version=None, actor=SYSTEM, now=NOW)
    await opened(event)
    with pytest.raises(Conflict):
        await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        await settling.open_link(event, "feedback", closes_at=NOW, version=None, actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        await opened(event, await own_survey(event))


async def test_answers_by_open_links_are_limited_by_network(client: AsyncClient) -> None:
    token = await opened(await make_event())
    with clock.at(NOW):
        for _each in range(MOST_BY_LINK):
            await client.post(f"/s/{token}", data={"answers.usefulness": "4"})
        assert (await client.post(f"/s/{token}", data={"answers.usefulness": "4"})).status_code == 429
        assert (await client.post(f"/s/{token}", data={})).status_code == 422, "what is sent in vain counts for nothing"


async def test_answers_by_link_alone_are_sealed_once_it_has_closed(committed_db: str) -> None:
    token = await opened(await make_event())
    for _each in range(5):
        await submit(token, ANSWER, NOW)
    assert await seal(CLOSES) == 0
    assert await seal(CLOSES + timedelta(minutes=10)) == 5


async def test_results_of_each_survey_are_shown_and_of_unknown_ones_not(client: AsyncClient) -> None:
    event, links = await asked(5)
    await add(event, "feedback", question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")))
    for link in links:
        await submit(link, {**ANSWER, "parts-en": {"talks-en": "good-en"}}, MORNING)
    which = await own_survey(event, question("text", "x"))
    slug = await database.fetchval("SELECT slug FROM event")
    await sign_in(client, await make_staff("coordinator"))
    shown = (await client.get(f"/staff/events/{slug}/survey")).text
    assert "talks en" in shown
    assert f"of={which}" in shown
    assert (await client.get(f"/staff/events/{slug}/survey?of={which}")).status_code == 200
    for nothing in ("own", "x", str(uuid4())):
        assert (await client.get(f"/staff/events/{slug}/survey?of={nothing}")).status_code == 404
