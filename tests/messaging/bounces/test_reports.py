import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.messaging.bounces.reports import LONGEST, MOST_RECIPIENTS, read
from events.messaging.bounces.rules import is_hard, status_of
from tests.messaging.bounces import samples

OURS = f"<{'0a' * 16}@sixnet>"
AINO = "aino@yritys.example"


@pytest.mark.parametrize(
    ("mail", "status"),
    [
        (samples.postfix(OURS), "5.1.1"),
        (samples.exchange(OURS), "5.1.10"),
        (samples.gmail(OURS), "5.1.1"),
        (samples.exim(OURS), "5.1.1"),
        (samples.encoded_status(OURS), "5.1.1"),
    ],
)
def test_reports_of_different_servers_are_read(mail: bytes, status: str) -> None:
    [report] = read(mail)
    assert (report.status, report.addresses, report.message_id) == (status, (AINO,), OURS)


def test_a_report_that_was_passed_on_as_a_file_is_read_where_it_is() -> None:
    head = b"From: IT <tuki@yritys.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    passed_on = head + b"Content-Type: message/rfc822\r\n\r\n" + samples.gmail(OURS) + b"\r\n--b--\r\n"
    [report] = read(passed_on)
    assert (report.addresses, report.message_id) == ((AINO,), OURS)


def test_the_words_are_those_of_the_server_that_refused() -> None:
    assert "User unknown in virtual mailbox table" in read(samples.postfix(OURS))[0].words
    assert "Vastaanottajaa ei löydy" in read(samples.exchange(OURS))[0].words


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_may_arrive_yet_or_did_is_no_bounce(action: str) -> None:
    assert read(samples.postfix(OURS, action=action)) == []


@pytest.mark.parametrize(
    "mail", [b"", b"\0", b"Hello", samples.vacation(OURS), b"From: postmaster@x.example\n\n" + b"hello"]
)
def test_other_mail_is_none(mail: bytes) -> None:
    assert read(mail) == []


def test_a_mail_of_a_server_that_names_ours_and_a_status_is_one_without_its_type() -> None:
    raw = f"From: <postmaster@x.example>\nReferences: {OURS}\n\nEi onnistu (5.1.1)".encode()
    [report] = read(raw)
    assert (report.status, report.addresses) == ("5.1.1", ())


def test_names_of_several_recipients_are_all_read_up_to_a_limit() -> None:
    mail = samples.postfix(OURS).replace(
        b"\r\n--A1/mail.example\r\nContent-Description: Undelivered",
        b"".join(
            f"\r\nFinal-Recipient: rfc822; a{n}@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n".encode()
            for n in range(90)
        )
        + b"\r\n--A1/mail.example\r\nContent-Description: Undelivered",
    )
    assert len(read(mail)) == MOST_RECIPIENTS


def test_a_huge_mail_is_read_as_far_as_its_report() -> None:
    mail = samples.postfix(OURS).removesuffix(b"--A1/mail.example--\r\n") + b"x" * (2 * LONGEST)
    assert [report.message_id for report in read(mail)] == [OURS]


def test_a_mail_nested_without_end_is_none() -> None:
    nested = b"".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n".encode() for n in range(3000))
    assert read(nested) == []
    assert read(b"Content-Type: message/rfc822\n\n" * 3000) == []


SAMPLES = [
    make(OURS) for make in (samples.postfix, samples.exchange, samples.gmail, samples.exim, samples.encoded_status)
]


@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), st.integers(0, 2**32), st.lists(st.binary(max_size=12), min_size=1, max_size=6))
def test_whatever_is_broken_in_a_report_it_is_read_or_left(sample: bytes, seed: int, noise: list[bytes]) -> None:
    chance, mail = random.Random(seed), bytearray(sample)
    for piece in noise:
        place = chance.randrange(len(mail) + 1)
        mail[place : place + chance.choice([0, 1, len(piece), 40])] = piece
    for report in read(bytes(mail)):
        assert report.status[0] in "45"
        text = "".join((report.words, report.message_id, *report.addresses))
        assert "\0" not in text
        text.encode()  # no half of a surrogate pair, which the database would refuse


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_left(raw: bytes) -> None:
    read(raw)


@pytest.mark.parametrize(
    ("status", "hard"),
    [
        ("5.1.1", True),
        ("5.1.10", True),
        ("5.0.0", True),
        ("5.2.1", True),
        ("5.4.4", True),
        ("5.2.2", False),
        ("5.3.4", False),
        ("5.7.1", False),
        ("4.4.7", False),
        ("", False),
    ],
)
def test_what_says_that_an_address_is_of_no_use(status: str, hard: bool) -> None:
    assert is_hard(status) is hard


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("550 5.1.1 no", "5.1.1"),
        ("550 no such user", "5.0.0"),
        ("554 denied", "5.5.0"),
        ("451 later", "4.0.0"),
        ("552 over quota", "5.2.2"),
        ("550 Relaying denied", "5.7.0"),
        ("550 relay not permitted", "5.7.0"),
        ("553 sorry, your sender is on our blocklist", "5.7.0"),
        ("550 5.1.1 user unknown, relay said", "5.1.1"),
        ("no", ""),
    ],
)
def test_the_status_in_a_servers_words(words: str, status: str) -> None:
    assert status_of(words) == status
