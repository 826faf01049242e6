"""The bank: questions that are asked again and again, the network's and each region's."""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct

from events.accounts import audit
from events.accounts.rules import Action, may
from events.core import database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import NotFound
from events.core.i18n import LANGUAGES, pick
from events.registration.questions import queries
from events.registration.questions.building import NewOption, NewQuestion, add_question, require_sound
from events.registration.questions.rules import new_code
from events.registration.questions.tables import QuestionKind


class Template(Struct, frozen=True):
    """A question of the bank; `region` is None for the network's."""

    id: UUID
    region: str | None
    kind: QuestionKind
    labels: dict[str, str]

    @property
    def label(self) -> tuple[str, str]:
        """Its text and the language of that."""
        return pick(self.labels)


async def bank_of(region: str) -> list[Template]:
    """Return the questions of the bank for events of a region: the network's, then its own."""
    rows = await database.fetch(
        "SELECT * FROM question_template WHERE region IS NULL OR region = $1"
        " ORDER BY region IS NOT NULL, label_fi, created_at",
        region,
    )
    return [Template(row["id"], row["region"], QuestionKind(row["kind"]), _texts(row, "label")) for row in rows]


async def add_from_bank(event_id: UUID, template_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Ask a question of the bank at an event; returns its code there. Raises NotFound."""
    row = await database.fetchrow(
        "SELECT question_template.* FROM question_template JOIN event ON event.id = $2"
        " WHERE question_template.id = $1 AND (region IS NULL OR region = event.host_region)",
        template_id,
        event_id,
    )
    if row is None:
        raise NotFound
    return await add_question(event_id, _question(row), actor=actor, now=now)


async def banked(template_id: UUID, *, actor: Actor, now: datetime) -> NewQuestion:
    """Return a question of the bank to whom it belongs; raises NotFound for all others."""
    return _question(await _own(template_id, actor, now))


async def change_in_bank(template_id: UUID, new: NewQuestion, *, actor: Actor, now: datetime) -> None:
    """Change a question of the bank; events that ask it already go on as they do.

    Raises Invalid, and NotFound for whom it does not belong to.
    """
    async with transaction():
        await _own(template_id, actor, now, lock=True)
        require_sound(new, [])
        codes = {option.code for option in new.options if option.code}
        options = []
        for option in new.options:
            code = option.code or new_code(option.labels.get("en") or next(filter(None, option.labels.values())), codes)
            codes.add(code)
            options.append(msgspec.structs.replace(option, code=code))
        await database.execute(
            "UPDATE question_template SET kind = $2, required = $3, health = $4, kitchen = $5, options = $6,"
            " label_fi = $7, label_sv = $8, label_en = $9, help_fi = $10, help_sv = $11, help_en = $12,"
            " least = $13, most = $14 WHERE id = $1",
            *(template_id, new.kind.value, new.required, new.health, new.kitchen),
            msgspec.json.encode(options).decode(),
            *(texts.get(code, "") for texts in (new.labels, new.helps) for code in LANGUAGES),
            *(new.least, new.most),
        )
        await audit.record(actor, "question.bank_changed", "question_template", template_id, now)


async def save_to_bank(event_id: UUID, question_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Keep a question of an event for others: for the network's by whom may edit them all, else for the region's.

    Conditions stay behind: they speak of other questions. Raises NotFound for whom may not edit the region's events.
    """
    async with transaction():
        region = await database.fetchval("SELECT host_region FROM event WHERE id = $1", event_id)
        question = next((each for each in await queries.of_event(event_id) if each.id == question_id), None)
        if question is None or not may(actor, Action.EDIT_EVENTS, now=now, region=region):
            raise NotFound
        owner = None if may(actor, Action.EDIT_EVENTS, now=now) else region
        options = [
            NewOption(code=option.code, labels=option.labels, capacity=option.capacity) for option in question.options
        ]
        texts = [texts.get(code, "") for texts in (question.labels, question.helps) for code in LANGUAGES]
        identity = uuid4()
        await database.execute(
            "INSERT INTO question_template (id, region, kind, required, health, kitchen, options, created_at,"
            " label_fi, label_sv, label_en, help_fi, help_sv, help_en, least, most)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            *(identity, owner, question.kind.value, question.required, question.health, question.kitchen),
            *(msgspec.json.encode(options).decode(), now, *texts, question.least, question.most),
        )
        await audit.record(actor, "question.banked", "question_template", identity, now, question=question.code)


async def remove_from_bank(template_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a question out of the bank; events that ask it go on. Raises NotFound for whom it does not belong to."""
    async with transaction():
        await _own(template_id, actor, now, lock=True)
        await database.execute("DELETE FROM question_template WHERE id = $1", template_id)
        await audit.record(actor, "question.unbanked", "question_template", template_id, now)


async def _own(template_id: UUID, actor: Actor, now: datetime, *, lock: bool = False) -> asyncpg.Record:
    waiting = " FOR UPDATE" if lock else ""
    row = await database.fetchrow(f"SELECT * FROM question_template WHERE id = $1{waiting}", template_id)
    if row is None or not may(actor, Action.EDIT_EVENTS, now=now, region=row["region"]):
        raise NotFound
    return row


def _question(row: asyncpg.Record) -> NewQuestion:
    return NewQuestion(
        kind=QuestionKind(row["kind"]),
        labels=_texts(row, "label"),
        helps=_texts(row, "help"),
        **{name: row[name] for name in ("required", "health", "kitchen", "least", "most")},
        options=msgspec.json.decode(row["options"], type=list[NewOption]),
    )


def _texts(row: object, name: str) -> dict[str, str]:
    return {code: row[f"{name}_{code}"] for code in LANGUAGES}  # type: ignore[index]
