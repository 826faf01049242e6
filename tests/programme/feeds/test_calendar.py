from datetime import timedelta

import icalendar
from httpx import AsyncClient

from events.core import clock
from tests.factories import NOW, make_event


async def feed(client: AsyncClient, path: str = "/calendar.ics") -> list[icalendar.Event]:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.text)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] in ([], ["Europe/Helsinki"])
    return list(calendar.walk("VEVENT"))


async def test_the_feed_has_every_public_event_by_its_own_uid(client: AsyncClient) -> None:
    first = await make_event(slug="paja", sequence=3)
    await make_event(state="draft")
    await make_event(
        slug="peruttu", state="cancelled", starts_at=NOW + timedelta(days=50), ends_at=NOW + timedelta(days=51)
    )
    paja, cancelled = await feed(client)
    assert (str(paja["UID"]), paja["SEQUENCE"], str(paja["STATUS"])) == (f"{first}@sixnet", 3, "CONFIRMED")
    assert paja["DTSTART"].dt.isoformat() == "2026-10-01T12:00:00+03:00"
    assert paja["DTSTART"].params["TZID"] == "Europe/Helsinki"
    assert (str(paja["LOCATION"]), str(paja["URL"])) == ("Tampere-talo, Tampere", "http://testserver/events/paja")
    assert str(cancelled["STATUS"]) == "CANCELLED"
    again = await feed(client)
    assert [str(entry["UID"]) for entry in again] == [str(paja["UID"]), str(cancelled["UID"])]


async def test_the_feed_takes_the_filters_of_the_front_page(client: AsyncClient) -> None:
    await make_event(slug="here", host_region="05")
    await make_event(slug="there", host_region="06", kind="meeting")
    for query, slug in (("region=05", "here"), ("kind=meeting", "there"), ("region=05&month=2026-10", "here")):
        assert [str(entry["URL"]).rsplit("/", 1)[1] for entry in await feed(client, f"/calendar.ics?{query}")] == [slug]
    assert await feed(client, "/calendar.ics?region=%00&theme=x") == []


async def test_one_event_and_what_it_says_stays_one(client: AsyncClient) -> None:
    await make_event(slug="paja", online=True, title_en="A; b, c\\", description_en="One\nBEGIN:VEVENT\nTwo")
    entries = await feed(client, "/events/paja/calendar.ics")
    assert [str(entry["SUMMARY"]) for entry in entries] == ["A; b, c\\"]
    assert "meet.example" not in str(entries[0]["DESCRIPTION"])
