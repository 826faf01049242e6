import re
from uuid import UUID

import httpx
import pytest

from events.core import database
from tests.registration.public.test_pages import make_open, own_path, send, states
from tests.registration.questions.making import make_question, taken


async def event_of(slug: str) -> UUID:
    return UUID(str(await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)))


async def stored() -> list[str]:
    rows = await database.fetch(
        "SELECT value FROM registration_answer UNION ALL SELECT value FROM health_answer ORDER BY 1"
    )
    return [row["value"] for row in rows]


async def test_every_kind_of_question_is_asked_and_stored(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    for kind in ("short", "long", "yes_no", "number", "date", "consent"):
        await make_question(event, kind, kind, required=True)
    await make_question(event, "one", "one", "a", "b", required=True)
    await make_question(event, "many", "many", "c", "d")
    page = (await client.get(f"/events/{slug}/register")).text
    assert len(re.findall(r'data-question="', page)) == 8
    answers = {"short": "S", "long": "L\nL", "yes_no": "no", "number": "1 000,5", "date": "24.12.2026", "one": "b"}
    sent = await send(client, slug, **{f"answers.{code}": value for code, value in answers.items()})
    assert sent.status_code == 422
    assert "This must be agreed to." in sent.text
    both = {**{f"answers.{code}": value for code, value in answers.items()}, "answers.consent": "yes"}
    await own_path(client, slug, **both)
    texts = ['"2026-12-24"', '"L\\nL"', '"S"', '"b"', '"no"', "1000.5"]
    assert sorted(await stored())[:6] == sorted(texts)
    assert '{"text": "consent en", "language": "en"}' in await stored()


async def test_errors_stand_beside_their_questions_and_nothing_typed_is_lost(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "why", required=True)
    await make_question(event, "people", "number")
    sent = await send(client, slug, given_name="", **{"answers.people": "many"})
    assert sent.status_code == 422
    for words in ('href="#answers.why"', "Answer this question.", "Write a number.", 'value="many"', "the given name"):
        assert words in sent.text
    assert await states() == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tick this, or leave the question “diet en” unanswered."),
        ("fi", "Rastita tämä tai jätä kysymykseen ”diet fi” vastaamatta."),
        ("sv", "Kryssa i den här rutan, eller låt bli att svara på frågan ”diet sv”."),
    ],
)
async def test_what_is_said_of_health_without_its_consent_is_asked_for_again(
    client: httpx.AsyncClient, language: str, words: str
) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "diet", "many", "vegan", health=True)
    await make_question(event, "why")
    client.cookies.set("language", language)
    sent = await send(client, slug, **{"answers.diet": "vegan", "answers.why": "Because"})
    assert sent.status_code == 422
    assert await states() == []
    assert re.search(rf'id="agreed.diet-error">{words}<', sent.text)
    assert re.search(r'<input[^>]*checked[^>]*value="vegan"', sent.text)
    assert 'value="Because"' in sent.text
    await own_path(client, slug, **{"answers.diet": "vegan", "agreed.diet": "y"})
    assert await stored() == ['["vegan"]']


async def test_one_answer_about_health_can_be_taken_back_without_a_script(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "diet", "one", "vegan", health=True)
    await make_question(event, "wheels", "yes_no", health=True)
    sent = await send(client, slug, **{"answers.diet": "vegan", "answers.wheels": "no"})
    assert [f'href="#agreed.{code}"' in sent.text for code in ("diet", "wheels")] == [True, True]
    assert sent.text.count("I do not answer") == 2
    await own_path(client, slug, **{"answers.diet": "", "answers.wheels": ""})
    assert await stored() == []


async def test_what_is_hidden_is_neither_required_nor_stored(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "lunch", "yes_no", required=True)
    await make_question(event, "dish", "one", "soup", "pie", required=True, shown_if=["lunch=yes"])
    refused = await send(client, slug, **{"answers.lunch": "yes"})
    assert "Choose an answer." in refused.text
    assert "Only if you chose: “Yes” in the question “lunch en”" in refused.text
    await own_path(client, slug, **{"answers.lunch": "no", "answers.dish": "soup"})
    assert await stored() == ['"no"']


async def test_a_full_option_cannot_be_chosen(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await make_question(await event_of(slug), "bus", "one", ("early", 1), ("late", 2))
    await own_path(client, slug, **{"answers.bus": "early"})
    page = (await client.get(f"/events/{slug}/register")).text
    assert "early en (full)" in page
    assert "late en (2 places left)" in page
    assert re.search(r'<input[^>]*disabled[^>]*value="early"', page)
    refused = await send(client, slug, email="b@yritys.example", **{"answers.bus": "early"})
    assert (refused.status_code, "This is full: early en" in refused.text) == (422, True)
    assert await taken("early") == 1


async def test_a_question_in_another_language_says_so(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await make_question(await event_of(slug), "why", label_en="", label_fi="Miksi?")
    page = (await client.get(f"/events/{slug}/register")).text
    assert '<span lang="fi">Miksi?</span>' in page
    assert "Only in Finnish" in page


async def test_markup_in_a_question_stays_text(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "bad", "one", "x", label_en="", label_fi="<b>Miksi</b>", help_fi="<i>")
    await database.execute("UPDATE question_option SET label_en = '<u>', capacity = 3")
    page = (await client.get(f"/events/{slug}/register")).text
    assert not {"<b>", "<i>", "<u>"} & set(re.findall("<[biu]>", page))


async def test_answers_are_seen_and_changed_by_the_private_link(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    event = await event_of(slug)
    await make_question(event, "bus", "one", ("early", 1), ("late", 1))
    await make_question(event, "diet", health=True)
    path = await own_path(client, slug, **{"answers.bus": "early", "answers.diet": "Nuts", "agreed.diet": "y"})
    page = (await client.get(path)).text
    assert 'value="Nuts"' in page
    assert re.search(r'<input[^>]*checked[^>]*name="answers.bus"[^>]*value="early"', page)
    assert "early en (full)" not in page
    refused = await client.post(f"{path}/answers", data={"answers.bus": "late", "answers.diet": "Seeds"})
    assert (refused.status_code, 'value="Seeds"' in refused.text) == (422, True)
    assert 'href="#agreed.diet"' in refused.text
    changed = await client.post(f"{path}/answers", data={"answers.bus": "late", "answers.diet": ""})
    assert changed.headers["location"] == f"{path}?saved=answers"
    assert (await taken("early"), await taken("late"), await stored()) == (0, 1, ['"late"'])


async def test_once_the_event_has_begun_answers_are_only_shown(client: httpx.AsyncClient) -> None:
    slug = await make_open()
    await make_question(await event_of(slug), "why")
    path = await own_path(client, slug, **{"answers.why": "Because"})
    await database.execute(
        "UPDATE event SET starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour'"
    )
    page = (await client.get(path)).text
    assert "<dd>Because</dd>" in page
    assert 'name="answers.why"' not in page
    assert (await client.post(f"{path}/answers", data={"answers.why": "Late"})).status_code == 403


async def test_who_got_a_place_later_is_asked_for_what_is_missing(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    slug = await make_open(capacity=0)
    await make_question(await event_of(slug), "bus", "one", ("early", 1), required=True)
    path = await own_path(client, slug)
    assert "Something is still to be answered" not in (await client.get(path)).text
    await database.execute("UPDATE site SET capacity = 1, taken = 1, waiting = 0")
    await database.execute("UPDATE registration SET state = 'confirmed'")
    assert "Something is still to be answered" in (await client.get(path)).text
    assert (await client.post(f"{path}/answers", data={"site": "x"})).status_code == 422


@pytest.mark.parametrize("value", ["", "x" * 5000, "99", "\u202e"])
async def test_nonsense_in_any_field_is_never_a_failure(client: httpx.AsyncClient, value: str) -> None:
    slug = await make_open()
    event = await event_of(slug)
    kinds = ("short", "long", "yes_no", "number", "date", "consent", "one", "many")
    for kind in kinds:
        await make_question(event, kind, kind, *(["a"] if kind in {"one", "many"} else []))
    sent = await send(client, slug, **{f"answers.{kind}": value for kind in kinds})
    assert sent.status_code in {303, 422}
