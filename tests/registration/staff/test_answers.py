from datetime import timedelta

import httpx
import pytest

from events.core import clock, database
from events.registration.queries import Registered
from events.registration.questions import queries
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.registration.questions.making import make_question, taken
from tests.registration.questions.test_answering import sign_up


@pytest.fixture
async def made(client: httpx.AsyncClient) -> Registered:
    """Someone who answered what an event asks: some of it of health, some agreed to."""
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    event = await make_event(slug="paja")
    await make_question(event, "bus", "one", ("early", 1), ("late", 1), required=True)
    await make_question(event, "seat", shown_if=["bus=early"])
    await make_question(event, "rules", "consent")
    await make_question(event, "diet", "one", ("nuts", 1), health=True)
    await make_question(event, "how", shown_if=["diet=nuts"])
    return await sign_up(event, 0, "diet", bus="early", seat="12", rules="yes", diet="nuts", how="Badly")


async def answers(made: Registered) -> dict[str, object]:
    return dict((await queries.of_registration(made.id)).all)


async def trail(made: Registered) -> list[str]:
    rows = await database.fetch("SELECT action FROM audit WHERE subject_id = $1 ORDER BY id", str(made.id))
    return [row["action"].partition(".")[2] for row in rows]


def path(made: Registered) -> str:
    return f"/staff/events/paja/registrations/{made.id}"


async def test_staff_change_answers_also_after_the_start_and_it_is_noted(
    client: httpx.AsyncClient, made: Registered
) -> None:
    before = await answers(made)
    with clock.at(NOW + timedelta(days=30, hours=1)):
        answer = await client.post(f"{path(made)}/answers", data={"answers.bus": "late", "answers.seat": "12"})
    assert answer.status_code == 303
    after = await answers(made)
    assert after == {**{code: before[code] for code in ("rules", "diet", "how")}, "bus": "late"}
    assert (await taken("early"), await taken("late"), await taken("nuts")) == (0, 1, 1)
    assert await trail(made) == ["made", "answers_changed"]
    page = (await client.get(path(made))).text
    assert "Changed a registration’s answers" in page


async def test_nothing_changed_is_nothing_noted(client: httpx.AsyncClient, made: Registered) -> None:
    data = {"answers.bus": "early", "answers.seat": "12"}
    assert (await client.post(f"{path(made)}/answers", data=data)).status_code == 303
    assert await trail(made) == ["made"]


async def test_what_does_not_hold_is_said_beside_the_field_and_what_was_typed_stays(
    client: httpx.AsyncClient, made: Registered
) -> None:
    other = await sign_up(
        await database.fetchval("SELECT event FROM registration WHERE id = $1", made.id), 1, bus="late", rules="yes"
    )
    answer = await client.post(f"{path(other)}/answers", data={"answers.bus": "early", "answers.seat": "14 <b>"})
    assert answer.status_code == 422
    assert "This is full: early en. Choose another." in answer.text
    assert 'value="14 &lt;b&gt;"' in answer.text
    await database.execute("UPDATE question SET required = true, shown_if = '{}' WHERE code = 'seat'")
    missing = await client.post(f"{path(other)}/answers", data={"answers.bus": "late", "answers.seat": " "})
    assert missing.status_code == 422
    assert "Answer this question." in missing.text
    assert await answers(other) == {"bus": "late", "rules": {"text": "rules fi", "language": "fi"}}


async def test_nobody_consents_for_another_whatever_is_sent(client: httpx.AsyncClient, made: Registered) -> None:
    event = await database.fetchval("SELECT event FROM registration WHERE id = $1", made.id)
    await database.execute("UPDATE question SET required = true WHERE code = 'rules'")
    other = await sign_up(event, 1, bus="late", rules="yes")
    await database.execute("DELETE FROM registration_answer WHERE registration = $1 AND value ? 'text'", other.id)
    page = (await client.get(path(other))).text
    assert "nobody consents for another" in page
    for name in ("answers.diet", "agreed.diet", "answers.rules", "answers.how"):
        assert f'name="{name}"' not in page
    sent = {"answers.bus": "late", "answers.diet": "nuts", "agreed.diet": "y", "answers.rules": "yes"}
    assert (await client.post(f"{path(other)}/answers", data=sent)).status_code == 303
    assert await answers(other) == {"bus": "late"}


async def test_who_sees_health_deletes_what_was_said_and_its_place_is_free(
    client: httpx.AsyncClient, made: Registered
) -> None:
    assert 'name="delete"' not in (await client.get(path(made))).text
    assert 'name="delete" value="diet"' in (await client.get(f"{path(made)}?health=1")).text
    assert (await client.post(f"{path(made)}/health", data={"delete": "bus"})).status_code == 404
    assert (await client.post(f"{path(made)}/health", data={"delete": "diet"})).status_code == 303
    assert set(await answers(made)) == {"bus", "seat", "rules"}, "and what only an answer of health shows"
    assert await taken("nuts") == 0
    assert await trail(made) == ["made", "health_seen", "health_deleted"]


async def test_who_does_not_see_health_cannot_delete_it_and_keeps_it(
    client: httpx.AsyncClient, made: Registered
) -> None:
    await sign_in(client, await make_staff("coordinator"))
    assert (await client.post(f"{path(made)}/health", data={"delete": "diet"})).status_code == 404
    assert (await client.post(f"{path(made)}/answers", data={"answers.bus": "late"})).status_code == 303
    assert (await answers(made))["diet"] == "nuts"


@pytest.mark.parametrize(("role", "resource"), [("organiser", "17"), ("door", "06")])
async def test_who_edits_no_registrations_here_changes_nothing(
    client: httpx.AsyncClient, made: Registered, role: str, resource: str
) -> None:
    await sign_in(client, await make_staff(role, kind="region", resource=resource))
    for part, data in (("answers", {"answers.bus": "late"}), ("health", {"delete": "diet"})):
        assert (await client.post(f"{path(made)}/{part}", data=data)).status_code == 404
    assert (await answers(made))["bus"] == "early"


async def test_answers_of_a_registration_that_is_gone_are_refused(client: httpx.AsyncClient, made: Registered) -> None:
    await client.post(path(made), data={"do": "cancel"})
    refused = await client.post(f"{path(made)}/answers", data={"answers.bus": "late"})
    assert refused.status_code == 409
    assert "This registration has been cancelled." in refused.text
    assert "Change the answers" not in refused.text


async def test_a_registration_of_another_event_is_not_found_here(client: httpx.AsyncClient, made: Registered) -> None:
    await make_event(slug="other")
    wrong = f"/staff/events/other/registrations/{made.id}/answers"
    assert (await client.post(wrong, data={"answers.bus": "late"})).status_code == 404
