"""Who sees small groups and names: whoever may see the persons of every event that the figures are of."""

from uuid import uuid4

import pytest

from events.core.actor import SYSTEM, Actor, ActorKind, Grant
from events.reports.access import sees_small_groups
from tests.factories import NOW


@pytest.mark.parametrize(
    ("grants", "sees"),
    [
        ([Grant("coordinator")], True),
        ([Grant("coordinator", "region", "06")], True),
        ([Grant("viewer")], False),
        ([Grant("viewer", "region", "06")], False),
        ([Grant("viewer"), Grant("coordinator", "region", "06")], False),
        ([Grant("viewer", "region", "01"), Grant("coordinator", "region", "06")], False),
        ([Grant("viewer", "region", "06"), Grant("coordinator", "region", "06")], True),
        ([Grant("viewer", "region", "01"), Grant("coordinator")], True),
        ([], False),
    ],
)
def test_a_right_to_persons_in_one_region_opens_no_small_groups_elsewhere(grants: list[Grant], sees: bool) -> None:
    assert sees_small_groups(Actor(ActorKind.STAFF, uuid4(), grants=tuple(grants)), NOW) is sees
    assert sees_small_groups(SYSTEM, NOW)
