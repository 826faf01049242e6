import asyncpg
import pytest
from httpx import AsyncClient

from events.core import clock, database
from events.core.errors import Conflict, NotFound
from events.surveys.actions import submit
from events.surveys.results.queries import results
from tests.factories import make_person, make_staff, sign_in
from tests.surveys.asking import ANSWER, FORM, MORNING, asked, attended, kept, marked
from tests.surveys.building.making import add, question


async def test_an_answer_is_taken_without_javascript(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    with clock.at(MORNING):
        assert "anonymous" in (await client.get(f"/s/{token}")).text
        sent = await client.post(f"/s/{token}", data=FORM)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/s/{token}")
        assert "Thank you" in (await client.get(f"/s/{token}")).text
    assert await database.fetchval("SELECT answered FROM survey") == 1
    assert [answer["next"] for answer in await kept()] == ["joint_project"]


async def test_answering_twice_is_refused_and_counts_once(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    with clock.at(MORNING):
        await client.post(f"/s/{token}", data=FORM)
        again = await client.post(f"/s/{token}", data={"answers.usefulness": "1"})
    assert again.status_code == 409
    assert "already" in again.text
    assert await database.fetchval("SELECT answered FROM survey") == 1


async def test_nothing_is_answered_by_looking(client: AsyncClient) -> None:
    """Mail scanners fetch links."""
    _, (token,) = await asked(1)
    with clock.at(MORNING):
        await client.get(f"/s/{token}")
    assert await marked() == 0


async def test_an_empty_form_is_shown_again_and_marks_nobody(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    with clock.at(MORNING):
        sent = await client.post(f"/s/{token}", data={})
    assert sent.status_code == 422
    assert "at least one question" in sent.text
    assert await marked() == 0


async def test_a_form_with_errors_stays_in_the_persons_language(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    await database.execute("UPDATE registration SET language = 'sv'")
    with clock.at(MORNING):
        sent = await client.post(f"/s/{token}", data={})
    assert '<html lang="sv"' in sent.text


async def test_changing_the_language_keeps_what_was_chosen(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    with clock.at(MORNING):
        sent = await client.post(f"/s/{token}", data={**FORM, "_language": "sv"})
    assert sent.status_code == 200
    assert '<html lang="sv"' in sent.text
    assert "Kiitos!" in sent.text
    assert await database.fetchval("SELECT answered FROM survey") == 0


async def test_the_survey_speaks_the_language_of_the_registration(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    await database.execute("UPDATE registration SET language = 'sv'")
    with clock.at(MORNING):
        assert '<html lang="sv"' in (await client.get(f"/s/{token}")).text
        assert '<html lang="en"' in (await client.get(f"/s/{token}?lang=en")).text


async def test_a_closed_survey_takes_nothing(client: AsyncClient) -> None:
    _, (token,) = await asked(1)
    closed = await database.fetchval("SELECT closes_at FROM survey")
    with pytest.raises(Conflict):
        await submit(token, ANSWER, closed)
    with clock.at(closed):
        closed_page = await client.get(f"/s/{token}")
        assert (closed_page.status_code, "has closed" in closed_page.text) == (410, True)
        assert (await client.post(f"/s/{token}", data=FORM)).status_code == 409
    assert await marked() == 0


async def test_an_unknown_link_is_not_found(client: AsyncClient) -> None:
    assert (await client.get("/s/23456789abcdefghjkmnpqrstu")).status_code == 404
    with pytest.raises(NotFound):
        await submit("23456789abcdefghjkmnpqrstu", ANSWER, MORNING)


async def _results(client: AsyncClient, answers: int, role: str, *, persons: int = 8) -> str:
    event, tokens = await asked(persons)
    for token in tokens[:answers]:
        await submit(token, ANSWER, MORNING)
    await sign_in(client, await make_staff(role))
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    with clock.at(MORNING):
        answer = await client.get(f"/staff/events/{slug}/survey")
    assert answer.status_code == 200
    return answer.text


async def test_results_stand_with_rate_mean_and_nps(client: AsyncClient) -> None:
    text = await _results(client, 6, "coordinator")
    assert "75 %" in text
    assert "mean 4" in text
    assert "NPS" in text
    assert "Kiitos!" in text


@pytest.mark.parametrize("state", ["queued", "sending", "bounced", "failed", "unknown", "dropped"])
async def test_the_response_rate_is_of_the_invitations_that_were_sent(db: asyncpg.Connection, state: str) -> None:
    event, links = await asked(4)
    await attended(event, person=await make_person(email=None))
    for token in links[:3]:
        await submit(token, ANSWER, MORNING)
    assert (await results(event)).rate == 3 / 4
    one = "SELECT id FROM message WHERE reason = 'survey' LIMIT 1"
    await database.execute(f"UPDATE message SET state = $1 WHERE id = ({one})", state)
    figures = await results(event)
    assert (figures.attended, figures.asked, figures.answered, figures.rate) == (5, 3, 3, 1.0)


async def test_an_invitation_that_was_sent_again_was_sent_once(db: asyncpg.Connection) -> None:
    event, _links = await asked(2)
    await database.execute(
        "INSERT INTO message (id, recipient, reason, subject_kind, subject_id, occurrence, state, message_id)"
        " SELECT gen_random_uuid(), recipient, reason, subject_kind, subject_id, '1', 'queued', '<again@sixnet>'"
        " FROM message LIMIT 1"
    )
    assert (await results(event)).asked == 2


async def test_an_invitation_that_the_ledger_has_forgotten_was_sent(db: asyncpg.Connection) -> None:
    event, _links = await asked(2)
    await database.execute("DELETE FROM message")
    assert (await results(event)).asked == 2


async def test_results_of_four_answers_are_hidden(client: AsyncClient) -> None:
    text = await _results(client, 4, "coordinator")
    assert "from five answers on" in text
    assert "Kiitos!" not in text
    assert "mean" not in text


async def test_a_viewer_sees_figures_but_not_what_people_wrote(client: AsyncClient) -> None:
    text = await _results(client, 6, "viewer")
    assert "mean 4" in text
    assert "Kiitos!" not in text


async def test_a_viewer_is_not_told_how_many_attended_or_were_asked(client: AsyncClient) -> None:
    """Reports hide the figure of an event with few participants: its survey must not tell it."""
    assert "Persons marked as attended." in await _results(client, 3, "coordinator")
    text = await _results(client, 3, "viewer")
    for told in ("Persons marked as attended.", "Invitations that were sent", "Response rate", "3 answers", ">3<"):
        assert told not in text
    assert "from five answers on" in text


async def test_an_organiser_of_elsewhere_sees_nothing(client: AsyncClient) -> None:
    event, _ = await asked(1)
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", event)
    await sign_in(client, await make_staff("organiser", kind="region", resource="17"))
    assert (await client.get(f"/staff/events/{slug}/survey")).status_code == 404


async def test_results_before_anyone_was_asked(client: AsyncClient, db: asyncpg.Connection) -> None:
    from tests.surveys.asking import held_event

    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", await held_event())
    await sign_in(client, await make_staff("admin"))
    text = (await client.get(f"/staff/events/{slug}/survey")).text
    assert "Nobody has been asked yet." in text


async def test_the_steps_of_a_recommendation_stand_between_the_words_of_its_ends(client: AsyncClient) -> None:
    event, (token,) = await asked(1)
    with clock.at(MORNING):
        assert 'class="field choices steps"' in (await client.get(f"/s/{token}")).text
        await add(event, "feedback", question("nps", "Next year"))
        page = (await client.get(f"/s/{token}")).text
    assert page.count('class="field choices steps"') == 1
    assert 'class="field choices inline"' in page, "without words the ends are steps as the others"
