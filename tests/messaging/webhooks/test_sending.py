"""One request: to which address it goes, and as whom the other side must show itself."""

import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from events.messaging.webhooks import rules, sending
from events.messaging.webhooks.sending import Trouble, post
from tests.messaging.webhooks.receivers import Receiver, let_loopback_in, receiving

HEADERS = {"webhook-id": "1"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for kone.example, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "certificate.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kone.example"]
    try:
        subprocess.run(
            [*asked, "-addext", "subjectAltName=DNS:kone.example", "-keyout", str(key), "-out", str(made)],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl on this machine")
    return made, key


@pytest.fixture
def serving(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def trust(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_verify_locations(certificate[0])
    monkeypatch.setattr(sending, "tls", lambda: context)


async def test_the_certificate_must_be_of_the_name_although_the_connection_goes_to_the_address(
    certificate: tuple[Path, Path], serving: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    trust(certificate, monkeypatch)
    async with receiving(Receiver(), ssl=serving) as receiver:
        answer = await post(f"https://kone.example:{receiver.port}/in", b"{}", HEADERS)
        assert (answer.status, answer.words) == (200, "fine")
        with pytest.raises(Trouble, match="ertificate"):
            await post(f"https://toinen.example:{receiver.port}/in", b"{}", HEADERS)
        assert len(receiver.received) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    serving: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_loopback_in(monkeypatch)
    async with receiving(Receiver(), ssl=serving) as receiver:
        with pytest.raises(Trouble, match="ertificate"):
            await post(f"https://kone.example:{receiver.port}/in", b"{}", HEADERS)
        assert receiver.received == []


async def test_an_address_of_version_6_can_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch, lambda _host: ["::1"])
    monkeypatch.setattr(rules, "is_refused", lambda text: text != "::1")
    try:
        async with receiving(Receiver(), host="::1") as receiver:
            answer = await post(f"http://kone.example:{receiver.port}/in", b"{}", HEADERS)
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert answer.status == 200
    assert receiver.received[0].headers["host"] == f"kone.example:{receiver.port}"


async def test_an_address_written_in_the_url_is_checked_too() -> None:
    for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1"):
        async with receiving(Receiver()) as receiver:
            with pytest.raises(Trouble, match="refused"):
                await post(f"http://{host}:{receiver.port}/", b"{}", HEADERS)
            assert receiver.connections == 0


async def test_a_name_that_is_not_known_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(sending, "resolve", resolve)
    with pytest.raises(Trouble, match="not known"):
        await post("https://kone.example/", b"{}", HEADERS)


async def test_what_is_no_http_is_trouble_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch)
    for answer in (
        b"220 mail.example ESMTP\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n",
    ):
        async with receiving(Receiver(answer=answer)) as receiver:
            with pytest.raises(Trouble):
                await post(f"http://kone.example:{receiver.port}/", b"{}", HEADERS)


async def test_the_words_of_an_answer_are_one_clean_line(monkeypatch: pytest.MonkeyPatch) -> None:
    let_loopback_in(monkeypatch)
    body = b"a\x00b\r\n\xff\xfe<i>\xe2\x80\xae" + b"c" * 5000
    head = f"HTTP/1.1 400 No\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    async with receiving(Receiver(answer=head + body)) as receiver:
        answer = await post(f"http://kone.example:{receiver.port}/", b"{}", HEADERS)
    assert answer.words.startswith("ab ��<i>ccc")
    assert len(answer.words) == sending.SHOWN
