"""Questions and options that tests begin with, made by plain SQL."""

from typing import Any
from uuid import UUID

from events.core import database
from tests.factories import insert


async def make_question(event: UUID, code: str, kind: str = "short", *options: Any, **columns: Any) -> UUID:
    """Insert a question at the end of the event's; an option is its code, or (code, capacity)."""
    position = await database.fetchval("SELECT count(*) FROM question WHERE event = $1", event)
    labels = {f"label_{language}": f"{code} {language}" for language in ("fi", "sv", "en")}
    where = columns.pop("shown_at", ())
    question = await insert(
        "question", event=event, code=code, kind=kind, **{"position": position, **labels, **columns}
    )
    for site in where:
        await insert("question_site", question=question, site=site)
    for number, option in enumerate(options):
        name, capacity = option if isinstance(option, tuple) else (option, None)
        texts = {f"label_{language}": f"{name} {language}" for language in ("fi", "sv", "en")}
        await insert("question_option", question=question, code=name, capacity=capacity, position=number, **texts)
    return question


async def taken(code: str) -> int:
    """How many places of an option are taken."""
    return int(await database.fetchval("SELECT taken FROM question_option WHERE code = $1", code))
