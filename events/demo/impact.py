"""What came of the demo's events: their surveys on impact, three and six months later."""

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from events.demo.answers import OPEN_FOR, invitations_of, marks_of, surveyed
from events.demo.attendance import Registered
from events.demo.labels import labels_of
from events.demo.plan import Planned
from events.demo.rows import Row, copy_rows
from events.surveys.tables import SurveyKind

MONTH = timedelta(days=30.4)


class Sort(NamedTuple):
    """A survey on impact: how many months after the event it asks, and the share of those asked that answers."""

    kind: SurveyKind
    months: int
    share: float


SORTS = (Sort(SurveyKind.IMPACT_3, 3, 0.36), Sort(SurveyKind.IMPACT_6, 6, 0.3))

REGIONS = ("02", "05", "06", "07", "08", "13", "15", "17")
"""Where they are from with whom something came about."""

CAME_OF_IT = (
    "Kävimme katsomassa toisen yrityksen robottisolua.",
    "Opiskelija tuli meille tekemään diplomityön.",
    "Vi testade deras testbädd och köpte en egen sensor.",
    "We now buy castings from a company that we met there.",
)


async def add_impact(chance: random.Random, known: Sequence[Registered], now: datetime) -> None:
    """Ask those who attended what came of it, of each event of which that has closed by now."""
    made = [
        _survey(chance, event, present, sort)
        for event, present in surveyed(known)
        for sort in SORTS
        if event.ends_at + sort.months * MONTH + OPEN_FOR <= now
    ]
    await copy_rows("survey", [survey for survey, _invitations, _answers in made])
    await copy_rows("survey_invitation", [row for _survey, invitations, _answers in made for row in invitations])
    await copy_rows("answer", [row for _survey, _invitations, answers in made for row in answers])


def _survey(
    chance: random.Random, event: Planned, present: Sequence[Registered], sort: Sort
) -> tuple[Row, list[Row], list[Row]]:
    survey, asked_at = uuid4(), event.ends_at + sort.months * MONTH
    answered = set(chance.sample(range(len(present)), round(len(present) * sort.share)))
    given = [_answer(chance, sort.months) for _each in answered]
    labels = labels_of(present)
    row = {
        "id": survey,
        "event": event.id,
        "kind": sort.kind.value,
        "closes_at": asked_at + OPEN_FOR,
        "asked_at": asked_at,
        "sending_chosen": True,
        "sends": True,
        "months": sort.months,
        "days": 0,
        "marks": marks_of(answered),
        "labelled": labels.put_on(answered, given),
        "cells": labels.stored,
        "answered": len(given),
        "created_at": event.ends_at,
        "origin": UUID(md5(sort.kind.encode(), usedforsecurity=False).hexdigest()),
    }
    answers: list[Row] = [{"id": uuid4(), "survey": survey, "values": json.dumps(answer)} for answer in given]
    return row, invitations_of(survey, present, labels), answers


def _answer(chance: random.Random, months: int) -> dict[str, Any]:
    """Return an answer: with time plans become projects and applications."""
    so_far = {3: ((10, 25, 65), (4, 16, 80)), 6: ((20, 20, 60), (12, 12, 76))}[months]
    answer: dict[str, Any] = {"impact_contact": chance.choices(("often", "once", "no"), (30, 35, 35))[0]}
    for code, weights in zip(("impact_project", "impact_funding"), so_far, strict=True):
        answer[code] = chance.choices(("yes", "planned", "no"), weights)[0]
    if set(answer.values()) != {"no"}:
        answer["impact_regions"] = sorted(chance.sample(REGIONS, chance.choice((1, 1, 2, 3))))
        if chance.random() < 0.2:  # noqa: PLR2004 - free text is rarer
            answer["impact_words"] = chance.choice(CAME_OF_IT)
    return answer
