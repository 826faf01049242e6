from datetime import timedelta

from events.accounts.lasting import session_end
from tests.factories import NOW


def test_a_session_slides_by_a_week_up_to_thirty_days() -> None:
    assert session_end(NOW, NOW) == NOW + timedelta(days=7)
    assert session_end(NOW, NOW + timedelta(days=3)) == NOW + timedelta(days=10)
    assert session_end(NOW, NOW + timedelta(days=29)) == NOW + timedelta(days=30)
