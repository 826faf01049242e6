"""What becomes of the public form: rows for colleagues, limits, registering, and refusals beside their fields."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from events.accounts.guards import actor_of
from events.core.actor import Actor
from events.core.errors import Conflict, Invalid, ServiceError
from events.core.forms import FormData
from events.core.idempotency import Repeatable, repeatable
from events.core.limits import forgive, limit, network_of
from events.core.web import AnyRequest
from events.programme.queries import EventView
from events.programme.tables import Access
from events.registration.admission import FIELDS, NotAdmitted, OrganisationFull
from events.registration.invitations.answers import register_by
from events.registration.items.signing_up import require_left
from events.registration.new_registration import NewRegistration
from events.registration.public import receipts
from events.registration.public.colleagues import Refused, register_group
from events.registration.public.forms import RegistrationForm
from events.registration.public.receipts import as_if_new
from events.registration.queries import Registered
from events.registration.questions.answering import Entered, register_answering
from events.registration.questions.asked import Asked
from events.registration.questions.forms import entered
from events.registration.registering import NOT_REPEATABLE, register
from events.registration.tables import State

FROM_ONE_NETWORK = 40
"""Registrations that one network may send in ten minutes: a school class behind one address must get through."""

WRONG_CODES = 20
"""Tries with codes that are not the event's, from one network in ten minutes."""

TO_ONE_ADDRESS = 10
"""Forms with one address in an hour, each of which makes mails."""


def changes_rows(form: RegistrationForm, sent: FormData) -> bool:
    """Add a row for a colleague, or take one out, when the form was sent by such a button."""
    if "add_colleague" in sent:
        form.add_colleague()
    elif "remove_colleague" in sent:
        form.remove_colleague(sent.text("remove_colleague"))
    else:
        return False
    return True


async def register_all(
    request: AnyRequest,
    event: EventView,
    asked: list[Asked],
    form: RegistrationForm,
    people: list[NewRegistration],
    *,
    now: datetime,
) -> UUID:
    """Register once however often the same form is sent, with other content anew; returns the receipt.

    Raises TooMany, Refused, and Conflict for an invitation that is used or withdrawn.
    """
    host = network_of(request.client.host if request.client else "")
    for _one in people:
        await limit("register", host, uses=FROM_ONE_NETWORK, window=timedelta(minutes=10), now=now)
    for email in sorted({new.email or "" for new in people}):  # once a form: an assistant's address stands in each row
        await limit("register-address", email, uses=TO_ONE_ADDRESS, window=timedelta(hours=1), now=now)
    if event.access == Access.CODE:  # before it is compared: beyond the limit the right one is refused too
        await limit("access-code", host, uses=WRONG_CODES, window=timedelta(minutes=10), now=now)
    answers, registrar = entered(form, asked), form.registrar.data or ""
    key = form.form_id.data
    said = [(event.id, new, answers) if asked and new is people[0] else (event.id, new) for new in people]
    marks = [repeatable("form", f"{key}.{n}" if key else None, body) for n, body in enumerate(said)]
    first = partial(_first, event, asked, people[0], answers, actor=actor_of(request), now=now)
    all_of_them = partial(_make, event, people, first, registrar=registrar, actor=actor_of(request), now=now)

    async def make() -> UUID:
        try:
            return await all_of_them(marks)
        except Refused as refused:
            if refused.error.code != "idempotency_key_reused":
                raise
            return await all_of_them([NOT_REPEATABLE] * len(people))

    receipt = await register_by(form.invitation.data or "", event.id, make, now=now)
    if event.access == Access.CODE:
        await forgive("access-code", host)
    return receipt


async def _first(
    event: EventView,
    asked: list[Asked],
    new: NewRegistration,
    answers: Entered,
    *,
    actor: Actor,
    now: datetime,
    mark: Repeatable,
) -> Registered:
    """Register who fills in the form: in a single statement where nothing is asked and nothing signed up for.

    Who is registered already is refused what is full like anyone new: a stranger must not learn which they are.
    """
    if asked:
        made = await register_answering(event.id, asked, new, answers, actor=actor, now=now, mark=mark)
    else:
        made = await register(event.id, new, actor=actor, now=now, mark=mark)
    if made.already and new.items and (await as_if_new(event.id, new.site))[0] is State.CONFIRMED:
        await require_left(event.id, new.items)
    return made


async def _make(
    event: EventView,
    people: list[NewRegistration],
    first: Callable[..., Awaitable[Registered]],
    marks: list[Repeatable],
    *,
    registrar: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Register one alone, colleagues together; returns the receipt."""
    first = partial(first, mark=marks[0])
    if len(people) > 1 or registrar:
        return await register_group(event.id, people, marks, registrar=registrar, actor=actor, now=now, first=first)
    try:
        made = await first()
    except ServiceError as error:
        raise Refused(0, error) from error
    return await receipts.give(event.id, people[0], made, now=now)


def show_refusal(form: RegistrationForm, refused: Refused) -> None:
    """Say beside the person concerned why they could not be registered; raises what the form cannot say."""
    error, person = refused.error, form if refused.number == 0 else form.colleagues[refused.number - 1].form
    match error:
        case Invalid():
            person.show(error.errors)
        case NotAdmitted():
            person.show({FIELDS.get(error.refusal, "given_name" if refused.number else ""): [error.message]})
        case OrganisationFull():
            person.show({"organisation": [error.message]})
        case Conflict() if refused.number:
            person.show({"given_name": [error.message]})
        case _:
            raise error
    form.show_errors_of_colleagues()
