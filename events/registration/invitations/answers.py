"""Answering an invitation by its personal link: yes, no, later; each may be changed until the start."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from events.core import database
from events.core.actor import ANONYMOUS, Actor, ActorKind
from events.core.database import transaction
from events.core.errors import Conflict, NotFound
from events.core.i18n import gettext as _
from events.core.text import split_name
from events.programme import queries as programme
from events.programme.queries import EventView
from events.registration import notice
from events.registration.actions import cancel
from events.registration.invitations import queries as invitation_queries
from events.registration.invitations.actions import require_to_come
from events.registration.invitations.queries import InvitationView
from events.registration.invitations.tables import InvitationState
from events.registration.new_registration import NewRegistration
from events.registration.person_form import ABROAD
from events.registration.queries import Registered
from events.registration.questions import queries as questions
from events.registration.registering import register
from events.registration.rules import GONE


async def accept(invitation_id: UUID, new: NewRegistration, *, now: datetime) -> Registered:
    """Register who was invited by one press.

    Raises NotFound, Conflict for a withdrawn invitation and an event to which nobody can come, and what `register`
    raises: no place, registration closed, questions to answer; InvitationUsed when a colleague came in their stead.
    """
    async with transaction():
        invitation, event = await _answerable(invitation_id, now)
        made = await register(
            *(event.id, new),
            actor=ANONYMOUS,
            now=now,
            any_time=event.theme_group is not None,  # a member is asked at once, whenever others may register
            source="invitation",
            send_to_known=False,
            unanswered=True,
        )
        _require_unused(invitation, made.id)
        await _write(invitation.id, InvitationState.YES, now, made.id)
    return made


class InvitationUsed(Conflict):
    """Someone is registered by the link already: it is for the invited person, or for one in their stead."""

    def __init__(self) -> None:
        super().__init__(_("Someone is registered by this invitation already; it is for one person."), code="used")


async def led_by(token: str, event_id: UUID) -> InvitationView | None:
    """Return the invitation to an event that led someone to its form, None when it holds no (more)."""
    invitation = await invitation_queries.by_token(token) if token else None
    if invitation is None or invitation.event != event_id or invitation.answer is InvitationState.WITHDRAWN:
        return None
    return invitation


async def filled_in(invitation: InvitationView) -> dict[str, str]:
    """Return what the form is filled in with for an invitation."""
    held = {"invitation": invitation.path.rpartition("/")[2], "email": invitation.email}
    known = await invitation_queries.known_of(invitation)
    if known is None:
        given, family = split_name(invitation.name)
        return {**held, "given_name": given, "family_name": family}
    abroad = known.municipality is None and known.country != "FI"
    return {
        **held,
        **{name: getattr(known, name) for name in ("given_name", "family_name", "organisation")},
        "municipality": ABROAD if abroad else known.municipality or "",
        "country": known.country if abroad else "",
    }


async def register_by(token: str, event_id: UUID, make: Callable[[], Awaitable[UUID]], *, now: datetime) -> UUID:
    """Register by `make`, which returns a receipt, and note it as the yes of the invitation whose link led here.

    The link may be passed on to a colleague, but one registration stands by it at a time: InvitationUsed undoes the
    second; the same form once more is the same one. Someone who was registered before, at an address that was only
    typed, is none of this invitation's: a receipt of theirs has no registration.
    """
    led = await led_by(token, event_id)
    if led is None:
        return await make()
    async with transaction():
        invitation = await invitation_queries.locked(led.id)
        if invitation is None or invitation.answer is InvitationState.WITHDRAWN:
            raise Conflict(_("This invitation has been withdrawn."), code="withdrawn")
        receipt = await make()
        made = await database.fetchval("SELECT registration FROM receipt WHERE id = $1", receipt)
        _require_unused(invitation, made)
        await _write(invitation.id, InvitationState.YES, now, made or invitation.registration)
    return receipt


def _require_unused(invitation: InvitationView, made: UUID | None) -> None:
    if invitation.used and made != invitation.registration:
        raise InvitationUsed


async def refuse(invitation_id: UUID, answer: InvitationState, *, now: datetime) -> None:
    """Say no, which gives back a place taken before, or that one answers later.

    Raises NotFound, Conflict for a withdrawn invitation, when the event has begun, and when the place is someone
    else's to whom the link was passed on.
    """
    async with transaction():
        invitation, _event = await _answerable(invitation_id, now)
        if invitation.registration and invitation.state not in GONE:
            if not invitation.own:
                raise Conflict(_("Someone has registered by this link, and cancels by the link in their confirmation."))
            await cancel(invitation.registration, actor=Actor(ActorKind.PARTICIPANT, invitation.registration), now=now)
        await _write(invitation.id, answer, now, invitation.registration)


async def one_press(invitation: InvitationView, event: EventView, site: UUID | None) -> NewRegistration | None:
    """Return the registration that a yes makes without any question; None when something must be asked.

    A member of a theme group is asked nothing.
    """
    known = await invitation_queries.known_of(invitation)
    if known is None or not known.given_name or not (known.has_place or event.theme_group):
        return None
    if (len(event.open_sites) > 1 and site is None) or await questions.of_event(event.id):
        return None
    return NewRegistration(
        given_name=known.given_name,
        family_name=known.family_name,
        email=invitation.email,
        organisation=known.organisation,
        municipality=known.municipality,
        country=known.country,
        site=site,
        language=invitation.language,
        notice_version=(await notice.current()).version,
    )


async def _answerable(invitation_id: UUID, now: datetime) -> tuple[InvitationView, EventView]:
    invitation = await invitation_queries.locked(invitation_id)
    event = await programme.by_id(invitation.event) if invitation else None
    if invitation is None or event is None:
        raise NotFound
    if invitation.answer is InvitationState.WITHDRAWN:
        raise Conflict(_("This invitation has been withdrawn."), code="withdrawn")
    require_to_come(event, now)
    return invitation, event


async def _write(invitation_id: UUID, answer: InvitationState, now: datetime, registration: UUID | None) -> None:
    await database.execute(
        "UPDATE invitation SET state = $2, answered_at = $3, registration = $4 WHERE id = $1",
        *(invitation_id, answer.value, now, registration),
    )
