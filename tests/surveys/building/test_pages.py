"""The pages on which surveys are built: nothing typed is lost, and nobody sees what is not theirs."""

import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.actor import SYSTEM
from events.programme.actions import copy_event
from events.surveys.building import bank
from events.surveys.queries import questions_of, surveys_of
from events.surveys.tables import SurveyKind
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.surveys.building.making import add, asked_in, codes, own_survey, question

HERE = "/staff/events/paja/survey"
MORE = {"kind": "text", "label_en": "More", "version": "0"}


@pytest.fixture
async def event(client: AsyncClient) -> Any:
    await sign_in(client, await make_staff("coordinator"))
    return await make_event(slug="paja")


async def test_a_question_is_added_and_the_list_shows_it(client: AsyncClient, event: Any) -> None:
    assert "Rows of the matrix" in (await client.get(f"{HERE}/feedback/questions/new?kind=matrix")).text
    sent = await client.post(f"{HERE}/feedback/questions/new", data=MORE)
    assert sent.headers["location"] == f"{HERE}/feedback/questions?saved=1#question-more"
    shown = (await client.get(f"{HERE}/feedback/questions")).text
    assert "More" in shown
    assert "6 questions, about 2 minutes." in shown


async def test_who_comes_second_is_told_keeps_what_was_typed_and_may_save_again(
    client: AsyncClient, event: Any
) -> None:
    await add(event, "feedback", question("text", "First"))
    refused = await client.post(f"{HERE}/feedback/questions/new", data=MORE)
    assert refused.status_code == 409
    assert 'value="More"' in refused.text
    assert "Nothing of yours is lost" in refused.text
    assert 'name="version" type="hidden" value="1"' in refused.text
    assert (await client.post(f"{HERE}/feedback/questions/new", data={**MORE, "version": "1"})).status_code == 303


async def test_errors_stand_beside_their_fields_and_the_form_is_kept(client: AsyncClient, event: Any) -> None:
    wrong = {"kind": "matrix", "label_en": "", "options-0-label_en": "one", "rows-1-label_sv": "rad", "version": "0"}
    refused = await client.post(f"{HERE}/feedback/questions/new", data=wrong)
    assert refused.status_code == 422
    for words in ("in at least one language", "at least two options", 'value="rad"'):
        assert words in refused.text


@pytest.mark.parametrize("name", ["options", "rows"])
async def test_options_and_rows_move_without_javascript_each_among_themselves(
    client: AsyncClient, event: Any, name: str
) -> None:
    sent = {"kind": "matrix", "option_up": f"{name}-1"}
    sent |= {f"{kind}-{place}-label_en": f"{kind}{place}" for kind in ("options", "rows") for place in (0, 1)}
    moved = (await client.post(f"{HERE}/feedback/questions/new", data=sent)).text
    assert moved.index(f'value="{name}1"') < moved.index(f'value="{name}0"')
    other = {"options": "rows", "rows": "options"}[name]
    assert moved.index(f'value="{other}0"') < moved.index(f'value="{other}1"')
    assert re.search(rf'name="option_down" value="{name}-0"[^>]*autofocus', moved)


async def test_rows_that_were_answered_are_put_in_another_order(client: AsyncClient, event: Any) -> None:
    code = await add(event, "feedback", question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")))
    await database.execute("UPDATE survey SET answered = 5")
    entries = {"options": ("good-en", "bad-en"), "rows": ("lunch-en", "talks-en")}
    sent = {f"{kind}-{place}-code": each for kind, codes in entries.items() for place, each in enumerate(codes)}
    sent |= {name.replace("code", "label_en"): each for name, each in sent.items()}
    sent |= {"kind": "matrix", "label_en": "Parts", "version": "1"}
    assert (await client.post(f"{HERE}/feedback/questions/{code}", data=sent)).status_code == 303
    (changed,) = [each for each in await asked_in(event, "feedback") if each.code == code]
    assert [row.code for row in changed.rows] == ["lunch-en", "talks-en"]


@pytest.mark.parametrize("path", [f"{HERE}/feedback/questions/new", "/staff/surveys/bank/new"])
@pytest.mark.parametrize("name", ["options", "rows"])
async def test_more_options_and_rows_are_had_without_saving(
    client: AsyncClient, event: Any, path: str, name: str
) -> None:
    sent = {"kind": "matrix", "label_en": "Typed", "options-0-label_en": "a", "rows-0-label_en": "b", "more": name}
    sent |= {f"{name}-{number}-label_en": "" for number in (1, 2)}
    shown = await client.post(path, data=sent)
    assert shown.status_code == 200
    assert 'value="Typed"' in shown.text
    assert f'id="{name}-5"' in shown.text
    assert f'formaction="#{name}-6"' in shown.text
    assert await database.fetchval("SELECT count(*) FROM survey") == 0


async def test_there_are_no_more_rows_than_a_matrix_may_have(client: AsyncClient, event: Any) -> None:
    sent = {"kind": "matrix", "more": "rows", **{f"rows-{number}-label_en": "x" for number in range(11)}}
    shown = (await client.post(f"{HERE}/feedback/questions/new", data=sent)).text
    assert 'id="rows-11"' in shown
    assert 'id="rows-12"' not in shown
    assert "More rows" not in shown


async def test_the_preview_is_had_in_each_language_and_says_what_it_lacks(client: AsyncClient, event: Any) -> None:
    await database.execute("UPDATE event SET languages = '{fi,sv}'")
    only = {"kind": "one", "label_fi": "Lounas?", "options-0-label_fi": "Hyvä", "options-0-label_sv": "Bra"}
    only |= {"options-1-label_fi": "Huono", "label_sv": "Lunch?", "version": "0"}
    assert (await client.post(f"{HERE}/feedback/questions/new", data=only)).status_code == 303
    path = f"{HERE}/feedback/preview?lang=en"
    swedish = (await client.get(f"{path}&language=sv")).text
    assert "This is how participants see the questions" in swedish, "the page itself stays in its language"
    assert "Hur nyttigt var evenemanget" in swedish
    assert "Not everything is written in this language" in swedish
    assert "Not everything" not in (await client.get(f"{path}&language=fi")).text
    assert "How useful was the event" in (await client.get(f"{path}&language=xx")).text
    listed = (await client.get(f"{HERE}/feedback/questions?lang=en")).text
    assert listed.count("missing: SV") == 1
    assert "missing: EN" not in listed, "the event is not in English"


async def test_the_preview_says_before_the_first_question_what_becomes_of_the_answers(
    client: AsyncClient, event: Any
) -> None:
    path = f"{HERE}/feedback/preview?lang=en&language=sv"
    anonymous = (await client.get(path)).text
    assert 0 < anonymous.find("Du svarar anonymt") < anonymous.find("Hur nyttigt var evenemanget")
    assert (await client.post(f"{HERE}/feedback/settings", data={"version": "0", "named": "y"})).status_code == 303
    named = (await client.get(path)).text
    assert 0 < named.find("Dina svar sparas med ditt namn") < named.find("Hur nyttigt var evenemanget")
    assert "Du svarar anonymt" not in named


async def test_the_preview_of_a_survey_that_asks_nothing_says_what_to_do(client: AsyncClient, event: Any) -> None:
    which = await own_survey(event)
    path = f"{HERE}/{which}/preview?lang=en"
    empty = (await client.get(path)).text
    assert "Nothing is asked yet. Add a question" in empty
    assert f'href="{HERE}/{which}/questions"' in empty
    assert not any(
        words in empty for words in ("0 questions", "Your answers are anonymous", "Language of the questions")
    )
    listed = (await client.get(f"{HERE}/questions?lang=en")).text
    assert "no questions yet" in listed
    assert "0 questions" not in listed
    await add(event, which, question("section", "Head"))
    headed = (await client.get(path)).text
    assert "Nothing is asked yet." in headed
    assert "Head en" in headed
    await add(event, which, question("number", "Cups"))
    assert "1 question, about 1 minute." in (await client.get(path)).text


async def test_questions_are_moved_removed_and_taken_from_the_bank(client: AsyncClient, event: Any) -> None:
    key = await bank.add_to_bank(question("number", "Cups"), actor=SYSTEM, now=NOW)
    path = f"{HERE}/feedback/questions"
    moved = await client.post(f"{path}/order", data={"up": "recommend", "version": "0"})
    assert moved.headers["location"].endswith("#down-recommend")
    assert (await client.post(f"{path}/bank", data={"add": key, "version": "1"})).status_code == 303
    assert (await client.post(f"{path}/comments/remove", data={"version": "2"})).status_code == 303
    assert await codes(event) == ["recommend", "usefulness", "contacts", "next", key]
    assert (await client.post(f"{path}/order", data={"order": "next usefulness", "version": "0"})).status_code == 409
    assert (await client.post(f"{path}/bank", data={"add": "no-such", "version": "3"})).status_code == 404
    assert (await client.post(f"{path}/again", data={"version": "3"})).status_code == 303
    assert (await codes(event))[0] == "usefulness"


async def test_a_taken_question_shows_its_words_and_changes_in_the_rest(client: AsyncClient, event: Any) -> None:
    path = f"{HERE}/feedback/questions/usefulness"
    shown = (await client.get(path)).text
    assert "The words are the bank’s" in shown
    assert "label_en" not in shown
    assert (await client.post(path, data={"required": "y", "version": "0"})).status_code == 303
    first = (await asked_in(event, "feedback"))[0]
    assert (first.required, first.bank, first.label[0]) == (
        True,
        "usefulness",
        "Miten hyödyllinen tapahtuma oli työsi kannalta?",
    )
    own = (await client.post(path, data={"own_words": "y", "version": "1"})).text
    assert 'name="label_en"' in own
    assert "Until you save them it asks what the bank says" in own
    assert (await asked_in(event, "feedback"))[0].bank == "usefulness"
    words = {"own_words": "y", "kind": "scale", "low": "1", "high": "5", "label_en": "Useful?", "version": "1"}
    assert (await client.post(path, data=words)).status_code == 303
    first = (await asked_in(event, "feedback"))[0]
    assert (first.bank, first.labels["en"]) == ("", "Useful?")


async def test_once_there_are_answers_a_question_of_the_bank_is_not_worded_anew(
    client: AsyncClient, event: Any
) -> None:
    await add(event, "feedback", question("text", "More"))
    await database.execute("UPDATE survey SET answered = 5")
    refused = await client.post(f"{HERE}/feedback/questions/usefulness", data={"own_words": "y", "version": "1"})
    assert refused.status_code == 409
    assert "Answers have come" in refused.text


async def test_the_open_link_and_its_poster(client: AsyncClient, event: Any) -> None:
    with clock.at(NOW):
        assert (await client.post(f"{HERE}/feedback/poster", data={})).status_code == 404
        for day, status in (("2026-08-01", 422), ("9999-12-31", 422), ("x", 422), ("", 422), ("2026-10-02", 303)):
            sent = await client.post(f"{HERE}/feedback/link", data={"closes_on": day, "version": "0"})
            assert sent.status_code == status, day
        assert "/s/" in (await client.get(f"{HERE}/feedback/settings")).text
        poster = await client.post(f"{HERE}/feedback/poster", data={})
        assert poster.headers["location"].startswith("/staff/documents/")
        assert (await client.post(f"{HERE}/feedback/link", data={"withdraw": "1", "version": "1"})).status_code == 303
    assert await database.fetchval("SELECT link_hash FROM survey") is None


async def test_the_open_link_shows_its_last_day_and_not_the_midnight_after_it(client: AsyncClient, event: Any) -> None:
    with clock.at(NOW):
        await client.post(f"{HERE}/feedback/link", data={"closes_on": "2026-10-02", "version": "0"})
        shown = (await client.get(f"{HERE}/feedback/settings")).text
        assert "Open until Friday, 2 October 2026." in shown
        (link,) = set(re.findall(r"/s/[\w-]+", shown))
        assert "The survey is open until Friday, 2 October 2026." in (await client.get(link)).text


async def test_the_poster_of_an_own_survey_says_its_name(client: AsyncClient, event: Any) -> None:
    which = await own_survey(event, question("one", "Food", "good", "bad"))
    with clock.at(NOW):
        await client.post(f"{HERE}/{which}/link", data={"closes_on": "2026-10-02", "version": "1"})
        assert (await client.post(f"{HERE}/{which}/poster", data={})).status_code == 303
    assert "answer: Kysely en" in await database.fetchval("SELECT parameters FROM document")


async def test_a_survey_of_its_own_is_made_named_and_removed(client: AsyncClient, event: Any) -> None:
    assert (await client.post(f"{HERE}/questions", data={})).status_code == 422
    made = await client.post(f"{HERE}/questions", data={"name_sv": "Om lunchen"})
    path = made.headers["location"].removesuffix("/questions")
    saved = await client.post(f"{path}/settings", data={"name_sv": "Lunch", "named": "y", "version": "0"})
    assert saved.status_code == 303
    assert "with names" in (await client.get(f"{HERE}/questions")).text
    assert "Nothing is asked yet" in (await client.get(f"{path}/questions")).text
    assert (await client.post(f"{path}/remove", data={"version": "0"})).status_code == 409
    assert (await client.post(f"{path}/remove", data={"version": "1"})).status_code == 303
    assert (await client.get(f"{path}/questions")).status_code == 404


async def test_the_bank_is_kept_by_coordinators_alone(client: AsyncClient, event: Any) -> None:
    made = await client.post("/staff/surveys/bank/new", data={"kind": "number", "label_en": "Cups"})
    assert made.headers["location"] == "/staff/surveys/bank?saved=1#question-cups"
    again = {"kind": "number", "label_en": "Cups of coffee", "version": "1"}
    assert (await client.post("/staff/surveys/bank/cups", data=again)).status_code == 303
    assert (await client.post("/staff/surveys/bank/cups", data=again)).status_code == 409
    assert "version 2" in (await client.get("/staff/surveys/bank")).text
    for role, kind, resource in (("organiser", "all", ""), ("coordinator", "region", "06"), ("viewer", "all", "")):
        await sign_in(client, await make_staff(role, kind=kind, resource=resource))
        for path in ("", "/new", "/cups"):
            assert (await client.get(f"/staff/surveys/bank{path}")).status_code == 404
            assert (await client.post(f"/staff/surveys/bank{path or '/new'}", data=again)).status_code == 404


@pytest.mark.parametrize("page", ["questions", "feedback/questions", "feedback/preview", "feedback/settings"])
async def test_an_organiser_of_elsewhere_builds_nothing(client: AsyncClient, event: Any, page: str) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    assert (await client.get(f"{HERE}/{page}")).status_code == 404
    await sign_in(client, await make_staff("viewer"))
    assert (await client.get(f"{HERE}/{page}")).status_code == 404


async def test_a_copy_takes_along_what_is_asked_and_nothing_that_was_answered(db: asyncpg.Connection) -> None:
    event = await make_event()
    await own_survey(event, question("one", "Food", "good", "bad"))
    await add(event, "feedback", question("text", "More"))
    await database.execute(
        "UPDATE survey SET answered = 3, pool = '[{}]', closes_at = now(), link_hash = 'x'::bytea WHERE kind = 'own'"
    )
    copy = (await copy_event(event, NOW + timedelta(days=90), actor=SYSTEM, now=NOW)).id
    surveys = {survey.kind: survey for survey in await surveys_of(copy)}
    own = surveys[SurveyKind.OWN]
    assert (own.answered, own.closes_at, own.link_open, own.version) == (0, None, False, 0)
    assert [each.label for each in await questions_of(own.id, own.kind)] == [("Food fi", "fi")]
    assert (await codes(copy))[-1] == "more-en"
    assert await database.fetchval("SELECT count(*) FROM survey WHERE pool <> '[]'") == 1


@pytest.mark.parametrize("path", [f"{HERE}/feedback/questions/new", "/staff/surveys/bank/new"])
async def test_a_new_number_begins_at_zero_unless_said_otherwise(client: AsyncClient, event: Any, path: str) -> None:
    page = (await client.get(f"{path}?kind=number")).text
    assert re.search(r'<input[^>]* name="least"[^>]* value="0"', page)
    assert re.search(r'<input[^>]* name="most"[^>]* value=""', page)
    wrong = {"kind": "number", "label_en": "Degrees", "least": "5", "most": "-5", "version": "0"}
    assert "below the smallest" in (await client.post(path, data=wrong)).text
    assert (await client.post(path, data={**wrong, "least": "-5", "most": "5"})).status_code == 303


async def test_limits_of_a_number_are_kept_and_said_to_who_answers(client: AsyncClient, event: Any) -> None:
    code = await add(event, "feedback", question("number", "Hours", least=0, most=24, helps={"en": "In all"}))
    edited = {"kind": "number", "label_en": "Hours", "help_en": "In all", "least": "1", "most": "24", "version": "1"}
    assert (await client.post(f"{HERE}/feedback/questions/{code}", data=edited)).status_code == 303
    changed = (await asked_in(event, "feedback"))[-1]
    assert (changed.least, changed.most) == (1, 24)
    assert "In all · From 1 to 24." in (await client.get(f"{HERE}/feedback/preview")).text


async def test_a_number_without_limits_stays_so_when_it_is_worded_anew(client: AsyncClient, event: Any) -> None:
    code = await add(event, "feedback", question("number", "Hours"))
    page = (await client.get(f"{HERE}/feedback/questions/{code}")).text
    assert re.search(r'<input[^>]* name="least"[^>]* value=""', page)
    edited = {"kind": "number", "label_en": "Hours spent", "least": "", "most": "", "version": "1"}
    assert (await client.post(f"{HERE}/feedback/questions/{code}", data=edited)).status_code == 303
    assert (await asked_in(event, "feedback"))[-1].least is None


@pytest.mark.parametrize("path", [f"{HERE}/feedback/questions/new", "/staff/surveys/bank/new"])
@pytest.mark.parametrize("kind", ["section", "text"])
async def test_a_section_is_written_as_heading_and_text(client: AsyncClient, event: Any, path: str, kind: str) -> None:
    page = (await client.get(f"{path}?kind={kind}")).text
    shown = re.sub(r"<(div|span|p)[^>]* hidden>.*?</\1>", "", page, flags=re.DOTALL)
    section = kind == "section"
    for words in (
        "Heading in Finnish",
        "Text in Swedish",
        "written in Markdown",
        '<details data-open-for="section" open>',
    ):
        assert (words in shown) == section, words
    for words in ("Question in Finnish", "Hint in Swedish"):
        assert (words in shown) != section, words
    assert ("Must be answered" in shown) == (not section and "/bank/" not in path)


async def test_a_section_of_the_bank_cannot_be_made_a_duty_and_a_missing_heading_is_said(
    client: AsyncClient, event: Any
) -> None:
    await bank.add_to_bank(question("section", "Head"), actor=SYSTEM, now=NOW)
    await bank.take(event, "feedback", "head-en", version=None, actor=SYSTEM, now=NOW)
    page = (await client.get(f"{HERE}/feedback/questions/head-en")).text
    assert '<div data-not-for="section" hidden>' in page
    refused = await client.post(f"{HERE}/feedback/questions/new", data={"kind": "section", "version": "1"})
    assert "Write it in at least one language." in refused.text


async def test_the_text_of_a_section_is_shown_as_its_markdown_means(client: AsyncClient, event: Any) -> None:
    text = {"en": "Some **thoughts**:\n\n- [one](https://sixnet.example)\n- <script>two"}
    await add(event, "feedback", question("section", "Head", helps=text))
    shown = (await client.get(f"{HERE}/feedback/preview?language=en")).text
    for words in ("<strong>thoughts</strong>", '<a href="https://sixnet.example"', "&lt;script&gt;two"):
        assert words in shown
