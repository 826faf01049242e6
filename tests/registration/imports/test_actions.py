from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import fetch, fetchrow, fetchval
from events.core.errors import Conflict, NotFound
from events.core.i18n import in_language
from events.core.tabular import Unreadable, read_table
from events.network import doubles
from events.network.register_tables import RegisterKind
from events.registration.actions import cancel
from events.registration.imports import writing as importing
from events.registration.imports.actions import ParticipantsReport, import_participants
from events.registration.questions.importing import store_imported
from tests.core.test_tabular import xlsx
from tests.factories import NOW, make_event, make_person, make_registration
from tests.registration.questions.making import make_question

SAMPLE = Path(__file__).parents[2] / "data" / "participants-hameenlinna.csv"
AFTER = NOW + timedelta(days=31)
"""When the events that `make_event` makes are over."""

HEAD = "Sukunimi;Etunimi;Sähköposti;Organisaatio;Y-tunnus;Kotikunta;Osallistuu;Osallistui\n"


async def run(
    source: Path | bytes | str, event: UUID, *, now: datetime = NOW, actor: Actor = SYSTEM, **options: bool
) -> ParticipantsReport:
    with in_language("en"):
        if isinstance(source, str):
            source = bytes(source, "utf-8")
        return await import_participants(source, event, actor=actor, now=now, **options)


def person(attends: str = "", attended: str = "", *, number: int = 1, municipality: str = "Tampere") -> str:
    return f"Esimerkki;Aino;aino{number}@yritys.example;Yritys Oy;;{municipality};{attends};{attended}\n"


def lines(notes: Sequence[object]) -> list[tuple[int, str]]:
    return [(note.line, note.reason) for note in notes]  # type: ignore[attr-defined]


async def sites(event: UUID) -> dict[str, tuple[int, int]]:
    rows = await fetch("SELECT mode, taken, waiting FROM site WHERE event = $1", event)
    return {row["mode"]: (row["taken"], row["waiting"]) for row in rows}


REFUSED = [
    (9, "The same person stands on line 5 already."),
    (16, "Sähköposti “ei-sahkopostia”: Write the address in the form name@organisation.fi."),
    (18, 'Sukunimi holds a formula: =HYPERLINK("http://paha.example";"klik").'),
    (24, f"Sukunimi “{'Pitkä' * 12}…”: At most 100 signs, please."),
    (27, "The same person stands on line 7 already."),
    (88, "Line 7 holds the same person with another way of attending; that line counts."),
]
REMARKS = [
    (1, "Erityisruokavalio is left out: health data is taken only with the consent it was given under."),
    (1, "Lisätietoja is left out: free text is not imported."),
    (16, "1234567-8 is not a valid business ID and is left out."),
    (20, "There is no municipality called Längelmäki (any more): taken as unknown."),
]


async def test_the_sample_is_taken_but_for_its_bad_rows_each_with_its_reason(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=200, online=True)
    report = await run(SAMPLE, event)
    assert (report.rows, report.added, len(report.left_out), report.waiting) == (146, 123, 17, 0)
    assert lines(report.refused) == REFUSED
    assert lines(report.warnings) == REMARKS
    assert await sites(event) == {"venue": (97, 0), "online": (26, 0)}
    assert await fetchval("SELECT count(*) FROM registration WHERE source = 'import' AND state = 'confirmed'") == 123


async def test_organisations_of_the_sample_are_recognised_or_proposed_however_they_are_spelled(
    db: asyncpg.Connection,
) -> None:
    await run(SAMPLE, await make_event(capacity=None, online=True))
    group = {row["id"]: row["id"] for row in await fetch("SELECT id FROM organisation")}
    assert len(group) == 24
    for pair in (await doubles.pairs(RegisterKind.ORGANISATION))[0]:
        one, other = group[pair.one], group[pair.other]
        group = {each: one if number == other else number for each, number in group.items()}
    assert len(set(group.values())) == 17, "TAMK is no spelling of its name, but its people's addresses tell"
    ids = await fetch("SELECT business_id FROM organisation WHERE business_id IS NOT NULL ORDER BY 1")
    assert [row["business_id"] for row in ids] == ["0211675-2", "0828308-4", "2252888-5"]
    row = await fetchrow(
        "SELECT person.email, municipality.name_fi FROM registration JOIN person ON person.id = person"
        " JOIN municipality ON code = municipality WHERE folded = 'eero yli mayry'"
    )
    assert tuple(row or ()) == ("eero.yli.mayry@pirkanmaanliitto.example", "Tampere")
    assert await fetchval(
        "SELECT municipality IS NULL FROM registration JOIN person ON person.id = person WHERE folded LIKE 'vilma %'"
    )


async def test_a_second_run_adds_nothing_and_says_so(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=60, online=True)
    await run(SAMPLE, event)
    before = await fetch("SELECT * FROM registration ORDER BY id")
    report = await run(SAMPLE, event, send=True)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 123)
    assert lines(report.refused) == REFUSED
    assert await fetch("SELECT * FROM registration ORDER BY id") == before
    assert await fetchval("SELECT count(*) FROM message") == 0


async def test_a_dry_run_foretells_and_writes_nothing(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=60, online=True)
    foretold = await run(SAMPLE, event, dry_run=True)
    for table in ("registration", "person", "organisation", "attendance", "audit"):
        assert await fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await sites(event) == {"venue": (0, 0), "online": (0, 0)}
    done = await run(SAMPLE, event)
    for name in ("rows", "added", "waiting", "unchanged", "refused", "warnings", "left_out", "columns", "values"):
        assert getattr(foretold, name) == getattr(done, name), name
    assert (foretold.dry_run, done.dry_run) == (True, False)


async def test_places_count_and_the_rest_wait_in_the_order_of_the_file(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=60, online=True)
    report = await run(SAMPLE, event)
    assert report.waiting == 37
    assert await sites(event) == {"venue": (60, 37), "online": (26, 0)}
    first = await fetchval(
        "SELECT folded FROM registration JOIN person ON person.id = person WHERE state = 'waitlisted'"
        " ORDER BY number LIMIT 1"
    )
    assert first == "outi karjalainen"


@pytest.mark.parametrize("dry_run", [True, False])
async def test_without_a_waiting_list_who_finds_no_place_is_refused(db: asyncpg.Connection, dry_run: bool) -> None:
    event = await make_event(capacity=1, waiting_list="none")
    report = await run(HEAD + person(number=1) + person(number=2), event, dry_run=dry_run)
    assert (report.added, lines(report.refused)) == (1, [(3, "The event is full.")])


def written(variant: str) -> bytes:
    table = read_table(SAMPLE)
    rows: list[list[object]] = [[row.get(heading) for heading in table.headers] for row in table.rows]
    if variant == "xlsx":
        return xlsx([[*table.headers], *rows])
    text = SAMPLE.read_text("cp1252")
    delimiter = "\t" if variant == "tab" else ","
    return text.replace(",", " ").replace('""', "'").replace('";"', " ").replace(";", delimiter).encode()


@pytest.mark.parametrize("variant", ["xlsx", "comma", "tab"])
async def test_other_ways_of_writing_the_same_table_give_the_same(db: asyncpg.Connection, variant: str) -> None:
    event = await make_event(capacity=200, online=True)
    report = await run(written(variant), event)
    assert (report.rows, report.added, len(report.left_out), len(report.refused)) == (146, 123, 17, 6)
    assert await sites(event) == {"venue": (97, 0), "online": (26, 0)}


async def test_swedish_headings_and_words_are_understood(db: asyncpg.Connection) -> None:
    event = await make_event(online=True)
    report = await run(
        "Efternamn,Förnamn,E-post,Organisation,FO-nummer,Hemkommun,Deltar,Specialkost\n"
        "Öhman,Åsa,asa@yritys.example,Yritys Ab,,Vasa,på distans,laktosfri\n"
        "Öhman,Kaj,kaj@yritys.example,Yritys Ab,,Vasa,nej,\n",
        event,
    )
    assert (report.added, len(report.left_out), report.refused) == (1, 1, [])
    assert await sites(event) == {"venue": (0, 0), "online": (1, 0)}
    assert tuple(await fetchrow("SELECT language, municipality FROM registration") or ()) == ("sv", "905")
    assert [use.heading for use in report.columns if not use.read] == ["Specialkost"]


async def test_a_whole_name_in_one_column_will_do(db: asyncpg.Connection) -> None:
    report = await run("Name\tE-mail\nAino von Essen\taino@x.example\n\tb@x.example\n", await make_event())
    assert (report.added, lines(report.refused)) == (1, [(3, "The name is missing.")])


async def test_a_language_guessed_from_headings_leaves_what_the_person_chose(db: asyncpg.Connection) -> None:
    chosen = await make_person("Aino", "Esimerkki", email="aino1@yritys.example", language="en")
    await run(HEAD + person(), await make_event())
    assert await fetchval("SELECT language FROM registration") == "en"
    assert await fetchval("SELECT language FROM person WHERE id = $1", chosen) == "en"


@pytest.mark.parametrize(
    ("attends", "attended", "site", "attendance"),
    [
        ("x", "x", "venue", "attended"),
        ("", "kyllä", "venue", "attended"),
        ("", "Etäyhteydellä", "online", "attended"),
        ("etänä", "✓", "online", "attended"),
        ("kyllä", "ei", "venue", "no_show"),
        ("ei", "kyllä", "venue", "attended"),
        ("TESTITALO", "", "venue", None),
        ("paikan päällä", "", "venue", None),
    ],
)
async def test_attending_and_having_attended(
    db: asyncpg.Connection, attends: str, attended: str, site: str, attendance: str | None
) -> None:
    event = await make_event(online=True)
    await db.execute("UPDATE site SET name = 'Testitalo' WHERE mode = 'venue'")
    report = await run(HEAD + person(attends, attended), event, now=AFTER)
    assert (report.added, report.attended, report.refused) == (1, int(attendance is not None), [])
    row = await fetchrow(
        "SELECT site.mode, attendance.state, attendance.source FROM registration JOIN site ON site.id = site"
        " LEFT JOIN attendance ON registration = registration.id"
    )
    assert tuple(row or ()) == (site, attendance, "import" if attendance else None)


async def test_what_the_door_has_said_stays(db: asyncpg.Connection) -> None:
    event = await make_event()
    await run(HEAD + person(), event)
    registration = await fetchval("SELECT id FROM registration")
    await db.execute(
        "INSERT INTO attendance (registration, state, source, actor_kind) VALUES ($1, 'no_show', 'desk', 'staff')",
        registration,
    )
    report = await run(HEAD + person("", "x"), event, now=AFTER)
    assert (report.changed, report.unchanged) == (0, 1)
    assert await fetchval("SELECT source FROM attendance") == "desk"


async def test_attendance_is_added_to_those_registered_before(db: asyncpg.Connection) -> None:
    event = await make_event()
    await run(HEAD + person(), event)
    for dry_run in (True, False):
        report = await run(HEAD + person("", "x"), event, now=AFTER, dry_run=dry_run)
        assert (report.added, report.changed, report.unchanged, report.attended) == (0, 1, 0, 1)
    assert await fetchval("SELECT state FROM attendance") == "attended"


async def test_nobody_has_attended_what_has_not_begun(db: asyncpg.Connection) -> None:
    report = await run(HEAD + person("", "x"), await make_event())
    assert (report.added, report.attended) == (1, 0)
    assert lines(report.warnings) == [(1, "Osallistui is left out: the event has not begun.")]
    assert await fetchval("SELECT count(*) FROM attendance") == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (person("ehkä"), "Osallistuu: “ehkä” is not understood."),
        (person("etänä"), "One cannot attend this event online."),
        (person().replace("aino1@yritys.example", ""), "Sähköposti: Write the address."),
        (person().replace("Esimerkki;Aino", ";"), "The name is missing."),
        (person().replace("Aino", "www.paha.example"), "Etunimi holds a web address: www.paha.example."),
        (person().replace("Yritys", "Y" * 201), f"Organisaatio “{'Y' * 60}…”: At most 200 signs, please."),
        (person().rstrip() + ";x;y\n", "The row has more cells than the headings."),
    ],
)
async def test_a_row_that_cannot_be_taken_says_why_and_costs_nobody_else(
    db: asyncpg.Connection, row: str, reason: str
) -> None:
    report = await run(HEAD + row + person(number=2), await make_event())
    assert (report.added, lines(report.refused)) == (1, [(2, reason)])


async def test_what_a_row_loses_on_the_way_is_said(db: asyncpg.Connection) -> None:
    row = "Esimerkki;Aino;aino@yritys.example;=SUM(1);1234567-8;Uusi kunta;;\n"
    report = await run(HEAD + row, await make_event())
    assert report.added == 1
    assert [note.reason for note in report.warnings] == [
        "The organisation is a formula, which is left out: =SUM(1).",
        "1234567-8 is not a valid business ID and is left out.",
        "There is no municipality called Uusi kunta (any more): taken as unknown.",
    ]
    assert await fetchval("SELECT count(*) FROM organisation") == 0


async def test_who_has_cancelled_stays_away(db: asyncpg.Connection) -> None:
    event = await make_event()
    await run(HEAD + person(), event)
    await cancel(await fetchval("SELECT id FROM registration"), actor=SYSTEM, now=NOW)
    report = await run(HEAD + person("", "x"), event, now=AFTER)
    assert (report.added, report.unchanged, report.attended) == (0, 1, 0)
    assert lines(report.warnings) == [(2, "This person has cancelled; that stays so.")]
    assert await fetchval("SELECT state FROM registration") == "cancelled"


async def test_several_persons_may_share_an_address(db: asyncpg.Connection) -> None:
    report = await run(HEAD + person() + person().replace("Aino", "Eino"), await make_event())
    assert (report.added, report.refused) == (2, [])


async def test_the_window_does_not_count_and_mail_goes_out_only_when_asked(db: asyncpg.Connection) -> None:
    event = await make_event(registration_closes_at=NOW - timedelta(days=1))
    await run(HEAD + person(number=1), event)
    assert await fetchval("SELECT count(*) FROM message") == 0
    await run(HEAD + person(number=1) + person(number=2), event, send=True)
    assert [row["recipient"] for row in await fetch("SELECT recipient FROM message")] == ["aino2@yritys.example"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "draft"}, "draft"),
        ({"state": "cancelled"}, "cancelled"),
        ({"reconciled_at": NOW}, "reconciled"),
    ],
)
async def test_an_event_that_takes_nobody_takes_no_import(
    db: asyncpg.Connection, columns: dict[str, object], code: str
) -> None:
    with pytest.raises(Conflict) as refused:
        await run(HEAD + person(), await make_event(**columns))
    assert refused.value.code == code


async def test_health_data_is_refused_where_no_question_asks_for_it(db: asyncpg.Connection) -> None:
    event = await make_event()
    with pytest.raises(Conflict, match="No column has the text"), in_language("en"):
        await import_participants(SAMPLE, event, actor=SYSTEM, now=NOW, health_consent="Asked on the form of 2022")
    assert await fetchval("SELECT count(*) FROM registration") == 0


async def test_health_data_is_stored_under_its_consent_for_the_question_that_asks_the_same(
    db: asyncpg.Connection,
) -> None:
    event = await make_event()
    await make_question(event, "diet", "many", "vegan", "gluten", health=True, label_fi="Erityisruokavalio")
    text = (
        "Etunimi;Sukunimi;Sähköposti;Erityisruokavalio;Allergiat\n"
        "Aino;Esimerkki;aino@yritys.example;gluten fi, Vegan;Pähkinät\n"
        "Eino;Esimerkki;eino@yritys.example;olut;\n"
        "Veera;Esimerkki;veera@yritys.example;;\n"
    ).encode()
    for _again in range(2):
        report = await import_participants(
            text, event, actor=SYSTEM, now=NOW, health_consent="Asked on the form", filename="a.csv"
        )
    assert [use.becomes for use in report.columns if use.read][-1] == "vastaus terveyttä koskevaan kysymykseen"
    assert any("Allergiat" in warning.reason for warning in report.warnings)
    row = await fetchrow("SELECT value, consent_text FROM health_answer")
    assert row
    assert (row["value"], row["consent_text"]) == ('["vegan", "gluten"]', "Asked on the form")
    assert await fetchval("SELECT count(*) FROM health_answer") == 1
    assert await fetchval("SELECT count(*) FROM registration") == 3


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("one_by_one", [False, True])
async def test_an_import_that_is_killed_leaves_nobody_without_what_the_table_says_of_health(
    db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, together: bool, one_by_one: bool
) -> None:
    """A second run adds the rest; were it not stored in the row's own transaction, somebody's would be missing."""
    event = await make_event()
    await make_question(event, "diet", health=True, label_fi="Erityisruokavalio")
    rows = "".join(f"Aino {letter};Esimerkki;{letter}@yritys.example;Pähkinät\n" for letter in "abcde")
    text = f"Etunimi;Sukunimi;Sähköposti;Erityisruokavalio\n{rows}".encode()
    stored: list[object] = []

    async def killed(*args: Any, **named: Any) -> Any:
        stored.append(args)
        if len(stored) == 2:
            raise SystemExit
        return await store_imported(*args, **named)

    async def none_together(*_args: Any, **_named: Any) -> None:
        return None

    monkeypatch.setattr(importing, "TOGETHER", 2)
    monkeypatch.setattr(importing, "store_imported", killed)
    if one_by_one:
        monkeypatch.setattr(importing, "register_together", none_together)
    if not together:
        monkeypatch.setattr(importing, "transaction", nullcontext)
    run_it = partial(import_participants, text, event, actor=SYSTEM, now=NOW, health_consent="Asked", filename="a.csv")
    with pytest.raises(SystemExit):
        await run_it()
    left_out = "SELECT count(*) FROM registration WHERE id NOT IN (SELECT registration FROM health_answer)"
    assert bool(await fetchval(left_out)) is not together
    await run_it()
    assert await fetchval("SELECT count(*) FROM registration") == 5
    assert bool(await fetchval(left_out)) is not together


@pytest.mark.parametrize("text", ["Organisaatio;Kunta\nYritys;Tampere\n", "Etunimi;Sukunimi\nA;B\n", ""])
async def test_a_table_without_name_or_address_is_refused_as_a_whole(db: asyncpg.Connection, text: str) -> None:
    with pytest.raises(Unreadable):
        await run(text, await make_event())


async def test_only_who_may_edit_the_registrations_of_this_event_imports(db: asyncpg.Connection) -> None:
    event = await make_event()
    other = Actor(ActorKind.STAFF, uuid4(), "Test", (Grant("organiser", "region", "05"),))
    with pytest.raises(NotFound):
        await run(HEAD + person(), event, actor=other)
    own = Actor(ActorKind.STAFF, uuid4(), "Test", (Grant("organiser", "event", str(event)),))
    assert (await run(HEAD + person(), event, actor=own)).added == 1
    audited = await fetchrow("SELECT actor_id, detail FROM audit WHERE action = 'registrations.imported'")
    assert audited is not None
    assert audited["actor_id"] == own.id
    assert "@" not in audited["detail"]


async def test_a_registration_of_someone_else_is_no_obstacle(db: asyncpg.Connection) -> None:
    event = await make_event()
    await make_registration(event)
    assert (await run(HEAD + person(), event)).added == 1


async def test_many_rows_at_once_keep_order_places_and_duties(db: asyncpg.Connection) -> None:
    event = await make_event(capacity=70)
    done: list[tuple[int, int]] = []
    rows = "".join(person(number=number) for number in range(1, 121))
    content = bytes(HEAD + rows + person(number=1), "utf-8")

    async def progress(rows_done: int, rows_in_all: int) -> None:
        done.append((rows_done, rows_in_all))

    report = await import_participants(content, event, actor=SYSTEM, now=NOW, send=True, progress=progress)
    assert (report.added, report.waiting, len(report.refused)) == (120, 50, 1)
    assert done == [(51, 121), (101, 121), (121, 121)]
    in_line = await fetch("SELECT email FROM registration JOIN person ON person.id = person ORDER BY number")
    assert [row["email"] for row in in_line] == [f"aino{number}@yritys.example" for number in range(1, 121)]
    assert await fetchval("SELECT count(*) FROM audit WHERE action = 'registration.made'") == 120
    assert await fetchval("SELECT count(*) FROM message") == 120
    again = await import_participants(content, event, actor=SYSTEM, now=NOW, send=True)
    assert (again.added, again.unchanged) == (0, 120)


async def test_rows_share_a_transaction_until_one_of_them_needs_a_look(committed_db: str) -> None:
    event = await make_event(capacity=60, waiting_list="none")
    rows = "".join(person(number=number) for number in range(1, 81))
    report = await run(HEAD + rows, event)
    assert report.added == 60
    assert lines(report.refused) == [(number + 1, "The event is full.") for number in range(61, 81)]
    transactions = await fetch("SELECT count(*) FROM registration GROUP BY xmin::text ORDER BY 1 DESC")
    assert [row[0] for row in transactions] == [50, 7, 2, 1], "by halves, until who finds no place stands alone"
