"""The network's bank: questions whose answers compare over events."""

from datetime import datetime
from uuid import UUID

import msgspec

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.registration.questions.rules import new_code
from events.surveys import rules
from events.surveys.asked import Question
from events.surveys.building.actions import add_question
from events.surveys.building.holding import hold, write_out
from events.surveys.building.soundness import NOT_FOR_CODES, coded, name_of, require_sound
from events.surveys.building.writing import write_banked
from events.surveys.queries import question_of, questions_of
from events.surveys.tables import SurveyKind

_LATEST = """
SELECT * FROM (SELECT DISTINCT ON (key) * FROM survey_bank_question ORDER BY key, version DESC) AS latest
WHERE NOT retired ORDER BY label_fi, key
"""


async def standard() -> list[Question]:
    """Return the questions of the templates, which every survey may ask too."""
    return [
        question for kind in (SurveyKind.FEEDBACK, SurveyKind.IMPACT_3) for question in await questions_of(None, kind)
    ]


async def banked() -> list[Question]:
    """Return the questions of the bank as they are worded now."""
    return [question_of(row) for row in await database.fetch(_LATEST)]


async def banked_one(key: str) -> Question:
    """Return a question of the bank as it is worded now. Raises NotFound."""
    found = next((question for question in await banked() if question.bank == key), None)
    if found is None:
        raise NotFound
    return found


async def uses(key: str) -> int:
    """Return how many surveys ask a question of the bank."""
    return int(await database.fetchval("SELECT count(*) FROM survey_question WHERE bank = $1", key))


async def add_to_bank(new: Question, *, actor: Actor, now: datetime) -> str:
    """Put a question into the bank; returns its key. Raises NotFound for whom may not, Invalid."""
    _require(actor, now)
    question = coded(msgspec.structs.replace(new, code="", required=False, shown_if=()), set())
    require_sound(question, [])
    async with transaction():
        await database.execute("LOCK TABLE survey_bank_question IN SHARE ROW EXCLUSIVE MODE")
        rows = await database.fetch("SELECT DISTINCT key FROM survey_bank_question")
        key = new_code(name_of(question.labels), {row["key"] for row in rows} | NOT_FOR_CODES)
        identity = await write_banked(key, 1, question)
        await audit.record(actor, "survey.banked", "survey_bank_question", identity, now, question=key)
    return key


async def change_in_bank(key: str, new: Question, *, version: int, actor: Actor, now: datetime) -> None:
    """Word a question of the bank anew: a new version; surveys that ask it go on with the one they took.

    Raises NotFound, Invalid, and Conflict ("changed", or "meaning" where answers would not compare any more).
    """
    _require(actor, now)
    async with transaction():
        await database.execute("LOCK TABLE survey_bank_question IN SHARE ROW EXCLUSIVE MODE")
        before = await banked_one(key)
        rules.require_version(version, before.bank_version)
        question = coded(msgspec.structs.replace(new, code=key, required=False, shown_if=()), set())
        require_sound(question, [])
        if any(getattr(question, name) != getattr(before, name) for name in ("kind", "low", "high")):
            raise Conflict(
                _("Answers of another kind do not compare with the earlier ones: put a new question into the bank."),
                code="meaning",
            )
        identity = await write_banked(key, version + 1, question)
        await audit.record(actor, "survey.bank_changed", "survey_bank_question", identity, now, question=key)


async def retire(key: str, *, actor: Actor, now: datetime) -> None:
    """Let no more surveys take a question; those that ask it go on. Raises NotFound."""
    _require(actor, now)
    async with transaction():
        question = await banked_one(key)
        await database.execute("UPDATE survey_bank_question SET retired = true WHERE key = $1", key)
        await audit.record(actor, "survey.unbanked", "survey_bank_question", key, now, version=question.bank_version)


async def take(event: UUID, which: str, key: str, *, version: int | None, actor: Actor, now: datetime) -> str:
    """Ask a question of the bank, or of a template, in a survey; returns its code there. Raises as `add_question`."""
    found = next((question for question in [*await standard(), *await banked()] if question.bank == key), None)
    if found is None:
        raise NotFound
    alone = msgspec.structs.replace(found, shown_if=())
    return await add_question(event, which, alone, version=version, actor=actor, now=now)


async def keep(event: UUID, which: str, code: str, *, version: int | None, actor: Actor, now: datetime) -> str:
    """Put a question of a survey into the bank, from where it is asked from now on; returns its key.

    Conditions stay behind: they speak of other questions. Raises NotFound, Conflict.
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        question = next((each for each in held.questions if each.code == code), None)
        if question is None:
            raise NotFound
        if question.bank:
            raise Conflict(_("It comes from the bank already."), code="banked")
        key = await add_to_bank(question, actor=actor, now=now)
        await write_out(held)
        await database.execute(
            "UPDATE survey_question SET bank = $3, bank_version = 1 WHERE survey = $1 AND code = $2", held.id, code, key
        )
    return key


def may_keep(actor: Actor, now: datetime) -> bool:
    """Say whether someone keeps the network's bank."""
    return may(actor, Action.EDIT_SURVEY_BANK, now=now)


def _require(actor: Actor, now: datetime) -> None:
    if not may_keep(actor, now):
        raise NotFound
