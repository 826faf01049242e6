"""Chance in tests: drawn anew each time, said when a test fails, and set again by `TEST_SEED`."""

import os
import random
from collections.abc import Iterator

import pytest


@pytest.fixture
def chance(record_property: pytest.FixtureRequest) -> Iterator[random.Random]:
    """A source of chance whose seed is in the report; `TEST_SEED=… pytest …` repeats what it did."""
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().randrange(2**32))
    print(f"TEST_SEED={seed}")
    record_property("seed", seed)  # type: ignore[operator]
    yield random.Random(seed)
