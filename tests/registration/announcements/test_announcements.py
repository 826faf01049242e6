"""Writing to people of an event: to each address once, at its time, held and stopped."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.errors import Conflict, NotFound
from events.core.i18n import in_language
from events.letters import COMPOSERS
from events.messaging import delivery
from events.messaging.claiming import Result, claim, give_back, settle
from events.messaging.delivery import LANES, compose, deliver_due
from events.messaging.letter import Letter, Owed
from events.messaging.tables import MessageState
from events.registration.announcements import actions, letters, queries, rules
from events.registration.announcements.forms import digest_of
from events.registration.announcements.tables import AnnouncementState
from tests.factories import NOW, insert, mailed_link, make_event, make_person, make_registration, make_staff, sign_in
from tests.smtp import post_office
from workers.due import due_jobs

TEXTS = {
    "subject_fi": "Muutos: {event}",
    "body_fi": "Hei {given_name}!\n\nTule **ajoissa**: {link}",
    "subject_en": "News",
    "body_en": "Dear {name}",
}


async def write(event: UUID, chosen: str = "", *, identity: UUID | None = None, **more: Any) -> UUID:
    identity = identity or uuid4()
    given = {"send_at": NOW, "actor": SYSTEM, "now": NOW, **more}
    await actions.announce(identity, event, given.pop("texts", TEXTS), chosen=chosen, **given)
    return identity


async def recipients() -> list[str]:
    rows = await database.fetch("SELECT recipient FROM message WHERE reason = 'announcement' ORDER BY recipient")
    return [row["recipient"].partition("@")[0].partition(".")[0] for row in rows]


async def letter(of: str) -> Letter:
    row = await database.fetchrow("SELECT * FROM message WHERE recipient LIKE $1", f"{of}%")
    assert row is not None
    with in_language(row["language"]):
        made = await compose(msgspec.convert(dict(row), Owed), COMPOSERS)
    assert made is not None
    return made


async def people(event: UUID, *names: str, **more: Any) -> list[UUID]:
    return [await make_registration(event, person=await make_person(name), **more) for name in names]


async def test_each_address_gets_it_once_in_its_own_language_with_its_own_words(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Paja", title_en="Workshop")
    await people(event, "Aino")
    await people(event, "Ville", language="en")
    await people(event, "Åsa", language="sv")
    shared = await make_person("Toinen", email="ville@yritys.example")
    await database.execute("UPDATE person SET email = 'ville@yritys.example' WHERE given_name = 'Ville'")
    await make_registration(event, person=shared)
    await write(event)
    assert await recipients() == ["aino", "ville", "åsa"]
    aino = await letter("aino")
    assert aino.subject == "Muutos: Paja"
    assert "Hei Aino!" in aino.text
    assert "/r/" in aino.text
    assert "<strong>ajoissa</strong>" in aino.html
    assert (await letter("ville")).text.startswith("Dear Ville Esimerkki")
    assert (await letter("åsa")).subject.startswith("Muutos"), "the first language there is"


async def test_all_of_it_is_in_the_language_of_what_is_written(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Paja", title_sv="Verkstad")
    await people(event, "Åsa", language="sv")
    await write(event)
    made = await letter("åsa")
    assert made.language == "fi"
    assert made.subject == "Muutos: Paja"
    assert '<html lang="fi">' in made.html
    for body in (made.text, made.html):
        assert "koska olet ilmoittautunut" in body
        assert "Verkstad" not in body


async def test_the_list_says_to_whom_and_who_has_gone_only_when_asked_for(db: asyncpg.Connection) -> None:
    event, other = await make_event(), await make_event()
    await people(event, "Aino")
    await people(event, "Ville", state="waitlisted")
    await people(event, "Outi", state="cancelled")
    await people(other, "Elsewhere")
    await insert("registration", **await _nameless(event))
    for chosen, meant in (("", ["aino", "ville"]), ("state=waitlisted", ["ville"]), ("state=cancelled", ["outi"])):
        await database.execute("DELETE FROM message")
        await write(event, chosen)
        assert await recipients() == meant, chosen
    seen = await queries.audience(await actions.meant(event, ""))
    assert (seen.people, seen.without) == (2, 1)


async def _nameless(event: UUID) -> dict[str, Any]:
    """A registration of someone without an address."""
    made = await make_registration(event, person=await make_person("Kaisa", email=None))
    row = await database.fetchrow("DELETE FROM registration WHERE id = $1 RETURNING *", made)
    assert row is not None
    return dict(row)


async def test_the_same_form_sent_twice_and_two_ticks_are_one_mail(committed_db: str) -> None:
    event = await make_event()
    await people(event, "Aino", "Ville")
    identity = uuid4()
    for _again in range(2):
        await write(event, identity=identity, send_at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    assert sum(await asyncio.gather(*(actions.send_due(later) for _tick in range(4)))) == 2
    assert await recipients() == ["aino", "ville"]


async def test_it_goes_out_at_its_time_to_who_is_meant_then(db: asyncpg.Connection) -> None:
    event = await make_event()
    await people(event, "Aino")
    await write(event, send_at=NOW + timedelta(hours=1))
    assert await recipients() == []
    await people(event, "Ville")
    assert "announcements.send" not in await due_jobs(NOW)
    assert "announcements.send" in await due_jobs(NOW + timedelta(hours=1))
    await actions.send_due(NOW + timedelta(hours=1))
    assert await recipients() == ["aino", "ville"]


async def test_it_is_held_gone_on_with_and_stopped(db: asyncpg.Connection) -> None:
    event = await make_event()
    await people(event, "Aino", "Ville")
    identity = await write(event)
    await database.execute("UPDATE message SET state = 'sent' WHERE recipient LIKE 'aino%'")
    due = "SELECT count(*) FROM message WHERE state = 'queued' AND due_at <= $1"
    await actions.pause(identity, actor=SYSTEM, now=NOW)
    assert await database.fetchval(due, NOW) == 0
    with pytest.raises(Conflict):
        await actions.pause(identity, actor=SYSTEM, now=NOW)
    await actions.resume(identity, actor=SYSTEM, now=NOW)
    assert await database.fetchval(due, NOW) == 1
    await actions.stop(identity, actor=SYSTEM, now=NOW)
    rows = await database.fetch("SELECT state FROM message ORDER BY recipient")
    assert [row["state"] for row in rows] == ["sent", "dropped"]
    with pytest.raises(Conflict):
        await actions.resume(identity, actor=SYSTEM, now=NOW)
    (view,) = await queries.of_event(event)
    assert (view.stage, view.done, view.open) == ("stopped", 2, 0)


async def test_what_a_worker_has_in_hand_is_held_too_when_it_gives_it_back(db: asyncpg.Connection) -> None:
    event = await make_event()
    await people(event, "Aino", "Ville")
    identity = await write(event)
    in_hand = await claim(NOW)
    assert len(in_hand) == 2
    await actions.pause(identity, actor=SYSTEM, now=NOW)
    await give_back(in_hand[:1], NOW + timedelta(minutes=1), "the server is in trouble")
    await settle(in_hand[1], Result(MessageState.QUEUED, "451 later"), NOW)
    assert await claim(NOW + timedelta(days=1)) == []
    await actions.resume(identity, actor=SYSTEM, now=NOW + timedelta(days=1))
    assert len(await claim(NOW + timedelta(days=1))) == 2


async def test_a_letter_that_cannot_be_written_holds_up_no_other(db: asyncpg.Connection) -> None:
    later = NOW + timedelta(hours=1)
    for name in ("Bad", "Aino"):
        event = await make_event()
        await people(event, name)
        await write(event, send_at=later)
        later += timedelta(seconds=1)
    await database.execute("ALTER TABLE message ADD CONSTRAINT odd CHECK (recipient NOT LIKE 'bad%')")
    assert await actions.send_due(later) == 1
    await database.execute("ALTER TABLE message DROP CONSTRAINT odd")
    assert await actions.send_due(later) == 1
    assert await recipients() == ["aino", "bad"]


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no busy machine look like a slow domain, of which a mail at a time is in hand."""
    monkeypatch.setattr(delivery, "SLOW", 20.0)


async def paused_in_the_middle(event: UUID, count: int) -> tuple[int, UUID]:
    """Send to so many, pause after the first of two workers' letters; returns how many left, and the announcement."""
    await people(event, *(f"Aino{number}" for number in range(count)))
    identity = await write(event)
    async with post_office() as post:
        post.pause = 0.02
        workers = [asyncio.create_task(deliver_due(COMPOSERS, now=NOW)) for _ in range(2)]
        await post.wait_for(1, timeout=20)
        await actions.pause(identity, actor=SYSTEM, now=NOW)
        before = len(post)
        await asyncio.gather(*workers)
        return len(post) - before, identity


@pytest.mark.usefixtures("no_hurry")
async def test_what_two_workers_have_in_hand_stays_when_a_letter_is_paused(committed_db: str) -> None:
    after, identity = await paused_in_the_middle(await make_event(capacity=None), 80)
    assert after <= 2 * LANES, "no more than what was being handed over"
    assert await database.fetchval("SELECT count(*) FROM message WHERE state = 'sending'") == 0
    assert await deliver_due(COMPOSERS, now=NOW + timedelta(hours=1)) == 0
    assert await database.fetchval("SELECT max(tries) FROM message WHERE state = 'queued'") == 0, "to be held is no try"
    await actions.resume(identity, actor=SYSTEM, now=NOW)
    later = NOW + timedelta(minutes=2)
    async with post_office() as post:
        await deliver_due(COMPOSERS, now=later)
        assert len(post) > 60
    rows = await database.fetch("SELECT state, count(*) AS n FROM message GROUP BY state")
    assert [(row["state"], row["n"]) for row in rows] == [("sent", 80)]


@pytest.mark.usefixtures("no_hurry")
async def test_without_asking_for_each_letter_they_would_go_out(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "is_stopped", lambda found: found.state is AnnouncementState.STOPPED)
    after, _identity = await paused_in_the_middle(await make_event(capacity=None), 80)
    assert after > 2 * LANES


async def test_one_that_is_sent_again_by_hand_waits_with_the_others(db: asyncpg.Connection) -> None:
    event = await make_event()
    await people(event, "Aino")
    identity = await write(event)
    await actions.pause(identity, actor=SYSTEM, now=NOW)
    await database.execute("UPDATE message SET due_at = $1", NOW)
    async with asyncio.timeout(10):
        assert await deliver_due(COMPOSERS, now=NOW) == 0
    row = await database.fetchrow("SELECT state, tries, due_at FROM message")
    assert row
    assert (row["state"], row["tries"]) == ("queued", 0)
    assert row["due_at"] > NOW


async def test_a_subject_holds_no_private_link(db: asyncpg.Connection) -> None:
    assert rules.filled_subject("{event}: {link}", {"event": "Paja", "link": "secret"}) == "Paja: {link}"
    form = {"subject_fi": "Linkki { link }", "body_fi": "Hei", "identity": str(uuid4())}
    assert rules.holds_link(form["subject_fi"])


async def test_what_was_scheduled_can_be_stopped_before(db: asyncpg.Connection) -> None:
    event = await make_event()
    await people(event, "Aino")
    identity = await write(event, send_at=NOW + timedelta(hours=1))
    await actions.stop(identity, actor=SYSTEM, now=NOW)
    assert await actions.send_due(NOW + timedelta(hours=2)) == 0


async def test_only_who_may_edit_registrations_writes(db: asyncpg.Connection) -> None:
    event = await make_event()
    identity = await write(event)
    stranger = Actor(ActorKind.STAFF, uuid4(), grants=(Grant("organiser", "region", "01"), Grant("viewer")))
    with pytest.raises(NotFound):
        await write(event, actor=stranger)
    for deed in (actions.pause, actions.resume, actions.stop):
        with pytest.raises(NotFound):
            await deed(identity, actor=stranger, now=NOW)


async def test_names_cannot_bring_markup_into_the_mail(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_registration(event, person=await make_person("<b>*Aino*</b>", email="aino@yritys.example"))
    await write(event, texts={"subject_fi": "{name}", "body_fi": "Hei {name}! [x](javascript:alert)"})
    made = await letter("aino")
    assert "<em>" not in made.html
    assert "&lt;b&gt;*Aino*&lt;/b&gt;" in made.html
    assert "javascript" not in made.html.replace("(javascript:alert)", "")


@pytest.mark.parametrize(("chosen", "now"), [("", "cancelled"), ("state=waitlisted", "confirmed")])
async def test_who_is_not_meant_any_more_gets_no_letter_that_was_held(
    db: asyncpg.Connection, chosen: str, now: str
) -> None:
    event = await make_event()
    stays, goes = await people(event, "Aino", "Ville", state="waitlisted")
    await write(event, chosen)
    await database.execute("UPDATE registration SET state = $2 WHERE id = $1", goes, now)
    assert await letter("aino")
    assert stays
    row = await database.fetchrow("SELECT * FROM message WHERE recipient LIKE 'ville%'")
    assert row
    assert await compose(msgspec.convert(dict(row), Owed), COMPOSERS) is None


async def test_of_several_at_one_address_the_letter_is_that_of_whom_it_means(db: asyncpg.Connection) -> None:
    event = await make_event()
    for name, state in (("Aino", "confirmed"), ("Ville", "waitlisted")):
        person = await make_person(name, email="yhteinen@yritys.example")
        registration = await make_registration(event, person=person, state=state)
    await write(event, "state=waitlisted&text=")
    made = await letter("yhteinen")
    assert "Hei Ville!" in made.text
    assert mailed_link(registration) in made.text
    await database.execute("DELETE FROM message")
    person = await database.fetchval("SELECT person FROM registration WHERE id = $1", registration)
    await insert("registration_tag", registration=registration, tag="Puhuja", folded="puhuja")
    await database.execute("UPDATE registration SET state = 'confirmed' WHERE person = $1", person)
    await write(event, "tag=puhuja")
    made = await letter("yhteinen")
    assert "Hei Ville!" in made.text, "both are confirmed, and one of them is meant"
    assert mailed_link(registration) in made.text


@pytest.mark.parametrize(
    "body",
    [
        "{link}",
        "<{link}>",
        "< {link} >",
        "[here]({link})",
        "[here](<{link}>)",
        "**{ link }**",
        "1. {link}",
        "[{link}]({link})",
    ],
)
async def test_a_private_link_can_be_followed_however_it_is_written(db: asyncpg.Connection, body: str) -> None:
    event = await make_event()
    registration = await make_registration(event, person=await make_person("Aino"))
    await write(event, texts={"subject_fi": "a", "body_fi": f"Hei <{{name}}>\n\n{body}"})
    made, link = await letter("aino"), mailed_link(registration)
    assert f'{link}"' in made.html
    assert link in made.text, "also where the words hold a sign that looks like mark-up"
    assert "\\" not in made.html
    assert "\\" not in made.text


async def test_what_is_filled_in_is_no_markup_in_the_text_either(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Mitä_on_tekoäly? [osa 1](2) <3")
    await people(event, "Aino")
    await write(event, texts={"subject_fi": "a", "body_fi": "{event}\n\n{when}"})
    text = (await letter("aino")).text
    assert "Mitä_on_tekoäly? [osa 1](2) <3" in text
    assert "1.10.2026" in text or "klo" in text


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06", email="oskari@sixnet.example"))
    return client


async def test_it_is_written_looked_at_tried_and_sent_in_the_browser(desk: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await people(event, "Aino")
    await people(event, "Ville", state="waitlisted")
    here = "/staff/events/paja/announcements"
    with clock.at(NOW):
        start = (await desk.get(f"{here}/new?state=confirmed")).text
        assert "1 address gets the mail" in start
        assert ">Send to" not in start, "first one looks at it"
        form = {"identity": str(uuid4()), **TEXTS}
        looked = (await desk.post(f"{here}/new?state=confirmed", data={**form, "look": "1"})).text
        assert "Hei Maija!" in looked
        assert "Send to 1 address" in looked
        assert "because nothing is written" not in looked
        tried = (await desk.post(f"{here}/new?state=confirmed", data={**form, "test": "1"})).text
        assert "A trial is on its way to you" in tried
        assert await recipients() == []
        sent = await desk.post(f"{here}/new?state=confirmed", data={**form, "seen": digest_of(TEXTS), "send": "1"})
        (view,) = await queries.of_event(event)
        assert sent.headers["location"] == f"{here}/{view.id}"
        assert await recipients() == ["aino"]
        for page in (here, sent.headers["location"]):
            assert "Going out" in (await desk.get(page)).text
        turned = await desk.post(f"{here}/{view.id}/turn", data={"pause": "1"})
        assert turned.headers["location"] == f"{here}/{view.id}"
        again = await desk.post(f"{here}/{view.id}/turn", data={"pause": "1"})
        assert again.headers["location"] == f"{here}/{view.id}?saved=stale"
    row = await database.fetchrow("SELECT recipient FROM message WHERE reason = 'announcement_test'")
    assert row is not None
    assert row["recipient"] == "oskari@sixnet.example"
    assert "Maija" in (await letter("oskari")).text
    assert await actions.forget_tests(NOW + timedelta(days=2)) == 1


async def test_before_it_goes_it_says_who_gets_another_language_than_their_own(desk: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await people(event, "Aino")
    await people(event, "Ville", language="en")
    await people(event, "Åsa", "Bo", language="sv")
    form = {"identity": str(uuid4()), **TEXTS, "look": "1"}
    with clock.at(NOW):
        looked = (await desk.post("/staff/events/paja/announcements/new", data=form)).text
    assert "2 people get it in Finnish, because nothing is written in Swedish." in looked
    assert looked.count("because nothing is written") == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Write the mail in at least one language."),
        ({"subject_fi": "Hei"}, "Write both the subject and the text"),
        ({"subject_fi": "Hei", "body_fi": "{nimi}"}, "{nimi} stands for nothing"),
        ({"subject_fi": "Hei", "body_fi": "x", "day": "2026-09-02"}, "Give both the date and the time"),
        ({"subject_fi": "Hei", "body_fi": "x", "day": "2026-08-02", "clock": "9.00"}, "This time has passed"),
        ({"subject_fi": "Hei", "body_fi": "x", "day": "30.2.2027", "clock": "9.00"}, "There is no such date"),
        ({"subject_fi": "H" * 200, "body_fi": "x"}, "150"),
    ],
)
async def test_what_does_not_hold_is_said_and_kept(desk: httpx.AsyncClient, sent: dict[str, str], said: str) -> None:
    await make_event(slug="paja")
    with clock.at(NOW):
        answer = await desk.post("/staff/events/paja/announcements/new", data={**sent, "send": "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert sent.get("body_fi", "") in answer.text
    assert await recipients() == []
