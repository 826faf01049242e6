"""A question of the bank that a survey took, and what it is worded like there by now."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from events.accounts import audit
from events.core import bounds
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import LANGUAGE_NAMES, LANGUAGES
from events.core.i18n import gettext as _
from events.surveys import rules
from events.surveys.asked import Choice, Question, Texts
from events.surveys.building import bank
from events.surveys.building.holding import hold, write_out
from events.surveys.building.soundness import require_sound
from events.surveys.building.writing import write_question

_OF_THE_BANK = ("kind", "labels", "helps", "low", "high", "least", "most", "ends", "options", "rows", "bank_version")


class Difference(Struct, frozen=True):
    """What of a question says something else in the bank by now, in which language."""

    what: str
    language: str
    before: str
    after: str


async def newest(questions: Sequence[Question]) -> dict[str, Question]:
    """Return what is worded otherwise in the bank by now, by the code of the question that took it."""
    if not any(question.bank for question in questions):
        return {}
    known = {each.bank: each for each in [*await bank.standard(), *await bank.banked()]}
    return {
        question.code: known[question.bank]
        for question in questions
        if question.bank in known and _differ(question, known[question.bank])
    }


def differences(before: Question, after: Question) -> list[Difference]:
    """Return what differs between two wordings, each language apart."""
    old, new = list(_parts(before)), list(_parts(after))
    return [
        Difference(f"{what} ({LANGUAGE_NAMES[code]})" if code else what, code, first, second)
        for (what, code, first), (_what, _code, second) in zip(old, new, strict=True)
        if first != second
    ]


def _differ(before: Question, after: Question) -> bool:
    meanings = [(each.kind, each.codes, [row.code for row in each.rows]) for each in (before, after)]
    return meanings[0] != meanings[1] or bool(differences(before, after))


def _parts(question: Question) -> Iterator[tuple[str, str, str]]:
    ends = [*question.ends, {}, {}][:2]
    texts: list[tuple[str, Texts]] = [
        (_("Question"), question.labels),
        (_("Hint"), question.helps),
        (_("Smallest number"), ends[0]),
        (_("Largest number"), ends[1]),
        (_("Options"), _joined(question.options)),
        (_("Rows of the matrix"), _joined(question.rows)),
    ]
    for what, text in texts:
        for code in LANGUAGES:
            yield what, code, text.get(code, "")
    yield _("Scale"), "", f"{question.low}–{question.high}" if question.high else ""
    yield _("Which numbers are taken"), "", bounds.in_words(question.least, question.most)


def _joined(choices: Sequence[Choice]) -> Texts:
    return {code: " · ".join(choice.labels.get(code, "") for choice in choices) for code in LANGUAGES}


async def take_newest(event: UUID, which: str, code: str, *, version: int | None, actor: Actor, now: datetime) -> None:
    """Ask a question of the bank as it is worded there now.

    Raises NotFound when it is worded so already or is the bank's no more, and Conflict "changed", "answered" – what was
    answered to other words does not compare – or "depended_on" when a condition asks about what is no answer any more.
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        if held.answers:
            raise Conflict(why_not(), code="answered")
        place, before = next(
            ((place, each) for place, each in enumerate(held.questions) if each.code == code), (0, None)
        )
        found = (await newest(held.questions)).get(code)
        if before is None or found is None:
            raise NotFound
        new = msgspec.structs.replace(before, **{name: getattr(found, name) for name in _OF_THE_BANK})
        require_sound(new, held.questions[:place])
        rules.require_free(held.questions, set(rules.conditions_of(before)) - set(rules.conditions_of(new)))
        await write_out(held)
        await write_question(held.id, place, new)
        detail = {"question": code, "before": before.bank_version, "after": new.bank_version}
        await audit.record(actor, "survey.question_renewed", "survey", held.id, now, event=event, **detail)


def why_not() -> str:
    """Say why a survey that was answered keeps the words it has."""
    return _(
        "Answers have come to the words as they stand, and would not compare with answers to new ones. The newest"
        " wording is for events to come."
    )
