"""Results by site, language and region on the page and in its files, by name and without."""

import io
import re
import zipfile
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.core import clock, database, secrets
from events.core.actor import SYSTEM
from events.surveys.actions import seal, submit
from events.surveys.building import settling
from events.surveys.sending.actions import invite_due
from tests.factories import NOW, make_person, make_staff, sign_in
from tests.surveys.asking import ANSWER, MORNING, attended, held_event, tokens
from tests.surveys.groups.test_labels_join_nothing import two_sites
from tests.surveys.results.test_files import sheet

AFTER = MORNING.replace(month=12)
"""When the survey has closed."""


async def _slug(event: UUID) -> str:
    return str(await database.fetchval("SELECT slug FROM event WHERE id = $1", event))


async def _all_answer(event: UUID) -> None:
    for token in await tokens(event):
        await submit(token, ANSWER, MORNING)
    await seal(AFTER)


@pytest.fixture
async def anonymous(client: AsyncClient) -> str:
    event, _sites = await two_sites()
    await _all_answer(event)
    await sign_in(client, await make_staff("coordinator"))
    return f"/staff/events/{await _slug(event)}/survey"


async def test_the_page_and_the_files_tell_sites_apart_and_say_how_many_they_do_not(
    client: AsyncClient, anonymous: str
) -> None:
    page = (await client.get(f"{anonymous}?by=site&lang=en")).text
    assert '<option value="site" selected>' in page
    told = re.search(r"Site: (\d+) of 44 answers are in the row “Not told apart”", page)
    assert told
    untold = int(told[1])
    file = await client.get(f"{anonymous}/results.xlsx?lang=en")
    rows = [row[1:3] for row in sheet(file.content, "Site") if row[0] == "How useful was the event for your work?"]
    (hall, in_hall), (online, at_home) = sorted(rows[1:3])
    assert (hall, online) == ("hall", "online")
    assert rows[3:] == [["Not told apart", untold], ["All together", 44]]
    assert in_hall + at_home == 44 - untold >= 20
    marked = re.findall(r'<tr role="row" class="together"><th[^>]*>(.*?)</th>', page)
    assert marked == ["All together"] * page.count("<caption>Site: "), "what sums up the others is told from them"
    pdf = await client.get(f"{anonymous}/results.pdf?by=site&lang=en")
    assert pdf.content.startswith(b"%PDF")
    assert len(pdf.content) > len((await client.get(f"{anonymous}/results.pdf?lang=en")).content)


async def test_shares_are_numbers_in_the_workbook_and_in_words_on_the_page(client: AsyncClient, anonymous: str) -> None:
    content = (await client.get(f"{anonymous}/results.xlsx?lang=en")).content
    heads, *rows = [row for row in sheet(content, "Site") if row[0] == "How useful was the event for your work?"]
    together = next(row for row in rows if row[1] == "All together")
    assert together[heads.index("4")] == 1.0
    assert {type(cell) for row in rows for cell in row[2 : 4 + len("12345")]} == {float}
    rates = {row[0]: row[1] for row in sheet(content, "Summary") if str(row[0]).startswith("Response rate")}
    assert list(rates.values()) == [1.0, "–"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert 'formatCode="0 %"' in parts.read("xl/styles.xml").decode()
    page = (await client.get(f"{anonymous}?by=site&lang=en")).text
    assert '<td role="cell" data-label="4" class="number">100 %</td>' in page
    assert '<dd class="figure">100 %</dd>' in page


async def test_what_would_single_out_is_told_as_such(client: AsyncClient, anonymous: str) -> None:
    page = (await client.get(f"{anonymous}?by=language&lang=en")).text
    assert "Language: nothing can be told apart" in page
    assert "Svenska</th>" not in page
    assert (await client.get(f"{anonymous}?by=name")).status_code == 404


async def test_by_name_groups_come_from_registrations_and_small_ones_are_hidden(client: AsyncClient) -> None:
    event = await held_event()
    await settling.settle(event, "feedback", names={}, named=True, version=None, actor=SYSTEM, now=NOW)
    for language, number in (("fi", 8), ("sv", 6), ("en", 2)):
        for each in range(number):
            await attended(event, person=await make_person(f"{language}{each}"), language=language)
    await invite_due(MORNING)
    assert await database.fetchval("SELECT count(*) FROM survey_invitation WHERE cell IS NOT NULL") == 0
    await _all_answer(event)
    await sign_in(client, await make_staff("viewer"))
    page = (await client.get(f"/staff/events/{await _slug(event)}/survey?by=language&lang=en")).text
    assert "Language: 8 of 16 answers are in the row “Not told apart”: groups of fewer than five" in page
    assert "Suomi</th>" in page
    assert "English</th>" not in page


async def test_as_long_as_answers_may_come_the_figures_move_in_steps(client: AsyncClient) -> None:
    """Whoever loads the page after each answer sees no difference that is one person's."""
    event, _sites = await two_sites((("hall", "fi", 16),))
    address = f"/staff/events/{await _slug(event)}/survey?lang=en"
    await sign_in(client, await make_staff("coordinator"))
    seen = []
    for number, link in enumerate(await database.fetch("SELECT id FROM survey_invitation"), start=1):
        await submit(secrets.derive("survey", link["id"]), {"usefulness": 1 + number % 5}, MORNING)
        with clock.at(MORNING):
            page = (await client.get(address)).text
        seen.append(next((count for count in (16, 15, 10, 5) if f"<p>{count} answers · mean" in page), 0))
    assert seen == [0] * 4 + [5] * 10 + [10] * 2
    assert "6 answers are counted, and not shown yet." in page
    await seal(AFTER)
    assert "<p>16 answers · mean" in (await client.get(address)).text


async def test_the_page_says_when_the_figures_move_and_what_a_reminder_changes(
    client: AsyncClient, anonymous: str
) -> None:
    page = (await client.get(f"{anonymous}?lang=en")).text
    assert "When the figures move" in page
    assert "After a reminder each group is counted anew" in page
    slug = anonymous.split("/")[3]
    event = await database.fetchval("SELECT id FROM event WHERE slug = $1", slug)
    await database.execute("UPDATE survey SET named = true WHERE event = $1", event)
    assert "When the figures move" not in (await client.get(f"{anonymous}?lang=en")).text
