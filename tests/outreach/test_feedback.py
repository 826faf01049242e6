from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database, settings
from events.core.actor import Actor, ActorKind, Grant
from events.core.errors import Conflict, NotAllowed, NotFound
from events.core.i18n import in_language
from events.messaging.letter import Owed
from events.outreach.actions import answer_feedback, give_feedback
from events.outreach.letters import compose_feedback
from events.outreach.pages import CASES_AN_HOUR
from events.registration.notice import publish_notice
from tests.factories import NOW, make_staff, sign_in

COORDINATOR = Actor(ActorKind.STAFF, uuid4(), "Kaisa", (Grant("coordinator"),))
ORGANISER = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser"),))
WORDS = "Kartta ei puhu.\nEn näe sitä."


async def given(email: str = "kuulija@yritys.example") -> UUID:
    await give_feedback(WORDS, page="/", email=email, language="sv", now=NOW)
    identity: UUID = await database.fetchval("SELECT id FROM feedback")
    return identity


async def test_feedback_is_due_in_fourteen_days(client: AsyncClient) -> None:
    with clock.at(NOW):
        sent = await client.post("/accessibility", data={"text": WORDS, "email": "Kuulija@Yritys.example"})
        assert sent.headers["location"] == "/accessibility/thanks"
        assert "15 September 2026" in (await client.get("/accessibility/thanks")).text
    row = await database.fetchrow("SELECT * FROM feedback")
    assert row is not None
    assert (row["due_at"], row["email"], row["language"]) == (NOW + timedelta(days=14), "kuulija@yritys.example", "en")


async def test_feedback_without_a_text_or_with_half_an_address_is_shown_again(client: AsyncClient) -> None:
    for data in ({"text": " "}, {"text": "x", "email": "half@"}):
        assert (await client.post("/accessibility", data=data)).status_code == 422
    assert await database.fetchval("SELECT count(*) FROM feedback") == 0


async def test_one_network_cannot_flood_us(client: AsyncClient) -> None:
    with clock.at(NOW):
        answers = [await client.post("/accessibility", data={"text": "x"}) for _ in range(CASES_AN_HOUR + 1)]
    assert [answer.status_code for answer in answers] == [303] * CASES_AN_HOUR + [429]


async def test_an_answer_closes_the_case_and_goes_out_in_the_language_of_the_feedback(db: asyncpg.Connection) -> None:
    case = await given()
    assert await answer_feedback(case, "Nu talar kartan.", actor=COORDINATOR, now=NOW + timedelta(days=1))
    row = await database.fetchrow("SELECT * FROM message")
    assert row is not None
    assert (row["reason"], row["recipient"], row["language"]) == ("feedback", "kuulija@yritys.example", "sv")
    with in_language("sv"):
        letter = await compose_feedback(Owed(**{name: row[name] for name in Owed.__struct_fields__}))
    assert letter is not None
    assert "Nu talar kartan." in letter.text
    assert "En näe sitä." in letter.html
    assert "http://testserver/accessibility" in letter.text
    assert await database.fetchval("SELECT closed_at FROM feedback") == NOW + timedelta(days=1)
    audited = await database.fetchrow("SELECT action, subject_id FROM audit WHERE action = 'feedback.answered'")
    assert audited is not None
    assert audited["subject_id"] == str(case)


async def test_without_an_address_nobody_is_written_to(db: asyncpg.Connection) -> None:
    assert not await answer_feedback(await given(email=""), "Korjattu.", actor=COORDINATOR, now=NOW)
    assert await database.fetchval("SELECT count(*) FROM message") == 0


async def test_a_case_is_answered_once_and_by_those_who_may(db: asyncpg.Connection) -> None:
    case = await given()
    with pytest.raises(NotAllowed):
        await answer_feedback(case, "x", actor=ORGANISER, now=NOW)
    await answer_feedback(case, "x", actor=COORDINATOR, now=NOW)
    with pytest.raises(Conflict):
        await answer_feedback(case, "y", actor=COORDINATOR, now=NOW)
    with pytest.raises(NotFound):
        await answer_feedback(uuid4(), "y", actor=COORDINATOR, now=NOW)


async def test_staff_see_what_is_due_and_late_and_answer_it(client: AsyncClient) -> None:
    case = await given()
    await sign_in(client, await make_staff("coordinator"))
    with clock.at(NOW + timedelta(days=15)):
        listed = (await client.get("/staff/feedback")).text
        assert "Late" in listed
        assert f"/staff/feedback/{case}" in listed
        assert "should have been answered" in (await client.get(f"/staff/feedback/{case}")).text
        assert (await client.post(f"/staff/feedback/{case}", data={"answer": ""})).status_code == 422
        assert (await client.post(f"/staff/feedback/{case}", data={"answer": "Ok"})).status_code == 303
        assert "Answered" in (await client.get("/staff/feedback")).text
        assert "Ok" in (await client.get(f"/staff/feedback/{case}")).text


@pytest.mark.parametrize(
    ("language", "supervisor"),
    [("fi", "Liikenne- ja viestintävirasto"), ("sv", "Transport- och kommunikationsverket"), ("en", "Traficom")],
)
async def test_the_statement_names_the_supervisor_and_the_act(
    client: AsyncClient, language: str, supervisor: str
) -> None:
    text = (await client.get(f"/accessibility?lang={language}")).text
    assert supervisor in text
    assert "306/2019" in text
    assert "saavutettavuus(at)traficom.fi" in text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_statement_says_who_provides_the_service_and_since_when(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    text = (await client.get(f"/accessibility?lang={language}")).text
    assert "SIXNET, " in text
    assert text.count("2026") == 2
    monkeypatch.setattr(settings.get_settings(), "provider_name", "Pirkan & Co")
    monkeypatch.setattr(settings.get_settings(), "provider_contact", "apu@pirkka.example")
    text = (await client.get(f"/accessibility?lang={language}")).text
    assert "Pirkan &amp; Co." in text
    assert '<a href="mailto:apu@pirkka.example">' in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", ("tapahtuman järjestäjä", "yleistä etua", "suostumukseesi", "rahoittaja", "tietosuojavaltuutetulle")),
        ("sv", ("arrangören", "allmänt intresse", "samtycke", "finansiär", "dataombudsmannen")),
        ("en", ("the organiser", "public interest", "consent", "funder", "Data Protection Ombudsman")),
    ],
)
async def test_the_notice_says_who_why_to_whom_and_where_to_complain(
    client: AsyncClient, language: str, said: tuple[str, ...]
) -> None:
    text = (await client.get(f"/privacy?lang={language}")).text
    assert [words for words in said if words not in text] == []


async def test_a_new_provider_comes_into_the_notice_as_a_version_of_its_own(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish_notice()
    assert await database.fetchval("SELECT max(version) FROM notice") == 1, "nothing has changed"
    for name in ("Pirkan & Co", "", "Pirkan & Co"):
        monkeypatch.setattr(settings.get_settings(), "provider_name", name)
        await publish_notice()
    assert await database.fetchval("SELECT max(version) FROM notice") == 4
    text = (await client.get("/privacy")).text
    assert text.index("The controller is Pirkan &amp; Co.") < text.index("Earlier versions")


async def test_the_privacy_page_shows_the_notice_in_force_and_the_earlier_ones(client: AsyncClient) -> None:
    await database.execute("INSERT INTO notice (version, text_fi, text_sv, text_en) VALUES (2, 'F', 'S', 'New words')")
    text = (await client.get("/privacy")).text
    assert "New words" in text
    assert "Earlier versions" in text
    assert text.index("New words") < text.index("We use what you enter")
