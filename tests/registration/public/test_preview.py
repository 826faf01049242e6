"""The preview: what everyone will see, before anyone does, in each language."""

import pytest
from httpx import AsyncClient

from events.core import clock, database
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.programme.agenda.test_agenda import make_item
from tests.registration.questions.making import make_question

PREVIEW = "/staff/events/paja/preview"


@pytest.fixture
async def staff(client: AsyncClient) -> AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06"))
    await make_event(slug="paja", state="draft", online=True, description_fi="Tervetuloa", needs_approval=False)
    return client


async def get(client: AsyncClient, path: str, status: int = 200) -> str:
    with clock.at(NOW):
        answer = await client.get(path)
    assert answer.status_code == status
    return answer.text


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("fi", "Testipaja", (">Ilmoittaudu<", "Etunimi", "Tervetuloa!")),
        ("sv", "Testverkstad", (">Anmäl dig<", "Förnamn", "Välkommen!")),
        ("en", "Test workshop", (">Register<", "Given name", "Welcome!")),
    ],
)
async def test_page_form_and_mail_are_shown_in_each_language(
    staff: AsyncClient, language: str, title: str, words: tuple[str, str, str]
) -> None:
    page = await get(staff, f"{PREVIEW}/page?language={language}")
    assert f'<html lang="{language}">' in page
    assert f"<h1>{title}</h1>" in page
    assert words[0] in page
    form = await get(staff, f"{PREVIEW}/form?language={language}")
    assert words[1] in form
    assert title in form
    mail = await get(staff, f"{PREVIEW}/mail/body?language={language}")
    assert words[2] in mail
    assert title in mail
    assert "data:image/png" in mail


async def test_a_draft_is_shown_as_it_will_be_once_it_is_published(staff: AsyncClient) -> None:
    assert "This is a draft" in await get(staff, "/events/paja")
    assert "This is a draft" not in await get(staff, f"{PREVIEW}/page?language=en")
    assert await database.fetchval("SELECT state FROM event") == "draft"


async def test_the_frames_show_the_navigation_of_visitors(staff: AsyncClient) -> None:
    for path in ("page", "form"):
        header = (await get(staff, f"{PREVIEW}/{path}?language=en")).split("</header>")[0]
        assert 'href="/staff/" >' in header, path
        assert "Signed in" not in header


async def test_the_sample_mail_is_that_of_someone_who_left_nothing_open(staff: AsyncClient) -> None:
    event = await database.fetchval("SELECT id FROM event")
    await make_question(event, "diet", required=True)
    await make_item(event, "Workshop", sign_up=True)
    mail = await get(staff, f"{PREVIEW}/mail/body?language=en")
    assert "Some questions are still open" not in mail
    assert "Choose yours" not in mail
    assert "12:00–12:30 Workshop" in mail


async def test_the_frames_may_stand_in_our_own_pages_alone(staff: AsyncClient) -> None:
    for path in ("page", "form", "mail/body"):
        with clock.at(NOW):
            policy = (await staff.get(f"{PREVIEW}/{path}")).headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "default-src 'self'" in policy or "default-src 'none'" in policy
    with clock.at(NOW):
        assert "frame-ancestors 'none'" in (await staff.get("/events/paja")).headers["content-security-policy"]


async def test_the_chooser_leads_to_every_frame_and_language(staff: AsyncClient) -> None:
    text = await get(staff, f"{PREVIEW}?language=sv&show=form&width=phone")
    assert 'src="/staff/events/paja/preview/form?language=sv"' in text
    assert 'sandbox="allow-same-origin allow-scripts"' in text, "conditions act, and nothing can be sent"
    assert 'sandbox="allow-same-origin"' in await get(staff, f"{PREVIEW}?show=mail")
    assert 'class="preview-frame phone"' in text
    assert "show=form&amp;language=fi&amp;width=phone" in text
    assert "preview/page?language=en" in await get(staff, f"{PREVIEW}?language=xx&show=nothing&width=%00")


async def test_looking_at_another_language_leaves_ones_own_as_it_is(staff: AsyncClient) -> None:
    with clock.at(NOW):
        assert "set-cookie" not in (await staff.get(f"{PREVIEW}/page?language=sv")).headers
    assert '<html lang="en">' in await get(staff, "/staff/events/paja")


async def test_only_who_may_edit_the_event_previews_it(client: AsyncClient) -> None:
    await make_event(slug="paja", host_region="06")
    await sign_in(client, await make_staff("organiser", kind="region", resource="05"))
    for path in ("", "/page", "/form", "/mail/body"):
        await get(client, PREVIEW + path, 404)
