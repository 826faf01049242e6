"""The pages of letters to groups: whom, what, a trial, sending, how far; and who sees them."""

import re
from uuid import UUID, uuid4

import httpx
import pytest

from events.core import clock, database
from events.core.actor import SYSTEM
from events.core.errors import Conflict
from events.outreach.audiences.rules import Audience, Group
from events.registration.announcements.forms import digest_of
from tests.factories import NOW, make_event, make_staff, sign_in
from tests.outreach.audiences.people import EVERYBODY, about, guest, letter, recipients, write

HERE = "/staff/letters"
TEXTS = {"subject_fi": "Uutisia", "body_fi": "Hei {given_name}! {events}"}


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, await make_staff("organiser", kind="region", resource="06", email="oskari@sixnet.example"))
    return client


async def test_it_is_chosen_counted_written_tried_and_sent_in_the_browser(desk: httpx.AsyncClient) -> None:
    steel = await about(await make_event(title_en="Steel day"), "steel")
    await guest("Aino", steel)
    await guest("Ei", steel, agreed=False)
    await guest("Muualla", await make_event(host_region="01", title_en="Elsewhere"))
    with clock.at(NOW):
        empty = (await desk.get(f"{HERE}/whom")).text
        assert "Steel day, " in empty
        assert "Elsewhere" not in empty
        assert "gets the mail" not in empty
        nothing = (await desk.get(f"{HERE}/whom?1-region=")).text
        assert "Choose at least one group" in nothing
        query = "1-theme=steel&about=steel"
        counted = (await desk.get(f"{HERE}/whom?{query}&more=1")).text
        assert "1 address gets the mail" in counted
        assert "Aino Esimerkki" in counted
        assert "1 has not agreed to news" in counted
        assert "Group 2" in counted
        assert f'href="{HERE}/new?about=steel&amp;1-theme=steel"' in counted
        start = (await desk.get(f"{HERE}/new?{query}")).text
        assert ">Send to" not in start, "first one looks at it"
        form = {"identity": str(uuid4()), **TEXTS}
        looked = (await desk.post(f"{HERE}/new?{query}", data={**form, "look": "1"})).text
        assert "Hei Maija!" in looked
        assert "Send to 1 address" in looked
        in_english = {"identity": str(uuid4()), "subject_en": "News", "body_en": "Hi", "look": "1"}
        other = (await desk.post(f"{HERE}/new?{query}", data=in_english)).text
        assert "1 person gets it in English, because nothing is written in Finnish." in other
        tried = (await desk.post(f"{HERE}/new?{query}", data={**form, "test": "1"})).text
        assert "A trial is on its way to you" in tried
        assert await recipients() == []
        unseen = await desk.post(f"{HERE}/new?{query}", data={**form, "send": "1"})
        assert "you had not seen it like this" in unseen.text
        assert await recipients() == []
        sent = await desk.post(f"{HERE}/new?{query}", data={**form, "seen": digest_of(TEXTS), "send": "1"})
        assert await recipients() == ["aino"]
        assert "Going out" in (await desk.get(HERE)).text
        assert "A letter to a group is going out" in (await desk.get("/staff/")).text
        identity = await database.fetchval("SELECT id FROM announcement WHERE state <> 'test'")
        assert sent.headers["location"] == f"{HERE}/{identity}"
        for name, told in (("pause", ""), ("pause", "?saved=stale"), ("resume", ""), ("stop", "")):
            turned = await desk.post(f"{HERE}/{identity}/turn", data={name: "1"})
            assert turned.headers["location"] == f"{HERE}/{identity}{told}"
        assert (await desk.post(f"{HERE}/{identity}/turn", data={})).status_code == 400
        assert "going out" not in (await desk.get("/staff/")).text
    trial = await letter("oskari")
    assert trial is not None
    assert "Maija" in trial.text
    assert trial.unsubscribe == ""


async def test_one_for_later_says_when_it_goes_out(desk: httpx.AsyncClient) -> None:
    await guest("Aino", await about(await make_event(), "steel"))
    form = {"identity": str(uuid4()), **TEXTS, "day": "2026-12-24", "clock": "10.00", "look": "1"}
    with clock.at(NOW):
        looked = (await desk.post(f"{HERE}/new?1-theme=steel&about=steel", data=form)).text
    assert "Schedule for 1 address, Thursday, 24 December 2026 10:00" in looked
    assert "It goes out on Thursday, 24 December 2026 10:00." in looked
    assert "Send to 1 address" not in looked


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Write the mail in at least one language."),
        ({"subject_fi": "Hei", "body_fi": "{event}"}, "{event} stands for nothing"),
        ({"subject_fi": "Hei", "body_fi": "x", "day": "2026-08-02", "clock": "9.00"}, "This time has passed"),
    ],
)
async def test_what_does_not_hold_is_said_and_kept(desk: httpx.AsyncClient, sent: dict[str, str], said: str) -> None:
    with clock.at(NOW):
        answer = await desk.post(f"{HERE}/new?everybody=1", data={**sent, "send": "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert sent.get("body_fi", "") in answer.text


async def test_who_ticks_everybody_has_chosen_everybody(desk: httpx.AsyncClient) -> None:
    await guest("Aino", await make_event(title_en="Steel day"))
    with clock.at(NOW):
        shown = (await desk.get(f"{HERE}/whom")).text
        box = next(tag for tag in re.findall("<input[^>]*>", shown) if 'name="everybody"' in tag)
        ticked = re.search('value="([^"]*)"', box)
        assert ticked, "what a browser sends of it"
        counted = (await desk.get(f"{HERE}/whom?everybody={ticked[1]}")).text
    assert "1 address gets the mail" in counted


async def test_groups_beside_everybody_are_asked_about_and_kept(desk: httpx.AsyncClient) -> None:
    await guest("Aino", await about(await make_event(title_en="Steel day"), "steel"))
    query = "everybody=1&1-theme=steel"
    with clock.at(NOW):
        shown = await desk.get(f"{HERE}/whom?{query}")
        assert "Choose either groups or everybody" in shown.text
        assert "gets the mail" not in shown.text
        for name in ('name="everybody"', 'name="1-theme"'):
            assert any(name in tag and "checked" in tag for tag in re.findall("<input[^>]*>", shown.text)), name
        for answer in (
            await desk.get(f"{HERE}/new?{query}"),
            await desk.post(f"{HERE}/new?{query}", data={"send": "1"}),
        ):
            assert answer.headers["location"] == f"{HERE}/whom?{query}"
    with pytest.raises(Conflict):
        await write(Audience(everybody=True, groups=(Group(theme=("steel",)),)))


async def test_without_anybody_one_is_led_to_choose(desk: httpx.AsyncClient) -> None:
    for answer in (await desk.get(f"{HERE}/new"), await desk.post(f"{HERE}/new?1-x=1", data={"send": "1"})):
        assert answer.headers["location"] == f"{HERE}/whom"


@pytest.mark.parametrize(
    "query",
    [
        "1-region=%00&everybody=%ff",
        "1-event=zz&1-event=&but_event=1&2-series=%27",
        "&".join(f"1-theme=t{number}" for number in range(500)) + "&more=1",
        "1-since=0001-01-01&1-until=9999-12-31&everybody=1&more=1",
        f"1-invited={UUID(int=0)}&1-group={UUID(int=0)}&1-series={UUID(int=0)}&1-part=never",
        "&".join(f"{number}-region=06" for number in range(1, 9)) + "&more=1",
    ],
)
async def test_a_hostile_address_is_no_trouble(desk: httpx.AsyncClient, query: str) -> None:
    for path in ("whom", "new"):
        assert (await desk.get(f"{HERE}/{path}?{query}")).status_code < 500


async def test_a_letter_that_one_may_not_see_is_not_there(desk: httpx.AsyncClient) -> None:
    identity = await write(EVERYBODY, actor=SYSTEM)
    assert "Uutisia" not in (await desk.get(HERE)).text
    for wrong in (identity, uuid4()):
        assert (await desk.get(f"{HERE}/{wrong}")).status_code == 404
        assert (await desk.post(f"{HERE}/{wrong}/turn", data={"stop": "1"})).status_code == 404


@pytest.mark.parametrize(("role", "kind"), [("viewer", "all"), ("door", "region")])
async def test_who_writes_to_nobody_finds_no_pages(client: httpx.AsyncClient, role: str, kind: str) -> None:
    await sign_in(client, await make_staff(role, kind=kind, resource="06"))
    for path in ("", "/whom", "/new?everybody=1"):
        assert (await client.get(f"{HERE}{path}")).status_code == 404
    assert HERE not in (await client.get("/staff/")).text


@pytest.mark.parametrize(("role", "opens"), [("coordinator", False), ("admin", True)])
async def test_who_writes_to_the_whole_network_sees_every_letter_and_reads_it_again(
    client: httpx.AsyncClient, role: str, opens: bool
) -> None:
    await sign_in(client, await make_staff(role))
    event = await make_event()
    await guest("Aino", event)
    identity = await write(Audience(groups=(Group(event=event),)), actor=SYSTEM)
    await database.execute("UPDATE message SET state = 'failed', finished_at = $1", NOW)
    listed = (await client.get(HERE)).text
    assert f'href="{HERE}/{identity}"' in listed
    shown = (await client.get(f"{HERE}/{identity}")).text
    for words in ("Uutisia", "Hei Maija", "Gone out", "1 of 1", "Failed: 1", "1 address was meant when it went out"):
        assert words in shown
    assert f"{HERE}/whom?1-event={event}" in shown
    log = f"/staff/mailbox?letter={identity}"
    assert (log in shown) is (log in listed) is opens, "who does not see the mailbox is not led there"
    if opens:
        assert "1 message" in (await client.get(f"{log}&state=failed")).text
