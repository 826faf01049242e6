import json
import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from events.core import clock
from tests.factories import NOW, insert, make_event, make_registration, make_staff, sign_in

SOON = {"starts_at": NOW + timedelta(days=3), "ends_at": NOW + timedelta(days=3, hours=6)}
LATER = {"starts_at": NOW + timedelta(days=40), "ends_at": NOW + timedelta(days=40, hours=6)}
OVER = {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=3) + timedelta(hours=6)}


async def page(client: AsyncClient, path: str, language: str = "en") -> str:
    with clock.at(NOW):
        answer = await client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.text


async def test_the_front_page_lists_coming_events_by_start(client: AsyncClient) -> None:
    await make_event(title_en="Later", **LATER)
    await make_event(title_en="Sooner", **SOON)
    await make_event(title_en="Over", **OVER)
    await make_event(title_en="Hidden", state="draft")
    text = await page(client, "/")
    assert 0 < text.index("Sooner") < text.index("Later")
    assert "Over" not in text
    assert "Hidden" not in text
    assert "Over" in await page(client, "/?past=1")


async def test_each_filter_narrows_the_list(client: AsyncClient) -> None:
    await make_event(title_en="Alpha", host_region="05", kind="meeting", **SOON)
    beta = await make_event(title_en="Beta", **LATER)
    await insert("event_theme", event=beta, theme="low-carbon")
    for query, shown, hidden in (
        ("region=05", "Alpha", "Beta"),
        ("kind=workshop", "Beta", "Alpha"),
        ("theme=low-carbon", "Beta", "Alpha"),
        ("month=2026-09", "Alpha", "Beta"),
        ("month=2026-10&kind=workshop", "Beta", "Alpha"),
    ):
        text = await page(client, f"/?{query}")
        assert shown in text, query
        assert hidden not in text, query
    assert "No event fits" in await page(client, "/?kind=meeting&region=19")


@pytest.mark.parametrize(
    "query",
    [
        "region=%00",
        "kind=party",
        "month=2026-13",
        "month=0000-01",
        "page=0",
        "page=99999",
        "page=-1",
        "theme=%ED%A0%80",
    ],
)
async def test_a_filter_that_makes_no_sense_breaks_nothing(client: AsyncClient, query: str) -> None:
    await page(client, f"/?{query}")


async def test_many_events_come_in_pages_that_keep_the_filters(client: AsyncClient) -> None:
    for number in range(21):
        await make_event(title_en=f"Event number {number}", kind="meeting", **SOON)
    text = await page(client, "/?kind=meeting")
    assert text.count("Event number") == 20
    assert "/?kind=meeting&amp;page=2" in text
    assert (await page(client, "/?kind=meeting&page=2")).count("Event number") == 1


async def test_the_map_counts_what_is_coming_in_each_region(client: AsyncClient) -> None:
    await make_event(host_region="05", **SOON)
    await make_event(host_region="05", **LATER)
    await make_event(host_region="19", state="cancelled", **SOON)
    text = await page(client, "/?region=06&kind=workshop", "fi")
    tile = text.split('class="region-05"')[1].split("</li>")[0]
    assert "region=05&amp;kind=workshop" in tile
    assert "<b>2</b>" in tile
    assert "Kanta-Häme" in tile
    assert "<b></b>" in text.split('class="region-19"')[1].split("</li>")[0]
    assert len(re.findall(r'<li class="region-\d\d"', text)) == 19


async def test_a_road_show_stands_in_every_region_where_it_stops(client: AsyncClient) -> None:
    event = await make_event(slug="kiertue", title_en="Road show", host_region="05", **SOON)
    for position, town in enumerate(("564", "405"), 1):
        await insert("site", event=event, mode="venue", name=f"Stop {position}", municipality=town, position=position)
    for region in ("05", "06", "17", "09"):
        assert "Road show" in await page(client, f"/?region={region}"), region
        assert "Road show" in (await client.get(f"/calendar.ics?region={region}&language=en")).text, region
    text = await page(client, "/?region=19", "fi")
    assert "No event fits" in await page(client, "/?region=19")
    for region in ("05", "06", "17", "09"):
        assert "<b>1</b>" in text.split(f'class="region-{region}"')[1].split("</li>")[0], region
    links = re.findall(r'href="/\?region=(\d\d)"', await page(client, "/events/kiertue"))
    assert links == ["05", "06", "09", "17"], "the host first"


async def test_names_of_places_follow_the_language(client: AsyncClient) -> None:
    event = await make_event(slug="paja", host_region="15", **SOON)
    await insert("site", event=event, mode="venue", name="Wasa Station", municipality="905", position=2)
    text = await page(client, "/events/paja", "sv")
    assert "Österbotten" in text
    assert "Wasa Station, Vasa" in text
    assert "Pohjanmaa" in await page(client, "/events/paja", "fi")


async def test_a_title_in_another_language_says_so_on_the_list(client: AsyncClient) -> None:
    await make_event(title_fi="Paja", title_sv="", title_en="")
    await make_event(title_fi="", title_sv="", title_en="Workshop")
    text = await page(client, "/")
    assert re.search(r'lang="fi">Paja</a> <small[^>]*>\(in Finnish\)</small>', text)
    assert text.count("(in ") == 1


async def test_text_in_another_language_says_so(client: AsyncClient) -> None:
    await make_event(slug="paja", title_sv="", description_fi="Tervetuloa", description_sv="", **SOON)
    text = await page(client, "/events/paja", "sv")
    assert '<h1 lang="fi">Testipaja</h1>' in text
    assert '<div lang="fi"><p>Tervetuloa</p>' in text
    assert text.count("Endast på finska") == 2
    assert 'lang="fi">' not in (await page(client, "/events/paja", "fi")).split("<main")[1]


@pytest.mark.parametrize(
    ("columns", "capacity", "shown"),
    [
        ({}, 50, "Register"),
        ({}, None, "Register"),
        ({}, 0, "Join the waiting list"),
        ({"waiting_list": "none"}, 0, "Full"),
        ({"registration_opens_at": NOW + timedelta(days=1)}, 50, "Registration opens on Wednesday"),
        ({"registration_closes_at": NOW - timedelta(days=1)}, 50, "Registration has closed"),
        ({"state": "cancelled"}, 50, "The event has been cancelled"),
        (OVER, 50, "The event has been held"),
    ],
)
async def test_the_button_to_register_stands_there_or_the_reason_why_not(
    client: AsyncClient, columns: dict[str, Any], capacity: int | None, shown: str
) -> None:
    await make_event(slug="paja", capacity=capacity, **{**SOON, **columns})
    text = await page(client, "/events/paja")
    assert shown in text
    assert ('href="/events/paja/register"' in text) == (shown in {"Register", "Join the waiting list"})


async def test_places_left_are_told_per_site(client: AsyncClient) -> None:
    event = await make_event(slug="paja", capacity=2, online=True, **SOON)
    await make_registration(event)
    text = await page(client, "/events/paja")
    assert "1 place left" in text
    assert "Places for everyone" in text
    await make_registration(event)
    await make_registration(event, state="waitlisted")
    text = await page(client, "/events/paja")
    assert "Full, waiting list open" in text
    assert "(1 in line)" in text
    assert "meet.example" not in text


async def test_structured_data_tells_search_engines_and_can_end_no_script(client: AsyncClient) -> None:
    await make_event(
        slug="paja", online=True, title_en="</script><script>alert(1)</script>", languages=["fi", "sv"], **SOON
    )
    text = await page(client, "/events/paja")
    data = text.split('<script type="application/ld+json">')[1].split("</script>")[0]
    described = json.loads(data)
    assert described["name"] == "</script><script>alert(1)</script>"
    assert described["startDate"] == "2026-09-04T12:00:00+03:00"
    assert described["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in described["location"]] == ["Place", "VirtualLocation"]
    assert described["location"][0]["address"]["addressLocality"] == "Tampere"
    assert described["offers"]["availability"] == "https://schema.org/InStock"
    assert "meet.example" not in text
    assert "<script>alert" not in text


async def test_a_description_is_markdown_and_nothing_worse(client: AsyncClient) -> None:
    await make_event(
        slug="paja", description_en="**Welcome** <img src=x onerror=alert(1)> ![x](https://evil.example/x.png)"
    )
    text = await page(client, "/events/paja")
    assert "<strong>Welcome</strong>" in text
    assert "evil.example" not in text
    assert "<img src=x" not in text


async def test_a_draft_is_there_for_its_organisers_alone(client: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft")
    assert (await client.get("/events/paja")).status_code == 404
    await sign_in(client, await make_staff("organiser", kind="event", resource=str(event)))
    assert "This is a draft" in await page(client, "/events/paja")


async def test_no_event_of_that_name_is_not_found(client: AsyncClient) -> None:
    for name in ("nothing", "%00", "Ä", "a" * 200, "..%2f"):
        assert (await client.get(f"/events/{name}")).status_code == 404, name
        assert (await client.get(f"/events/{name}/calendar.ics")).status_code == 404, name


async def test_materials_show_once_the_event_was_held(client: AsyncClient) -> None:
    await make_event(slug="before", materials="[Slides](https://slides.example)", **SOON)
    await make_event(slug="after", materials="[Slides](https://slides.example)", **OVER)
    assert "slides.example" not in await page(client, "/events/before")
    assert "slides.example" in await page(client, "/events/after")
