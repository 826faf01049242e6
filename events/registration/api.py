"""Registering by program (design.md §6)."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Struct, UnsetType

from events.accounts.guards import Requires, actor_of
from events.accounts.rules import Action, may
from events.core import clock
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, NotFound
from events.core.i18n import gettext as _
from events.core.idempotency import Repeatable, repeatable
from events.core.links import absolute
from events.core.web import AnyRequest
from events.programme import queries as programme
from events.registration.consents import consent_texts
from events.registration.entered import Entered, read
from events.registration.items.chosen import own_items
from events.registration.new_registration import NewRegistration
from events.registration.queries import Registered
from events.registration.questions.answering import Entered as Answers
from events.registration.questions.answering import register_answering
from events.registration.questions.asked import Asked
from events.registration.questions.queries import of_event
from events.registration.registering import AsksQuestions, register
from events.registration.tables import ConsentKind, State


class Wanted(Struct, frozen=True, kw_only=True):
    """Who wants to register: `name`, or given and family name; a municipality's code, or none with a country.

    `answers` by the question's code: a text, a number, a date (2026-09-22), true or false, an option's code or a list
    of codes; what is said of health needs `consents.health`. Errors come back as `answers.<code>`.
    `code` is needed where the event asks for one. `items` are ids of the event's agenda with `sign_up`, at the site:
    who is confirmed at once has them, or is not registered; others choose by the private link once they have a place.
    `consents.news` for an address that had unsubscribed counts once a mail that is sent there is answered.
    """

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    organisation: str = ""
    business_id: str | None = None
    size: str | None = None
    municipality: str | None = None
    country: str | None = None
    site: UUID | None = None
    code: str = ""
    language: str = "fi"
    answers: dict[str, str | bool | int | float | list[str] | None] = {}
    items: list[UUID] = []
    consents: dict[ConsentKind, bool] = {}


class Made(Struct, frozen=True, kw_only=True):
    """A registration; `ticket` is the secret of the QR code, `position` the place in line of who waits.

    `manage_url` opens this registration and nothing else of its person: that is for the link in their mail, by which
    alone an address is confirmed too.

    `items`, where some were asked for, are those of the agenda in which the person has a place.
    """

    id: UUID
    status: str
    ticket: str
    manage_url: str
    position: int | UnsetType = UNSET
    items: list[UUID] | UnsetType = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """What was wrong (RFC 9457); `code` is stable, `errors` names fields."""

    type: str
    title: str
    status: int
    code: str
    errors: dict[str, list[str]] | UnsetType = UNSET


_CODES = "full (no waiting list), organisation_full, closed, already_registered, idempotency_key_reused"


@post(
    "/api/v1/events/{slug:str}/registrations",
    guards=[Requires(Action.EDIT_REGISTRATIONS)],
    responses={
        403: ResponseSpec(Problem, description="Not for this person: code, organisation or region; not_allowed"),
        404: ResponseSpec(Problem, description="No such event"),
        409: ResponseSpec(Problem, description=f"Refused; the code is one of: {_CODES}"),
        422: ResponseSpec(Problem, description="Fields that do not hold; the code is invalid"),
    },
    tags=["registration"],
    summary="Register a person for an event",
)
async def register_by_program(
    request: AnyRequest,
    slug: FromPath[str],
    data: JSONBody[Wanted],
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=255)] = None,
) -> Made:
    """Register a person and have the confirmation sent. With `Idempotency-Key` a request may be repeated safely."""
    actor = actor_of(request)
    await _require_reach(actor, slug)
    new = read(_entered(data))
    mark = repeatable(f"registration:{actor.id}", idempotency_key, (slug, data))
    made = await _register(slug, new, data, actor=actor, mark=mark)
    if made.already:
        raise Conflict(_("This person has a registration for the event already."), code="already_registered")
    return Made(
        id=made.id,
        status=made.state.value,
        ticket=made.ticket,
        manage_url=absolute(f"/r/{made.manage_token}"),
        position=made.position if made.state is State.WAITLISTED and made.position else UNSET,
        items=sorted(await own_items(made.id)) if data.items else UNSET,
    )


async def _require_reach(actor: Actor, slug: str) -> None:
    """Raise NotFound for an event that the actor's rights do not reach; who may everywhere costs no question."""
    now = clock.now()
    if may(actor, Action.EDIT_REGISTRATIONS, now=now):
        return
    event = await programme.by_slug(slug)
    if event is None or not may(actor, Action.EDIT_REGISTRATIONS, now=now, event_id=event.id, region=event.host_region):
        raise NotFound


async def _register(slug: str, new: NewRegistration, data: Wanted, *, actor: Actor, mark: Repeatable) -> Registered:
    """Register in one statement; only where the event asks questions, in a transaction with the answers."""
    now = clock.now()
    if not data.answers:
        with suppress(AsksQuestions):
            return await register(
                slug, new, actor=actor, now=now, source="api", send_to_known=False, unanswered=True, mark=mark
            )
    questions = await of_event(slug)
    if not questions and await programme.by_slug(slug) is None:
        raise NotFound
    answers = _answers(data, questions)
    return await register_answering(
        slug, questions, new, answers, actor=actor, now=now, source="api", send_to_known=False, mark=mark
    )


def _answers(data: Wanted, questions: list[Asked]) -> Answers:
    """Return the answers; raises Invalid for what is not asked, and for health without the consent to keep it."""
    codes = {question.code for question in questions}
    health = [question for question in questions if question.health]
    errors = {
        f"answers.{code}": [_("The event does not ask this: %(name)s", name=code)]
        for code in data.answers
        if code not in codes
    }
    if not data.consents.get(ConsentKind.HEALTH):
        message = _("Answers about health are kept with the person’s consent alone: consents.health.")
        errors |= {question.field: [message] for question in health if data.answers.get(question.code)}
    if errors:
        raise Invalid(errors)
    return Answers(data.answers, frozenset(question.code for question in health))


def _entered(data: Wanted) -> Entered:
    # the consent to keeping what is said of health stands beside each such answer
    agreed = [kind for kind, given in data.consents.items() if given and kind is not ConsentKind.HEALTH]
    texts = consent_texts(data.language)
    return Entered(
        name=data.name,
        given_name=data.given_name,
        family_name=data.family_name,
        email=data.email,
        organisation=data.organisation,
        business_id=data.business_id or "",
        size=data.size or "",
        municipality=data.municipality or "",
        country=data.country or "",
        language=data.language,
        site=data.site,
        consents={kind: texts[kind] for kind in agreed},
        code=data.code,
        items=data.items,
    )


ROUTES: list[ControllerRouterHandler] = [register_by_program]
