from pathlib import Path

import pytest

from events.core.web import render
from events.messaging.letter import tidy

WORDS = sorted(path.stem for path in (Path(__file__).parents[3] / "templates/mail/words").glob("*.txt"))


@pytest.mark.parametrize("name", WORDS)
def test_every_letter_greets_in_the_same_way(name: str) -> None:
    first = tidy(render(f"mail/words/{name}.txt")).splitlines()[0]
    assert first == "{greeting}" or first.endswith("!"), first
