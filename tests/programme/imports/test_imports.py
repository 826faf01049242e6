from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.core.database import fetch, fetchval
from events.core.i18n import in_language
from events.core.tabular import ImportReport, Unreadable
from events.programme import queries
from events.programme.imports.actions import import_programme
from events.programme.imports.columns import COLUMNS
from tests.core.test_tabular import xlsx
from tests.factories import NOW

SAMPLE = Path(__file__).parents[2] / "data" / "programme.csv"
HEAD = "kind,title_fi,title_sv,title_en,starts,ends,region,venue,capacity,online_capacity,project,themes,status\n"
GOOD = "workshop,Paja,,Shop,2026-10-01 09:00,2026-10-01 15:00,05,Hämeenlinna,10,,SIXNET,low-carbon,published\n"


async def run(source: Path | bytes, *, dry_run: bool = False, actor: Actor = SYSTEM) -> ImportReport:
    with in_language("en"):
        return await import_programme(source, actor=actor, now=NOW, dry_run=dry_run)


async def test_the_sample_is_taken_but_for_its_bad_row(db: asyncpg.Connection) -> None:
    report = await run(SAMPLE)
    assert (report.rows, report.added, report.unchanged) == (7, 6, 0)
    assert [refused.line for refused in report.refused] == [8]
    for reason in ("2023-13-40", "region: 99", "places: -5", "project: Tuntematon hanke"):
        assert reason in report.refused[0].reason
    event = await queries.by_slug("sixnet-roadshow-co-development-workshop-hameenlinna-2022-09-22")
    assert event is not None
    assert (event.state, event.host_region, event.projects, len(event.themes)) == ("published", "05", ["SIXNET"], 2)
    assert [(site.mode, site.capacity, site.municipality) for site in event.sites] == [
        ("venue", 60, "109"),
        ("online", 100, None),
    ]
    assert event.starts_at.isoformat() == "2022-09-22T06:00:00+00:00"


async def test_a_second_run_changes_nothing(db: asyncpg.Connection) -> None:
    await run(SAMPLE)
    before = await fetch("SELECT * FROM event ORDER BY id")
    report = await run(SAMPLE)
    assert (report.added, report.unchanged, report.warnings) == (0, 6, [])
    assert await fetch("SELECT * FROM event ORDER BY id") == before
    assert await fetchval("SELECT count(*) FROM site") == 9


async def test_what_staff_edited_is_left_alone_and_said(db: asyncpg.Connection) -> None:
    await run((HEAD + GOOD).encode())
    await db.execute("UPDATE site SET capacity = 99")
    report = await run((HEAD + GOOD).encode())
    assert report.unchanged == 1
    assert report.warnings[0].line == 2
    assert "capacity" in report.warnings[0].reason
    assert await fetchval("SELECT capacity FROM site") == 99


async def test_a_dry_run_says_the_same_and_writes_nothing(db: asyncpg.Connection) -> None:
    report = await run(SAMPLE, dry_run=True)
    assert (report.dry_run, report.added, len(report.refused)) == (True, 6, 1)
    assert await fetchval("SELECT count(*) FROM event") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("2026-10-01 09:00", "2026-02-30 09:00"), "2026-02-30"),
        (("2026-10-01 15:00", "2026-10-01 08:00"), "end after"),
        (("2026-10-01 09:00", "2026-03-29 03:30"), "clocks go forward"),
        (("low-carbon", "low-carbon;magic"), "theme: magic"),
        (("05,", "20,"), "region: 20"),
        ((",10,,", ",,,"), "no places"),
        (("workshop", "party"), "kind of event: party"),
        (("published", "perhaps"), "status: perhaps"),
        (("Paja", "P" * 201), "longer than"),
        ((",10,", ",ten,"), "places: ten"),
        (("published", "published,surplus"), "more cells"),
    ],
)
async def test_a_bad_row_falls_alone_with_its_reason(
    db: asyncpg.Connection, change: tuple[str, str], reason: str
) -> None:
    other = GOOD.replace("Paja", "Toinen")
    report = await run((HEAD + GOOD.replace(*change, 1) + other).encode())
    assert [refused.line for refused in report.refused] == [2]
    assert reason in report.refused[0].reason
    assert report.added == 1


@pytest.mark.parametrize(
    ("column", "cell"), [("kind", "workshop"), ("starts", "2026-10-01 09:00"), ("status", "published")]
)
async def test_every_word_that_the_page_names_is_taken(db: asyncpg.Connection, column: str, cell: str) -> None:
    words = next(each.words for each in COLUMNS if each.name == column)
    row = GOOD.replace("2026-10-01 15:00", "2027-12-01 15:00")
    rows = [row.replace(cell, word).replace("Paja", f"Paja {number}") for number, word in enumerate(words)]
    report = await run((HEAD + "".join(rows)).encode(), dry_run=True)
    assert (report.added, report.refused) == (len(words), [])


async def test_the_same_event_twice_in_a_file_is_taken_once(db: asyncpg.Connection) -> None:
    report = await run((HEAD + GOOD + GOOD.replace("Shop", "Other")).encode())
    assert (report.added, [refused.line for refused in report.refused]) == (1, [3])


async def test_a_spreadsheet_with_finnish_words_is_taken_too(db: asyncpg.Connection) -> None:
    rows: list[list[object]] = [
        ["Laji", "Otsikko", "Alkaa", "Päättyy", "Maakunta", "Paikka", "Paikkoja", "Teemat", "Tila"],
        ["Työpaja", "Paja", "1.10.2026 9.00", "1.10.2026 15.00", 5, "Verkatehdas", 40.0, "Vähähiilisyys", "julkaistu"],
    ]
    report = await run(xlsx(rows))
    assert (report.added, report.refused) == (1, [])
    event = await queries.by_slug("paja-2026-10-01")
    assert event is not None
    assert (event.kind, event.host_region, event.themes) == ("workshop", "05", ["low-carbon"])


async def test_a_file_without_the_columns_is_refused_as_a_whole(db: asyncpg.Connection) -> None:
    with pytest.raises(Unreadable, match="starts"):
        await run(b"kind,title_fi\nworkshop,Paja\n")


async def test_an_organiser_imports_into_their_own_region_only(db: asyncpg.Connection) -> None:
    actor = Actor(ActorKind.STAFF, uuid4(), "Olli", (Grant("organiser", "region", "05"),))
    report = await run((HEAD + GOOD + GOOD.replace(",05,", ",06,")).encode(), actor=actor)
    assert (report.added, [refused.line for refused in report.refused]) == (1, [3])
