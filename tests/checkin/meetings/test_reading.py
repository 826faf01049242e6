import io
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter

from events.checkin.meetings import rules
from events.checkin.meetings.moments import month_comes_first, read_moment, read_seconds
from events.checkin.meetings.names import identity, likeness, read_name
from events.checkin.meetings.reading import Report
from events.checkin.meetings.tables import MeetingRole, ReportKind
from events.core.tabular import Unreadable
from tests.checkin.meetings.reports import SAMPLE, STARTS, at, read, teams

FINNISH = """1. Yhteenveto
Kokouksen otsikko\tTyöpaja
Osallistujat\t2
Aloitusaika\t8.12.2022 klo 9.00.00
Lopetusaika\t8.12.2022 klo 12.00.00
Kokouksen kesto\t3 t

2. Osallistujat
Nimi\tEnsimmäinen liittyminen\tViimeinen poistuminen\tKesto kokouksessa\tSähköposti\tOsallistujan tunnus (UPN)\tRooli
Aino Esimerkki (Vieras)\t8.12.2022 klo 9.00.12\t8.12.2022 klo 10.02.15\t1 t 2 min 3 s\t\t\tEsittäjä
Olli Öhman\t8.12.2022 9.05.00\t8.12.2022 9.35.00\t30 min\tolli@ohman.example\tolli@ohman.example\tJärjestäjä

3. Toiminta kokouksessa
Nimi\tLiittymisaika\tPoistumisaika\tKesto\tSähköposti\tRooli
Olli Öhman\t8.12.2022 9.05.00\t8.12.2022 9.15.00\t10 min\tolli@ohman.example\tJärjestäjä
Olli Öhman\t8.12.2022 9.20.00\t8.12.2022 9.35.00\t15 min\tolli@ohman.example\tJärjestäjä
"""

SWEDISH = """1. Sammanfattning
Mötesrubrik\tVerkstad
Starttid\t2022-12-08 09:00:00
Sluttid\t2022-12-08 12:00:00

2. Deltagare
Namn\tFörsta anslutning\tSenast lämnade\tMötets varaktighet\tE-post\tDeltagar-ID (UPN)\tRoll
Aino Esimerkki (Gäst)\t2022-12-08 09:00:12\t2022-12-08 10:02:15\t1 tim 2 min 3 sek\t\t\tPresentatör
Olli Öhman\t2022-12-08 09:05:00\t2022-12-08 09:30:00\t25 min\tolli@ohman.example\tolli@ohman.example\tOrganisatör
"""

UNKNOWN_LANGUAGE = """1. Kokkuvõte
Koosoleku pealkiri\tTöötuba
2. Osalejad
Isik\tTuli\tLäks\tKokku\tMeil\tUPN\tOsa
Aino Esimerkki\t08.12.2022 09:00:12\t08.12.2022 10:02:15\t1h 2m 3s\taino@x.example\taino@x.example\tAttendee
Olli Öhman\t08.12.2022 09:05:00\t08.12.2022 09:30:00\t25m\tolli@ohman.example\tolli@ohman.example\tPresenter
"""

ZOOM = """Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room
Aino Esimerkki,aino@x.example,12/08/2022 09:00:12 AM,12/08/2022 10:02:15 AM,63,Yes,,No
AE (Aino Esimerkki),,12/08/2022 10:10:00 AM,12/08/2022 10:20:00 AM,10,Yes,,No
Olli Öhman,,12/08/2022 08:50:00 AM,12/08/2022 09:00:00 AM,10,Yes,,Yes
"""

ZOOM_HEADER = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
811 2233 4455,Työpaja,12/08/2022 08:55:00 AM,12/08/2022 12:05:00 PM,host@x.example,190,2

"""

ZOOM_UNIQUE = """Name (Original Name),User Email,Total Duration (Minutes),Guest
Aino Esimerkki,aino@x.example,73,Yes
"""


def seconds(report: Report, name: str) -> int:
    """How long the bearer of a name was there."""
    key = read_name(name).keys[0]
    own = [join for join in report.joins if key in read_name(join.name).keys]
    return rules.presence(rules.stay(join.joined, join.left, join.seconds) for join in own)


def test_the_sample_is_read_to_the_second() -> None:
    report = read(SAMPLE.read_bytes())
    assert (report.kind, report.title, report.starts) == (ReportKind.TEAMS, "SIXNET työpaja", STARTS)
    assert report.ends == at("12:00:00")
    people = {identity(join.email, read_name(join.name)) for join in report.joins}
    assert len(people) == 43, "45 rows, of which two name someone again"
    assert len({join.name for join in report.joins if not join.email}) == 5, "guests have no address"
    assert seconds(report, "Helmi Järvinen") == 155 * 60 + 50
    assert seconds(report, "Juha-Pekka Järvinen") == 91 * 60 + 12, "10 min 24 s of a second device lie within"
    assert seconds(report, "Sari Saarinen") == 175 * 60 + 33, "8:55:00 to 11:50:33, of which both tell a part"
    assert seconds(report, "Eero Yli-Mäyry") == 45 * 60 + 2, "was away for two minutes"
    assert seconds(report, "Mikko Heinonen") == 126 * 60 + 17
    presenters = {join.name for join in report.joins if join.role is not MeetingRole.ATTENDEE}
    assert presenters == {"Eero Yli-Mäyry (Guest)"}


def test_the_samples_seconds_add_up() -> None:
    report = read(SAMPLE.read_bytes())
    total = sum(seconds(report, name) for name in {join.name for join in report.joins})
    told = 252_893  # the column of the 45 rows, added up apart from this program
    twice = (10 * 60 + 24) + (61 * 60 + 32)  # Järvinen's second row, and what Saarinen's two have in common
    away = 12 * 2 * 60  # twelve left for two minutes each
    assert total == told - twice - away


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_gives_the_same(encoding: str) -> None:
    text = SAMPLE.read_bytes().decode("utf-16").replace("Á", "A").replace("á", "a")
    assert read(text.encode(encoding)).joins == read(text).joins


def test_commas_and_semicolons_part_as_tabs_do() -> None:
    rows = [line.split("\t") for line in SAMPLE.read_bytes().decode("utf-16").splitlines()]
    for sign in ",;":
        text = "\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
        assert read(text).joins == read(SAMPLE.read_bytes()).joins


def test_a_report_that_was_saved_as_a_workbook_is_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(SAMPLE.read_bytes().decode("utf-16").splitlines()):
            sheet.write_row(number, 0, line.split("\t"))
    assert read(out.getvalue()).joins == read(SAMPLE.read_bytes()).joins


@pytest.mark.parametrize("report", [FINNISH, SWEDISH, UNKNOWN_LANGUAGE])
def test_headings_stand_in_the_organisers_language(report: str) -> None:
    got = read(report.encode("utf-16"))
    assert got.kind is ReportKind.TEAMS
    assert seconds(got, "Aino Esimerkki") == 3723
    assert seconds(got, "Olli Öhman") == 25 * 60
    assert {join.joined for join in got.joins} >= {at("9:00:12"), at("9:05:00")}


@pytest.mark.parametrize("report", [FINNISH, SWEDISH])
def test_roles_and_title_are_read_in_the_organisers_language(report: str) -> None:
    got = read(report)
    assert {join.name.split()[0]: join.role for join in got.joins} == {
        "Aino": MeetingRole.PRESENTER,
        "Olli": MeetingRole.ORGANISER,
    }
    assert got.title in {"Työpaja", "Verkstad"}
    assert (got.starts, got.ends) == (at("9:00"), at("12:00"))


@pytest.mark.parametrize("head", ["", ZOOM_HEADER, ZOOM_HEADER.rstrip("\n") + "\n"])
def test_a_zoom_report_is_read_with_and_without_its_header(head: str) -> None:
    got = read(head + ZOOM)
    assert (got.kind, got.waiting) == (ReportKind.ZOOM, 1)
    assert {join.name for join in got.joins} == {"Aino Esimerkki", "AE (Aino Esimerkki)"}, "who waited was not there"
    assert seconds(got, "Aino Esimerkki") == 3723 + 600
    assert (got.title, got.starts) == (("Työpaja", at("8:55")) if head else ("", None))


@pytest.mark.parametrize("head", ["", ZOOM_HEADER])
def test_zooms_list_of_unique_users_tells_lengths_alone(head: str) -> None:
    assert seconds(read(head + ZOOM_UNIQUE), "Aino Esimerkki") == 73 * 60


def test_who_is_still_there_has_no_leaving() -> None:
    report = FINNISH.replace("\t8.12.2022 klo 10.02.15\t1 t 2 min 3 s", "\t\t")
    assert seconds(read(report), "Aino Esimerkki") == 3 * 3600 - 12


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n  \n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500,
        b"PK\x03\x04" + b"word/document.xml" * 20,
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "Nimi;Sähköposti;Organisaatio\nAino;a@b.example;Konepaja\n".encode(),
        b"Name,User Email,Join Time,Leave Time\n",
        b"x" * 6_000_000,
        b'"Name\tJoin' * 10,
        b"a,b,c\n" * 30_000,
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_report_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "text",
    [
        "12/8/22, 9:00:12 AM",
        "12/8/22, 9:00:12\u202fAM",
        "12/08/2022 09:00:12 a.m.",
        "8.12.2022 9.00.12",
        "8.12.2022 klo 9.00.12",
        "08.12.2022 09:00:12",
        "8.12.2022 9.00.12 ap.",
        "2022-12-08 09:00:12",
        "2022-12-08, kl. 9.00.12",
        "2022-12-08T09:00:12",
    ],
)
def test_moments_are_read_as_each_language_writes_them(text: str) -> None:
    assert read_moment(text, month_first=True) == datetime(2022, 12, 8, 9, 0, 12)  # noqa: DTZ001 - local time


@pytest.mark.parametrize(
    ("text", "hour"), [("12/8/22, 12:00 AM", 0), ("12/8/22, 12:00 PM", 12), ("8.12.2022 1.00 ip.", 13)]
)
def test_noon_and_midnight_are_told_apart(text: str, hour: int) -> None:
    moment = read_moment(text, month_first=True)
    assert moment is not None
    assert moment.hour == hour


@pytest.mark.parametrize(
    "text", ["", "x", "13/13/22, 9:00", "8.12.2022", "12/8/22, 13:00 PM", "9:00", "8.12.2022 25.00"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_moment(text, month_first=True) is None


def test_the_day_of_the_event_tells_which_of_two_numbers_is_the_month() -> None:
    near = datetime(2022, 12, 8, 9)  # noqa: DTZ001 - local time
    assert month_comes_first(["12/08/2022, 09:00"], near)
    assert not month_comes_first(["08/12/2022, 09:00"], near)
    assert not month_comes_first(["08/12/2022, 09:00"], near + timedelta(days=400)), "Europe's order"
    assert month_comes_first(["08/12/2022, 09:00 AM"], near + timedelta(days=400)), "America's hours"
    assert not month_comes_first(["13/12/2022, 09:00 AM", "08/12/2022, 09:00 AM"], near), "no month has that number"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1h 2m 3s", 3723),
        ("155m 50s", 9350),
        ("1 h 2 min", 3720),
        ("1 t 2 min 3 s", 3723),
        ("1 tim 2 min 3 sek", 3723),
        ("1:02:03", 3723),
        ("62", 3720),
        ("3x", None),
        ("", None),
        ("soon", None),
    ],
)
def test_lengths_are_read_as_each_language_writes_them(text: str, length: int | None) -> None:
    assert read_seconds(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "Aino Esimerkki",
        "Esimerkki Aino",
        "Esimerkki, Aino",
        "aino esimerkki (Guest)",
        "Aino Esimerkki (Vieras)",
        "Aino Esimerkki (Konepaja Oy)",
        "Aino Esimerkki [ulkoinen]",
        "Aino Esimerkki | Konepaja",
        "Aino Esimerkki - Konepaja Oy",
        "Aino Esimerkki, Konepaja Oy",
        "AE (Aino Esimerkki)",
    ],
)
def test_a_name_is_known_in_whatever_dress(text: str) -> None:
    assert "aino esimerkki" in read_name(text).keys


def test_hyphens_belong_to_names_and_rooms_are_known() -> None:
    assert read_name("Eero Yli-Mäyry (Guest)").shown == "Eero Yli-Mäyry"
    assert read_name("Neuvotteluhuone Kallavesi").room
    assert read_name("Tampere Meeting Room 2").room
    assert not read_name("Teollisuusforum Aino").room


def test_likeness_puts_the_mistyped_before_the_stranger() -> None:
    key = "aino esimerkki"
    assert likeness(("aino esimerkki",), key) == 1
    assert likeness(("aino esmerkki",), key) == 1
    assert 0.6 <= likeness(("aino",), key) < 1
    assert likeness(("matti mallikas",), key) == 0
    assert likeness((), key) == 0


def test_moments_are_meant_in_the_zone_of_the_event() -> None:
    report = read(teams("Aino Esimerkki, 9:00:00, 10:00:00, , "))
    assert report.joins[0].joined == datetime(2022, 12, 8, 7, tzinfo=UTC)
