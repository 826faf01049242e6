from uuid import UUID

import asyncpg
import pytest

from events.checkin.papers import lists
from events.core import clock, database, qr
from events.core.errors import Conflict
from events.core.i18n import in_language
from events.programme import queries as programme
from tests.checkin.papers.reading import arrive, guest, lines, make, text
from tests.factories import NOW, fund, insert, make_event


async def attendance(event: UUID, **parameters: object) -> list[str]:
    """The pages of the list."""
    pdf = await make("attendance", event, **{"site": None, "empty": 3, **parameters})
    return [page.extract_text() for page in pdf.pages]


async def site_of(event: UUID, mode: str = "venue") -> UUID:
    site: UUID = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = $2", event, mode)
    return site


async def test_the_list_has_its_head_its_people_in_order_and_empty_rows(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Vetypaja")
    await fund(event)
    await guest(event, "Bo", "Öhman", "Åbo Akademi")
    aino = await guest(event, "Aino", "Aalto", "Oulun kaupunki", role="speaker")
    await arrive(aino)
    (page,) = await attendance(event)
    for words in ("Osallistujaluettelo", "Vetypaja", "Tampere-talo, Tampere", "Kuusi verkkoa", "osarahoittama"):
        assert words in page
    for words in ("Nimi", "Organisaatio", "Allekirjoitus", "Puhuja", "tullut klo 12.00", "1 / 1", "Tulostettu"):
        assert words in page
    assert page.index("Aalto, Aino") < page.index("Öhman, Bo")
    numbers = [line.split(" ")[0] for line in page.split("\n")]
    assert [number for number in numbers if number.isdigit()][:5] == ["1", "2", "3", "4", "5"]


async def test_each_venue_begins_its_own_page_and_nobody_signs_online(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await insert("site", event=event, mode="venue", name="Verkatehdas", municipality="109", position=2)
    second = await database.fetchval("SELECT id FROM site WHERE event = $1 AND name = 'Verkatehdas'", event)
    await guest(event, "Aino")
    await guest(event, "Bo", site=second)
    await guest(event, "Carl", site=await site_of(event, "online"))
    first, other = await attendance(event)
    assert ("Aino" in first, "Bo" in first, "Tampere-talo" in first) == (True, False, True)
    assert ("Aino" in other, "Bo" in other, "Verkatehdas, Hämeenlinna" in other) == (False, True, True)
    assert "Carl" not in first + other
    (alone,) = await attendance(event, site=str(second))
    assert "Verkatehdas" in alone


async def test_a_long_list_says_on_each_page_what_it_is_and_which_page(db: asyncpg.Connection) -> None:
    event = await make_event(title_fi="Vetypaja")
    pages = await attendance(event, empty=60)
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page
        assert "Vetypaja" in page
        assert "Tampere-talo" in page
        assert "Allekirjoitus" in page


async def test_with_nobody_there_are_the_empty_rows(db: asyncpg.Connection) -> None:
    (page,) = await attendance(await make_event(), empty=2)
    assert "Allekirjoitus" in page


async def test_an_event_that_went_online_has_no_list(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    await database.execute("DELETE FROM site WHERE event = $1 AND mode = 'venue'", event)
    with pytest.raises(Conflict):
        await attendance(event)


async def test_names_that_do_not_fit_their_column_shrink_and_markup_is_text(db: asyncpg.Connection) -> None:
    event = await make_event()
    await guest(event, "Abcdefghij" * 8, "#panic() *x*", "y" * 100)
    (page,) = await attendance(event)
    assert "Abcdefghij" * 8 in page.replace("\n", "")
    assert "#panic() *x*" in page.replace("\n", " ")
    assert "y" * 100 in page


async def signs(event: UUID, *registrations: UUID, large: str = "person", format_: str = "a4") -> list[str]:
    wanted = {"registrations": [str(each) for each in registrations], "format": format_, "large": large}
    return lines(await make("signs", event, **wanted))


async def test_a_table_sign_says_the_name_to_both_sides(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino = await guest(event, "Aino", "Äijälä", "Åström Oy")
    assert sorted(await signs(event, aino)) == sorted(["Aino Äijälä", "Åström Oy", "Testipaja"] * 2)


async def test_signs_of_organisations_stand_there_once(db: asyncpg.Connection) -> None:
    event = await make_event()
    firm = await insert("organisation", name="Åström Oy", folded="astrom oy")
    people = [await guest(event, name, organisation="Muu") for name in ("Aino",)]
    people += [await guest(event, name, organisation="") for name in ("Bo", "Cai")]
    for each in people[1:]:
        await database.execute("UPDATE registration SET organisation = $2 WHERE id = $1", each, firm)
    assert sorted(await signs(event, *people, large="organisation")) == sorted(
        ["Muu", "Testipaja", "Åström Oy", "Testipaja"] * 2
    )
    nobody = await guest(event, "Didi")
    with pytest.raises(Conflict):
        await signs(event, nobody, large="organisation")


async def test_small_signs_stand_two_on_a_sheet(db: asyncpg.Connection) -> None:
    event = await make_event()
    people = [await guest(event, name) for name in ("Aino", "Bo", "Cai")]
    wanted = {"registrations": [str(each) for each in people], "format": "a5", "large": "person"}
    assert len((await make("signs", event, **wanted)).pages) == 2


async def test_a_poster_leads_where_it_is_told(db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    event = await programme.by_id(await make_event(title_fi="Vetypaja"))
    assert event
    drawn: list[str] = []
    draw = qr.svg
    monkeypatch.setattr(qr, "svg", lambda url: drawn.append(url) or draw(url))
    with in_language("fi"):
        pdf = await make("poster", event.id, url="https://sixnet.example/k/abc?x=1&y=#z", instruction="Lue tämä *heti*")
    assert drawn == ["https://sixnet.example/k/abc?x=1&y=#z"]
    assert "Vetypaja" in text(pdf)
    assert "Lue tämä *heti* https://sixnet.example/k/abc?x=1&y=#z" in text(pdf)
    assert len(pdf.pages) == 1
    assert (await lists.poster(event, "https://a.example", "Lue", now=clock.now())).startswith(b"%PDF")
    assert NOW
