"""The page of results shows at a glance what it says in numbers."""

import io
import re

import asyncpg
import pytest
from httpx import AsyncClient
from PIL import Image
from pypdf import PdfReader

from events.core import clock, database
from events.core.drawing import pdf, png
from events.core.i18n import in_language
from events.programme import queries as programme
from events.surveys.actions import submit
from events.surveys.queries import survey_of
from events.surveys.results.figures import figures
from events.surveys.results.files import Made, on_paper
from events.surveys.results.queries import results
from tests.factories import make_staff, sign_in
from tests.looks import width_of
from tests.surveys.asking import ANSWER, MORNING, asked


async def _page(client: AsyncClient) -> str:
    event, links = await asked(8)
    for number, link in enumerate(links[:5]):
        await submit(link, {**ANSWER, "usefulness": "5" if number else "4"}, MORNING)
    await sign_in(client, await make_staff("coordinator"))
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    with clock.at(MORNING):
        return (await client.get(f"/staff/events/{slug}/survey?lang=en")).text


async def test_each_answer_that_was_chosen_is_drawn_as_long_as_its_share(client: AsyncClient) -> None:
    page = await _page(client)
    (table,) = re.findall(r"<table.*?How useful was the event.*?</table>", page, re.DOTALL)
    rows = re.findall(r'class="number">(\d+)</td><td class="drawn".*?width="(\d+)"', table, re.DOTALL)
    assert [int(drawn) for _said, drawn in rows] == [0, 0, 0, 20, 80]
    assert [said for said, _drawn in rows] == [drawn for _said, drawn in rows]


async def test_the_two_rates_stand_on_one_card_each_with_what_it_counts(client: AsyncClient) -> None:
    page = await _page(client)
    cards = re.findall(r"<div><dt>(.*?)</dt>(.*?)</div>", page, re.DOTALL)
    assert [name for name, _card in cards] == ["Attended", "Asked", "Answers", "Response rate of those who attended"]
    _name, rates = cards[-1]
    assert "<dd>Response rate of those who were asked: 63 %</dd><dd>Answers per invitation that was sent.</dd>" in rates


MM = 72 / 25.4
TRACK = (210 - 20 - 46) * MM - 5, (210 - 20) * MM - 5
"""Where the bars stand on paper, in points from its left edge: at the end of the table, before the room of its cell."""


def _bars(picture: bytes) -> list[int]:
    """Return of how many per cent each bar is dark on a page in grey: its track is light, and as high as four lines."""
    page = Image.open(io.BytesIO(picture)).convert("L")
    found, alike, last = [], 0, b""
    for y in range(page.height):
        line = page.crop((round(TRACK[0]) + 1, y, round(TRACK[1]) - 1, y + 1)).tobytes()
        alike = alike + 1 if line == last and 200 < max(line) < 250 else 0
        last = line
        if alike == 3:
            found.append(round(100 * sum(tone < 110 for tone in line) / len(line)))
    return found


async def test_on_paper_too_a_share_is_drawn_as_long_as_it_is(db: asyncpg.Connection) -> None:
    event, links = await asked(8)
    for number, link in enumerate(links[:5]):
        await submit(link, {"usefulness": "5" if number else "4"}, MORNING)
    held, survey = await programme.by_id(event), await survey_of(event, "feedback")
    assert held is not None
    assert survey is not None
    with in_language("en"):
        summed = await results(event, survey)
        lines = tuple(figures(each, texts_shown=True) for each in summed.results[:1])
        made = Made(event=held, survey=survey, summed=summed, figures=lines, parts=(), texts={}, made_at=MORNING)
        data = await on_paper(made)
    shares = data["questions"][0]["shares"]
    assert [row[-1] for row in data["questions"][0]["rows"]] == [str(share) for share in shares], "it is said as well"
    assert _bars(await png("surveys/results.typ", data, ppi=72)) == pytest.approx(shares, abs=2) == [0, 0, 0, 20, 80]


WORDY = ("We plan a joint project", "We keep in touch with each other", "Nothing so far", "Funding is applied for")


async def test_on_paper_wordy_columns_do_not_run_into_each_other(db: asyncpg.Connection) -> None:
    part = {"headings": ["Language", "Answers", *WORDY, *WORDY], "words": 1, "together": [1]}
    part["rows"] = [["Suomi", "28", *["25 %"] * 8], ["All together", "63", *["25 %"] * 8]]
    question = {"title": "What next?", "language": "en", "notes": "", "chart": "", "alt": "", "headings": []}
    question |= {"rows": [], "shares": [], "parts": [part], "texts": []}
    data = {"language": "en", "title": "Results", "made": "", "figures": [], "note": "", "untold": ""}
    made = PdfReader(io.BytesIO(await pdf("surveys/results.typ", {**data, "questions": [question]}, now=MORNING)))
    places = {}
    made.pages[0].extract_text(visitor_text=lambda text, here, *_more: places.setdefault(text.strip(), here[4]))
    assert places["Suomi"] + width_of("Suomi", 9.5) < places["28"]
