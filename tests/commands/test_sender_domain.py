import time
from collections.abc import Mapping

import dns.resolver
import pytest

from events.commands.findings import Level
from events.commands.sender_domain import Dns, examine
from events.core.settings import Settings
from tests.commands.test_doctor import said
from tests.dns import name_server

GOOD = {
    "kehitys.example": ["google-site-verification=x", "v=spf1 include:spf.protection.outlook.com -all"],
    "s1._domainkey.kehitys.example": ["v=DKIM1; k=rsa; p=" + "A" * 400],
    "_dmarc.kehitys.example": ["v=DMARC1; p=reject; rua=mailto:dmarc@kehitys.example"],
}


def settings(**columns: str) -> Settings:
    defaults = {
        "mail_url": "smtp://mail.example",
        "mail_from": "SIXNET <tapahtumat@kehitys.example>",
        "mail_dkim_selectors": "s1",
    }
    return Settings(**{**defaults, **columns})  # type: ignore[arg-type]


def found(texts: Mapping[str, list[str]], **columns: str) -> dict[Level, str]:
    with name_server({**GOOD, **texts}) as server:
        findings = examine(settings(**columns), server.resolver)
    return {level: said(findings, level) for level in Level}


def test_a_domain_that_says_everything_is_fine() -> None:
    told = found({})
    assert (told[Level.BAD], told[Level.NOTE]) == ("", "")
    for words in ("has an SPF record", "holds a DKIM key", "asks by DMARC to reject"):
        assert words in told[Level.FINE]


@pytest.mark.parametrize(
    ("records", "level", "words"),
    [
        ([], Level.BAD, "kehitys.example has no SPF record"),
        (["v=spf10 -all"], Level.BAD, "has no SPF record"),
        (["v=spf1 mx -all", "V=SPF1 a ~all"], Level.BAD, "has 2 SPF records"),
        (["v=spf1 mx +all"], Level.BAD, "lets every server send"),
        (["v=spf1 all"], Level.BAD, "lets every server send"),
        (["v=spf1 " + "include:a.example " * 11 + "-all"], Level.BAD, "more than 10 others"),
        (["v=spf1 mx ?all"], Level.NOTE, "refuses no server"),
        (["v=spf1 mx"], Level.NOTE, "refuses no server"),
        (["v=spf1"], Level.NOTE, "refuses no server"),
        (["v=spf1 redirect=_spf.mail.example"], Level.FINE, "has an SPF record"),
        (["v=spf1 ip4:192.0.2.0/24 ~all"], Level.FINE, "has an SPF record"),
    ],
)
def test_spf_in_plain_words(records: list[str], level: Level, words: str) -> None:
    assert words in found({"kehitys.example": records})[level]


@pytest.mark.parametrize(
    ("key", "level", "words"),
    [
        ([], Level.BAD, "holds no DKIM key"),
        (["v=DKIM1; p="], Level.BAD, "was revoked"),
        (["v=DKIM1"], Level.BAD, "holds no DKIM key"),
        (["k=rsa; p = AAAA BBBB"], Level.FINE, "holds a DKIM key"),
    ],
)
def test_dkim_in_plain_words(key: list[str], level: Level, words: str) -> None:
    assert words in found({"s1._domainkey.kehitys.example": key})[level]


def test_of_several_selectors_one_is_enough() -> None:
    told = found({}, mail_dkim_selectors="s1, s2,")
    assert told[Level.BAD] == ""
    assert "s2._domainkey.kehitys.example holds no DKIM key" in told[Level.NOTE]


def test_without_a_selector_it_is_said_how_to_find_it() -> None:
    told = found({}, mail_dkim_selectors="")
    assert "SIXNET_MAIL_DKIM_SELECTORS is not set" in told[Level.NOTE]
    assert "'*.x y' in SIXNET_MAIL_DKIM_SELECTORS is no selector" in found({}, mail_dkim_selectors="*.x y")[Level.BAD]


def test_a_key_behind_an_alias_counts() -> None:
    with name_server({**GOOD, "s1.kehitys.mail.example": ["v=DKIM1; p=AAAA"]}) as server:
        server.aliases["selector1._domainkey.kehitys.example"] = "s1.kehitys.mail.example"
        findings = examine(settings(mail_dkim_selectors="selector1"), server.resolver)
    assert "selector1._domainkey.kehitys.example holds a DKIM key" in said(findings, Level.FINE)


@pytest.mark.parametrize(
    ("records", "level", "words"),
    [
        ([], Level.NOTE, "has no DMARC record"),
        (["v=DMARC1; p=none"], Level.NOTE, "only watches (p=none)"),
        (["v=DMARC1; p=quarantine"], Level.FINE, "asks by DMARC to quarantine"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], Level.BAD, "several DMARC records"),
        (["v=DMARC1; rua=mailto:x@kehitys.example"], Level.BAD, "has no policy"),
        (["v=DMARC10; p=reject"], Level.NOTE, "has no DMARC record"),
    ],
)
def test_dmarc_in_plain_words(records: list[str], level: Level, words: str) -> None:
    assert words in found({"_dmarc.kehitys.example": records})[level]


def test_a_subdomain_follows_the_record_above_it() -> None:
    texts = {"mail.kehitys.example": ["v=spf1 -all"], "s1._domainkey.mail.kehitys.example": ["p=A"]}
    told = found(texts, mail_from="x@mail.kehitys.example")
    assert "mail.kehitys.example asks by DMARC to reject" in told[Level.FINE]
    texts["_dmarc.kehitys.example"] = ["v=DMARC1; p=reject; sp=none"]
    assert "p=none" in found(texts, mail_from="x@mail.kehitys.example")[Level.NOTE]


@pytest.mark.parametrize(
    ("envelope", "dmarc", "selectors", "level"),
    [
        ("palautus@relay.example", "p=reject", "", Level.BAD),
        ("palautus@relay.example", "p=reject", "s1", Level.NOTE),
        ("palautus@relay.example", "p=none", "", Level.NOTE),
        ("palautus@bounces.kehitys.example", "p=reject; aspf=s", "", Level.BAD),
        ("palautus@bounces.kehitys.example", "p=reject", "", None),
        ("palautus@kehitys.example", "p=reject; aspf=s", "", None),
    ],
)
def test_an_envelope_of_another_domain_needs_a_signature(
    envelope: str, dmarc: str, selectors: str, level: Level | None
) -> None:
    texts = {
        "_dmarc.kehitys.example": [f"v=DMARC1; {dmarc}"],
        "relay.example": ["v=spf1 -all"],
        "bounces.kehitys.example": ["v=spf1 -all"],
    }
    told = found(texts, mail_bounce_address=envelope, mail_dkim_selectors=selectors)
    for each in Level:
        assert ("needs a signature (DKIM) of kehitys.example" in told[each]) is (each is level)


def test_a_name_server_that_is_silent_is_no_failure_of_ours_and_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.commands.sender_domain.LONGEST_QUESTION", 0.3)
    with name_server(GOOD) as server:
        server.silent = True
        begun = time.monotonic()
        findings = examine(settings(), server.resolver)
    assert time.monotonic() - begun < 3
    assert [finding.level for finding in findings] == [Level.NOTE]
    assert "DNS gave no answer" in findings[0].text


def test_a_name_server_that_fails_is_told_with_the_name() -> None:
    with name_server(GOOD) as server:
        server.failing = True
        (finding,) = examine(settings(), server.resolver)
    assert finding.level is Level.NOTE
    assert "asked for kehitys.example" in finding.text


def test_when_the_time_is_up_nothing_more_is_asked() -> None:
    with name_server(GOOD) as server:
        asked = Dns(server.resolver, seconds=0)
        with pytest.raises(Exception, match="no time left"):
            asked.texts("kehitys.example")
        assert server.asked == []


def test_a_machine_without_a_name_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = dns.resolver.Resolver(configure=False)
    empty.nameservers = []
    (finding,) = examine(settings(), empty)
    assert finding.level is Level.NOTE


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"mail_from": "SIXNET"}, "SIXNET_MAIL_FROM holds no address"),
        ({"mail_bounce_address": "x@@y"}, "SIXNET_MAIL_BOUNCE_ADDRESS holds no address"),
        ({"mail_from": "x@" + "a." * 200 + "example"}, "SIXNET_MAIL_FROM holds no address"),
    ],
)
def test_a_sender_that_is_no_address_is_bad(columns: dict[str, str], words: str) -> None:
    assert words in said(examine(settings(**columns), dns.resolver.Resolver(configure=False)), Level.BAD)


def test_where_no_mail_leaves_nothing_is_asked() -> None:
    assert examine(settings(mail_url="")) == []
    assert examine(settings(mail_from="SIXNET <sixnet@localhost>")) == []
