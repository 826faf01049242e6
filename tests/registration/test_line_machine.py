import asyncio
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from events.core import database
from events.registration import held
from tests.conftest import clone, drop
from tests.registration.line_machine import Line

OFTEN = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=False,
)

FOUND_SOON = settings(OFTEN, max_examples=200, phases=[Phase.generate], derandomize=True)


@pytest.fixture
def machine(cluster: str, template_db: str) -> Iterator[type[Line]]:
    """The machine on a database and a loop of its own: Hypothesis calls it outside of any test's loop."""
    with asyncio.Runner() as runner:
        url = runner.run(clone(cluster, template_db))
        runner.run(database.open_pool(url, size=8))
        try:
            yield type("Line", (Line,), {"run": staticmethod(runner.run)})
        finally:
            runner.run(database.close_pool())
            runner.run(drop(cluster, url))


def test_whatever_happens_places_line_letters_and_trail_agree(machine: type[Line]) -> None:
    run_state_machine_as_test(machine, settings=OFTEN)


async def nothing(*_given: object, **_named: object) -> list[object]:
    return []


GUARDS: list[tuple[ModuleType, str, str]] = [
    (held, "fill_freed_places", "a place is free beside someone who waits"),
    (held, "leave", "counters"),
    (held, "tell", "no letter"),
    (held, "note", "no audit row"),
]


@pytest.mark.parametrize(("module", "name", "found"), GUARDS)
def test_the_machine_finds_what_is_left_out(
    machine: type[Line], monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, found: str
) -> None:
    monkeypatch.setattr(module, name, nothing)
    with pytest.raises(AssertionError, match=found):
        run_state_machine_as_test(machine, settings=FOUND_SOON)
