"""Use cases of those who answer: registering with answers, changing them, giving options back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from events.core import database
from events.core.actor import Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, Unavailable
from events.core.i18n import gettext as _
from events.core.i18n import in_language, language
from events.core.idempotency import Repeatable
from events.registration import counters
from events.registration.consents import consent_texts
from events.registration.counters import Full
from events.registration.held import hold, note, require_may_edit
from events.registration.new_registration import NewRegistration
from events.registration.queries import Registered
from events.registration.questions import queries, rules
from events.registration.questions.asked import Asked, Value
from events.registration.questions.queries import Given
from events.registration.questions.reading import read
from events.registration.questions.releasing import counters_of
from events.registration.registering import NOT_REPEATABLE, register
from events.registration.rules import GONE, holds_place
from events.registration.tables import ConsentKind


class Entered(Struct, frozen=True):
    """What came as answers, by code, and the codes of the health questions whose consent was given.

    `for_another`: someone else answers, and what is personal stays as it is.
    """

    raw: Mapping[str, object] = {}
    agreed: Collection[str] = ()
    for_another: bool = False


async def register_answering(
    event: UUID | str,
    questions: Sequence[Asked],
    new: NewRegistration,
    entered: Entered,
    *,
    actor: Actor,
    now: datetime,
    source: str = "form",
    send_to_known: bool = True,
    mark: Repeatable = NOT_REPEATABLE,
) -> Registered:
    """Register someone with their answers, all or nothing; raises as `register`, and Invalid for answers.

    Who gets no place at once chooses what has a limit later. Who is registered already keeps the answers there are.
    Raises Unavailable when a question was removed meanwhile.
    """
    try:
        async with transaction():
            made = await register(
                event, new, actor=actor, now=now, source=source, send_to_known=send_to_known, mark=mark
            )
            if not made.already and not made.repeated:
                with in_language(new.language):
                    await _answer(made, questions, entered, now)
    except asyncpg.ForeignKeyViolationError as error:
        raise Unavailable from error
    return made


async def _answer(made: Registered, questions: Sequence[Asked], entered: Entered, now: datetime) -> None:
    """Store the answers of a new registration; of one that was revived there are none any more."""
    site = None
    if any(question.shown_at for question in questions):
        site = await database.fetchval("SELECT site FROM registration WHERE id = $1", made.id)
    await _settle(made.id, questions, entered, Given(), site=site, placed=holds_place(made.state), now=now)


async def change_answers(registration_id: UUID, entered: Entered, *, actor: Actor, now: datetime) -> None:
    """Replace someone's answers by others, with the places of options that come and go.

    What is personal nobody but the person changes; staff may delete it where it is of health (`health.delete_answer`).
    Raises Invalid for answers that do not hold, Conflict when the registration is gone, NotAllowed when it is too late.
    """
    async with transaction():
        held = await hold(registration_id)
        require_may_edit(held, actor, now)
        if held.state in GONE:
            raise Conflict(_("This registration has been cancelled."), code="cancelled")
        questions = await queries.of_event(held.event)
        before = await queries.of_registration(held.id)
        entered = msgspec.structs.replace(entered, for_another=actor.kind is not ActorKind.PARTICIPANT)
        changed = await _settle(
            held.id, questions, entered, before, site=held.site, placed=holds_place(held.state), now=now
        )
        if changed:
            await note(held, "answers_changed", actor, now, questions=[question.code for question in changed])


async def _settle(
    registration_id: UUID,
    questions: Sequence[Asked],
    entered: Entered,
    before: Given,
    *,
    site: UUID | None,
    placed: bool,
    now: datetime,
) -> list[Asked]:
    """Store answers instead of those there are (`before`), and let the counters of options follow.

    Returns what changed.
    """
    standing = rules.personal(questions, before.all) if entered.for_another else None
    answers = read(
        questions,
        entered.raw,
        site=site,
        agreed=entered.agreed,
        later=not placed,
        standing=standing,
        before=before.all,
    )
    if not placed:
        answers = rules.without(questions, answers, rules.limited(questions))
    had, has = rules.chosen(questions, before.all), rules.chosen(questions, answers)
    try:
        await counters.move(take=counters_of(has - had), give=counters_of(had - has))
    except Full as full:
        raise Invalid(_full(questions, {each.id for each in full.counters})) from full
    changed = [question for question in questions if before.all.get(question.code) != answers.get(question.code)]
    await _remove(registration_id, [question for question in changed if question.code in before.all])
    for health in (False, True):
        new = {each.id: answers[each.code] for each in changed if each.health == health and each.code in answers}
        if new:
            await _store(registration_id, new, now, health=health)
    return changed


async def _remove(registration_id: UUID, questions: Sequence[Asked]) -> None:
    for table in ("registration_answer", "health_answer") if questions else ():
        await database.execute(
            f"DELETE FROM {table} WHERE registration = $1 AND question = ANY($2)",
            *(registration_id, [question.id for question in questions]),
        )


async def _store(registration_id: UUID, values: Mapping[UUID, Value], now: datetime, *, health: bool) -> None:
    consent = (consent_texts(language())[ConsentKind.HEALTH], language()) if health else ()
    table, more, places = (
        ("health_answer", ", consent_text, consent_language", ", $5, $6") if health else ("registration_answer", "", "")
    )
    await database.execute(
        f"INSERT INTO {table} (id, registration, question, value, answered_at{more})"
        f" SELECT gen_random_uuid(), $1, given.question, given.value::jsonb, $4::timestamptz{places}"
        " FROM unnest($2::uuid[], $3::text[]) AS given (question, value)",
        registration_id,
        list(values),
        [msgspec.json.encode(value).decode() for value in values.values()],
        now,
        *consent,
    )


def _full(questions: Sequence[Asked], options: Collection[UUID]) -> dict[str, list[str]]:
    """Say beside each question which of its options has no place left."""
    return {
        question.field: [_("This is full: %(name)s. Choose another.", name=option.label[0]) for option in full]
        for question in questions
        if (full := [option for option in question.options if option.id in options])
    }
