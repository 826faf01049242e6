"""Whom to invite beside a pasted list: the rows of a file, and people we know who may be invited."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from events.core import database
from events.core.addresses import normal_address
from events.core.i18n import gettext as _
from events.core.tabular import Refused, Unreadable, read_table
from events.core.text import clean_line
from events.registration.invitations.guests import LONGEST_NAME, Guest, Guests, without_doubles

_NAME = ("name", "nimi", "namn")
_GIVEN = ("given name", "first name", "etunimi", "förnamn")
_FAMILY = ("family name", "last name", "surname", "sukunimi", "efternamn")
_EMAIL = ("email", "e-mail", "e-mail address", "sähköposti", "sähköpostiosoite", "e-post", "e-postadress")


def read_file(content: bytes, filename: str) -> Guests:
    """Read a table with a column of addresses, and maybe names; raises Unreadable for any other file."""
    table = read_table(content, filename)
    email, name, given, family = (table.find(*names) for names in (_EMAIL, _NAME, _GIVEN, _FAMILY))
    if email is None:
        raise Unreadable(_("The file has no column with the heading E-mail."))
    found, refused = [], []
    for row in table.rows:
        address = normal_address(row.get(email))
        if address is None:
            refused.append(Refused(row.line, _("“%(text)s” holds no address.", text=row.get(email)[:80])))
            continue
        whole = row.get(name) or f"{row.get(given)} {row.get(family)}"
        found.append(Guest(address, clean_line(whole)[:LONGEST_NAME]))
    return without_doubles(found, refused)


class Audience(Struct, frozen=True):
    """Whom of the people we know: codes, "" for any; `attended` asks for one who was at an event at all."""

    region: str = ""
    type: str = ""
    theme: str = ""
    group: UUID | None = None
    attended: bool = False

    @property
    def is_set(self) -> bool:
        """Whether anything was chosen."""
        return self != Audience()


_PEOPLE = """
SELECT person.email, trim(given_name || ' ' || family_name) AS name, person.language
FROM person LEFT JOIN organisation ON organisation.id = person.organisation
LEFT JOIN municipality ON municipality.code = organisation.municipality
WHERE person.email IS NOT NULL AND person.erased_at IS NULL AND person.merged_into IS NULL
  AND ($1 = '' OR municipality.region = $1) AND ($2 = '' OR organisation.type = $2)
  AND CASE WHEN $4::uuid IS NULL THEN EXISTS (
        SELECT FROM consent JOIN registration ON registration.id = consent.registration
        WHERE registration.person = person.id AND consent.kind = 'news' AND given AND withdrawn_at IS NULL)
      ELSE EXISTS (SELECT FROM group_member WHERE theme_group = $4 AND group_member.person = person.id
        AND starts_on <= $6 AND (ends_on IS NULL OR ends_on >= $6)) END
  AND (NOT ($5 OR $3 <> '') OR EXISTS (
        SELECT FROM registration JOIN attendance ON attendance.registration = registration.id
        WHERE registration.person = person.id AND attendance.state = 'attended' AND ($3 = '' OR EXISTS (
            SELECT FROM event_theme WHERE event_theme.event = registration.event AND event_theme.theme = $3))))
ORDER BY person.folded, person.email
"""


async def people(wanted: Audience, today: date) -> list[Guest]:
    """Return whom of an audience one may invite: members of the group, else those who agreed to hear news."""
    rows = await database.fetch(_PEOPLE, wanted.region, wanted.type, wanted.theme, wanted.group, wanted.attended, today)
    return [Guest(row["email"], row["name"], row["language"]) for row in rows]


def as_lines(guests: list[Guest]) -> str:
    """Write guests as a pasted list has them."""
    return "\n".join(f"{guest.name.translate(_PLAIN)} <{guest.email}>".strip() for guest in guests)


_PLAIN = str.maketrans(dict.fromkeys(',;<>"', " "))
"""Signs that would split a line."""
