import time
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.messaging.incoming.replies import LONGEST_ENTRY, MOST_REPLIES, Reply, read
from tests.messaging.bounces import samples as bounces
from tests.messaging.incoming.samples import AINO, bare, entry, exchange, google

UID = f"{uuid4()}@sixnet"


@pytest.mark.parametrize("make", [exchange, google])
@pytest.mark.parametrize("status", ["DECLINED", "ACCEPTED", "TENTATIVE"])
def test_what_a_calendar_answers_is_read_once(make: object, status: str) -> None:
    assert read(make(UID, status=status)) == [Reply(UID, status, (AINO,))]  # type: ignore[operator]


def test_a_delegates_answer_names_both_addresses() -> None:
    raw = bare(entry(UID, address="Johtaja@Yritys.example"))
    assert read(raw) == [Reply(UID, "DECLINED", ("johtaja@yritys.example", AINO))]


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16-of-our-own", "", '"'])
def test_a_charset_that_is_wrong_or_none_hides_nothing(charset: str) -> None:
    assert [reply.uid for reply in read(bare(entry(UID, "COMMENT:En pääse"), charset=charset))] == [UID]


@pytest.mark.parametrize(
    "zone",
    [
        "TZID:Odd",
        "BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:x\nTZOFFSETTO:+9900\nEND:STANDARD",
        "TZID:Odd\nBEGIN:STANDARD\nDTSTART:16010101T040000\nRRULE:FREQ=NEVER;BYDAY=9XX\nEND:STANDARD",
    ],
)
def test_an_odd_time_zone_hides_no_answer(zone: str) -> None:
    whole = entry(UID, "DTSTART;TZID=Odd:20261001T120000")
    odd = whole.replace("BEGIN:VEVENT", f"BEGIN:VTIMEZONE\n{zone}\nEND:VTIMEZONE\nBEGIN:VEVENT", 1)
    assert [reply.uid for reply in read(bare(odd))] == [UID]


def test_several_entries_are_several_answers_up_to_a_limit() -> None:
    uids = [f"{uuid4()}@sixnet" for _ in range(MOST_REPLIES + 5)]
    found = read(bare("".join(entry(uid) for uid in uids)))
    assert [reply.uid for reply in found] == uids[:MOST_REPLIES]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: hello\r\n\r\nI decline.",
        bounces.postfix(),
        bounces.vacation(),
        bare(entry(UID, method="REQUEST")),
        bare(entry(UID, method="COUNTER")),
        bare(entry(UID, "ATTENDEE;PARTSTAT=DECLINED:mailto:x@yritys.example")),
        bare(entry(UID, "RECURRENCE-ID:20261001T090000Z")),
        bare(entry(UID).replace("END:VEVENT\n", "")),
        bare(entry(UID).replace("BEGIN:VCALENDAR\n", "")),
        bare("BEGIN:VCALENDAR\nMETHOD:REPLY\n" * 2000),
        bare("\x00" * 1000),
        bare(entry(UID), headers="Auto-Submitted: auto-replied (vacation)\n"),
        bare(entry(UID), headers="Precedence: bulk\n"),
        bare(entry(UID), headers="List-Id: <kaikki.yritys.example>\n"),
        bare(entry(UID, f"COMMENT:{'x' * LONGEST_ENTRY}")),
        exchange(UID).replace(b"METHOD:REPLY", b"").replace(b"base64", b"x-unknown"),
    ],
)
def test_anything_else_is_no_answer(raw: bytes) -> None:
    assert read(raw) == []


@pytest.mark.parametrize(
    "more",
    [
        ["RRULE:FREQ=SECONDLY;COUNT=999999999"],
        ["DTSTART:99999999T999999Z", "SEQUENCE:minus"],
        ["BEGIN:VALARM", "TRIGGER:nonsense", "END:VALARM"],
        ["DTSTART;TZID=../../etc/passwd:20261001T090000"],
        ["EXDATE:" + ",".join(["20261001T090000Z"] * 3000)],
        ["X-A;B=" + ";C=".join(["d"] * 10000) + ":e"],
        ["BEGIN:VEVENT"] * 3000,
    ],
)
def test_an_odd_entry_takes_no_time(more: list[str]) -> None:
    begun = time.monotonic()
    read(bare(entry(UID, *more)))
    assert time.monotonic() - begun < 3


@given(st.binary(max_size=600), st.integers(0, 1200), st.integers(0, 40))
def test_a_mail_that_was_damaged_never_raises(junk: bytes, at: int, cut: int) -> None:
    whole = google(UID)
    read(whole[:at] + junk + whole[at + cut :])
