"""The language switch: it keeps what was typed in a form, and every link of it leads to a page that exists."""

import re

import httpx
import pytest

from events.core import secrets
from events.core.database import execute, fetchval
from tests.factories import NOW, fund, insert, make_event, make_registration, make_staff, sign_in

FORMS = {
    "/staff/events/new": ("title", "Kesken"),
    "/staff/events/{slug}/edit/texts": ("title_fi", "Kesken"),
    "/staff/events/{slug}/edit/sites": ("sites-0-name", "Kesken"),
    "/staff/events/{slug}/copy": ("starts", "07:45"),
    "/staff/organisations/new": ("name", "Kesken"),
    "/staff/projects/{project}": ("funder", "Kesken"),
    "/staff/account": ("name", "Kesken"),
    "/staff/people/{person}": ("until", "2031-02-03"),
    "/staff/feedback/{case}": ("answer", "Kesken"),
    "/staff/privacy": ("text_fi", "Kesken"),
    "/staff/letters/new?everybody=1": ("subject_fi", "Kesken"),
    "/staff/webhooks": ("url", "https://kesken.example/"),
    "/staff/webhooks/{webhook}": ("url", "https://kesken.example/"),
}


@pytest.fixture
async def names(client: httpx.AsyncClient) -> dict[str, str]:
    """What stands in the paths; the browser belongs to an admin."""
    await sign_in(client, await make_staff("admin"))
    event = await make_event()
    return {
        "slug": await fetchval("SELECT slug FROM event WHERE id = $1", event),
        "project": str(await fund(event)),
        "person": str(await make_staff("organiser", kind="region", resource="06")),
        "case": str(await insert("feedback", text="?", language="fi", received_at=NOW, due_at=NOW)),
        "webhook": str(await insert("webhook_endpoint", url="https://kone.example/", kinds=["event.published"])),
        "registration": str(await make_registration(event)),
    }


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


@pytest.mark.parametrize("path", FORMS)
async def test_what_was_typed_stays(client: httpx.AsyncClient, names: dict[str, str], path: str) -> None:
    field, typed = FORMS[path]
    here = path.format(**names)
    text = (await client.get(here)).text
    (identity, *others) = re.findall(r'<button form="([^"]+)" name="_language"', text)
    assert len(others) == 1, "a button for each of the other two languages"
    (form,) = re.findall(rf'<form id="{identity}"[^>]*>', text)
    assert text.count(f'id="{identity}"') == 1
    answer = await client.post(attribute(form, "action") or here, data={field: typed, "_language": "sv"})
    assert answer.status_code == 200
    assert '<html lang="sv">' in answer.text
    assert typed in answer.text
    assert 'id="error-summary"' not in answer.text
    await links_open(client, answer.text)


async def links_open(client: httpx.AsyncClient, text: str) -> None:
    links = re.findall(r'<a href="([^"]+)" lang="\w+" hreflang', text)
    assert links
    for link in links:
        assert (await client.get(link)).status_code == 200, link


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/staff/account/password", {}, 422),
        ("/staff/people/{person}/grants", {"role": "no such role"}, 422),
        ("/staff/events/{slug}/attendance/close", {}, 409),
        ("/staff/events/{slug}/attendance/mark", {}, 400),
    ],
)
async def test_an_answer_to_a_form_without_a_page_of_its_own_leads_to_one(
    client: httpx.AsyncClient, names: dict[str, str], path: str, data: dict[str, str], status: int
) -> None:
    answer = await client.post(path.format(**names), data=data)
    assert answer.status_code == status
    await links_open(client, answer.text)


async def test_the_page_after_asking_for_a_sign_in_link_leads_to_one(client: httpx.AsyncClient) -> None:
    answer = await client.post("/staff/sign-in/link", data={"email": "nobody@sixnet.example"})
    assert answer.status_code in {200, 201}
    await links_open(client, answer.text)


async def test_the_page_after_erasing_leads_to_one(client: httpx.AsyncClient, names: dict[str, str]) -> None:
    client.cookies.set("language", "en")
    secret = "a" * 26
    await set_manage_secret(names["registration"], secret)
    answer = await client.post(f"/r/{secret}/erase")
    assert "erased" in answer.text
    await links_open(client, answer.text)


async def set_manage_secret(registration: str, secret: str) -> None:
    await execute("UPDATE registration SET manage_hash = $2 WHERE id::text = $1", registration, secrets.digest(secret))
