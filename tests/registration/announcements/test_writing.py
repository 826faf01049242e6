"""The form of a mail to people of an event: sent twice, taken back, written again, tried."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from events.core import clock
from events.core.i18n import format_date, in_language
from events.registration.announcements import actions, queries
from events.registration.announcements.forms import digest_of
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in

TEXTS = {"subject_fi": "Muutos", "body_fi": "Hei {given_name}!"}
SEEN = {**TEXTS, "seen": digest_of(TEXTS)}
HERE = "/staff/events/paja/announcements"
NINE = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
AT_NINE = {"day": "2026-12-01", "clock": "9.00", "seen": digest_of(TEXTS, NINE)}


@pytest.fixture
async def event(db: object) -> UUID:
    event = await make_event(slug="paja")
    await make_registration(event, person=await make_person("Aino"))
    return event


@pytest.fixture
async def desk(client: httpx.AsyncClient, event: UUID) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


async def test_a_form_that_was_sent_and_is_filled_in_otherwise_is_no_mail_before_it_is_sent_again(
    desk: httpx.AsyncClient, event: UUID
) -> None:
    form = {"identity": str(uuid4()), **SEEN, "send": "1"}
    with clock.at(NOW):
        first = await desk.post(f"{HERE}/new", data=form)
    with clock.at(NOW + timedelta(seconds=3)):
        again = await desk.post(f"{HERE}/new", data=form)
        assert again.headers["location"] == first.headers["location"], "pressed twice"
        other = form | {"subject_fi": "Toinen", "seen": digest_of(TEXTS | {"subject_fi": "Toinen"})}
        refused = await desk.post(f"{HERE}/new", data=other)
        assert refused.status_code == 422
        assert "Another mail was made with this form before." in refused.text
        assert 'value="Toinen"' in refused.text
        later = await desk.post(f"{HERE}/new", data=form | AT_NINE)
        assert "Another mail was made with this form before." in later.text
        assert len(await queries.of_event(event)) == 1
        identity = re.search('name="identity"[^>]*value="([^"]*)"', refused.text)
        assert identity
        sent = await desk.post(f"{HERE}/new", data=other | {"identity": identity[1]})
    assert sent.headers["location"] == f"{HERE}/{identity[1]}"
    assert len(await queries.of_event(event)) == 2


async def test_what_was_not_looked_at_like_this_is_shown_before_it_goes_out(
    desk: httpx.AsyncClient, event: UUID
) -> None:
    form = {"identity": str(uuid4()), **TEXTS}
    for other in ({"subject_fi": "Toinen"}, {"body_fi": "Toinen"}, {"subject_sv": "Toinen", "body_sv": "Hej"}):
        with clock.at(NOW):
            looked = (await desk.post(f"{HERE}/new", data=form | {"look": "1"})).text
            seen = re.search('name="seen"[^>]*value="([^"]*)"', looked)
            assert seen
            changed = await desk.post(f"{HERE}/new", data=form | other | {"seen": seen[1], "send": "1"})
        assert changed.status_code == 200
        assert "you had not seen it like this" in changed.text
        assert changed.text.index("</section>") < changed.text.index('name="send"'), "one reads before one sends"
        assert await queries.of_event(event) == []
        assert f'value="{seen[1]}"' not in changed.text
        now_seen = re.search('name="seen"[^>]*value="([^"]*)"', changed.text)
        assert now_seen
    with clock.at(NOW):
        sent = await desk.post(f"{HERE}/new", data=form | other | {"seen": now_seen[1], "send": "1"})
    assert sent.status_code == 303


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        (
            "en",
            "Schedule for 1 address, Tuesday, 1 December 2026 09:00",
            "It goes out on Tuesday, 1 December 2026 09:00.",
        ),
        (
            "fi",
            "Ajasta 1 osoitteeseen: tiistaina 1. joulukuuta 2026 klo 9.00",
            "Lähtee tiistaina 1. joulukuuta 2026 klo 9.00.",
        ),
        (
            "sv",
            "Schemalägg till 1 adress: tisdag 1 december 2026 kl. 09:00",
            "Skickas tisdag 1 december 2026 kl. 09:00.",
        ),
    ],
)
async def test_what_is_written_for_later_says_when_it_goes_out(
    desk: httpx.AsyncClient, language: str, button: str, said: str
) -> None:
    desk.cookies.set("language", language)
    form = {"identity": str(uuid4()), **TEXTS, **AT_NINE, "look": "1"}
    with clock.at(NOW):
        looked = (await desk.post(f"{HERE}/new", data=form)).text.replace("\xa0", " ")
        now = (await desk.post(f"{HERE}/new", data={**form, "day": "", "clock": ""})).text
    assert re.search('name="send" value="1">([^<]*)', looked).group(1) == button  # type: ignore[union-attr]
    assert f"<p>{said}</p>" in looked
    assert said not in now


async def test_another_time_than_was_looked_at_is_shown_before_it_is_scheduled(
    desk: httpx.AsyncClient, event: UUID
) -> None:
    form = {"identity": str(uuid4()), **TEXTS, **AT_NINE, "send": "1"}
    for other in ({"clock": "10.00"}, {"day": "", "clock": ""}):
        with clock.at(NOW):
            changed = await desk.post(f"{HERE}/new", data=form | other)
        assert "you had not seen it like this" in changed.text
    assert await queries.of_event(event) == []


async def test_what_needs_mending_names_the_language_it_is_in(desk: httpx.AsyncClient) -> None:
    sent = {"subject_fi": "Muutos", "body_sv": "Hej", "send": "1"}
    answer = (await desk.post(f"{HERE}/new", data=sent)).text
    for link in ('<a href="#body_fi">Text in Finnish: Write', '<a href="#subject_sv">Subject in Swedish: Write'):
        assert link in answer


async def test_a_mail_is_planned_for_at_most_two_years_ahead(desk: httpx.AsyncClient, event: UUID) -> None:
    last = (NOW + timedelta(days=730)).astimezone(ZoneInfo("Europe/Helsinki"))
    form = {"identity": str(uuid4()), **SEEN, "clock": f"{last:%H:%M}", "send": "1"}
    with clock.at(NOW):
        form["seen"] = digest_of(TEXTS, last.astimezone(UTC))
        for day in (last + timedelta(days=1), datetime(9999, 12, 31, tzinfo=UTC)):
            refused = await desk.post(f"{HERE}/new", data=form | {"day": f"{day:%Y-%m-%d}"})
            assert refused.status_code == 422
            with in_language("en"):
                said = f"Choose a date no later than {format_date(last, style='short')}."
            assert f'<a href="#day">Date: {said}</a>' in refused.text
        assert await queries.of_event(event) == []
        assert (await desk.post(f"{HERE}/new", data=form | {"day": f"{last:%Y-%m-%d}"})).status_code == 303


async def test_one_that_waits_for_its_time_is_taken_back_and_written_otherwise(desk: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        form = {"identity": str(uuid4()), **SEEN, **AT_NINE, "send": "1"}
        made = (await desk.post(f"{HERE}/new?state=confirmed", data=form)).headers["location"]
        assert "Stop and change" in (await desk.get(made)).text
        back = (await desk.post(f"{made}/turn", data={"change": "1"})).headers["location"]
        assert back == f"{HERE}/new?state=confirmed&like={form['identity']}"
        shown = (await desk.get(back)).text
        assert "The mail is stopped." in shown
        assert f'value="{form["identity"]}"' not in shown, "it is another mail"
        assert all(f'value="{each}"' in shown for each in (TEXTS["subject_fi"], "2026-12-01", "09:00"))
        stopped = (await desk.get(made)).text
        assert "It was planned for" in stopped
        again = await desk.post(f"{made}/turn", data={"change": "1"})
        assert again.headers["location"] == f"{made}?saved=stale"
        assert await actions.send_due(NOW + timedelta(days=200)) == 0


async def test_what_goes_out_already_is_not_taken_back_but_can_be_written_again(desk: httpx.AsyncClient) -> None:
    await make_event(slug="toinen")
    with clock.at(NOW):
        made = (await desk.post(f"{HERE}/new", data={"identity": str(uuid4()), **SEEN, "send": "1"})).headers[
            "location"
        ]
        stale = await desk.post(f"{made}/turn", data={"change": "1"})
        assert stale.headers["location"] == f"{made}?saved=stale"
        assert "Going out" in (await desk.get(made)).text
        like = made.rpartition("/")[2]
        assert f"/new?&amp;like={like}" in (await desk.get(made)).text
        shown = (await desk.get(f"{HERE}/new?like={like}")).text
        assert f'value="{TEXTS["subject_fi"]}"' in shown
        assert "The mail is stopped." not in shown
        for path in (f"/staff/events/toinen/announcements/new?like={like}", f"{HERE}/new?like={uuid4()}"):
            assert (await desk.get(path)).status_code == 404
        assert (await desk.get(f"{HERE}/new?like=x")).status_code == 422


async def test_a_trial_is_told_of_beside_the_button(desk: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        form = {"identity": str(uuid4()), **TEXTS, "test": "1"}
        tried = (await desk.post(f"{HERE}/new", data=form)).text
    assert tried.index("body_fi") < tried.index("A trial is on its way to you") < tried.index('name="test"')
    assert "data-focus" not in tried, "what the button brought about takes the focus, not the letter"
