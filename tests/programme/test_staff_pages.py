import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.database import fetchrow, fetchval
from events.programme.imports.columns import COLUMNS
from tests.factories import NOW, fund, insert, make_event, make_registration, make_staff, sign_in
from tests.programme.imports.test_imports import GOOD, HEAD, SAMPLE

ANSWERS = {
    "kind": "workshop",
    "title": "Paja",
    "day": "2026-10-01",
    "starts": "09:00",
    "ends": "15:00",
    "region": "05",
    "venue": "Verkatehdas, Hämeenlinna",
    "online": "y",
    "places": "40",
}


@pytest.fixture
async def staff(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("admin", name="Aila Admin"))
    return client


async def post(client: AsyncClient, path: str, data: dict[str, Any], **more: Any) -> httpx.Response:
    with clock.at(NOW):
        return await client.post(path, data=data, **more)


async def get(client: AsyncClient, path: str) -> httpx.Response:
    with clock.at(NOW):
        return await client.get(path)


async def version(slug: str) -> str:
    return str(await fetchval("SELECT version FROM event WHERE slug = $1", slug))


async def test_four_answers_make_a_draft_that_opens_on_publishing(staff: AsyncClient) -> None:
    answer = await post(staff, "/staff/events/new", ANSWERS)
    assert answer.status_code == 303
    path = answer.headers["location"]
    text = (await get(staff, path)).text
    assert f"{path}/publish" in text
    assert "Verkatehdas, Hämeenlinna" in text
    assert "Aila Admin" in text
    row = await fetchrow("SELECT * FROM event")
    assert row is not None
    assert (row["title_en"], row["state"], row["starts_at"].isoformat()) == (
        "Paja",
        "draft",
        "2026-10-01T06:00:00+00:00",
    )
    assert await fetchval("SELECT municipality FROM site WHERE mode = 'venue'") == "109"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends": "08:00"}, "ends"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": ""}, "day"),
        ({"starts": "25:00"}, "starts"),
        ({"day": "2027-03-28", "starts": "03:30"}, "starts"),
        ({"places": "-1"}, "places"),
        ({"places": "many"}, "places"),
        ({"region": "20"}, "region"),
        ({"kind": "party"}, "kind"),
        ({"title": " \u200b "}, "title"),
        ({"title": "P" * 201}, "title"),
        ({"venue": "", "online": "", "places": ""}, "venue"),
        ({"last_day": "2026-09-30"}, "ends"),
    ],
)
async def test_a_wrong_answer_is_said_beside_its_field(staff: AsyncClient, change: dict[str, str], field: str) -> None:
    sent = {name: value for name, value in {**ANSWERS, **change}.items() if name != "online" or value}
    answer = await post(staff, "/staff/events/new", sent)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert await fetchval("SELECT count(*) FROM event") == 0


async def test_the_list_and_the_pages_show_only_what_one_may_edit(client: AsyncClient) -> None:
    await make_event(slug="mine", title_en="Mine", host_region="05")
    await make_event(slug="other", title_en="Other", host_region="06")
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    text = (await get(client, "/staff/events")).text
    assert "Mine" in text
    assert "Other" not in text
    for path in ("", "/edit/texts", "/publish", "/cancel", "/copy", "/delete"):
        assert (await get(client, f"/staff/events/mine{path}")).status_code == (409 if path == "/delete" else 200), path
        assert (await get(client, f"/staff/events/other{path}")).status_code == 404, path
    for path in ("/edit/texts", "/publish", "/cancel", "/copy", "/delete"):
        assert (await post(client, f"/staff/events/other{path}", {})).status_code == 404, path


async def test_strangers_are_sent_away(client: AsyncClient) -> None:
    for path in ("/staff/events", "/staff/events/new", "/staff/events/import"):
        assert (await get(client, path)).status_code in {303, 401}


async def test_the_page_says_what_the_event_waits_for(staff: AsyncClient) -> None:
    event = await make_event(slug="paja")
    for _ in range(3):
        await make_registration(event, state="awaiting_approval")
    await make_registration(event)
    assert "3 to approve" in (await get(staff, "/staff/events/paja")).text
    await staff.get("/")
    with clock.at(NOW + timedelta(days=31)):
        text = (await staff.get("/staff/events/paja")).text
    assert "1 without attendance" in text


@pytest.mark.parametrize(
    ("card", "data", "expected"),
    [
        (
            "texts",
            {"title_fi": "Uusi", "description_fi": "# A", "title_en": ""},
            {"title_fi": "Uusi", "description_fi": "# A", "title_en": ""},
        ),
        (
            "registration",
            {"waiting_list": "none", "needs_approval": "y"},
            {"waiting_list": "none", "needs_approval": True},
        ),
        (
            "contact",
            {"languages": ["sv", "en"], "contact_name": "Aino"},
            {"languages": ["sv", "en"], "contact_name": "Aino"},
        ),
        ("follow-up", {"invitation_reminders": ["1440"]}, {"invitation_reminders": [1440], "survey_enabled": False}),
        (
            "subject",
            {"kind": "meeting", "region": "06", "projects": "SIXNET"},
            {"kind": "meeting", "host_region": "06"},
        ),
    ],
)
async def test_each_card_is_saved(
    staff: AsyncClient, card: str, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    await make_event(slug="paja")
    assert (await get(staff, f"/staff/events/paja/edit/{card}")).status_code == 200
    answer = await post(staff, f"/staff/events/paja/edit/{card}", {**data, "version": "0"})
    assert answer.status_code == 303
    row = await fetchrow("SELECT * FROM event")
    assert row is not None
    assert {name: row[name] for name in expected} == expected
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'event.edited'") == 1


async def test_an_online_meeting_without_a_link_is_something_to_do(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", online=True)
    await database.execute("UPDATE site SET join_url = '' WHERE event = $1", event)
    assert "The link of the online meeting is missing" in (await get(staff, "/staff/events/paja")).text
    await database.execute("UPDATE site SET join_url = 'https://meet.example/x' WHERE event = $1", event)
    assert "The link of the online meeting is missing" not in (await get(staff, "/staff/events/paja")).text


async def test_how_long_places_are_held_can_be_set_and_stays_within_reason(staff: AsyncClient) -> None:
    event = await make_event(slug="paja")
    here = "/staff/events/paja/edit/registration"
    wrong = await post(
        staff, here, {"waiting_list": "offer", "offer_hours": "0", "address_hours": "-1", "version": "0"}
    )
    assert wrong.status_code == 422
    assert wrong.text.count("Give a number of hours from 1 to 336.") >= 2
    await post(staff, here, {"waiting_list": "offer", "offer_hours": "12", "address_hours": "2", "version": "0"})
    row = await database.fetchrow("SELECT waiting_list, offer_hours, address_hours FROM event WHERE id = $1", event)
    assert row
    assert tuple(row) == ("offer", 12, 2)


async def test_a_form_that_was_overtaken_keeps_what_was_typed(staff: AsyncClient) -> None:
    await make_event(slug="paja")
    await post(staff, "/staff/events/paja/edit/texts", {"title_fi": "Ensimmäinen", "version": "0"})
    answer = await post(staff, "/staff/events/paja/edit/texts", {"title_fi": "Toinen", "version": "0"})
    assert answer.status_code == 409
    assert 'value="Toinen"' in answer.text
    assert await fetchval("SELECT title_fi FROM event") == "Ensimmäinen"
    assert (
        await post(staff, "/staff/events/paja/edit/texts", {"title_fi": "Toinen", "version": "1"})
    ).status_code == 303


async def test_times_are_read_in_the_events_zone(staff: AsyncClient) -> None:
    await make_event(slug="paja")
    times = {"day": "1.10.2026", "starts": "9.00", "ends": "10:30", "zone": "Europe/Stockholm", "version": "0"}
    assert (await post(staff, "/staff/events/paja/edit/times", times)).status_code == 303
    assert (await fetchval("SELECT starts_at FROM event")).isoformat() == "2026-10-01T07:00:00+00:00"
    for bad in ({"ends": "08:00"}, {"zone": "Mars/Olympus"}, {"day": "2026-03-29", "starts": "02:30"}):
        answer = await post(staff, "/staff/events/paja/edit/times", {**times, **bad, "version": "1"})
        assert answer.status_code == 422, bad


async def test_sites_are_added_changed_and_removed(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", capacity=2)
    await make_registration(event)
    site = await fetchval("SELECT id FROM site")
    first = {"sites-0-id": str(site), "sites-0-mode": "venue", "sites-0-name": "Sali", "sites-0-capacity": "0"}
    answer = await post(staff, "/staff/events/paja/edit/sites", {**first, "version": "0"})
    assert answer.status_code == 422
    assert 'id="sites-0-capacity-error"' in answer.text
    more = {"sites-0-capacity": "9", "sites-1-mode": "online", "sites-1-join_url": "https://meet.example/x"}
    assert (await post(staff, "/staff/events/paja/edit/sites", {**first, **more, "version": "0"})).status_code == 303
    assert await fetchval("SELECT count(*) FROM site") == 2
    removed = {**first, "sites-0-capacity": "9", "sites-0-remove": "y", "sites-1-mode": "online", "version": "1"}
    answer = await post(staff, "/staff/events/paja/edit/sites", removed)
    assert answer.status_code == 422
    bad_link = {**first, "sites-0-capacity": "9", "sites-0-join_url": "javascript:alert(1)", "version": "1"}
    assert (await post(staff, "/staff/events/paja/edit/sites", bad_link)).status_code == 422


async def test_publishing_warns_of_missing_marks_and_cancelling_says_to_how_many(staff: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft")
    project = await fetchval("UPDATE project SET emblem = NULL WHERE code = 'SIXNET' RETURNING id")
    await insert("event_project", event=event, project=project)
    assert "has no emblem or no statement" in (await get(staff, "/staff/events/paja/publish")).text
    assert (await post(staff, "/staff/events/paja/publish", {})).status_code == 303
    await make_registration(event)
    assert "1 person will be written to" in (await get(staff, "/staff/events/paja/cancel")).text
    answer = await post(staff, "/staff/events/paja/cancel", {})
    assert answer.headers["location"].endswith("told=1")
    assert (await post(staff, "/staff/events/paja/edit/texts", {"title_fi": "X", "version": "1"})).status_code == 409


@pytest.mark.parametrize(("role", "led"), [("coordinator", True), ("organiser", False)])
async def test_only_who_can_add_the_marks_of_a_project_is_led_there(client: AsyncClient, role: str, led: bool) -> None:
    event = await make_event(slug="paja", state="draft")
    project = await fetchval("UPDATE project SET emblem = NULL WHERE code = 'SIXNET' RETURNING id")
    await insert("event_project", event=event, project=project)
    await sign_in(client, await make_staff(role))
    for path in ("", "/publish"):
        page = (await get(client, f"/staff/events/paja{path}")).text.split("<main")[1]
        assert "has no emblem or no statement" in page
        assert ('href="/staff/projects"' in page) == led
        assert ("The coordinator can add them." in page) == (not led)
    assert ((await get(client, "/staff/projects")).status_code == 200) == led


@pytest.mark.parametrize(
    ("capacity", "waiting_list", "said"),
    [(2, "automatic", True), (None, "offer", True), (1, "automatic", False), (2, "by_hand", False)],
)
async def test_who_waits_while_places_are_free_is_said_to_get_one(
    staff: AsyncClient, capacity: int | None, waiting_list: str, *, said: bool
) -> None:
    event = await make_event(slug="paja", capacity=1, waiting_list=waiting_list)
    await make_registration(event)
    await make_registration(event, state="waitlisted")
    await database.execute("UPDATE site SET capacity = $1", capacity)
    page = (await get(staff, "/staff/events/paja")).text
    assert "1 in line" in page
    assert ("the free places go to them in a moment" in page) == said


async def test_the_page_says_that_reminders_and_feedback_follow_a_new_kind(staff: AsyncClient) -> None:
    await make_event(slug="paja")
    sent = {"kind": "experience_exchange", "region": "06", "version": "0"}
    kept = await post(staff, "/staff/events/paja/edit/subject", sent)
    page = (await get(staff, kept.headers["location"])).text
    assert "those of the new kind" not in page
    assert kept.headers["location"].endswith("#subject")
    assert "Saved" in page.split('id="subject"')[1].split("</section>")[0]
    answer = await post(staff, "/staff/events/paja/edit/subject", {**sent, "kind": "meeting", "version": "1"})
    followed = await post(staff, "/staff/events/paja/edit/subject", {**sent, "kind": "workshop", "version": "2"})
    assert "#" not in followed.headers["location"]
    assert answer.status_code == followed.status_code == 303
    assert "those of the new kind" in (await get(staff, followed.headers["location"])).text


async def test_the_errors_of_a_new_event_are_named_in_the_order_of_its_questions(staff: AsyncClient) -> None:
    page = (await post(staff, "/staff/events/new", {"places": "-1"})).text
    summary = page.split('id="error-summary"')[1].split("</section>")[0]
    assert re.findall('href="#([a-z]+)', summary) == ["kind", "title", "day", "starts", "ends", "region", "places"]


async def test_a_copy_and_a_deletion(staff: AsyncClient) -> None:
    await make_event(slug="paja")
    assert (await post(staff, "/staff/events/paja/copy", {"day": "2026-02-30", "starts": "9.00"})).status_code == 422
    answer = await post(staff, "/staff/events/paja/copy", {"day": "2026-12-01", "starts": "9.00"})
    copied = answer.headers["location"]
    assert (await get(staff, copied)).status_code == 200
    assert f'<a role="button" class="danger outline" href="{copied}/delete">' in (await get(staff, copied)).text
    asked = await get(staff, f"{copied}/delete")
    assert "Delete the draft?" in asked.text
    assert "Tampere-talo" in asked.text
    assert (await post(staff, f"{copied}/delete", {})).status_code == 303
    assert (await get(staff, copied)).status_code == 404
    assert (await get(staff, "/staff/events/paja/delete")).status_code == 409
    assert (await post(staff, "/staff/events/paja/delete", {})).status_code == 409


async def test_a_file_is_looked_at_before_it_is_imported(staff: AsyncClient) -> None:
    answer = await post(staff, "/staff/events/import", {}, files={"file": ("programme.csv", SAMPLE.read_bytes())})
    assert "Line 8" in answer.text
    assert await fetchval("SELECT count(*) FROM event") == 0
    content = answer.text.split('name="content" value="')[1].split('"')[0]
    answer = await post(staff, "/staff/events/import", {"content": content, "name": "programme.csv"})
    assert "6 new events" in answer.text
    assert await fetchval("SELECT count(*) FROM event") == 6


async def test_the_page_of_the_import_explains_every_column_and_has_a_sample_that_is_taken(staff: AsyncClient) -> None:
    page = (await get(staff, "/staff/events/import")).text
    rows = re.findall(r'<th scope="row" role="rowheader">(\w+) \(', page)
    assert rows == [column.name for column in COLUMNS]
    for words in ("työpaja", "erfarenhetsutbyte", "2027-09-16 09:00", "16.09.2027 09.00", "06 = Pirkanmaa"):
        assert words in page
    wrong = await post(staff, "/staff/events/import", {}, files={"file": ("x.csv", b"a,b\n1,2\n")})
    assert "kind, title_fi, starts, ends, region" in wrong.text
    assert 'href="/staff/events/import/sample.csv"' in wrong.text
    sample = await get(staff, "/staff/events/import/sample.csv")
    answer = await post(staff, "/staff/events/import", {}, files={"file": ("programme.csv", sample.content)})
    assert "2 new events" in answer.text
    assert "0 rows that cannot be taken" in answer.text


async def test_the_sample_is_of_a_region_in_which_one_may_make_events(client: AsyncClient) -> None:
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    sample = await get(client, "/staff/events/import/sample.csv")
    answer = await post(client, "/staff/events/import", {}, files={"file": ("programme.csv", sample.content)})
    assert "2 new events" in answer.text
    bad = sample.content.replace(b";05;", b";06;")
    refused = await post(client, "/staff/events/import", {}, files={"file": ("programme.csv", bad)})
    assert "<h2>No row could be imported</h2>" in refused.text


@pytest.mark.parametrize("content", [b"", b"\x89PNG\x00", (HEAD + GOOD).encode() * 20_000])
async def test_a_file_that_cannot_be_read_is_said_to_be(staff: AsyncClient, content: bytes) -> None:
    answer = await post(staff, "/staff/events/import", {}, files={"file": ("x.csv", content)})
    assert answer.status_code in {413, 422}
    broken = await post(staff, "/staff/events/import", {"content": "no base64!"})
    assert broken.status_code == 400


@pytest.mark.parametrize("path", ["publish", "edit/texts", "cancel", "copy", "import", "people", "registrations"])
async def test_a_title_in_another_language_is_marked_on_the_way_back(staff: AsyncClient, path: str) -> None:
    await make_event(slug="paja", title_fi="Paja", title_sv="", title_en="")
    text = (await get(staff, f"/staff/events/paja/{path}")).text
    assert '<a href="/staff/events/paja" lang="fi">Paja</a>' in text


async def test_the_name_of_a_project_carries_its_language(staff: AsyncClient) -> None:
    await fund(await make_event(slug="paja", state="draft"), emblem=None)
    for path, marked in (
        ("/staff/events/paja", '<span lang="fi">Kuusi verkkoa</span>'),
        ("/staff/events/paja/publish", '<span lang="fi">Kuusi verkkoa</span>'),
        ("/staff/projects", '<p lang="fi">Kuusi verkkoa</p>'),
        ("/staff/events/paja/registrations", '<strong lang="fi">Kuusi verkkoa</strong>'),
    ):
        assert marked in (await get(staff, path)).text, path


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Draft", "Coming", "Held"}),
        ("show=draft", {"Draft"}),
        ("show=coming", {"Coming"}),
        ("show=past", {"Held", "Reconciled"}),
        ("show=reconciled", {"Reconciled"}),
        ("show=cancelled", {"Called off"}),
        ("show=archived", {"Archived one"}),
        ("show=all", {"Draft", "Coming", "Held", "Reconciled", "Called off", "Archived one"}),
        ("show=all&region=05", {"Coming"}),
        ("show=all&kind=meeting", {"Held"}),
        ("show=all&from=2026-10-02", {"Coming"}),
        ("show=all&to=2026-08-30", {"Held", "Reconciled", "Archived one"}),
        ("show=all&q=called", {"Called off"}),
        ("show=all&q=coming&region=06", {"Coming"}),
        ("show=all&q=coming&region=19", set()),
        ("show=nonsense&from=tomorrow&to=%00&region=%00&kind=party", {"Draft", "Coming", "Held"}),
    ],
)
async def test_the_list_is_narrowed_by_state_region_kind_day_and_words(
    staff: AsyncClient, query: str, shown: set[str]
) -> None:
    over = {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=2)}
    await make_event(title_en="Draft", state="draft")
    later = {"starts_at": NOW + timedelta(days=31), "ends_at": NOW + timedelta(days=32)}
    await make_event(title_en="Coming", host_region="05", **later)
    await make_event(title_en="Held", kind="meeting", **over)
    await make_event(title_en="Reconciled", reconciled_at=NOW, **over)
    await make_event(title_en="Called off", state="cancelled")
    await make_event(title_en="Archived one", reconciled_at=NOW, archived_at=NOW, **over)
    text = (await get(staff, f"/staff/events?{query}")).text
    assert set(re.findall(r'<a href="/staff/events/event-[^>]*>([^<]+)</a>', text)) == shown


async def test_the_pages_of_the_list_keep_what_was_chosen(staff: AsyncClient) -> None:
    for _number in range(31):
        await make_event(host_region="05", kind="meeting")
    text = (await get(staff, "/staff/events?show=coming&region=05&kind=meeting&from=2026-09-01&q=test")).text
    path = "/staff/events?show=coming&amp;q=test&amp;region=05&amp;kind=meeting&amp;from=2026-09-01&amp;page=2"
    assert path in text
    assert (await get(staff, path.replace("&amp;", "&"))).text.count('href="/staff/events/event-') == 1
