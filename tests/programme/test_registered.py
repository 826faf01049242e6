"""How many have registered for an event is the same on every page, and each says whom it counts."""

import html
import re

import httpx
import pytest

from events.core import clock
from events.programme.steps.duties import REGISTERED
from events.registration.rules import GONE
from events.registration.tables import State
from tests.factories import NOW, make_event, make_registration, make_staff, sign_in

STATES = {
    State.CONFIRMED: 3,
    State.OFFERED: 1,
    State.AWAITING_ADDRESS: 1,
    State.AWAITING_APPROVAL: 4,
    State.WAITLISTED: 2,
    State.CANCELLED: 2,
    State.DECLINED: 1,
}
SAID = "of whom 4 awaiting approval, 2 in the queue"


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    event = await make_event(slug="paja", title_en="Workshop")
    for state, many in STATES.items():
        for _each in range(many):
            await make_registration(event, state=state)
    await sign_in(client, await make_staff("organiser", kind="event", resource=str(event)))
    return client


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/staff/", f"11 registered, {SAID}"),
        ("/staff/events", f"11 {SAID}"),
        ("/staff/events/paja", f"Registrations (11, {SAID})"),
        ("/staff/events/paja/registrations", f"11 registered, {SAID}. The list holds 3 more, cancelled or declined."),
        ("/staff/events/paja/registrations", "14 registrations"),
    ],
)
async def test_each_page_says_the_same(desk: httpx.AsyncClient, path: str, said: str) -> None:
    with clock.at(NOW):
        page = (await desk.get(path)).text
    assert said in " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_whoever_has_not_left_has_registered() -> None:
    assert set(REGISTERED) == set(State) - GONE
