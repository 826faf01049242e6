from datetime import timedelta

import httpx

from events.core import clock, i18n
from tests import factories
from tests.factories import NOW, insert, make_event, make_registration, make_staff


async def test_the_start_page_shows_what_waits(client: httpx.AsyncClient) -> None:
    await make_event(title_en="Coming workshop", slug="coming")
    await make_event(
        title_en="Held workshop", slug="held", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1)
    )
    await insert("feedback", text="Kontrasti on heikko.", due_at=NOW + timedelta(days=3))
    await factories.sign_in(client, await make_staff("coordinator"))
    with clock.at(NOW):
        text = (await client.get("/staff/")).text
    assert "Coming workshop" in text
    assert "1 event waits for its attendance" in text
    assert "/staff/events/held/attendance" in text
    assert "1 piece of feedback to answer" in text
    assert "Answer by 4 September 2026" in text


async def test_everyone_sees_their_own_events_alone(client: httpx.AsyncClient) -> None:
    mine = await make_event(title_en="My event", host_region="14")
    await make_event(title_en="Region event", host_region="06")
    await make_event(title_en="Other event", host_region="14")
    await make_registration(mine)
    staff = await make_staff("organiser", kind="event", resource=str(mine))
    await insert("staff_grant", staff=staff, role="door", resource_kind="region", resource_id="06")
    await factories.sign_in(client, staff)
    with clock.at(NOW):
        text = (await client.get("/staff/")).text
    assert "My event" in text
    assert "Region event" in text
    assert "Other event" not in text
    assert "1 registered" in text


async def test_a_viewer_with_nothing_to_do_is_told_so(client: httpx.AsyncClient) -> None:
    await make_event(title_en="Some event")
    await factories.sign_in(client, await make_staff("viewer"))
    text = (await client.get("/staff/")).text
    assert "Nothing waits for you at the moment." in text
    assert "Some event" not in text


async def test_the_staff_pages_speak_the_chosen_language(client: httpx.AsyncClient) -> None:
    await factories.sign_in(client, await make_staff("admin"))
    for code, words in (("fi", "Kirjaudu ulos"), ("sv", "Logga ut"), ("en", "Sign out")):
        text = (await client.get(f"/staff/?lang={code}")).text
        assert words in text
        assert f'<html lang="{code}"' in text
    assert i18n.language() == "fi"
