"""Storing questions of surveys and of the bank."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events.core import database
from events.core.i18n import LANGUAGES
from events.surveys.asked import Question


async def write_question(survey: UUID, position: int, question: Question) -> None:
    """Store a question of a survey, new or changed; one that is there keeps its place."""
    columns: dict[str, Any] = {
        "id": uuid4(),
        "survey": survey,
        "position": position,
        "code": question.code,
        "required": question.required,
        "shown_if": list(question.shown_if),
        "bank": question.bank,
        "bank_version": question.bank_version,
        **said(question),
    }
    await _insert(
        "survey_question",
        columns,
        "ON CONFLICT (survey, code) DO UPDATE SET",
        kept={"id", "survey", "position", "code"},
    )


async def write_banked(key: str, version: int, question: Question) -> UUID:
    """Store a version of a question of the bank; returns its id."""
    identity = uuid4()
    await _insert("survey_bank_question", {"id": identity, "key": key, "version": version, **said(question)})
    return identity


async def delete_questions(survey: UUID, codes: Sequence[str]) -> None:
    """Remove questions of a survey."""
    await database.execute("DELETE FROM survey_question WHERE survey = $1 AND code = ANY($2)", survey, list(codes))


def said(question: Question) -> dict[str, Any]:
    """Return what of a question its words and its possible answers are, as columns."""
    texts = (("label", question.labels), ("help", question.helps))
    return {
        "kind": question.kind.value,
        "low": question.low,
        "high": question.high,
        "least": question.least,
        "most": question.most,
        **{f"{name}_{code}": given.get(code, "") for name, given in texts for code in LANGUAGES},
        **{name: msgspec.json.encode(getattr(question, name)).decode() for name in ("ends", "options", "rows")},
    }


async def _insert(
    table: str, columns: dict[str, Any], conflict: str = "", kept: frozenset[str] | set[str] = frozenset()
) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    updated = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in kept)
    instead = f" {conflict} {updated}" if conflict else ""
    names = ", ".join(f'"{name}"' for name in columns)
    await database.execute(f"INSERT INTO {table} ({names}) VALUES ({places}){instead}", *columns.values())
