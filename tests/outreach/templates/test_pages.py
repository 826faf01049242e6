"""Changing the words of letters: who may, what counts, what is kept."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape

import asyncpg
import pytest
from httpx import AsyncClient, Response

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.forms import FormData
from events.core.i18n import in_language
from events.messaging.templates.shapes import Words
from events.outreach.templates import actions
from events.outreach.templates.forms import WordsForm
from events.outreach.templates.shapes import Scope
from events.programme import queries as programme
from events.wording import WORDING
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.test_letters import letters
from tests.registration.test_register import sign_up

NETWORK = "/staff/templates"
EVENT = "/staff/events/paja/templates"
BODY = "Moro {given_name}, **tervetuloa**!\n\n{facts}\n\n{ticket}\n\n{manage}"
FORM = {"after": "0", "subject": "Paikka: {event}", "body": BODY, "save": "1"}
LOOK = {**FORM, "look": "1"}
del LOOK["save"]
CONFIRMATION = WORDING.templates["confirmation"]


async def send(client: AsyncClient, path: str, data: dict[str, str], status: int = 303) -> Response:
    with clock.at(NOW):
        answer = await client.post(path, data=data)
    assert answer.status_code == status, answer.text
    return answer


async def get(client: AsyncClient, path: str, status: int = 200) -> str:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == status
    return answer.text


def shown_in(page: str) -> list[str]:
    """Return what the frames show, and the text."""
    shown = page.partition('id="looks"')[2]
    frames = [unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', shown)]
    return [*frames, unescape(shown.partition('<pre class="letter"')[2].partition(">")[2].partition("</pre>")[0])]


async def keep(scope: Scope, words: Words | None, after: int = 0, language: str = "en") -> int:
    return await actions.write(scope, CONFIRMATION, language, words, after=after, actor=SYSTEM, now=NOW)


async def scope_of(event: object) -> Scope:
    return Scope(await programme.by_id(event))  # type: ignore[arg-type]


@pytest.fixture
async def coordinator(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("coordinator", name="Kaisa"))
    await make_event(slug="paja")
    return client


async def test_the_form_begins_with_the_built_in_words_of_its_language(coordinator: AsyncClient) -> None:
    page = await get(coordinator, f"{NETWORK}/confirmation?language=sv")
    assert "Hej {given_name}" in page
    assert "{ticket}" in page
    assert 'value="Din anmälan är bekräftad: {event}"' in page


async def test_kept_words_are_sent_in_their_language_alone(coordinator: AsyncClient) -> None:
    await send(coordinator, f"{NETWORK}/confirmation?language=fi", FORM)
    event = await database.fetchval("SELECT id FROM event")
    await sign_up(event, 0, language="fi")
    letter = (await letters())["confirmation"]
    assert letter
    assert letter.subject == "Paikka: Testipaja"
    assert "<strong>tervetuloa</strong>" in letter.html
    assert "tervetuloa!" in letter.text
    assert "http://testserver/t/" in letter.text
    assert 'src="cid:qr"' in letter.html
    await database.execute("UPDATE message SET state = 'sent', finished_at = $1", NOW)
    await sign_up(event, 1, language="sv")
    swedish = (await letters())["confirmation"]
    assert swedish
    assert swedish.subject.startswith("Din anmälan är bekräftad")


async def test_the_words_of_the_event_come_before_those_of_the_network(db: asyncpg.Connection) -> None:
    event = await scope_of(await make_event())
    assert event.event
    await keep(Scope(), Words("Network", BODY))
    await keep(event, Words("Event", BODY))
    subjects = []
    for undone in (None, event, Scope()):
        if undone:
            await keep(undone, None, after=1)
        with in_language("en"), clock.at(NOW):
            subjects.append((await WORDING.samples["confirmation"](event.event, None)).subject)
    assert subjects == ["Event", "Network", "You are registered: Test workshop"]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("body", BODY + " {event.__class__}", "{event.__class__}"),
        ("body", BODY + " {{ config }}", "{config}"),
        ("body", BODY + "\n\n{position}", "{position}"),
        ("body", BODY.replace("{ticket}", ""), "{ticket}"),
        ("body", BODY.replace("{manage}", ""), "{manage}"),
        ("body", BODY.replace("{facts}", "Here: {facts}"), "{facts}"),
        ("body", " ", "body-error"),
        ("subject", "", "subject-error"),
        ("subject", "{link}", "{link}"),
        ("subject", "{given_name}", "{given_name}"),
        ("subject", "x" * 151, "subject-error"),
        ("body", "x" * 9000, "body-error"),
    ],
)
async def test_words_that_do_not_hold_are_refused_and_stay_in_the_form(
    coordinator: AsyncClient, field: str, text: str, said: str
) -> None:
    answer = await send(coordinator, f"{NETWORK}/confirmation?language=fi", {**FORM, field: text}, 422)
    assert f'id="{field}-error"' in answer.text
    assert said in answer.text
    assert await database.fetchval("SELECT count(*) FROM message_template") == 0


@pytest.mark.parametrize(("code", "said"), [("fi", "{manage} tai {link}"), ("sv", "{manage} eller {link}")])
async def test_of_what_must_stay_one_or_the_other_is_asked_in_the_readers_language(code: str, said: str) -> None:
    with in_language(code):
        form = WordsForm(FormData({"subject": ["Hei"], "body": ["{ticket}"]}))
        assert not form.read(WORDING.templates["confirmation"])
        assert said in form.body.errors[0]


@pytest.mark.parametrize(("base", "title"), [(NETWORK, "Exempelworkshop"), (EVENT, "Testverkstad")])
async def test_what_is_tried_is_shown_in_every_frame_and_not_kept(
    coordinator: AsyncClient, base: str, title: str
) -> None:
    page = f"{base}/confirmation?language=sv"
    looked = await send(coordinator, page, {**LOOK, "subject": "Plats: {event}", "body": BODY + " {nimi}"}, 422)
    assert "{nimi} stands for nothing" in looked.text
    assert all("{nimi}" in shown for shown in shown_in(looked.text)), "the errors are about what is shown"
    looked = await send(coordinator, page, LOOK, 200)
    assert "-error" not in looked.text, "nothing is said of words that have been mended"
    wide, phone, text = shown_in(looked.text)
    assert wide == phone
    assert title in wide
    assert "<strong>tervetuloa</strong>" in wide
    assert text.startswith(f"Paikka: {title}\n\n")
    assert "\n\nMoro Maija, tervetuloa!\n\n" in text
    assert await database.fetchval("SELECT count(*) FROM message_template") == 0


async def test_words_of_before_are_shown_as_the_letter_that_they_would_make(coordinator: AsyncClient) -> None:
    page = f"{NETWORK}/confirmation?language=fi"
    await send(coordinator, page, FORM)
    await send(coordinator, page, {**FORM, "after": "1", "body": BODY.replace("Moro", "Terve")})
    assert all("Moro Maija" in shown for shown in shown_in(await get(coordinator, f"{page}&from=1")))
    assert all("Terve Maija" in shown for shown in shown_in(await get(coordinator, page)))


async def test_the_page_lets_in_the_style_of_the_letter_alone(coordinator: AsyncClient) -> None:
    answer = await coordinator.get(f"{NETWORK}/confirmation?language=fi")
    style = shown_in(answer.text)[0].partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.text.count('sandbox=""') == 2


async def test_every_version_is_kept_with_who_and_when_and_can_be_used_again(coordinator: AsyncClient) -> None:
    page = f"{NETWORK}/confirmation?language=fi"
    await send(coordinator, page, FORM)
    await send(coordinator, page, {**FORM, "after": "1", "subject": "Toinen"})
    await send(coordinator, page, {"after": "2", "reset": "1"})
    text = await get(coordinator, page)
    assert text.count("Kaisa") >= 3
    assert "<ins>Toinen</ins>" in text
    assert 'value="Paikka: {event}"' not in text
    again = await get(coordinator, f"{page}&from=1")
    assert 'value="Paikka: {event}"' in again
    assert 'name="after" type="hidden" value="3"' in again
    rows = await database.fetch(
        "SELECT action, subject_kind, detail FROM audit WHERE action LIKE 'template%' ORDER BY at, id"
    )
    assert sorted(row["action"] for row in rows) == ["template.changed", "template.changed", "template.reset"]


async def test_who_was_overtaken_overwrites_nothing(coordinator: AsyncClient) -> None:
    page = f"{EVENT}/offer?language=fi"
    form = {**FORM, "body": "{button} {deadline}".replace(" ", "\n\n")}
    await send(coordinator, page, form)
    for after in ("0", "2", "", "x", "-1", "9" * 30):
        answer = await send(coordinator, page, {**form, "after": after, "subject": "Mine"}, 409)
        assert 'value="Mine"' in answer.text
    assert await database.fetchval("SELECT count(*) FROM message_template") == 1


async def test_a_later_change_of_the_built_in_words_is_shown_beside_ones_own(coordinator: AsyncClient) -> None:
    page = f"{NETWORK}/confirmation?language=en"
    await send(coordinator, page, FORM)
    assert "built-in words have changed" not in await get(coordinator, f"{page}&lang=en")
    await database.execute("UPDATE message_template SET basis = 'of older words'")
    told = await get(coordinator, f"{page}&lang=en")
    assert "built-in words have changed" in told
    assert "<del>You are registered. Welcome!</del>" in told
    assert "See what is new" in await get(coordinator, f"{NETWORK}?lang=en")
    assert "Words of the network" in await get(coordinator, f"{EVENT}?lang=en")


@pytest.mark.parametrize("path", [f"{NETWORK}/nothing", f"{EVENT}/nothing", "/staff/events/x/templates"])
async def test_what_there_is_not_is_not_found(coordinator: AsyncClient, path: str) -> None:
    await get(coordinator, path, 404)


async def test_an_organiser_of_another_event_sees_nothing(client: AsyncClient) -> None:
    event = await make_event(slug="paja")
    other = await make_event(slug="toinen")
    await sign_in(client, await make_staff("organiser", kind="event", resource=str(other)))
    await get(client, EVENT, 404)
    await get(client, f"{EVENT}/confirmation", 404)
    await send(client, f"{EVENT}/confirmation", FORM, 404)
    await send(client, "/staff/events/toinen/templates/confirmation?language=fi", FORM)
    assert await database.fetchval("SELECT count(*) FROM message_template WHERE scope_id = $1", event) == 0
    assert (await client.get(NETWORK)).status_code in {403, 404}


async def test_a_coordinator_of_a_region_reads_the_words_of_the_network_but_does_not_change_them(
    client: AsyncClient,
) -> None:
    await sign_in(client, await make_staff("coordinator", kind="region", resource="06"))
    page = await get(client, f"{NETWORK}/confirmation")
    assert "<textarea" not in page
    await send(client, f"{NETWORK}/confirmation", FORM, 403)


async def test_who_awaits_approval_stands_in_no_line_that_they_could_leave(coordinator: AsyncClient) -> None:
    for name, in_line in (("waiting", True), ("awaiting_approval", False)):
        shown = (await coordinator.get(f"{NETWORK}/{name}?language=en")).text
        assert ("leave the line" in shown) is in_line
        assert ("Look at your registration or cancel it" in shown) is not in_line


async def test_the_sample_of_a_cancelled_event_takes_it_out_of_the_calendar(coordinator: AsyncClient) -> None:
    html = await get(coordinator, f"{EVENT}/event_cancelled?language=en")
    assert "takes it out of your calendar" in html


@pytest.mark.parametrize("name", WORDING.templates)
async def test_each_letter_is_shown_in_each_language(coordinator: AsyncClient, name: str) -> None:
    for language in ("fi", "sv", "en"):
        for base in (NETWORK, EVENT) if WORDING.templates[name].of_event else (NETWORK,):
            html, _phone, text = shown_in(await get(coordinator, f"{base}/{name}?language={language}"))
            assert f'<html lang="{language}">' in html
            assert "{" not in html.split("</style>")[1]
            assert "{" not in text
            assert "None" not in text
