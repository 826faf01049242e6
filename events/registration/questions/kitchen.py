"""Heads and diets for the catering: counts per site without names, and what has changed since they were ordered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts import audit
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.drawing import pdf
from events.core.i18n import format_datetime, format_number, language
from events.core.i18n import gettext as _
from events.programme.queries import EventView
from events.programme.tables import SiteMode
from events.registration.places import place_names
from events.registration.questions import queries
from events.registration.questions.asked import CHOICES, Asked, in_words, values_of
from events.registration.questions.tables import QuestionKind
from events.registration.rules import HOLDING

_ANSWERS = """
SELECT registration.site, question.code, given.value
FROM (SELECT registration, question, value FROM registration_answer
      UNION ALL SELECT registration, question, value FROM health_answer) AS given
JOIN question ON question.id = given.question AND question.event = $1 AND question.kitchen
JOIN registration ON registration.id = given.registration AND registration.state = ANY($2)
"""


class Line(Struct, frozen=True):
    """A number with what it counts; `ordered` is the number as it was ordered, None before any order."""

    words: str
    count: int
    ordered: int | None

    @property
    def change(self) -> str:
        """By how much it has changed since the order, with its sign; empty when it has not."""
        difference = 0 if self.ordered is None else self.count - self.ordered
        return "" if not difference else f"{'+' if difference > 0 else '−'}{format_number(abs(difference))}"


class Question(Struct, frozen=True):
    """The counts of a question's answers; `texts` are those given in free words, each with how many wrote it."""

    words: str
    lines: Sequence[Line]
    texts: Sequence[tuple[str, int]] = ()


class Table(Struct, frozen=True):
    """What a site needs: heads first, then each question of the kitchen."""

    place: str
    heads: Line
    questions: Sequence[Question]


class Kitchen(Struct, frozen=True):
    """The catering of an event; `ordered_at` is None until the numbers were ordered."""

    tables: Sequence[Table]
    ordered_at: datetime | None

    @property
    def changed(self) -> bool:
        """Whether a number differs from the one that was ordered."""
        lines = [line for table in self.tables for each in table.questions for line in each.lines]
        return any(line.change for line in [*lines, *(table.heads for table in self.tables)])


async def kitchen_of(event: EventView) -> Kitchen:
    """Count heads and answers at the venues of an event; online nobody eats with us."""
    questions = [question for question in await queries.of_event(event.id) if question.kitchen]
    numbers, texts = await _numbers(event, questions)
    row = await database.fetchrow(
        "SELECT ordered_at, counts FROM kitchen_order WHERE event = $1 ORDER BY ordered_at DESC LIMIT 1", event.id
    )
    ordered = msgspec.json.decode(row["counts"], type=dict[str, int]) if row else None
    places = await place_names(event)
    tables = []
    for site in _venues(event):
        heads = _line(_("People"), str(site), numbers, ordered)
        asked = [_question(question, site, numbers, texts, ordered) for question in questions]
        tables.append(Table(places[site], heads, asked))
    return Kitchen(tables, row["ordered_at"] if row else None)


async def mark_ordered(event: EventView, *, actor: Actor, now: datetime) -> None:
    """Keep the numbers as they are now: they were ordered."""
    async with transaction():
        questions = [question for question in await queries.of_event(event.id) if question.kitchen]
        numbers, _texts = await _numbers(event, questions)
        await database.execute(
            "INSERT INTO kitchen_order (id, event, ordered_at, counts) VALUES (gen_random_uuid(), $1, $2, $3)",
            *(event.id, now, msgspec.json.encode(numbers).decode()),
        )
        await audit.record(actor, "kitchen.ordered", "event", event.id, now)


async def kitchen_pdf(event: EventView, *, now: datetime) -> bytes:
    """Set the catering on paper, for those who cook. Raises DrawingFailed."""
    kitchen = await kitchen_of(event)
    data: dict[str, Any] = {
        "language": language(),
        "title": f"{_('Catering')}: {event.title}",
        "when": format_datetime(event.starts_at, event.zone),
        "made": _("The numbers of %(when)s", when=format_datetime(now, event.zone)),
        "ordered": _("Ordered: %(when)s", when=format_datetime(kitchen.ordered_at, event.zone))
        if kitchen.ordered_at
        else "",
        "headings": [_("What"), _("Now"), _("Ordered"), _("Difference")],
        "tables": [_on_paper(table) for table in kitchen.tables],
    }
    return await pdf("registration/kitchen.typ", data, now=now)


def _venues(event: EventView) -> list[UUID]:
    return [site.id for site in event.sites if site.mode == SiteMode.VENUE]


async def _numbers(
    event: EventView, questions: Sequence[Asked]
) -> tuple[dict[str, int], dict[tuple[UUID, str], Counter[str]]]:
    """Return the numbers by "site" and "site/code=value", and the free texts by site and question."""
    by_code = {question.code: question for question in questions}
    numbers = {str(site.id): site.taken for site in event.sites if site.mode == SiteMode.VENUE}
    texts: dict[tuple[UUID, str], Counter[str]] = {}
    for row in await database.fetch(_ANSWERS, event.id, [state.value for state in HOLDING]):
        question, value = by_code[row["code"]], msgspec.json.decode(row["value"])
        if _counted(question):
            for each in values_of(value):
                key = f"{row['site']}/{row['code']}={each}"
                numbers[key] = numbers.get(key, 0) + 1
        else:
            texts.setdefault((row["site"], row["code"]), Counter())[in_words(question, value)] += 1
    return numbers, texts


def _counted(question: Asked) -> bool:
    return question.kind in {*CHOICES, QuestionKind.YES_NO, QuestionKind.CONSENT}


def _question(
    question: Asked,
    site: UUID,
    numbers: Mapping[str, int],
    texts: Mapping[tuple[UUID, str], Counter[str]],
    ordered: Mapping[str, int] | None,
) -> Question:
    values = {QuestionKind.YES_NO: ["yes", "no"], QuestionKind.CONSENT: ["yes"]}.get(
        question.kind, [option.code for option in question.options]
    )
    lines = [
        _line(
            in_words(question, {} if question.kind is QuestionKind.CONSENT else value),
            f"{site}/{question.code}={value}",
            numbers,
            ordered,
        )
        for value in values
        if _counted(question)
    ]
    written = texts.get((site, question.code), Counter())
    return Question(question.label[0], lines, sorted(written.items()))


def _line(words: str, key: str, numbers: Mapping[str, int], ordered: Mapping[str, int] | None) -> Line:
    return Line(words, numbers.get(key, 0), None if ordered is None else ordered.get(key, 0))


def _on_paper(table: Table) -> dict[str, Any]:
    groups = [
        {
            "name": question.words,
            "rows": [_row(line) for line in question.lines],
            "texts": [f"{format_number(count)} × {text}" for text, count in question.texts],
        }
        for question in table.questions
    ]
    return {"place": table.place, "heads": _row(table.heads), "groups": groups}


def _row(line: Line) -> list[str]:
    ordered = "–" if line.ordered is None else format_number(line.ordered)
    return [line.words, format_number(line.count), ordered, line.change]
