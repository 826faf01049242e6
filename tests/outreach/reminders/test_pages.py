import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from events.core import clock, database
from events.core.i18n import format_datetime, format_moment, in_language
from events.core.marks import with_mark
from events.outreach.reminders.actions import queue_due_reminders
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff, sign_in
from tests.outreach.reminders.rules import make_rule, no_defaults

HERE = "/staff/events/paja/reminders"
RULE: dict[str, Any] = {"active": "y", "amount": "2", "unit": "days", "direction": "before", "anchor": "start"} | {
    "attended": "any",
    "answered": "any",
    "scope": "this",
}
WORDS = {"subject_en": "Soon: {event}", "body_en": "Dear {given_name}, **bring** your boots. {link}"}


@pytest.fixture
async def staff(client: httpx.AsyncClient, db: asyncpg.Connection) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("admin"))
    return client


def version_in(page: str) -> str:
    """The version of a rule that a form was opened on."""
    found = re.search(r'name="version" type="hidden" value="(\w+)"', page)
    assert found is not None
    return found.group(1)


async def change(staff: httpx.AsyncClient, path: str, data: dict[str, Any]) -> httpx.Response:
    """Open a form and save it at once."""
    return await staff.post(path, data={**data, "version": version_in((await staff.get(path)).text)})


async def test_the_page_says_who_gets_what_and_when(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    for name, language in (("Aino", "fi"), ("Åsa", "sv"), ("Bo", "sv")):
        await make_registration(event, person=await make_person(name), language=language, registered_at=NOW)
    with clock.at(NOW):
        text = " ".join((await staff.get(HERE)).text.split())
    assert "7 days before the start" in text
    assert "1 day before the start" in text
    assert "1 hour before the start" not in text, "that is for meetings"
    assert "3 people get it as things stand. 1 in Finnish, 2 in Swedish." in text
    assert "Aino Esimerkki, Åsa Esimerkki, Bo Esimerkki" in text
    assert "Thursday 24 September 2026" in text.replace(",", "")


async def test_everybody_who_gets_a_reminder_is_named_on_a_page_of_its_own(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    rule = await make_rule(event=event, days=-1)
    for number in range(7):
        await make_registration(event, person=await make_person(f"Aino{number}"), language="sv", registered_at=NOW)
    await make_registration(event, person=await make_person("Bo"), state="cancelled", registered_at=NOW)
    with clock.at(NOW):
        assert "Aino6" not in (found := (await staff.get(HERE)).text)
        assert f"{HERE}/{rule}/people" in found
        named = (await staff.get(f"{HERE}/{rule}/people")).text
    assert [f"Aino{number} Esimerkki</a>" in named for number in range(7)] == [True] * 7
    assert "7 people get it as things stand." in named
    assert "Bo Esimerkki" not in named
    await staff.post(f"{HERE}/{rule}/turn", data={"off": "1", "scope": "this"})
    assert (await staff.get(f"{HERE}/{rule}/people")).status_code == 404


async def test_the_page_says_who_gets_another_language_than_their_own(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    rule = await make_rule(event=event, days=-1, **WORDS)
    for name, language in (("Aino", "fi"), ("Åsa", "sv"), ("Bo", "sv"), ("Ed", "en")):
        await make_registration(event, person=await make_person(name), language=language, registered_at=NOW)
    with clock.at(NOW):
        text = (await staff.get(HERE)).text
        letter = (await staff.get(f"{HERE}/{rule}/letter?language=sv")).text
        in_english = (await staff.get(f"{HERE}/{rule}/letter?language=en")).text
    assert "1 person gets it in English, because nothing is written in Finnish." in text
    assert "2 people get it in English, because nothing is written in Swedish." in text
    assert text.count("because nothing is written") == 2
    assert "Nothing is written in Swedish: one gets it in English." in letter
    assert "Nothing is written" not in in_english


async def test_each_kind_of_letter_that_goes_out_is_shown(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    rule = await make_rule(event=event, days=-1, states=["confirmed", "waitlisted"], **WORDS)
    after = await make_rule(event=event, anchor="end", days=1, states=["confirmed", "waitlisted"], **WORDS)
    with clock.at(NOW):
        page = (await staff.get(f"{HERE}/{rule}/letter")).text
        placed = (await staff.get(f"{HERE}/{rule}/letter/body")).text
        waits = (await staff.get(f"{HERE}/{rule}/letter/body?state=waitlisted")).text
        afterwards = (await staff.get(f"{HERE}/{after}/letter?state=waitlisted")).text
    assert 'state=waitlisted">On the waiting list</a>' in page
    assert "/t/" in placed
    assert "/t/" not in waits
    for body in (placed, waits):
        assert "bring" in body
        assert "/r/" in body
        assert "has changed" not in body
    assert "On the waiting list" not in afterwards, "all get the same"


async def test_the_page_says_when_a_reminder_went_out_and_when_it_was_to(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", starts_at=NOW + timedelta(days=10), ends_at=NOW + timedelta(days=10, hours=6))
    await no_defaults()
    for days in (-3, -2):
        await make_rule(event=event, days=days)
    planned = NOW + timedelta(days=8)
    await make_registration(event, person=await make_person("Aino"), registered_at=NOW)
    await queue_due_reminders(planned + timedelta(hours=5))
    for late, hours, words in ((9, 9, 2), (5, 5, 2), (0, 0, 1)):
        await database.execute(
            "UPDATE message SET state = 'sent', finished_at = $1", planned + timedelta(hours=late, minutes=2)
        )
        with clock.at(planned + timedelta(hours=10)):
            page = (await staff.get(HERE)).text
            messages = (await staff.get("/staff/events/paja/messages")).text
        with in_language("en"):
            sent = planned + timedelta(hours=hours, minutes=2)
            assert format_moment(sent) in messages
            assert (format_datetime(sent) in page) is (late > 0)
            assert (f"It was planned for {format_moment(planned)}." in page) is (late > 0)
        assert page.count("It was planned for") == words
        assert page.count("There is no message of it.") == 1, "the later of two that were due at once says all"


@pytest.mark.parametrize("then", ["DELETE FROM reminder_rule", "UPDATE reminder_rule SET active = false"])
async def test_what_went_out_is_told_also_when_its_rule_is_gone(staff: httpx.AsyncClient, then: str) -> None:
    event = await make_event(slug="paja", starts_at=NOW + timedelta(days=10), ends_at=NOW + timedelta(days=11))
    await no_defaults()
    await make_rule(event=event, days=-2)
    await make_registration(event, person=await make_person("Aino"), registered_at=NOW)
    at = NOW + timedelta(days=8)
    await queue_due_reminders(at)
    await database.execute("UPDATE message SET state = 'sent', finished_at = $1", at)
    with clock.at(at):
        assert "Gone out before" not in (await staff.get(HERE)).text
        await database.execute(then)
        told = (await staff.get(HERE)).text.partition("Gone out before")[2]
    assert "1 message" in told
    assert ("A reminder that has been removed since" in told) is ("DELETE" in then)


async def test_of_a_cancelled_event_it_says_what_went_out_and_promises_nothing(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", starts_at=NOW + timedelta(days=8))
    await make_registration(event, person=await make_person("Aino"), registered_at=NOW)
    with clock.at(NOW + timedelta(days=1, hours=1)):
        await queue_due_reminders(clock.now())
        assert "Will go out" in (await staff.get(HERE)).text
        await database.execute("UPDATE event SET state = 'cancelled'")
        text = (await staff.get(HERE)).text
    assert "nothing goes out any more" in text
    assert "7 days before the start" in text
    assert "Gone out" in text
    for promised in ("Will go out", "1 day before the start", "Add a reminder", "Switch off", ">Change<"):
        assert promised not in text


async def test_a_draft_asks_nothing_that_it_would_not_do(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft", published_at=None, starts_at=NOW + timedelta(days=3))
    await no_defaults()
    await make_rule(event=event, days=-7, **WORDS)
    await make_registration(event, person=await make_person("Aino"), registered_at=NOW)
    await database.execute("UPDATE event SET reminders_set_at = $1", NOW)
    with clock.at(NOW):
        text = (await staff.get(HERE)).text
        assert "Asks before it goes out" in text
        assert "Send now" not in text
        await database.execute("UPDATE event SET state = 'published', published_at = $1", NOW)
        assert "Send now to 1 person" in (await staff.get(HERE)).text


@pytest.mark.parametrize(
    ("language", "all_with_a_place", "some"),
    [
        ("fi", "Keille: vahvistetut<br>", "Keille: jonossa olevat, vahvistetut · osallistuneet · kyselyyn vastanneet<"),
        (
            "sv",
            "För vem: bekräftade<br>",
            "För vem: de som står på väntelistan, bekräftade · de som deltog · de som har svarat på enkäten<",
        ),
        (
            "en",
            "To whom: those confirmed<br>",
            "To whom: those on the waiting list, those confirmed · those who attended · those who answered the survey<",
        ),
    ],
)
async def test_who_gets_a_reminder_is_said_of_several(
    staff: httpx.AsyncClient, language: str, all_with_a_place: str, some: str
) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    await make_rule(event=event)
    more = {"attended": "yes", "answered": "yes", "anchor": "end", "days": 3}
    await make_rule(event=event, states=["waitlisted", "confirmed"], **more)
    staff.cookies.set("language", language)
    with clock.at(NOW):
        text = (await staff.get(HERE)).text
    assert all_with_a_place in text
    assert some in text


async def test_the_page_does_not_tell_who_has_answered_a_survey(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    await make_rule(event=event, anchor="end", days=3, answered="yes", subject_en="A", body_en="B")
    registration = await make_registration(event, person=await make_person("Aino"), registered_at=NOW)
    survey = await insert("survey", event=event)
    asked = {"survey": survey, "registration": registration, "token_hash": b"1", "place": 0}
    await insert("survey_invitation", **asked)
    with clock.at(NOW):
        before = (await staff.get(HERE)).text
        await database.execute("UPDATE survey SET marks = $1", with_mark(b"", 0))
        assert (await staff.get(HERE)).text == before
    assert "Aino" in before


@pytest.mark.parametrize("narrow", [{"tag": "puhuja"}, {"site": "{site}"}])
async def test_a_rule_asks_of_no_single_person_whether_they_have_answered(
    staff: httpx.AsyncClient, narrow: dict[str, str]
) -> None:
    await make_event(slug="paja", online=True)
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    given = {name: value.format(site=site) for name, value in narrow.items()}
    refused = await staff.post(f"{HERE}/new", data={**RULE, "answered": "no", **WORDS, **given})
    assert refused.status_code == 422
    assert "leave place and tag empty" in refused.text


async def test_a_subject_holds_no_private_link_and_a_tag_of_wide_signs_is_kept(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    refused = await staff.post(f"{HERE}/new", data={**RULE, **WORDS, "subject_en": "Here: {link}"})
    assert refused.status_code == 422
    assert "subjects stand in lists that others read" in refused.text
    await staff.post(f"{HERE}/new", data={**RULE, "tag": "ß" * 40, "tag_asked": ("ss" * 40)[:40]})
    assert await database.fetchval("SELECT length(tag) FROM reminder_rule WHERE event = $1", event) == 40


async def test_a_rule_is_added_changed_and_removed(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", online=True)
    site = await database.fetchval("SELECT id FROM site WHERE mode = 'online'")
    sent = {
        **RULE,
        "local_time": "9.00",
        "site": str(site),
        "states": "waitlisted",
        "tag": "Puhuja",
        **WORDS,
        "tag_asked": "puhuja",
    }
    assert (await staff.post(f"{HERE}/new", data=sent)).headers["location"] == f"{HERE}?saved=1"
    rule = await database.fetchrow("SELECT * FROM reminder_rule WHERE event = $1", event)
    assert rule is not None
    assert (rule["days"], rule["minutes"], rule["local_time"].hour, rule["site"]) == (-2, 0, 9, site)
    assert (rule["states"], rule["tag"], rule["body_en"]) == (["waitlisted"], "puhuja", WORDS["body_en"])
    form = (await staff.get(f"{HERE}/{rule['id']}")).text
    assert 'value="2"' in form
    assert "bring" in form
    await change(staff, f"{HERE}/{rule['id']}", {**RULE, "unit": "hours", "amount": "3", "direction": "after", **WORDS})
    changed = await database.fetchrow("SELECT days, minutes, revision FROM reminder_rule WHERE event = $1", event)
    assert changed is not None
    assert tuple(changed) == (0, 180, 1)
    asks = (await staff.get(HERE)).text
    assert asks.index("cannot be brought back") < asks.index('name="remove"'), "one is asked before it goes"
    removed = await staff.post(f"{HERE}/{rule['id']}/turn", data={"remove": "1", "scope": "this"})
    told = (await staff.get(removed.headers["location"])).text
    assert ">Removed<" in told
    assert ">Saved<" not in told
    assert await database.fetchval("SELECT count(*) FROM reminder_rule WHERE event = $1", event) == 0


async def test_a_tag_that_nobody_has_is_asked_about_once(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    registration = await make_registration(event, person=await make_person("Aino"))
    await insert("registration_tag", registration=registration, tag="Puhuja", folded="puhuja")
    sent = {**RULE, "tag": "Puhija", **WORDS}
    asked = await staff.post(f"{HERE}/new", data=sent)
    assert asked.status_code == 200
    assert "Nobody has the tag “Puhija”" in asked.text
    assert "Tags at this event: Puhuja." in asked.text
    assert await database.fetchval("SELECT count(*) FROM reminder_rule WHERE event = $1", event) == 0
    held = re.search('name="tag_asked"[^>]*value="([^"]*)"', asked.text)
    assert held is not None
    other = await staff.post(f"{HERE}/new", data=sent | {"tag": "Puhjia", "tag_asked": held[1]})
    assert "Nobody has the tag “Puhjia”" in other.text
    assert (await staff.post(f"{HERE}/new", data=sent | {"tag": "PUHUJA"})).status_code == 303
    assert (await staff.post(f"{HERE}/new", data=sent | {"tag_asked": held[1]})).status_code == 303


async def test_a_default_is_switched_off_for_an_event_alone_and_on_again(staff: httpx.AsyncClient) -> None:
    await make_event(slug="paja")
    other = await make_event()
    week = await database.fetchval("SELECT id FROM reminder_rule WHERE days = -7")
    await staff.post(f"{HERE}/{week}/turn", data={"off": "1", "scope": "this"})
    text = (await staff.get(HERE)).text
    assert text.index("1 day before") < text.index("Switched off") < text.index("7 days before")
    off = await database.fetchrow("SELECT id, active FROM reminder_rule WHERE replaces = $1", week)
    assert off is not None
    assert off["active"] is False
    assert await database.fetchval("SELECT count(*) FROM reminder_rule WHERE event = $1", other) == 0
    refused = await staff.post(f"{HERE}/{week}/turn", data={"off": "1", "scope": "this"})
    assert refused.status_code == 409, "what stands in its place is switched, not the default"
    await staff.post(f"{HERE}/{off['id']}/turn", data={"remove": "1", "scope": "this"})
    assert "Switched off" not in (await staff.get(HERE)).text.split("<h1>")[1].split("7 days before")[0]


async def test_a_default_that_is_changed_in_an_event_stays_for_the_others(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    week = await database.fetchval("SELECT id FROM reminder_rule WHERE days = -7")
    await change(staff, f"{HERE}/{week}", {**RULE, "amount": "3"})
    rows = await database.fetch("SELECT event, days FROM reminder_rule WHERE id = $1 OR replaces = $1", week)
    assert {(row["event"], row["days"]) for row in rows} == {(None, -7), (event, -3)}
    text = (await staff.get(HERE)).text
    assert "3 days before the start" in text
    assert "7 days before the start" not in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": ""}, "Give a number."),
        ({"amount": "x"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "9999"}, "That is too far away."),
        ({"amount": "99999999999999999999"}, "amount"),
        ({"unit": "years"}, "unit"),
        ({"anchor": str(uuid4())}, "anchor"),
        ({"site": str(uuid4())}, "site"),
        ({"states": "x"}, "states"),
        ({"local_time": "25:00"}, "There is no such time"),
        ({"local_time": "9.00", "unit": "hours"}, "A time of the day goes with days only."),
        ({"direction": "after"}, "Write the mail"),
        ({"states": "waitlisted"}, "Write the mail"),
        ({"anchor": "end", "direction": "after", "attended": "no"}, "Write the mail"),
        ({"subject_fi": "Otsikko"}, "Write both the subject and the text"),
        ({"subject_fi": "{foo}", "body_fi": "x"}, "stands for nothing"),
        ({"attended": "perhaps"}, "attended"),
        ({"tag": "x" * 41}, "tag"),
    ],
)
async def test_what_does_not_hold_is_said_and_what_was_typed_stays(
    staff: httpx.AsyncClient, wrong: dict[str, str], said: str
) -> None:
    await make_event(slug="paja", online=True)
    for path in (f"{HERE}/new", "/staff/reminders/new"):
        answer = await staff.post(
            path,
            data={**RULE, "body_sv": "Det här", "subject_sv": "Hej", **wrong}
            if "Write the mail" not in said
            else {**RULE, **wrong},
        )
        if path.startswith("/staff/reminders") and "site" in wrong:
            continue  # no such field there
        assert answer.status_code == 422, path
        assert said in answer.text
        assert "Det här" in answer.text or "Write the mail" in said
    assert await database.fetchval("SELECT count(*) FROM reminder_rule WHERE days NOT IN (-7, -1, 0)") == 0


async def test_thanks_after_the_end_need_no_words_of_ones_own(staff: httpx.AsyncClient) -> None:
    await make_event(slug="paja")
    answer = await staff.post(f"{HERE}/new", data={**RULE, "anchor": "end", "direction": "after"})
    assert answer.status_code == 303


async def test_each_letter_can_be_looked_at_in_each_language(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja")
    rule = await make_rule(event, days=-1, **WORDS)
    thanks = await make_rule(event, anchor="end", days=1)
    page = await staff.get(f"{HERE}/{rule}/letter?language=sv")
    assert "Soon: Test workshop" in page.text, "all of it is in the language of the words"
    body = (await staff.get(f"{HERE}/{rule}/letter/body?language=sv")).text
    assert "<strong>bring</strong>" in body
    assert "Dear Maija" in body
    assert "data:image/png" in body, "the ticket goes along"
    after = (await staff.get(f"{HERE}/{thanks}/letter/body?language=fi")).text
    assert "kiitos" in after.casefold()
    assert "data:image/png" not in after
    assert (await staff.get(f"{HERE}/{rule}/letter/body?language=xx")).status_code == 200


async def test_rules_of_other_events_are_not_there(staff: httpx.AsyncClient) -> None:
    await make_event(slug="paja")
    rule = await make_rule(await make_event(), days=-1)
    for path in (f"{HERE}/{rule}", f"{HERE}/{rule}/letter", f"{HERE}/{rule}/letter/body", f"/staff/reminders/{rule}"):
        assert (await staff.get(path)).status_code == 404
    for path in (
        f"{HERE}/{rule}",
        f"{HERE}/{rule}/turn",
        f"/staff/reminders/{rule}",
        f"/staff/reminders/{rule}/remove",
    ):
        assert (await staff.post(path, data={**RULE, "off": "1"})).status_code == 404


@pytest.mark.parametrize(
    ("grant", "sees", "changes"),
    [
        (("coordinator", "all", ""), 200, 200),
        (("coordinator", "region", "06"), 200, 404),
        (("organiser", "all", ""), 404, 404),
    ],
)
async def test_who_has_the_whole_network_sets_the_defaults(
    client: httpx.AsyncClient, db: asyncpg.Connection, grant: tuple[str, str, str], sees: int, changes: int
) -> None:
    role, kind, resource = grant
    await sign_in(client, await make_staff(role, kind=kind, resource=resource))
    week = await database.fetchval("SELECT id FROM reminder_rule WHERE days = -7")
    assert (await client.get("/staff/reminders")).status_code == sees
    assert (await client.get(f"/staff/reminders/{week}")).status_code == changes
    seen = version_in((await client.get(f"/staff/reminders/{week}")).text) if changes == 200 else ""
    sent = {**RULE, "amount": "5", "kinds": "workshop", "version": seen}
    answer = await client.post(f"/staff/reminders/{week}", data=sent)
    assert answer.status_code == (303 if changes == 200 else changes)
    assert await database.fetchval("SELECT days FROM reminder_rule WHERE id = $1", week) == (
        -5 if changes == 200 else -7
    )
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'reminder.default_set'") == (
        changes == 200
    )


@pytest.mark.parametrize("whose", ["event", "default", "network"])
async def test_who_saves_after_another_is_told_and_keeps_what_was_typed(staff: httpx.AsyncClient, whose: str) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    rule = await make_rule(event if whose == "event" else None, days=-2)
    path = f"/staff/reminders/{rule}" if whose == "network" else f"{HERE}/{rule}"
    opened = {**RULE, "version": version_in((await staff.get(path)).text)}
    # The words alone: neither when it goes out nor to whom.
    assert (await staff.post(path, data={**opened, **WORDS})).status_code == 303
    mine = {**opened, "subject_en": "Tomorrow: {event}", "body_en": "Dear {given_name}, mine. {link}"}
    told = await staff.post(path, data=mine)
    assert told.status_code == 409
    assert "Someone else has changed this reminder since you opened the page." in told.text
    assert "Dear {given_name}, mine." in told.text
    kept = "SELECT subject_en FROM reminder_rule WHERE subject_en <> ''"
    assert await database.fetchval(kept) == WORDS["subject_en"]
    current = re.search(r'<form id="rule" method="post" action="([^"]+)"', told.text)
    assert current is not None
    assert "your boots" in (await staff.get(current.group(1))).text, "the link beside it shows what the other has saved"
    again = await staff.post(current.group(1), data={**mine, "version": version_in(told.text)})
    assert again.status_code == 303
    assert await database.fetchval(kept) == "Tomorrow: {event}"


@pytest.mark.parametrize("whose", ["event", "network"])
async def test_who_saves_what_another_has_removed_is_told_and_keeps_what_was_typed(
    staff: httpx.AsyncClient, whose: str
) -> None:
    event = await make_event(slug="paja")
    await no_defaults()
    rule = await make_rule(event if whose == "event" else None, days=-2)
    path = f"/staff/reminders/{rule}" if whose == "network" else f"{HERE}/{rule}"
    opened = {**RULE, "version": version_in((await staff.get(path)).text)}
    await database.execute("DELETE FROM reminder_rule")
    told = await staff.post(path, data={**opened, **WORDS})
    assert told.status_code == 409
    assert "Someone else has removed this reminder" in told.text
    assert WORDS["body_en"] in told.text
    current = re.search(r'<form id="rule" method="post" action="([^"]+)"', told.text)
    assert current is not None
    again = await staff.post(current.group(1), data={**opened, **WORDS, "version": ""})
    assert again.status_code == 303
    assert await database.fetchval("SELECT body_en FROM reminder_rule") == WORDS["body_en"]


async def test_a_form_that_says_no_version_changes_no_rule(staff: httpx.AsyncClient) -> None:
    rule = await make_rule(await make_event(slug="paja"), days=-3)
    assert (await staff.post(f"{HERE}/{rule}", data=RULE)).status_code == 409


async def test_a_default_that_is_removed_leaves_what_events_have_set(staff: httpx.AsyncClient) -> None:
    await no_defaults()
    rule = await make_rule(None, days=-5)
    own = await make_rule(await make_event(), days=-4, replaces=rule)
    off = await make_rule(await make_event(), days=-5, replaces=rule, active=False)
    await staff.post(f"/staff/reminders/{rule}/remove", data={})
    rows = await database.fetch("SELECT id, replaces FROM reminder_rule")
    assert [(row["id"], row["replaces"]) for row in rows] == [(own, None)], off


async def test_rules_go_along_with_a_copy_and_a_series(staff: httpx.AsyncClient) -> None:
    event = await make_event(slug="paja", starts_at=NOW + timedelta(days=30), ends_at=NOW + timedelta(days=30, hours=2))
    item = await insert(
        "agenda_item",
        event=event,
        title_fi="Retki",
        starts_at=NOW + timedelta(days=30, hours=1),
        ends_at=NOW + timedelta(days=30, hours=2),
    )
    week = await database.fetchval("SELECT id FROM reminder_rule WHERE days = -7")
    await make_rule(event, anchor="agenda_item", agenda_item=item, minutes=-30, **WORDS)
    await make_rule(event, replaces=week, origin=week, days=-7, active=False)
    await staff.post("/staff/events/paja/copy", data={"day": "2026-12-01", "starts": "09:00"})
    copy = await database.fetchval("SELECT id FROM event WHERE slug <> 'paja'")
    rows = await database.fetch(
        "SELECT rule.replaces, rule.active, rule.minutes, rule.body_en, item.event FROM reminder_rule AS rule"
        " LEFT JOIN agenda_item AS item ON item.id = rule.agenda_item WHERE rule.event = $1 ORDER BY rule.minutes",
        copy,
    )
    assert [tuple(row) for row in rows] == [(None, True, -30, WORDS["body_en"], copy), (week, False, 0, "", None)]
