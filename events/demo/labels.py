"""By what the demo's survey answers are told apart: as people are put into cells when they are asked."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from events.demo.attendance import Registered
from events.surveys.asked import CELL
from events.surveys.groups.rules import By, Cell, cells, gets_label


class Labels(Struct, frozen=True):
    """The cells of a survey as it keeps them, and the place of each person's, None for none."""

    known: Sequence[Mapping[str, str]]
    places: Sequence[int | None]

    @property
    def stored(self) -> str:
        """The cells as the survey keeps them."""
        return json.dumps(self.known)

    def put_on(self, who: Iterable[int], answers: Sequence[dict[str, Any]]) -> int:
        """Label the answers of people, by their place among those asked; returns how many have a label."""
        answered: Counter[int] = Counter()
        labelled = 0
        for person, answer in zip(who, answers, strict=True):
            cell = self.places[person]
            if cell is None:
                continue
            answered[cell] += 1
            if gets_label(answered[cell]):
                answer[CELL] = str(cell)
                labelled += 1
        return labelled


def labels_of(present: Sequence[Registered]) -> Labels:
    """Put the people of a survey into cells."""
    people: list[Cell] = [
        {By.SITE: str(one.site.id), By.LANGUAGE: one.person.language, By.REGION: one.person.organisation.region}
        for one in present
    ]
    given = cells(people)
    known = [dict(key) for key in sorted({tuple(sorted(cell.items())) for cell in given if cell})]
    return Labels(known, [known.index(dict(cell)) if cell else None for cell in given])
