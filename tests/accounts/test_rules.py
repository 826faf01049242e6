"""Who may do what where, by the table and by the place."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from events.accounts.rules import (
    EVENT_ROLES,
    PERMISSIONS,
    SCOPES,
    Action,
    givable,
    may,
    may_give,
    may_somewhere,
    may_take,
    reach,
)
from events.accounts.tables import Role, Scope
from events.core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tests.factories import NOW

HERE, THERE = uuid4(), uuid4()
"""An event in Pirkanmaa (06) and one in Etelä-Pohjanmaa (14)."""

GROUP, OTHER = uuid4(), uuid4()
"""Theme groups of Pirkanmaa; the event HERE is a meeting of the first."""

LATER = NOW + timedelta(days=30)


def staff(*grants: Grant) -> Actor:
    return Actor(ActorKind.STAFF, uuid4(), "Test", grants)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_right_on_everything_is_the_table_itself(role: Role, action: Action) -> None:
    actor, allowed = staff(Grant(role.value)), action in PERMISSIONS[role]
    assert may(actor, action, now=NOW) == allowed
    assert may(actor, action, now=NOW, event_id=HERE, region="06") == allowed
    assert may_somewhere(actor, action, now=NOW) == allowed


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_right_on_a_region_ends_at_its_border(role: Role, action: Action) -> None:
    actor, allowed = staff(Grant(role.value, "region", "06")), action in PERMISSIONS[role]
    assert may(actor, action, now=NOW, event_id=HERE, region="06") == allowed
    assert not may(actor, action, now=NOW, event_id=THERE, region="14")
    assert not may(actor, action, now=NOW)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_right_on_an_event_is_for_that_event_alone(role: Role, action: Action) -> None:
    actor, allowed = staff(Grant(role.value, "event", str(HERE))), action in PERMISSIONS[role]
    assert may(actor, action, now=NOW, event_id=HERE, region="06") == allowed
    assert not may(actor, action, now=NOW, event_id=THERE, region="06")
    assert not may(actor, action, now=NOW, region="06")
    assert not may(actor, action, now=NOW)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_right_on_a_group_is_for_the_group_and_its_meetings_alone(role: Role, action: Action) -> None:
    allowed = action in PERMISSIONS[role]
    actor = staff(Grant(role.value, "group", str(GROUP), meetings=frozenset({HERE})))
    assert may(actor, action, now=NOW, region="06", group=GROUP) == allowed
    assert may(actor, action, now=NOW, event_id=HERE, region="06") == allowed
    assert may_somewhere(actor, action, now=NOW) == allowed
    assert not may(actor, action, now=NOW, region="06", group=OTHER)
    assert not may(actor, action, now=NOW, event_id=THERE, region="06")
    assert not may(actor, action, now=NOW, event_id=THERE, region="06", group=OTHER)
    assert not may(actor, action, now=NOW, region="06")
    assert not may(actor, action, now=NOW)
    assert reach(actor, action, now=NOW) == (False, frozenset(), frozenset({HERE} if allowed else ()))


def test_a_chair_runs_meetings_and_sees_neither_health_nor_reports_nor_whom_the_network_knows() -> None:
    assert PERMISSIONS[Role.CHAIR] >= {
        *(Action.EDIT_EVENTS, Action.EDIT_REGISTRATIONS, Action.RECONCILE, Action.LEAD_GROUPS),
    }
    assert PERMISSIONS[Role.CHAIR].isdisjoint(
        {
            *(Action.SEE_HEALTH, Action.SEE_REPORTS, Action.SEE_SURVEY_RESULTS, Action.PLAN_YEAR),
            *(Action.INVITE_KNOWN_PEOPLE, Action.ADD_CO_ORGANISERS, Action.INVITE_STAFF, Action.EDIT_NETWORK),
        }
    )


@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        (Grant("admin"), True),
        (Grant("coordinator", "region", "06"), True),
        (Grant("organiser", "region", "06"), True),
        (Grant("organiser", "region", "14"), False),
        (Grant("organiser", "event", str(HERE)), False),
        (Grant("chair", "group", str(GROUP)), False),
        (Grant("door", "region", "06"), False),
    ],
)
def test_a_groups_chair_is_made_by_who_runs_its_region(own: Grant, *, allowed: bool) -> None:
    for role in Role:
        expected = allowed and role is Role.CHAIR
        assert may_give(staff(own), role, now=NOW, region="06", group=GROUP) == expected, role
        assert may_take(staff(own), role, now=NOW, region="06", group=GROUP) == expected, role
    assert not may_give(staff(own), Role.CHAIR, now=NOW, region="06")
    assert not may_give(staff(own), Role.CHAIR, now=NOW)
    assert Role.CHAIR not in givable(staff(own), now=NOW)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("action", Action)
def test_a_token_opens_its_scope_and_no_more(scope: Scope, action: Action) -> None:
    token = Actor(ActorKind.TOKEN, uuid4(), "Test", (Grant(scope.value, "event", str(HERE)),))
    assert may(token, action, now=NOW, event_id=HERE, region="06") == (action in SCOPES[scope])
    assert not may(token, action, now=NOW, event_id=THERE, region="06")


@pytest.mark.parametrize("action", Action)
def test_a_stranger_may_nothing_and_the_service_itself_everything(action: Action) -> None:
    assert not may(ANONYMOUS, action, now=NOW, event_id=HERE, region="06")
    assert may(SYSTEM, action, now=NOW)


def test_a_right_ends_at_its_end() -> None:
    actor = staff(Grant("admin", until=LATER))
    assert may(actor, Action.SEE_AUDIT, now=LATER - timedelta(seconds=1))
    assert not may(actor, Action.SEE_AUDIT, now=LATER)
    assert reach(actor, Action.SEE_AUDIT, now=LATER) == (False, frozenset(), frozenset())


def test_reach_names_regions_and_events_of_the_rights_that_allow_the_action() -> None:
    actor = staff(
        Grant("organiser", "region", "06"), Grant("organiser", "event", str(HERE)), Grant("viewer", "region", "14")
    )
    assert reach(actor, Action.EDIT_EVENTS, now=NOW) == (False, frozenset({"06"}), frozenset({HERE}))
    assert reach(staff(Grant("viewer")), Action.SEE_REPORTS, now=NOW)[0]


def test_no_role_but_the_administrators_holds_what_makes_an_administrator() -> None:
    """Otherwise several rights together could add up to one, and its holder could make administrators."""
    others = frozenset[Action]().union(*(PERMISSIONS[role] for role in Role if role is not Role.ADMIN))
    assert not PERMISSIONS[Role.ADMIN] <= others


@pytest.mark.parametrize(
    ("own", "gives"),
    [
        (Grant("admin"), set(Role) - {Role.CHAIR}),
        (Grant("coordinator"), set(Role) - {Role.ADMIN, Role.CHAIR}),
        (Grant("organiser"), set()),
        (Grant("viewer"), set()),
        (Grant("door"), set()),
        (Grant("coordinator", "region", "06"), set()),
    ],
)
def test_which_roles_are_given_on_the_whole_network(own: Grant, gives: set[Role]) -> None:
    assert {role for role in Role if may_give(staff(own), role, now=NOW)} == gives
    assert {role for role in Role if may_take(staff(own), role, now=NOW)} == gives


def test_a_regions_coordinator_gives_rights_in_that_region_alone() -> None:
    actor = staff(Grant("coordinator", "region", "06"))
    assert may_give(actor, Role.ORGANISER, now=NOW, region="06")
    assert may_give(actor, Role.ORGANISER, now=NOW, event_id=HERE, region="06")
    assert not may_give(actor, Role.ORGANISER, now=NOW, region="14")
    assert not may_give(actor, Role.ORGANISER, now=NOW, event_id=THERE, region="14")
    assert not may_give(actor, Role.ADMIN, now=NOW, region="06")


@pytest.mark.parametrize(
    ("own", "event", "region", "allowed"),
    [
        (Grant("organiser", "event", str(HERE)), HERE, "06", True),
        (Grant("organiser", "event", str(HERE)), THERE, "06", False),
        (Grant("organiser", "region", "06"), HERE, "06", True),
        (Grant("organiser", "region", "06"), THERE, "14", False),
        (Grant("door", "event", str(HERE)), HERE, "06", False),
        (Grant("viewer"), HERE, "06", False),
    ],
)
def test_organisers_add_others_to_their_events_alone(own: Grant, event: UUID, region: str, *, allowed: bool) -> None:
    for role in Role:
        expected = allowed and role in EVENT_ROLES
        assert may_give(staff(own), role, now=NOW, event_id=event, region=region) == expected, role


def test_nobody_gives_a_right_that_outlasts_their_own() -> None:
    actor = staff(Grant("coordinator", until=LATER))
    assert may_give(actor, Role.VIEWER, now=NOW, until=LATER)
    assert not may_give(actor, Role.VIEWER, now=NOW, until=LATER + timedelta(seconds=1))
    assert not may_give(actor, Role.VIEWER, now=NOW)
    assert not may_give(actor, Role.VIEWER, now=LATER, until=LATER)


def test_a_form_offers_the_roles_that_can_be_given_somewhere() -> None:
    assert Role.ADMIN in givable(staff(Grant("admin")), now=NOW)
    regional = givable(staff(Grant("coordinator", "region", "06")), now=NOW)
    assert regional == (Role.COORDINATOR, Role.ORGANISER, Role.DOOR, Role.VIEWER)
    assert givable(staff(Grant("organiser")), now=NOW) == ()
