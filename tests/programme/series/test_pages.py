from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.database import execute, fetch, fetchval
from tests.factories import NOW, make_event, make_person, make_registration, make_staff, sign_in

MONTHLY = {"how": "months", "every": "1", "position": "2", "weekday": "TU", "times": "4", "skipped": ["7"]}
REPEAT = "/staff/events/kokous/repeat"


@pytest.fixture
async def staff(client: AsyncClient) -> AsyncClient:
    await make_event(slug="kokous")
    await sign_in(client, await make_staff("admin"))
    return client


async def post(client: AsyncClient, path: str, data: Mapping[str, Any]) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=dict(data))


async def get(client: AsyncClient, path: str) -> httpx.Response:
    with clock.at(NOW):
        return await client.get(path)


def seen(text: str) -> str:
    return text.split('name="seen" type="hidden" value="')[1].split('"', maxsplit=1)[0]


async def made(client: AsyncClient, answers: Mapping[str, Any] = MONTHLY) -> str:
    """Make a series by its page; returns the path of the series."""
    preview = await post(client, REPEAT, answers)
    answer = await post(client, REPEAT, {**answers, "seen": seen(preview.text), "make": "1"})
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


async def test_the_dates_are_seen_in_words_before_anything_is_made(staff: AsyncClient) -> None:
    assert 'value="TH" checked' not in (await get(staff, REPEAT)).text
    preview = await post(staff, REPEAT, MONTHLY)
    assert preview.status_code == 200
    assert "Tuesday, 13 October 2026" in preview.text
    assert "Every month: Tuesday (the second of the month); not in July" in preview.text
    assert await fetchval("SELECT count(*) FROM event") == 1
    path = await made(staff)
    assert await fetchval("SELECT count(*) FROM event WHERE state = 'draft'") == 4
    text = (await get(staff, f"{path}?made=4")).text
    assert "4 drafts were made" in text
    assert "Every month: Tuesday (the second of the month); not in July" in text


@pytest.mark.parametrize(
    ("answers", "words", "day"),
    [
        ({"position": ["1", "3"]}, "Tuesday (the first and third of the month)", "Tuesday, 6 October 2026"),
        ({"how": "days", "month_day": "31"}, "a month without such a day is left out", "Saturday, 31 October 2026"),
        ({"how": "years"}, "Every year: 1 October", "Friday, 1 October 2027"),
    ],
)
async def test_other_rhythms_are_seen_in_words_too(
    staff: AsyncClient, answers: dict[str, Any], words: str, day: str
) -> None:
    preview = await post(staff, REPEAT, {**MONTHLY, **answers})
    assert preview.status_code == 200
    assert words in preview.text
    assert day in preview.text
    await made(staff, {**MONTHLY, **answers})
    assert await fetchval("SELECT count(*) FROM event WHERE state = 'draft'") >= 3


async def test_other_dates_than_those_seen_are_shown_first(staff: AsyncClient) -> None:
    preview = await post(staff, REPEAT, MONTHLY)
    changed = {**MONTHLY, "times": "6", "seen": seen(preview.text), "make": "1"}
    answer = await post(staff, REPEAT, changed)
    assert answer.status_code == 200
    assert await fetchval("SELECT count(*) FROM event") == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"how": "weeks", "weekdays": []}, "weekdays"),
        ({"times": ""}, "until"),
        ({"times": "many"}, "times"),
        ({"times": "0"}, "times"),
        ({"until": "2027-01-01"}, "times"),
        ({"until": "2026-02-30", "times": ""}, "until"),
        ({"every": "0"}, "every"),
        ({"every": "53"}, "every"),
        ({"skipped": [str(month) for month in range(1, 13)]}, "skipped"),
        ({"left_out": "huomenna"}, "left_out"),
        ({"how": "dates", "dates": ""}, "dates"),
        ({"how": "dates", "dates": "31.2.2027, 99.99.9999 ²"}, "dates"),
        ({"how": "never"}, "how"),
        ({"position": "7"}, "position"),
        ({"position": []}, "position"),
        ({"how": "days", "month_day": ""}, "month_day"),
        ({"how": "days", "month_day": "32"}, "month_day"),
        ({"how": "days", "month_day": "31", "skipped": ["1", "3", "5", "7", "8", "10", "12"]}, "month_day"),
        ({"weekday": "XX"}, "weekday"),
    ],
)
async def test_a_wrong_answer_is_said_beside_its_field(staff: AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await post(staff, REPEAT, {**MONTHLY, **change, "make": "1"})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert await fetchval("SELECT count(*) FROM event") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"how": "weeks", "weekdays": ["MO", "TU", "WE"], "times": "", "until": "2030-01-01"},
        {"until": "2026-09-01", "times": ""},
        {"how": "dates", "dates": "1.10.2026"},
        {"until": "9999-12-31", "times": "", "every": "52"},
    ],
    ids=["too many", "none", "its own date", "the end of time"],
)
async def test_what_gives_no_dates_or_too_many_is_said(staff: AsyncClient, change: dict[str, Any]) -> None:
    answer = await post(staff, REPEAT, {**MONTHLY, **change})
    assert answer.status_code in {200, 422}
    assert await fetchval("SELECT count(*) FROM event") == 1


async def test_picked_dates_make_a_series_too(staff: AsyncClient) -> None:
    await made(staff, {"how": "dates", "dates": "8.10.2026\n2026-11-05, 8.10.2026"})
    days = [f"{row['series_day']}" for row in await fetch("SELECT series_day FROM event ORDER BY 1")]
    assert days == ["2026-10-01", "2026-10-08", "2026-11-05"]


async def test_an_edit_asks_for_which_events_it_is(staff: AsyncClient) -> None:
    assert 'name="scope"' not in (await get(staff, "/staff/events/kokous/edit/follow-up")).text
    await made(staff)
    assert 'name="scope"' in (await get(staff, "/staff/events/kokous/edit/follow-up")).text
    answer = await post(
        staff, "/staff/events/kokous/edit/follow-up", {"materials": "Kalvot", "scope": "all", "version": "0"}
    )
    text = (await get(staff, answer.headers["location"])).text
    assert "4 other events of the series were changed alike" in text
    assert await fetchval("SELECT count(*) FROM event WHERE materials = 'Kalvot'") == 5
    odd = {"materials": "Toiset", "scope": "everything", "version": "1"}
    assert (await post(staff, "/staff/events/kokous/edit/follow-up", odd)).status_code == 422


async def test_what_another_event_refuses_stands_above_the_form_with_its_date(staff: AsyncClient) -> None:
    await made(staff)
    other = await fetchval("SELECT id FROM event WHERE series_day = '2026-10-13'")
    for _ in range(2):
        await make_registration(other)
    site = await fetchval("SELECT site.id FROM site JOIN event ON event.id = site.event WHERE slug = 'kokous'")
    sent = {"sites-0-id": str(site), "sites-0-mode": "venue", "sites-0-name": "Sali", "sites-0-capacity": "1"}
    answer = await post(staff, "/staff/events/kokous/edit/sites", {**sent, "scope": "all", "version": "0"})
    assert answer.status_code == 422
    assert "13 October 2026: 2 places are taken already." in answer.text
    assert await fetchval("SELECT count(*) FROM site WHERE capacity = 1") == 0


async def test_taking_away_says_beforehand_what_it_does(staff: AsyncClient) -> None:
    path = await made(staff)
    answer = await post(staff, f"{path}/publish", {})
    assert "4 events were published" in (await get(staff, answer.headers["location"])).text
    first = await fetchval("SELECT id FROM event WHERE slug = 'kokous'")
    for state in ("confirmed", "waitlisted"):
        await make_registration(first, state=state)
    await make_registration(first, person=await make_person(email=None))
    text = (await get(staff, "/staff/events/kokous/remove")).text
    said = "2 messages are sent, 1 of them takes the event out of a calendar; 1 person has no e-mail address and must"
    assert f"1 event is cancelled, {said}" in text
    assert f"5 events are cancelled, {said}" in text
    assert "2 reminders will not go out" in text
    assert "10 reminders will not go out" in text
    long = await post(staff, "/staff/events/kokous/remove", {"scope": "all", "words": "x" * 2001})
    assert long.status_code == 422
    assert 'value="all" checked' in long.text
    assert "x" * 2001 in long.text
    assert (await post(staff, "/staff/events/kokous/remove", {"scope": "x"})).headers["location"].endswith("/remove")
    answer = await post(staff, "/staff/events/kokous/remove", {"scope": "following", "words": "Sorry"})
    assert "5 events were cancelled" in (await get(staff, answer.headers["location"])).text
    assert await fetchval("SELECT count(*) FROM event WHERE cancel_words = 'Sorry'") == 5


async def test_publishing_a_series_says_beforehand_what_to_mend_in_which_event(staff: AsyncClient) -> None:
    await execute("UPDATE event SET title_fi = ''")
    path = await made(staff)
    assert f'href="{path}/publish"' in (await get(staff, path)).text
    second = "SELECT id FROM event WHERE series_day = '2026-11-10'"
    await execute(f"UPDATE event SET registration_closes_at = '2026-09-01' WHERE id = ({second})")
    text = (await get(staff, f"{path}/publish")).text
    assert "Publish 4 events?" in text
    assert "Tuesday, 10 November 2026" in text
    in_all = text.split("There is no Finnish title.")[1].split("</li>")[0]
    assert "In all 4 events" in in_all
    in_one = text.split("The time for registering is over already.")[1].split("</li>")[0]
    assert "10/11/2026" in in_one
    assert await fetchval("SELECT count(*) FROM event WHERE state = 'draft'") == 4, "nothing was published yet"
    await post(staff, f"{path}/publish", {})
    assert "no draft that is still to come" in (await get(staff, f"{path}/publish")).text


async def test_a_series_of_drafts_can_be_deleted_to_the_last(staff: AsyncClient) -> None:
    await made(staff)
    await fetchval("UPDATE event SET state = 'draft' RETURNING id")
    assert (await post(staff, "/staff/events/kokous/remove", {"scope": "all"})).headers["location"] == "/staff/events"
    assert await fetchval("SELECT count(*) FROM event") == 0


async def test_others_find_neither_the_series_nor_its_forms(staff: AsyncClient, client: AsyncClient) -> None:
    path = await made(staff)
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    for page in (path, f"{path}/publish", REPEAT, "/staff/events/kokous/remove"):
        assert (await get(client, page)).status_code == 404, page
    for page in (f"{path}/publish", REPEAT, "/staff/events/kokous/remove"):
        assert (await post(client, page, MONTHLY)).status_code == 404, page
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    assert (await get(client, path)).status_code == 200
    alone = await get(client, "/staff/events/kokous/remove".replace("kokous", "x"))
    assert alone.status_code == 404


@pytest.mark.parametrize("day", ["1.1.0001", "22.9.0026", "31.12.9999"])
async def test_a_year_that_nobody_means_is_no_date(staff: AsyncClient, day: str) -> None:
    picked = await post(staff, REPEAT, {**MONTHLY, "how": "dates", "dates": day})
    assert picked.status_code == 422
    assert f"Not a date: {day}" in picked.text
    times = {"day": day, "starts": "9.00", "zone": "Europe/Helsinki"}
    copied = await post(staff, "/staff/events/kokous/copy", times)
    assert copied.status_code == 422
    assert "There is no such date" in copied.text
    assert await fetchval("SELECT count(*) FROM event") == 1


async def test_an_event_at_the_end_of_all_days_is_repeated_as_far_as_they_go(staff: AsyncClient) -> None:
    await execute("UPDATE event SET starts_at = '9999-12-01 23:30+00', ends_at = '9999-12-02 00:30+00'")
    answer = await post(staff, REPEAT, {**MONTHLY, "how": "weeks", "weekdays": "FR"})
    assert answer.status_code in {200, 422}
