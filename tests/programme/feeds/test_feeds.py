"""What other programs read: the Atom feed, the links that lead to feeds, the words for search engines and sharing."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from httpx import AsyncClient

from events.core import clock
from events.core.actor import SYSTEM
from events.core.links import webcal
from events.programme.actions import EventChanges, cancel_event, edit_event, publish
from events.programme.public_pages import is_kept
from tests.factories import NOW, insert, make_event

ATOM = "{http://www.w3.org/2005/Atom}"
SOON = {"starts_at": NOW + timedelta(days=3), "ends_at": NOW + timedelta(days=3, hours=6)}


async def atom(client: AsyncClient, query: str = "", language: str = "en") -> Element:
    with clock.at(NOW + timedelta(hours=9)):
        answer = await client.get(f"/feed.atom?{query}", headers={"accept-language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return fromstring(answer.content)


def texts(parent: Element, name: str) -> list[str | None]:
    return [each.text for each in parent.findall(f"{ATOM}{name}")]


def entries(feed: Element) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


async def test_the_atom_feed_has_what_the_standard_asks_for(client: AsyncClient) -> None:
    event = await make_event(slug="paja", published_at=NOW, description_en="**Welcome** & <b>", **SOON)
    await insert("event_theme", event=event, theme="low-carbon")
    feed = await atom(client, "language=en")
    (address,) = texts(feed, "id")
    assert address == "http://testserver/feed.atom?language=en"
    assert (texts(feed, "title"), texts(feed, "updated")) == (["SIXNET events"], [NOW.isoformat()])
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "SIXNET"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": address, "alternate": "http://testserver/"}
    (entry,) = feed.findall(f"{ATOM}entry")
    for name in ("id", "title", "updated", "published", "summary"):
        assert len(texts(entry, name)) == 1, name
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")).tzinfo
    assert "Welcome & <b>" in entry.findtext(f"{ATOM}summary", "")
    assert entry.find(f"{ATOM}link").get("href") == "http://testserver/events/paja"  # type: ignore[union-attr]
    assert entry.find(f"{ATOM}category").get("term") == "low-carbon"  # type: ignore[union-attr]


async def test_an_entry_keeps_its_id_and_says_when_it_changed(client: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft", **SOON)
    assert entries(await atom(client)) == []
    await publish(event, actor=SYSTEM, now=NOW)
    seen = []
    for hours, change in enumerate((None, EventChanges(titles={"en": "Moved"}), "cancel"), 1):
        moment = NOW + timedelta(hours=hours)
        if isinstance(change, EventChanges):
            await edit_event(event, change, actor=SYSTEM, now=moment)
        elif change:
            await cancel_event(event, actor=SYSTEM, now=moment)
        (entry,) = (await atom(client)).findall(f"{ATOM}entry")
        seen.append([entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")])
    assert len({identity for identity, _title, _updated in seen}) == 1
    assert [title for _identity, title, _updated in seen] == ["Test workshop", "Moved", "Event cancelled: Moved"]
    assert [updated for _id, _title, updated in seen] == [
        (NOW + timedelta(hours=hours)).isoformat() for hours in (0, 2, 3)
    ]


async def test_each_language_has_a_feed_and_entries_of_its_own(client: AsyncClient) -> None:
    await make_event(title_fi="Paja", title_sv="Verkstad", **SOON)
    finnish, swedish = await atom(client, "language=fi"), await atom(client, "language=sv")
    assert (entries(finnish), entries(swedish)) == (["Paja"], ["Verkstad"])
    one, other = (feed.findtext(f"{ATOM}entry/{ATOM}id") for feed in (finnish, swedish))
    assert one != other
    assert entries(await atom(client, "language=xx", "sv")) == ["Verkstad"]
    calendar = await client.get("/calendar.ics?language=sv", headers={"accept-language": "fi"})
    assert "Verkstad" in calendar.text


async def test_the_feed_takes_the_filters_and_shows_what_is_coming(client: AsyncClient) -> None:
    await make_event(title_en="Here", host_region="05", **SOON)
    await make_event(title_en="There", kind="meeting", **SOON)
    await make_event(title_en="Over", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    await make_event(title_en="Draft", state="draft", **SOON)
    assert sorted(map(str, entries(await atom(client)))) == ["Here", "There"]
    assert entries(await atom(client, "region=05")) == ["Here"]
    assert entries(await atom(client, "kind=meeting&month=2026-09")) == ["There"]
    assert entries(await atom(client, "region=%00&theme=%ED%A0%80")) == []


async def test_no_sign_that_xml_cannot_hold_breaks_the_feed(client: AsyncClient) -> None:
    await make_event(title_en="A\x0bB\ufffe]]> &amp;", description_en="C\x01D", **SOON)
    assert entries(await atom(client)) == ["AB]]> &amp;"]


async def test_readers_find_the_feeds_from_the_pages(client: AsyncClient) -> None:
    await make_event(slug="paja", **SOON)
    for path, feed in (
        ("/?region=06", "/feed.atom?region=06&amp;language=en"),
        ("/events/paja", "/feed.atom?language=en"),
    ):
        text = (await client.get(path)).text
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}"' in text
    assert 'href="/calendar.ics?language=en"' in (await client.get("/")).text


async def test_a_calendar_subscribes_to_what_is_filtered(client: AsyncClient) -> None:
    shown = (await client.get("/?region=06")).text
    assert 'href="webcal://testserver/calendar.ics?region=06&amp;language=en"' in shown
    assert 'href="/calendar.ics?region=06&amp;language=en"' in shown, "who wants them once takes the file"


@pytest.mark.parametrize("address", ["http://testserver/calendar.ics?a=b", "https://testserver/calendar.ics?a=b"])
def test_the_address_to_subscribe_to_is_the_same_but_for_its_scheme(address: str) -> None:
    assert webcal(address) == "webcal://testserver/calendar.ics?a=b"


def test_feeds_are_kept_for_a_second_as_pages_are() -> None:
    assert all(is_kept(path) for path in ("/", "/feed.atom", "/calendar.ics", "/events/paja"))
    assert not any(is_kept(path) for path in ("/events/paja/register", "/staff/events", "/r/x"))


async def test_a_shared_address_introduces_itself(client: AsyncClient) -> None:
    await make_event(slug="paja", **SOON)
    for path, language in (("/events/paja", "sv"), ("/", "sv")):
        text = (await client.get(path, headers={"accept-language": language})).text
        found = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', text))
        assert found["locale"] == "sv_FI"
        assert set(re.findall(r'og:locale:alternate" content="(\w+)"', text)) == {"fi_FI", "en_GB"}
        assert found["url"] == f"http://testserver{path}"
        assert found["title"]
        assert found["description"]
        image = found["image"].removeprefix("http://testserver")
        assert (await client.get(image)).headers["content-type"] == "image/png"


async def described(client: AsyncClient) -> dict[str, Any]:
    with clock.at(NOW):
        text = (await client.get("/events/paja")).text
    found: dict[str, Any] = json.loads(text.split('<script type="application/ld+json">')[1].split("</script>")[0])
    return found


async def test_search_engines_are_told_of_a_new_time_and_of_a_cancellation(client: AsyncClient) -> None:
    event = await make_event(slug="paja", published_at=NOW, **SOON)
    assert (await described(client))["eventStatus"] == "https://schema.org/EventScheduled"
    moved = EventChanges(starts_at=SOON["starts_at"] + timedelta(days=1), ends_at=SOON["ends_at"] + timedelta(days=1))
    await edit_event(event, moved, actor=SYSTEM, now=NOW)
    told = await described(client)
    assert told["eventStatus"] == "https://schema.org/EventRescheduled"
    assert told["previousStartDate"] == "2026-09-04T12:00:00+03:00"
    assert told["startDate"] == "2026-09-05T12:00:00+03:00"
    await cancel_event(event, actor=SYSTEM, now=NOW)
    told = await described(client)
    assert told["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in told


async def test_a_draft_that_is_moved_was_never_announced_for_another_time(client: AsyncClient) -> None:
    event = await make_event(slug="paja", state="draft", **SOON)
    moved = EventChanges(ends_at=NOW + timedelta(days=9), starts_at=NOW + timedelta(days=8))
    await edit_event(event, moved, actor=SYSTEM, now=NOW)
    await publish(event, actor=SYSTEM, now=NOW)
    assert (await described(client))["eventStatus"] == "https://schema.org/EventScheduled"


async def test_search_engines_are_told_of_the_places(client: AsyncClient) -> None:
    event = await make_event(slug="paja", capacity=40, registration_opens_at=NOW + timedelta(days=1), **SOON)
    told = await described(client)
    assert told["offers"]["availability"] == "https://schema.org/PreOrder"
    assert told["offers"]["validFrom"] == "2026-09-02T09:00:00+00:00"
    assert told["maximumAttendeeCapacity"] == 40
    assert told["image"].endswith(".png")
    await insert("site", event=event, mode="online", name="", position=1)
    assert "maximumAttendeeCapacity" not in await described(client)


async def test_the_page_says_what_becomes_of_a_freed_place(client: AsyncClient) -> None:
    for mode, words in (
        ("automatic", "by itself"),
        ("offer", "24 hours to accept"),
        ("by_hand", "the organiser chooses"),
        ("none", "There is no waiting list."),
    ):
        slug = mode.replace("_", "-")
        await make_event(slug=slug, waiting_list=mode, **SOON)
        with clock.at(NOW):
            assert words in (await client.get(f"/events/{slug}")).text
    await make_event(slug="endless", capacity=None, **SOON)
    with clock.at(NOW):
        assert "queue" not in (await client.get("/events/endless")).text
