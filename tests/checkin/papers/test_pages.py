import io
import re
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from PIL import Image
from pypdf import PdfReader

from events.checkin.papers import actions
from events.checkin.papers.formats import BADGES
from events.core import clock, database
from events.core.actor import SYSTEM
from events.documents import KINDS
from events.registration.own.data import erase
from tests.checkin.papers.reading import guest, text
from tests.factories import fund, insert, make_event, make_staff, sign_in
from workers.documents import make_all

HERE = "/staff/events/paja/papers"


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    return client


@pytest.fixture
async def event(db: asyncpg.Connection) -> UUID:
    return await make_event(slug="paja", capacity=None)


async def order(client: httpx.AsyncClient, paper: str, **fields: str) -> httpx.Response:
    prefix = {"attendance": "list"}.get(paper, paper)
    sent = {f"{prefix}-{name}": value for name, value in fields.items()}
    return await client.post(f"{HERE}/{paper}", data=sent)


async def file(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The text of the file that an answer leads to."""
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/staff/documents/[-\da-f]{36}/file", answer.headers["location"])
    got = await client.get(answer.headers["location"])
    assert got.headers["content-type"] == "application/pdf"
    return text(PdfReader(io.BytesIO(got.content)))


def errors(answer: httpx.Response) -> str:
    assert answer.status_code == 422
    return " ".join(re.findall(r'(?s)class="field-error".*?</p>|id="error-summary".*?</section>', answer.text))


async def test_a_few_badges_come_at_once(organiser: httpx.AsyncClient, event: UUID) -> None:
    await guest(event, "Aino", "Äijälä", role="host")
    await guest(event, "Bo", "Ek")
    said = await file(organiser, await order(organiser, "badges", format="a7", role="host"))
    assert "Aino Äijälä" in said
    assert "Host" in said, "in the language of who asked"
    assert "Bo Ek" not in said
    trail = await database.fetchrow("SELECT action, detail FROM audit WHERE subject_id = $1", str(event))
    assert trail["action"] == "papers.made"
    assert '"people": 1' in trail["detail"]


async def test_many_badges_are_made_by_a_worker_while_the_page_shows_how_far_it_is(
    organiser: httpx.AsyncClient, event: UUID
) -> None:
    for number in range(actions.AT_ONCE["badges"] + 1):
        await guest(event, "Aino", f"Numero{number}")
    answer = await order(organiser, "badges", format="89x36")
    page = answer.headers["location"]
    assert not page.endswith("/file")
    assert 'max="51"' in (await organiser.get(page)).text
    assert await make_all() == 1
    pdf = PdfReader(io.BytesIO((await organiser.get(f"{page}/file")).content))
    assert len(pdf.pages) == 51
    assert "Made for you" in (await organiser.get(HERE)).text
    assert page in (await organiser.get(HERE)).text


async def test_signs_list_and_poster_come_at_once(organiser: httpx.AsyncClient, event: UUID) -> None:
    await guest(event, "Aino", "Äijälä", "Öljy Oy")
    assert "Aino Äijälä" in await file(organiser, await order(organiser, "signs"))
    assert "Öljy Oy" in await file(organiser, await order(organiser, "signs", large="organisation"))
    listed = await file(organiser, await order(organiser, "attendance", empty="0"))
    assert "Signature 1 Äijälä, Aino Öljy Oy" in listed
    assert "http://testserver/events/paja" in await file(organiser, await order(organiser, "poster"))


async def test_the_list_is_one_press_away(organiser: httpx.AsyncClient, event: UUID) -> None:
    assert f'action="{HERE}/attendance"' in (await organiser.get("/staff/events/paja/attendance")).text
    assert "Signature" in await file(organiser, await organiser.post(f"{HERE}/attendance"))


async def test_one_persons_badge_is_two_presses_from_their_registration(
    organiser: httpx.AsyncClient, event: UUID
) -> None:
    aino, bo = await guest(event, "Aino", "Äijälä"), await guest(event, "Bo", "Ek")
    waiting = await guest(event, "Cai", state="waitlisted")
    path = f"{HERE}?registration={bo}"
    assert path in (await organiser.get(f"/staff/events/paja/registrations/{bo}")).text
    assert HERE not in (await organiser.get(f"/staff/events/paja/registrations/{waiting}")).text
    assert "<strong>Bo Ek</strong>" in (await organiser.get(path)).text
    said = await file(organiser, await order(organiser, "badges", registration=str(bo), format="100x62"))
    assert "Bo Ek" in said
    assert "Aino" not in said
    for nobody in (str(waiting), str(uuid4()), "x"):
        assert "no place at the event" in (await organiser.get(f"{HERE}?registration={nobody}")).text
        assert "Nobody fits" in errors(await order(organiser, "badges", registration=nobody))
    assert aino


async def test_only_the_new_ones(organiser: httpx.AsyncClient, event: UUID) -> None:
    await guest(event, "Aino")
    await order(organiser, "badges", fresh="y")
    assert "Nobody fits these choices." in errors(await order(organiser, "badges", fresh="y"))
    await guest(event, "Bo")
    said = await file(organiser, await order(organiser, "badges", fresh="y"))
    assert ("Aino" in said, "Bo" in said) == (False, True)


async def test_with_nobody_it_is_said_and_nothing_is_made(organiser: httpx.AsyncClient, event: UUID) -> None:
    for paper in ("badges", "signs"):
        assert "Nobody fits these choices." in errors(await order(organiser, paper))
    assert not await database.fetchval("SELECT count(*) FROM document")


async def test_too_many_are_refused_with_what_to_do(
    organiser: httpx.AsyncClient, event: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    for name in ("Aino", "Bo", "Cai"):
        await guest(event, name)
    assert "These are 3 people. At most 2 go into one file" in errors(await order(organiser, "badges"))


async def test_what_does_not_go_together_is_said_beside_it_and_the_rest_stays(
    organiser: httpx.AsyncClient, event: UUID
) -> None:
    await guest(event, "Aino")
    answer = await order(organiser, "badges", format="89x36", back="name", order="organisation", role="host")
    assert "A label has no back." in errors(answer)
    assert '<option selected value="host">' in answer.text
    assert '<option selected value="organisation">' in answer.text
    assert "badge.png?format=89x36" in answer.text


@pytest.mark.parametrize(
    ("paper", "fields"),
    [
        ("badges", {"format": "a0"}),
        ("badges", {"site": str(uuid4())}),
        ("badges", {"site": "x"}),
        ("badges", {"role": "king"}),
        ("badges", {"who": "x"}),
        ("badges", {"order": "x"}),
        ("badges", {"back": "x"}),
        ("signs", {"format": "x"}),
        ("signs", {"large": "x"}),
        ("attendance", {"site": "x"}),
        ("attendance", {"empty": "-1"}),
        ("attendance", {"empty": "101"}),
        ("attendance", {"empty": "many"}),
    ],
)
async def test_what_cannot_be_chosen_is_said(
    organiser: httpx.AsyncClient, event: UUID, paper: str, fields: dict[str, str]
) -> None:
    await guest(event, "Aino")
    assert errors(await order(organiser, paper, **fields))


@pytest.mark.parametrize("format_", [*BADGES, "", "x" * 500])
async def test_a_picture_shows_one_badge_of_the_size(organiser: httpx.AsyncClient, event: UUID, format_: str) -> None:
    await fund(event)
    if format_ != "a7":  # of that one there is nobody yet
        await guest(event, "Aino", "Äijälä")
    answer = await organiser.get(f"{HERE}/badge.png", params={"format": format_})
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    form = BADGES.get(format_, BADGES["a6"])
    width, height = Image.open(io.BytesIO(answer.content)).size
    assert (round(width / 144 * 25.4), round(height / 144 * 25.4)) == (form.width, form.height)


async def test_without_a_script_the_size_is_shown_by_a_button(organiser: httpx.AsyncClient, event: UUID) -> None:
    page = (await organiser.get(HERE, params={"badges-format": "89x36", "badges-role": "host"})).text
    assert "badge.png?format=89x36" in page
    assert '<option selected value="host">' in page
    assert f'formaction="{HERE}"' in page


async def test_an_event_without_a_venue_has_nothing_to_sign(organiser: httpx.AsyncClient, event: UUID) -> None:
    await insert("site", event=event, mode="online", name="", join_url="https://meet.example/1", position=1)
    await database.execute("DELETE FROM site WHERE event = $1 AND mode = 'venue'", event)
    assert "nothing to sign" in (await organiser.get(HERE)).text
    assert "nothing to sign" in errors(await order(organiser, "attendance"))


@pytest.mark.parametrize("role", ["viewer", "door"])
async def test_who_may_not_see_the_registrations_finds_no_papers(
    client: httpx.AsyncClient, event: UUID, role: str
) -> None:
    await sign_in(client, await make_staff(role))
    assert [(await client.get(path)).status_code for path in (HERE, f"{HERE}/badge.png")] == [404, 404]
    for paper in ("badges", "signs", "attendance", "poster"):
        assert (await order(client, paper)).status_code == 404


async def test_an_organiser_of_another_region_finds_no_papers_and_no_file(
    organiser: httpx.AsyncClient, event: UUID
) -> None:
    await guest(event, "Aino")
    document = (await order(organiser, "badges")).headers["location"]
    assert (await organiser.get(document)).status_code == 200
    await database.execute("UPDATE event SET host_region = '01' WHERE id = $1", event)
    assert (await organiser.get(document)).status_code == 404, "the right is asked for again"
    assert (await organiser.get(HERE)).status_code == 404
    assert (await order(organiser, "badges")).status_code == 404


async def test_erasing_a_person_takes_along_the_papers_of_their_events(
    organiser: httpx.AsyncClient, event: UUID
) -> None:
    aino = await guest(event, "Aino")
    other = await make_event(slug="toinen")
    await guest(other, "Bo")
    mine = (await order(organiser, "badges")).headers["location"]
    others = (await organiser.post("/staff/events/toinen/papers/badges")).headers["location"]
    await erase(aino, actor=SYSTEM, now=clock.now())
    assert (await organiser.get(mine)).status_code == 404
    assert (await organiser.get(others)).status_code == 200
    assert "Aino" not in (await organiser.get(HERE)).text


async def test_every_paper_can_be_made_by_a_worker() -> None:
    assert set(actions.KINDS) <= set(KINDS)
    assert set(actions.AT_ONCE) == {kind.removeprefix("papers.") for kind in actions.KINDS}
