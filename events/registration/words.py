"""States, roles and sources in the words of the present language."""

from events.core.i18n import gettext as _
from events.registration.invitations.tables import InvitationState
from events.registration.tables import RegistrationRole, State


def state_words(state: str) -> str:
    """Name a state."""
    return {
        State.AWAITING_APPROVAL: _("Awaiting approval"),
        State.AWAITING_ADDRESS: _("Awaiting confirmation of the address"),
        State.CONFIRMED: _("Confirmed"),
        State.WAITLISTED: _("On the waiting list"),
        State.OFFERED: _("Place offered"),
        State.DECLINED: _("Declined"),
        State.CANCELLED: _("Cancelled"),
    }[State(state)]


def role_words(role: str) -> str:
    """Name a role."""
    return {
        RegistrationRole.PARTICIPANT: _("Participant"),
        RegistrationRole.SPEAKER: _("Speaker"),
        RegistrationRole.HOST: _("Host"),
        RegistrationRole.STAFF: _("Project staff"),
        RegistrationRole.PARTNER: _("Project partner"),
    }[RegistrationRole(role)]


def answer_words(answer: str) -> str:
    """Name what an invitation was answered."""
    return {
        InvitationState.SENT: _("No answer yet"),
        InvitationState.YES: _("Coming"),
        InvitationState.NO: _("Not coming"),
        InvitationState.LATER: _("Answers later"),
        InvitationState.WITHDRAWN: _("Withdrawn"),
    }[InvitationState(answer)]


def source_words(source: str) -> str:
    """Say how a registration came."""
    return {
        "form": _("by the form"),
        "api": _("by a program"),
        "import": _("imported"),
        "door": _("at the door"),
        "walk_in": _("at the door, without registering before"),
        "staff": _("by staff"),
        "invitation": _("by an invitation"),
        "transfer": _("handed over by a colleague"),
    }.get(source, source)


def attendance_words(state: str) -> str:
    """Say what is known of someone's attendance."""
    return {"attended": _("Attended"), "no_show": _("Did not attend"), "unknown": _("Not known")}[state]
