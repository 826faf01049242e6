from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from events.accounts import rules
from events.accounts.rules import Action
from events.accounts.tables import LinkPurpose, Role
from events.core import clock, database, secrets
from events.letters import COMPOSERS
from events.messaging import ledger
from events.messaging.delivery import deliver_due
from events.messaging.ledger import Recipient
from events.messaging.letter import Letter, Owed, Picture, html_of
from events.messaging.reading import headers_of, with_links
from events.messaging.tables import Reason
from tests import factories
from tests.factories import NOW, insert, make_event, make_person, make_registration, make_staff

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"


async def owe(reason: Reason, email: str, kind: str, subject: UUID, *, name: str = "") -> UUID:
    await ledger.add(reason, Recipient(email, name, "en"), kind, subject, now=NOW)
    identity = await database.fetchval("SELECT id FROM message WHERE subject_id = $1", subject)
    assert isinstance(identity, UUID)
    return identity


async def confirmation(email: str = "aino@yritys.example", given_name: str = "Aino") -> UUID:
    person = await make_person(given_name, email=email)
    registration = await make_registration(await make_event(), person=person)
    return await owe(Reason.CONFIRMATION, email, "registration", registration, name=given_name)


async def sign_in_link(staff: UUID, email: str = "paula@sixnet.example") -> UUID:
    link = await insert(
        "sign_in_link",
        staff=staff,
        purpose=LinkPurpose.SIGN_IN.value,
        token_hash=secrets.digest("x"),
        expires_at=NOW + timedelta(minutes=10),
    )
    return await owe(Reason.SIGN_IN, email, "sign_in_link", link)


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await factories.sign_in(client, await make_staff("admin"))
    return client


def rows_of(answer: httpx.Response) -> str:
    return answer.text.partition("<tbody")[2].partition("</tbody")[0]


async def test_what_is_kept_without_a_mail_server_is_read_here(admin: httpx.AsyncClient) -> None:
    identity = await confirmation()
    await deliver_due(COMPOSERS, now=NOW)
    listed = await admin.get("/staff/mailbox")
    assert "aino@yritys.example" in rows_of(listed)
    assert "You are registered: Test workshop" in rows_of(listed)
    assert "Kept here" in rows_of(listed)
    shown = (await admin.get(f"/staff/mailbox/{identity}")).text
    assert f'<iframe class="preview-frame" sandbox="" src="/staff/mailbox/{identity}/body"' in shown
    assert '<a href="http://testserver/r/' in shown
    assert "BEGIN:VCALENDAR" in shown
    assert f"{identity.hex}@sixnet" in shown


async def test_the_letter_is_written_in_its_own_language_and_the_page_in_the_readers(admin: httpx.AsyncClient) -> None:
    identity = await confirmation()
    await database.execute("UPDATE message SET language = 'sv' WHERE id = $1", identity)
    shown = (await admin.get(f"/staff/mailbox/{identity}")).text
    assert '<html lang="en"' in shown
    assert '<h1 lang="sv">' in shown
    assert '<html lang="sv">' in (await admin.get(f"/staff/mailbox/{identity}/body")).text


async def test_filters_and_pages_stand_in_the_address(admin: httpx.AsyncClient) -> None:
    await confirmation("eero@yritys.example")
    for number in range(60):
        await owe(Reason.REMINDER, f"a{number}@yritys.example", "registration", factories.uuid4(), name="Åsa")
    await database.execute("UPDATE message SET state = 'bounced' WHERE recipient = 'a7@yritys.example'")
    for query, count in (
        ("state=bounced", 1),
        ("reason=reminder", 50),
        ("reason=reminder&page=2", 10),
        ("recipient=EERO@", 1),
        ("recipient=åsa&state=bounced", 1),
        ("recipient=%25", 0),
        ("page=9", 0),
        ("state=nonsense&page=2", 11),
    ):
        answer = await admin.get(f"/staff/mailbox?{query}")
        assert answer.status_code == 200, query
        assert rows_of(answer).count("<tr") == count, query
    assert "/staff/mailbox?reason=reminder&amp;page=2" in (await admin.get("/staff/mailbox?reason=reminder")).text


async def test_the_html_of_a_participant_cannot_touch_the_page_of_staff(admin: httpx.AsyncClient) -> None:
    identity = await confirmation(given_name=HOSTILE)
    page = await admin.get(f"/staff/mailbox/{identity}")
    assert "<script>document" not in page.text
    assert "<img src=x" not in page.text
    body = await admin.get(f"/staff/mailbox/{identity}/body")
    policy = body.headers.get_list("content-security-policy")
    assert len(policy) == 1
    directives = {part.split()[0]: part.split()[1:] for part in policy[0].split(";")}
    assert directives["default-src"] == ["'none'"]
    assert directives["img-src"] == ["data:"]
    assert directives["frame-ancestors"] == ["'self'"]
    assert directives["sandbox"] == []
    assert not {"script-src", "script-src-elem", "connect-src", "frame-src"} & set(directives)
    assert body.headers["cache-control"] == "no-store"
    assert 'src="data:image/png;base64,' in body.text
    assert "cid:" not in body.text


def test_pictures_whose_names_begin_alike_are_not_mixed_up() -> None:
    pictures = (Picture("emblem1", b"one"), Picture("emblem10", b"ten"))
    letter = Letter("", "", '<img src="cid:emblem10"><img src="cid:emblem1"> cid:emblem1', pictures)
    assert html_of(letter) == '<img src="data:image/png;base64,dGVu"><img src="data:image/png;base64,b25l"> cid:emblem1'


def test_only_addresses_of_this_service_become_links() -> None:
    text = "http://evil.example/x javascript:x http://testserver/r/abc<script> http://testserver.evil.example/"
    assert [piece for piece, is_link in with_links(text) if is_link] == ["http://testserver/r/abc"]
    assert "".join(piece for piece, _is_link in with_links(text)) == text


async def test_an_address_that_no_mail_can_be_sent_to_has_no_headers(admin: httpx.AsyncClient) -> None:
    identity = await confirmation("äiti@yritys.example")
    answer = await admin.get(f"/staff/mailbox/{identity}")
    assert answer.status_code == 200
    assert "No mail can be sent to this address." in answer.text


def test_the_headers_are_those_of_the_mail() -> None:
    owed = Owed(factories.uuid4(), "a@b.example", "Aino", "x", "", factories.uuid4(), "0", "en", "<1@sixnet>")
    headers = dict(headers_of(Letter("Hello", "", ""), owed, now=NOW))
    assert headers["To"] == "Aino <a@b.example>"
    assert (headers["Subject"], headers["Message-ID"]) == ("Hello", "<1@sixnet>")


async def test_a_message_with_nothing_left_to_say_has_a_page_and_no_body(admin: httpx.AsyncClient) -> None:
    identity = await owe(Reason.CONFIRMATION, "gone@yritys.example", "registration", factories.uuid4())
    answer = await admin.get(f"/staff/mailbox/{identity}")
    assert answer.status_code == 200
    assert "<iframe" not in answer.text
    assert (await admin.get(f"/staff/mailbox/{identity}/body")).status_code == 404


async def test_a_letter_that_cannot_be_written_does_not_take_its_page_away(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Owed) -> Letter | None:
        raise ZeroDivisionError

    monkeypatch.setitem(COMPOSERS, Reason.CONFIRMATION, broken)  # type: ignore[arg-type]
    identity = await confirmation()
    assert (await admin.get(f"/staff/mailbox/{identity}")).status_code == 200


async def test_an_administrator_reads_sign_in_mails_while_the_link_holds(admin: httpx.AsyncClient) -> None:
    identity = await sign_in_link(await make_staff("viewer"))
    with clock.at(NOW):
        assert "/staff/sign-in/" in (await admin.get(f"/staff/mailbox/{identity}/body")).text
    with clock.at(NOW + timedelta(minutes=10)):
        assert (await admin.get(f"/staff/mailbox/{identity}/body")).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_for_all_but_administrators_there_is_no_mailbox(client: httpx.AsyncClient, role: Role) -> None:
    identity = await confirmation()
    await factories.sign_in(client, await make_staff(role.value))
    for path in ("/staff/mailbox", f"/staff/mailbox/{identity}", f"/staff/mailbox/{identity}/body"):
        assert (await client.get(path)).status_code == 404, path


@pytest.mark.parametrize("reason", [Reason.SIGN_IN, Reason.INVITATION_STAFF])
async def test_who_else_gets_the_mailbox_still_sees_no_link_that_lets_in_staff(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    coordinators = rules.PERMISSIONS[Role.COORDINATOR] | {Action.SEE_MAILBOX}
    monkeypatch.setitem(rules.PERMISSIONS, Role.COORDINATOR, coordinators)  # type: ignore[arg-type]
    await factories.sign_in(client, await make_staff("coordinator"))
    seen = await confirmation()
    hidden = await sign_in_link(await make_staff("admin"))
    await database.execute("UPDATE message SET reason = $2 WHERE id = $1", hidden, reason.value)
    listed = await client.get("/staff/mailbox")
    assert str(seen) in listed.text
    assert (await client.get(f"/staff/mailbox/{seen}")).status_code == 200
    filtered = await client.get(f"/staff/mailbox?reason={reason.value}&recipient=paula")
    for answer in (listed, filtered):
        assert str(hidden) not in answer.text
        assert f'value="{reason.value}"' not in answer.text
    for path in (f"/staff/mailbox/{hidden}", f"/staff/mailbox/{hidden}/body"):
        assert (await client.get(path)).status_code == 404, path


async def test_a_right_on_a_region_opens_no_mailbox(client: httpx.AsyncClient, db: asyncpg.Connection) -> None:
    await factories.sign_in(client, await make_staff("admin", kind="region", resource="06"))
    assert (await client.get("/staff/mailbox")).status_code == 404
