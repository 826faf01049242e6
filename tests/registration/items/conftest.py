import pytest

from events.registration.items import signing_up
from tests.registration import unguarded


@pytest.fixture
def look_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard: who signs up looks whether there is a place, and counts nothing."""
    monkeypatch.setattr(signing_up, "move", unguarded.look)
    monkeypatch.setattr(signing_up, "_lock", unguarded.no_lock)
