"""The data dictionary names every answer of the reports and says what each name means."""

import csv
import io

import pytest
from httpx import AsyncClient

from events.core.i18n import LANGUAGES, in_language
from events.reports.dashboard import parts
from events.reports.dictionary import Shape, dictionary
from tests.factories import make_staff, sign_in
from tests.reports.test_pages import SMALL
from tests.reports.world import build

PARTICIPATION, DASHBOARD, NETWORK = (
    f"GET /api/v1/reports/{name}" for name in ("participation", "dashboard", "network")
)


def shapes(code: str = "en") -> dict[str, Shape]:
    with in_language(code):
        made = dictionary()
    assert len({shape.id for shape in made.shapes}) == len(made.shapes)
    return {shape.id: shape for shape in made.shapes}


def meaning(shape: str, name: str) -> str:
    (found,) = (field.meaning for field in shapes()[shape].fields if field.name == name)
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_name_of_the_dashboard_and_the_network_effect_has_a_meaning(code: str) -> None:
    told = [shape for shape in shapes(code).values() if DASHBOARD in shape.where or NETWORK in shape.where]
    assert {"Dashboard", "Funnel", "NetworkEffect", "CameBack", "Filters"} <= {shape.id for shape in told}
    assert [(shape.id, field.name) for shape in told for field in shape.fields if not field.meaning] == []


def test_a_struct_stands_once_with_every_answer_that_holds_it() -> None:
    assert shapes()["Cell"].where == f"{PARTICIPATION}, {DASHBOARD}"
    assert shapes()["EventLine"].where == f"{PARTICIPATION}, {DASHBOARD}, {NETWORK}"


def test_a_name_means_what_it_does_where_it_stands() -> None:
    assert meaning("NewAndReturning", "new").startswith("No participation before the period")
    assert meaning("QuarterLinks", "new").startswith("New: the two had never met before")
    assert meaning("Dashboard", "targets") != meaning("NetworkEffect", "targets")
    assert meaning("Cell", "persons") != meaning("PeriodChange", "persons")


async def test_the_columns_of_the_dashboards_files_are_those_of_the_files(client: AsyncClient) -> None:
    """Each file is asked for: its head is what the dictionary says, in its order, and every column has a meaning."""
    await build(SMALL)
    await sign_in(client, await make_staff("coordinator"))
    told = {each.id: each for each in dictionary().shapes if each.id.startswith("dashboard/")}
    assert len(told) == len(parts.TITLES)
    for name, shape in told.items():
        assert shape.where == f"/staff/reports/{name}"
        answer = await client.get(f"{shape.where}?from=2026-01-01&to=2026-12-31")
        lines = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.text.splitlines()[0].split(",") == [field.name for field in shape.fields]
        assert all(field.meaning for field in shape.fields), name
        for field in shape.fields:
            values = [line[field.name] for line in lines]
            assert field.nullable or all(values), (name, field.name)
            if field.type == "integer":
                assert all(value.lstrip("-").isdecimal() for value in values if value), (name, field.name)
