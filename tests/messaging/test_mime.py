import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.messaging.letter import Letter, Owed, Picture
from events.messaging.mime import LONGEST_SUBJECT, build
from tests.factories import NOW

OWED = Owed(
    id=UUID(int=1),
    recipient="aino@yritys.example",
    recipient_name="Aino Esimerkki",
    reason="confirmation",
    subject_kind="registration",
    subject_id=UUID(int=2),
    occurrence="0",
    language="fi",
    message_id="<0123456789abcdef@sixnet>",
)
PICTURE = Picture("qr", bytes(range(256)) * 5)
LONG = "Tämä on pitkä rivi, jossa on ääkkösiä ja = merkki. " * 8


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [part.defects for part in mail.walk() if part.defects]
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert raw.endswith(b"\r\n")
    return mail


def made(letter: Letter, *, name: str = "Aino", sender: str = "SIXNET <sixnet@sixnet.example>") -> EmailMessage:
    owed = msgspec.structs.replace(OWED, recipient_name=name)
    return read(build(letter, owed, sender=sender, now=NOW))


@pytest.mark.parametrize("pictures", [(), (PICTURE,)])
@pytest.mark.parametrize("calendar", [None, ("REQUEST", "BEGIN:VCALENDAR\r\nSUMMARY:Työpaja\r\nEND:VCALENDAR\r\n")])
def test_every_part_says_what_the_letter_says(pictures: tuple[Picture, ...], calendar: tuple[str, str] | None) -> None:
    letter = Letter("Hei", f".\n{LONG}\n.piste\n", f'<p>{LONG}<img src="cid:qr" alt=""></p>\n.', pictures, calendar)
    mail = made(letter)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    # A space at the end of a line is not the letter's: `tidy` takes it off.
    assert text.get_content().replace("\r\n", "\n") == f".\n{LONG.rstrip()}\n.piste\n"
    unique = "qr.0123456789abcdef@sixnet"
    assert html.get_content().replace("\r\n", "\n") == letter.html.replace(
        "cid:qr", f"cid:{unique}" if pictures else "cid:qr"
    )
    found = {part.get_content_type(): part for part in mail.walk()}
    if pictures:
        assert found["image/png"].get_payload(decode=True) == PICTURE.content
        assert found["image/png"]["Content-ID"] == f"<{unique}>"
    if calendar:
        assert found["text/calendar"].get_payload(decode=True) == calendar[1].encode()
        assert found["text/calendar"].get_param("method") == "REQUEST"
        assert found["application/ics"].get_payload(decode=True) == calendar[1].encode()


@given(st.text(max_size=120), st.text(max_size=200))
def test_no_name_and_no_subject_makes_a_header_of_its_own(name: str, subject: str) -> None:
    mail = made(Letter(subject, "a", "<p>a</p>"), name=name)
    assert [key for key in mail if key in {"From", "To", "Subject", "Date", "Message-ID"}] == [
        "From", "To", "Subject", "Date", "Message-ID",
    ]  # fmt: skip
    assert "Bcc" not in mail
    assert mail["To"].addresses[0].addr_spec == OWED.recipient


@pytest.mark.parametrize("name", ["Åsa Öberg", 'Aino "A" Esimerkki, Oy', "a" * 200, "Ääkkönen " * 20])
def test_names_arrive_as_they_are(name: str) -> None:
    owed = msgspec.structs.replace(OWED, recipient_name=name)
    raw = build(Letter("Hyvää päivää " * 20, "a", "a"), owed, sender="sixnet@sixnet.example", now=NOW)
    read(raw)
    # By the older parser: the newer one puts a space between two encoded words of a name.
    said, address = parseaddr(str(make_header(decode_header(message_from_bytes(raw)["To"]))))
    assert address == OWED.recipient
    assert said == name.strip()


def test_a_subject_outside_ascii_arrives_as_it_is() -> None:
    subject = "Ilmoittautuminen vahvistettu: Älykäs työpaja – Hämeenlinna " * 3
    assert made(Letter(subject, "a", "a"))["Subject"] == subject.strip()


@pytest.mark.parametrize("subject", ["x" * 4000, "word " * 800, "ä" * 2000, "👩‍👩‍👧" * 300, "a\u202eb" * 900])
def test_a_subject_of_any_length_makes_no_line_that_a_server_refuses(subject: str) -> None:
    raw = build(Letter(subject, "a", "<p>a</p>"), OWED, sender="sixnet@sixnet.example", now=NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    said = read(raw)["Subject"]
    assert len(said) <= LONGEST_SUBJECT
    assert said.endswith("…")


def test_a_text_of_one_long_line_ends_its_lines_as_mail_does() -> None:
    assert made(Letter("a", LONG * 9, f"<p>{LONG * 9}</p>")).get_body(("html",)) is not None


def test_of_many_pictures_each_is_found_by_its_own_name() -> None:
    names = [f"emblem{number}" for number in range(12)]
    html = "".join(f'<img src="cid:{name}" alt="">' for name in names)
    pictures = tuple(Picture(name, b"x") for name in names)
    raw = build(Letter("a", "a", html, pictures=pictures), OWED, sender="sixnet@sixnet.example", now=NOW)
    mail = read(raw)
    shown = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    there = {part["Content-ID"].strip("<>") for part in mail.walk() if part["Content-ID"]}
    assert set(re.findall('cid:([^"]+)', shown)) == there


def test_an_address_begins_no_other_header() -> None:
    mail = made(Letter("a", "a", "a", reply_to="a@b.example\r\nBcc: c@d.example"))
    assert (mail["Reply-To"], mail["Bcc"]) == (None, None)
    with pytest.raises(ValueError, match="line end"):
        made(Letter("a", "a", "a", unsubscribe="https://x.example/\r\nBcc: c@d.example"))
