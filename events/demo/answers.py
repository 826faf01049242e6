"""What the demo's participants answered, and what visitors wrote about the service."""

import functools
import json
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any
from uuid import UUID, uuid4

from events.core import secrets
from events.core.marks import with_mark
from events.demo.attendance import Registered
from events.demo.labels import Labels, labels_of
from events.demo.plan import Planned
from events.demo.rows import Row

FEEDBACK = UUID(md5(b"feedback", usedforsecurity=False).hexdigest())
"""What the feedback surveys of all events have in common, as `surveys/building/holding.py` says it in SQL."""

SHARE = 0.46
"""Of those asked, how many answer."""

OPEN_FOR = timedelta(days=28)
SURVEYED = {"workshop", "experience_exchange"}

COMMENTS = (
    "Hyvä tahti ja oikeat ihmiset paikalla.",
    "Lisää aikaa ryhmätyölle, alustukset voisivat olla lyhyempiä.",
    "Löysimme kumppanin, jota olemme etsineet vuoden.",
    "Materiaalit olisi hyvä saada jo etukäteen.",
    "Etäyhteydellä keskustelua oli vaikea seurata.",
    "Juuri sopivan käytännönläheinen. Kiitos!",
    "Kierros isännän tiloissa oli päivän parasta antia.",
    "Mer tid för diskussion, tack.",
    "Bra att det fanns exempel från små företag.",
    "Useful, and the lunch table was where the real work began.",
    "Toivoisin jatkoa samalle porukalle keväällä.",
    "Rahoitusosuus meni liian nopeasti.",
)


def survey_rows(
    chance: random.Random, known: Sequence[Registered], now: datetime
) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of survey, survey_invitation and answer for the reconciled workshops and exchanges."""
    surveys: list[Row] = []
    invitations: list[Row] = []
    answers: list[Row] = []
    for event, present in surveyed(known):
        survey, closes_at = uuid4(), event.ends_at + OPEN_FOR
        answered = set(chance.sample(range(len(present)), round(len(present) * SHARE)))
        given = [_answer(chance) for _ in answered]
        labels = labels_of(present)
        labelled = labels.put_on(answered, given)
        pool, sealed = ([], given) if closes_at <= now else (given[:12], given[12:])
        surveys.append(
            {
                "id": survey,
                "event": event.id,
                "closes_at": closes_at,
                "asked_at": event.ends_at,
                "marks": marks_of(answered),
                "pool": json.dumps(pool),
                "answered": len(given),
                "cells": labels.stored,
                "labelled": labelled,
                "created_at": event.ends_at,
                "origin": FEEDBACK,
            }
        )
        invitations += invitations_of(survey, present, labels)
        answers += [{"id": uuid4(), "survey": survey, "values": json.dumps(answer)} for answer in sealed]
    return surveys, invitations, answers


def surveyed(known: Sequence[Registered]) -> Iterable[tuple[Planned, list[Registered]]]:
    """Return the events that ask how it was, with those who were there and can be asked."""
    by_event: dict[Any, tuple[Planned, list[Registered]]] = {}
    for one in known:
        if one.event.reconciled and one.event.kind in SURVEYED and one.attendance == "attended" and one.person.email:
            by_event.setdefault(one.event.id, (one.event, []))[1].append(one)
    return by_event.values()


def marks_of(answered: Iterable[int]) -> bytes:
    """Return the marks of those who have answered, by their place among those asked."""
    return functools.reduce(with_mark, answered, b"")


def invitations_of(survey: UUID, present: Sequence[Registered], labels: Labels) -> list[Row]:
    """Return the rows of who was asked."""
    return [
        _invitation(survey, one, place, cell)
        for place, (one, cell) in enumerate(zip(present, labels.places, strict=True))
    ]


def _invitation(survey: UUID, one: Registered, place: int, cell: int | None) -> Row:
    identity = uuid4()
    return {
        "id": identity,
        "survey": survey,
        "registration": one.id,
        "token_hash": secrets.digest(secrets.derive("survey", identity)),
        "place": place,
        "cell": cell,
    }


def _answer(chance: random.Random) -> dict[str, Any]:
    usefulness = chance.choices((2, 3, 4, 5), (4, 16, 45, 35))[0]
    answer: dict[str, Any] = {
        "usefulness": usefulness,
        "recommend": min(10, max(0, usefulness * 2 + chance.choice((-2, -1, 0, 0, 1)))),
        "contacts": chance.choices(("0", "1-2", "3+"), (20, 50, 30))[0],
        "next": chance.choices(
            ("nothing", "stay_in_touch", "joint_project", "funding_application", "other"), (18, 48, 20, 9, 5)
        )[0],
    }
    if chance.random() < 0.3:  # noqa: PLR2004 - free text is rarer
        answer["comments"] = chance.choice(COMMENTS)
    return answer


def feedback_rows(now: datetime) -> list[Row]:
    """Rows of the table feedback: one answered, one open, one that is due soon."""
    cases = (
        (
            "Lomakkeen virheilmoitus jäi ruudunlukijalta huomaamatta.",
            "fi",
            34,
            "Kiitos! Virheistä kerrotaan nyt kootusti.",
        ),
        ("Kunde kalendern visas också som lista? Rutorna är små på telefonen.", "sv", 5, ""),
        ("Alueen kartassa harmaan sävyt ovat liian lähellä toisiaan.", "fi", 11, ""),
    )
    return [
        {
            "id": uuid4(),
            "text": text,
            "page": "/",
            "email": f"palaute{number}@kokeilija.example",
            "language": language,
            "received_at": now - timedelta(days=days),
            "due_at": now - timedelta(days=days - 14),
            "closed_at": now - timedelta(days=days - 3) if answer else None,
            "answer": answer,
        }
        for number, (text, language, days, answer) in enumerate(cases, start=1)
    ]
