"""The results of surveys as JSON are the figures of the page, with the same protection."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from events.core import clock, database, secrets
from events.core.i18n import in_language
from events.surveys.actions import seal, submit
from events.surveys.groups.queries import told_apart
from events.surveys.groups.rules import By
from events.surveys.results.figures import PerCent, figures
from events.surveys.results.parted import HIDDEN, parted
from events.surveys.results.queries import results
from tests.factories import insert, make_staff, sign_in
from tests.surveys.asking import MORNING, asked
from tests.surveys.building.making import add, question
from tests.surveys.groups.test_labels_join_nothing import two_sites

AFTER = MORNING.replace(month=12)
PARTS = {"parts-en": {"talks-en": "good-en"}}


async def token(scope: str, **columns: Any) -> dict[str, str]:
    secret = secrets.new_secret()
    await insert("api_token", name="t", token_hash=secrets.digest(secret), scope=scope, **columns)
    return {"authorization": f"Bearer {secret}", "accept-language": "en"}


async def address(event: UUID) -> str:
    return f"/api/v1/events/{await database.fetchval('SELECT slug FROM event WHERE id = $1', event)}/survey"


@pytest.fixture
async def answered(client: AsyncClient) -> UUID:
    """Two sites have answered, not all of them everything."""
    event, _sites = await two_sites()
    await add(event, "feedback", question("matrix", "Parts", "good", "bad", rows=("talks", "lunch")))
    for number, row in enumerate(await database.fetch("SELECT id FROM survey_invitation ORDER BY id")):
        given: dict[str, Any] = {"usefulness": 1 + number % 5, "recommend": number % 11}
        given |= {"contacts": "1-2"} if number % 3 else {"comments": f"Said {number}"}
        await submit(secrets.derive("survey", row["id"]), {**given, **(PARTS if number % 7 else {})}, MORNING)
    await seal(AFTER)
    return event


def in_rows(each: dict[str, Any]) -> list[tuple[Any, ...]]:
    """A question of the answer as the page writes it in rows."""
    rows = [(row["label"], *(_chosen(row) or ("–",) * 2), row["answers"]) for row in each["rows"]]
    return rows or [(one["label"], one["count"], one["share"]) for one in each["choices"]]


def in_groups(groups: list[dict[str, Any]], width: int) -> list[tuple[Any, ...]]:
    """The groups of a question as the page writes them in rows, so many cells in each."""
    if groups[0]["rows"]:
        return [
            (
                group["name"],
                row["label"],
                *(_chosen(row) or (HIDDEN,) * 2),
                HIDDEN if row["answers"] is None else row["answers"],
            )
            for number in range(2)
            for group in groups
            for row in [group["rows"][number]]
        ]
    return [(group["name"], *_cells(group, width - 1)) for group in groups]


def _chosen(row: dict[str, Any]) -> list[int]:
    return [each["count"] for each in row["choices"]]


def _cells(group: dict[str, Any], width: int) -> tuple[Any, ...]:
    if group["answers"] is None:
        return (HIDDEN,) * width
    mean = () if group["mean"] is None else (Decimal(str(group["mean"])),)
    if group["nps"]:
        return (group["answers"], *mean, *group["nps"].values())
    return (group["answers"], *mean, *(PerCent(each["share"]) for each in group["choices"]))


async def test_each_figure_is_that_of_the_page(client: AsyncClient, answered: UUID) -> None:
    answer = await client.get(await address(answered), headers=await token("reports"))
    made = answer.json()
    assert answer.status_code == 200
    assert (made["answers"], made["asked"], made["not_counted_yet"], made["of"]) == (44, 0, 0, "feedback")
    assert made["definitions"]["attended"] == "Persons marked as attended."
    with in_language("en"):
        shown = [figures(each, texts_shown=False) for each in (await results(answered)).results]
    assert [each["code"] for each in made["questions"]] == [each.code for each in shown]
    for ours, theirs in zip(made["questions"], shown, strict=True):
        assert in_rows(ours) == list(theirs.rows)
        assert theirs.notes[0].startswith("Fewer than five" if ours["answers"] is None else str(ours["answers"]))
    assert any(each["nps"] for each in made["questions"])


@pytest.mark.parametrize("by", list(By))
async def test_each_group_is_that_of_the_page_and_hidden_as_there(client: AsyncClient, answered: UUID, by: By) -> None:
    made = (await client.get(f"{await address(answered)}?by={by}", headers=await token("reports"))).json()["by"]
    questions = [each.question for each in (await results(answered)).results]
    survey = await database.fetchval("SELECT id FROM survey")
    with in_language("en"):
        part = parted(await told_apart(answered, survey, by), questions)
    assert (made["answers"], made["not_told_apart"], made["by"]) == (44, part.untold, by)
    assert {each["code"] for each in made["questions"]} == part.tables.keys()
    assert bool(part.tables) == (by is By.SITE)
    for each in made["questions"]:
        table = part.tables[each["code"]]
        assert in_groups(each["groups"], len(table.headings)) == list(table.rows)


async def test_programs_read_no_texts_and_staff_who_may_see_persons_do(client: AsyncClient, answered: UUID) -> None:
    here = await address(answered)
    program = await client.get(here, headers=await token("reports"))
    assert "Said 3" not in program.text
    (texts,) = [each for each in program.json()["questions"] if each["code"] == "comments"]
    assert (texts["answers"], texts["texts"]) == (15, None)
    await sign_in(client, await make_staff("coordinator"))
    (texts,) = [each for each in (await client.get(here)).json()["questions"] if each["code"] == "comments"]
    assert "Said 3" in texts["texts"]


async def test_a_viewer_is_told_of_answers_and_not_how_many_attended(client: AsyncClient, answered: UUID) -> None:
    await sign_in(client, await make_staff("viewer"))
    made = (await client.get(await address(answered))).json()
    kept_back = ("attended", "asked", "answers_by_link", "rate_of_attended", "rate_of_asked")
    assert (made["answers"], [made[name] for name in kept_back]) == (44, [None] * 5)
    assert [*made["definitions"]] == ["answers"]
    assert made["questions"]


async def test_below_five_there_is_nothing_and_then_they_move_as_on_the_page(client: AsyncClient) -> None:
    event, links = await asked(12)
    here, headers = await address(event), await token("all")
    seen = []
    with clock.at(MORNING):
        for link in links:
            await submit(link, {"usefulness": 4}, MORNING)
            made = (await client.get(here, headers=headers)).json()
            seen.append(made["questions"][0]["answers"] if made["questions"] else 0)
            assert made["answers"] - made["not_counted_yet"] == seen[-1]
    assert seen == [0] * 4 + [5] * 8


async def test_only_who_may_see_reports_of_the_event_reads_them(client: AsyncClient) -> None:
    (event, _links), (other, _others) = await asked(1), await asked(1, slug="other")
    here = await address(event)
    assert (await client.get(here)).status_code == 401
    assert (await client.get(here, headers=await token("checkin"))).status_code == 404
    assert (await client.get(here, headers=await token("reports", event_id=event))).status_code == 200
    bound = await token("reports", event_id=other)
    assert (await client.get(here, headers=bound)).status_code == 404
    assert (await client.get(f"{here}?of=nothing", headers=await token("reports"))).status_code == 404
    assert (await client.get(f"{here}?by=name", headers=await token("reports"))).status_code == 422
