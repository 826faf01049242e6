"""What roles, places and scopes are called in the present language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from events.accounts.queries import GrantView
from events.accounts.tables import Role, Scope
from events.core.i18n import format_date
from events.core.i18n import gettext as _
from events.core.last_days import last_before


def role_name(role: Role | str) -> str:
    """Return the name of a role."""
    return {
        Role.ADMIN: _("Administrator"),
        Role.COORDINATOR: _("Coordinator"),
        Role.ORGANISER: _("Organiser"),
        Role.CHAIR: _("Chair"),
        Role.DOOR: _("Door person"),
        Role.VIEWER: _("Viewer"),
    }[Role(role)]


def role_meaning(role: Role | str) -> str:
    """Say in one sentence what a role may do."""
    return {
        Role.ADMIN: _("May do everything, also keys for programs and the audit trail."),
        Role.COORDINATOR: _("Keeps events, organisations and projects, reads reports and invites people."),
        Role.ORGANISER: _("Sets up events, follows registrations and closes the attendance."),
        Role.CHAIR: _("Plans and runs the meetings of a theme group and keeps its members."),
        Role.DOOR: _("Checks people in at the door."),
        Role.VIEWER: _("Reads reports and survey results, never personal data."),
    }[Role(role)]


def scope_name(scope: Scope | str) -> str:
    """Return what a token of this scope opens."""
    return {
        Scope.PROGRAMME: _("The programme"),
        Scope.REGISTRATION: _("Registrations"),
        Scope.CHECKIN: _("Check-in"),
        Scope.REPORTS: _("Reports and results of surveys"),
        Scope.ALL: _("All of these"),
    }[Scope(scope)]


def place_name(grant: GrantView) -> str:
    """Return where a right holds."""
    return _("the whole network") if grant.kind == "all" else grant.where or grant.resource_id


def last_day(until: datetime) -> str:
    """Return the last whole day of a right that ends at a moment."""
    return format_date(last_before(until))


WORDS: Mapping[str, Any] = {
    "role_name": role_name,
    "place_name": place_name,
    "last_day": last_day,
    "scope_name": scope_name,
}
"""What the templates of this feature call."""
