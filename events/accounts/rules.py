"""Who may do what: one table of role × action, and where a grant reaches (design.md §5.9).

The table drives the guards and is the data of their test.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from events.accounts.tables import Role, Scope
from events.core.actor import Actor, ActorKind, Grant


class Action(StrEnum):
    """What a route or use case asks leave for."""

    SEE_STAFF_PAGES = "see_staff_pages"
    EDIT_EVENTS = "edit_events"
    PLAN_YEAR = "plan_year"
    SEE_REGISTRATIONS = "see_registrations"
    EDIT_REGISTRATIONS = "edit_registrations"
    SEE_HEALTH = "see_health"
    CHECK_IN = "check_in"
    CHECK_IN_ONESELF = "check_in_oneself"
    RECONCILE = "reconcile"
    SEE_SURVEY_RESULTS = "see_survey_results"
    SEE_REPORTS = "see_reports"
    SEE_PERSONS_IN_REPORTS = "see_persons_in_reports"
    LEAD_GROUPS = "lead_groups"
    EDIT_NETWORK = "edit_network"
    EDIT_PROJECTS = "edit_projects"
    SEE_MAILBOX = "see_mailbox"
    SEE_STAFF_LINKS = "see_staff_links"
    ANSWER_FEEDBACK = "answer_feedback"
    PUBLISH_NOTICE = "publish_notice"
    INVITE_STAFF = "invite_staff"
    ADD_CO_ORGANISERS = "add_co_organisers"
    MANAGE_TOKENS = "manage_tokens"
    SEE_AUDIT = "see_audit"


_DOOR = frozenset({Action.SEE_STAFF_PAGES, Action.CHECK_IN, Action.CHECK_IN_ONESELF})
_VIEWER = frozenset({Action.SEE_STAFF_PAGES, Action.SEE_REPORTS, Action.SEE_SURVEY_RESULTS})
_ORGANISER = _DOOR | {
    Action.EDIT_EVENTS,
    Action.PLAN_YEAR,
    Action.SEE_REGISTRATIONS,
    Action.EDIT_REGISTRATIONS,
    Action.LEAD_GROUPS,
    Action.SEE_HEALTH,
    Action.RECONCILE,
    Action.SEE_SURVEY_RESULTS,
    Action.ADD_CO_ORGANISERS,
}
_COORDINATOR = (
    _ORGANISER - {Action.SEE_HEALTH}
    | _VIEWER
    | {
        Action.SEE_PERSONS_IN_REPORTS,
        Action.EDIT_NETWORK,
        Action.EDIT_PROJECTS,
        Action.ANSWER_FEEDBACK,
        Action.PUBLISH_NOTICE,
        Action.INVITE_STAFF,
    }
)

NOT_NEEDED_TO_GIVE = frozenset({Action.SEE_HEALTH})
"""Who invites an organiser need not see what organisers need: health data are for those who arrange the food."""

PERMISSIONS: Mapping[Role, frozenset[Action]] = {
    Role.DOOR: _DOOR,
    Role.VIEWER: _VIEWER,
    Role.ORGANISER: _ORGANISER,
    Role.COORDINATOR: _COORDINATOR,
    Role.ADMIN: frozenset(Action),
}

SCOPES: Mapping[Scope, frozenset[Action]] = {
    Scope.PROGRAMME: frozenset({Action.EDIT_EVENTS}),
    Scope.REGISTRATION: frozenset({Action.EDIT_REGISTRATIONS}),
    Scope.CHECKIN: frozenset({Action.CHECK_IN}),
    Scope.REPORTS: frozenset({Action.SEE_REPORTS}),
    Scope.ALL: frozenset({Action.EDIT_EVENTS, Action.EDIT_REGISTRATIONS, Action.CHECK_IN, Action.SEE_REPORTS}),
}

KIOSK = "kiosk"
"""The role of a device that people use by themselves; it finds nobody for anybody else."""

EVENT_ROLES = (Role.ORGANISER, Role.DOOR)
"""The roles that can be given on a single event."""

REGION_ROLES = (Role.COORDINATOR, Role.ORGANISER, Role.DOOR, Role.VIEWER)
"""The roles that can be given on a region."""

SIGN_IN_LINK_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(days=7)
SESSION_IDLE = timedelta(days=7)
"""How long a session outlasts its last use."""

SESSION_LONGEST = timedelta(days=30)
"""When a session ends however much it is used."""

SHORTEST_PASSWORD = 12
"""Signs; NIST SP 800-63B asks for length, not for kinds of signs."""

START = "/staff/"


def may(
    actor: Actor, action: Action, *, now: datetime, event_id: UUID | None = None, region: str | None = None
) -> bool:
    """Say whether `actor` may do `action` to this event or in this region; with neither given, to the whole network."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    return any(
        _reaches(grant, event_id, region) for grant in actor.grants if action in _actions(grant) and is_live(grant, now)
    )


def may_somewhere(actor: Actor, action: Action, *, now: datetime) -> bool:
    """Say whether `actor` may do `action` to anything at all: what a route's guard asks."""
    return actor.kind is ActorKind.SYSTEM or any(
        action in _actions(grant) and is_live(grant, now) for grant in actor.grants
    )


def reach(actor: Actor, action: Action, *, now: datetime) -> tuple[bool, frozenset[str], frozenset[UUID]]:
    """Return where `actor` may do `action`: (everywhere, these regions, these events), for filtering lists in SQL."""
    grants = [grant for grant in actor.grants if action in _actions(grant) and is_live(grant, now)]
    return (
        actor.kind is ActorKind.SYSTEM or any(grant.kind == "all" for grant in grants),
        frozenset(grant.id for grant in grants if grant.kind == "region"),
        frozenset(UUID(grant.id) for grant in grants if grant.kind == "event"),
    )


def may_give(
    actor: Actor,
    role: Role,
    *,
    now: datetime,
    until: datetime | None = None,
    event_id: UUID | None = None,
    region: str | None = None,
) -> bool:
    """Say whether `actor` may give `role` there until then: nobody gives more than they have there, or for longer."""
    lasting = [grant for grant in actor.grants if grant.until is None or (until is not None and until <= grant.until)]
    return _outranks(replace(actor, grants=tuple(lasting)), role, now, event_id, region)


def may_take(
    actor: Actor, role: Role, *, now: datetime, event_id: UUID | None = None, region: str | None = None
) -> bool:
    """Say whether `actor` may take `role` away there: nobody takes what they do not have there themselves."""
    return _outranks(actor, role, now, event_id, region)


def givable(actor: Actor, *, now: datetime) -> tuple[Role, ...]:
    """Return the roles that `actor` may give somewhere, for the choices of a form."""
    places = [grant.id if grant.kind == "region" else None for grant in actor.grants]
    return tuple(role for role in Role if any(may_take(actor, role, now=now, region=place) for place in places))


def is_live(grant: Grant, now: datetime) -> bool:
    """Say whether a grant has not run out."""
    return grant.until is None or grant.until > now


def local_path(wanted: str) -> str:
    """Return `wanted` when it is a path of this service, else the start page of staff: no open redirect."""
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return START
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return START
    return START if parts.scheme or parts.netloc or parts.path.startswith("/staff/sign-") else wanted


def session_end(created_at: datetime, now: datetime) -> datetime:
    """Return until when a session holds that is used `now`."""
    return min(now + SESSION_IDLE, created_at + SESSION_LONGEST)


def _outranks(actor: Actor, role: Role, now: datetime, event_id: UUID | None, region: str | None) -> bool:
    if actor.kind is ActorKind.SYSTEM:
        return True
    if event_id is not None and role not in EVENT_ROLES:
        return False
    reaching = [_actions(grant) for grant in actor.grants if is_live(grant, now) and _reaches(grant, event_id, region)]
    held = frozenset[Action]().union(*reaching)
    right = Action.INVITE_STAFF if event_id is None else Action.ADD_CO_ORGANISERS
    return right in held and PERMISSIONS[role] - NOT_NEEDED_TO_GIVE <= held


def _actions(grant: Grant) -> frozenset[Action]:
    if grant.role == KIOSK:
        return frozenset({Action.CHECK_IN_ONESELF})
    if grant.role in SCOPES:
        return SCOPES[Scope(grant.role)]
    return PERMISSIONS[Role(grant.role)]


def _reaches(grant: Grant, event_id: UUID | None, region: str | None) -> bool:
    if grant.kind == "all":
        return True
    if grant.kind == "event":
        return event_id is not None and grant.id == str(event_id)
    return region is not None and grant.id == region
