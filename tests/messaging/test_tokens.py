import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import nullcontext

import asyncpg
import pytest

from events.core import database, settings
from events.core.settings import Settings
from events.messaging import tokens
from events.messaging.delivery import deliver_due
from events.messaging.incoming.queries import trouble
from events.messaging.incoming.reading import read_mailbox
from events.messaging.smtp import parse_mail_url
from events.messaging.tokens import Tokens, TokenTrouble, token_url, tokens_for
from tests.factories import NOW
from tests.imap import mailbox
from tests.messaging.incoming.samples import nobody
from tests.messaging.test_delivery import COMPOSERS, entry, owe
from tests.smtp import guarded_post_office
from tests.tokens import SECRET, TokenService, token_service

BOUNCES = "bounces%40sixnet.example"


@pytest.fixture
async def service() -> AsyncIterator[TokenService]:
    async with token_service() as running:
        yield running


def known() -> Tokens:
    found = tokens_for("sixnet@sixnet.example", None)
    assert found
    return found


async def test_a_token_is_fetched_once_for_all_who_need_it(service: TokenService) -> None:
    assert set(await asyncio.gather(*(known().get() for _ in range(20)))) == {"token-1"}
    assert service.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "app-1",
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]


async def test_without_the_lock_each_would_fetch_one(service: TokenService) -> None:
    known()._lock = nullcontext()  # type: ignore[assignment]
    await asyncio.gather(*(known().get() for _ in range(3)))
    assert len(service.asked) == 3


@pytest.mark.parametrize("life", [0, -5, "x", None, [], 10**30, 0.001])
async def test_a_token_that_is_over_is_fetched_anew(service: TokenService, life: object) -> None:
    service.life = life
    assert await known().get() == "token-1"
    await asyncio.sleep(0.01)
    assert await known().get() == "token-2"


async def test_it_is_given_up_before_it_is_over(service: TokenService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "EARLY", 3599.99)
    service.life = 7200.0
    await known().get()
    assert await known().get() == "token-1"
    service.life = 0.04
    known().forget("token-1")
    assert await known().get() == "token-2"
    await asyncio.sleep(0.03)
    assert await known().get() == "token-3"


async def test_only_the_token_that_was_refused_is_forgotten(service: TokenService) -> None:
    await known().get()
    known().forget("token-0")
    assert await known().get() == "token-1"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, json.dumps({"error": "invalid_client", "error_description": f"AADSTS7000215: not {SECRET}"}).encode(),
         "the token service answered 401: invalid_client, AADSTS7000215"),
        (400, json.dumps({"error": SECRET}).encode(), "the token service answered 400"),
        (500, b"<html>", "the token service answered 500"),
        (200, b"{}", "the token service answered 200"),
        (200, b"[" * 5000, "the token service answered 200"),
        (200, json.dumps({"access_token": "two\r\nlines"}).encode(), "the token service answered 200"),
        (302, b"{}", "the token service answered 302"),
        (200, b"x" * 70_000, "the token service answers too much"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_without_the_secret(
    service: TokenService, status: int, body: bytes, words: str
) -> None:
    service.status, service.body = status, body
    with pytest.raises(TokenTrouble) as raised:
        await known().get()
    assert str(raised.value) == words


async def test_a_service_that_is_silent_or_away_is_trouble(
    service: TokenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "TIMEOUT", 0.2)
    service.hang = True
    with pytest.raises(TokenTrouble, match="cannot be reached"):
        await known().get()
    monkeypatch.undo()
    with pytest.raises(TokenTrouble, match="cannot be reached: ConnectError"):
        await Tokens("http://127.0.0.1:1/", "a", SECRET, "s").get()


async def test_mail_is_sent_with_a_token(db: asyncpg.Connection, service: TokenService) -> None:
    async with guarded_post_office(lambda token: token == "token-1") as post:
        for _ in range(2):
            await owe()
            assert await deliver_due(COMPOSERS, now=NOW) == 1
        assert len(post) == 2
        assert post.connections == 2
    assert len(service.asked) == 1


async def test_a_token_that_the_server_refuses_is_fetched_anew_once(
    db: asyncpg.Connection, service: TokenService
) -> None:
    await known().get()
    await owe()
    async with guarded_post_office(lambda token: token == "token-2") as post:
        assert await deliver_due(COMPOSERS, now=NOW) == 1
        assert post.tokens == ["token-1", "token-2"]


async def test_trouble_with_tokens_is_no_messages_fault(
    db: asyncpg.Connection, service: TokenService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    subject = await owe()
    async with guarded_post_office(lambda _token: False) as post:
        assert await deliver_due(COMPOSERS, now=NOW) == 0
        assert post.tokens == ["token-1", "token-2"]
        refused = await entry(subject)
        service.status, service.body = 401, b'{"error": "invalid_client"}'
        known().forget("token-2")
        await database.execute("UPDATE message SET due_at = $1", NOW)
        assert await deliver_due(COMPOSERS, now=NOW) == 0
    unsent = await entry(subject)
    for told, words in ((refused, "535"), (unsent, "invalid_client")):
        assert (told["state"], told["tries"]) == ("queued", 0)
        assert words in told["server_words"]
        assert SECRET not in told["server_words"]
        assert "token-" not in told["server_words"]
    assert SECRET not in caplog.text
    assert "token-1" not in caplog.text


async def test_the_mailbox_is_read_with_a_token(db: asyncpg.Connection, service: TokenService) -> None:
    async with mailbox(BOUNCES) as box:
        box.accepts = lambda token: token == "token-1"
        box.put(b"\r\n")
        assert await read_mailbox(nobody, NOW) == 1
        assert box.seen == {1}
        assert not any(command.startswith(b"LOGIN") for command in box.heard)


async def test_a_mailbox_that_refuses_the_token_is_tried_once_more(
    db: asyncpg.Connection, service: TokenService
) -> None:
    await known().get()
    async with mailbox(BOUNCES) as box:
        box.put(b"\r\n")
        box.accepts = lambda token: token == "token-2"
        assert await read_mailbox(nobody, NOW) == 1
        box.accepts = lambda _token: False
        assert await read_mailbox(nobody, NOW) == 0
        assert "AUTHENTICATE failed" in await trouble()
        assert len(service.asked) == 3
        service.status, service.body = 503, b"-"
        known().forget("token-3")
        assert await read_mailbox(nobody, NOW) == 0
        assert "the token service answered 503" in await trouble()


async def test_a_password_is_used_where_there_is_one(service: TokenService) -> None:
    assert tokens_for("sixnet@sixnet.example", "sala") is None
    assert tokens_for(None, None) is None
    settings.forget("mail_oauth_client_id")
    assert tokens_for("sixnet@sixnet.example", None) is None


def test_where_tokens_are_asked_for() -> None:
    found = token_url(Settings(mail_oauth_tenant="kehitys.example", mail_oauth_client_id="a"))
    assert found == "https://login.microsoftonline.com/kehitys.example/oauth2/v2.0/token"
    assert ".." not in token_url(Settings(mail_oauth_tenant="../x")).replace("..%2F", "")


async def test_without_a_tenant_mail_waits(db: asyncpg.Connection) -> None:
    subject = await owe()
    async with guarded_post_office(lambda _token: True):
        settings.override(mail_oauth_client_id="a")
        try:
            assert await deliver_due(COMPOSERS, now=NOW) == 0
        finally:
            settings.forget("mail_oauth_client_id")
    told = await entry(subject)
    assert (told["state"], told["tries"]) == ("queued", 0)
    assert "SIXNET_MAIL_OAUTH_TENANT is not set" in told["server_words"]


async def test_a_token_goes_over_no_open_line(service: TokenService) -> None:
    from events.messaging.smtp import _must_encrypt

    assert _must_encrypt(parse_mail_url("smtp://a%40b.example@mail.example"))
    assert not _must_encrypt(parse_mail_url("smtp://a%40b.example@127.0.0.1"))
    assert not _must_encrypt(parse_mail_url("smtps://a%40b.example@mail.example"))
