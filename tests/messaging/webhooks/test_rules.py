"""Where nothing is ever sent, and how a message is signed."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from events.messaging.webhooks import rules
from tests.factories import NOW

ENDPOINT = UUID("5b0f5a3e-8f0e-4d0c-9f2b-2b5b6a0d9f11")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "0.1.2.3", "100.64.0.1", "192.0.0.8", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
        *("240.0.0.1", "255.255.255.255", "192.0.2.1", "203.0.113.9"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2001::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "fec0::1", "3fff::1", "100::1", "5f00::1"),
        *("", "kone.example", "127.1", "0x7f.1", "2130706433", "017700000001"),
    ],
)
def test_what_is_no_public_address_is_refused(address: str) -> None:
    assert rules.is_refused(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "193.166.3.2", "172.32.0.1", "::ffff:1.1.1.1", "64:ff9b::101:101", "2a00:1450:4001::1", "2606:4700::1"],
)
def test_a_public_address_is_not(address: str) -> None:
    assert not rules.is_refused(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://kone.example/",
            "ftp://kone.example/",
            "kone.example",
            "//kone.example",
            "https://",
            "https:///x",
            "",
        ),
        *("https://user@kone.example/", "https://u:p@kone.example/", "https://kone.example/#x", "https://kone/"),
        *("https://localhost/", "https://LOCALHOST./", "https://x.localhost/", "https://kone.local/"),
        *("https://127.0.0.1/", "https://10.0.0.1:8443/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"),
        *("https://2130706433/", "https://127.1/", "https://kone.example:99999/", "https://kone.example:0/"),
        *("https://kone.example:x/", "https://metadata.internal/", "javascript:alert(1)", "https://[fe80::1]/"),
    ],
)
def test_an_endpoint_cannot_be_there(url: str) -> None:
    assert not rules.is_possible(url)


@pytest.mark.parametrize(
    "url",
    ["https://kone.example/", "https://kone.example:8443/in?a=b", "https://1.1.1.1/", "https://[2606:4700::1]/in",
     "https://pöytä.example/sisään"],
)  # fmt: skip
def test_an_endpoint_can_be_there(url: str) -> None:
    assert rules.is_possible(url)


def test_a_secret_is_what_receivers_expect_and_differs_by_endpoint_and_generation() -> None:
    secret = rules.secret(ENDPOINT, 0)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert len({secret, rules.secret(ENDPOINT, 1), rules.secret(UUID(int=1), 0)}) == 3


def test_the_signature_is_that_of_the_reference_libraries() -> None:
    """With the example that Standard Webhooks' own libraries are tested by."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    signed = rules.headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', moment)
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_for_a_day_after_a_change_both_secrets_sign() -> None:
    def signing(hours: int) -> int:
        return len(rules.keys(ENDPOINT, 1, NOW, NOW + timedelta(hours=hours)))

    assert [signing(hours) for hours in (0, 23, 24)] == [2, 2, 1]
    assert len(rules.keys(ENDPOINT, 0, None, NOW)) == 1
    assert rules.headers([b"a", b"b"], ENDPOINT, b"", NOW)["webhook-signature"].count("v1,") == 2
