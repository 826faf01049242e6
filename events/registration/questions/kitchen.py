"""Heads and diets for the catering: counts per site without names, and what has changed since they were ordered.

What was written in free words is counted like the rest. An order keeps only a keyed digest of it: who takes an answer
back has taken it back everywhere, and the order still knows that something is gone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from events.accounts import audit
from events.core import database, secrets
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
    """A number with what it counts; `ordered` is the number as it was ordered, None before any order.

    `written`: it counts who wrote these very words.
    """

    words: str
    count: int
    ordered: int | None
    written: bool = False

    @property
    def new(self) -> bool:
        """Whether someone wrote this since the order."""
        return self.written and self.ordered == 0

    @property
    def change(self) -> str:
        """By how much it has changed since the order, with its sign; empty when it has not."""
        difference = 0 if self.ordered is None else self.count - self.ordered
        return "" if not difference else f"{'+' if difference > 0 else ''}{format_number(difference)}"


class Question(Struct, frozen=True):
    """The counts of a question's answers."""

    words: str
    lines: Sequence[Line]


class Table(Struct, frozen=True):
    """What a site needs: heads first, then each question of the kitchen."""

    place: str
    heads: Line
    questions: Sequence[Question]


class Kitchen(Struct, frozen=True):
    """The catering of an event; `ordered_at` is None until the numbers were ordered.

    `stand` names what is counted: it is another one as soon as anything differs.
    """

    tables: Sequence[Table]
    ordered_at: datetime | None
    stand: str

    @property
    def changed(self) -> bool:
        """Whether a number differs from the one that was ordered."""
        lines = [line for table in self.tables for each in table.questions for line in each.lines]
        return any(line.change for line in [*lines, *(table.heads for table in self.tables)])


async def kitchen_of(event: EventView) -> Kitchen:
    """Count heads and answers at the venues of an event; online nobody eats with us."""
    questions = [question for question in await queries.of_event(event.id) if question.kitchen]
    counted = await _count(event, questions)
    row = await database.fetchrow(
        "SELECT ordered_at, counts FROM kitchen_order WHERE event = $1 ORDER BY ordered_at DESC LIMIT 1", event.id
    )
    ordered = msgspec.json.decode(row["counts"], type=dict[str, int]) if row else None
    places = await place_names(event)
    tables = []
    for site in _venues(event):
        heads = _line(_("People"), str(site), counted, ordered)
        asked = [_question(question, site, counted, ordered) for question in questions]
        tables.append(Table(places[site], heads, asked))
    return Kitchen(tables, row["ordered_at"] if row else None, _stand(event, counted))


async def mark_ordered(event: EventView, stand: str, *, actor: Actor, now: datetime) -> bool:
    """Keep the numbers as they are now: they were ordered.

    Returns False, and keeps nothing, when they are not those any more that who ordered has seen: `stand` of them.
    """
    async with transaction():
        questions = [question for question in await queries.of_event(event.id) if question.kitchen]
        counted = await _count(event, questions)
        if stand != _stand(event, counted):
            return False
        await database.execute(
            "INSERT INTO kitchen_order (id, event, ordered_at, counts) VALUES (gen_random_uuid(), $1, $2, $3)",
            *(event.id, now, msgspec.json.encode(counted.numbers).decode()),
        )
        await audit.record(actor, "kitchen.ordered", "event", event.id, now)
    return True


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


class _Counts(NamedTuple):
    """How many there are of each key: "site", "site/code=value", or "site/code~digest" of the `words` in free words."""

    numbers: dict[str, int]
    words: dict[str, str]


async def _count(event: EventView, questions: Sequence[Asked]) -> _Counts:
    by_code = {question.code: question for question in questions}
    numbers = {str(site.id): site.taken for site in event.sites if site.mode == SiteMode.VENUE}
    words: dict[str, str] = {}
    for row in await database.fetch(_ANSWERS, event.id, [state.value for state in HOLDING]):
        question, value = by_code[row["code"]], msgspec.json.decode(row["value"])
        start = f"{row['site']}/{row['code']}"
        if _counted(question):
            keys = [f"{start}={each}" for each in values_of(value)]
        else:
            text = in_words(question, value)
            keys = [f"{start}~{secrets.derive('kitchen', f'{event.id}|{text}')}"]
            words[keys[0]] = text
        for key in keys:
            numbers[key] = numbers.get(key, 0) + 1
    return _Counts(numbers, words)


def _stand(event: EventView, counted: _Counts) -> str:
    return secrets.derive("kitchen", f"{event.id}|{sorted(counted.numbers.items())}")


def _counted(question: Asked) -> bool:
    return question.kind in {*CHOICES, QuestionKind.YES_NO, QuestionKind.CONSENT}


def _question(question: Asked, site: UUID, counted: _Counts, ordered: Mapping[str, int] | None) -> Question:
    start = f"{site}/{question.code}"
    if not _counted(question):
        return Question(question.label[0], _written(f"{start}~", counted, ordered))
    values = {QuestionKind.YES_NO: ["yes", "no"], QuestionKind.CONSENT: ["yes"]}.get(
        question.kind, [option.code for option in question.options]
    )
    lines = [
        _line(
            in_words(question, {} if question.kind is QuestionKind.CONSENT else value),
            f"{start}={value}",
            counted,
            ordered,
        )
        for value in values
    ]
    return Question(question.label[0], lines)


def _written(start: str, counted: _Counts, ordered: Mapping[str, int] | None) -> list[Line]:
    """Return what stands there in free words, by the alphabet, and last how many of the order are gone altogether."""
    now = sorted((text, key) for key, text in counted.words.items() if key.startswith(start))
    lines = [structs.replace(_line(text, key, counted, ordered), written=True) for text, key in now]
    gone = sum(count for key, count in (ordered or {}).items() if key.startswith(start) and key not in counted.numbers)
    return [*lines, Line(_("Answers of the order that are gone"), 0, gone)] if gone else lines


def _line(words: str, key: str, counted: _Counts, ordered: Mapping[str, int] | None) -> Line:
    return Line(words, counted.numbers.get(key, 0), None if ordered is None else ordered.get(key, 0))


def _on_paper(table: Table) -> dict[str, Any]:
    groups = [{"name": question.words, "rows": [_row(line) for line in question.lines]} for question in table.questions]
    return {"place": table.place, "heads": _row(table.heads), "groups": groups}


def _row(line: Line) -> list[str]:
    ordered = "–" if line.ordered is None else format_number(line.ordered)
    words = _("New: %(words)s", words=line.words) if line.new else line.words
    return [words, format_number(line.count), ordered, line.change]
