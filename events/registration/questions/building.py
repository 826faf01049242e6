"""Use cases of those who build an event's questions: add, change, order, remove."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from events.accounts import audit
from events.core import bounds, database
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import LANGUAGES, ngettext
from events.core.i18n import gettext as _
from events.programme.actions import editable
from events.registration.line import lock_sites_of
from events.registration.questions import queries, rules
from events.registration.questions.asked import CHOICES, Asked
from events.registration.questions.refusing import require_free, require_order, require_unanswered
from events.registration.questions.tables import QuestionKind


class NewOption(Struct, frozen=True, kw_only=True):
    """An option to choose from; `code` is empty for one that is not there yet."""

    code: str = ""
    labels: Mapping[str, str]
    capacity: int | None = None


class NewQuestion(Struct, frozen=True, kw_only=True):
    """A question as it shall be; texts by language, at least one of each."""

    kind: QuestionKind
    labels: Mapping[str, str]
    helps: Mapping[str, str] = {}
    required: bool = False
    health: bool = False
    kitchen: bool = False
    least: int | None = None
    most: int | None = None
    shown_if: Sequence[str] = ()
    shown_at: Sequence[UUID] = ()
    options: Sequence[NewOption] = ()


async def add_question(event_id: UUID, new: NewQuestion, *, actor: Actor, now: datetime) -> str:
    """Ask a question at the end of an event's others; returns its code. Raises Invalid."""
    async with transaction():
        questions = await _hold(event_id, actor, now)
        require_sound(new, questions)
        code = rules.new_code(
            _name(new.labels), {question.code for question in questions} | await _codes_beside(event_id)
        )
        identity = uuid4()
        position = await database.fetchval(
            "SELECT coalesce(max(position) + 1, 0) FROM question WHERE event = $1", event_id
        )
        await database.execute(
            "INSERT INTO question (id, event, position, code, kind) VALUES ($1, $2, $3, $4, $5)",
            *(identity, event_id, position, code, new.kind.value),
        )
        await _write(identity, new)
        await _write_options(identity, new, {}, set())
        await audit.record(actor, "question.added", "event", event_id, now, question=code, kind=new.kind.value)
    return code


async def change_question(event_id: UUID, question_id: UUID, new: NewQuestion, *, actor: Actor, now: datetime) -> None:
    """Change a question; texts and options may change at any time.

    Raises Invalid, and Conflict ("answered", "depended_on") for a change that would make answers or conditions wrong.
    """
    async with transaction():
        questions = await _hold(event_id, actor, now)
        before = _one(questions, question_id)
        counted = await queries.answer_counts(event_id)
        named = {code: number for (question, code), number in counted.items() if question == question_id}
        require_sound(new, questions, named)
        gone = {option.code for option in before.options} - {option.code for option in new.options}
        if (new.kind, new.health) != (before.kind, before.health):
            require_unanswered(named.get("", 0))
            require_free(questions, f"{before.code}=")
        for code in gone:
            require_unanswered(named.get(code, 0))
            require_free(questions, f"{before.code}={code}", whole=True)
        await _write(question_id, new)
        await _write_options(question_id, new, named, gone)
        await audit.record(actor, "question.changed", "event", event_id, now, question=before.code)


async def remove_question(event_id: UUID, question_id: UUID, *, answers: int, actor: Actor, now: datetime) -> None:
    """Remove a question with its answers, of which there are as many as was said (`answers`).

    Raises Conflict ("answered") when there are others by now, ("depended_on") when another question needs it.
    """
    async with transaction():
        questions = await _hold(event_id, actor, now)
        question = _one(questions, question_id)
        require_free(questions, f"{question.code}=")
        if (await queries.answer_counts(event_id)).get((question_id, ""), 0) != answers:
            raise Conflict(_("Somebody has answered in the meantime. Look at the number again."), code="answered")
        await database.execute("DELETE FROM question WHERE id = $1", question_id)
        await audit.record(actor, "question.removed", "event", event_id, now, question=question.code, answers=answers)


async def order_questions(event_id: UUID, order: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Ask questions in this order; those not named follow in the order they had.

    Raises Conflict ("depended_on") when a question would stand before one that its condition asks about.
    """
    async with transaction():
        questions = await _hold(event_id, actor, now)
        place = {identity: number for number, identity in enumerate(order)}
        sorted_ = sorted(questions, key=lambda question: place.get(question.id, len(place)))
        require_order(sorted_)
        await database.execute(
            "UPDATE question SET position = place.number FROM unnest($1::uuid[]) WITH ORDINALITY AS place (id, number)"
            " WHERE question.id = place.id",
            [question.id for question in sorted_],
        )
        await audit.record(
            actor, "question.moved", "event", event_id, now, order=[question.code for question in sorted_]
        )


async def _hold(event_id: UUID, actor: Actor, now: datetime) -> list[Asked]:
    """Let nobody register or answer meanwhile, and return the questions; raises NotFound as `editable`.

    The event is locked before its sites, as by who edits it.
    """
    await editable(event_id, actor, now)
    await lock_sites_of(event_id)
    return await queries.of_event(event_id)


async def _codes_beside(event_id: UUID) -> set[str]:
    """Return the codes in the other events of a series: none shall mean one thing here and another there."""
    rows = await database.fetch(
        "SELECT code FROM question JOIN event ON event.id = question.event"
        " WHERE series = (SELECT series FROM event WHERE id = $1)",
        event_id,
    )
    return {row["code"] for row in rows}


def _one(questions: Sequence[Asked], question_id: UUID) -> Asked:
    found = next((question for question in questions if question.id == question_id), None)
    if found is None:
        raise NotFound
    return found


def _name(labels: Mapping[str, str]) -> str:
    return labels.get("en") or labels.get("fi") or labels.get("sv") or ""


def require_sound(new: NewQuestion, questions: Sequence[Asked], named: Mapping[str, int] | None = None) -> None:
    """Raise Invalid for a question that cannot be asked beside `questions`; `named` has how many chose each option."""
    private = {question.code for question in questions if question.health}
    errors: dict[str, list[str]] = {}
    if not _name(new.labels):
        errors["label_fi"] = [_("Write the question in at least one language.")]
    if new.kind in CHOICES and len(new.options) < 2:  # noqa: PLR2004 - nothing to choose from
        errors["options"] = [_("Write at least two options.")]
    if new.health and (new.required or new.kind is QuestionKind.CONSENT):
        errors["health"] = [_("A question about health is never required, and has its own consent.")]
    elif not new.health and any(condition.partition("=")[0] in private for condition in new.shown_if):
        errors["health"] = [_("It is asked because of an answer about health, so it is about health itself.")]
    if unsound := bounds.unsound(new.least, new.most):
        errors["most"] = [unsound]
    for number, option in enumerate(new.options):
        taken = (named or {}).get(option.code, 0) if option.code else 0
        if not _name(option.labels):
            errors[f"options-{number}-label_fi"] = [_("Write the option in at least one language.")]
        if option.capacity is not None and option.capacity < taken:
            errors[f"options-{number}-capacity"] = [
                ngettext("%(n)s has chosen it already.", "%(n)s have chosen it already.", taken)
            ]
    if errors:
        raise Invalid(errors)


async def _write(question_id: UUID, new: NewQuestion) -> None:
    await database.execute(
        "UPDATE question SET kind = $2, required = $3, health = $4, kitchen = $5, shown_if = $6,"
        " label_fi = $7, label_sv = $8, label_en = $9, help_fi = $10, help_sv = $11, help_en = $12,"
        " least = $13, most = $14 WHERE id = $1",
        question_id,
        new.kind.value,
        *(new.required, new.health, new.kitchen, list(new.shown_if)),
        *(texts.get(code, "") for texts in (new.labels, new.helps) for code in LANGUAGES),
        *(new.least, new.most),
    )
    await database.execute("DELETE FROM question_site WHERE question = $1", question_id)
    await database.execute(
        "INSERT INTO question_site (id, question, site) SELECT gen_random_uuid(), question.id, site.id"
        " FROM question JOIN site ON site.event = question.event WHERE question.id = $1 AND site.id = ANY($2)",
        *(question_id, list(new.shown_at)),
    )


async def _write_options(question_id: UUID, new: NewQuestion, named: Mapping[str, int], gone: set[str]) -> None:
    """Store options in their order; one that has a limit counts those who have chosen it so far."""
    await database.execute(
        "DELETE FROM question_option WHERE question = $1 AND code = ANY($2)", question_id, list(gone)
    )
    known = await database.fetch("SELECT code FROM question_option WHERE question = $1", question_id)
    codes = {row["code"] for row in known}
    for position, option in enumerate(new.options if new.kind in CHOICES else ()):
        code = option.code if option.code in codes else rules.new_code(option.code or _name(option.labels), codes)
        codes.add(code)
        await database.execute(
            "INSERT INTO question_option (id, question, code, position, capacity, taken, label_fi, label_sv, label_en)"
            " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (question, code) DO UPDATE SET"
            " position = excluded.position, capacity = excluded.capacity, taken = excluded.taken,"
            " label_fi = excluded.label_fi, label_sv = excluded.label_sv, label_en = excluded.label_en",
            *(question_id, code, position, option.capacity),
            named.get(code, 0) if option.capacity is not None else 0,
            *(option.labels.get(language, "") for language in LANGUAGES),
        )
