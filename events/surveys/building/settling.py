"""Use cases around a survey itself: one of an event's own, its name, named or anonymous, its open link."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from events.accounts import audit
from events.core import database, secrets
from events.core.actor import Actor
from events.core.database import transaction
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import LANGUAGES
from events.core.i18n import gettext as _
from events.programme.actions import editable
from events.surveys import rules
from events.surveys.building.holding import hold, write_out
from events.surveys.building.soundness import name_of
from events.surveys.queries import link_token
from events.surveys.tables import SurveyKind

MOST_OWN = 10
"""Surveys of an event's own: who is asked more often answers less."""


async def add_own(event: UUID, names: Mapping[str, str], *, actor: Actor, now: datetime) -> UUID:
    """Make a survey of an event's own, which asks nothing yet. Raises NotFound, Invalid, and Conflict for too many."""
    _require_name(names)
    async with transaction():
        await editable(event, actor, now)
        if await database.fetchval("SELECT count(*) FROM survey WHERE event = $1 AND kind = 'own'", event) >= MOST_OWN:
            raise Conflict(_("An event has at most %(n)s surveys of its own.", n=MOST_OWN), code="too_many")
        identity = uuid4()
        await database.execute(
            "INSERT INTO survey (id, event, kind, created_at, name_fi, name_sv, name_en)"
            " VALUES ($1, $2, 'own', $3, $4, $5, $6)",
            *(identity, event, now),
            *(names.get(code, "") for code in LANGUAGES),
        )
        await audit.record(actor, "survey.added", "survey", identity, now, event=event)
    return identity


async def remove_own(event: UUID, which: str, *, version: int | None, actor: Actor, now: datetime) -> None:
    """Remove a survey of an event's own that nobody was asked to answer. Raises NotFound, Conflict."""
    async with transaction():
        held = await hold(event, which, version, actor, now)
        if held.kind is not SurveyKind.OWN:
            raise NotFound
        _require_not_begun(answers=held.answers, sent=held.sent, link_open=held.link_open)
        await database.execute("DELETE FROM survey WHERE id = $1", held.id)
        await audit.record(actor, "survey.removed", "survey", held.id, now, event=event)


async def settle(
    event: UUID,
    which: str,
    *,
    names: Mapping[str, str],
    named: bool,
    version: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Choose what a survey is called, if it is the event's own, and whether answers are kept by name.

    The latter is fixed once the first invitation went out or anybody answered: they were told so. Raises NotFound,
    Invalid, and Conflict "changed" or "begun".
    """
    async with transaction():
        held = await hold(event, which, version, actor, now)
        if named != held.named:
            _require_not_begun(answers=held.answers, sent=held.sent, link_open=held.link_open)
        if held.kind is SurveyKind.OWN:
            _require_name(names)
            await database.execute(
                "UPDATE survey SET name_fi = $2, name_sv = $3, name_en = $4 WHERE id = $1",
                *(held.id, *(names.get(code, "") for code in LANGUAGES)),
            )
        if named:  # what one answered by name is shown with the questions as they stood
            await write_out(held)
        await database.execute("UPDATE survey SET named = $2 WHERE id = $1", held.id, named)
        await audit.record(actor, "survey.settled", "survey", held.id, now, event=event, named=named)


async def open_link(
    event: UUID, which: str, *, closes_at: datetime, version: int | None, actor: Actor, now: datetime
) -> None:
    """Let everybody answer who has the link of a survey, until a moment; again: until another one.

    Raises NotFound, Invalid for a moment that is over, and Conflict where answers are kept by name or nothing is asked.
    """
    if closes_at <= now:
        raise Invalid({"closes_on": [_("Choose a day to come.")]})
    async with transaction():
        held = await hold(event, which, version, actor, now)
        if held.named:
            raise Conflict(_("An open link is for anonymous answers: nobody knows who follows it."), code="named")
        if not rules.answered_of(held.questions):
            raise Conflict(_("Nothing is asked yet."), code="empty")
        await database.execute(
            "UPDATE survey SET link_hash = $2, link_closes_at = $3 WHERE id = $1",
            *(held.id, secrets.digest(link_token(held.id, held.link_generation)), closes_at),
        )
        await audit.record(actor, "survey.link_opened", "survey", held.id, now, event=event, closes_at=closes_at)


async def withdraw_link(event: UUID, which: str, *, version: int | None, actor: Actor, now: datetime) -> None:
    """Let the open link lead nowhere from now on, nor ever again. Raises NotFound, Conflict "changed"."""
    async with transaction():
        held = await hold(event, which, version, actor, now)
        await database.execute(
            "UPDATE survey SET link_hash = NULL, link_closes_at = NULL, link_generation = link_generation + 1"
            " WHERE id = $1",
            held.id,
        )
        await audit.record(actor, "survey.link_withdrawn", "survey", held.id, now, event=event)


def _require_name(names: Mapping[str, str]) -> None:
    if not name_of(names):
        raise Invalid({"name_fi": [_("Give the survey a name in at least one language.")]})


def _require_not_begun(*, answers: int, sent: bool, link_open: bool) -> None:
    if answers or sent or link_open:
        raise Conflict(
            _("People have been asked already: this cannot be changed any more."),
            code="begun",
        )
