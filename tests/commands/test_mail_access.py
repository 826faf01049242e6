import asyncio
from pathlib import Path

import pytest

from events.commands.findings import Level
from events.commands.mail_access import examine, send_test
from events.core.settings import Settings, get_settings
from tests.commands.test_doctor import said
from tests.factories import NOW
from tests.processes import environment, run
from tests.smtp import guarded_post_office, post_office
from tests.tokens import SECRET, token_service

USER = "smtp://a%40kehitys.example@mail.example"


@pytest.mark.parametrize(
    ("columns", "level", "words"),
    [
        ({"mail_url": USER}, Level.BAD, "SIXNET_MAIL_URL names a user without a password"),
        ({"bounce_imap_url": "imaps://a@imap.example"}, Level.BAD, "SIXNET_BOUNCE_IMAP_URL names a user"),
        ({"mail_url": "smtp://mail.example", "mail_oauth_client_id": "a"}, Level.NOTE, "is set for nothing"),
        ({"calendar_address": "x@"}, Level.BAD, "SIXNET_CALENDAR_ADDRESS is no address"),
        ({"calendar_address": "x@kehitys.example"}, Level.BAD, "nothing reads its mail"),
        (
            {"calendar_address": "x@kehitys.example", "bounce_webhook_secret": "s"},
            Level.FINE,
            "Calendars answer to x@kehitys.example",
        ),
        ({"mail_url": "smtp://mail.example", "bounce_webhook_secret": "s"}, Level.NOTE, "nobody hears of it"),
    ],
)
def test_what_is_missing_is_named(columns: dict[str, str], level: Level, words: str) -> None:
    assert words in said(list(examine(Settings(**columns))), level)  # type: ignore[arg-type]


def test_nothing_is_said_where_nothing_is_set_or_an_address_is_wrong() -> None:
    assert list(examine(Settings(mail_url=None))) == []
    assert list(examine(Settings(mail_url="nonsense"))) == []


async def test_tokens_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async with token_service() as service:
        monkeypatch.setenv("SIXNET_MAIL_URL", USER)
        get_settings.cache_clear()
        try:
            told = await asyncio.to_thread(lambda: list(examine(get_settings())))
            assert "gives tokens for SIXNET_MAIL_URL" in said(told, Level.FINE)
            service.status, service.body = 401, b'{"error": "invalid_client"}'
            monkeypatch.setenv("SIXNET_MAIL_OAUTH_CLIENT_ID", "app-2")
            get_settings.cache_clear()
            told = await asyncio.to_thread(lambda: list(examine(get_settings())))
        finally:
            monkeypatch.undo()
            get_settings.cache_clear()
    assert "answered 401: invalid_client" in said(told, Level.BAD)
    assert SECRET not in said(told, Level.BAD)


async def test_a_test_mail_goes_through_the_server_and_tells_its_answer() -> None:
    async with post_office() as post:
        finding = await send_test(get_settings(), "Aino@Yritys.example", now=NOW)
        assert finding.level is Level.FINE
        assert "took the test mail to aino@yritys.example and said: kept" in finding.text
        ((recipient, mail),) = post.received
        assert recipient == "aino@yritys.example"
        assert mail["Auto-Submitted"] == "auto-generated"
        post.rcpt = lambda _: "550 5.1.1 gone"
        finding = await send_test(get_settings(), "aino@yritys.example", now=NOW)
        assert finding.level is Level.BAD
        assert "550 5.1.1 gone" in finding.text


async def test_a_test_mail_goes_with_a_token_too() -> None:
    async with token_service(), guarded_post_office(lambda token: token == "token-1") as post:
        assert (await send_test(get_settings(), "aino@yritys.example", now=NOW)).level is Level.FINE
        assert len(post) == 1


@pytest.mark.parametrize(
    ("url", "address", "words"),
    [
        ("", "aino@yritys.example", "set SIXNET_MAIL_URL"),
        ("smtp://127.0.0.1:1", "aino@yritys.example", "did not leave"),
        ("pop3://x", "aino@yritys.example", "SIXNET_MAIL_URL must be like"),
        ("smtp://127.0.0.1:1", "aino", "is no address"),
    ],
)
async def test_a_test_mail_that_cannot_leave_is_told(url: str, address: str, words: str) -> None:
    finding = await send_test(Settings(mail_url=url), address, now=NOW)
    assert finding.level is Level.BAD
    assert words in finding.text


async def test_the_command_sends_it(tmp_path: Path) -> None:
    async with post_office() as post:
        port = get_settings().mail_url
        assert port
        env = environment(tmp_path, database_url="postgresql://127.0.0.1:1/x", secret_key="k" * 40, mail_url=port)
        done = await asyncio.to_thread(run, "doctor", "--send-to", "aino@yritys.example", env=env)
        assert len(post) == 1
    assert "The mail server took the test mail" in done.stdout
    assert done.stderr == ""
