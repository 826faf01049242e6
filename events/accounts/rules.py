"""Who may do what: one table of role × action, and where a grant reaches (design.md §5.9).

The table drives the guards and is the data of their test.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
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
    EDIT_SURVEY_BANK = "edit_survey_bank"
    SEE_REPORTS = "see_reports"
    SEE_PERSONS_IN_REPORTS = "see_persons_in_reports"
    EDIT_REPORTS = "edit_reports"
    LEAD_GROUPS = "lead_groups"
    EDIT_NETWORK = "edit_network"
    EDIT_PROJECTS = "edit_projects"
    SEE_MAILBOX = "see_mailbox"
    SEE_STAFF_LINKS = "see_staff_links"
    ANSWER_FEEDBACK = "answer_feedback"
    PUBLISH_NOTICE = "publish_notice"
    EDIT_TEMPLATES = "edit_templates"
    SET_REMINDERS = "set_reminders"
    INVITE_STAFF = "invite_staff"
    ADD_CO_ORGANISERS = "add_co_organisers"
    INVITE_KNOWN_PEOPLE = "invite_known_people"
    WRITE_TO_GROUPS = "write_to_groups"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_WEBHOOKS = "manage_webhooks"
    SEE_AUDIT = "see_audit"


_DOOR = frozenset({Action.SEE_STAFF_PAGES, Action.CHECK_IN, Action.CHECK_IN_ONESELF})
_VIEWER = frozenset({Action.SEE_STAFF_PAGES, Action.SEE_REPORTS, Action.SEE_SURVEY_RESULTS})
_CHAIR = _DOOR | {
    Action.EDIT_EVENTS,
    Action.SEE_REGISTRATIONS,
    Action.EDIT_REGISTRATIONS,
    Action.LEAD_GROUPS,
    Action.RECONCILE,
}
_ORGANISER = _CHAIR | {
    Action.PLAN_YEAR,
    Action.INVITE_KNOWN_PEOPLE,
    Action.WRITE_TO_GROUPS,
    Action.SEE_HEALTH,
    Action.SEE_SURVEY_RESULTS,
    Action.ADD_CO_ORGANISERS,
}
_COORDINATOR = (
    _ORGANISER - {Action.SEE_HEALTH}
    | _VIEWER
    | {
        Action.SEE_PERSONS_IN_REPORTS,
        Action.EDIT_REPORTS,
        Action.EDIT_NETWORK,
        Action.EDIT_PROJECTS,
        Action.EDIT_SURVEY_BANK,
        Action.ANSWER_FEEDBACK,
        Action.PUBLISH_NOTICE,
        Action.EDIT_TEMPLATES,
        Action.SET_REMINDERS,
        Action.INVITE_STAFF,
    }
)

NOT_NEEDED_TO_GIVE = frozenset({Action.SEE_HEALTH})
"""Who invites an organiser need not see what organisers need: health data are for those who arrange the food."""

PERMISSIONS: Mapping[Role, frozenset[Action]] = {
    Role.DOOR: _DOOR,
    Role.VIEWER: _VIEWER,
    Role.CHAIR: _CHAIR,
    Role.ORGANISER: _ORGANISER,
    Role.COORDINATOR: _COORDINATOR,
    Role.ADMIN: frozenset(Action),
}

SCOPES: Mapping[Scope, frozenset[Action]] = {
    Scope.PROGRAMME: frozenset({Action.EDIT_EVENTS}),
    Scope.REGISTRATION: frozenset({Action.EDIT_REGISTRATIONS}),
    Scope.CHECKIN: frozenset({Action.CHECK_IN}),
    Scope.REPORTS: frozenset({Action.SEE_REPORTS, Action.SEE_SURVEY_RESULTS}),
    Scope.ALL: frozenset(
        {
            Action.EDIT_EVENTS,
            Action.EDIT_REGISTRATIONS,
            Action.CHECK_IN,
            Action.SEE_REPORTS,
            Action.SEE_SURVEY_RESULTS,
        }
    ),
}

KIOSK = "kiosk"
"""The role of a device that people use by themselves; it finds nobody for anybody else."""

EVENT_ROLES = (Role.ORGANISER, Role.DOOR)
"""The roles that can be given on a single event."""

REGION_ROLES = (Role.COORDINATOR, Role.ORGANISER, Role.DOOR, Role.VIEWER)
"""The roles that can be given on a region."""

GROUP_ROLES = (Role.CHAIR,)
"""The roles that are given on a theme group, and nowhere else."""

SHORTEST_PASSWORD = 12
"""Signs; NIST SP 800-63B asks for length, not for kinds of signs."""

START = "/staff/"


class Where(NamedTuple):
    """What is acted on: an event, the region it lies in, a theme group; nothing of these is the whole network."""

    event_id: UUID | None
    region: str | None
    group: UUID | None


def may(
    actor: Actor,
    action: Action,
    *,
    now: datetime,
    event_id: UUID | None = None,
    region: str | None = None,
    group: UUID | None = None,
) -> bool:
    """Say whether `actor` may do `action` to this event, in this region or to this theme group.

    With none of them given: to the whole network. An event's group need be named only where the event may have been
    made since the actor's rights were read.
    """
    if actor.kind is ActorKind.SYSTEM:
        return True
    return any(
        _reaches(grant, Where(event_id, region, group))
        for grant in actor.grants
        if action in _actions(grant) and is_live(grant, now)
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
        frozenset(UUID(grant.id) for grant in grants if grant.kind == "event").union(
            *(grant.meetings for grant in grants)
        ),
    )


def may_give(
    actor: Actor,
    role: Role,
    *,
    now: datetime,
    until: datetime | None = None,
    event_id: UUID | None = None,
    region: str | None = None,
    group: UUID | None = None,
) -> bool:
    """Say whether `actor` may give `role` there until then: nobody gives more than they have there, or for longer."""
    lasting = [grant for grant in actor.grants if grant.until is None or (until is not None and until <= grant.until)]
    return _outranks(replace(actor, grants=tuple(lasting)), role, now, Where(event_id, region, group))


def may_take(
    actor: Actor,
    role: Role,
    *,
    now: datetime,
    event_id: UUID | None = None,
    region: str | None = None,
    group: UUID | None = None,
) -> bool:
    """Say whether `actor` may take `role` away there: nobody takes what they do not have there themselves."""
    return _outranks(actor, role, now, Where(event_id, region, group))


def givable(actor: Actor, *, now: datetime) -> tuple[Role, ...]:
    """Return the roles that `actor` may give everywhere or in a region, for the choices of a form."""
    places = [grant.id if grant.kind == "region" else None for grant in actor.grants]
    return tuple(role for role in Role if any(may_take(actor, role, now=now, region=place) for place in places))


def is_live(grant: Grant, now: datetime) -> bool:
    """Say whether a grant has not run out."""
    return grant.until is None or grant.until > now


def _outranks(actor: Actor, role: Role, now: datetime, where: Where) -> bool:
    if (where.group is not None) != (role in GROUP_ROLES) or (where.event_id is not None and role not in EVENT_ROLES):
        return False
    if actor.kind is ActorKind.SYSTEM:
        return True
    reaching = [_actions(grant) for grant in actor.grants if is_live(grant, now) and _reaches(grant, where)]
    held = frozenset[Action]().union(*reaching)
    right = Action.INVITE_STAFF if where.event_id is None and where.group is None else Action.ADD_CO_ORGANISERS
    return right in held and PERMISSIONS[role] - NOT_NEEDED_TO_GIVE <= held


def _actions(grant: Grant) -> frozenset[Action]:
    if grant.role == KIOSK:
        return frozenset({Action.CHECK_IN_ONESELF})
    if grant.role in SCOPES:
        return SCOPES[Scope(grant.role)]
    return PERMISSIONS[Role(grant.role)]


def _reaches(grant: Grant, where: Where) -> bool:
    if grant.kind == "all":
        return True
    if grant.kind == "event":
        return where.event_id is not None and grant.id == str(where.event_id)
    if grant.kind == "group":
        return where.event_id in grant.meetings or (where.group is not None and grant.id == str(where.group))
    return where.region is not None and grant.id == where.region
