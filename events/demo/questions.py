"""What the demo's next events ask, and what was answered."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events.core import database
from events.core.actor import SYSTEM
from events.demo.attendance import Registered
from events.demo.plan import Planned
from events.demo.rows import copy_rows
from events.registration.consents import consent_texts
from events.registration.questions import queries
from events.registration.questions.asked import Asked, Value
from events.registration.questions.bank import save_to_bank
from events.registration.questions.building import NewOption, NewQuestion, add_question
from events.registration.questions.tables import QuestionKind
from events.registration.rules import HOLDING
from events.registration.tables import ConsentKind

ASKING = 2
"""How many of the next events at a venue ask something."""

EATING, OF_A_DIET, SAYING = 0.85, 0.3, 0.2
"""Shares of people: who have lunch, of them those with a diet, who ask the speakers something."""

_LIMITED = """
UPDATE question_option SET taken = (
    SELECT count(*) FROM registration_answer
    WHERE registration_answer.question = question_option.question AND value = to_jsonb(question_option.code))
WHERE capacity IS NOT NULL
"""

_ALLERGIES = {"fi": "Pähkinät", "sv": "Nötter", "en": "Nuts"}
_WISHES = {
    "fi": "Mistä pieni yritys saa ensimmäisen mittausdatan?",
    "sv": "Var får ett litet företag sina första mätdata?",
    "en": "Where does a small company get its first measurements?",
}


async def add_questions(
    chance: random.Random, events: Sequence[Planned], known: Sequence[Registered], now: datetime
) -> None:
    """Let the next events at a venue ask for lunch, diets and groups, with answers of those who have a place."""
    coming = [event for event in events if event.starts_at > now and event.state == "published" and event.registered]
    coming = sorted((event for event in coming if _venue(event)), key=lambda event: event.starts_at)[:ASKING]
    for event in coming:
        for new in _questions(event):
            await add_question(event.id, new, actor=SYSTEM, now=now)
        asked = {question.code: question for question in await queries.of_event(event.id)}
        placed = [one for one in known if one.event.id == event.id and one.state in HOLDING]
        await _answer(asked, [(one, _answers(chance, one, _venue(event))) for one in placed])
        if event is coming[0]:
            await save_to_bank(event.id, asked["your-diet"].id, actor=SYSTEM, now=now)
    await database.execute(_LIMITED)


def _venue(event: Planned) -> UUID | None:
    return next((site.id for site in event.sites if site.mode == "venue"), None)


def _questions(event: Planned) -> Iterator[NewQuestion]:
    yield NewQuestion(
        kind=QuestionKind.YES_NO,
        labels={"fi": "Syötkö lounaan?", "sv": "Äter du lunch?", "en": "Lunch?"},
        required=True,
        kitchen=True,
        shown_at=[venue] if (venue := _venue(event)) else [],
    )
    yield NewQuestion(
        kind=QuestionKind.MANY,
        labels={"fi": "Ruokavaliosi", "sv": "Din diet", "en": "Your diet"},
        health=True,
        kitchen=True,
        shown_if=["lunch=yes"],
        options=[
            _option("Vegaaninen", "Vegansk", "Vegan"),
            _option("Gluteeniton", "Glutenfri", "Gluten-free"),
            _option("Laktoositon", "Laktosfri", "Lactose-free"),
        ],
    )
    yield NewQuestion(
        kind=QuestionKind.SHORT,
        labels={"fi": "Allergiat", "sv": "Allergier", "en": "Allergies"},
        health=True,
        kitchen=True,
        shown_if=["lunch=yes"],
    )
    yield NewQuestion(
        kind=QuestionKind.ONE,
        labels={"fi": "Mihin ryhmään tulet?", "sv": "Vilken grupp väljer du?", "en": "Group"},
        required=True,
        options=[
            _option("Mittaaminen", "Mätning", "Measuring", 200),
            _option("Laskenta", "Beräkning", "Accounting", 200),
            _option("Hankinnat", "Inköp", "Purchasing", 2),
        ],
    )
    yield NewQuestion(
        kind=QuestionKind.LONG,
        labels={"fi": "Mitä haluat kysyä puhujilta?", "sv": "Vad vill du fråga talarna?", "en": ""},
        helps={"fi": "Välitämme kysymykset ilman nimiä.", "sv": "Vi förmedlar frågorna utan namn.", "en": ""},
    )


def _option(finnish: str, swedish: str, english: str, capacity: int | None = None) -> NewOption:
    return NewOption(labels={"fi": finnish, "sv": swedish, "en": english}, capacity=capacity)


def _answers(chance: random.Random, one: Registered, venue: UUID | None) -> dict[str, Value]:
    """Return what someone answered; the smallest group is left to those who try the demo."""
    answers: dict[str, Value] = {"group": chance.choice(["measuring", "accounting"])}
    language = one.person.language
    if one.site.id == venue:
        answers["lunch"] = "yes" if chance.random() < EATING else "no"
        if answers["lunch"] == "yes" and chance.random() < OF_A_DIET:
            answers["your-diet"] = [chance.choice(["vegan", "gluten-free", "lactose-free"])]
            if chance.random() < OF_A_DIET:
                answers["allergies"] = _ALLERGIES[language]
    if chance.random() < SAYING:
        answers["mita-haluat-kysya-puhujilta"] = _WISHES[language]
    return answers


async def _answer(asked: Mapping[str, Asked], given: Sequence[tuple[Registered, Mapping[str, Value]]]) -> None:
    rows: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for one, answers in given:
        consent = consent_texts(one.person.language)[ConsentKind.HEALTH]
        for code, value in answers.items():
            row = {
                "id": uuid4(),
                "registration": one.id,
                "question": asked[code].id,
                "value": msgspec.json.encode(value).decode(),
                "answered_at": one.at,
            }
            health = asked[code].health
            more = {"consent_text": consent, "consent_language": one.person.language} if health else {}
            rows[health].append({**row, **more})
    await copy_rows("registration_answer", rows[False])
    await copy_rows("health_answer", rows[True])
