from datetime import timedelta

import pytest
from httpx import AsyncClient

from events.core import clock
from tests.factories import NOW, insert, make_event

SOON = {"starts_at": NOW + timedelta(days=2), "ends_at": NOW + timedelta(days=2, hours=3)}
LATER = {"starts_at": NOW + timedelta(days=40), "ends_at": NOW + timedelta(days=40, hours=3)}
OVER = {"starts_at": NOW - timedelta(days=400), "ends_at": NOW - timedelta(days=399)}


async def slugs(client: AsyncClient, query: str = "") -> list[str]:
    with clock.at(NOW):
        answer = await client.get(f"/api/v1/events{query}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["total"] == len(body["items"])
    return [item["slug"] for item in body["items"]]


async def test_coming_events_come_by_start_unless_a_span_is_asked(client: AsyncClient) -> None:
    await make_event(slug="later", **LATER)
    await make_event(slug="soon", host_region="05", kind="meeting", **SOON)
    await make_event(slug="over", **OVER)
    await make_event(slug="draft", state="draft", **SOON)
    await make_event(slug="cancelled", state="cancelled", **SOON)
    await insert("event_theme", event=await make_event(slug="themed", **LATER), theme="low-carbon")
    assert await slugs(client) == ["soon", "later", "themed"]
    assert await slugs(client, "?region=05") == ["soon"]
    assert await slugs(client, "?region=06") == ["soon", "later", "themed"], "hosted there, or held there"
    assert await slugs(client, "?theme=low-carbon") == ["themed"]
    assert await slugs(client, "?kind=meeting") == ["soon"]
    assert await slugs(client, "?region=99") == []
    assert await slugs(client, "?from=2020-01-01&to=2025-12-31") == ["over"]
    assert await slugs(client, "?from=2026-09-01T00:00:00%2B03:00&to=2026-09-03") == ["soon"]
    assert await slugs(client, "?to=2026-09-02") == []


async def test_an_event_says_where_and_how_many_but_not_the_link_to_the_meeting(client: AsyncClient) -> None:
    await make_event(slug="paja", host_region="05", online=True, capacity=3, description_en="**Welcome**", **SOON)
    with clock.at(NOW):
        answer = await client.get("/api/v1/events/paja")
    body = answer.json()
    assert (body["region"], body["regions"]) == ("05", ["05", "06"])
    assert (body["title"], body["registration"], body["descriptions"]["en"]) == ("Test workshop", "open", "**Welcome**")
    assert [(site["mode"], site["capacity"], site["left"]) for site in body["sites"]] == [
        ("venue", 3, 3),
        ("online", None, None),
    ]
    assert body["starts_at"] == "2026-09-03T09:00:00Z"
    assert "meet.example" not in answer.text


async def test_drafts_and_strange_names_are_not_found(client: AsyncClient) -> None:
    await make_event(slug="draft", state="draft")
    for name in ("draft", "nothing", "%00", "a'b", "%F0%9F"):
        answer = await client.get(f"/api/v1/events/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-30", "from"),
        ("to=tomorrow", "to"),
        ("from=2026-09-01T09:00", "from"),
        ("to=9999-12-31", "to"),
        ("kind=party", "kind"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
    ],
)
async def test_a_bad_filter_is_refused_by_name(client: AsyncClient, query: str, field: str) -> None:
    answer = await client.get(f"/api/v1/events?{query}")
    assert answer.status_code in {400, 422}
    assert field in answer.text


async def test_broken_text_in_a_filter_finds_nothing(client: AsyncClient) -> None:
    assert await slugs(client, "?region=%00&theme=%ED%A0%80") == []
