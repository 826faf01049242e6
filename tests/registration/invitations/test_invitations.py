"""Inviting by a pasted list, and answering by the personal link."""

from datetime import date, timedelta
from email import message_from_bytes
from uuid import UUID

import httpx
import pytest

from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.core.errors import Conflict
from events.messaging.delivery import claim
from events.messaging.mime import build
from events.registration.actions import cancel
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.actions import invite, send_again, withdraw
from events.registration.invitations.answers import refuse
from events.registration.invitations.guests import Guest, read_lines
from events.registration.invitations.tables import InvitationState
from tests.factories import insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.registration.test_letters import letters

AINO = "aino@yritys.example"
ENTERED = {"given_name": "Eino", "family_name": "Malli", "email": "eino@toinen.example", "municipality": "837"}


@pytest.fixture
async def event(client: httpx.AsyncClient) -> UUID:
    return await make_event(
        slug="paja", starts_at=clock.now() + timedelta(days=9), ends_at=clock.now() + timedelta(days=10)
    )


async def invited(event: UUID, *guests: Guest) -> str:
    """Invite and return the path of the first one's link."""
    await invite(event, guests or [Guest(AINO, "Aino Esimerkki")], actor=SYSTEM, now=clock.now())
    return await link(event)


async def link(event: UUID) -> str:
    first = await database.fetchval("SELECT id FROM invitation WHERE event = $1 ORDER BY invited_at, email", event)
    return f"/i/{secrets.derive('invitation', first)}"


def form_of(path: str) -> str:
    return f"/events/paja/register?invitation={path[3:]}"


async def answers(event: UUID) -> dict[str, str]:
    return {each.email: each.answer.value for each in await invitation_queries.of_event(event)}


async def known_person(**columns: object) -> UUID:
    """Someone who was at an event before, so that nothing need be asked."""
    person = await make_person(email=AINO, **columns)
    await make_registration(await make_event(), person=person)
    return person


def test_a_list_is_read_however_it_was_pasted() -> None:
    read = read_lines(
        "Aino Esimerkki <AINO@yritys.example>\n"
        '"Malli, Eino" <eino@yritys.example>; oiva@yritys.example\n'
        "Esimerkki, Veikko <veikko@yritys.example>, a@yritys.example, b@yritys.example\n\n"
        "Pekka ilman osoitetta\n"
        "aino@yritys.example"
    )
    assert [(guest.name, guest.email.partition("@")[0]) for guest in read.found] == [
        ("Aino Esimerkki", "aino"),
        ("Eino Malli", "eino"),
        ("", "oiva"),
        ("Veikko Esimerkki", "veikko"),
        ("", "a"),
        ("", "b"),
    ]
    assert [each.line for each in read.refused] == [5]
    assert "Pekka ilman osoitetta" in read.refused[0].reason
    assert read.doubles == 1


async def test_nobody_is_invited_twice_or_against_their_will(client: httpx.AsyncClient, event: UUID) -> None:
    await make_registration(event, person=await make_person(email="here@yritys.example"))
    await database.execute("INSERT INTO suppression (address, reason) VALUES ('no@yritys.example', 'asked')")
    guests = [Guest(f"{name}@yritys.example") for name in ("aino", "here", "no")]
    first = await invite(event, guests, actor=SYSTEM, now=clock.now())
    again = await invite(event, guests, actor=SYSTEM, now=clock.now())
    assert ([g.email for g, _p in first.guests], first.registered, first.unsubscribed) == ([AINO], 1, 1)
    assert (again.guests, again.invited) == ([], 1)
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'invitation'") == 1


async def test_one_press_registers_who_is_known(client: httpx.AsyncClient, event: UUID) -> None:
    client.cookies.set("language", "en")
    await known_person()
    path = await invited(event)
    assert "I am coming" in (await client.get(path)).text
    assert await answers(event) == {AINO: "sent"}, "opening the link changes nothing"
    assert (await client.post(path, data={"answer": "yes"})).headers["location"] == f"{path}?saved=yes"
    assert await answers(event) == {AINO: "yes"}
    row = await database.fetchrow("SELECT state, source, municipality FROM registration WHERE event = $1", event)
    assert row
    assert tuple(row) == ("confirmed", "invitation", "837")
    assert await database.fetchval("SELECT count(*) FROM message WHERE reason = 'confirmation'") == 1
    await client.post(path, data={"answer": "yes"})
    assert await database.fetchval("SELECT count(*) FROM message WHERE subject_kind = 'registration'") == 1


async def test_the_answer_may_be_changed_until_the_start(client: httpx.AsyncClient, event: UUID) -> None:
    await known_person()
    path = await invited(event)
    for wanted in ("later", "yes", "no", "yes"):
        await client.post(path, data={"answer": wanted})
        assert await answers(event) == {AINO: wanted}
    assert await database.fetchval("SELECT taken FROM site WHERE event = $1", event) == 1
    await database.execute("UPDATE event SET starts_at = now() - interval '1 hour' WHERE id = $1", event)
    answer = await client.post(path, data={"answer": "no"})
    assert answer.status_code == 409
    assert await answers(event) == {AINO: "yes"}


async def test_who_is_not_known_gets_the_form_and_is_tied_to_the_invitation(
    client: httpx.AsyncClient, event: UUID
) -> None:
    path = await invited(event)
    assert (await client.post(path, data={"answer": "yes"})).headers["location"] == form_of(path)
    page = await client.get(form_of(path))
    assert 'value="Aino"' in page.text
    assert f'value="{AINO}"' in page.text
    answer = await client.post("/events/paja/register", data=ENTERED | {"email": "wrong", "invitation": path[3:]})
    assert answer.status_code == 422
    assert 'value="Malli"' in answer.text
    assert (await client.post("/events/paja/register", data=ENTERED | {"invitation": path[3:]})).status_code == 303
    (invitation,) = await invitation_queries.of_event(event)
    assert (invitation.answer, invitation.own) == ("yes", False)
    with pytest.raises(Conflict):
        await refuse(invitation.id, InvitationState.NO, now=clock.now())


async def test_what_was_answered_elsewhere_counts(client: httpx.AsyncClient, event: UUID) -> None:
    await invited(event)
    registration = await make_registration(event, person=await make_person(email=AINO))
    assert await answers(event) == {AINO: "yes"}
    await cancel(registration, actor=SYSTEM, now=clock.now())
    assert await answers(event) == {AINO: "sent"}


async def test_a_full_event_says_so_and_a_line_is_joined(client: httpx.AsyncClient, event: UUID) -> None:
    client.cookies.set("language", "en")
    await known_person()
    path = await invited(event)
    await database.execute("UPDATE site SET capacity = 0 WHERE event = $1", event)
    await database.execute("UPDATE event SET waiting_list = 'none' WHERE id = $1", event)
    assert (await client.post(path, data={"answer": "yes"})).status_code == 409
    assert await answers(event) == {AINO: "sent"}
    await database.execute("UPDATE event SET waiting_list = 'automatic' WHERE id = $1", event)
    answer = await client.post(path, data={"answer": "yes"}, follow_redirects=True)
    assert "not confirmed yet" in answer.text


async def test_a_withdrawn_invitation_does_nothing_and_can_be_renewed(client: httpx.AsyncClient, event: UUID) -> None:
    path = await invited(event)
    (invitation,) = await invitation_queries.of_event(event)
    await withdraw(invitation.id, actor=SYSTEM, now=clock.now())
    assert await database.fetchval("SELECT state FROM message WHERE reason = 'invitation'") == "dropped"
    assert (await client.post(path, data={"answer": "no"})).status_code == 409
    with pytest.raises(Conflict):
        await send_again(invitation.id, actor=SYSTEM, now=clock.now())
    await invited(event)
    assert await answers(event) == {AINO: "sent"}
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'queued'") == 1


@pytest.mark.parametrize(("language", "yes"), [("fi", "Tulen"), ("sv", "Jag kommer"), ("en", "I am coming")])
async def test_the_letter_speaks_the_persons_language(
    client: httpx.AsyncClient, event: UUID, language: str, yes: str
) -> None:
    await make_person(email=AINO, language=language)
    path = await invited(event)
    letter = (await letters(clock.now()))["invitation"]
    assert letter
    assert yes in letter.text
    assert yes in letter.html
    assert f"http://testserver{path}" in letter.text
    owed = (await claim(clock.now() + timedelta(hours=1)))[0].owed
    mail = message_from_bytes(build(letter, owed, sender="sixnet@sixnet.example", now=clock.now()))
    assert mail["List-Unsubscribe"] == f"<http://testserver{path}/unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_one_click_ends_invitations_but_no_confirmations(client: httpx.AsyncClient, event: UUID) -> None:
    path = await invited(event)
    await client.get(f"{path}/unsubscribe")
    assert await database.fetchval("SELECT count(*) FROM suppression") == 0
    headers = {"sec-fetch-site": "", "origin": ""}
    for _again in range(2):
        answer = await client.post(
            f"{path}/unsubscribe", data={"List-Unsubscribe": "One-Click"}, headers=headers, follow_redirects=False
        )
        assert answer.status_code == 200
    assert await database.fetchval("SELECT state FROM message WHERE reason = 'invitation'") == "dropped"
    again = await invite(event, [Guest(AINO)], actor=SYSTEM, now=clock.now())
    assert (again.unsubscribed, again.guests) == (1, [])
    await client.post("/events/paja/register", data={**ENTERED, "email": AINO})
    suppressed = {claimed.owed.reason: claimed.suppressed for claimed in await claim(clock.now())}
    assert suppressed == {"confirmation": False}


async def themed(event: UUID, *themes: str) -> None:
    for theme in themes:
        await database.execute(
            "INSERT INTO theme (code, name_fi, name_sv, name_en) VALUES ($1, $1, $1, $1) ON CONFLICT DO NOTHING", theme
        )
        await insert("event_theme", event=event, theme=theme)


async def test_invitations_on_the_themes_of_an_event_alone_can_be_ended(client: httpx.AsyncClient, event: UUID) -> None:
    await themed(event, "wood", "steel")
    path = await invited(event)
    await client.get("/?lang=en")  # it speaks the language of the invitation else
    assert "Stop only those on: steel, wood" in (await client.get(f"{path}/unsubscribe")).text
    for _again in range(2):
        answer = await client.post(f"{path}/unsubscribe", data={"what": "themes"})
        assert "only about these: steel, wood" in answer.text
    assert (await letters(clock.now()))["invitation"] is None, "what has not left is not written any more"
    alike, other, none = [
        await make_event(starts_at=clock.now() + timedelta(days=9), ends_at=clock.now() + timedelta(days=10))
        for _ in range(3)
    ]
    await themed(alike, "wood")
    await themed(other, "wood", "ships")
    reached = [
        len((await invite(each, [Guest(AINO)], actor=SYSTEM, now=clock.now())).guests) for each in (alike, other, none)
    ]
    assert reached == [0, 1, 1]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"", "text/plain"),
        (b"\xff\x00", "application/octet-stream"),
    ],
)
async def test_one_click_means_all_however_a_mail_program_sends_it(
    client: httpx.AsyncClient, event: UUID, content: bytes, kind: str
) -> None:
    await themed(event, "wood")
    path = await invited(event)
    headers = {"sec-fetch-site": "", "origin": "", "content-type": kind}
    answer = await client.post(f"{path}/unsubscribe", content=content, headers=headers, follow_redirects=False)
    assert answer.status_code == 200
    assert await database.fetchval("SELECT reason FROM suppression WHERE address = $1", AINO) == "unsubscribed"
    assert await database.fetchval("SELECT count(*) FROM refused_theme") == 0


async def test_who_is_not_reached_is_not_invited(client: httpx.AsyncClient, event: UUID) -> None:
    await database.execute("INSERT INTO unreachable (address, status) VALUES ($1, '5.1.1')", AINO)
    assert (await invite(event, [Guest(AINO)], actor=SYSTEM, now=clock.now())).unsubscribed == 1


async def test_staff_look_before_they_invite(client: httpx.AsyncClient, event: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    people = {"people": f"Aino Esimerkki <{AINO}>\nnobody"}
    page = (await client.post("/staff/events/paja/invitations/new", data=people)).text
    assert "1 person will be invited" in page
    assert "“nobody” holds no address." in page
    assert await answers(event) == {}
    done = await client.post(
        "/staff/events/paja/invitations/new", data=people | {"confirm": "1"}, follow_redirects=True
    )
    assert "1 person is invited." in done.text
    assert AINO in (await client.get("/staff/events/paja/invitations.csv?answer=sent")).text
    assert AINO not in (await client.get("/staff/events/paja/invitations?answer=yes")).text
    (invitation,) = await invitation_queries.of_event(event)
    await client.post("/staff/events/paja/invitations", data={"withdraw": str(invitation.id)})
    assert await answers(event) == {AINO: "withdrawn"}
    assert (await client.post("/staff/events/paja/invitations", data={"again": "nonsense"})).status_code == 400


async def test_an_organiser_elsewhere_sees_no_invitations(client: httpx.AsyncClient, event: UUID) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="01"))
    assert (await client.get("/staff/events/paja/invitations")).status_code == 404
    assert (await client.post("/staff/events/paja/invitations/new", data={"people": AINO})).status_code == 404


async def test_a_file_fills_the_list_and_says_which_rows_it_could_not_take(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    path = "/staff/events/paja/invitations/new"
    table = f"Nimi;Sähköposti\nEsimerkki, Aino;{AINO}\nEino;none\n".encode()
    page = await client.post(path, data={"people": "oiva@yritys.example"}, files={"file": ("list.csv", table)})
    assert "2 people will be invited" in page.text
    assert "Line 3: “none” holds no address." in page.text
    assert "oiva@yritys.example\nEsimerkki  Aino &lt;" in page.text
    refused = await client.post(path, data={"people": ""}, files={"file": ("list.csv", b"Nimi\nAino")})
    assert refused.status_code == 422


async def test_of_the_people_we_know_only_those_who_may_be_invited_are_added(
    client: httpx.AsyncClient, event: UUID
) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    known = await known_person()
    path, wanted = "/staff/events/paja/invitations/new", {"people": "", "find": "1", "region": "06"}
    organisation = await insert("organisation", name="Malli", folded="malli", municipality="837")
    await database.execute("UPDATE person SET organisation = $2 WHERE id = $1", known, organisation)
    assert (await client.post(path, data=wanted)).status_code == 422
    registration = await database.fetchval("SELECT id FROM registration WHERE person = $1", known)
    consent = await insert("consent", registration=registration, kind="news", text="", language="fi")
    assert AINO in (await client.post(path, data=wanted)).text
    assert (await client.post(path, data=wanted | {"region": "01"})).status_code == 422
    assert (await client.post(path, data=wanted | {"attended": "1"})).status_code == 422
    await database.execute("UPDATE consent SET withdrawn_at = now() WHERE id = $1", consent)
    assert (await client.post(path, data=wanted)).status_code == 422
    theme = await database.fetchval("SELECT code FROM theme LIMIT 1")
    group = await insert("theme_group", theme=theme, region="06", name_fi="Ryhmä")
    await insert("group_member", theme_group=group, person=known, starts_on=date(2020, 1, 1))
    assert AINO in (await client.post(path, data={"people": "", "find": "1", "group": str(group)})).text


@pytest.mark.parametrize("access", ["invited", "code", "named"])
async def test_an_invitation_opens_what_is_not_for_everybody(
    client: httpx.AsyncClient, event: UUID, access: str
) -> None:
    await database.execute("UPDATE event SET access = $1, access_code = 'salaisuus' WHERE id = $2", access, event)
    path = await invited(event)
    sent = ENTERED | {"invitation": "2" * 26}
    assert (await client.post("/events/paja/register", data=sent)).status_code in {403, 409, 422}
    assert await answers(event) == {AINO: "sent"}
    assert 'value="Aino"' in (await client.get(form_of(path))).text
    assert (await client.post("/events/paja/register", data=ENTERED | {"invitation": path[3:]})).status_code == 303
    assert await answers(event) == {AINO: "yes"}


async def test_one_press_opens_an_event_for_invited_people(client: httpx.AsyncClient, event: UUID) -> None:
    await database.execute("UPDATE event SET access = 'invited' WHERE id = $1", event)
    await known_person()
    path = await invited(event)
    assert (await client.post(path, data={"answer": "yes"})).status_code == 303
    assert await answers(event) == {AINO: "yes"}
