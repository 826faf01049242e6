"""The list of registrations as staff look at it: a page of 5,000, and 10,000 as a file to its last byte."""

import asyncio
import statistics
import time
import urllib.request
from uuid import UUID, uuid4

import asyncpg

from benchmarks.harness import Figure
from benchmarks.stage import Stage, add_event, connected
from events.accounts.authentication import session_cookie_name
from events.core import secrets
from events.core.text import fold

PEOPLE, MOST_MILLISECONDS = 5_000, 150
LISTED, MOST_SECONDS = 10_000, 0.5
ROUNDS = 15
SESSION = "a-session-for-measuring-only"
VIEWS = {
    "first page": "",
    "by name, all columns": "sort=name&columns=email,organisation,type,municipality,region,site,state,number,role,tags,"
    "notes,attendance,arrived,listed,code,language,registered,source,"
    "registered_by,cancel_reason,answer.track",
    "filtered": "state=confirmed&q=virtanen&type=company&region=06&note=without&sort=-organisation",
    "by a tag": "tag=bussi&sort=registered",
    "by answers": "answer=track%3Dlean&answer=bus%3D-&organisation=Paja+5000+7&sort=organisation",
    "unanswered": "answer=bus%3D-&by=without",
    "last page": "page=100",
}


def measure(stage: Stage) -> list[Figure]:
    """Fill two events, then ask as one member of staff after the other would: one request at a time."""
    asyncio.run(_fill(stage))
    base = f"{stage.web_url}/staff/events"
    pages = {
        name: statistics.median(_seconds(f"{base}/bench-{PEOPLE}/registrations?{query}") for _ in range(ROUNDS)) * 1000
        for name, query in VIEWS.items()
    }
    slowest = max(pages, key=pages.__getitem__)
    file = statistics.median(_seconds(f"{base}/bench-{LISTED}/registrations.csv") for _ in range(5))
    book = _seconds(f"{base}/bench-{LISTED}/registrations.xlsx")
    shown = ", ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in pages.items())
    return [
        Figure(
            f"staff list of {PEOPLE:,}",
            f"median ms: {shown}",
            "",
            "",
            f"< {MOST_MILLISECONDS} ms",
            pages[slowest] < MOST_MILLISECONDS,
        ),
        Figure(
            f"attendance list of {LISTED:,} as CSV",
            f"{file:.2f} s to the last byte, all columns (as XLSX {book:.1f} s)",
            "",
            "",
            f"< {MOST_SECONDS} s",
            file < MOST_SECONDS,
        ),
    ]


def _seconds(url: str) -> float:
    request = urllib.request.Request(url, headers={"cookie": f"{session_cookie_name()}={SESSION}"})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
        if "/sign-in" in answer.url:
            raise RuntimeError("not signed in")
    return time.perf_counter() - begun


async def _fill(stage: Stage) -> None:
    async with connected(stage.database_url) as connection:
        staff = uuid4()
        await connection.execute(
            "INSERT INTO staff (id, email, name) VALUES ($1, 'mittaaja@sixnet.example', '')", staff
        )
        await connection.execute("INSERT INTO staff_grant (id, staff, role) VALUES ($1, $2, 'admin')", uuid4(), staff)
        await connection.execute(
            "INSERT INTO session (id, staff, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 day')",
            *(uuid4(), staff, secrets.digest(SESSION)),
        )
        for people in (PEOPLE, LISTED):
            event, site = await add_event(connection, f"bench-{people}")
            await _register(connection, event, site, people)
        await connection.execute("ANALYZE")


async def _register(connection: asyncpg.Connection, event: UUID, site: UUID, people: int) -> None:
    """Let people of 200 organisations and all towns register; a third have tags, notes, consents, an attendance."""
    towns = [row["code"] for row in await connection.fetch("SELECT code FROM municipality ORDER BY code")]
    families = ("Virtanen", "Äijälä", "Öhman", "Korhonen", "Åberg", "Mäkinen")
    firms = [
        (uuid4(), f"Paja {people} {number} Oy", f"paja {people} {number}", "company" if number % 3 else "research")
        for number in range(200)
    ]
    await connection.copy_records_to_table("organisation", records=firms, columns=["id", "name", "folded", "type"])
    persons, registrations = [], []
    for number in range(people):
        identity, family = uuid4(), families[number % len(families)]
        given = f"Aino{number}"
        persons.append((identity, given, family, fold(f"{given} {family}"), f"aino{people}.{number}@paja.example"))
        registrations.append((
            identity, event, identity, site, "waitlisted" if number % 10 == 9 else "confirmed", number,
            towns[number % len(towns)], firms[number % 200][0], secrets.digest(f"t{identity}"), f"{number:06d}",
            secrets.digest(f"m{identity}"),
        ))  # fmt: skip
    await connection.copy_records_to_table(
        "person", records=persons, columns=["id", "given_name", "family_name", "folded", "email"]
    )
    await connection.copy_records_to_table(
        "registration",
        records=registrations,
        columns=["id", "event", "person", "site", "state", "number", "municipality", "organisation",
                 "ticket_hash", "ticket_code", "manage_hash"],
    )  # fmt: skip
    await _answer(connection, event)
    third = " FROM registration WHERE event = $1 AND number % 3 = 0"
    for table, columns, values in (
        ("registration_tag", "id, registration, tag, folded", "gen_random_uuid(), id, 'Bussi', 'bussi'"),
        ("registration_note", "id, registration, text", "gen_random_uuid(), id, 'Tulee junalla.'"),
        ("consent", "id, registration, kind, text, language", "gen_random_uuid(), id, 'participant_list', '', 'fi'"),
        ("attendance", "registration, state, source, actor_kind", "id, 'attended', 'scan', 'system'"),
    ):
        await connection.execute(f"INSERT INTO {table} ({columns}) SELECT {values}{third}", event)


async def _answer(connection: asyncpg.Connection, event: UUID) -> None:
    """Let the event ask two questions; everybody answers the first, a third the second as well."""
    for code, kind, who, answer in (
        ("track", "many", "true", "to_jsonb(ARRAY[CASE WHEN number % 2 = 0 THEN 'lean' ELSE 'ai' END])"),
        ("bus", "yes_no", "number % 3 = 0", "to_jsonb('yes'::text)"),
    ):
        question = uuid4()
        await connection.execute(
            "INSERT INTO question (id, event, code, kind, label_fi, position) VALUES ($1, $2, $3, $4, 'Kysymys', 0)",
            *(question, event, code, kind),
        )
        await connection.execute(
            "INSERT INTO registration_answer (id, registration, question, value)"
            f" SELECT gen_random_uuid(), id, $2, {answer} FROM registration WHERE event = $1 AND {who}",
            *(event, question),
        )
