"""Mails in which calendars answer to an entry, as different programs write them."""

from base64 import encodebytes
from datetime import datetime
from textwrap import dedent

from events.messaging.incoming.replies import Reply
from tests.messaging.bounces.samples import lines

AINO = "aino@yritys.example"


async def nobody(_reply: Reply, _now: datetime) -> bool:
    """Nothing follows from what calendars answer."""
    return False


def exchange(uid: str, address: str = AINO, status: str = "DECLINED", sequence: int = 0) -> bytes:
    """As Exchange: a Windows time zone, MAILTO in capitals, the entry as UTF-8 in base64 beside an empty text."""
    entry = dedent(f"""
        BEGIN:VCALENDAR
        METHOD:REPLY
        PRODID:Microsoft Exchange Server 2010
        VERSION:2.0
        BEGIN:VTIMEZONE
        TZID:FLE Standard Time
        BEGIN:STANDARD
        DTSTART:16010101T040000
        TZOFFSETFROM:+0300
        TZOFFSETTO:+0200
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010101T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0300
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        ATTENDEE;PARTSTAT={status};CN=Aino Esimerkki:MAILTO:{address}
        COMMENT;LANGUAGE=fi-FI:En pääse\\n
        UID:{uid}
        SUMMARY;LANGUAGE=fi-FI:Hylätty: Testipaja
        DTSTART;TZID=FLE Standard Time:20261001T120000
        DTEND;TZID=FLE Standard Time:20261001T180000
        CLASS:PUBLIC
        PRIORITY:5
        DTSTAMP:20260902T061500Z
        TRANSP:OPAQUE
        STATUS:CONFIRMED
        SEQUENCE:{sequence}
        LOCATION;LANGUAGE=fi-FI:Aapo Areena
        X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}
        X-MICROSOFT-CDO-BUSYSTATUS:BUSY
        X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
        X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
        X-MICROSOFT-CDO-IMPORTANCE:1
        X-MICROSOFT-CDO-INSTTYPE:0
        END:VEVENT
        END:VCALENDAR
        """).lstrip("\n")
    head = lines(f"""
        From: =?utf-8?B?QWlubyBFc2ltZXJra2k=?= <{address}>
        To: SIXNET <kalenteri@sixnet.example>
        Subject: =?utf-8?Q?Hyl=C3=A4tty=3A_Testipaja?=
        Thread-Topic: Testipaja
        Message-ID: <HE1PR0702MB@yritys.example>
        Content-Language: fi-FI
        X-MS-Has-Attach:
        MIME-Version: 1.0
        Content-Type: multipart/alternative; boundary="_000_HE1_"

        --_000_HE1_
        Content-Type: text/plain; charset="iso-8859-1"
        Content-Transfer-Encoding: quoted-printable

        En p=E4=E4se

        --_000_HE1_
        Content-Type: text/calendar; charset="utf-8"; method=REPLY
        Content-Transfer-Encoding: base64

        """)
    body = encodebytes(entry.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    return head + body + b"\r\n--_000_HE1_--\r\n"


def google(uid: str, address: str = AINO, status: str = "DECLINED", sequence: int = 0) -> bytes:
    """As Google Calendar: sent by a program, long lines folded, the entry as a part and once more as a file."""
    entry = f"""
        BEGIN:VCALENDAR
        PRODID:-//Google Inc//Google Calendar 70.9054//EN
        VERSION:2.0
        CALSCALE:GREGORIAN
        METHOD:REPLY
        BEGIN:VEVENT
        DTSTART:20261001T090000Z
        DTEND:20261001T150000Z
        DTSTAMP:20260902T061500Z
        ORGANIZER;CN=SIXNET:mailto:kalenteri@sixnet.example
        UID:{uid}
        ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={status};CN=Aino
          Esimerkki;X-NUM-GUESTS=0:mailto:{address}
        CREATED:20260901T090000Z
        DESCRIPTION:https://tapahtumat.example/events/testipaja
        LAST-MODIFIED:20260902T061500Z
        LOCATION:Aapo Areena
        SEQUENCE:{sequence}
        STATUS:CONFIRMED
        SUMMARY:Testipaja
        TRANSP:OPAQUE
        END:VEVENT
        END:VCALENDAR
        """
    return lines(f"""
        From: Aino Esimerkki <{address}>
        Sender: Google Calendar <calendar-notification@google.com>
        Reply-To: Aino Esimerkki <{address}>
        Auto-Submitted: auto-generated
        To: kalenteri@sixnet.example
        Subject: Declined: Testipaja @ Thu Oct 1, 2026
        Message-ID: <calendar-1f2e@google.com>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="0000f1"

        --0000f1
        Content-Type: multipart/alternative; boundary="0000f2"

        --0000f2
        Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes
        Content-Transfer-Encoding: base64

        RGVjbGluZWQK

        --0000f2
        Content-Type: text/calendar; charset="UTF-8"; method=REPLY
        Content-Transfer-Encoding: 7bit
{entry}
        --0000f2--

        --0000f1
        Content-Type: application/ics; name="invite.ics"
        Content-Disposition: attachment; filename="invite.ics"
{entry}
        --0000f1--
        """)


def bare(entry: str, *, headers: str = "", charset: str = "utf-8") -> bytes:
    """Any calendar part, alone."""
    head = f"From: <{AINO}>\n{headers}MIME-Version: 1.0\nContent-Type: text/calendar; charset={charset}; method=REPLY\n"
    return f"{head}Content-Transfer-Encoding: 8bit\n\n{dedent(entry).lstrip()}".replace("\n", "\r\n").encode()


def entry(uid: str, *more: str, method: str = "REPLY", address: str = AINO, status: str = "DECLINED") -> str:
    """The shortest entry that answers, with more lines."""
    return "\n".join(
        (
            "BEGIN:VCALENDAR",
            f"METHOD:{method}",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"ATTENDEE;PARTSTAT={status}:mailto:{address}",
            *more,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
