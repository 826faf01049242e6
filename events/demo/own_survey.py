"""A survey that an event of the demo put together itself: a matrix, a condition, a question of the bank."""

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from events.core import database
from events.core.actor import SYSTEM
from events.demo.answers import OPEN_FOR, SHARE, invitations_of, marks_of, surveyed
from events.demo.attendance import Registered
from events.demo.labels import labels_of
from events.demo.rows import copy_rows
from events.surveys.asked import Choice, Question
from events.surveys.building import actions, bank, settling
from events.surveys.tables import QuestionKind

NAMES = {"fi": "Päivän rakenne", "sv": "Dagens upplägg", "en": "How the day was built"}


def _choice(code: str, fi: str, sv: str, en: str) -> Choice:
    return Choice(code, {"fi": fi, "sv": sv, "en": en})


_GRADES = (
    _choice("too-little", "liian vähän", "för lite", "too little"),
    _choice("right", "sopivasti", "lagom", "just right"),
    _choice("too-much", "liikaa", "för mycket", "too much"),
)
_PARTS = (
    _choice("talks", "Alustukset", "Inledningar", "Talks"),
    _choice("groups", "Ryhmätyöt", "Grupparbeten", "Group work"),
    _choice("visit", "Tehdaskierros", "Fabriksbesök", "Factory tour"),
    _choice("breaks", "Tauot", "Pauser", "Breaks"),
)
_YES_NO = (_choice("yes", "Kyllä", "Ja", "Yes"), _choice("no", "Ei", "Nej", "No"))

QUESTIONS = (
    Question(
        kind=QuestionKind.MATRIX,
        labels={
            "fi": "Kuinka paljon aikaa kullekin osalle oli?",
            "sv": "Hur mycket tid fanns det för varje del?",
            "en": "How much time was there for each part?",
        },
        options=_GRADES,
        rows=_PARTS,
        required=True,
    ),
    Question(
        kind=QuestionKind.ONE,
        labels={
            "fi": "Tulisitko jatkotyöpajaan?",
            "sv": "Skulle du komma till en uppföljande workshop?",
            "en": "Would you come to a follow-up workshop?",
        },
        options=_YES_NO,
    ),
    Question(
        kind=QuestionKind.TEXT,
        labels={
            "fi": "Mitä aihetta siellä pitäisi käsitellä?",
            "sv": "Vilket ämne borde tas upp där?",
            "en": "Which subject should it take up?",
        },
        shown_if=["would-you-come-to-a-follow-up-worksh=yes"],
    ),
)
BANKED = Question(
    kind=QuestionKind.SCALE,
    labels={
        "fi": "Kuinka helposti saat nyt yhteyden muiden alueiden toimijoihin?",
        "sv": "Hur lätt får du nu kontakt med aktörer i andra regioner?",
        "en": "How easily do you now get in touch with people in other regions?",
    },
    low=1,
    high=5,
    ends=[
        {"fi": "vaikeasti", "sv": "svårt", "en": "with difficulty"},
        {"fi": "helposti", "sv": "lätt", "en": "easily"},
    ],
)
SUBJECTS = (
    "Robottisolujen yhteiskäyttö",
    "Datan jakaminen toimitusketjussa",
    "Rekrytointi pieniin yrityksiin",
    "Energieffektivitet i ytbehandling",
    "Koulutusyhteistyö ammattiopistojen kanssa",
)


async def add_own_survey(chance: random.Random, known: Sequence[Registered], now: datetime) -> None:
    """Let the best attended event that was surveyed have a survey of its own, answered by about half."""
    event, present = max(surveyed(known), key=lambda pair: len(pair[1]))
    asked_at = event.starts_at - timedelta(days=20)
    survey = await settling.add_own(event.id, NAMES, actor=SYSTEM, now=asked_at)
    codes = [
        await actions.add_question(event.id, str(survey), each, version=None, actor=SYSTEM, now=asked_at)
        for each in QUESTIONS
    ]
    key = await bank.add_to_bank(BANKED, actor=SYSTEM, now=asked_at)
    codes.append(await bank.take(event.id, str(survey), key, version=None, actor=SYSTEM, now=asked_at))
    who = set(chance.sample(range(len(present)), round(len(present) * SHARE)))
    answers = [_answer(chance, codes) for _each in who]
    labels = labels_of(present)
    labelled = labels.put_on(who, answers)
    closes_at = max(event.ends_at + OPEN_FOR, now + timedelta(days=14))  # for the demo's visitors to answer
    pool, sealed = answers[:12], answers[12:]
    await database.execute(
        "UPDATE survey SET closes_at = $2, answered = $3, pool = $4, asked_at = $5, sending_chosen = true,"
        " sends = true, cells = $6, labelled = $7, marks = $8 WHERE id = $1",
        *(survey, closes_at, len(answers), json.dumps(pool), event.ends_at, labels.stored, labelled, marks_of(who)),
    )
    await copy_rows("survey_invitation", invitations_of(survey, present, labels))
    await copy_rows("answer", [{"id": uuid4(), "survey": survey, "values": json.dumps(each)} for each in sealed])


def _answer(chance: random.Random, codes: Sequence[str]) -> dict[str, Any]:
    matrix, again, subject, easily = codes
    weights = {"talks": (10, 55, 35), "groups": (45, 50, 5), "visit": (20, 75, 5), "breaks": (25, 70, 5)}
    grades = [grade.code for grade in _GRADES]
    answer: dict[str, Any] = {
        matrix: {row: chance.choices(grades, weight)[0] for row, weight in weights.items()},
        again: chance.choices(("yes", "no"), (80, 20))[0],
        easily: chance.choices((2, 3, 4, 5), (10, 30, 40, 20))[0],
    }
    if answer[again] == "yes" and chance.random() < 0.4:  # noqa: PLR2004 - free text is rarer
        answer[subject] = chance.choice(SUBJECTS)
    return answer
