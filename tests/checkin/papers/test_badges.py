import re
from uuid import UUID

import asyncpg
import pytest
from pypdf import PageObject

from events.checkin.papers.badges import _codes
from events.checkin.papers.formats import BADGES
from events.checkin.papers.queries import Choice, guests, guests_again
from events.core import database, qr, secrets
from events.core.errors import Conflict, NotFound
from events.core.links import absolute
from events.registration import queries as registrations
from tests.checkin.papers.reading import arrive, badges, guest, lines, text
from tests.factories import fund, insert, make_event, make_registration

MM = 72 / 25.4


def where(page: PageObject, words: str) -> float:
    """How far from the left edge some words begin, in millimetres."""
    found: list[float] = []

    def note(said: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        if words in said:
            found.append((cm[0] * tm[4] + cm[2] * tm[5] + cm[4]) / MM)

    page.extract_text(visitor_text=note)
    return found[0]


@pytest.mark.parametrize("format_", BADGES)
async def test_each_size_says_name_organisation_region_role_and_event(db: asyncpg.Connection, format_: str) -> None:
    event = await make_event(title_fi="Vetypaja")
    aino = await guest(event, "Aino", "Äijälä", "Åström Öljy Oy", role="speaker")
    said = text(await badges(event, aino, format=format_))
    assert said.startswith("Vetypaja Aino Äijälä Åström Öljy Oy Pirkanmaa Puhuja")


async def test_a_plain_participant_has_no_role_on_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    assert "Osallistuja" not in text(await badges(event, await guest(event, "Aino", "Äijälä")))


async def test_sheets_are_a4_and_labels_are_pages_of_their_own_size(db: asyncpg.Connection) -> None:
    event = await make_event()
    people = [await guest(event, f"Aino{number}") for number in range(9)]
    for code, form in BADGES.items():
        pdf = await badges(event, *people, format=code)
        assert len(pdf.pages) == -(-9 // (form.columns * form.rows)), code
        size = (form.width, form.height) if form.is_label else (210, 297)
        box = pdf.pages[0].mediabox
        assert (round(box.width / MM), round(box.height / MM)) == size, code
        assert [f"Aino{number}" in text(pdf) for number in range(9)] == [True] * 9, code


@pytest.mark.parametrize("format_", BADGES)
async def test_every_size_fits_its_sheet_and_its_code_can_be_read(format_: str) -> None:
    form = BADGES[format_]
    if not form.is_label:
        assert form.columns * form.width <= 210
        assert form.rows * form.height <= 297
    modules = int(re.findall(r"viewBox=\"0 0 (\d+)", qr.svg(f"https://tapahtumat.sixnet.example/t/{'x' * 26}"))[0])
    assert form.code / modules > 0.5, "half a millimetre a module is read by any phone and printed by any printer"


@pytest.mark.parametrize(
    "name",
    [
        *("Čáhppes Ŋuŋŋuš Đalvi-Ŧávvá Šaŋža", "Åsa Öhman-Äijö", "Ǥiõll Ʒuǯ", "Łukasz Şahin"),
        *("#panic() *Tähti* [hakanen] $x$ _a_", "\\ ` ~ @ <b>&amp;</b>", '"); evil("', "// ei /* kommentti"),
    ],
)
async def test_the_letters_of_the_north_and_what_looks_like_markup_come_out_again(
    db: asyncpg.Connection, name: str
) -> None:
    event = await make_event()
    assert f" {name} " in text(await badges(event, await guest(event, name, organisation="Oy")))


async def test_a_sign_without_a_letter_form_is_seen_to_be_missing(db: asyncpg.Connection) -> None:
    event = await make_event()
    assert "Aino □ □□" in text(await badges(event, await guest(event, "Aino 🎉 日本")))


async def test_right_to_left_names_keep_their_letters(db: asyncpg.Connection) -> None:
    event = await make_event()
    said = text(await badges(event, await guest(event, "مريم", "דוד")))
    assert "مريم" in said
    assert "דוד" in said


@pytest.mark.parametrize("format_", BADGES)
async def test_a_name_of_eighty_letters_shrinks_and_stays_on_its_badge(db: asyncpg.Connection, format_: str) -> None:
    event = await make_event()
    pdf = await badges(event, await guest(event, "Abcdefghij" * 8, "", "x" * 100), format=format_)
    assert lines(pdf)[1] == "Abcdefghij" * 8
    sizes: list[tuple[str, float]] = []
    pdf.pages[0].extract_text(
        visitor_text=lambda said, _cm, tm, _font, size: sizes.append((said.strip(), size * abs(tm[0])))
    )
    (size,) = {round(size, 2) for said, size in sizes if said.startswith("Abcdefghij")}
    inner = BADGES[format_].width - 2 * BADGES[format_].pad
    assert size * 80 * 0.4 / MM < inner, "these letters are 0.4 em wide at least"


async def test_the_code_is_the_tickets_and_drawn_as_lines(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino = await make_registration(event, ticket_generation=2)
    (found,) = await guests(event, Choice())
    view = await registrations.by_id(aino)
    assert view
    assert _codes([found]) == [qr.svg(absolute(view.ticket_path))]
    assert view.ticket_path == f"/t/{secrets.derive('ticket', aino, 2)}"
    assert list((await badges(event, aino)).pages[0].images) == [], "a picture would blur in print"


async def test_marks_stand_where_they_fit(db: asyncpg.Connection) -> None:
    event = await make_event()
    await fund(event)
    aino = await make_registration(event)
    stands = {code: "osarahoittama" in text(await badges(event, aino, format=code)) for code in BADGES}
    assert stands == {code: form.marks > 0 for code, form in BADGES.items()}
    assert "osarahoittama" in text(await badges(event, aino, format="90x55", back="event"))


async def test_a_back_says_the_name_again_or_what_the_event_is(db: asyncpg.Connection) -> None:
    event = await make_event(contact_name="Liisa Järjestäjä")
    people = [await guest(event, "Aino", "Yksi"), await guest(event, "Bo", "Kaksi")]
    plain = await badges(event, *people)
    again = await badges(event, *people, back="name")
    about = await badges(event, *people, back="event")
    assert [len(pdf.pages) for pdf in (plain, again, about)] == [1, 2, 2]
    assert lines(again).count("Testipaja") == 4
    assert where(again.pages[0], "Yksi") < 105 < where(again.pages[0], "Kaksi")
    assert where(again.pages[1], "Yksi") > 105 > where(again.pages[1], "Kaksi"), "the sheet is turned over"
    behind = about.pages[1].extract_text()
    assert "Liisa Järjestäjä" in behind
    assert "Tampere-talo" in behind
    assert "Aino" not in behind


async def order(event: UUID, by: str = "name") -> list[str]:
    return [each.name for each in await guests(event, Choice(order=by))]


async def test_names_and_organisations_are_in_order_with_the_last_letters_last(db: asyncpg.Connection) -> None:
    event = await make_event()
    for given, family, firm in (
        ("Bo", "Öhman", "Zeta"),
        ("Äke", "aalto", "Åtta"),
        ("Åsa", "Zorn", ""),
        ("Ann", "Åberg", "älpha"),
        ("Eva", "Ärlig", "Zeta"),
        ("Éva", "Aalto", "Beta"),
        ("Cher", "", "Öga"),
    ):
        await guest(event, given, family, firm and f"{firm}{given}" if firm != "Zeta" else f"Zeta {given}")
    assert await order(event) == [
        *("Éva Aalto", "Äke aalto", "Cher", "Åsa Zorn", "Ann Åberg", "Eva Ärlig", "Bo Öhman"),
    ]
    assert await order(event, "organisation") == [
        *("Éva Aalto", "Bo Öhman", "Eva Ärlig", "Äke aalto", "Ann Åberg", "Cher", "Åsa Zorn"),
    ]


async def names(event: UUID, **choice: object) -> list[str]:
    return [each.given_name for each in await guests(event, Choice(**choice))]  # type: ignore[arg-type]


async def test_the_choice_is_by_place_role_and_who_has_come(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    online = await database.fetchval("SELECT id FROM site WHERE event = $1 AND mode = 'online'", event)
    await guest(event, "Aino")
    came = await guest(event, "Bo", role="host")
    await guest(event, "Carl", site=online)
    walk_in = await guest(event, "Didi", state="waitlisted")
    for state in ("waitlisted", "cancelled", "declined", "offered", "awaiting_approval", "awaiting_address"):
        await guest(event, "Nobody", state=state)
    for registration in (came, walk_in):
        await arrive(registration)
    assert await names(event) == ["Aino", "Bo", "Carl", "Didi"]
    assert await names(event, site=online) == ["Carl"]
    assert await names(event, role="host") == ["Bo"]
    assert await names(event, role="participant") == ["Aino", "Carl", "Didi"]
    assert await names(event, who="arrived") == ["Bo", "Didi"]
    assert await names(event, who="expected") == ["Aino", "Carl"]
    assert await names(event, registration=came) == ["Bo"]


async def test_fresh_are_those_who_are_new_or_whose_badge_has_changed_since(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino, bo, cai, didi = [await guest(event, name) for name in ("Aino", "Bo", "Cai", "Didi")]
    assert await names(event, fresh=True) == ["Aino", "Bo", "Cai", "Didi"]
    await badges(event, aino, bo, cai)
    assert await names(event, fresh=True) == ["Didi"]
    await database.execute("UPDATE registration SET role = 'host' WHERE id = $1", aino)
    await database.execute("UPDATE registration SET ticket_generation = 1 WHERE id = $1", bo)
    await arrive(cai)
    assert await names(event, fresh=True) == ["Aino", "Bo", "Didi"], "coming in changes no badge"
    await badges(event, aino, bo, didi)
    assert await names(event, fresh=True) == []


async def test_who_is_gone_when_it_is_made_is_left_out(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino, bo, cai = [await guest(event, name) for name in ("Aino", "Bo", "Cai")]
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", aino)
    await database.execute(
        "UPDATE person SET given_name = '', family_name = '', erased_at = now()"
        " WHERE id = (SELECT person FROM registration WHERE id = $1)",
        bo,
    )
    assert [each.id for each in await guests_again(event, [cai, bo, aino])] == [cai]
    with pytest.raises(Conflict, match=r"paikkaa\."):
        await badges(event, aino, bo)
    with pytest.raises(NotFound):
        await badges(aino, aino)


async def test_anothers_registration_is_not_on_it(db: asyncpg.Connection) -> None:
    mine, other = await make_event(), await make_event()
    stranger = await guest(other, "Stranger")
    assert "Stranger" not in text(await badges(mine, await guest(mine, "Aino"), stranger))


async def test_nothing_of_health_stands_on_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    aino = await guest(event, "Aino")
    question = await insert(
        "question", event=event, position=1, code="diet", kind="short", label_fi="Allergiat", health=True
    )
    await insert("health_answer", registration=aino, question=question, value='"Pähkinä"', consent_text="x")
    said = text(await badges(event, aino, back="event"))
    assert "Allergiat" not in said
    assert "Pähkinä" not in said
